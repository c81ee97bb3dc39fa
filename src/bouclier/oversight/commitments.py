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


class AnswerCommitment:
    """Commitment to a text that arrives in pieces; cutting it differently changes nothing.

    >>> answer = AnswerCommitment(bytes(32))
    >>> answer.update("Bon"); answer.update("jour")
    >>> answer.digest() == commit(bytes(32), b"Bonjour")
    True
    """

    __slots__ = ("_mac",)

    def __init__(self, salt: bytes) -> None:
        self._mac = hmac.new(salt, digestmod="sha256")

    def update(self, text: str) -> None:
        """Add the next piece of the text.

        A lone surrogate, which JSON can carry and UTF-8 cannot, counts as its three-byte generalised form: an odd
        answer must not stop its own recording.
        """
        self._mac.update(text.encode("utf-8", "surrogatepass"))

    def digest(self) -> bytes:
        """Return the commitment to the pieces so far, 32 bytes."""
        return self._mac.digest()


def principal_pseudonym(key: bytes, name: str) -> str:
    """Return the name's pseudonym under a log's key: the first 8 bytes of an HMAC-SHA-256, 16 hexadecimal digits.

    The same principal has the same pseudonym throughout one log and another in every other log.
    """
    return hmac.digest(key, name.encode("utf-8", "surrogatepass"), "sha256")[:8].hex()
