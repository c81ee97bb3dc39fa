"""Labels of tokens become spans of text: whole words, joined as the labels say. Pure.

A classifier labels pieces of words, in one of the usual ways: with prefixes that say where a name begins (BIO), and
perhaps where it ends (BIOES, BILOU), or bare. A word is what its first piece says it is; if that says nothing, what
any other does: half a name left in a text is a name left in a text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OUTSIDE = "O"
_PREFIXED = re.compile(r"([BIESLUM])[-_](.+)", re.DOTALL)
_BEGINS = frozenset("BSU")
_ENDS = frozenset("ESLU")
_JOINTS = re.compile("[ \u00a0\u202f]{0,2}(?:[-'\u2019.][ \u00a0]?)?")


class Token(NamedTuple):
    """A piece of a text and what it is said to be.

    Attributes:
        start: First code point.
        end: One past the last.
        label: As the model has it, such as `B-PER`; `O` for nothing.
        score: 0 to 1.
    """

    start: int
    end: int
    label: str
    score: float


class Span(NamedTuple):
    """Words that are one thing; the label has no prefix, the score is the least of its words."""

    start: int
    end: int
    label: str
    score: float


def base_label(label: str) -> str:
    """Return a label without what says where a name begins or ends.

    >>> base_label("B-PER"), base_label("PER"), base_label("O")
    ('PER', 'PER', 'O')
    """
    prefixed = _PREFIXED.fullmatch(label)
    return prefixed[2] if prefixed else label


def token_spans(text: str, tokens: Iterable[Token]) -> list[Span]:
    """Return the spans of a text, from its tokens in order."""
    spans: list[Span] = []
    open_for: str | None = None  # the base label that a next word may continue
    for word in _words(text, tokens):
        prefixed = _PREFIXED.fullmatch(word.label)
        prefix, label = (prefixed[1], prefixed[2]) if prefixed else ("", word.label)
        if label == OUTSIDE:
            open_for = None
            continue
        last = spans[-1] if spans and open_for == label and prefix not in _BEGINS else None
        if last is not None and _JOINTS.fullmatch(text, last.end, word.start):
            spans[-1] = Span(last.start, word.end, label, min(last.score, word.score))
        else:
            spans.append(Span(word.start, word.end, label, word.score))
        open_for = None if prefix in _ENDS else label
    return spans


def _words(text: str, tokens: Iterable[Token]) -> list[Token]:
    words: list[list[Token]] = []
    for token in tokens:
        start, end = token.start, token.end
        while start < end and text[start].isspace():  # some tokenizers count the space before a word as its own
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            continue
        while end < len(text) and combining(text[end]):  # an accent typed apart, which the tokenizer left out
            end += 1
        trimmed = token._replace(start=start, end=end)
        if words and _goes_on(text, words[-1][-1], trimmed):
            words[-1].append(trimmed)
        else:
            words.append([trimmed])
    return [_word(pieces) for pieces in words]


def _goes_on(text: str, last: Token, token: Token) -> bool:
    """Say whether a token stands in the same word as the one before it."""
    if token.start < last.end:
        return True  # pieces of one character
    return token.start == last.end and _in_word(text[last.end - 1]) and _in_word(text[token.start])


def _in_word(char: str) -> bool:
    return char.isalnum() or combining(char) > 0


def _word(pieces: Sequence[Token]) -> Token:
    first = pieces[0]
    said = first if first.label != OUTSIDE else next((one for one in pieces if one.label != OUTSIDE), first)
    return Token(first.start, max(one.end for one in pieces), said.label, said.score)
