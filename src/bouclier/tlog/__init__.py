"""Append-only Merkle tree of RFC 6962: hashes, right edge, proofs.

What this room guarantees: a tree head (size and root hash) commits to every leaf before it, in order. An inclusion
proof shows that one leaf is among them; a consistency proof shows that a later head only added leaves. Everything here
is a pure function of its arguments and holds O(log n) hashes, so a third party can use the room alone.

What is not done here: signing heads, storing entries, deciding what an entry says.
"""

from bouclier.tlog.errors import ConsistencyError, InclusionError
from bouclier.tlog.frontier import Frontier, Growth, grow
from bouclier.tlog.hashing import EMPTY_ROOT, HASH_BYTES, hash_children, hash_leaf
from bouclier.tlog.proofs import prove_consistency, prove_inclusion, root_of
from bouclier.tlog.verify import verify_consistency, verify_inclusion

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "ConsistencyError",
    "Frontier",
    "Growth",
    "InclusionError",
    "grow",
    "hash_children",
    "hash_leaf",
    "prove_consistency",
    "prove_inclusion",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]
