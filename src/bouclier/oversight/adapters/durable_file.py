"""One file, written at known positions and made durable by one thread of its own, never by an event loop."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

# Where the system has no fdatasync, fsync does the same and a little more.
_synchronise: Final = getattr(os, "fdatasync", os.fsync)


class WriteFailure(NamedTuple):
    """Why bytes are not durable.

    Attributes:
        reason: In the system's words.
        final: Whether what the file holds is unknown from now on, so that nothing more may be written.
    """

    reason: str
    final: bool


class _Job(NamedTuple):
    data: bytes
    offset: int
    loop: asyncio.AbstractEventLoop
    landed: Callable[[WriteFailure | None], None]
    sign: Callable[[], None]
    follow: Callable[[], None]


class DurableFile:
    """A file that is either written and synchronised, or taken back to where it was.

    The thread waits on a queue rather than in an executor: at low load that is a fifth of an append's latency.

    Attributes:
        syncs: How many times the disk was synchronised.
    """

    def __init__(self, descriptor: int) -> None:
        self.syncs = 0
        self._descriptor = descriptor
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A daemon, so that a process that ends without closing its log ends all the same.
        self._thread = Thread(target=self._work, name="bouclier-log", daemon=True)
        self._thread.start()

    def submit(
        self,
        data: bytes,
        offset: int,
        *,
        loop: asyncio.AbstractEventLoop,
        landed: Callable[[WriteFailure | None], None],
        sign: Callable[[], None],
        follow: Callable[[], None],
    ) -> None:
        """Write bytes at the end of the durable part, synchronise, then have a loop call back.

        Args:
            data: A whole batch.
            offset: Length of what is durable already, in bytes.
            loop: The loop that calls back.
            landed: Called in the loop with None when all of it is durable, else with the reason.
            sign: Called in the thread once it is durable, before the loop hears of it.
            follow: Called in the thread after the loop was told: what nobody waits for.
        """
        self._jobs.put(partial(self._do, _Job(data, offset, loop, landed, sign, follow)))

    def call(self, function: Callable[[], None]) -> None:
        """Call a function in the thread, after what was submitted before, what nobody waits for included."""
        self._jobs.put(function)

    def stop(self) -> None:
        """Wait for the thread to end; what was submitted before is done first."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _do(self, job: _Job) -> None:
        failure: WriteFailure | None = WriteFailure("internal error", final=True)
        try:
            written = self._write(job.data, job.offset)
            if written is None:
                job.sign()
            failure = written
        finally:
            # Whatever ends this thread, its caller hears of it. A loop that is closed has no caller left.
            with contextlib.suppress(RuntimeError):
                job.loop.call_soon_threadsafe(job.landed, failure)
        if failure is None:
            job.follow()

    def _write(self, data: bytes, offset: int) -> WriteFailure | None:
        try:
            # A crash in here leaves a part of the batch, without its trailer: torn, taken away at the next opening.
            written = os.pwrite(self._descriptor, data, offset)
            while written < len(data):
                # Short writes come before "no space left", which is what the next call says.
                written += os.pwrite(self._descriptor, memoryview(data)[written:], offset + written)
        except OSError as error:
            return self._take_back(offset, error)
        try:
            # A crash before this returns leaves a whole batch that nobody was told of: kept or torn, both are true.
            self.syncs += 1
            _synchronise(self._descriptor)
        except OSError as error:
            # The system may have dropped the pages and call them clean: a second fsync would lie.
            # Taken back, so that a reopening does not read from memory what the disk does not hold.
            self._take_back(offset, error)
            return WriteFailure(_in_words(error), final=True)
        return None

    def _take_back(self, offset: int, error: OSError) -> WriteFailure:
        try:
            # A crash before this line leaves a torn batch. A crash before the truncation is durable does too; the next
            # batch is written over it, and its synchronisation covers both.
            os.ftruncate(self._descriptor, offset)
        except OSError as second:
            return WriteFailure(_in_words(second), final=True)
        return WriteFailure(_in_words(error), final=False)


def _in_words(error: OSError) -> str:
    return error.strerror or type(error).__name__
