"""Checking proofs, as a client does who holds a tree head and no leaves.

Every hash must be 32 bytes: a longer or shorter one would move the boundary between left and right inside a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import ConsistencyError, InclusionError
from bouclier.tlog.hashing import HASH_BYTES, hash_children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.errors import VerificationError


def verify_inclusion(
    leaf_hash: bytes, *, leaf_index: int, tree_size: int, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Check that a tree head, already verified by the caller, commits to a leaf.

    Args:
        leaf_hash: SHA-256 leaf hash, 32 bytes.
        leaf_index: Zero-based; 0 <= leaf_index < tree_size.
        tree_size: Number of leaves in the signed tree.
        proof: Sibling hashes from leaf to root, 32 bytes each.
        root_hash: Root of the tree of `tree_size` leaves, 32 bytes.

    Raises:
        InclusionError: The proof is too long, too short, or leads to another root.

    Source: RFC 9162 §2.1.3.2; c2sp.org/tlog-tiles.

    >>> from bouclier.tlog.hashing import hash_leaf
    >>> left, right = hash_leaf(b"a"), hash_leaf(b"b")
    >>> verify_inclusion(left, leaf_index=0, tree_size=2, proof=[right],
    ...                  root_hash=hash_children(left, right))
    """
    _check_hashes([leaf_hash, root_hash, *proof], InclusionError)
    # Step 1: the index lies in the tree.
    if not 0 <= leaf_index < tree_size:
        raise InclusionError(
            Bilingual(
                f"la feuille {leaf_index} est hors d'un arbre de {tree_size}",
                f"leaf {leaf_index} is outside a tree of {tree_size}",
            )
        )
    # Steps 2 to 5: walk the whole path, and arrive at the root.
    roots = _walk(leaf_index, tree_size - 1, seed=leaf_hash, siblings=proof)
    if roots is None:
        raise _wrong_length(InclusionError, len(proof))
    if roots.later != root_hash:
        raise InclusionError(
            Bilingual(
                f"la preuve de la feuille {leaf_index} mène à une autre racine pour la taille {tree_size}",
                f"the proof of leaf {leaf_index} leads to another root for size {tree_size}",
            )
        )


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a later tree head only added leaves to an earlier one.

    Args:
        old_size: Leaves of the earlier tree; at least 1, because any tree extends the empty one.
        old_root: Root of the earlier tree, 32 bytes.
        new_size: Leaves of the later tree; at least `old_size`.
        new_root: Root of the later tree, 32 bytes.
        proof: Node hashes, 32 bytes each; empty when the sizes are equal.

    Raises:
        ConsistencyError: The proof is too long, too short, or leads to other roots; or the earlier tree is empty
            while the later is not, which proves nothing.

    Source: RFC 9162 §2.1.4.2.
    """
    _check_hashes([old_root, new_root, *proof], ConsistencyError)
    if old_size == new_size >= 0:
        if proof:
            raise _wrong_length(ConsistencyError, len(proof))
        if old_root != new_root:
            raise _other_root(old_size, new_size)
        return
    if not 0 < old_size < new_size:
        raise ConsistencyError(
            Bilingual(
                f"aucune preuve ne relie la taille {old_size} à la taille {new_size}",
                f"no proof leads from size {old_size} to size {new_size}",
            )
        )
    # Step 1: a proof between two different trees is never empty.
    if not proof:
        raise _wrong_length(ConsistencyError, 0)
    # Step 2: a perfect earlier tree is itself the first node; the proof leaves it out.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    # Steps 3 and 4: start where the last leaf of the earlier tree and its perfect subtree meet.
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # Steps 5 to 7: walk once, towards both roots.
    roots = _walk(node, last, seed=path[0], siblings=path[1:])
    if roots is None:
        raise _wrong_length(ConsistencyError, len(proof))
    if roots != (old_root, new_root):
        raise _other_root(old_size, new_size)


class _Roots(NamedTuple):
    """Where a path leads: to the tree that ends at its node, and to the tree that goes on to the right."""

    earlier: bytes
    later: bytes


def _walk(node: int, last: int, *, seed: bytes, siblings: Sequence[bytes]) -> _Roots | None:
    """Hash a path upwards (RFC 9162 §2.1.3.2 step 4, §2.1.4.2 step 6); None if it is too long or too short.

    Args:
        node: fn, the node's index on its level.
        last: sn, the index of the last node on that level.
        seed: fr and sr, the node's hash.
        siblings: The rest of the proof.
    """
    earlier = later = seed
    for sibling in siblings:
        if last == 0:
            return None
        if node & 1 or node == last:
            earlier = hash_children(sibling, earlier)
            later = hash_children(sibling, later)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            later = hash_children(later, sibling)
        node, last = node >> 1, last >> 1
    return _Roots(earlier, later) if last == 0 else None


def _check_hashes(hashes: Sequence[bytes], error: type[InclusionError | ConsistencyError]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise error(
            Bilingual("une empreinte n'a pas 32 octets", "a hash is not 32 bytes long"),
        )


def _wrong_length(error: type[InclusionError | ConsistencyError], count: int) -> VerificationError:
    return error(
        Bilingual(
            f"la preuve n'a pas la longueur attendue ({count} empreintes)",
            f"the proof does not have the expected length ({count} hashes)",
        )
    )


def _other_root(old_size: int, new_size: int) -> ConsistencyError:
    return ConsistencyError(
        Bilingual(
            f"la preuve entre les tailles {old_size} et {new_size} mène à d'autres racines",
            f"the proof between sizes {old_size} and {new_size} leads to other roots",
        )
    )
