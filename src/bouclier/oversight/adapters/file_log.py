"""The log in a folder: concurrent appends share one synchronisation of the disk.

Appends that arrive while a batch is being synchronised wait for the next one, so the disk sets the pace and a batch is
as large as the load makes it. The event loop hashes, proves and frames a batch; one worker thread writes and
synchronises it, and touches no state. What is durable changes in one place, after the worker has said so.

    append -> waiting -> (event loop) batch -> (worker) write, fdatasync -> (event loop) durable, answered

A crash before fdatasync returns loses only entries whose callers were never answered. After a full disk the log goes on
by itself once there is space; after a failed fdatasync it refuses until it is opened again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.adapters.durable_file import DurableFile, WriteFailure
from bouclier.oversight.adapters.log_folder import (
    create_folder,
    damaged,
    open_entries,
    read_key,
    take_lock,
    unusable,
)
from bouclier.oversight.adapters.log_reader import BatchReader
from bouclier.oversight.entries import MAX_ENTRY_BYTES
from bouclier.oversight.log_file import Header, encode_batch
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.terms.exchange import Position
from bouclier.tlog import Frontier, Growth, grow, hash_leaf

if TYPE_CHECKING:
    from pathlib import Path

_logger = logging.getLogger(__name__)

# A batch this large keeps the event loop busy for less than a millisecond.
MAX_BATCH_ENTRIES: Final = 512
# More waiting than this means the disk has stopped: better to refuse than to fill the memory.
MAX_WAITING_ENTRIES: Final = 16_384
_RECOVERY_HASHES: Final = 4096
_CLOSED: Final = "log closed"


class _Waiting(NamedTuple):
    entry: bytes
    answer: asyncio.Future[Position]


class _Flight(NamedTuple):
    """A batch on its way to the disk, and what becomes true if it arrives."""

    waiting: list[_Waiting]
    hashes: list[bytes]
    growth: Growth
    end: int


class FileLog:
    """An append-only log in a folder, open for writing by this process alone.

    Use it from one event loop. Reading needs none of this: see `read_entries` and `verify`.

    Attributes:
        header: Which log this is.
        principal_key: The key that turns principals into pseudonyms, 32 bytes.
        torn_bytes: Bytes of a batch cut short by a crash, taken away at this opening; 0 as a rule.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = take_lock(folder)
        with contextlib.ExitStack() as undo:
            undo.callback(os.close, self._lock)
            self._descriptor, self.header = open_entries(folder, os.O_RDWR)
            undo.callback(os.close, self._descriptor)
            self.principal_key = read_key(folder)
            try:
                self._frontier, self._end, self.torn_bytes = _recover(self._descriptor, self.header)
            except OSError as error:
                raise unusable(folder, error) from error
            undo.pop_all()
        self._file = DurableFile(self._descriptor)
        self._waiting: list[_Waiting] = []
        self._busy = False  # a batch is on its way, or about to be made
        self._idle: asyncio.Future[None] | None = None
        self._refusal: str | None = None

    @classmethod
    def create(cls, folder: Path, *, origin: str) -> FileLog:
        """Make an empty log in a folder, and open it.

        Raises:
            ConfigurationError: The origin is not one.
            StorageError: A log is there already, or the folder cannot be written.
        """
        create_folder(folder, origin=origin)
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> FileLog:
        """Open the log in a folder, after checking all of it up to its last whole batch.

        Raises:
            StorageError: No log there, held by another process, not writable, or damaged at a position.
        """
        return cls(folder)

    @property
    def size(self) -> int:
        """Number of durable entries."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """Root of the tree over the durable entries, 32 bytes."""
        return self._frontier.root()

    @property
    def syncs(self) -> int:
        """How many times this object made the disk synchronise."""
        return self._file.syncs

    async def append(self, entry: bytes) -> Position:
        """Make an entry durable, and return where it stands; see `ports.Log`."""
        if self._refusal is not None:
            raise _refused(self._refusal, final=True)
        if not 1 <= len(entry) <= MAX_ENTRY_BYTES:
            raise _refused(f"{len(entry)} B", final=False)
        if len(self._waiting) >= MAX_WAITING_ENTRIES:
            raise _refused(f"{len(self._waiting)} > {MAX_WAITING_ENTRIES - 1}", final=False)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Position] = loop.create_future()
        self._waiting.append(_Waiting(entry, answer))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._take_off, loop)
        return await answer

    async def close(self) -> None:
        """Wait for the batch on its way, refuse what is still waiting, and let another process write."""
        if self._refusal is None:
            self._refusal = _CLOSED
        if self._busy:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        if self._lock >= 0:
            self._file.stop()
            os.close(self._descriptor)
            os.close(self._lock)  # a crash before this line lets go of the lock too
            self._lock = self._descriptor = -1

    def _take_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make a batch of what waits, and hand it to the disk."""
        taken, self._waiting = self._waiting[:MAX_BATCH_ENTRIES], self._waiting[MAX_BATCH_ENTRIES:]
        if self._refusal is not None:
            _refuse_all(taken, self._refusal, final=True)
            taken = []
        # Whoever gave up before its entry was written is spared the disk.
        waiting = [one for one in taken if not one.answer.done()]
        if not waiting:
            self._next(loop)
            return
        entries = [one.entry for one in waiting]
        hashes = [hash_leaf(entry) for entry in entries]
        growth = grow(self._frontier, hashes)
        data = encode_batch(entries, tree_size=growth.frontier.size, root=growth.root)
        flight = _Flight(waiting, hashes, growth, self._end + len(data))
        self._file.submit(data, self._end, loop=loop, landed=partial(self._land, loop, flight))

    def _land(self, loop: asyncio.AbstractEventLoop, flight: _Flight, failure: WriteFailure | None) -> None:
        if failure is None:
            # From here on the batch is part of the log; nothing before this line told anyone so.
            index, size, root = self._frontier.size, flight.growth.frontier.size, flight.growth.root
            self._frontier, self._end = flight.growth.frontier, flight.end
            for one, leaf_hash, proof in zip(flight.waiting, flight.hashes, flight.growth.proofs, strict=True):
                if not one.answer.done():
                    one.answer.set_result(Position(index, leaf_hash, size, root, proof))
                index += 1
        else:
            if failure.final:
                self._refusal = failure.reason
            _refuse_all(flight.waiting, failure.reason, final=failure.final)
        self._next(loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting:
            # After the callbacks now ready have run, so that the next batch takes their entries along.
            loop.call_soon(self._take_off, loop)
            return
        self._busy = False
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)


def _recover(descriptor: int, header: Header) -> tuple[Frontier, int, int]:
    """Check a file up to its last whole batch, and take away a torn one after it."""
    reader = BatchReader(descriptor, header)
    frontier, hashes, root = Frontier(), [], Frontier().root()
    for batch in reader:
        hashes += [hash_leaf(entry) for entry in batch.entries]
        root = batch.root
        if len(hashes) >= _RECOVERY_HASHES:
            frontier, hashes = frontier.extended(hashes), []
    frontier = frontier.extended(hashes)
    # The last root commits to every entry, so the earlier ones need no checking here; `verify` checks them all.
    if frontier.root() != root:
        raise damaged(reader.end)
    if reader.torn_bytes:
        _logger.warning("torn batch of %d bytes taken away after entry %d", reader.torn_bytes, frontier.size)
        os.ftruncate(descriptor, reader.end)
    # What is read back may be in memory only, if the last process died between writing and synchronising.
    os.fsync(descriptor)
    return frontier, reader.end, reader.torn_bytes


def _refused(reason: str, *, final: bool) -> StorageError:
    return StorageError(
        Bilingual(
            f"l'échange ne peut pas être inscrit au journal : {reason}",
            f"the exchange cannot be written to the log: {reason}",
        ),
        Bilingual(
            "Rien n'est parti. Redémarrez après avoir vérifié le disque.",
            "Nothing has left. Restart after checking the disk.",
        )
        if final
        else Bilingual(
            "Rien n'est parti. Le journal reprend de lui-même dès que le disque le permet.",
            "Nothing has left. The log goes on by itself as soon as the disk allows it.",
        ),
    )


def _refuse_all(waiting: list[_Waiting], reason: str, *, final: bool) -> None:
    for one in waiting:
        if not one.answer.done():
            one.answer.set_exception(_refused(reason, final=final))
