"""Ages of somebody: `72 ans` after a name, `âgé de 34 ans`, `a 34-year-old`, `nourrisson de 3 mois`; and minors.

A duration is not an age: `un délai de 5 ans`. Nor is a limit of age: `âgé de plus de 16 ans`, `16 ans révolus`. An age
under eighteen also tells a minor. A date of birth cannot: what day it is, is not for a detector to know.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, NOT_IN_WORD, ROUGH_SPACE, SPACE, UPPER
from bouclier.shield.detector import Detector, Rough, exact, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

MAJORITY_YEARS = 18
_OLDEST_YEARS = 122  # nobody is known to have lived longer
_MONTHS_SAID = 36  # beyond, ages are told in years

_ONES = (
    "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}
_IN_WORDS = {word: number for number, word in enumerate(_ONES, 1)}
for _ten, _base in _TENS.items():
    _IN_WORDS[_ten] = _base
    for _number, _one in enumerate(_ONES[: 19 if _base in {60, 80} else 9], 1):
        _IN_WORDS[f"{_ten}-{_one}"] = _IN_WORDS[f"{_ten} {_one}"] = _base + _number
        if _number in {1, 11}:
            _IN_WORDS[f"{_ten} et {_one}"] = _IN_WORDS[f"{_ten}-et-{_one}"] = _base + _number
_IN_WORDS["quatre-vingts"] = 80
_NUMBERS = f"[0-9]{{1,3}}|{'|'.join(sorted(_IN_WORDS, key=len, reverse=True))}"

# What makes an age a limit, or a span of time.
_LIMIT = (
    rf"(?!{SPACE}(?:r[ée]volus?|(?:et|ou|and|or){SPACE}(?:plus|moins|over|older|under|above|more|less|younger)"
    rf"|au{SPACE}(?:moins|plus)|accomplis|de{SPACE}(?:prison|r[ée]clusion|d[ée]tention|service|carri[èe]re)"
    rf"|d['\u2019](?:emp|anc|exp|int|ass|[ée]t))|{SPACE}?[\-\u2013]{SPACE}?[0-9]|{SPACE}(?:to|à){SPACE}[0-9])"
)
_PEOPLE = (
    "homme|femme|patiente?|enfant|gar[çc]on|fille|fillette|fils|b[ée]b[ée]|nourrisson|adolescente?|jeune|[ée]l[èe]ve|"
    "m[èe]re|p[èe]re|fr[èe]re|s(?:œ|oe)ur|mari|[ée]pouse|[ée]poux|conjointe?|dame|monsieur|mineure?|victime|"
    "sujet|pr[ée]venue?|salari[ée]e?|retrait[ée]e?|neveu|ni[èe]ce|cousine?|a[îi]n[ée]e?|cadette?|jumeaux|"
    "[ée]tudiante?|individu|personne|H|F"
)
_SOMEBODY = exact(
    rf"(?<![{LETTER}])(?:{_PEOPLE})(?:{SPACE}(?!moins|plus|d[eè]s|avant|est|sont|puni)(?:[{LETTER}\-]{{2,20}})){{0,2}}{SPACE}de{SPACE}\Z",
    caseless=True,
)
_SOMEBODY_IS = exact(
    rf"(?<![{LETTER}])(?:j['\u2019]ai|(?:il|elle|qui|et|fils|fille|enfant|m[èe]re|p[èe]re|s(?:œ|oe)ur|fr[èe]re|femme|"
    rf"mari|b[ée]b[ée]|conjointe?|patiente?|[A-Z][{LETTER}\-]{{1,30}}){SPACE}(?:a|avait|aura)|ayant|f[êe]t[ée]{SPACE}ses)"
    rf"{SPACE}\Z",
    caseless=True,
)
_NAMED = exact(rf"(?<![{LETTER}])(?P<name>[{UPPER}][{LETTER}\-]{{1,30}})(?:,{SPACE}?|{SPACE}?\({SPACE}?)\Z")
_DATED = exact(r"[0-9]{4}(?:, ?| ?\( ?)\Z")
_DURATIONS = "durée délai garantie peine contrat mandat prison bail période expérience engagement sursis ancienneté cdd"
_NOT_NAMES = frozenset(_DURATIONS.split())
_SAID_WHOLE = exact(
    rf"{SPACE}?(?:[).,;:\n\r]|\Z|{SPACE}(?:et|mais|aujourd|maintenant|au{SPACE}moment|le{SPACE}|en{SPACE}))"
)
_THINGS = exact(
    r"[ -](?:building|contract|company|house|car|dispute|agreement|firm|war|school|tradition|programme?|project|policy|"
    r"system|law|plan|record|wine|tree|church|bridge)",
    caseless=True,
)
_REACH = 60


def _ages(match: re.Match[str]) -> Iterator[Finding]:
    """Yield the age that a match says, and that it is a minor's."""
    said = match["n"].lower()
    number = int(said) if said.isdigit() else _IN_WORDS[said]
    unit = match.groupdict().get("old") or match["unit"] or "years"
    in_years = unit.lstrip(" -")[:1].lower() in {"a", "y"}
    if number > (_OLDEST_YEARS if in_years else _MONTHS_SAID):
        return
    span = match.start("n"), match.end()
    yield Finding(*span, EntityType.AGE, 0.8, "context")
    if not in_years or number < MAJORITY_YEARS:
        yield Finding(*span, EntityType.MINOR, 0.8, "age")


def _announced(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    yield from _ages(match)


def _numbered(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take a number of years or months where a person stands before it, or where it can only be an age."""
    start, end = match.span()
    if match["old"]:
        if not _THINGS.match(text, end):
            yield from _ages(match)
        return
    if match["unit"][0] not in "aA" and not stands_before(text, start, _SOMEBODY, within=_REACH):
        return
    named = _NAMED.search(text, max(0, start - _REACH), start)
    if (
        stands_before(text, start, _SOMEBODY, within=_REACH)
        or (stands_before(text, start, _SOMEBODY_IS, within=_REACH) and _SAID_WHOLE.match(text, end))
        or (named is not None and named["name"].casefold() not in _NOT_NAMES and _SAID_WHOLE.match(text, end))
        or (_DATED.search(text, max(0, start - 10), start) is not None)
    ):
        yield from _ages(match)


_AGED = (
    rf"(?:[âÂa]|a\u0302)g(?:[éÉ]|e\u0301|ee)e?(?:\(e\))?{SPACE}(?:alors{SPACE}|aujourd['\u2019]hui{SPACE}|seulement{SPACE})?"
    rf"(?:de|d['\u2019]){SPACE}?(?P<n>{_NUMBERS}){SPACE}(?P<unit>ans?|mois)"
)
_FIELD = (
    rf"(?:aged{SPACE}(?:about{SPACE}|only{SPACE})?|(?:[âÂa]|a\u0302)ge{SPACE}?[:=]{SPACE}?)"
    rf"(?P<n>[0-9]{{1,3}}(?![0-9.,]?[0-9]))(?:{SPACE}(?P<unit>ans?|mois|years|months)(?![{LETTER}])|(?!{SPACE}(?:years|months)))"
)
DETECTORS = (
    Detector(
        "age-announced",
        EntityType.AGE,
        tuple(
            Rough(head, after="[^A-Za-z]", caseless=True)
            for head in map("".join, product(("a", "â", "Â", "a\u0302"), ("g",), ("é", "É", "e\u0301", "ee")))
        ),
        exact(rf"{NOT_IN_WORD}{_AGED}(?![{LETTER}]){_LIMIT}", caseless=True),
        _announced,
    ),
    Detector(
        "age-field",
        EntityType.AGE,
        tuple(
            Rough(f"{head}{following}", after="[^A-Za-z]", caseless=True)
            for head, following in (
                ("aged", ROUGH_SPACE),
                *product(("âge", "Âge", "age", "a\u0302ge"), ("[:=]", f"{ROUGH_SPACE}[:=]")),
            )
        ),
        exact(rf"{NOT_IN_WORD}{_FIELD}{_LIMIT}", caseless=True),
        _announced,
    ),
    Detector(
        "age-numbered",
        EntityType.AGE,
        (
            Rough(
                "[0-9]{1,3}(?:-|[ \t]|\u00a0|\u2007|\u2009|\u202f)(?:an|mois|year|month|yo)",
                after="[^0-9]",
                caseless=True,
            ),
        ),
        exact(
            rf"(?<![0-9.,/])(?P<n>[0-9]{{1,3}})"
            rf"(?:{SPACE}(?P<unit>ans?|mois)|(?P<old>[ \-](?:(?:years?|months?)[ \-]old|yo)))(?![{LETTER}]){_LIMIT}",
            caseless=True,
        ),
        _numbered,
    ),
)
