"""From the tree known to the tree signed: no entry is handed out before it is shown to stand in the signed tree.

A monitor reads every entry, so it needs no consistency proof: it extends its own right edge of the tree by what is new,
and must arrive at the signed root. This is stronger than a proof: it also shows that the entries are served.

To be sure of the first entry before having read the last, it goes by blocks of 256. The roots of the new full blocks
are the hashes of the tiles of level 1: 32 bytes for 256 entries. With these, and the entries of the two partial blocks
at the ends, the signed root is reached first; then each block's entries are read, and must hash to the block's root.

Source: c2sp.org/tlog-tiles; RFC 9162 §2.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.monitor.ports import Fork
from bouclier.terms.errors import Bilingual
from bouclier.tlog import (
    TILE_WIDTH,
    ConsistencyError,
    Frontier,
    consistency_from_tiles,
    hash_leaf,
    root_from_tiles,
    split_tile,
    tile_width,
    verify_consistency,
)
from bouclier.tlog.tiles import perfect_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.monitor.ports import LogSource

_BLOCK_BITS: Final = 8


class Stretch(NamedTuple):
    """The entries between two trees, of which the later one is signed; all of it is shown to stand there.

    Attributes:
        known: The right edge of the earlier tree.
        head: Entries that complete its last block, or all there is if that is less.
        blocks: Roots of the full blocks that follow.
        tail: Entries after these.
        frontier: The right edge of the later tree.
    """

    known: Frontier
    head: list[bytes]
    blocks: list[bytes]
    tail: list[bytes]
    frontier: Frontier


class Page(NamedTuple):
    """Some entries in order, and the right edge of the tree that ends with them."""

    entries: list[bytes]
    frontier: Frontier


def stretch_to(source: LogSource, known: Frontier, *, size: int, root: bytes) -> Stretch:
    """Show that the signed tree extends the known one by what the log serves.

    Args:
        source: The log.
        known: Right edge of the tree already verified.
        size: Of the signed tree; at least that of the known one.
        root: Of the signed tree, 32 bytes.

    Raises:
        ConsistencyError: What the log serves leads to another root.
        LogUnreachableError: It did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A tile or bundle is malformed.
    """
    head: list[bytes] = []
    at, inside = divmod(known.size, TILE_WIDTH)
    if inside and size > known.size:
        head = source.bundle(at, min(size - at * TILE_WIDTH, TILE_WIDTH))[inside:]
    after_head = known.extended(map(hash_leaf, head))
    blocks = _block_roots(source, after_head.size >> _BLOCK_BITS, size) if after_head.size < size else []
    after_blocks = with_blocks(after_head, blocks)
    tail = source.bundle(size // TILE_WIDTH, size % TILE_WIDTH) if after_blocks.size < size else []
    frontier = after_blocks.extended(map(hash_leaf, tail))
    if frontier.root() != root:
        raise ConsistencyError(
            Bilingual(
                f"ce que le journal sert ne mène pas de la taille {known.size} à la racine signée de la taille {size}",
                f"what the log serves does not lead from size {known.size} to the signed root of size {size}",
            )
        )
    return Stretch(known, head, blocks, tail, frontier)


def pages_of(source: LogSource, stretch: Stretch) -> Iterator[Page]:
    """Yield the entries of a stretch: what completes a block, then block by block, then the rest.

    Raises:
        ConsistencyError: A bundle is not what the signed tree holds.
        LogUnreachableError: The log did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A bundle is malformed.
    """
    frontier = stretch.known
    if stretch.head:
        frontier = frontier.extended(map(hash_leaf, stretch.head))
        yield Page(stretch.head, frontier)
    for root in stretch.blocks:
        index = frontier.size >> _BLOCK_BITS
        entries = source.bundle(index, TILE_WIDTH)
        if perfect_root([hash_leaf(entry) for entry in entries]) != root:
            raise ConsistencyError(
                Bilingual(
                    f"le lot {index} que sert le journal n'est pas celui de l'arbre signé",
                    f"the bundle {index} that the log serves is not that of the signed tree",
                )
            )
        frontier = with_blocks(frontier, [root])
        yield Page(entries, frontier)
    if stretch.tail:
        yield Page(stretch.tail, stretch.frontier)


def with_blocks(frontier: Frontier, roots: list[bytes]) -> Frontier:
    """Return the frontier after appending full blocks of 256 leaves, given their roots; its size is a multiple of 256.

    A tree whose leaves are blocks has the same peaks, so it is extended as any tree is.
    """
    if not roots:
        return frontier
    blocks = Frontier(frontier.size >> _BLOCK_BITS, frontier.peaks).extended(roots)
    return Frontier(blocks.size << _BLOCK_BITS, blocks.peaks)


def fork_between(source: LogSource, *, old_size: int, old_root: bytes, new_size: int, new_root: bytes) -> Fork | None:
    """Return the proof that a log's later tree does not extend an earlier one, if the log's own tiles give it.

    None if its tiles do not lead to the later root either: then they prove nothing.

    Args:
        source: The log that signed the later tree.
        old_size: Of the earlier tree; at least 1.
        old_root: Of the earlier tree.
        new_size: Of the later tree.
        new_root: Of the later tree.

    Raises:
        LogUnreachableError: The log did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A tile is malformed.
    """
    its_root = root_from_tiles(source, old_size)
    proof = tuple(consistency_from_tiles(source, old_size, new_size))
    try:
        verify_consistency(old_size=old_size, old_root=its_root, new_size=new_size, new_root=new_root, proof=proof)
    except ConsistencyError:
        return None
    return None if its_root == old_root else Fork(its_root, proof)


def _block_roots(source: LogSource, first: int, size: int) -> list[bytes]:
    """Return the roots of the full blocks of a tree from one on, as its tiles of level 1 say."""
    roots: list[bytes] = []
    at, last = first, size >> _BLOCK_BITS
    while at < last:
        index, inside = divmod(at, TILE_WIDTH)
        width = tile_width(size, 1, index)
        roots += split_tile(source.tile(1, index, width), width)[inside:]
        at = (index + 1) * TILE_WIDTH
    return roots
