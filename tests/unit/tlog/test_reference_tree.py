"""The tree against values published by other implementations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bouclier.tlog import (
    EMPTY_ROOT,
    Frontier,
    grow,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "tlog" / "rfc6962-reference-tree.json").read_text("utf-8")
)
LEAF_HASHES = [hash_leaf(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]


def from_hex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def test_leaf_hashes_are_those_published() -> None:
    assert from_hex(VECTORS["leaf_hashes"]) == LEAF_HASHES


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published(size: int) -> None:
    assert root_of(LEAF_HASHES[:size]) == ROOTS[size]
    assert grow(Frontier(), LEAF_HASHES[:size]).root == ROOTS[size]


def test_the_empty_tree_has_the_published_root() -> None:
    assert ROOTS[0] == EMPTY_ROOT
    assert Frontier().root() == EMPTY_ROOT


def test_a_frontier_of_seven_leaves_keeps_the_three_published_peaks() -> None:
    assert list(Frontier().extended(LEAF_HASHES[:7]).peaks) == from_hex(VECTORS["peaks_of_7"])


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_those_published(case: dict[str, Any]) -> None:
    index, size, proof = case["leaf_index"], case["tree_size"], from_hex(case["proof"])

    assert prove_inclusion(LEAF_HASHES[:size], index) == proof
    verify_inclusion(LEAF_HASHES[index], leaf_index=index, tree_size=size, proof=proof, root_hash=ROOTS[size])


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_those_published(case: dict[str, Any]) -> None:
    old, new, proof = case["old_size"], case["new_size"], from_hex(case["proof"])

    assert prove_consistency(LEAF_HASHES[:new], old) == proof
    verify_consistency(old_size=old, old_root=ROOTS[old], new_size=new, new_root=ROOTS[new], proof=proof)
