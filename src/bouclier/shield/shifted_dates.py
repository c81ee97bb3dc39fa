"""Dates moved by a number of days, in the format and the language they are written in.

A constant shift keeps every interval: an age at an event, the length of a stay. What is not a date we can write again
exactly is not moved. A month without its day moves by as many months as the days make, rounded; a year alone stays what
it is to us: no date.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

from bouclier.shield.words import fold

_MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
)
_DAYS: Final = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
)
_NUMERIC = re.compile(r"(?P<d>[0-9]{1,2})(?P<s1> ?[/.\-] ?| )(?P<m>[0-9]{1,2})(?P=s1)(?P<y>[0-9]{4}|[0-9]{2})")
_ISO = re.compile(r"(?P<y>[0-9]{4})(?P<s1>[-/.]?)(?P<m>[0-9]{2})(?P=s1)(?P<d>[0-9]{2})")
_WORDS = re.compile(
    r"(?:(?P<w>[^\W\d_]+)(?P<s0>,? ))?(?P<d>[0-9]{1,2})(?P<o>er|st|nd|rd|th|\.)?(?P<s1> (?:de )?)(?P<mw>[^\W\d_]+)"
    r"(?P<s2>,? (?:de )?)(?P<y>[0-9]{4})"
)
_MONTH_FIRST = re.compile(
    r"(?:(?P<w>[^\W\d_]+)(?P<s0>,? ))?(?P<mw>[^\W\d_]+)(?P<s1> )"
    r"(?P<d>[0-9]{1,2})(?P<o>st|nd|rd|th)?(?P<s2>,? )(?P<y>[0-9]{4})"
)
_MONTH_ONLY = re.compile(r"(?P<mw>[^\W\d_]+)(?P<s2> (?:de )?)(?P<y>[0-9]{4})")
_GERMAN, _SPANISH = 2, 3
_CENTURY_TURNS = 40
_DAYS_IN_MONTH = 30.44
_FIRST_YEAR, _LAST_YEAR = 1000, 9998


class _Language(NamedTuple):
    months: list[str]
    days: list[str]


_LANGUAGES = tuple(_Language(months.split(), days.split()) for months, days in zip(_MONTHS, _DAYS, strict=True))


def shifted(value: str, days: int) -> str | None:
    """Return a date moved by some days, written like the one given; None if it cannot be.

    >>> shifted("lundi 1er janvier 2024", 32)
    'vendredi 2 février 2024'
    """
    written = _moved(value, days)
    # What does not move back to itself would not be understood the same way twice.
    return written if written is not None and written != value and _moved(written, -days) == value else None


def _moved(value: str, days: int) -> str | None:
    if value.replace("\u202f", " ").replace("\xa0", " ").strip() != value:
        return None
    for pattern in (_ISO, _NUMERIC):
        if match := pattern.fullmatch(value):
            return _numeric(match, days, year_first=pattern is _ISO)
    for pattern in (_WORDS, _MONTH_FIRST):
        if match := pattern.fullmatch(value):
            return _in_words(match, days, month_first=pattern is _MONTH_FIRST)
    if match := _MONTH_ONLY.fullmatch(value):
        return _month(match, round(days / _DAYS_IN_MONTH) or (1 if days > 0 else -1))
    return None


def _numeric(match: re.Match[str], days: int, *, year_first: bool) -> str | None:
    year = match["y"]
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) > _CENTURY_TURNS else 2000)  # noqa: PLR2004
    moved = _plus(full, int(match["m"]), int(match["d"]), days)
    if moved is None:
        return None
    # One digit where there was one and one is enough; two elsewhere.
    padded = "0" in (match["d"][0], match["m"][0])
    alone = not padded and 1 in (len(match["d"]), len(match["m"]))
    day, month = (str(part) if alone else f"{part:02d}" for part in (moved.day, moved.month))
    new_year = f"{moved.year:04d}"[-len(year) :]
    parts = (new_year, month, day) if year_first else (day, month, new_year)
    return match["s1"].join(parts)


def _in_words(match: re.Match[str], days: int, *, month_first: bool) -> str | None:
    named = _month_of(match["mw"], match[0])
    if named is None:
        return None
    language, month = named
    moved = _plus(int(match["y"]), month + 1, int(match["d"]), days)
    if moved is None:
        return None
    before = ""
    if match["w"] is not None:
        if fold(match["w"]) not in map(fold, _LANGUAGES[language].days):
            return None
        before = _cased(_LANGUAGES[language].days[moved.weekday()], match["w"]) + match["s0"]
    new_month = _cased(_LANGUAGES[language].months[moved.month - 1], match["mw"])
    padded = match["d"].startswith("0")
    day = (f"{moved.day:02d}" if padded else str(moved.day)) + _ordinal(match["o"], moved.day, language)
    spelled = (new_month, match["s1"], day) if month_first else (day, match["s1"], new_month)
    return f"{before}{''.join(spelled)}{match['s2']}{moved.year}"


def _month(match: re.Match[str], months: int) -> str | None:
    named = _month_of(match["mw"], match[0])
    if named is None:
        return None
    language, month = named
    years, new_month = divmod(int(match["y"]) * 12 + month + months, 12)
    if not _FIRST_YEAR < years < _LAST_YEAR:
        return None
    return _cased(_LANGUAGES[language].months[new_month], match["mw"]) + match["s2"] + str(years)


def _plus(year: int, month: int, day: int, days: int) -> date | None:
    try:
        moved = date(year, month, day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return moved if _FIRST_YEAR < moved.year < _LAST_YEAR else None


def _month_of(word: str, written: str) -> tuple[int, int] | None:
    """Return the language and the number of a month, from 0; languages that share its name differ by what is around."""
    likely = _GERMAN if ". " in written else _SPANISH if " de " in written else 0
    for at in sorted(range(len(_LANGUAGES)), key=lambda at: at != likely):
        for number, name in enumerate(_LANGUAGES[at].months):
            if fold(name) == fold(word):
                return at, number
    return None


def _cased(name: str, like: str) -> str:
    if like.isupper():
        return name.upper()
    return name.capitalize() if like[0].isupper() else name


def _ordinal(given: str | None, day: int, language: int) -> str:
    if given == ".":
        return "."
    if language == 0:
        return "er" if day == 1 else ""
    if given is None:
        return ""
    if 10 < day < 14:  # noqa: PLR2004
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
