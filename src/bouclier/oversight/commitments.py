"""Commitments and pseudonyms: what stands in the log for content and for people.

A commitment binds to bytes without showing them: whoever holds the salt and the bytes can prove what was committed to;
once the salt is erased, nothing links the entry to the bytes any more. A bare hash would not do: short texts can be
guessed.
"""

from __future__ import annotations

import hmac
from typing import Final

SALT_BYTES: Final = 32
COMMITMENT_BYTES: Final = 32


def commit(salt: bytes, data: bytes) -> bytes:
    """Return the commitment to these bytes: HMAC-SHA-256 under the salt, 32 bytes.

    >>> commit(bytes(32), b"question") == commit(bytes(32), b"Question")
    False
    """
    return hmac.digest(salt, data, "sha256")


def principal_pseudonym(key: bytes, name: str) -> str:
    """Return the name's pseudonym under a log's key: the first 8 bytes of an HMAC-SHA-256, 16 hexadecimal digits.

    The same principal has the same pseudonym throughout one log and another in every other log.
    """
    return hmac.digest(key, name.encode("utf-8", "surrogatepass"), "sha256")[:8].hex()
