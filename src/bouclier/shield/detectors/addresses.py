"""Where a person lives: a number, a kind of street and its name, with the postcode and the town when they follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.characters import APOSTROPHE, LETTER, ROUGH_SPACE, SPACE, UPPER, folded
from bouclier.shield.communes import is_postcode, serves
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_STREETS = (
    "rue", "avenue", "av.", "avn", "ave", "av", "boulevard", "boul.", "bd", "bld", "blvd", "allée", "allées", "place",
    "impasse", "imp.", "chemin", "chem.", "che.", "cours", "quai", "route", "rte", "square", "sq.", "passage",
    "villa", "sentier", "sente", "ruelle", "venelle", "traverse", "montée", "mail", "esplanade", "promenade",
    "rond-point", "faubourg", "fbg", "résidence", "lotissement", "lot.", "hameau", "lieu-dit", "lieudit", "clos",
    "cité", "domaine", "parvis", "voie", "galerie", "côte", "rampe", "levée", "chaussée",
)  # fmt: skip
_NUMBERS_IN_WORDS = (
    "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt", "trente", "quarante", "cinquante",
)  # fmt: skip
_STREET = "|".join(folded(re.escape(word)) for word in sorted(_STREETS, key=len, reverse=True))
_NUMBER = (
    f"(?:[0-9]{{1,4}}(?:{SPACE}?[-/à]{SPACE}?[0-9]{{1,4}})?(?:{SPACE}?(?:bis|ter|quater|[A-E])(?![{LETTER}]))?"
    f"|(?<![{LETTER}])(?:{'|'.join(sorted(_NUMBERS_IN_WORDS, key=len, reverse=True))}))"
)
_SMALL = (
    f"(?i:de|du|des|la|le|les|l[{APOSTROPHE}]|d[{APOSTROPHE}]|en|et|aux?|à|sur|sous|saint|sainte|st|ste|"
    "général|docteur|dr)"
)
_WORD = f"[{LETTER}0-9](?:[{LETTER}0-9.{APOSTROPHE}\\-]{{0,40}}[{LETTER}0-9])?"
_CAPITAL = (
    f"(?:[dDlL][{APOSTROPHE}])?"
    f"(?:[{UPPER}](?:[{LETTER}0-9.{APOSTROPHE}\\-]{{0,40}}[{LETTER}0-9])?|[0-9]{{1,4}}(?![0-9]))"
)
_SMALL_WORD = f"(?:{_SMALL}{SPACE}|[dlDL][{APOSTROPHE}])"
# The first word may be small (rue principale); those that follow are capitals or lead to one.
_STREET_NAME = f"(?:{_SMALL_WORD}){{0,3}}(?P<first>{_WORD})(?:{SPACE}(?:{_SMALL_WORD}){{0,3}}{_CAPITAL}){{0,6}}"
_TOWN_WORD = f"(?!(?i:cedex))[{UPPER}](?:[{LETTER}{APOSTROPHE}\\-]{{0,40}}[{LETTER}])?"
_LINK = f"(?:sur|sous|en|de|la|le|les|lès|du|des|d[{APOSTROPHE}]|l[{APOSTROPHE}])"
_TOWN = f"{_TOWN_WORD}(?:(?:{SPACE}|-)(?:{_LINK}{SPACE}?){{0,2}}{_TOWN_WORD}){{0,4}}"
_CEDEX = f"(?:{SPACE}(?i:cedex)(?:{SPACE}[0-9]{{1,2}})?)?"
_POSTCODE = "(?:0[1-9]|[1-8][0-9]|9[0-8]|2[AB]) ?[0-9]{3}"
_THEN_TOWN = f"(?:,?{SPACE}{{0,2}}(?:\\r?\\n)?(?<![0-9])(?:{_TOWN}){_CEDEX})?(?![0-9])"
_COMPLEMENT = (
    f"(?:{SPACE}?[,\\-–]?[\\n\\r]{{0,2}}{SPACE}{{0,2}}(?i:b[âa]t(?:iment|\\.)?|appt?\\.?|appartement|esc(?:alier|\\.)?|"
    f"{folded('étage')}|hall|bp|cs|tsa){SPACE}?[0-9{LETTER}]{{1,6}}){{0,3}}"
)
_END = exact(f"{_COMPLEMENT}{SPACE}{{0,2}}[,;\\-–]?{SPACE}{{0,2}}\\r?\\n?{SPACE}{{0,4}}(?:F-)?{_POSTCODE}{_THEN_TOWN}")
# Lower-case words up to a postcode: "deux bd etienne de rourque 28722".
_PLAIN_END = exact(
    f"(?:{SPACE}{_WORD}){{0,5}}{SPACE}?,?{SPACE}{{0,2}}{_POSTCODE}(?:{SPACE}(?:{_TOWN}){_CEDEX})?(?![0-9])"
)
_NOT_A_STREET = frozenset(
    {
        *("à", "a", "est", "sont", "qui", "que", "pour", "dans", "par", "avec", "ou", "où", "de"),
        *("libre", "libres", "disponible", "parking", "vide"),
    }
)


_NUMBER_BEFORE = exact(f"(?<![0-9]){_NUMBER}{SPACE}?,?{SPACE}{{1,2}}\\Z", caseless=True)
_DIGITS_BEFORE = exact("[0-9]{2}[ .\\-]?[0-9]{2}[ .\\-]\\Z")  # a telephone number ends there, not begins a street
_NEAR = 8
_MAIL_AFTER = exact(f"[{LETTER}0-9._+\\-]{{0,60}} ?@ ?[{LETTER}0-9]")
_MAX_NUMBER = 24
_COMPLEMENT_ONLY = exact(_COMPLEMENT)


def _street(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Look back for the number, ahead for the postcode and the town; one of the two must be there."""
    if _MAIL_AFTER.match(text, match.end()):  # `mail zoe@example.fr`
        return
    number = None
    if text[max(0, match.start() - 1) : match.start()].isspace():
        number = _NUMBER_BEFORE.search(text, max(0, match.start() - _MAX_NUMBER), match.start())
        if number is not None and _DIGITS_BEFORE.search(text, max(0, number.start() - _NEAR), number.start()):
            number = None
    end = _END.match(text, match.end()) or _PLAIN_END.match(text, match.end())
    if end is None and (number is None or match["first"].casefold() in _NOT_A_STREET):
        return
    last = end or _COMPLEMENT_ONLY.match(text, match.end())
    yield Finding(
        number.start() if number else match.start(),
        last.end() if last else match.end(),
        EntityType.ADDRESS,
        0.9 if number and end else 0.85,
        "postcode" if end else "shape",
    )


def _postcode(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    yield Finding(*match.span("town"), EntityType.ADDRESS, 0.6, "postcode")


_COMMUNE_WORD = f"[{LETTER}]{{1,30}}"
_COMMUNE = exact(f"{_COMMUNE_WORD}(?:[ {APOSTROPHE}\\-]{{1,2}}{_COMMUNE_WORD}){{0,5}}")
_COMMUNE_BEFORE = exact(f"(?<![{LETTER}]){_COMMUNE_WORD}(?:[ {APOSTROPHE}\\-]{_COMMUNE_WORD}){{0,6}}(?= ?,? ?[(]?\\Z)")
_WORD_ENDS = exact(f"[ {APOSTROPHE}\\-]+")
_CEDEX_AFTER = exact(_CEDEX)
_DISTRICT_AFTER = exact(f"{SPACE}(?:[1-9]|1[0-9]|20)(?![0-9]|{SPACE}?[0-9])(?:er|e|ème)?")
_FARTHEST = 48


def _commune(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the longest run of words, after the postcode or before it, that the official list has under it."""
    if not is_postcode(match["code"]):
        return
    after = _COMMUNE.match(text, match.end())
    if after is not None:
        for end in _ends(after[0]):
            if not after[0][:end].casefold().endswith("cedex") and serves(match["code"], after[0][:end]):
                last = after.start() + end
                cedex = _CEDEX_AFTER.match(text, last) or _DISTRICT_AFTER.match(text, last)
                yield Finding(match.start(), cedex.end() if cedex else last, EntityType.ADDRESS, 0.9, "commune")
                return
    before = _COMMUNE_BEFORE.search(text, max(0, match.start() - _FARTHEST), match.start())
    if before is not None:
        for start in (0, *(gap.end() for gap in _WORD_ENDS.finditer(before[0]))):
            if serves(match["code"], before[0][start:]):
                yield Finding(before.start() + start, match.end("code"), EntityType.ADDRESS, 0.9, "commune")
                return


def _ends(words: str) -> list[int]:
    return [len(words), *(gap.start() for gap in reversed(list(_WORD_ENDS.finditer(words))))]


DETECTORS = (
    Detector(
        "street",
        EntityType.ADDRESS,
        (Rough(f"(?:{_STREET}){ROUGH_SPACE}", after="[^0-9A-Za-z]", caseless=True),),
        exact(f"(?<![{LETTER}0-9'’])(?i:{_STREET}){SPACE}{{1,2}}{_STREET_NAME}"),
        _street,
    ),
    Detector(
        "postcode-and-town",
        EntityType.ADDRESS,
        (
            Rough(f"[0-9]{{2}}(?: ?[0-9]){{3}}{ROUGH_SPACE}{{1,2}}(?:[A-Z]|[\\xc3-\\xc5])", after="[^0-9A-Za-z]"),
            Rough(f"2[AB] ?[0-9]{{3}}{ROUGH_SPACE}", after="[^0-9A-Za-z]"),
        ),
        exact(
            f"(?<![0-9{LETTER}])(?<![0-9][ .,])(?P<town>{_POSTCODE}{SPACE}{{1,2}}{_TOWN}{_CEDEX})"
            f"(?={SPACE}{{0,2}}(?:[\\n\\r,.;:)]|\\Z))"
        ),
        _postcode,
    ),
    Detector(
        "postcode-of-commune",
        EntityType.ADDRESS,
        (
            Rough(
                f"[0-9]{{5}}{ROUGH_SPACE}?(?:,|-|–)?{ROUGH_SPACE}{{0,2}}\\r?\\n?(?:[A-Za-z]|[\\xc3-\\xc5])",
                after="[^0-9A-Za-z]",
            ),
            Rough(r"[0-9]{5}\)", after="[(]"),
        ),
        exact(
            f"(?<![0-9{LETTER}])(?<![0-9][ .,])(?P<code>(?:0[1-9]|[1-8][0-9]|9[0-8])[0-9]{{3}})"
            f"(?:(?<=[(].{{5}})(?=\\))|{SPACE}?[,\\-–]?{SPACE}{{0,2}}\\r?\\n?(?=[{LETTER}]))"
        ),
        _commune,
    ),
)
