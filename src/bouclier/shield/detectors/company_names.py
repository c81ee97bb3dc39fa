"""Companies by their legal form: capitalised words, then `Ltd`, `GmbH`, `SARL` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import APOSTROPHE, LETTER, SPACE, UPPER
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# Legal forms of European states, as their registers abbreviate them.
_FORMS = (
    "Ltd", "Limited", "plc", "PLC", "LLP", "LLC", "Inc", "GmbH", "AG", "KG", "OHG", "AB", "Oy", "Oyj", "ApS",
    "A/S", "ASA", "BV", "B.V.", "NV", "N.V.", "SpA", "S.p.A.", "Srl", "S.r.l.", "SA", "S.A.", "SAS", "SASU",
    "SARL", "EURL", "SCI", "SNC", "SCOP", "SELARL", "d.o.o.", "s.r.o.", "Kft", "Zrt", "A.Ş.", "A.S.",
    "sp. z o.o.", "Sp. z o.o.", "OOO", "EOOD",
)  # fmt: skip
_WORD = f"[{UPPER}][{LETTER}0-9&.{APOSTROPHE}\\-]{{0,30}}"
_LINK = f"(?:&|et|and|de|du|des|la|le|les|of|und|y|e|[dl][{APOSTROPHE}])"
_WORDS_BEFORE = exact(f"(?<![{LETTER}0-9]){_WORD}(?:{SPACE}(?:{_LINK}{SPACE})?{_WORD}){{0,6}},?{SPACE}\\Z")
_FORM = "|".join(form.replace(".", "\\.") for form in sorted(_FORMS, key=len, reverse=True))
_LONGEST = 90
# Capitalised because a sentence begins, and no part of a name.
_LEADS = frozenset(
    {"The", "La", "Le", "Les", "In", "On", "And", "By", "For", "Société", "Company", "Une", "Un", "Par", "Pour", "Avec"}
)


def _company(text: str, match: re.Match[str]) -> Iterator[Finding]:
    words = _WORDS_BEFORE.search(text, max(0, match.start() - _LONGEST), match.start())
    if words is None:
        return
    start = words.start()
    first = words[0].split()[0]
    if first in _LEADS:
        start += len(first) + 1
    if start < match.start() - 1:
        yield Finding(start, match.end(), EntityType.ORGANIZATION, 0.7, "legal-form")


DETECTORS = (
    Detector(
        "company-with-its-form",
        EntityType.ORGANIZATION,
        tuple(Rough(form.replace(".", "\\."), after="[ \\xa0]") for form in _FORMS),
        exact(f"(?<=[ \u00a0])(?:{_FORM})(?![{LETTER}0-9])"),
        _company,
    ),
)
