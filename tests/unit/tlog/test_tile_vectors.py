"""Vectors of others: proofs of the tree, paths of tiles, and a log from its entries to its checkpoints."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.tile_kit import TreeInTiles

from bouclier.tlog import (
    ConsistencyError,
    EntryBundle,
    HashTile,
    InclusionError,
    Note,
    TileError,
    bundles_of,
    consistency_from_tiles,
    hash_leaf,
    inclusion_from_tiles,
    open_checkpoint,
    parse_signing_key,
    parse_tile_path,
    parse_vkey,
    render_bundle,
    render_checkpoint,
    render_note,
    render_tile_path,
    root_from_tiles,
    root_of,
    sign_checkpoint,
    tile_width,
    tiles_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "tlog"
MERKLE: dict[str, Any] = json.loads((VECTORS / "merkle" / "proofs.json").read_text("utf-8"))
PATHS: dict[str, Any] = json.loads((VECTORS / "tiles" / "paths.json").read_text("utf-8"))
LOG: dict[str, Any] = json.loads((VECTORS / "tiles" / "tessera-log.json").read_text("utf-8"))
OTHERS: dict[str, Any] = json.loads((VECTORS / "tiles" / "aics.json").read_text("utf-8"))
LEAVES = [hash_leaf(bytes.fromhex(leaf)) for leaf in MERKLE["leaves"]]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


@pytest.mark.parametrize("probe", MERKLE["inclusion"], ids=name_of)
def test_an_inclusion_probe_holds_or_not(probe: dict[str, Any]) -> None:
    def check() -> None:
        verify_inclusion(
            b64decode(probe["leaf_hash"]),
            leaf_index=probe["leaf_index"],
            tree_size=probe["tree_size"],
            proof=hashes(probe["proof"]),
            root_hash=b64decode(probe["root"]),
        )

    if probe["holds"]:
        check()
    else:
        with pytest.raises(InclusionError):
            check()


@pytest.mark.parametrize("probe", MERKLE["consistency"], ids=name_of)
def test_a_consistency_probe_holds_or_not(probe: dict[str, Any]) -> None:
    def check() -> None:
        verify_consistency(
            old_size=probe["old_size"],
            old_root=b64decode(probe["old_root"]),
            new_size=probe["new_size"],
            new_root=b64decode(probe["new_root"]),
            proof=hashes(probe["proof"]),
        )

    if probe["holds"]:
        check()
    else:
        with pytest.raises(ConsistencyError):
            check()


def test_the_roots_and_proofs_of_those_leaves_come_out_of_tiles() -> None:
    tree = TreeInTiles(LEAVES)

    assert [root_from_tiles(tree, size) for size in range(1, 9)] == hashes(MERKLE["roots"])
    for probe in MERKLE["inclusion"]:
        if probe["name"].endswith("happy path"):
            assert inclusion_from_tiles(tree, probe["leaf_index"], probe["tree_size"]) == hashes(probe["proof"])
    for probe in MERKLE["consistency"]:
        if probe["name"].endswith("happy path"):
            assert consistency_from_tiles(tree, probe["old_size"], probe["new_size"]) == hashes(probe["proof"])


@pytest.mark.parametrize(("leaf", "size", "path"), PATHS["entries_of_leaf"])
def test_the_bundle_of_a_leaf_is_where_others_look_for_it(leaf: int, size: int, path: str) -> None:
    index = leaf // 256

    assert render_tile_path(EntryBundle(index, tile_width(size, 0, index))) == path


@pytest.mark.parametrize(("index", "size", "path"), PATHS["entries"])
def test_a_bundle_is_where_others_look_for_it(index: int, size: int, path: str) -> None:
    assert render_tile_path(EntryBundle(index, tile_width(size, 0, index))) == path


@pytest.mark.parametrize(("level", "index", "size", "path"), PATHS["tiles"])
def test_a_tile_is_where_others_look_for_it(level: int, index: int, size: int, path: str) -> None:
    assert render_tile_path(HashTile(level, index, tile_width(size, level, index))) == path


@pytest.mark.parametrize(("level", "rest", "number", "index", "width"), PATHS["parsed"])
def test_a_path_is_read_as_others_read_it(level: str, rest: str, number: int, index: int, width: int) -> None:
    assert parse_tile_path(f"tile/{level}/{rest}") == HashTile(number, index, width)


@pytest.mark.parametrize(("level", "rest"), PATHS["refused"])
def test_a_path_that_others_refuse_is_refused(level: str, rest: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(f"tile/{level}/{rest}")


@pytest.mark.parametrize("size", PATHS["trees"]["sizes"])
def test_a_tree_of_the_specification_has_its_tiles(size: str) -> None:
    expected = PATHS["trees"]["sizes"][size]
    tiles = list(tiles_of(int(size)))

    for level, (full, partial) in enumerate(zip(expected["full"], expected["partial"], strict=True)):
        widths = [tile.width for tile in tiles if tile.level == level]
        assert widths == [256] * full + [partial] * (partial > 0)
    assert max(tile.level for tile in tiles) < len(expected["full"])


def test_a_log_of_another_implementation_is_the_same_in_every_byte() -> None:
    entries = [text.encode() for text in LOG["entries"]]
    leaf_hashes = [hash_leaf(entry) for entry in entries]
    tree = TreeInTiles(leaf_hashes)
    key = parse_signing_key(LOG["signing_key"])
    assert key.verifier_key == parse_vkey(LOG["vkey"])

    for size, text in enumerate(LOG["checkpoints"]):
        head = open_checkpoint(text.encode(), [key.verifier_key]).checkpoint
        assert (head.size, head.root) == (size, root_of(leaf_hashes[:size]))
        assert root_from_tiles(tree, size) == head.root
        assert render_note(Note(render_checkpoint(head), (sign_checkpoint(head, key),))) == text.encode()
        assert [render_tile_path(bundle) for bundle in bundles_of(size)] == (
            [f"tile/entries/000.p/{size}"] if size else []
        )


@pytest.mark.parametrize("size", OTHERS["trees"])
def test_the_files_of_a_log_are_those_of_another_implementation(size: str) -> None:
    expected = OTHERS["trees"][size]
    entries = [b"entry %d" % number for number in range(int(size))]
    tree = TreeInTiles([hash_leaf(entry) for entry in entries])

    files = {render_tile_path(tile): tree.tile(tile.level, tile.index, tile.width) for tile in tiles_of(len(entries))}
    for bundle in bundles_of(len(entries)):
        first = bundle.index * 256
        files[render_tile_path(bundle)] = render_bundle(entries[first : first + bundle.width])
    lines = "".join(f"{path} {sha256(data).hexdigest()}\n" for path, data in sorted(files.items()))

    assert sorted(path for path in files if ".p/" in path) == expected["partial"]
    assert len(files) == expected["files"]
    assert sha256(lines.encode()).hexdigest() == expected["digest"]
    assert root_from_tiles(tree, len(entries)).hex() == expected["root"]
