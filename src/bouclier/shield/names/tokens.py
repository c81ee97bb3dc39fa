"""Text into words, as the network reads them: letters, digits, ends of lines, and every other sign alone.

Marks of emphasis are no words: `**Vasseur**` reads as it shows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*|[0-9]+|\n|[^\s*_`]")


class Token(NamedTuple):
    """A word and where it stands, in code points, end exclusive."""

    text: str
    start: int
    end: int


def matches_of(text: str) -> list[re.Match[str]]:
    """Return the words of a text as matches: cheaper than tokens, for who needs the places of a few."""
    return list(_TOKEN.finditer(text))


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text in order. Spaces are not words; the end of a line is one.

    >>> [token.text for token in tokens_of("M. Jean-Luc Zed, 2 rue")]
    ['M', '.', 'Jean', '-', 'Luc', 'Zed', ',', '2', 'rue']
    """
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
