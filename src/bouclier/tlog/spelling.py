"""One spelling per value: the base64 and the decimal numbers of all the text formats of the log.

Two texts that a reader takes for the same value let someone alter a signed line without altering its meaning, so what
is not spelt the one way is refused: base64 of RFC 4648 §4 with its padding and without stray bits or line ends,
numbers in ASCII digits without sign, space or leading zero.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final

from bouclier.tlog.hashing import HASH_BYTES

MAX_NUMBER: Final = 2**63 - 1
"""Largest size, index or time of the formats: what a signed 64-bit integer holds, in Go as in SQLite."""

_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def parse_base64(text: str) -> bytes:
    """Return the bytes of a text which is their only base64 spelling.

    Raises:
        ValueError: Another alphabet, no padding, line ends, or bits that stand for nothing.

    Source: RFC 4648 §3.5, §4.

    >>> parse_base64("AQI=")
    b'\\x01\\x02'
    """
    data = b64decode(text, validate=True)
    if render_base64(data) != text:
        raise ValueError("not canonical base64")
    return data


def render_base64(data: bytes) -> str:
    """Return the base64 spelling of bytes."""
    return b64encode(data).decode("ascii")


def parse_hash(text: str) -> bytes:
    """Return the 32 bytes of a SHA-256 hash in base64.

    Raises:
        ValueError: Not canonical base64, or not 32 bytes.
    """
    data = parse_base64(text)
    if len(data) != HASH_BYTES:
        raise ValueError("not a hash of 32 bytes")
    return data


def parse_number(text: str) -> int:
    """Return a whole number from 0 to `MAX_NUMBER` from its decimal spelling.

    Raises:
        ValueError: A sign, a space, a leading zero, another digit than 0 to 9, or a number that is too large.

    >>> parse_number("20852163")
    20852163
    """
    if _DECIMAL.fullmatch(text) is None or (number := int(text)) > MAX_NUMBER:
        raise ValueError("not a decimal number in range")
    return number


def has_controls(text: str) -> bool:
    """Tell whether a text has what no signed note may: an ASCII control but the newline, or half a character.

    Source: c2sp.org/signed-note@v1.0.0, "Format".
    """
    return _CONTROLS.search(text) is not None
