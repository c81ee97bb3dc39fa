"""The two hashes of the tree; their prefixes keep a leaf from passing for a node.

Source: RFC 9162 §2.1.1 (the same tree as RFC 6962 §2.1).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def hash_leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry, 32 bytes.

    >>> hash_leaf(b"").hex()
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
    """
    return sha256(b"\x00" + entry).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its two children, 32 bytes each."""
    return sha256(b"\x01" + left + right).digest()
