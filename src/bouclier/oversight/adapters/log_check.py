"""`bouclier log fsck`: does a whole log hold together, entry by entry and hash by hash?

    every entry is of the format, spelt as it must be
    every batch's recorded root is that of the entries up to there
    every hash of the tree files, up to their mark, is that of the entries
    the published checkpoint is the log's own, of this tree, and has the cosignatures a policy asks for
    a tree head noted elsewhere is of this log

The last two are what shows that the log was not written anew; the others show that it agrees with itself. No lock is
taken: a gateway may be writing. Nothing is repaired.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.adapters.checkpoint_file import read_checkpoint
from bouclier.oversight.adapters.log_folder import open_entries, read_public_keys, unusable
from bouclier.oversight.adapters.log_reader import BatchReader
from bouclier.oversight.adapters.tree_files import TreeImage
from bouclier.oversight.entries import EntryError, parse_entry
from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import TILE_WIDTH, Frontier, hash_leaf, open_checkpoint, verify_checkpoint
from bouclier.tlog.tiles import perfect_root

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.oversight.log_file import Header
    from bouclier.tlog import Checkpoint, WitnessPolicy


class LogReport(NamedTuple):
    """What a log that holds together holds.

    Attributes:
        header: Which log it is.
        size: Number of entries.
        root: Root of the tree over all of them, 32 bytes.
        kinds: How many entries of each kind.
        published: Size of the checkpoint published last; None if none was.
        hashes: How many hashes of the tree files were compared.
        torn_bytes: Bytes after the last batch: being written now, or left by a crash.
    """

    header: Header
    size: int
    root: bytes
    kinds: dict[str, int]
    published: int | None
    hashes: int
    torn_bytes: int


class _Head(NamedTuple):
    """A tree head to come across on the way."""

    size: int
    root: bytes | None


def fsck(
    folder: Path, *, size: int | None = None, root: bytes | None = None, policy: WitnessPolicy | None = None
) -> LogReport:
    """Check a whole log.

    Args:
        folder: The log's folder.
        size: Tree size of a head noted elsewhere; the whole log if only `root` is given.
        root: Root hash of that head, 32 bytes.
        policy: Whose cosignatures the published checkpoint must have.

    Raises:
        StorageError: No log there, unreadable, or damaged at a position.
        VerificationError: Something does not hold; the message says what, and where.
    """
    descriptor, header = open_entries(folder, os.O_RDONLY)
    try:
        published = _published(folder, header, policy)
        walk = _Walk(BatchReader(descriptor, header), TreeImage(folder, header.log_id))
        heads = [_Head(published.size, published.root)] if published is not None else []
        if size is not None:
            heads.append(_Head(size, root))
        walk.run(heads)
        if size is None and root is not None and walk.frontier.root() != root:
            raise rewritten(walk.frontier.size)
        return LogReport(
            header,
            walk.frontier.size,
            walk.frontier.root(),
            dict(walk.kinds),
            None if published is None else published.size,
            walk.compared,
            walk.reader.torn_bytes,
        )
    except OSError as error:
        raise unusable(folder, error) from error
    finally:
        os.close(descriptor)


def _published(folder: Path, header: Header, policy: WitnessPolicy | None) -> Checkpoint | None:
    """Return the checkpoint the log published last, once its signatures are checked."""
    note = read_checkpoint(folder)
    if note is None and policy is not None:
        raise VerificationError(
            Bilingual(
                "le journal n'a rien publié : aucun témoin ne l'a vu", "the log published nothing: no witness saw it"
            ),
            Bilingual(
                "Démarrez la passerelle avec « log.policy », et redemandez.",
                "Start the gateway with `log.policy`, and ask again.",
            ),
        )
    if note is None:
        return None
    checkpoint = open_checkpoint(note, read_public_keys(folder, header.origin)).checkpoint
    if policy is not None:
        verify_checkpoint(note, policy, origin=header.origin)
    return checkpoint


class _Walk:
    """One pass over the entries."""

    def __init__(self, reader: BatchReader, image: TreeImage) -> None:
        self.reader = reader
        self.image = image
        self.frontier = Frontier()
        self.kinds: Counter[str] = Counter()
        self.compared = 0
        self._levels: list[list[bytes]] = [[]]
        self._counts = [0]

    def run(self, heads: list[_Head]) -> None:
        pending = sorted(heads)
        while pending and pending[0].size == 0:
            self._compare_head(pending.pop(0), Frontier())
        at = self.reader.end
        for batch in self.reader:
            hashes = [hash_leaf(entry) for entry in batch.entries]
            while pending and pending[0].size <= batch.tree_size:
                head = pending.pop(0)
                self._compare_head(head, self.frontier.extended(hashes[: head.size - self.frontier.size]))
            self._count(batch.entries)
            self.image.check_offsets(batch.entries, first=self.frontier.size, start=at)
            self.frontier = self.frontier.extended(hashes)
            if self.frontier.root() != batch.root:
                raise rewritten(batch.tree_size)
            self._compare_tree(hashes)
            at = self.reader.end
        if pending:
            raise VerificationError(
                Bilingual(
                    f"le journal a {self.frontier.size} entrées ; il en avait {pending[0].size}",
                    f"the log has {self.frontier.size} entries; it used to have {pending[0].size}",
                ),
                _REWRITTEN_HINT,
            )
        self._compare_rest()

    def _count(self, entries: list[bytes]) -> None:
        """Read the entries of a batch, and count their kinds."""
        kinds: list[str] = []
        try:
            for entry in entries:
                kinds.append(parse_entry(entry).kind)  # noqa: PERF401 -- where it stops is told below
        except EntryError as error:
            index = self.frontier.size + len(kinds)
            raise VerificationError(
                Bilingual(f"entrée {index} : {error.message.fr}", f"entry {index}: {error.message.en}"),
                error.hint,
                param=error.param,
            ) from error
        self.kinds.update(kinds)

    def _compare_head(self, head: _Head, frontier: Frontier) -> None:
        if head.root is not None and frontier.root() != head.root:
            raise rewritten(head.size)

    def _compare_tree(self, hashes: list[bytes]) -> None:
        """Take leaf hashes up through the levels, and compare whole tiles with the files."""
        level = 0
        while hashes:
            if level == len(self._levels):
                self._levels.append([])
                self._counts.append(0)
            edge = self._levels[level]
            edge += hashes
            full = len(edge) - len(edge) % TILE_WIDTH
            tiles = [edge[at : at + TILE_WIDTH] for at in range(0, full, TILE_WIDTH)]
            for tile in tiles:
                self._compare_tile(level, tile)
            del edge[:full]
            hashes, level = [perfect_root(tile) for tile in tiles], level + 1

    def _compare_rest(self) -> None:
        for level, edge in enumerate(self._levels):
            if edge:
                self._compare_tile(level, edge)

    def _compare_tile(self, level: int, hashes: list[bytes]) -> None:
        first = self._counts[level]
        self.compared += self.image.check_hashes(level, first, b"".join(hashes))
        self._counts[level] += len(hashes)


_REWRITTEN_HINT: Final = Bilingual(
    "Vérifiez d'abord les valeurs données. Si elles sont justes, le journal a été réécrit : gardez ce dossier comme "
    "preuve, et prévenez l'autorité de contrôle.",
    "Check the values given first. If they are right, the log was rewritten: keep this folder as evidence, and tell "
    "the supervisory authority.",
)


def rewritten(size: int) -> VerificationError:
    """Return the error for a tree that is not the one it was."""
    return VerificationError(
        Bilingual(
            f"la racine de l'arbre de {size} entrées n'est pas celle attendue",
            f"the root of the tree of {size} entries is not the one expected",
        ),
        _REWRITTEN_HINT,
    )
