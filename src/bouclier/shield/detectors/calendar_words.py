"""Dates as people write them in French and English: one expression, and the calendar to check it against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, SPACE
from bouclier.shield.detector import exact
from bouclier.shield.validators import full_year, is_date

if TYPE_CHECKING:
    import re

MONTHS = {
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

MONTH = "|".join(sorted({*MONTHS, *map(str.upper, MONTHS), *map(str.title, MONTHS)}, key=len, reverse=True))
DAY_IN_WORDS = "|".join(sorted((word.replace("-", "[ -]") for word in _DAYS_IN_WORDS), key=len, reverse=True))
YEAR_IN_WORDS = r"(?:mil(?:le)?|deux[ -]milles?)(?:[ -](?:et|cents?|[a-zé]{2,9}(?:vingts?)?)){0,7}"
_WEEKDAY = "(?i:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"

DATE = exact(
    r"(?:(?<![0-9])(?=[0-9])(?:"
    r"(?P<d>[0-3]?[0-9])[ ]?(?P<sep>[/.|\-\u2010\u2011])[ ]?(?P<m>[01]?[0-9])[ ]?[/.|\-\u2010\u2011][ ]?"
    r"(?P<y>[0-9]{4}|[0-9]{2})(?!:?[0-9])(?![./-][0-9])"
    r"|(?P<sd>[0-3]?[0-9]) (?P<sm>[01]?[0-9]) (?P<sy>[12][0-9]{3})"
    r"|(?P<iy>[12][0-9]{3})(?P<isep>[/.-])(?P<im>[01][0-9])(?P=isep)(?P<id>[0-3][0-9])(?=[^0-9]|\Z)"
    rf"|(?P<td>[0-3]?[0-9])(?:er|ère|st|nd|rd|th)?,?{SPACE}?-?(?P<tm>{MONTH})(?![{LETTER}])\.?"
    rf"(?:,?{SPACE}{{0,2}}-?(?P<ty>[12][0-9]{{3}}|(?<=[ ]){YEAR_IN_WORDS}"
    rf"|(?<=[ ])'?[0-9]{{2}}(?![.,0-9]|{SPACE}?(?:h|:|mg|ml|ans?|%)))(?![0-9]))?"
    rf"|(?P<yf>[12][0-9]{{3}}) (?P<yfm>{MONTH})(?![{LETTER}])"
    rf")|(?<![{LETTER}])(?=[{LETTER}])(?:{_WEEKDAY},?{SPACE})?(?:"
    rf"(?P<em>{MONTH})\.?{SPACE}(?P<ed>[0-3]?[0-9])(?:st|nd|rd|th)?,?{SPACE}(?P<ey>[0-9]{{4}})"
    rf"|(?P<wd>{DAY_IN_WORDS})[ ](?P<wm>{MONTH}|[01][0-9])(?![{LETTER}])"
    rf"(?:[ ](?P<wy>[0-9]{{4}}|{YEAR_IN_WORDS}|[0-9]{{2}}(?![0-9])))?"
    rf"|(?:(?:début|fin|mi|courant)[ -])?(?P<month>{MONTH})(?![{LETTER}])\.?"
    rf"{SPACE}?[-/]?{SPACE}?(?P<year>[12][0-9]{{3}}|'?[5-9][0-9])"
    r"))(?![0-9])"
)
"""A date, day and month at least, or month and year. Two-digit years stand after a separator or a month."""

COMPACT = exact(
    r"(?<![0-9])(?:(?P<cd>[0-3][0-9])(?P<cm>[01][0-9])(?P<cy>(?:19|20)[0-9]{2}|[0-9]{2})"
    r"|(?P<zy>(?:19|20)[0-9]{2})(?P<zm>[01][0-9])(?P<zd>[0-3][0-9]))(?![0-9])"
)
"""A date without separators: only where something announces it."""

_DAY_MONTH_YEAR = tuple(
    tuple(DATE.groupindex[f"{letter}{part}"] for part in ("d", "m", "y")) for letter in ("", "t", "i", "s", "e")
)
_LONGEST = 80


def date_at(text: str, position: int) -> re.Match[str] | None:
    """Return the date that starts at a position, if the calendar has it."""
    found = DATE.match(text, position, position + _LONGEST)
    return found if found is not None and _in_calendar(found) else None


def date_within(text: str, position: int, reach: int) -> re.Match[str] | None:
    """Return the first date that starts within reach, if the calendar has it; a compact one, failing that."""
    for expression in (DATE, COMPACT):
        found = expression.search(text, position, position + reach + _LONGEST)
        if found is not None and found.start() < position + reach and _in_calendar(found):
            return found
    return None


def _in_calendar(found: re.Match[str]) -> bool:
    if found.re is COMPACT:
        day, month, year = found.group("cd", "cm", "cy") if found["cd"] else found.group("zd", "zm", "zy")
        return is_date(full_year(year), int(month), int(day))
    for groups in _DAY_MONTH_YEAR:
        day, month, year = found.group(*groups)
        if day:
            number = int(month) if month.isdigit() else MONTHS[month.casefold()]
            # Without a year, a leap year: the 29th of February counts.
            known = year is not None and year.strip("'").isdigit()
            return is_date(full_year(year.strip("'")) if known else 2024, number, int(day))
    return any(found.group("wd", "month", "yf"))
