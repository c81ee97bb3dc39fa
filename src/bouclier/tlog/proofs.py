"""Roots and proofs from all the leaf hashes: the definitions of the RFC, written as they are defined.

They cost O(n) hashes; a server of proofs reads stored nodes instead. Use `frontier` to append.

Source: RFC 9162 §2.1.1, §2.1.3.1, §2.1.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.tlog.frontier import Frontier

if TYPE_CHECKING:
    from collections.abc import Sequence


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root hash of the tree over these leaf hashes, 32 bytes; `EMPTY_ROOT` for none."""
    return Frontier().extended(leaf_hashes).root()


def prove_inclusion(leaf_hashes: Sequence[bytes], leaf_index: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree over all these leaf hashes, from leaf to root.

    Args:
        leaf_hashes: All leaf hashes of the tree, 32 bytes each.
        leaf_index: Zero-based; 0 <= leaf_index < len(leaf_hashes).

    Raises:
        ValueError: The index is outside the tree.

    Source: RFC 9162 §2.1.3.1, PATH(m, D_n).
    """
    size = len(leaf_hashes)
    if not 0 <= leaf_index < size:
        raise ValueError(f"leaf {leaf_index} is outside a tree of {size}")
    if size == 1:
        return []
    k = _split(size)
    if leaf_index < k:
        return [*prove_inclusion(leaf_hashes[:k], leaf_index), root_of(leaf_hashes[k:])]
    return [*prove_inclusion(leaf_hashes[k:], leaf_index - k), root_of(leaf_hashes[:k])]


def prove_consistency(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the tree over all these leaf hashes extends its first `old_size` leaves.

    Args:
        leaf_hashes: All leaf hashes of the later tree, 32 bytes each.
        old_size: Size of the earlier tree; 0 < old_size <= len(leaf_hashes).

    Raises:
        ValueError: The earlier tree is empty or larger than the later one.

    Source: RFC 9162 §2.1.4.1, PROOF(m, D_n).
    """
    if not 0 < old_size <= len(leaf_hashes):
        raise ValueError(f"no proof between {old_size} and {len(leaf_hashes)} leaves")
    return _subproof(leaf_hashes, old_size, root_is_known=True)


def _subproof(leaf_hashes: Sequence[bytes], old_size: int, *, root_is_known: bool) -> list[bytes]:
    """SUBPROOF(m, D_n, b) of RFC 9162 §2.1.4.1; `root_is_known` is b: the verifier holds this subtree's root."""
    size = len(leaf_hashes)
    if old_size == size:
        return [] if root_is_known else [root_of(leaf_hashes)]
    k = _split(size)
    if old_size <= k:
        left = _subproof(leaf_hashes[:k], old_size, root_is_known=root_is_known)
        return [*left, root_of(leaf_hashes[k:])]
    return [*_subproof(leaf_hashes[k:], old_size - k, root_is_known=False), root_of(leaf_hashes[:k])]


def _split(size: int) -> int:
    """Return the largest power of two strictly below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
