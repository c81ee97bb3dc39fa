"""The log in a folder: concurrent appends share one synchronisation of the disk.

Appends that arrive while a batch is being synchronised wait for the next one, so the disk sets the pace and a batch is
as large as the load makes it. The event loop hashes, proves and frames a batch; one worker thread writes, synchronises
and signs it. What is durable changes in one place, after the worker has said so.

    append -> waiting -> (event loop) batch -> (worker) write, fdatasync, sign -> (event loop) durable, answered
                                                                            \\-> (worker) tree files

Nothing is signed that is not durable, so no checkpoint promises what a crash could lose. A crash before fdatasync
returns loses only entries whose callers were never answered. After a full disk the log goes on by itself once there is
space; after a failed fdatasync it refuses until it is opened again. The tree files follow; see `tree_files`.
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
    add_ml_dsa_key,
    create_folder,
    lock_entries,
    open_entries,
    read_key,
    read_signing_keys,
    take_lock,
    unusable,
)
from bouclier.oversight.adapters.log_recovery import recovered
from bouclier.oversight.adapters.tree_files import TreeFiles, bundle_offsets
from bouclier.oversight.entries import MAX_ENTRY_BYTES
from bouclier.oversight.log_file import encode_batch
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.terms.exchange import Position
from bouclier.tlog import (
    Checkpoint,
    Growth,
    Note,
    encode_checkpoint,
    encode_note,
    grow,
    hash_leaf,
    sign_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_logger = logging.getLogger(__name__)

# A batch this large keeps the event loop busy for a millisecond or two.
MAX_BATCH_ENTRIES: Final = 512
# More waiting than this means the disk has stopped: better to refuse than to fill the memory.
MAX_WAITING_ENTRIES: Final = 16_384
# Opening reads back what came after the mark, so this bounds how long it takes: a fraction of a second.
MARK_EVERY_ENTRIES: Final = 65_536
_RESTART: Final = Bilingual(
    "Rien n'est parti. Redémarrez après avoir vérifié le disque.", "Nothing has left. Restart after checking the disk."
)
_GOES_ON: Final = Bilingual(
    "Rien n'est parti. Le journal reprend de lui-même dès que le disque le permet.",
    "Nothing has left. The log goes on by itself as soon as the disk allows it.",
)


class _Waiting(NamedTuple):
    entry: bytes
    answer: asyncio.Future[Position]


class Head(NamedTuple):
    """A tree, in two values.

    Attributes:
        size: Number of entries.
        root: Root over all of them, 32 bytes; from the entries, never from the tree files.
    """

    size: int
    root: bytes


class _Refusal(NamedTuple):
    """Why nothing is recorded, and what to do about it."""

    reason: Bilingual
    hint: Bilingual


class _Flight:
    """A batch on its way to the disk, and what becomes true if it arrives."""

    __slots__ = ("checkpoint", "end", "growth", "hashes", "offsets", "waiting")

    def __init__(
        self, waiting: list[_Waiting], hashes: list[bytes], growth: Growth, *, offsets: list[int], end: int
    ) -> None:
        self.waiting = waiting
        self.hashes = hashes
        self.growth = growth
        self.offsets = offsets
        self.end = end
        self.checkpoint = b""  # signed by the worker, once the batch is durable


class FileLog:
    """An append-only log in a folder, open for writing by this process alone.

    Use it from one event loop. Reading needs none of this: see `read_entries` and `fsck`.

    Attributes:
        header: Which log this is.
        keys: What it signs with: Ed25519 first.
        tree: Its tree, up to a size that follows the log's.
        head: Size and root of that tree, as the entries say: what may be signed and shown.
        is_following: Whether the tree files could be written last time.
        grown: Called in the event loop after each batch; nothing by default.
        principal_key: The key that turns principals into pseudonyms, 32 bytes.
        torn_bytes: Bytes of a batch cut short by a crash, taken away at this opening; 0 as a rule.
    """

    def __init__(self, folder: Path, *, ml_dsa: bool = False) -> None:
        self._lock = take_lock(folder)
        with contextlib.ExitStack() as undo:
            undo.callback(os.close, self._lock)
            self._descriptor, self.header = open_entries(folder, os.O_RDWR)
            undo.callback(os.close, self._descriptor)
            lock_entries(folder, self._descriptor)
            self.principal_key = read_key(folder)
            self.keys = read_signing_keys(folder, self.header.origin)
            self.keys = add_ml_dsa_key(folder, self.keys) if ml_dsa else self.keys[:1]
            try:
                self.tree = TreeFiles(folder, self.header.log_id)
                undo.callback(self.tree.close)
                found = recovered(folder, self._descriptor, self.header, self.tree, keys=self.keys)
            except OSError as error:
                raise unusable(folder, error) from error
            undo.pop_all()
        self._frontier, self._end, self.torn_bytes = found.frontier, found.end, found.torn_bytes
        self._marked = found.marked
        self.is_following = True
        self.head = Head(self._frontier.size, self._frontier.root())
        self.grown: Callable[[], None] = lambda: None
        self._file = DurableFile(self._descriptor)
        self._waiting: list[_Waiting] = []
        self._busy = False  # a batch is on its way, or about to be made
        self._idle: asyncio.Future[None] | None = None
        self._refusal: _Refusal | None = None

    @classmethod
    def create(cls, folder: Path, *, origin: str | None = None) -> FileLog:
        """Make an empty log in a folder, and open it.

        Raises:
            ConfigurationError: The origin is not one.
            StorageError: A log is there already, or the folder cannot be written.
        """
        create_folder(folder, origin=origin)
        return cls(folder)

    @classmethod
    def open(cls, folder: Path, *, ml_dsa: bool = False) -> FileLog:
        """Open the log in a folder, after checking what came after its last mark, up to its last whole batch.

        Args:
            folder: The log's folder.
            ml_dsa: Whether it is to sign with ML-DSA-44 too; a key is drawn if it has none.

        Raises:
            StorageError: No log there, held by another process, not writable, damaged at a position, or not the one
                whose checkpoint was published.
        """
        return cls(folder, ml_dsa=ml_dsa)

    @property
    def size(self) -> int:
        """Number of durable entries."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """Root of the tree over the durable entries, 32 bytes."""
        return self._frontier.root()

    def refuse(self, error: StorageError) -> None:
        """Record nothing more until the log is opened anew, for this reason: going on would fork it."""
        if self._refusal is None:
            self._refusal = _Refusal(error.message, error.hint)

    @property
    def is_refusing(self) -> bool:
        """Whether nothing more is recorded until the log is opened anew."""
        return self._refusal is not None

    @property
    def syncs(self) -> int:
        """How many times this object made the disk synchronise."""
        return self._file.syncs

    async def append(self, entry: bytes) -> Position:
        """Make an entry durable, and return where it stands; see `ports.Log`, whose promise of durability this is."""
        if self._refusal is not None:
            raise _refused(self._refusal)
        if not 1 <= len(entry) <= MAX_ENTRY_BYTES:
            raise _refused(_for_now(f"{len(entry)} B"))
        if len(self._waiting) >= MAX_WAITING_ENTRIES:
            raise _refused(_for_now(f"{len(self._waiting)} > {MAX_WAITING_ENTRIES - 1}"))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Position] = loop.create_future()
        self._waiting.append(_Waiting(entry, answer))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._take_off, loop)
        return await answer

    async def settled(self) -> None:
        """Wait until the tree files have followed what was durable at the call, unless they cannot be written."""
        loop = asyncio.get_running_loop()
        reached = loop.create_future()
        self._file.call(lambda: _tell(loop, reached))
        await reached

    async def close(self) -> None:
        """Wait for the batch on its way, refuse what is still waiting, and let another process write."""
        if self._refusal is None:
            self._refusal = _Refusal(Bilingual("journal fermé", "log closed"), _RESTART)
        if self._busy:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        if self._lock >= 0:
            self._file.stop()
            if self.tree.size == self._frontier.size != self._marked:
                # A crash, or a full disk, here: the next opening reads back a little more.
                with contextlib.suppress(OSError):
                    self.tree.synchronise(self._end)
            self.tree.close()
            os.close(self._descriptor)
            os.close(self._lock)  # a crash before this line lets go of the lock too
            self._lock = self._descriptor = -1

    def _take_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make a batch of what waits, and hand it to the disk."""
        taken, self._waiting = self._waiting[:MAX_BATCH_ENTRIES], self._waiting[MAX_BATCH_ENTRIES:]
        if self._refusal is not None:
            _refuse_all(taken, self._refusal)
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
        offsets = bundle_offsets(entries, first=self._frontier.size, start=self._end)
        flight = _Flight(waiting, hashes, growth, offsets=offsets, end=self._end + len(data))
        self._file.submit(
            data,
            self._end,
            loop=loop,
            landed=partial(self._land, loop, flight),
            sign=partial(self._sign, flight),
            follow=partial(self._follow, flight),
        )

    def _sign(self, flight: _Flight) -> None:
        """In the worker, once the batch is durable."""
        checkpoint = Checkpoint(self.header.origin, flight.growth.frontier.size, flight.growth.root)
        # Ed25519 alone: an ML-DSA-44 signature takes a millisecond, and goes to what is published.
        note = Note(encode_checkpoint(checkpoint), (sign_checkpoint(checkpoint, self.keys[0]),))
        flight.checkpoint = encode_note(note)

    def _follow(self, flight: _Flight) -> None:
        """In the worker, once the loop was told: let the tree files follow."""
        try:
            self.tree.append(flight.hashes, flight.offsets)
            self.head = Head(flight.growth.frontier.size, flight.growth.root)
            self.is_following = True
            if self.tree.size - self._marked >= MARK_EVERY_ENTRIES:
                self.tree.synchronise(flight.end)
                self._marked = self.tree.size
        except OSError as error:
            # Tried again with the next batch; until then no checkpoint covers these entries.
            if self.is_following:
                _logger.warning("tree files cannot be written: %s", error.strerror or type(error).__name__)
            self.is_following = False

    def _land(self, loop: asyncio.AbstractEventLoop, flight: _Flight, failure: WriteFailure | None) -> None:
        if failure is None:
            # From here on the batch is part of the log; nothing before this line told anyone so.
            index, size, root = self._frontier.size, flight.growth.frontier.size, flight.growth.root
            self._frontier, self._end = flight.growth.frontier, flight.end
            for one, leaf_hash, proof in zip(flight.waiting, flight.hashes, flight.growth.proofs, strict=True):
                if not one.answer.done():
                    one.answer.set_result(Position(index, leaf_hash, size, root, proof, flight.checkpoint))
                index += 1
            self.grown()
        else:
            refusal = _for_now(failure.reason)
            if failure.final:
                refusal = self._refusal = refusal._replace(hint=_RESTART)
            _refuse_all(flight.waiting, refusal)
        self._next(loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting:
            # After the callbacks now ready have run, so that the next batch takes their entries along.
            loop.call_soon(self._take_off, loop)
            return
        self._busy = False
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)


def _tell(loop: asyncio.AbstractEventLoop, reached: asyncio.Future[None]) -> None:
    def tell() -> None:
        if not reached.done():
            reached.set_result(None)

    with contextlib.suppress(RuntimeError):  # a loop that is closed has nobody waiting
        loop.call_soon_threadsafe(tell)


def _for_now(reason: str) -> _Refusal:
    return _Refusal(Bilingual(reason, reason), _GOES_ON)


def _refused(refusal: _Refusal) -> StorageError:
    return StorageError(
        Bilingual(
            f"l'échange ne peut pas être inscrit au journal : {refusal.reason.fr}",
            f"the exchange cannot be written to the log: {refusal.reason.en}",
        ),
        refusal.hint,
    )


def _refuse_all(waiting: list[_Waiting], refusal: _Refusal) -> None:
    for one in waiting:
        if not one.answer.done():
            one.answer.set_exception(_refused(refusal))
