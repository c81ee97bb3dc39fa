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
_LIGATURES = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"}
# Letters of Latin alphabets without their accents: what most words need, several times faster than normalising.
_PLAIN = str.maketrans(
    {chr(code): unicodedata.normalize("NFKD", chr(code))[0] for code in range(0xC0, 0x180)}
    | dict.fromkeys((*INVISIBLE, *map(chr, range(0x300, 0x370))), "")
    | _LIGATURES
)


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
    folded = text.casefold().translate(_PLAIN)
    if folded.isascii():
        return folded
    plain = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in plain if not unicodedata.combining(char))


def words_of(text: str, start: int = 0, end: int | None = None) -> Iterator[Word]:
    """Yield the words of a text, or of one span of it, in order."""
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        yield Word(fold(match[0]), match.start(), match.end())
