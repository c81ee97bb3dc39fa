"""From the tree known to the tree signed: no entry is handed out before it is shown to stand in the signed tree.

A monitor reads every entry, so it needs no consistency proof: it extends its own right edge of the tree by what is new,
and must arrive at the signed root. This is stronger than a proof: it also shows that the entries are served.

To be sure of the first entry before having read the last, it goes by blocks of 256. The roots of the new full blocks
are the hashes of the tiles of level 1: 32 bytes for 256 entries. With these, and the entries of the two partial blocks
at the ends, the signed root is reached first; then each block's entries are read, and must hash to the block's root.

Of a tree that grew by more than `MAX_STRETCH` entries, the whole is first shown to extend the known tree by a proof
from its own tiles, some hashes whatever its size; then the entries are read by steps. Each step ends in a tree that is
shown, by another such proof, to be the beginning of the signed one. So a signed size costs nothing but its digits: what
is held in memory is what is read.

Source: c2sp.org/tlog-tiles; RFC 9162 §2.1.1 and §2.1.4.
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

MAX_STRETCH: Final = 1 << 16
"""Entries shown at once to stand in a signed tree, and read in one look."""
MAX_SIZE: Final = 1 << 40
"""A log with a thousand entries a second for thirty years is no larger."""
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
        size: Of the signed tree; at least that of the known one, by `MAX_STRETCH` at the most.
        root: Of the signed tree, 32 bytes.

    Raises:
        ValueError: The signed tree is larger than that.
        ConsistencyError: What the log serves leads to another root.
        LogUnreachableError: It did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A tile or bundle is malformed.
    """
    if size - known.size > MAX_STRETCH:
        raise ValueError(f"{size - known.size} entries are more than are shown at once")
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
        raise _led_elsewhere(known.size, size)
    return Stretch(known, head, blocks, tail, frontier)


def leap_to(source: LogSource, known: Frontier, *, size: int, root: bytes) -> Frontier:
    """Return the right edge of a signed tree, shown by its own tiles to extend the known one; no entry is read.

    Args:
        source: The log.
        known: Right edge of the tree already verified.
        size: Of the signed tree; larger than the known one.
        root: Of the signed tree, 32 bytes.

    Raises:
        ConsistencyError: What the log serves leads to another root, or from another beginning.
        LogUnreachableError: It did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A tile is malformed.
    """
    tree = _edge_within(source, size, size)
    if tree.root() != root:
        raise _led_elsewhere(known.size, size)
    if known.size:
        _extends(source, known, tree)
    return tree


def step_to(source: LogSource, known: Frontier, tree: Frontier) -> Stretch:
    """Return the next entries of a tree already verified, at most `MAX_STRETCH`; the last of them end such a stretch.

    Args:
        source: The log.
        known: Right edge of what was read; smaller than the tree.
        tree: Right edge of the tree verified.

    Raises:
        ConsistencyError: What the log serves is not of that tree.
        LogUnreachableError: It did not answer.
        NotServedError: It does not serve what it signed.
        TileError: A tile or bundle is malformed.
    """
    end = (known.size // MAX_STRETCH + 1) * MAX_STRETCH
    if end >= tree.size:
        return stretch_to(source, known, size=tree.size, root=tree.root())
    part = _edge_within(source, end, tree.size)
    _extends(source, part, tree)
    return stretch_to(source, known, size=end, root=part.root())


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


def _edge_within(source: LogSource, size: int, tree_size: int) -> Frontier:
    """Return the right edge of the first leaves of a tree, as its tiles say: not verified."""
    peaks: list[bytes] = []
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            level, inside = divmod(height, _BLOCK_BITS)
            index, first = divmod(start >> _BLOCK_BITS * level, TILE_WIDTH)
            width = tile_width(tree_size, level, index)
            hashes = split_tile(source.tile(level, index, width), width)
            peaks.append(perfect_root(hashes[first : first + (1 << inside)]))
            start += 1 << height
    return Frontier(size, tuple(peaks))


def _extends(source: LogSource, earlier: Frontier, later: Frontier) -> None:
    """Check by the tiles of the later tree that it extends the earlier one."""
    verify_consistency(
        old_size=earlier.size,
        old_root=earlier.root(),
        new_size=later.size,
        new_root=later.root(),
        proof=consistency_from_tiles(source, earlier.size, later.size),
    )


def _led_elsewhere(known_size: int, size: int) -> ConsistencyError:
    return ConsistencyError(
        Bilingual(
            f"ce que le journal sert ne mène pas de la taille {known_size} à la racine signée de la taille {size}",
            f"what the log serves does not lead from size {known_size} to the signed root of size {size}",
        )
    )
