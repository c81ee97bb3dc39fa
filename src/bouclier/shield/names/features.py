"""What the network is told of a word: numbers that say where to look in its tables. Pure and stable for ever.

Hashes are CRC-32 of UTF-8, so that weights trained on one machine mean the same on every other.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

WORDS = 24_000
PREFIXES = 4_000
SUFFIXES = 6_000
SHAPES = 1_000
_AFFIX = 3
_RUN = 3


class Features(NamedTuple):
    """Rows of the tables for one word.

    Attributes:
        word: Of the word without case, digits as `0`.
        prefix: Of its first three letters, without case.
        suffix: Of its last three letters, without case.
        shape: Of its shape.
    """

    word: int
    prefix: int
    suffix: int
    shape: int


def features_of(word: str) -> Features:
    """Return the rows of a word."""
    low = "0" * min(len(word), 5) if word.isdigit() else word.lower()
    return Features(
        _row(low, WORDS),
        _row(low[:_AFFIX], PREFIXES),
        _row(low[-_AFFIX:], SUFFIXES),
        _row(shape_of(word), SHAPES),
    )


def shape_of(word: str) -> str:
    """Return the shape of a word: `Xxx` for a capitalised one, runs cut at three; numbers up to 31 say so.

    >>> shape_of("Marie"), shape_of("IVRY"), shape_of("2024"), shape_of("12")
    ('Xxxx', 'XXX', '0000', '<=31')
    """
    if word.isdigit() and word.isascii():
        return "<=31" if len(word) <= 2 and int(word) <= 31 else "0" * min(len(word), 9)  # noqa: PLR2004 -- a day
    shape: list[str] = []
    run = 0
    for char in word:
        kind = "X" if char.isupper() else "x" if char.islower() else "0" if char.isdigit() else char
        run = run + 1 if shape and shape[-1] == kind else 1
        if run <= _RUN:
            shape.append(kind)
    return "".join(shape) if len(word) > 1 else "".join(shape) + "1"


def key_of(word: str) -> int:
    """Return the key of a word in the tables of vectors and lexicons."""
    return crc32(word.encode("utf-8", "surrogatepass"))


def _row(text: str, rows: int) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % rows
