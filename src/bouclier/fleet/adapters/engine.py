"""The embedded engine: llama.cpp in a supervised child process, spoken to over HTTP on the loopback interface.

States: `stopped` → `starting` → `ready`, or `failed`. When it is started again, ended and given up for a while is for
`bouclier.fleet.supervision` to say; this module does it. Whatever was in flight in a process that dies is cut, which
its callers see at once, and nobody is left waiting for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.engine_asking import ask
from bouclier.fleet.adapters.engine_child import NOT_INSTALLED
from bouclier.fleet.adapters.engine_process import EngineAddress, EngineDoor, EngineProcess, EngineShape
from bouclier.fleet.adapters.engine_words import bad_settings, cannot_load, keeps_dying, look_at_weights, unavailable
from bouclier.fleet.supervision import Action, Cause, Limits, Phase, Supervision

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry
    from bouclier.terms.errors import Bilingual, DeploymentUnavailable

CONTEXT_TOKENS = 4096
SLOTS = 2

__all__ = ["EmbeddedEngine", "EngineAddress", "EngineDoor", "default_threads"]


def default_threads() -> int:
    """Return how many threads should compute: all cores but one, at least one.

    Measured on two cores with a 1.5B model: two threads decode 28 tokens a second against 18 while the machine is idle,
    but 10 against 19 beside one busy core and 4 against 13 beside two; a gateway is that busy core.
    """
    return max(1, (os.cpu_count() or 1) - 1)


class EmbeddedEngine:
    """One model served by a child process that is started again when it dies. Belongs to one event loop."""

    def __init__(
        self,
        model_path: Path,
        entry: ModelEntry,
        *,
        threads: int | None = None,
        context: int = CONTEXT_TOKENS,
        slots: int = SLOTS,
        limits: Limits | None = None,
        door: EngineDoor | None = None,
    ) -> None:
        """Describe the engine; nothing is started yet.

        Args:
            model_path: Weights whose digest was verified.
            entry: What the catalogue says of them.
            threads: Threads that compute; None for `default_threads()`.
            context: Longest exchange, prompt and answer together, in tokens.
            slots: Exchanges served at once; others wait in the engine.
            limits: How patient the supervision is, and how much memory the child may hold.
            door: Where the child listens and what callers present; by default any free port, and a key made anew for
                each start.

        Raises:
            ConfigurationError: The context is longer than the model's, a number is not positive, or the memory allowed
                is less than the weights take.
        """
        threads = default_threads() if threads is None else threads
        limits = limits or Limits()
        if min(threads, context, slots) < 1 or context > entry.context_length:
            raise bad_settings(entry)
        if limits.memory_bytes is not None and limits.memory_bytes < entry.size_bytes:
            raise bad_settings(entry, memory_bytes=limits.memory_bytes)
        self.slots = slots
        self._entry = entry
        self._shape = EngineShape(
            model_path=model_path,
            name=entry.name,
            threads=threads,
            context_tokens=context,
            slots=slots,
            memory_limit_bytes=limits.memory_bytes,
            door=door or EngineDoor(),
        )
        self._course = Supervision(limits=limits)
        self._changed = asyncio.Condition()
        self._supervisor: asyncio.Task[None] | None = None
        self._process: EngineProcess | None = None
        self._address: EngineAddress | None = None
        self.failure: Bilingual | None = None

    @property
    def state(self) -> str:
        """`stopped`, `starting`, `ready` or `failed`."""
        return self._course.state

    @property
    def deaths(self) -> int:
        """How often in a row its process ended or had to be ended."""
        return self._course.deaths

    @property
    def last_cause(self) -> Cause | None:
        """Why its last process ended."""
        return self._course.last_cause

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Begin to load the model and return at once; does nothing if already started."""
        if self._supervisor is not None and not self._supervisor.done():
            return
        await self._become(self._course.begun(now_ms=_now_ms()))
        self._supervisor = asyncio.create_task(self._supervise())

    async def ready(self, timeout_s: float) -> EngineAddress:
        """Return where to call the engine, waiting while it loads.

        Args:
            timeout_s: Longest wait, in seconds.

        Raises:
            DeploymentUnavailable: It is stopped, has failed, or is still loading after that time.
        """
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self.state != "starting")
        except TimeoutError:
            raise self.unavailable() from None
        if self._address is None:
            raise self.unavailable()
        return self._address

    @property
    def given_up(self) -> bool:
        """Whether another try would change nothing, so that none is made."""
        return self._course.phase is Phase.BROKEN

    def unavailable(self) -> DeploymentUnavailable:
        """Return the error that says why it cannot serve now."""
        return unavailable(self.state, self.failure)

    async def changed(self, before: str) -> str:
        """Wait until the state is another than `before`; return it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.state != before)
        return self.state

    async def stop(self) -> None:
        """End the child and stop watching; may be started again."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervisor
        process, self._process = self._process, None
        if process is not None:  # ended here and not by whoever was cancelled: an ending must not be cut short
            await process.stop()
        await self._become(self._course.stopped(now_ms=_now_ms()))

    async def _supervise(self) -> None:
        while self._course.phase is not Phase.BROKEN:
            failure = await asyncio.to_thread(look_at_weights, self._shape.model_path, self._entry)
            if failure is not None:
                await self._become(self._course.broken(now_ms=_now_ms()), failure=failure)
                return
            await asyncio.sleep(max(0, self._course.due_ms - _now_ms()) / 1000)
            await self._run_once()

    async def _run_once(self) -> None:
        """Run one child to its end."""
        try:
            process = await EngineProcess.launch(self._shape)
        except OSError:  # short of memory or processes, now
            await self._ended(Cause.NOT_STARTED)
            return
        self._process = process
        self._course = self._course.launched(now_ms=_now_ms())
        report = await process.report(self._course.limits.load_ms / 1000)
        if report is not None and report.url is not None:
            address = process.address(report.url)
            await self._become(self._course.loaded(now_ms=_now_ms()), address=address)
            await self._watch(process, address)
        elif report is not None:
            failure = cannot_load(self._entry, installed=report.error != NOT_INSTALLED)
            await self._become(self._course.broken(now_ms=_now_ms()), failure=failure)
        hopeless = self._course.verdict is not None
        if self._course.phase is not Phase.BROKEN:
            await self._ended(Cause.CRASHED)  # before it is gone: whoever asks from here on waits for the next one
        await process.stop(at_once=hopeless)
        self._process = None

    async def _watch(self, process: EngineProcess, address: EngineAddress) -> None:
        """Ask the process how it is until it ends, or must be ended."""
        ended = asyncio.ensure_future(process.ended())
        try:
            while not ended.done():
                action = self._course.due(now_ms=_now_ms())
                if action is Action.END:
                    return
                if action is not Action.ASK:
                    pause_ms = (self._course.wake_ms() or 0) - _now_ms()
                    await asyncio.wait({ended}, timeout=max(0, pause_ms) / 1000)
                    continue
                self._course = self._course.asked(now_ms=_now_ms())
                beat = await ask(address, pid=process.pid, timeout_s=self._course.limits.answer_ms / 1000)
                # A process that ends while it is asked is no hung one.
                if beat is not None:
                    self._course = self._course.heard(beat, now_ms=_now_ms())
                elif not ended.done():
                    self._course = self._course.missed()
        finally:
            ended.cancel()

    async def _ended(self, cause: Cause) -> None:
        course = self._course.died(now_ms=_now_ms(), cause=cause)
        await self._become(course, failure=keeps_dying(course) if course.state == "failed" else None)

    async def _become(
        self, course: Supervision, *, failure: Bilingual | None = None, address: EngineAddress | None = None
    ) -> None:
        async with self._changed:
            self._course, self.failure, self._address = course, failure, address
            self._changed.notify_all()


def _now_ms() -> int:
    return int(asyncio.get_running_loop().time() * 1000)
