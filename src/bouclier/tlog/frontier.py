"""The right edge of a tree: all that is needed to append to it, and to prove what was just appended.

A tree of n leaves is a row of perfect subtrees, one per bit set in n, the largest to the left. Their roots, the peaks,
are O(log n) hashes; the leaves themselves are not needed again.

Seen by levels, node i of a level hashes nodes 2i and 2i+1 below it; a last node without a right sibling is carried up
unchanged. This is the tree of RFC 9162 §2.1.1, and it makes the proofs of a batch cheap: a batch touches a run of
nodes at the right end of each level, and the only older node it ever needs there is a peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from bouclier.tlog.hashing import EMPTY_ROOT, hash_children

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree, as a value: appending returns another one.

    Attributes:
        size: Number of leaves.
        peaks: Roots of the perfect subtrees, largest (leftmost) first; one per bit set in `size`.

    >>> from bouclier.tlog.hashing import hash_leaf
    >>> Frontier().extended([hash_leaf(b"a"), hash_leaf(b"b"), hash_leaf(b"c")]).size
    3
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"{len(self.peaks)} peaks cannot stand for {self.size} leaves")

    def extended(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Return the frontier after appending leaves; about one hash each."""
        peaks = list(self.peaks)
        size = self.size
        for leaf_hash in leaf_hashes:
            node, bits = leaf_hash, size
            # Like a carry in binary addition: equal neighbours merge. Inlined, because logs of millions
            # of entries are read back through this loop.
            while bits & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                bits >>= 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """Return the root hash, 32 bytes; `EMPTY_ROOT` for the empty tree."""
        return _fold(self.peaks[-1], self.peaks[-2::-1]) if self.peaks else EMPTY_ROOT


class Growth(NamedTuple):
    """What appending a batch leads to.

    Attributes:
        frontier: The right edge after the batch.
        root: Root hash of the tree after the batch, 32 bytes.
        proofs: For each leaf of the batch, its inclusion proof in that tree, from leaf to root.
    """

    frontier: Frontier
    root: bytes
    proofs: list[tuple[bytes, ...]]


class _Level(NamedTuple):
    """The run of nodes a batch touches on one level; `start` is even, so pairs stay together."""

    start: int
    nodes: Sequence[bytes]


def grow(frontier: Frontier, leaf_hashes: Sequence[bytes]) -> Growth:
    """Append a batch and prove each of its leaves in the tree that results.

    Uses only the frontier and the batch: about two hashes a leaf, and a tuple for each proof whose upper part is
    built once for neighbours.

    Args:
        frontier: The tree before the batch.
        leaf_hashes: Leaf hashes of the batch in order, 32 bytes each.

    >>> from bouclier.tlog.hashing import hash_leaf
    >>> grow(Frontier(), [hash_leaf(b"a"), hash_leaf(b"b")]).proofs[0] == (hash_leaf(b"b"),)
    True
    """
    if not leaf_hashes:
        return Growth(frontier, frontier.root(), [])
    if len(leaf_hashes) == 1:
        # What stands to the left of the newest leaf, from leaf to root, is the old peaks: a quiet
        # log takes this way every time.
        proof = frontier.peaks[::-1]
        return Growth(frontier.extended(leaf_hashes), _fold(leaf_hashes[0], proof), [proof])
    levels = _levels(frontier, leaf_hashes)
    top = levels[-1].nodes
    return Growth(_edge(levels, frontier.size + len(leaf_hashes)), top[-1], _proofs(levels, len(leaf_hashes)))


def _levels(frontier: Frontier, leaf_hashes: Sequence[bytes]) -> list[_Level]:
    """Hash the batch upwards until one node is left: the root."""
    old_peaks = list(frontier.peaks)
    first, count = frontier.size, frontier.size + len(leaf_hashes)
    nodes = list(leaf_hashes)
    levels = []
    while True:
        if first & 1:
            # The left sibling of the first touched node: bit `level` is set in the old size,
            # so that sibling is the peak of this height, and the smallest peak not yet used.
            nodes.insert(0, old_peaks.pop())
            first -= 1
        levels.append(_Level(first, nodes))
        if count == 1:
            return levels
        pairs = iter(nodes)
        parents = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        if count & 1:
            parents.append(nodes[-1])  # no right sibling: carried up
        nodes, first, count = parents, first >> 1, (count + 1) >> 1


def _proofs(levels: list[_Level], batch_size: int) -> list[tuple[bytes, ...]]:
    """Walk down from the root: a node's proof is its sibling, then its parent's proof."""
    above: list[tuple[bytes, ...]] = [()]
    above_start = 0
    for start, nodes in reversed(levels[:-1]):
        offset = (start >> 1) - above_start
        here = []
        for i in range(0, len(nodes) - 1, 2):
            parent = above[offset + (i >> 1)]
            here.append((nodes[i + 1], *parent))
            here.append((nodes[i], *parent))
        if len(nodes) & 1:
            here.append(above[-1])
        above, above_start = here, start
    return above[len(above) - batch_size :]


def _edge(levels: list[_Level], size: int) -> Frontier:
    """Return the new frontier; its peak of each height is in the run of that level: an old one can only begin it."""
    peaks = [
        levels[height].nodes[(size >> height) - 1 - levels[height].start]
        for height in range(size.bit_length() - 1, -1, -1)
        if size >> height & 1
    ]
    return Frontier(size, tuple(peaks))


def _fold(node: bytes, left_siblings: Iterable[bytes]) -> bytes:
    """Return the root reached from a node of the right edge, given its left siblings upwards."""
    for sibling in left_siblings:
        node = hash_children(sibling, node)
    return node
