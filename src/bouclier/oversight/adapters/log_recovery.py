"""Opening a log after whatever ended the last process: the same tree again, or a refusal that says where.

The entries are the source. What the tree files say up to their mark is believed if it leads to the root that the batch
which ends there recorded; the rest is read back from the entries. Then the log must continue the last checkpoint it
published: a log that was restored from an old copy does not, and must never sign again.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.adapters.checkpoint_file import read_checkpoint
from bouclier.oversight.adapters.log_folder import damaged
from bouclier.oversight.adapters.log_reader import BatchReader
from bouclier.oversight.adapters.tree_files import bundle_offsets
from bouclier.oversight.log_file import TRAILER_BYTES, parse_trailer
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.tlog import (
    Frontier,
    TileError,
    frontier_from_tiles,
    hash_leaf,
    open_checkpoint,
    root_from_tiles,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.oversight.adapters.tree_files import Mark, TreeFiles
    from bouclier.oversight.log_file import Header
    from bouclier.tlog import SigningKey

_logger = logging.getLogger(__name__)
_CHUNK_ENTRIES: Final = 4096


class Recovered(NamedTuple):
    """Where a log stands.

    Attributes:
        frontier: Its right edge.
        end: Position after its last sound batch.
        torn_bytes: Bytes of a batch cut short by a crash, taken away; 0 as a rule.
        marked: Size up to which the tree files are durable.
    """

    frontier: Frontier
    end: int
    torn_bytes: int
    marked: int


def recovered(
    folder: Path, descriptor: int, header: Header, tree: TreeFiles, *, keys: Sequence[SigningKey]
) -> Recovered:
    """Bring the tree files up to the last sound batch, take away a torn one, and compare with what was published.

    Args:
        folder: The log's folder.
        descriptor: Of its entries, open for writing, under the lock.
        header: Of its entries.
        tree: Its tree files; afterwards they cover every entry.
        keys: The log's own.

    Raises:
        StorageError: The log is damaged at a position, or is not the one whose checkpoint was published.
        OSError: Something cannot be read or written.
    """
    frontier, start = _believed(descriptor, header, tree)
    marked = frontier.size
    reader = BatchReader(descriptor, header, tree_size=frontier.size, start=start)
    hashes: list[bytes] = []
    offsets: list[int] = []
    root, at = frontier.root(), start
    for batch in reader:
        offsets += bundle_offsets(batch.entries, first=frontier.size + len(hashes), start=at)
        hashes += [hash_leaf(entry) for entry in batch.entries]
        root, at = batch.root, reader.end
        if len(hashes) >= _CHUNK_ENTRIES:
            tree.append(hashes, offsets)
            frontier, hashes, offsets = frontier.extended(hashes), [], []
    tree.append(hashes, offsets)
    frontier = frontier.extended(hashes)
    # The last root commits to every entry, so the earlier ones need no checking here; `fsck` checks them all.
    if frontier.root() != root:
        raise damaged(reader.end)
    _check_published(folder, tree, keys)
    if reader.torn_bytes:
        _logger.warning("torn batch of %d bytes taken away after entry %d", reader.torn_bytes, frontier.size)
        os.ftruncate(descriptor, reader.end)
    # What is read back may be in memory only, if the last process died between writing and synchronising.
    os.fsync(descriptor)
    if frontier.size - marked > _CHUNK_ENTRIES:
        # Whatever ends this process, the next one need not read all this back again.
        tree.synchronise(reader.end)
        marked = frontier.size
    return Recovered(frontier, reader.end, reader.torn_bytes, marked)


def _believed(descriptor: int, header: Header, tree: TreeFiles) -> tuple[Frontier, int]:
    """Return the edge and the position from which to read back: those of the mark if it holds, else of the start."""
    mark = tree.mark()
    if mark is not None:
        try:
            tree.start_at(mark.size)
            frontier = frontier_from_tiles(tree, mark.size)
        except (OSError, TileError):
            frontier = None
        if frontier is not None and frontier.root() == _root_at(descriptor, mark):
            return frontier, mark.end
        _logger.warning("tree files do not lead to the log's own root at %d: computed again", mark.size)
    tree.start_at(0)
    return Frontier(), header.size


def _root_at(descriptor: int, mark: Mark) -> bytes | None:
    """Return the root recorded by the batch that ends at the mark."""
    trailer = parse_trailer(os.pread(descriptor, TRAILER_BYTES, max(mark.end - TRAILER_BYTES, 0)), 0)
    return trailer.root if trailer is not None and trailer.tree_size == mark.size else None


def _check_published(folder: Path, tree: TreeFiles, keys: Sequence[SigningKey]) -> None:
    published = read_checkpoint(folder)
    if published is None:
        return
    checkpoint = open_checkpoint(published, [key.verifier_key for key in keys]).checkpoint
    if checkpoint.size > tree.size or root_from_tiles(tree, checkpoint.size) != checkpoint.root:
        raise StorageError(
            Bilingual(
                f"le journal ({tree.size} entrées) n'est pas celui dont le point de contrôle "
                f"({checkpoint.size} entrées) a été publié",
                f"the log ({tree.size} entries) is not the one whose checkpoint ({checkpoint.size} entries) was "
                "published",
            ),
            Bilingual(
                "Il a été remplacé, ou restauré d'une copie ancienne : rétablissez la plus récente. Signer la suite de "
                "celui-ci serait une bifurcation, que les témoins refuseraient.",
                "It was replaced, or restored from an old copy: restore the latest one. Signing on from this one would "
                "be a fork, which witnesses would refuse.",
            ),
        )
