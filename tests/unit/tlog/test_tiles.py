"""Paths, widths and contents of tiles: one spelling each, and nothing that is not there."""

from __future__ import annotations

import pytest

from bouclier.tlog import (
    EntryBundle,
    HashTile,
    TileError,
    bundles_of,
    hash_leaf,
    parse_bundle,
    parse_tile_path,
    render_bundle,
    render_tile_path,
    root_of,
    split_tile,
    tile_root,
    tile_width,
    tiles_of,
)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", HashTile(0, 0)),
        ("tile/0/000.p/1", HashTile(0, 0, 1)),
        ("tile/63/x001/x234/067.p/255", HashTile(63, 1_234_067, 255)),
        ("tile/2/x001/000", HashTile(2, 1000)),
        ("tile/entries/x123/456", EntryBundle(123_456)),
        ("tile/entries/999.p/8", EntryBundle(999, 8)),
    ],
)
def test_a_path_stands_for_a_tile_and_back(path: str, tile: HashTile | EntryBundle) -> None:
    assert parse_tile_path(path) == tile
    assert render_tile_path(tile) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/",
        "tile/0/X001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/٠٠٠",
        "tile/data/000",
        "tile/Entries/000",
        "tile/entries/../000",
        "tile/0/x001/x000/x000/x000/x000/x000/000",
    ],
)
def test_another_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(path)


def test_the_tree_of_the_specification_has_its_tiles() -> None:
    tiles = list(tiles_of(70_000))

    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile for tile in tiles if tile.width < 256] == [
        HashTile(0, 273, 112),
        HashTile(1, 1, 17),
        HashTile(2, 0, 1),
    ]
    assert HashTile(1, 0, 256) in tiles
    assert len(tiles) == 273 + 4


def test_a_tree_of_one_full_tile_has_a_hash_above_it_and_no_empty_tile() -> None:
    assert list(tiles_of(256)) == [HashTile(0, 0, 256), HashTile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(bundles_of(257)) == [EntryBundle(0), EntryBundle(1, 1)]


def test_a_tile_that_is_not_there_has_no_width() -> None:
    assert tile_width(300, 0, 1) == 44
    assert tile_width(300, 0, 2) == 0
    assert tile_width(300, 1, 0) == 1
    assert tile_width(300, 2, 0) == 0


def test_a_full_tile_is_one_hash_of_the_level_above() -> None:
    leaves = [hash_leaf(bytes([i])) for i in range(256)]

    assert tile_root(b"".join(leaves)) == root_of(leaves)
    with pytest.raises(TileError):
        tile_root(b"".join(leaves[:128]))


def test_a_tile_of_another_length_than_its_width_is_refused() -> None:
    assert split_tile(bytes(64), 2) == [bytes(32), bytes(32)]
    for data in (b"", bytes(32), bytes(63), bytes(65), bytes(96)):
        with pytest.raises(TileError):
            split_tile(data, 2)


def test_a_bundle_keeps_empty_and_longest_entries() -> None:
    entries = [b"", bytes(65_535), b"x"]

    assert parse_bundle(render_bundle(entries), 3) == entries


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x01", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01a\x00", 1),
        (b"\x00\x01ab", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00\x01b", 1),
    ],
)
def test_a_bundle_that_is_cut_or_has_more_than_it_should_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(TileError):
        parse_bundle(data, width)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65_536)]])
def test_no_bundle_is_made_of_entries_that_do_not_fit(entries: list[bytes]) -> None:
    with pytest.raises(ValueError, match="bundle"):
        render_bundle(entries)
