"""What was recognised once in an exchange is recognised wherever it stands in it.

A detector sees `Mme Zoé Vasseur` and misses `VASSEUR Zoe` a few lines, or a few messages, further. So every value found
that leads to a person is looked for in all the texts of its exchange, whole words only, without regard to case and
accents: numbers with other separators, names with their words in another order, and a surname on its own where it is
written as a name.

The work is in proportion to the length of the texts whatever the number of values: words are looked up, not compared.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from bouclier.shield.characters import SEPARATORS
from bouclier.shield.invisible import INVISIBLE
from bouclier.shield.known_values import LONGEST_NUMBER, NUMBER_HEAD, KnownValues
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.words import Word, words_of
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

REPEATED = "repeated"

_GAP = 3
_MOST_OTHERS = 5
_NO_NAME_ACROSS = frozenset('"{}[]<>|=\t')
_IN_NUMBERS = frozenset(f"{SEPARATORS}()/{INVISIBLE}")
_SENTENCE_ENDS = frozenset('.!?:;…\n\r•*#>«»"“(')
# Read otherwise than as a person they may stay in clear, so a person found there is worth more.
_WEAK = frozenset({EntityType.LOCATION, EntityType.ORGANIZATION, EntityType.SIREN, EntityType.SIRET})


def with_repeats(text: str, findings: Sequence[Finding], known: KnownValues) -> tuple[Finding, ...]:
    """Return the findings of one text, completed by where it repeats a known value."""
    starts = [found.start for found in findings]
    added = [
        found
        for found in _repeats(text, list(words_of(text)), known)
        if not _is_settled(found, bisect_right(starts, found.start) - 1, findings)
    ]
    return tuple(resolve_overlaps(text, [*findings, *added])) if added else tuple(findings)


def _is_settled(added: Finding, before: int, findings: Sequence[Finding]) -> bool:
    """Say whether a finding adds nothing to those there, or meets a marking, which is for whoever reads."""
    near = findings[max(0, before) : before + 2]
    if any(one.type is EntityType.MARKING and one.start < added.end and added.start < one.end for one in near):
        return True
    return any(one.start <= added.start and added.end <= one.end and one.type not in _WEAK for one in near)


def _repeats(text: str, words: list[Word], known: KnownValues) -> list[Finding]:
    found: list[Finding] = []
    index = 0
    while index < len(words):
        word = words[index].folded
        last = index
        if word in known.sequences:
            last = _add(found, _sequence(text, words, index, known), index)
        if last == index and word[:NUMBER_HEAD] in known.number_heads:
            last = _add(found, _number(text, words, index, known), index)
        if last == index and word in known.alone:
            last = _add(found, _alone(text, words, index, known), index)
        index = max(last, index + 1)
    return found


def _add(found: list[Finding], repeat: tuple[int, Finding] | None, index: int) -> int:
    if repeat is None:
        return index
    found.append(repeat[1])
    return repeat[0]


def _sequence(text: str, words: list[Word], index: int, known: KnownValues) -> tuple[int, Finding] | None:
    """Follow the words from one place as long as a known value goes on; return the longest that ends."""
    node = known.sequences
    longest: tuple[int, Finding] | None = None
    for at in range(index, len(words)):
        following = node.get(words[at].folded)
        if following is None or (at > index and not _is_gap(text, words[at - 1].end, words[at].start)):
            break
        node = following
        if node.value is not None and (node.value.anyhow or _are_capitals(text, words[index : at + 1])):
            type_, confidence = node.value.type, node.value.confidence
            longest = at + 1, Finding(words[index].start, words[at].end, type_, confidence, REPEATED)
    return longest


def _number(text: str, words: list[Word], index: int, known: KnownValues) -> tuple[int, Finding] | None:
    compact = ""
    longest: tuple[int, Finding] | None = None
    for at in range(index, len(words)):
        gap = text[words[at - 1].end : words[at].start] if at > index else ""
        if len(gap) > _GAP + 2 or not _IN_NUMBERS.issuperset(gap):
            break
        compact += words[at].folded
        if len(compact) > LONGEST_NUMBER or compact[:NUMBER_HEAD] not in known.number_heads:
            break
        if compact in known.numbers:
            type_, confidence = known.numbers[compact]
            start = words[index].start
            if type_ is EntityType.PHONE and text[start - 1 : start] == "+":
                start -= 1
            longest = at + 1, Finding(start, words[at].end, type_, confidence, REPEATED)
    return longest


def _alone(text: str, words: list[Word], index: int, known: KnownValues) -> tuple[int, Finding] | None:
    """Take a surname where it is written as a name, with the other words of its person beside it."""
    one = words[index]
    value = known.alone[one.folded]
    if not text[one.start].isupper() or (value.common and _begins_a_sentence(text, one)):
        return None
    first = last = index
    while (
        index - first < _MOST_OTHERS
        and first > 0
        and _is_beside(text, words[first - 1], words[first], words[first - 1], value.others)
    ):
        first -= 1
    while (
        last - index < _MOST_OTHERS
        and last + 1 < len(words)
        and _is_beside(text, words[last], words[last + 1], words[last + 1], value.others)
    ):
        last += 1
    span = words[first].start, words[last].end
    return last + 1, Finding(*span, EntityType.PERSON, value.confidence, REPEATED)


def _is_beside(text: str, left: Word, right: Word, other: Word, others: set[str]) -> bool:
    if other.folded not in others or not text[other.start].isupper():
        return False
    gap = text[left.end : right.start]
    return len(gap) <= _GAP and gap.strip(" \u00a0\u202f-'’.,_") == ""


def _is_gap(text: str, start: int, end: int) -> bool:
    """Say whether what parts two words may stand inside a name or an address: little, and one line end at most."""
    gap = text[start:end] if end - start <= _GAP + 3 else ""
    shown = gap.replace("\r\n", "\n") if gap else ""
    return 0 < len(shown) <= _GAP + 1 and shown.count("\n") < 2 and _NO_NAME_ACROSS.isdisjoint(shown)  # noqa: PLR2004


def _are_capitals(text: str, words: list[Word]) -> bool:
    return all(text[word.start].isupper() for word in words)


def _begins_a_sentence(text: str, word: Word) -> bool:
    """Say whether a capital may be there only because a sentence or a line begins."""
    if text[word.start : word.end].isupper() and word.end - word.start > 1:
        return False
    at = word.start - 1
    while at >= 0 and text[at] in " \u00a0\u202f-–—•":
        at -= 1
    return at < 0 or text[at] in _SENTENCE_ENDS
