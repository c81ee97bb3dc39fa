"""Which words of a person, as written, are names, and which only stand with them: titles, particles, links.

What stands with names stays as it is in a surrogate. Most such words are also somebody's name (`Anh Le`,
`Jean Maitre`), so each stays only in the place where it is not one: before a name, between two, or after.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bouclier.shield.words import fold

# A letter and an apostrophe begin a name that is one (O'Brien, N'Diaye), save `d'` and `l'`, which stand before one.
_WORD = re.compile(r"(?:(?![DdLl])[^\W\d_]['\u2019])?[^\W\d_]+")
_APOSTROPHES = frozenset("'\u2019")
_ABBREVIATED_TITLES = frozenset({
    "m", "mm", "mr", "mrs", "ms", "mme", "mmes", "mlle", "mlles", "dr", "drs", "pr", "sr", "sra", "dott", "prof", "mgr",
})  # fmt: skip
_TITLES = frozenset({
    "monsieur", "madame", "mademoiselle", "messieurs", "mesdames", "mesdemoiselles", "docteur", "professeur", "me",
    "mes", "maitre", "miss", "soeur", "herr", "frau", "senor", "senora", "signor", "signora",
})  # fmt: skip
_PARTICLES = frozenset({
    "de", "du", "des", "d", "la", "le", "les", "l", "van", "von", "der", "den", "ten", "ben", "bin", "ibn", "el", "al",
    "da", "dos", "das", "di", "del", "della", "dell", "y", "e",
})  # fmt: skip
# Folded: « née » and « né » are "nee" and "ne".
_OTHER_SURNAME = frozenset({"nee", "ne", "epouse", "epoux", "ep", "veuve", "veuf", "vve"})
_LINKS = _OTHER_SURNAME | {"dit", "dite", "alias", "et"}
_NUMBERS = frozenset({"II", "III", "IV"})
_SPANISH_AND = frozenset("YyEe")

FEMININE = frozenset({
    "mme", "mmes", "mlle", "mlles", "madame", "mademoiselle", "mesdames", "mesdemoiselles", "mrs", "ms", "miss",
    "soeur", "frau", "sra", "senora", "signora", "nee", "epouse", "veuve", "vve", "dite",
})  # fmt: skip
"""Words beside a name that say a woman, folded."""

MASCULINE = frozenset(
    {"m", "mm", "mr", "monsieur", "messieurs", "herr", "sr", "senor", "signor", "ne", "epoux", "veuf"}
)
"""Words beside a name that say a man, folded."""


class NameWord(NamedTuple):
    """One word of a person as written.

    Attributes:
        written: As it stands there.
        start: First code point.
        end: One past the last.
        folded: As names are compared: `O'Brien` is `obrien`, as in an address.
        stays: Whether it only stands with names.
        parts: Whether what follows is another surname, or somebody else: née, épouse, veuve.
    """

    written: str
    start: int
    end: int
    folded: str
    stays: bool
    parts: bool


def name_words(value: str) -> list[NameWord]:
    """Return the words of a person, in order."""
    matches = list(_WORD.finditer(value))
    words = []
    for index, match in enumerate(matches):
        folded = fold(match[0])
        stays = _stays(match[0], folded, value[match.end() : match.end() + 1], index, len(matches) - 1)
        folded = "".join(char for char in folded if char not in _APOSTROPHES)
        words.append(NameWord(match[0], *match.span(), folded, stays, stays and folded in _OTHER_SURNAME))
    return words


def _stays(written: str, folded: str, following: str, index: int, last: int) -> bool:
    if len(written) == 1:
        between = 0 < index < last and following != "." and written in _SPANISH_AND
        return written.islower() or folded == "m" or following in _APOSTROPHES or between
    if folded in _ABBREVIATED_TITLES:
        return True
    if folded == "jr" or written in _NUMBERS:
        return index > 0
    if index == last:
        return False
    if folded == "ing":
        return following == "."
    return folded in _TITLES or folded in _PARTICLES or folded in _LINKS
