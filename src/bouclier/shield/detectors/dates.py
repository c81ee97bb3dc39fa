"""Dates of birth: a date of the calendar near the words that announce it, or before an age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, NOT_IN_WORD, SPACE
from bouclier.shield.detector import Detector, Rough, exact, heads
from bouclier.shield.validators import full_year, is_date
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "january": 1, "février": 2, "fevrier": 2, "févr": 2, "fév": 2, "fev": 2,
    "february": 2, "feb": 2, "mars": 3, "mar": 3, "march": 3, "avril": 4, "avr": 4, "april": 4, "apr": 4, "mai": 5,
    "may": 5, "juin": 6, "june": 6, "jun": 6, "juillet": 7, "juil": 7, "july": 7, "jul": 7, "août": 8, "aout": 8,
    "august": 8, "aug": 8, "septembre": 9, "september": 9, "sept": 9, "sep": 9, "octobre": 10, "october": 10,
    "oct": 10, "novembre": 11, "november": 11, "nov": 11, "décembre": 12, "decembre": 12, "december": 12, "déc": 12,
    "dec": 12,
}  # fmt: skip
_DAYS_IN_WORDS = (
    "premier", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt", "vingt-et-un", "vingt-deux",
    "vingt-trois", "vingt-quatre", "vingt-cinq", "vingt-six", "vingt-sept", "vingt-huit", "vingt-neuf", "trente",
    "trente-et-un",
)  # fmt: skip
_MONTH = "|".join(sorted({*_MONTHS, *map(str.upper, _MONTHS), *map(str.title, _MONTHS)}, key=len, reverse=True))
_DAY_IN_WORDS = "|".join(sorted((word.replace("-", "[ -]") for word in _DAYS_IN_WORDS), key=len, reverse=True))
_YEAR_IN_WORDS = r"(?:mil(?:le)?|deux[ -]mille?)(?:[ -](?:et|cents?|[a-zé]{2,8}(?:vingts?)?)){0,7}"
_DATE = exact(
    r"(?:(?<![0-9])(?=[0-9])(?:"
    r"(?P<d>[0-3]?[0-9])(?P<sep>[ ]?[/.|\-\u2010\u2011 ][ ]?)(?P<m>[01]?[0-9])(?P=sep)(?P<y>[0-9]{4}|[0-9]{2})"
    r"|(?P<iy>[0-9]{4})(?P<isep>[/.-]?)(?P<im>[01][0-9])(?P=isep)(?P<id>[0-3][0-9])"
    r"|(?P<cd>[0-3][0-9])(?P<cm>[01][0-9])(?P<cy>[0-9]{4})"
    rf"|(?P<td>[0-3]?[0-9])(?:er|ère|st|nd|rd|th)?,?{SPACE}?(?P<tm>{_MONTH})\.?,?{SPACE}{{0,2}}(?P<ty>[0-9]{{4}})"
    rf")|(?<![{LETTER}])(?=[{LETTER}])(?:"
    rf"(?P<em>{_MONTH})\.?{SPACE}(?P<ed>[0-3]?[0-9])(?:st|nd|rd|th)?,?{SPACE}(?P<ey>[0-9]{{4}})"
    rf"|(?P<wd>{_DAY_IN_WORDS})[ ](?P<wm>{_MONTH})[ ](?P<wy>[0-9]{{4}}|{_YEAR_IN_WORDS})"
    rf"|(?P<month>{_MONTH}){SPACE}(?P<year>[0-9]{{4}})"
    r"))(?![0-9])"
)
_DATE_LETTERS = ("", "i", "c", "t", "e")
_BIRTH_REACH = 45
_BIRTH = (
    rf"(?-i:n(?:é|e\u0301)|N(?:é|e\u0301|É|E)|n(?=ee ))(?:e{{1,2}}|\(e\)|[·.•-]e|/n?ée)?(?![{LETTER}])"
    rf"|naissance|ddn|d\.d\.n|born|birth|dob|d\.o\.b|anniversaire"
)


def _calendar_date(found: re.Match[str]) -> bool:
    if found["wd"] or found["month"]:
        return True
    for letter in _DATE_LETTERS:
        if found[f"{letter}d"]:
            month = found[f"{letter}m"]
            number = int(month) if month.isdigit() else _MONTHS[month.casefold()]
            return is_date(full_year(found[f"{letter}y"]), number, int(found[f"{letter}d"]))
    return False


def _birth_date(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the first date within reach of the words that announce it, if the calendar has it."""
    reach = match.end() + _BIRTH_REACH
    found = _DATE.search(text, match.end(), reach + 40)
    if found is not None and found.start() < reach and _calendar_date(found):
        yield Finding(*found.span(), EntityType.BIRTH_DATE, 0.9, "context")


def _date_before_age(text: str, match: re.Match[str]) -> Iterator[Finding]:
    found = _DATE.match(text, match.start())
    if found is not None and found.end() == match.end("date") and _calendar_date(found):
        yield Finding(*found.span(), EntityType.BIRTH_DATE, 0.8, "context")


DETECTORS = (
    Detector(
        "birth-date",
        EntityType.BIRTH_DATE,
        (
            *(Rough(head, after="[^A-Za-z]") for head in ("né", "Né", "NÉ", "NE", "ne\u0301", "Ne\u0301", "nee ")),
            *heads("naissance", "ddn", "d.d.n", "born", "birth", "dob", "d.o.b", "anniversaire", caseless=True),
        ),
        exact(f"{NOT_IN_WORD}(?:{_BIRTH})", caseless=True),
        _birth_date,
    ),
    Detector(
        "date-before-age",
        EntityType.BIRTH_DATE,
        (Rough(r"[0-3]?[0-9][/.\-|][01]?[0-9][/.\-|][12][0-9]", after="[^0-9]"),),
        exact(
            r"(?<![0-9])(?P<date>[0-3]?[0-9][/.\-|][01]?[0-9][/.\-|][12][0-9]{3})"
            r"(?=[ ]?,?[ ]?\(?[ ]?[0-9]{1,3}[ ]?ans?\b)"
        ),
        _date_before_age,
    ),
)
