"""Words of a text with their places, folded: case, accents and characters that do not show are put aside."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.characters import ACCENTS
from bouclier.shield.invisible import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

# A letter may be followed by its accent, or by characters that text pasted from a PDF holds and nobody sees.
_WORD = re.compile(f"[^\\W_]+(?:[{ACCENTS}{INVISIBLE}]+[^\\W_]*)*")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})


class Word(NamedTuple):
    """A run of letters and digits.

    Attributes:
        folded: As it is compared.
        start: First code point.
        end: One past the last.
    """

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return text as it is compared: lower case, without accents, without what does not show."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LIGATURES)
    return "".join(char for char in plain if not unicodedata.combining(char) and char not in INVISIBLE)


def words_of(text: str, start: int = 0, end: int | None = None) -> Iterator[Word]:
    """Yield the words of a text, or of one span of it, in order."""
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        yield Word(fold(match[0]), match.start(), match.end())
