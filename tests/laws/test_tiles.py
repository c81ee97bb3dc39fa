"""Laws of tiles: what is read from them is what the whole tree says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.tile_kit import TreeInTiles

from bouclier.tlog import (
    EntryBundle,
    Frontier,
    HashTile,
    bundles_of,
    consistency_from_tiles,
    frontier_from_tiles,
    hash_leaf,
    inclusion_from_tiles,
    parse_bundle,
    parse_tile_path,
    prove_consistency,
    prove_inclusion,
    render_bundle,
    render_tile_path,
    root_from_tiles,
    root_of,
    tiles_of,
)

LEAVES = [hash_leaf(str(i).encode()) for i in range(70_000)]
TREE = TreeInTiles(LEAVES)
# Around the widths where a tile fills, and anywhere.
sizes = st.one_of(
    st.integers(1, 1_100),
    st.sampled_from([n + d for n in (256, 512, 65_536, 65_792) for d in (-1, 0, 1)]),
)
widths = st.integers(1, 256)
indexes = st.one_of(st.integers(0, 5_000), st.integers(0, 2**56 - 1))


@given(size=sizes)
def test_the_tiles_of_a_tree_hold_its_root_and_its_right_edge(size: int) -> None:
    assert root_from_tiles(TREE, size) == root_of(LEAVES[:size])
    assert frontier_from_tiles(TREE, size) == Frontier().extended(LEAVES[:size])


@given(size=sizes.filter(lambda size: size < 2_000), data=st.data())
def test_an_inclusion_proof_from_tiles_is_that_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))

    assert inclusion_from_tiles(TREE, index, size) == prove_inclusion(LEAVES[:size], index)


@given(size=sizes.filter(lambda size: size < 2_000), data=st.data())
def test_a_consistency_proof_from_tiles_is_that_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))

    assert consistency_from_tiles(TREE, old, size) == prove_consistency(LEAVES[:size], old)


@given(tile=st.builds(HashTile, st.integers(0, 63), indexes, widths) | st.builds(EntryBundle, indexes, widths))
def test_parsing_undoes_rendering_a_path(tile: HashTile | EntryBundle) -> None:
    assert parse_tile_path(render_tile_path(tile)) == tile


@given(entries=st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_parsing_undoes_rendering_a_bundle(entries: list[bytes]) -> None:
    assert parse_bundle(render_bundle(entries), len(entries)) == entries


@given(old=st.integers(0, 200_000), more=st.integers(0, 3_000))
def test_growing_adds_exactly_the_tiles_the_larger_tree_has_and_the_smaller_had_not(old: int, more: int) -> None:
    new = old + more

    assert set(tiles_of(new, since=old)) == set(tiles_of(new)) - set(tiles_of(old))
    assert set(bundles_of(new, since=old)) == set(bundles_of(new)) - set(bundles_of(old))
