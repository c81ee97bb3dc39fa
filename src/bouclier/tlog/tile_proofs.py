"""Roots and proofs from the tiles of a tree, without its leaves.

Every node of the tree of some size is either a hash of a tile, or a few hashings above hashes that stand side by side
in one tile, or the fold of such nodes at the right edge. So a root or a proof reads O(log n) tiles, each once a call,
and hashes fewer than 256 times in each.

Tiles are believed here. Who has them from a stranger checks what comes out, as with any proof: `verify_inclusion` and
`verify_consistency` against a signed root, or the root itself against the one that was signed.

Source: c2sp.org/tlog-tiles; RFC 9162 §2.1.3.1, §2.1.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bouclier.tlog.frontier import Frontier
from bouclier.tlog.hashing import EMPTY_ROOT, hash_children
from bouclier.tlog.tiles import TILE_WIDTH, perfect_root, split_tile, tile_width

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEVEL_BITS = 8


class TileReader(Protocol):
    """Where tiles come from."""

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first hashes of a tile, concatenated.

        Only tiles of the tree in question are asked for, in the width they have there. Where that partial tile is gone
        because a fuller one exists, its first `width` hashes are the same.

        Args:
            level: 0 for leaf hashes.
            index: Zero-based index of the tile within its level.
            width: 1 to 256 hashes of 32 bytes.
        """
        ...


def frontier_from_tiles(tiles: TileReader, tree_size: int) -> Frontier:
    """Return the right edge of the tree of this size, ready to be extended.

    Raises:
        TileError: A tile has another length than it should.
    """
    nodes = _Nodes(tiles, tree_size)
    return Frontier(tree_size, tuple(nodes.node(height, index) for height, index in _perfect(0, tree_size)))


def root_from_tiles(tiles: TileReader, tree_size: int) -> bytes:
    """Return the root of the tree of this size, 32 bytes.

    Raises:
        TileError: A tile has another length than it should.
    """
    return _Nodes(tiles, tree_size).root(0, tree_size) if tree_size else EMPTY_ROOT


def inclusion_from_tiles(tiles: TileReader, leaf_index: int, tree_size: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree of this size, from leaf to root.

    Raises:
        ValueError: The index is outside the tree.
        TileError: A tile has another length than it should.

    Source: RFC 9162 §2.1.3.1, PATH(m, D_n).
    """
    if not 0 <= leaf_index < tree_size:
        raise ValueError(f"leaf {leaf_index} is outside a tree of {tree_size}")
    nodes = _Nodes(tiles, tree_size)
    proof = []
    start, end = 0, tree_size
    while end - start > 1:
        middle = _middle(start, end)
        if leaf_index < middle:
            proof.append(nodes.root(middle, end))
            end = middle
        else:
            proof.append(nodes.root(start, middle))
            start = middle
    return proof[::-1]


def consistency_from_tiles(tiles: TileReader, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof that the tree of `new_size` extends that of `old_size`.

    Raises:
        ValueError: The earlier tree is empty or larger than the later one.
        TileError: A tile has another length than it should.

    Source: RFC 9162 §2.1.4.1, PROOF(m, D_n).
    """
    if not 0 < old_size <= new_size:
        raise ValueError(f"no proof between {old_size} and {new_size} leaves")
    nodes = _Nodes(tiles, new_size)
    proof = []
    start, end = 0, new_size
    # SUBPROOF(m, D[start:end], b), downwards; its parts come out in the opposite order.
    while old_size != end:
        middle = _middle(start, end)
        if old_size <= middle:
            proof.append(nodes.root(middle, end))
            end = middle
        else:
            proof.append(nodes.root(start, middle))
            start = middle
    # b: a subtree that begins with the first leaf is the earlier tree itself, whose root the verifier holds.
    if start > 0:
        proof.append(nodes.root(start, end))
    return proof[::-1]


class _Nodes:
    """The nodes of the tree of one size, from tiles that are read once."""

    def __init__(self, tiles: TileReader, tree_size: int) -> None:
        self._tiles = tiles
        self._tree_size = tree_size
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def node(self, height: int, index: int) -> bytes:
        """Return the root of the perfect subtree over leaves `index << height` up to `(index + 1) << height`."""
        level, inside = divmod(height, _LEVEL_BITS)
        tile, first = divmod(index << inside, TILE_WIDTH)
        return perfect_root(self._hashes(level, tile)[first : first + (1 << inside)])

    def root(self, start: int, end: int) -> bytes:
        """Return the root over leaves start to end, a subtree that a proof names: at least one leaf."""
        roots = [self.node(height, index) for height, index in _perfect(start, end)]
        root = roots.pop()
        while roots:
            root = hash_children(roots.pop(), root)
        return root

    def _hashes(self, level: int, index: int) -> list[bytes]:
        hashes = self._read.get((level, index))
        if hashes is None:
            width = tile_width(self._tree_size, level, index)
            hashes = self._read[level, index] = split_tile(self._tiles.tile(level, index, width), width)
        return hashes


def _perfect(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield height and index of the perfect subtrees that make up a subtree, the largest first."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _middle(start: int, end: int) -> int:
    """Return where a subtree of at least two leaves parts: after the largest power of two strictly below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)
