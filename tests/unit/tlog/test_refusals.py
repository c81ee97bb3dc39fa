"""What the proofs and the frontier refuse, one reason at a time."""

from __future__ import annotations

import pytest

from bouclier.terms.errors import VerificationError
from bouclier.tlog import (
    EMPTY_ROOT,
    ConsistencyError,
    Frontier,
    InclusionError,
    hash_children,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hash_leaf(bytes([i])) for i in range(8)]
ROOT = root_of(LEAVES)


@pytest.mark.parametrize("index", [-1, 8, 9])
def test_a_leaf_outside_the_tree_is_refused(index: int) -> None:
    with pytest.raises(InclusionError, match="outside a tree of 8"):
        verify_inclusion(LEAVES[0], leaf_index=index, tree_size=8, proof=prove_inclusion(LEAVES, 0), root_hash=ROOT)


def test_nothing_is_included_in_the_empty_tree() -> None:
    with pytest.raises(InclusionError):
        verify_inclusion(LEAVES[0], leaf_index=0, tree_size=0, proof=[], root_hash=EMPTY_ROOT)


def test_a_node_passed_off_as_a_leaf_of_a_smaller_tree_is_a_leaf_only_of_that_tree() -> None:
    node = hash_children(LEAVES[0], LEAVES[1])
    proof = prove_inclusion(LEAVES, 0)

    with pytest.raises(InclusionError, match="expected length"):
        verify_inclusion(node, leaf_index=0, tree_size=8, proof=proof[1:], root_hash=ROOT)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_hashes_that_are_not_32_bytes_are_refused(length: int) -> None:
    proof = prove_inclusion(LEAVES, 3)

    with pytest.raises(InclusionError, match="32 bytes"):
        verify_inclusion(LEAVES[3], leaf_index=3, tree_size=8, proof=[b"x" * length, *proof[1:]], root_hash=ROOT)
    with pytest.raises(ConsistencyError, match="32 bytes"):
        verify_consistency(old_size=8, old_root=b"x" * length, new_size=8, new_root=b"x" * length, proof=[])


def test_two_halves_glued_otherwise_are_refused() -> None:
    left, right = LEAVES[0], LEAVES[1]
    root = hash_children(left, right)

    with pytest.raises(InclusionError):
        verify_inclusion(left + right[:1], leaf_index=0, tree_size=2, proof=[right[1:]], root_hash=root)


def test_a_log_that_shrank_is_refused() -> None:
    with pytest.raises(ConsistencyError, match="no proof leads from size 8 to size 7"):
        verify_consistency(old_size=8, old_root=ROOT, new_size=7, new_root=root_of(LEAVES[:7]), proof=[LEAVES[0]])


def test_a_proof_from_the_empty_tree_proves_nothing() -> None:
    with pytest.raises(ConsistencyError):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=8, new_root=ROOT, proof=[])


def test_two_roots_at_one_size_are_a_split_view() -> None:
    with pytest.raises(ConsistencyError, match="other roots"):
        verify_consistency(old_size=8, old_root=ROOT, new_size=8, new_root=LEAVES[0], proof=[])


def test_an_empty_proof_between_different_sizes_is_refused() -> None:
    with pytest.raises(ConsistencyError, match="expected length"):
        verify_consistency(old_size=4, old_root=root_of(LEAVES[:4]), new_size=8, new_root=ROOT, proof=[])


def test_equal_sizes_admit_no_proof_hash() -> None:
    with pytest.raises(ConsistencyError, match="expected length"):
        verify_consistency(old_size=8, old_root=ROOT, new_size=8, new_root=ROOT, proof=[ROOT])


def test_proofs_outside_the_tree_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="outside a tree of 8"):
        prove_inclusion(LEAVES, 8)
    with pytest.raises(ValueError, match="no proof between 0 and 8"):
        prove_consistency(LEAVES, 0)


def test_a_frontier_whose_peaks_do_not_fit_its_size_cannot_exist() -> None:
    with pytest.raises(ValueError, match="1 peaks cannot stand for 3 leaves"):
        Frontier(3, (LEAVES[0],))


def test_refusals_are_verification_errors_in_both_languages() -> None:
    with pytest.raises(VerificationError) as caught:
        verify_inclusion(LEAVES[0], leaf_index=0, tree_size=8, proof=[], root_hash=ROOT)

    assert "longueur attendue" in caught.value.message.fr
    assert caught.value.status == 503
