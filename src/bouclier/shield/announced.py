"""Numbers that a word announces: a detector starts from the word, which is rare, never from the digits, which are not.

Between the word and the number stand a few signs and words (`IPP : `, `n° fiscal de référence`, a table's bars, the end
of a line), or, when the number's shape tells it from a date or an amount, whatever a sentence holds. A list goes on
after its first number. The word may also come after, in brackets: `12345678 (IPP)`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.characters import E_ACUTE, LETTER, SEPARATOR, folded
from bouclier.shield.detector import WORD_END, Detector, Rough, exact
from bouclier.shield.words import fold
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

CHECKED, BESIDE, SHAPED, VAGUE, BROKEN, BARE = 0.95, 0.92, 0.8, 0.7, 0.6, 0.5
"""How sure: its key is right; its shape is, just beside its word, or further; the word says little; its key is wrong;
only its place speaks for it."""

_REACH = 90
_BRACKET = 26
_LONGEST = 48
_MOST_IN_A_LIST = 30
_TELLING = 5  # heads from this length on need no look at what stands before them: there are few of them inside words

_NUMBER_WORD = f"n(?:[°º]s?|(?:o|um(?:{E_ACUTE}ro|ber)?|br|r)s?(?![{LETTER}]))\\.?"
_SMALL_WORDS = (
    f"r{E_ACUTE}f(?:{E_ACUTE}rences?|erences?|s)?|id(?:entifiant|ent)?|code|est|sont|les?|la|du|des?|d|l|sous|portant"
    f"|suivante?s?|ci-dessous|ci-apr[eè]s|is|of|the|und|et|and|nationale?|fran[cç]aise?|unique|patiente?|dossier"
    f"|personnel|permanent|usager|int{E_ACUTE}ress{E_ACUTE}e?"
)
_SIGN = "[\\s:=|#.,;/\"'’«»()\\[\\]*_<>°º–—\\-\u00a0\u202f]"
_ENTRY = (
    f"(?:</?t[dhr]>|\\([^()0-9\n]{{1,30}}\\)|{_SIGN}"
    f"|(?<![{LETTER}])(?:{_NUMBER_WORD}|(?:{_SMALL_WORDS})(?![{LETTER}])))"
)
_NEAR = exact(f"{_ENTRY}{{0,40}}", caseless=True)
_MARK = exact(f"[:=|#\\t>]|(?<![{LETTER}]){_NUMBER_WORD}", caseless=True)
# A sentence or a paragraph that ends takes its word with it.
_SENTENCE_END = exact(
    f"(?<=[{LETTER})][{LETTER})])(?<!no)(?<!nr)[.!?]\\s|\\n[ \\t\\r]{{0,9}}\\n(?=[^0-9]{{12}})", caseless=True
)
_DATE = (
    "(?![0-3]?[0-9]([ ./\\-])[01]?[0-9]\\1(?:19|20)?[0-9]{2}(?![0-9]|[./\\-][0-9]|\\1[0-9]))"
    "(?!(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9-]))"
)
_STARTS = f"(?<![0-9{LETTER}])(?<![0-9][./,\\-]){_DATE}"
_ENDS = (
    f"(?![0-9A-Za-z]|[.,][0-9]|[ \u00a0\u202f]?(?:€|%|k€|m²|(?:euros?|eur|francs?|ans|mois|jours|heures|km|kg|mg|ml|"
    f"habitants|hectares)(?![{LETTER}])))"
)
_NEXT = f"[ \u00a0]?(?:[,;/|&+\\n]|et|and|ou|or|und|{E_ACUTE}galement)[ |\u00a0\\n]{{0,6}}(?:{_NUMBER_WORD}[ \u00a0]?)?"
_OPENED = f"[ \u00a0]?(?:[(\\[][^()\\[\\]0-9\n]{{0,24}}|\\|[ \u00a0]?(?:{_NUMBER_WORD}[ \u00a0]?)?)\\Z"
_DIGITS = exact("[0-9]+")
_DIGIT = exact("[0-9]")
_FIRST_WORD = exact(f"(?:{_SIGN}){{0,40}}(?P<word>[{LETTER}]{{1,2}})[{LETTER}]{{0,40}}")
_MAY_GO_ON = frozenset(
    {"ré", "re", "id", "co", "es", "so", "le", "la", "l", "du", "de", "d", "po", "su", "ci", "is", "of", "th", "un"}
    | {"et", "an", "na", "fr", "pa", "do", "pe", "us", "in", "n", "no", "nu", "nb", "nr"}
)
"""How the words of `_SMALL_WORDS` and `_NUMBER_WORD` begin, in lower case: after any other, no number is near."""
_LETTERS_BEFORE = exact("[A-Za-z]{1,8}[-/ ._]{0,2}\\Z")
_MOST_LETTERS = 10


class Gap(Enum):
    """What may stand between the word and the number.

    FAR for shapes that tell themselves from dates and amounts; NEAR for others; MARKED when the word is a common one,
    and only `n°`, a colon or a bar makes a number of what follows it.
    """

    FAR = auto()
    NEAR = auto()
    MARKED = auto()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a number is written.

    Attributes:
        expression: Matched whatever the case of its letters.
        check: Said of the letters and digits alone, in capitals: whether the key is right. None when it has none.
        by: What the check is called.
        gap: What may stand before it, when it differs from the others.
        confidence: Of a number without a key.
        listed: Whether it only goes on a list that another began.
    """

    expression: str
    check: Callable[[str], bool] | None = None
    by: str = "shape"
    gap: Gap | None = None
    confidence: float = SHAPED
    listed: bool = False


ANY_NUMBER = Shape(
    f"[A-Z]{{0,3}}[-/]?[0-9](?:[0-9A-Z]|{SEPARATOR}(?=[0-9])){{4,22}}", by="context", gap=Gap.NEAR, confidence=BARE
)
"""Any number of five digits or more, its separators included: so unsure that a better reading prevails."""


class _Reading(NamedTuple):
    shape: Shape
    gap: Gap
    number: re.Pattern[str]
    following: re.Pattern[str]
    before: re.Pattern[str]


def grouped(count: int, *, first: str = "[0-9]", most: int = 2) -> str:
    """Return an expression for `count` digits, each after at most `most` separators."""
    return f"{first}(?:{SEPARATOR}{{0,{most}}}[0-9]){{{count - 1}}}"


_LINE_END = exact(f"(?<=[0-9A-Za-z]){SEPARATOR}?\\r?\\n{SEPARATOR}?(?=[0-9A-Za-z])")
_ACROSS = 72


def across_line_end(text: str, start: int, number: re.Pattern[str]) -> int | None:
    """Return where a number ends that starts there and goes on after one end of line; None when it does not."""
    line_end = _LINE_END.search(text, start, start + _ACROSS)
    if line_end is None:
        return None
    first, last = line_end.span()
    found = number.match(f"{text[start:first]} {text[last : start + _ACROSS]}")
    if found is None or start + found.end() <= first + 1:
        return None
    return found.end() + start + last - first - 1


def announced(  # noqa: PLR0913 -- the columns of a table
    name: str,
    type_: EntityType,
    heads: tuple[str, ...],
    words: tuple[str, ...],
    shapes: tuple[Shape, ...],
    *,
    gap: Gap = Gap.FAR,
    unless: str = "",
    begins: str = "",
) -> Detector:
    """Return a detector of the numbers some words announce.

    Args:
        name: Unique.
        type_: What it finds.
        heads: How the words begin; capitals or not, with or without accents.
        words: Expressions for the words, each beginning with a head; accents are folded, so none stands in a class.
        shapes: How the number is written, the most telling first: the next is tried where none was found.
        gap: What may stand between.
        unless: An expression; where it ends just before the word, the word announces nothing.
        begins: How every shape begins, when it is not by a digit or by some letters before one.
    """
    search = _Search(type_, shapes, gap, unless=unless, begins=begins)
    return Detector(
        name,
        type_,
        tuple(
            Rough(_rough(head, heads, words), after="" if len(head) >= _TELLING else "[^0-9A-Za-z]", caseless=True)
            for head in heads
        ),
        exact(f"(?<![{LETTER}0-9])(?:{'|'.join(map(folded, words))})(?![{LETTER}])", caseless=True),
        search.examine,
    )


def _rough(head: str, heads: tuple[str, ...], words: tuple[str, ...]) -> str:
    """Return the rough expression of a head: with the end of the word, where it is short and no word goes on."""
    expression = folded(head.replace(".", "\\."))
    if len(head) >= _TELLING or any(word.startswith("(") for word in words):
        return expression
    longer = tuple(fold(other) for other in heads if len(other) > len(head))
    begun = [word for word in words if fold(word).startswith(fold(head)) and not fold(word).startswith(longer)]
    rests = {word.removeprefix(head)[:1] for word in begun}
    return expression + WORD_END if head in words and rests <= {"", "-", " "} else expression


_IS_NO_DATE = exact(_DATE)
_THOUSANDS = 3


def _places(text: str, end: int) -> list[int]:
    """Return where a number may start after a word, in order: at its digits, or at letters just before them."""
    places = []
    for digits in _DIGITS.finditer(text, end, end + _REACH):
        first = digits.start()
        if first == end:  # `IPP12345678`
            places.append(first)
            continue
        before, earlier = text[first - 1], text[first - 2]
        if before.isalpha() or (before in "-/._" and earlier.isalpha()) or (before == " " and earlier.isupper()):
            letters = _LETTERS_BEFORE.search(text, max(end, first - _MOST_LETTERS), first)
            if letters is not None and not text[letters.start() - 1].isalnum():
                places.append(letters.start())
        goes_on = earlier.isdigit() and (before in "./,-" or (digits.end() - first == _THOUSANDS and before.isspace()))
        if not goes_on and not before.isalnum():
            places.append(first)
    return places


class _Search:
    """Looks from a word for its number."""

    def __init__(self, type_: EntityType, shapes: tuple[Shape, ...], gap: Gap, *, unless: str, begins: str) -> None:
        self._type = type_
        self._in_lists = [
            _Reading(
                shape,
                shape.gap or gap,
                exact(f"(?:{shape.expression}){_ENDS}", caseless=True),
                exact(f"{_NEXT}{_DATE}(?P<number>{shape.expression}){_ENDS}", caseless=True),
                exact(f"{_STARTS}(?P<number>{shape.expression}){_OPENED}", caseless=True),
            )
            for shape in shapes
        ]
        self._readings = [reading for reading in self._in_lists if not reading.shape.listed]
        self._any = exact("|".join(f"(?:{one.shape.expression})" for one in self._readings), caseless=True)
        self._begins = exact(f"{_STARTS}(?={begins})", caseless=True) if begins else None
        gaps = {reading.gap for reading in self._readings}
        self._far = Gap.FAR in gaps
        self._marked = gaps == {Gap.MARKED}
        self._unless = exact(f"(?:{folded(unless)})\\Z", caseless=True) if unless else None

    def examine(self, text: str, match: re.Match[str]) -> Iterator[Finding]:
        """Yield the number after the word and the list it begins, or the number before it."""
        start, end = match.span()
        if self._unless is not None and self._unless.search(text, max(0, start - _LONGEST), start):
            return
        found = self._after(text, end)
        if (found is None or found.confidence < BESIDE) and (across := self._across(text, start, end, found)):
            found = across
        if found is None:
            found = self._before(text, start)
            if found is not None:
                yield found
            return
        yield found
        place = found.end
        for _ in range(_MOST_IN_A_LIST):
            following = self._following(text, place)
            if following is None:
                return
            yield following
            place = following.end

    def _across(self, text: str, start: int, end: int, found: Finding | None) -> Finding | None:
        """Read the number as if the first end of line amid it were a space: a surer reading than `found`, if any."""
        line_end = _LINE_END.search(text, end, end + _REACH)
        if line_end is None:
            return None
        first, last = line_end.span()
        # A piece of the text, for its cost: what stands before the word does not change what stands after.
        piece = f"{text[start:first]} {text[last : end + 2 * _REACH]}"
        across = self._after(piece, end - start)
        if across is None or not across.start + start < first < across.end + start:
            return None
        if across.confidence < SHAPED or (found is not None and across.confidence <= found.confidence):
            return None
        return replace(across, start=across.start + start, end=across.end + start + last - first - 1)

    def _after(self, text: str, end: int) -> Finding | None:
        if self._begins is not None:
            places = [place.start() for place in self._begins.finditer(text, end, end + _REACH)]
        else:
            digit = _DIGIT.search(text, end, end + _REACH)
            if digit is None or not (self._far or self._may_be_near(text, end, digit.start())):
                return None
            places = _places(text, end)
        places = [place for place in places if self._any.match(text, place) and _IS_NO_DATE.match(text, place)]
        if not places:
            return None
        near = _NEAR.match(text, end)
        near_until = near.end() if near else end
        if places[-1] > near_until and (stop := _SENTENCE_END.search(text, end, places[-1])):
            places = [place for place in places if place <= max(near_until, stop.start())]
        for reading in self._readings:
            for place in places:
                if reading.gap is not Gap.FAR and place > near_until:
                    break
                if reading.gap is Gap.MARKED and not _MARK.search(text, end, place):
                    continue
                found = reading.number.match(text, place)
                if found is not None:
                    return self._finding(reading.shape, found[0], *found.span(), beside=place <= near_until)
        return None

    def _may_be_near(self, text: str, end: int, digit: int) -> bool:
        """Say, at little cost, whether the first digit after a word may be near it: nothing near holds another."""
        word = _FIRST_WORD.match(text, end, digit)
        if word is not None and word["word"].lower() not in _MAY_GO_ON and word.end() + _MOST_LETTERS < digit:
            signs = text[end : word.start("word")]
            if "(" not in signs and "<" not in signs:
                return False
        return not self._marked or _MARK.search(text, end, digit) is not None

    def _following(self, text: str, place: int) -> Finding | None:
        for reading in self._in_lists:
            found = reading.following.match(text, place)
            if found is not None:
                return self._finding(reading.shape, found["number"], *found.span("number"))
        return None

    def _before(self, text: str, start: int) -> Finding | None:
        before = text[max(0, start - _BRACKET) : start]
        if "(" not in before and "[" not in before and "|" not in before:
            return None
        for reading in self._readings:
            found = reading.before.search(text, max(0, start - _LONGEST), start)
            if found is not None:
                return self._finding(reading.shape, found["number"], *found.span("number"))
        return None

    def _finding(self, shape: Shape, number: str, start: int, end: int, *, beside: bool = True) -> Finding:
        if shape.check is None:
            confidence = BESIDE if beside and shape.confidence == SHAPED else shape.confidence
            return Finding(start, end, self._type, confidence, shape.by)
        right = shape.check("".join(char for char in number if char.isascii() and char.isalnum()).upper())
        return Finding(start, end, self._type, CHECKED if right else BROKEN, shape.by if right else "context")
