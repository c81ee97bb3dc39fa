"""The record of one gateway process: its log, what publishes it, and what shows that it is alive.

    start   a mark, once the log is open: what was decided before it can have no outcome any more
    alive   a mark after half a promised interval in which nothing was recorded
    stop    a mark, then a last checkpoint, when the gateway stops in good order

Recording refuses, so that nothing leaves, when the log does, when the clock went back, and, where the institution asks
for it, when no quorum of witnesses has seen the record for too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import TYPE_CHECKING, Literal

from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_folder import open_entries
from bouclier.oversight.adapters.log_reader import read_frames
from bouclier.oversight.adapters.publisher import AlteredTreeError, Publisher
from bouclier.oversight.clock import ForwardClock
from bouclier.oversight.entries import parse_entry
from bouclier.oversight.record_events import mark_entry
from bouclier.terms.errors import Bilingual, StorageError, VerificationError
from bouclier.tlog import (
    HASH_BYTES,
    NO_QUORUM,
    TILE_WIDTH,
    TlogProof,
    inclusion_from_tiles,
    render_bundle,
    verify_inclusion,
)

_logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.oversight.record_events import Standing
    from bouclier.terms.exchange import Position
    from bouclier.tlog import EntryBundle, HashTile, WitnessPolicy


class UnwitnessedError(StorageError):
    """No quorum of witnesses has seen the record for longer than the institution allows."""

    code = "log_unwitnessed"


class RecordKeeper:
    """Keeps the record of one gateway: `Log` and `PublishedLog`.

    Attributes:
        log: The log.
        clock_ms: The time entries are given.
        publisher: What signs it and has it cosigned.
    """

    def __init__(
        self,
        folder: Path,
        standing: Standing,
        policy: WitnessPolicy,
        *,
        now_ms: Callable[[], int],
        ml_dsa: bool = False,
        pooling_s: float = 0.1,
        max_unwitnessed_s: float | None = None,
    ) -> None:
        """Open the record of a gateway; from within its event loop.

        Args:
            folder: The log's folder.
            standing: What its marks say.
            policy: Its witnesses and their quorum.
            now_ms: Milliseconds since 1970.
            ml_dsa: Whether checkpoints are signed with ML-DSA-44 too.
            pooling_s: Shortest time between two checkpoints.
            max_unwitnessed_s: How long recording goes on without a quorum; None for ever.

        Raises:
            StorageError: The log cannot be opened, or the clock is behind its last entry.
        """
        self._standing = standing
        self._max_unwitnessed_s = max_unwitnessed_s
        self.log = FileLog.open(folder, ml_dsa=ml_dsa)
        self._descriptor, _ = open_entries(folder, os.O_RDONLY)
        self.clock_ms = ForwardClock(now_ms, last_ms=self._last_time_ms())
        self.publisher = Publisher(self.log, folder, policy, now_s=lambda: now_ms() / 1000, pooling_s=pooling_s)
        if self.size < self.log.size:
            self.publisher.note_behind_since(parse_entry(self._entry(self.size)).time / 1000)
        self._tasks: list[asyncio.Task[None]] = []
        self._appended = False

    async def begin(self) -> None:
        """Record the start, have the witnesses see it, and go on publishing in the background.

        A witness that does not answer is not waited for longer than its time-out.

        Raises:
            StorageError: It cannot be recorded, or a witness knows of another history: nothing may be served.
        """
        await self._mark("start")
        await self.publisher.begin()
        self._tasks = [asyncio.create_task(self.publisher.run()), asyncio.create_task(self._stay_alive())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def append(self, entry: bytes, *, concluding: bool = False) -> Position:
        """Make an entry durable, and return where it stands; see `ports.Log`."""
        limit = self._max_unwitnessed_s
        if limit is not None and not concluding and self.publisher.behind_s > limit:
            raise UnwitnessedError(
                Bilingual(
                    f"aucun quorum de témoins n'a vu le journal depuis {self.publisher.behind_s:.0f} s",
                    f"no quorum of witnesses has seen the log for {self.publisher.behind_s:.0f} s",
                ),
                Bilingual(
                    "Rien n'est parti. Vérifiez que les témoins répondent (/health), ou « log.max_unwitnessed_s ».",
                    "Nothing has left. Check that the witnesses answer (/health), or `log.max_unwitnessed_s`.",
                ),
            )
        position = await self.log.append(entry)
        self._appended = True
        return position

    async def close(self) -> None:
        """Record the stop, publish it if the witnesses answer, and let another process write."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A full disk, a clock or witnesses that are gone must not keep the gateway from stopping.
        with contextlib.suppress(StorageError):
            if self._tasks:
                await self._mark("stop")
                await self.publisher.finish()
        await self.publisher.close()
        await self.log.close()
        os.close(self._descriptor)

    # What anyone may be shown ----------------------------------------------------------------------------------------

    @property
    def checkpoint(self) -> bytes | None:
        """See `ports.PublishedLog`."""
        return None if self.publisher.published is None else self.publisher.published.note

    @property
    def state(self) -> str:
        """See `ports.PublishedLog`."""
        return "signed" if self.publisher.policy.quorum == NO_QUORUM else "final"

    @property
    def size(self) -> int:
        """Number of entries of the published tree."""
        return 0 if self.publisher.published is None else self.publisher.published.checkpoint.size

    def tile(self, tile: HashTile) -> bytes | None:
        """See `ports.PublishedLog`."""
        if not 0 < tile.width <= (self.size >> (8 * tile.level)) - tile.index * TILE_WIDTH:
            return None
        return self.log.tree.tile(tile.level, tile.index, tile.width)

    def bundle(self, bundle: EntryBundle) -> bytes | None:
        """See `ports.PublishedLog`."""
        if not 0 < bundle.width <= self.size - bundle.index * TILE_WIDTH:
            return None
        return render_bundle(self._entries(bundle.index, bundle.width))

    def entry(self, index: int) -> bytes | None:
        """See `ports.PublishedLog`."""
        return self._entry(index) if 0 <= index < self.size else None

    def proof(self, index: int) -> TlogProof | None:
        """See `ports.PublishedLog`."""
        published = self.publisher.published
        if published is None or not 0 <= index < published.checkpoint.size:
            return None
        size, root = published.checkpoint.size, published.checkpoint.root
        try:
            hashes = tuple(inclusion_from_tiles(self.log.tree, index, size))
            leaf_hash = self.log.tree.tile(0, index // TILE_WIDTH, index % TILE_WIDTH + 1)[-HASH_BYTES:]
            # A proof made of files that were altered would be handed out as final, and found false years later.
            verify_inclusion(leaf_hash, leaf_index=index, tree_size=size, proof=hashes, root_hash=root)
        except VerificationError as error:
            raise AlteredTreeError(size) from error
        return TlogProof(index=index, hashes=hashes, checkpoint=published.note)

    async def covered(self, index: int) -> None:
        """See `ports.PublishedLog`."""
        await self.publisher.covered(index + 1)

    # -----------------------------------------------------------------------------------------------------------------

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Record nothing more when publishing ended by a defect of ours: nobody outside would see what is recorded."""
        if task.cancelled() or task.exception() is None:
            return
        _logger.critical("publishing ended: %s", type(task.exception()).__name__)
        self.log.refuse(
            StorageError(
                Bilingual("la publication du journal s'est arrêtée", "publishing the log has ended"),
                Bilingual(
                    "Rien n'est parti. Redémarrez, et signalez ce défaut.",
                    "Nothing has left. Restart, and report this defect.",
                ),
            )
        )

    async def _stay_alive(self) -> None:
        while True:
            self._appended = False
            await asyncio.sleep(self._standing.interval_s / 2)
            if not self._appended:
                with contextlib.suppress(StorageError):  # whoever records next is told why
                    await self._mark("alive")

    async def _mark(self, what: Literal["start", "alive", "stop"]) -> None:
        await self.log.append(mark_entry(what, self._standing, time_ms=self.clock_ms()))

    def _last_time_ms(self) -> int:
        return parse_entry(self._entry(self.log.size - 1)).time if self.log.size else 0

    def _entry(self, index: int) -> bytes:
        bundle, place = divmod(index, TILE_WIDTH)
        return self._entries(bundle, place + 1)[place]

    def _entries(self, bundle: int, width: int) -> list[bytes]:
        return read_frames(self._descriptor, self.log.tree.bundle_offset(bundle), width)
