"""Dates: of birth, where something says so; all the others, which tell one case from another beside a name.

Dates of laws and decrees are public and stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, NOT_IN_WORD, SPACE, folded
from bouclier.shield.detector import WORD_END, Detector, Rough, exact, heads
from bouclier.shield.detectors.calendar_words import (
    DAY_IN_WORDS,
    MONTHS,
    YEAR_IN_WORDS,
    date_at,
    date_within,
)
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_NOT_DIGIT = "[^0-9]"
_REACH_OF_BIRTH = 45
_BIRTH = (
    rf"(?-i:n(?:é|e\u0301)|N(?:é|e\u0301|É|E)|n(?=ee ))(?:e{{1,2}}|\(e\)|[·.•-]e|/n?ée)?(?![{LETTER}])"
    rf"|naissance|ddn|d\.d\.n|born|birth|dob|d\.o\.b|anniversaire"
)

_YEAR_OF_BIRTH = exact(
    rf"{SPACE}{{1,2}}(?:vers |circa )?(?:en|in){SPACE}{{1,2}}(?P<year>(?:19|20)[0-9]{{2}})(?![0-9]|[.,][0-9])",
    caseless=True,
)


def _birth_date(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the first date within reach of the words that announce it, if the calendar has it."""
    found = date_within(text, match.end(), _REACH_OF_BIRTH)
    if found is not None:
        yield Finding(*found.span(), EntityType.BIRTH_DATE, 0.9, "context")
        return
    year = _YEAR_OF_BIRTH.match(text, match.end())
    if year is not None:
        yield Finding(*year.span("year"), EntityType.BIRTH_DATE, 0.8, "context")


def _date_before_age(text: str, match: re.Match[str]) -> Iterator[Finding]:
    found = date_at(text, match.start())
    if found is not None and found.end() == match.end("date"):
        yield Finding(*found.span(), EntityType.BIRTH_DATE, 0.8, "context")


# Every other date ----------------------------------------------------------------------------------------------------

_LOOK_BACK = 90
_PUBLIC_TEXT = exact(
    rf"(?<![{LETTER}])(?:lois?|d(?:é|e)crets?|ordonnances?|directives?|r(?:è|e)glements?|constitution"
    rf"|convention collective"
    r"|circulaires?|avenants?|trait(?:é|e)s?|laws?|acts?|regulations?|statutes?)(?: [^.;\n]{0,60}?)? "
    r"(?:du|of|on|dated|en date du) ?(?:the )?\Z",
    caseless=True,
)
_BEFORE_A_PUBLIC_DATE = ("du", "of", "on", "dated", "the")
_RANGE = exact(
    rf"(?<![0-9{LETTER}.,/])(?P<first>(?:[0-3]?[0-9](?:er|st|nd|rd|th)?(?:{SPACE}(?:{'|'.join(MONTHS)}))?"
    rf"|(?:{'|'.join(MONTHS)})))"
    rf"{SPACE}?(?:au|et|and|to|[àa]|-|–|[/]){SPACE}?(?:le |the )?\Z",
    caseless=True,
)
_BEFORE_A_SECOND_DATE = ("au", "et", "and", "to", "à", "a", "-", "–", "/", "le", "the")
_UNSURE_BEFORE = exact(
    r"(?:\b(?:TA|PA|EVA|EN|HbA1c|score|glasgow|MMSE?|ZMS|BREF|page|pages|p\.|version|v\.?|art\.?|article"
    r"|chapitre|n°|no\.?|sur|"
    r"stade|grade|dose|ratio|T[0-4]|AV|OD|OG)[ :=]{0,3}|[0-9][.,/-]|[€$£%])\Z",
    caseless=True,
)
_DATED_BEFORE = exact(
    r"(?:\b(?:le|du|au|dès|depuis|avant|après|jusqu['’]au|date|on|since|rdv|consult(?:ation)?"
    r"|[CDSJ][0-9]{1,2}|phase [0-9])[ :]{1,3}|[(\[])\Z",
    caseless=True,
)
_MEASURED_AFTER = exact(
    r" ?(?:mg|g\b|ml|mm|cm|kg|%|€|euros?|km|°|l\b|/[0-9]|[.,:][0-9]|h\b|ans?\b|mois\b|points?|fois)", caseless=True
)


def is_public_date(text: str, start: int) -> bool:
    """Say whether a date that starts there is that of a law, a decree or a treaty."""
    return (
        # A glance first: to look back from every date costs more than to find it.
        text[max(0, start - 8) : start].rstrip(" ").lower().endswith(_BEFORE_A_PUBLIC_DATE)
        and _PUBLIC_TEXT.search(text, max(0, start - _LOOK_BACK), start) is not None
    )


def _with_range(text: str, start: int, end: int, confidence: float) -> Iterator[Finding]:
    """Yield a date, and the day before it in « du 18 au 29 mars »."""
    yield Finding(start, end, EntityType.DATE, confidence, "calendar")
    before = text[max(0, start - 8) : start].rstrip().lower()
    if not before.endswith(_BEFORE_A_SECOND_DATE):
        return
    first = _RANGE.search(text, max(0, start - 24), start)
    if first is not None:
        yield Finding(*first.span("first"), EntityType.DATE, 0.6, "range")


def _numeric(text: str, match: re.Match[str]) -> Iterator[Finding]:
    found = date_at(text, match.start())
    if found is not None and (found["sd"] or found["iy"] or found["y"]):
        # Three numbers of one or two digits apart by points are as often a version or a section.
        dotted = found["sep"] == "." and len(found["y"] or "") == 2 and len(found["d"] + found["m"]) < 4  # noqa: PLR2004
        if not dotted and not is_public_date(text, found.start()):
            yield from _with_range(text, *found.span(), 0.75)
        return
    day = _DAY_AND_MONTH.match(text, match.start())
    if (
        day is None
        or _MEASURED_AFTER.match(text, day.end())
        or not 1 <= int(day["m"]) <= 12  # noqa: PLR2004
        or not 1 <= int(day["d"]) <= 31  # noqa: PLR2004
    ):
        return
    before = max(0, match.start() - 24)
    named = _DATED_BEFORE.search(text, before, match.start())
    if (named or (day["sep"] == "/" and len(day["d"]) + len(day["m"]) == 4)) and not _UNSURE_BEFORE.search(  # noqa: PLR2004
        text, before, match.start()
    ):
        yield from _with_range(text, *day.span(), 0.6)


_DAY_AND_MONTH = exact(r"(?P<d>[0-3]?[0-9]) ?(?P<sep>[/|-]) ?(?P<m>[01]?[0-9])(?![0-9])(?! ?[/|-] ?[0-9])")

_DAY_BEFORE = exact(
    rf"(?:(?<![0-9{LETTER}.,/])[0-3]?[0-9](?:er|st|nd|rd|th)?(?: of)?,?{SPACE}?-?"
    rf"|(?<![{LETTER}])(?i:{DAY_IN_WORDS}){SPACE}"
    rf"|(?<![0-9])[12][0-9]{{3}}{SPACE}|(?<![{LETTER}])(?i:d(?:é|e)but|fin|mi|courant|early|late|mid)[ -])\Z"
)
_WEEKDAY_BEFORE = exact(
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day),? \Z",
    caseless=True,
)
_WEEKDAY_ENDS = ("di ", "he ", "ay ", "di, ", "he, ", "ay, ")
_MONTH_AFTER = exact(
    r"\b(?:en|depuis|d(?:é|e)but|fin|mi|courant|de|jusqu['’]en|d(?:è|e)s|in|since|until|early|late|mid|by"
    r"|mois de|mois d['’])[ -]\Z",
    caseless=True,
)
_UNMISTAKABLE = frozenset(month for month in MONTHS if len(month) > 3) - {"mars", "march", "sept", "août", "aout"}  # noqa: PLR2004


def _named_month(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start = match.start()
    near = text[max(0, start - 2) : start]
    # After a number and one sign, a day of one or two digits or a year: no need to look further.
    reach = 6 if near[:1].isdigit() and not near[1:].isalnum() else 16
    before = _DAY_BEFORE.search(text, max(0, start - reach), start)
    found = date_at(text, before.start()) if before is not None else None
    if found is None or found.end() < match.end():
        found = date_at(text, start)
    if found is not None and found.end() >= match.end():
        first = found.start()
        if text[max(0, first - 4) : first].lower().endswith(_WEEKDAY_ENDS):
            weekday = _WEEKDAY_BEFORE.search(text, max(0, first - 12), first)
            first = weekday.start() if weekday else first
        if not is_public_date(text, found.start()):
            yield from _with_range(text, first, found.end(), 0.75)
        return
    word = match[0].casefold()
    lead = _MONTH_AFTER.search(text, max(0, start - 12), start)
    if lead is not None and (
        word in _UNMISTAKABLE or (word in {"mars", "août"} and lead[0][:2].casefold() in {"en", "de", "fi"})
    ):
        whole = (
            lead.start()
            if lead[0][:3].casefold() in {"déb", "deb", "fin", "mi-", "mi ", "ear", "lat", "mid"}
            else start
        )
        yield Finding(whole, match.end(), EntityType.DATE, 0.55, "month")


_SEASONS = (
    "fin", "début", "mi", "été", "hiver", "printemps", "automne", "summer", "winter", "spring", "autumn", "late",
    "early", "mid",
)  # fmt: skip
_BEFORE_YEARS = (
    "en", "depuis", "de", "datée", "année", "années", "avant", "après", "jusqu'en", "vers", "entre", "dès", "courant",
    "promotion", "in", "since", "until", "by", "before", "after", "during", "between", "from", "of", "circa", "year",
    "and", "et", "à",
)  # fmt: skip
_YEAR = "(?:19|20)[0-9]{2}"
_WORDS_OF_YEARS = "|".join(folded(word) for word in sorted((*_SEASONS, *_BEFORE_YEARS), key=len, reverse=True))
_NO_MEASURE = r"(?![0-9])(?![.,][0-9])(?! ?(?:€|euros?|%|km|mg|[0-9]{3}(?![0-9])))"
_SEASON = exact("|".join(folded(word) for word in _SEASONS), caseless=True)


def _year(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """A year counts where the words around it make it one."""
    start = match.start("year")
    if not is_public_date(text, start):
        season = match["word"] is not None and _SEASON.fullmatch(match["word"]) is not None
        yield Finding(match.start("word") if season else start, match.end("year"), EntityType.DATE, 0.5, "context")
        if match["last"]:
            yield Finding(*match.span("last"), EntityType.DATE, 0.5, "context")


def _year_in_words(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if match[0].count(" ") + match[0].count("-") > 1:
        yield Finding(*match.span(), EntityType.DATE, 0.6, "words")


def _day_in_words(text: str, match: re.Match[str]) -> Iterator[Finding]:
    before = _WORD_BEFORE.search(text, max(0, match.start() - 16), match.start())
    if before is not None:
        yield Finding(before.start(), match.end(), EntityType.DATE, 0.75, "calendar")


_WORD_BEFORE = exact(rf"(?<![{LETTER}])(?:{DAY_IN_WORDS}) \Z", caseless=True)


def _boxed(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    digits = match[0].replace(" ", "").replace(".", "").replace("/", "")
    first, second = sorted((int(digits[:2]), int(digits[2:4])))
    if 1 <= first <= 12 and second <= 31:  # noqa: PLR2004 -- day and month, in either order
        yield Finding(*match.span(), EntityType.DATE, 0.6, "boxes")


_MONTH_WORDS = sorted({*MONTHS}, key=len, reverse=True)

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
        (Rough(r"[0-3]?[0-9][/.\-|][01]?[0-9][/.\-|][12][0-9]", after=_NOT_DIGIT),),
        exact(
            r"(?<![0-9])(?P<date>[0-3]?[0-9][/.\-|][01]?[0-9][/.\-|][12][0-9]{3})"
            r"(?=[ ]?,?[ ]?\(?[ ]?[0-9]{1,3}[ ]?ans?\b)"
        ),
        _date_before_age,
    ),
    Detector(
        "date-in-numbers",
        EntityType.DATE,
        (
            Rough(r"[0-9]{1,2} ?[/|\-] ?[0-9]", after=_NOT_DIGIT),
            Rough(r"[0-9]{1,2} ?\. ?[0-9]{1,2} ?\. ?[0-9]", after=_NOT_DIGIT),
            Rough("[0-9]{1,2} [0-9]{1,2} [12][0-9]", after=_NOT_DIGIT),
            Rough("[12][0-9]{3}[/.-][01]", after=_NOT_DIGIT),
        ),
        exact(
            r"(?<![0-9])(?<![0-9][./-])(?:(?=[0-3]?[0-9] ?[/|\-] ?[01]?[0-9])"
            r"|(?=[0-3]?[0-9] ?\. ?[01]?[0-9] ?\. ?[0-9])"
            r"|(?<![0-9] )(?=[0-3]?[0-9] [01]?[0-9] [12][0-9]{3}(?![0-9]))|(?=[12][0-9]{3}[/.-][01][0-9][/.-][0-3]))"
        ),
        _numeric,
    ),
    Detector(
        "date-with-month",
        EntityType.DATE,
        tuple(
            Rough(f"{folded(month)}{WORD_END}", after="[^A-Za-z]", caseless=True)
            for month in sorted(
                {_.translate(str.maketrans("éû", "eu")) for _ in MONTHS}
                | {"février", "févr", "fév", "août", "décembre", "déc"}
            )
        ),
        exact(rf"(?<![{LETTER}])(?:{'|'.join(_MONTH_WORDS)})(?![{LETTER}])", caseless=True),
        _named_month,
    ),
    Detector(
        "year",
        EntityType.DATE,
        (
            Rough(f"(?:{_WORDS_OF_YEARS})[ -]{_YEAR}", after="[^A-Za-z]", caseless=True),
            Rough(f"[(\\[]{_YEAR}[)\\]]"),
            Rough(f"{_YEAR} ?(?:-|–|/|à|et|and|to|[jfmasond])", after=_NOT_DIGIT, caseless=True),
        ),
        exact(
            rf"(?:(?<![{LETTER}])(?P<word>{_WORDS_OF_YEARS})[ -]|(?=[(\[]{_YEAR}[)\]])[(\[]"
            rf"|(?<![0-9.,])(?={_YEAR} ?(?:[-–/]|à|et|and|to) ?(?:{_YEAR}(?![0-9])"
            rf"|(?:{'|'.join(MONTHS)})(?![{LETTER}]))))"
            rf"(?P<year>{_YEAR}){_NO_MEASURE}(?: ?(?:[-–/]|à|et|and|to) ?(?P<last>{_YEAR}){_NO_MEASURE})?",
            caseless=True,
        ),
        _year,
    ),
    Detector(
        "date-with-day-in-words",
        EntityType.DATE,
        (Rough("[01][0-9] (?:19|20)[0-9]{2}", after=" "),),
        exact(r"(?<= )[01][0-9] (?:19|20)[0-9]{2}(?![0-9])"),
        _day_in_words,
    ),
    Detector(
        "year-in-words",
        EntityType.DATE,
        (*heads("mil neuf cent", "mille neuf cent", "deux mil", "deux-mil", caseless=True),),
        exact(rf"(?<![{LETTER}])(?=(?:mille? neuf cent|deux[ -]mil)){YEAR_IN_WORDS}(?![{LETTER}])", caseless=True),
        _year_in_words,
    ),
    Detector(
        "date-in-boxes",
        EntityType.DATE,
        (Rough("[0-9] [0-9] (?:[./] )?[0-9] [0-9] (?:[./] )?[0-9] [0-9]", after=_NOT_DIGIT),),
        exact(
            r"(?<![0-9])(?<![0-9] )[0-3] [0-9] (?:[./] )?[0-3] [0-9] (?:[./] )?(?:1 9|2 0)(?: [0-9]){1,2}(?! ?[0-9])"
        ),
        _boxed,
    ),
)
