"""Laws of the tree, against a tree built the slow way from the definition."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.tlog import (
    ConsistencyError,
    Frontier,
    InclusionError,
    grow,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hash_leaf(str(i).encode()) for i in range(300)]
sizes = st.integers(1, 200)


def slow_root(leaf_hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if not leaf_hashes:
        return sha256(b"").digest()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    k = 1
    while k * 2 < len(leaf_hashes):
        k *= 2
    return sha256(b"\x01" + slow_root(leaf_hashes[:k]) + slow_root(leaf_hashes[k:])).digest()


@given(size=st.integers(0, 300))
def test_the_frontier_has_the_root_of_the_whole_tree(size: int) -> None:
    assert Frontier().extended(LEAVES[:size]).root() == root_of(LEAVES[:size]) == slow_root(LEAVES[:size])


@given(cuts=st.lists(st.integers(0, 300), max_size=12))
def test_cutting_the_batches_differently_never_changes_the_tree(cuts: list[int]) -> None:
    frontier = Frontier()
    bounds = [0, *sorted(cuts), 300]
    for start, end in pairwise(bounds):
        frontier = grow(frontier, LEAVES[start:end]).frontier

    assert frontier == Frontier().extended(LEAVES)


@given(size=st.integers(0, 150), batch=st.integers(0, 130))
def test_a_batch_is_proved_as_the_whole_tree_would_prove_it(size: int, batch: int) -> None:
    growth = grow(Frontier().extended(LEAVES[:size]), LEAVES[size : size + batch])

    everything = LEAVES[: size + batch]
    assert growth.root == slow_root(everything)
    assert growth.frontier == Frontier().extended(everything)
    assert [list(proof) for proof in growth.proofs] == [
        prove_inclusion(everything, index) for index in range(size, size + batch)
    ]


@given(size=sizes, data=st.data())
def test_every_leaf_of_every_tree_can_be_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))

    verify_inclusion(
        LEAVES[index],
        leaf_index=index,
        tree_size=size,
        proof=prove_inclusion(LEAVES[:size], index),
        root_hash=slow_root(LEAVES[:size]),
    )


@given(size=sizes, data=st.data())
def test_every_earlier_tree_is_proved_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))

    verify_consistency(
        old_size=old,
        old_root=slow_root(LEAVES[:old]),
        new_size=size,
        new_root=slow_root(LEAVES[:size]),
        proof=prove_consistency(LEAVES[:size], old),
    )


@st.composite
def damaged(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """A proof that differs from the given one: shortened, lengthened, swapped, or one bit away."""
    ways = ["longer"] + (["shorter", "bit"] if proof else [])
    way = draw(st.sampled_from(ways))
    at = draw(st.integers(0, max(len(proof) - 1, 0)))
    if way == "longer":
        extra = draw(st.sampled_from([bytes(32), LEAVES[0], *proof]))
        return [*proof[:at], extra, *proof[at:]]
    if way == "shorter":
        return proof[:at] + proof[at + 1 :]
    bit = draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    return [*proof[:at], flipped, *proof[at + 1 :]]


@given(size=sizes, data=st.data())
def test_a_damaged_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = data.draw(damaged(prove_inclusion(LEAVES[:size], index)))

    with pytest.raises(InclusionError):
        verify_inclusion(
            LEAVES[index],
            leaf_index=index,
            tree_size=size,
            proof=proof,
            root_hash=slow_root(LEAVES[:size]),
        )


@given(size=sizes, data=st.data())
def test_a_damaged_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = data.draw(damaged(prove_consistency(LEAVES[:size], old)))

    with pytest.raises(ConsistencyError):
        verify_consistency(
            old_size=old,
            old_root=slow_root(LEAVES[:old]),
            new_size=size,
            new_root=slow_root(LEAVES[:size]),
            proof=proof,
        )


@given(size=sizes, data=st.data())
def test_a_proof_holds_for_one_leaf_at_one_index_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index) if size > 1 else st.just(1))

    with pytest.raises(InclusionError):
        verify_inclusion(
            LEAVES[index],
            leaf_index=other,
            tree_size=size,
            proof=prove_inclusion(LEAVES[:size], index),
            root_hash=slow_root(LEAVES[:size]),
        )


@given(size=sizes, data=st.data())
def test_rewriting_any_earlier_leaf_breaks_consistency(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    rewritten = list(LEAVES[:size])
    rewritten[data.draw(st.integers(0, old - 1))] = hash_leaf(b"rewritten")

    with pytest.raises(ConsistencyError):
        verify_consistency(
            old_size=old,
            old_root=slow_root(LEAVES[:old]),
            new_size=size,
            new_root=slow_root(rewritten),
            proof=prove_consistency(rewritten, old),
        )
