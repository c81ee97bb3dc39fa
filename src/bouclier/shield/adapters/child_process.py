"""A detector in a child process of its own: its memory, its processor time and its crashes are not the gateway's.

Calls are multiplexed by number over the child's standard input and output. When the child dies, calls in flight fail
(`DetectorError`), it is started again after a delay that doubles, and later calls wait for it, not for ever. When
this process dies, however it dies, the child reads the end of its input and goes.

A child reads one request after the other: it is stuck when it has answered nothing, to anybody, for longer than the
largest request it was handed can take. A queue is not a hang, however long, and a hang is told soon where texts are
short.

The child imports what is installed, never what lies in the working folder or where the environment points: a file named
as a library would be handed every text.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import sys
from typing import TYPE_CHECKING

from bouclier.shield.adapters.frames import (
    Answer,
    FrameError,
    Hello,
    PackedFinding,
    Request,
    pack_frame,
    read_frame,
)
from bouclier.terms.errors import Bilingual, DetectorError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIRST_DELAY_S = 0.1
_FAREWELL_S = 1.0
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_FOR_CHILDREN = frozenset({"PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME"})
# One thread: the gateway's workers have the other processors.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "BLIS_NUM_THREADS": "1"}


class ChildProcess:
    """Starts `python -P -m <module>`, keeps it running, and hands it texts.

    Attributes:
        restarts: How many times it has been started again.
        failure: Why it last failed to start, as the child says; empty if it never did.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        start_timeout_s: float = 60.0,
        wait_s: float = 30.0,
        call_timeout_s: float = 20.0,
        call_timeout_s_per_char: float = 1e-4,
        max_delay_s: float = 10.0,
    ) -> None:
        """Supervise a child.

        Args:
            module: What it runs.
            arguments: What it is told.
            start_timeout_s: Longest wait for it to say that it is ready, in seconds.
            wait_s: Longest wait of a call for it to be ready, in seconds.
            call_timeout_s: Longest silence while it has something to read, in seconds; then it is killed.
            call_timeout_s_per_char: What the characters of the largest request add to that, in seconds each.
            max_delay_s: Longest delay before it is started again, in seconds.
        """
        self._module = module
        self._command = (sys.executable, "-P", "-m", module, *arguments)
        self._start_timeout_s = start_timeout_s
        self._wait_s = wait_s
        self._call_timeout_s = call_timeout_s
        self._call_timeout_s_per_char = call_timeout_s_per_char
        self._max_delay_s = max_delay_s
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Answer]] = {}
        self._unread: dict[int, int] = {}  # characters of requests without an answer, calls given up too
        self._heard_at = 0.0  # by the loop's clock
        self._is_ready = asyncio.Event()
        self._explained: DetectorError | None = None
        self._is_settled = asyncio.Event()  # ready, or it said why it will not be
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._burial: asyncio.Task[None] | None = None
        self.restarts = 0
        self.failure = ""

    @property
    def pid(self) -> int | None:
        """The child's process id; None when it is not running."""
        return self._process.pid if self._process is not None else None

    @property
    def ready(self) -> bool:
        """Whether the child has loaded what it needs and answers."""
        return self._is_ready.is_set()

    async def start(self) -> None:
        """Start the child and its supervision; returns before the child is ready."""
        if self._supervision is None:
            self._supervision = asyncio.create_task(self._supervise())

    async def wait_ready(self, timeout_s: float | None = None) -> None:
        """Return once the child answers.

        Raises:
            DetectorError: It does not within `timeout_s` seconds, or it was never started.
        """
        if self._is_ready.is_set():
            return
        if self._supervision is None:
            raise self._error("n'est pas démarré", "is not started")
        try:
            await asyncio.wait_for(self._is_settled.wait(), self._wait_s if timeout_s is None else timeout_s)
        except TimeoutError:
            raise self._error("n'est pas prêt", "is not ready") from None
        if self._explained is not None:
            raise DetectorError(self._explained.message, self._explained.hint)

    async def stop(self) -> None:
        """End the supervision and the child; calls in flight fail."""
        if self._supervision is not None:
            self._supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervision
            self._supervision = None
        if self._burial is not None:
            await self._burial
            self._burial = None

    async def call(self, texts: Sequence[str]) -> list[list[PackedFinding]]:
        """Have the child read texts; returns what it found in each.

        Raises:
            DetectorError: The child is not there, dies before it answers, or takes too long.
        """
        await self.wait_ready()
        process = self._process
        if process is None or process.stdin is None:
            raise self._error("vient de s'arrêter", "has just stopped")
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        self._unread[number] = sum(map(len, texts))
        try:
            # Nothing to drain for: whoever calls waits for the answer, and a stuck child would never take it all.
            process.stdin.write(pack_frame(Request(number, [_SURROGATES.sub("\ufffd", text) for text in texts])))
            found = (await self._awaited(answer)).findings
        except TimeoutError:
            # It is stuck: a new one is better than a queue behind it.
            if self._process is process:
                self._is_ready.clear()  # later calls wait for the new one
                self._is_settled.clear()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise self._error("ne répond plus", "no longer answers") from None
        except (ConnectionError, RuntimeError) as error:
            raise self._error("s'est arrêté", "has stopped") from error
        finally:
            self._calls.pop(number, None)
        if len(found) != len(texts):
            raise self._error("a mal répondu", "answered wrongly")
        return found

    async def _awaited(self, answer: asyncio.Future[Answer]) -> Answer:
        """Return an answer once it is there.

        Raises:
            TimeoutError: The child is stuck.
        """
        now = asyncio.get_running_loop().time
        called_at = now()
        while not answer.done():
            largest = max(self._unread.values(), default=0)
            silence_s = self._call_timeout_s + self._call_timeout_s_per_char * largest
            left_s = max(called_at, self._heard_at) + silence_s - now()
            if left_s <= 0:
                raise TimeoutError
            await asyncio.wait({answer}, timeout=left_s)
        return answer.result()

    async def _supervise(self) -> None:
        delay_s = _FIRST_DELAY_S
        while True:
            answered = await self._run_once()
            delay_s = _FIRST_DELAY_S if answered else min(delay_s * 2, self._max_delay_s)
            await asyncio.sleep(delay_s)
            self.restarts += 1

    async def _run_once(self) -> bool:
        """Run one child until it dies; says whether it answered at least one call."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # a traceback may quote a text
                env=_environment(),
            )
        except OSError as error:
            self.failure = type(error).__name__
            return False
        self._process = process
        answered = False
        try:
            assert process.stdout is not None
            hello = await asyncio.wait_for(read_frame(process.stdout, Hello), self._start_timeout_s)
            self.failure = hello.error
            self._explained = None
            if hello.message is not None and hello.hint is not None:
                self._explained = DetectorError(Bilingual(*hello.message), Bilingual(*hello.hint))
                self._is_settled.set()
            if not hello.error:
                self._is_ready.set()
                self._is_settled.set()
                while True:
                    answer = await read_frame(process.stdout, Answer)
                    answered = True
                    self._heard_at = asyncio.get_running_loop().time()
                    self._unread.pop(answer.id, None)
                    waiting = self._calls.get(answer.id)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(answer)
        except (asyncio.IncompleteReadError, OSError, FrameError):
            pass  # it died, is too slow to start (a TimeoutError is an OSError), or what it says makes no sense
        finally:
            # A stop that comes meanwhile does not leave a child behind.
            self._burial = asyncio.create_task(self._bury(process))
            await asyncio.shield(self._burial)
        return answered

    async def _bury(self, process: asyncio.subprocess.Process) -> None:
        self._is_ready.clear()
        if self._explained is None:
            self._is_settled.clear()
        self._process = None
        self._unread.clear()
        for waiting in self._calls.values():
            if not waiting.done():
                waiting.set_exception(self._error("s'est arrêté", "has stopped"))
        if process.stdin is not None:
            process.stdin.close()  # a child at rest goes by itself
        try:
            await asyncio.wait_for(process.wait(), _FAREWELL_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _error(self, fr: str, en: str) -> DetectorError:
        module = self._module.rpartition(".")[2]
        return DetectorError(
            Bilingual(f"Un détecteur ({module}) {fr} ; rien ne part.", f"A detector ({module}) {en}; nothing leaves."),
            Bilingual(
                "Réessayez dans un instant ; sinon, vérifiez shield.names et shield.detectors.",
                "Try again in a moment; otherwise, check shield.names and shield.detectors.",
            ),
        )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_FOR_CHILDREN and not name.startswith("BOUCLIER_")
    }
    return {**kept, **_ONE_THREAD}
