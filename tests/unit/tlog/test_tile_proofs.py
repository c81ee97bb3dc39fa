"""What computing from tiles reads, and what it refuses."""

from __future__ import annotations

import pytest
from tests.tile_kit import TreeInTiles

from bouclier.tlog import (
    EMPTY_ROOT,
    Frontier,
    TileError,
    consistency_from_tiles,
    frontier_from_tiles,
    hash_leaf,
    inclusion_from_tiles,
    root_from_tiles,
    root_of,
    verify_consistency,
    verify_inclusion,
)

SIZE = 66_001
LEAVES = [hash_leaf(str(i).encode()) for i in range(SIZE)]


def test_the_empty_tree_needs_no_tile() -> None:
    tree = TreeInTiles([])

    assert root_from_tiles(tree, 0) == EMPTY_ROOT
    assert frontier_from_tiles(tree, 0) == Frontier()
    assert tree.reads == []


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, SIZE - 1])
def test_a_proof_across_three_levels_verifies_and_reads_each_tile_once(index: int) -> None:
    tree = TreeInTiles(LEAVES)

    proof = inclusion_from_tiles(tree, index, SIZE)

    verify_inclusion(LEAVES[index], leaf_index=index, tree_size=SIZE, proof=proof, root_hash=root_of(LEAVES))
    assert len(tree.reads) == len(set(tree.reads)) <= 5


@pytest.mark.parametrize("old_size", [1, 255, 256, 257, 65_535, 65_536, 65_537, SIZE - 1, SIZE])
def test_a_consistency_proof_across_three_levels_verifies_and_reads_each_tile_once(old_size: int) -> None:
    tree = TreeInTiles(LEAVES)

    proof = consistency_from_tiles(tree, old_size, SIZE)

    verify_consistency(
        old_size=old_size,
        old_root=root_of(LEAVES[:old_size]),
        new_size=SIZE,
        new_root=root_of(LEAVES),
        proof=proof,
    )
    assert len(tree.reads) == len(set(tree.reads)) <= 5


def test_a_tile_is_asked_for_in_the_width_it_has_in_that_tree() -> None:
    tree = TreeInTiles(LEAVES)

    root_from_tiles(tree, 300)

    assert sorted(tree.reads) == [(0, 1, 44), (1, 0, 1)]


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        inclusion_from_tiles(TreeInTiles(LEAVES[:5]), index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_no_proof_leads_from_an_empty_or_a_larger_tree(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        consistency_from_tiles(TreeInTiles(LEAVES[:5]), old, new)


class Cut(TreeInTiles):
    """Tiles that lost a byte."""

    def tile(self, level: int, index: int, width: int) -> bytes:
        return super().tile(level, index, width)[:-1]


def test_a_tile_that_is_cut_is_refused() -> None:
    with pytest.raises(TileError):
        root_from_tiles(Cut(LEAVES[:3]), 3)
