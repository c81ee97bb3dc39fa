"""Numbers that European states give to persons: announced by a word, or of a shape that says enough by itself.

Most are a run of digits like any other. So they are looked for from the words that announce them, which are rare and
cost nothing to find: shortly after the word, then from one number to the next as in a column, or just before it, as in
`85073001231 (PESEL)`. Beside its word, a number that fails its check is still found, with less confidence. Without
a word, only shapes with letters or punctuation of their own are looked at, and only a check confirms them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.characters import ROUGH_SEPARATOR, SEPARATOR, SEPARATORS
from bouclier.shield.checks_european import confirming_check
from bouclier.shield.context_words import announced_by, roughs_of, word_key
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.shield.detectors.national_number_table import ANY_COUNTRY, ANY_COUNTRY_HINTS, SCHEMES, Scheme
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_REACH = 50  # from the end of a word, or of a number, to the start of the next number
_LONGEST = 60
_BACK = 40
_CHECKED, _UNCHECKED, _FAILED, _ALONE = 0.95, 0.6, 0.5, 0.9

_DASHES = "\u2010\u2011\u2012\u2013"
_BARE = str.maketrans(dict.fromkeys(f"{SEPARATORS}/+", ""))
_PLAIN_DASHES = str.maketrans(dict.fromkeys(_DASHES, "-"))
_SIGNS = "+-"

# What may stand between a word and a number that no check confirms: no other number, no end of a sentence or a list.
_NOT_ITS_NUMBER = exact(r"[0-9]|\n\s*\n|[.!?]\s{1,9}[A-ZÀ-Þ]|\n.*\n")
_MAY_START = exact("(?<![0-9A-Za-z])(?=[^0-9]{0,15}[0-9])[0-9A-Za-z]")
_BETWEEN_BEHIND = exact(r"[ \t]?[(\[,–-]?[ \t]?\Z")


class _Announced(NamedTuple):
    """One number a word may announce.

    Attributes:
        scheme: Its entry of the table.
        hint: Whether only a number that passes its check counts.
    """

    scheme: Scheme
    hint: bool


@cache
def _shape(scheme: Scheme) -> re.Pattern[str]:
    """Return the shape of a number, with what must not stand around it; most are never needed."""
    return exact(f"(?<![0-9A-Za-z]){scheme.shape}(?![0-9A-Za-z])")


def _by_word() -> dict[str, tuple[_Announced, ...]]:
    found: dict[str, dict[Scheme, _Announced]] = {}
    for scheme in SCHEMES:
        for words, hint in ((scheme.words, False), (scheme.hints, True)):
            for word in words:
                found.setdefault(word_key(word), {})[scheme] = _Announced(scheme, hint)
        if scheme.checks and scheme.country != "US":  # most numbers of nine digits are valid there
            for words, hint in ((ANY_COUNTRY, False), (ANY_COUNTRY_HINTS, True)):
                for word in words:
                    found.setdefault(word_key(word), {})[scheme] = _Announced(scheme, hint)
    return {word: tuple(schemes.values()) for word, schemes in found.items()}


_BY_WORD = _by_word()
_WORDS = tuple({
    word for one in SCHEMES for word in (*one.words, *one.hints)
} | {*ANY_COUNTRY, *ANY_COUNTRY_HINTS})  # fmt: skip


def _announced(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Follow a word to its numbers, all of one kind; the chain ends where the same word announces again."""
    candidates = _BY_WORD[word_key(match["word"])]
    position, word = match.end(), match["word"].lower()
    found = _next_checked(text, position, candidates)
    if found is None:
        likely = _just_before(text, match.start(), candidates) or _likely(text, position, candidates)
        if likely is not None:
            yield likely
        return
    while found is not None:
        yield found
        kind, position = found.validated_by, found.end
        same = tuple(one for one in candidates if kind in one.scheme.checks)
        found = _next_checked(text, position, same)
        if found is not None and (found.validated_by != kind or word in text[position : found.start].lower()):
            return


def _next_checked(text: str, position: int, candidates: tuple[_Announced, ...]) -> Finding | None:
    """Return the first, then longest, number that starts within reach and passes its check."""
    for start in _starts(text, position):
        best: Finding | None = None
        for scheme, _ in candidates:
            match = _shape(scheme).match(text, start) if scheme.checks else None
            if match is None or (best is not None and match.end() <= best.end):
                continue
            check = _check(match[0], scheme)
            if check is not None:
                best = Finding(*match.span(), EntityType.NATIONAL_ID, _CHECKED, check)
        if best is not None:
            return best
    return None


def _just_before(text: str, position: int, candidates: tuple[_Announced, ...]) -> Finding | None:
    for candidate in candidates:
        for match in _shape(candidate.scheme).finditer(text, max(0, position - _BACK), position):
            if _BETWEEN_BEHIND.fullmatch(text, match.end(), position):
                check = _check(match[0], candidate.scheme) if candidate.scheme.checks else None
                if check is not None:
                    return Finding(*match.span(), EntityType.NATIONAL_ID, _CHECKED, check)
    return None


def _likely(text: str, position: int, candidates: tuple[_Announced, ...]) -> Finding | None:
    """Return the first number of a right shape, then the longest, if it is the first number at all."""
    for start in _starts(text, position):
        if _NOT_ITS_NUMBER.search(text, position, start):
            return None
        ends = [
            (match.end(), _FAILED if scheme.checks else _UNCHECKED)
            for scheme, hint in candidates
            if not hint and (match := _shape(scheme).match(text, start))
        ]
        if ends:
            end, confidence = max(ends)
            return Finding(start, end, EntityType.NATIONAL_ID, confidence, "context")
    return None


def _starts(text: str, position: int) -> Iterator[int]:
    """Yield where a number may start within reach: at a letter or digit that begins a word, with digits soon after."""
    for match in _MAY_START.finditer(text, position, position + _REACH + _LONGEST):
        if match.start() > position + _REACH:
            return
        yield match.start()


def _check(written: str, scheme: Scheme) -> str | None:
    return confirming_check(_normalised(written, scheme.signs), scheme.checks)


def _normalised(written: str, signs: str) -> str:
    if not signs:
        return written.translate(_BARE).upper()
    plain = written.translate(_PLAIN_DASHES)
    return "".join(char for char in plain if char.isalnum() or char in signs).upper()


class _Shape(NamedTuple):
    """Numbers that need no word: what they look like, and what confirms them.

    Attributes:
        name: Of the detector.
        rough: Its rough expressions.
        expression: Its exact expression, without what must not stand around it.
        checks: Names of checks, one of which must pass.
        signs: Separators that mean something and are given to the check.
        confidence: Of the findings.
    """

    name: str
    rough: tuple[str, ...]
    expression: str
    checks: tuple[str, ...]
    signs: str = ""
    confidence: float = _ALONE


def _alone(shape: _Shape) -> Detector:
    def examine(_text: str, match: re.Match[str]) -> Iterator[Finding]:
        check = confirming_check(_normalised(match[0], shape.signs), shape.checks)
        if check is not None:
            yield Finding(*match.span(), EntityType.NATIONAL_ID, shape.confidence, check)

    return Detector(
        shape.name,
        EntityType.NATIONAL_ID,
        tuple(Rough(rough, after="[^0-9A-Za-z]") for rough in shape.rough),
        exact(f"(?<![0-9A-Za-z])(?<![0-9A-Za-z][./+-])(?:{shape.expression})(?![0-9A-Za-z])(?![./+-][0-9A-Za-z])"),
        examine,
    )


_R = ROUGH_SEPARATOR
_S = SEPARATOR
_DASH = f"(?:-|{'|'.join(_DASHES)})"
_KEY_ES = "[A-HJ-NP-TV-Z]"
_DIGIT_IT, _MONTH_IT = "[0-9LMNPQRSTUV]", "[ABCDEHLMPRST]"
_PENSION = "[0-9]{2} ?[0-3][0-9][01][0-9]{3} ?[A-Z] ?[0-9]{3}"

_SHAPES = (
    _Shape(
        "codice-fiscale",
        (
            f"[A-Z]{{6}}{_DIGIT_IT}{{2}}{_MONTH_IT}{_DIGIT_IT}{{2}}[A-Z]{_DIGIT_IT}",
            "[a-z]{6}[0-9]{2}[abcdehlmprst][0-9]{2}[a-z][0-9]",
            f"[A-Z]{{3}} [A-Z]{{3}} [0-9]{{2}}{_MONTH_IT}[0-9]{{2}} [A-Z][0-9]",
        ),
        f"(?=[A-Z]{{6,15}}[0-9])[A-Z]{{6}}{_DIGIT_IT}{{2}}{_MONTH_IT}{_DIGIT_IT}{{2}}[A-Z]{_DIGIT_IT}{{3}}[A-Z]"
        "|[a-z]{6}[0-9]{2}[abcdehlmprst][0-9]{2}[a-z][0-9]{3}[a-z]"
        f"|[A-Z]{{3}} [A-Z]{{3}} [0-9]{{2}}{_MONTH_IT}[0-9]{{2}} [A-Z][0-9]{{3}} ?[A-Z]",
        ("stdnum:it.codicefiscale",),
    ),
    _Shape(
        "dni",
        (f"[0-9]{{8}}-?{_KEY_ES}", f"[0-9]{{2}}\\.[0-9]{{3}}\\.[0-9]{{3}}[ -]?{_KEY_ES}"),
        f"(?:[0-9]{{8}}-?|[0-9]{{2}}\\.[0-9]{{3}}\\.[0-9]{{3}}[ -]?){_KEY_ES}",
        ("stdnum:es.dni",),
        confidence=0.8,
    ),
    _Shape("nie", (f"[XYZ][ -]?[0-9]{{7}}[ -]?{_KEY_ES}",), f"[XYZ][ -]?[0-9]{{7}}[ -]?{_KEY_ES}", ("stdnum:es.nie",)),
    _Shape(
        "hetu",
        (f"[0-3][0-9][01][0-9]{{3}}(?:[+A-FU-Y]|{_DASH})[0-9]{{3}}[0-9A-Y]",),
        f"[0-3][0-9][01][0-9]{{3}}(?:[+A-FU-Y]|{_DASH})[0-9]{{3}}[0-9A-Y]",
        ("stdnum:fi.hetu",),
        signs=_SIGNS,
    ),
    _Shape(
        "nino",
        ("[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] [0-9]{2} [0-9]{2} [0-9]{2} [A-D]",),
        "[A-Z]{2} [0-9]{2} [0-9]{2} [0-9]{2} [A-D]",
        ("check:gb.nino",),
    ),
    _Shape(
        "ahv",
        (f"756{_R}?[0-9]{{4}}{_R}?[0-9]{{4}}{_R}?[0-9]{{2}}",),
        f"756{_S}?[0-9]{{4}}{_S}?[0-9]{{4}}{_S}?[0-9]{{2}}",
        ("stdnum:ch.ssn",),
    ),
    _Shape(
        "registre-national",
        (r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}[ -][0-9]{3}[. -]?[0-9]{2}", "[0-9]{6}[ -][0-9]{3}[.-][0-9]{2}"),
        r"(?:[0-9]{2}\.[0-9]{2}\.[0-9]{2}[ -][0-9]{3}[. -]?|[0-9]{6}[ -][0-9]{3}[.-])[0-9]{2}",
        ("stdnum:be.nn", "stdnum:be.bis"),
    ),
    _Shape(
        "date-and-four",
        (f"[0-9]{{6}}(?:\\+|{_DASH})[0-9]{{4}}", f"[12][0-9]{{7}}(?:\\+|{_DASH})[0-9]{{4}}"),
        f"(?:[12][0-9])?[0-9]{{6}}(?:\\+|{_DASH})[0-9]{{4}}",
        ("stdnum:se.personnummer", "check:dk.cpr", "stdnum:is_.kennitala"),
        signs="+",
        confidence=0.85,
    ),
    _Shape(
        "date-and-five",
        (f"[0-9]{{6}}{_DASH}[0-9]{{5}}",),
        f"[0-9]{{6}}{_DASH}[0-9]{{5}}",
        ("stdnum:lv.pvn", "stdnum:no.fodselsnummer", "stdnum:be.nn"),
        confidence=0.85,
    ),
    _Shape("rodne-cislo", ("[0-9]{6}/[0-9]{4}",), "[0-9]{6}/[0-9]{4}", ("stdnum:cz.rc",), confidence=0.85),
    _Shape(
        "szemelyi-szam",
        (f"[1-8]{_DASH}[0-9]{{6}}{_DASH}[0-9]{{4}}",),
        f"[1-8]{_DASH}[0-9]{{6}}{_DASH}[0-9]{{4}}",
        ("check:hu.personal",),
    ),
    _Shape(
        "cartao-de-cidadao",
        ("[0-9]{8} ?[0-9] ?[A-Z][0-9A-Z][0-9]", "[0-9]{8} ?[0-9] ?[0-9][A-Z][0-9]"),
        "[0-9]{8}(?: [0-9] |[0-9])(?:[A-Z][0-9A-Z]|[0-9][A-Z])[0-9]",
        ("stdnum:pt.cc",),
    ),
    _Shape("german-pension", (_PENSION,), _PENSION, ("check:de.pension",)),
    _Shape("ssn-us", ("[0-9]{3}-[0-9]{2}-[0-9]{4}",), "[0-9]{3}-[0-9]{2}-[0-9]{4}", ("stdnum:us.ssn",), confidence=0.7),
)

DETECTORS = (
    Detector(
        "national-number-announced",
        EntityType.NATIONAL_ID,
        roughs_of(_WORDS),
        announced_by(_WORDS),
        _announced,
    ),
    *map(_alone, _SHAPES),
)
