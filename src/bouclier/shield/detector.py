"""What a detector is: one entry of the table.

A detector finds a type of thing in two steps. Its *rough* expressions say, on bytes and cheaply, where a match may
start; its *exact* expression decides, in Python, whether one does; `examine` then validates and measures it.

The rules that make every scanner give the same findings:

1. The matches of a detector are: for every position of the text, the match of `exact` that starts there, if any.
   They may overlap; `overlaps` decides afterwards, in one place.
2. Every such position is a start of a match of one of the `rough` expressions. More starts do no harm.
3. A byte engine reports, for an end, the leftmost start only. So one end must have one start: a rough expression
   counts a fixed number of significant characters, and its alternatives do not end alike.
4. Every repetition is bounded, so that a text costs a time proportional to its length.
5. Expressions are ASCII: case is ignored for ASCII letters only, and `\\d` or `\\w` never mean other scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Examine = Callable[[str, re.Match[str]], Iterable[Finding]]


WORD_END = "(?:[^A-Za-z\\xc3-\\xc5]|\\xc3[\\x97\\xb7]|$)"
"""What ends a word of the Latin alphabet, in a rough expression: bytes, since letters with an accent have two."""


@dataclass(frozen=True, slots=True)
class Rough:
    """Where a match may start, for a byte engine.

    Attributes:
        expression: Matched against UTF-8, from the first character of the match.
        after: A class of bytes, one of which stands before the match unless the text begins there; may be empty.
        caseless: Whether the case of ASCII letters is ignored.
    """

    expression: str
    after: str = ""
    caseless: bool = False


@dataclass(frozen=True, slots=True)
class Detector:
    """One entry of the table; see the module for what its fields owe each other.

    Attributes:
        name: Unique, for people and tests.
        type: What it finds.
        rough: Where a match may start.
        exact: The match itself.
        examine: Validates a match and returns what it found: none, one or several findings.
    """

    name: str
    type: EntityType
    rough: tuple[Rough, ...]
    exact: re.Pattern[str]
    examine: Examine


def exact(expression: str, *, caseless: bool = False) -> re.Pattern[str]:
    """Compile an exact expression as rule 5 asks."""
    return re.compile(expression, re.ASCII | (re.IGNORECASE if caseless else re.NOFLAG))


def heads(*literals: str, caseless: bool = False) -> tuple[Rough, ...]:
    """Return rough expressions for matches that begin with one of these literals."""
    return tuple(Rough(re.escape(literal), caseless=caseless) for literal in literals)


def shaped(type_: EntityType, confidence: float, *, group: int | str = 0, by: str = "shape") -> Examine:
    """Return an `examine` for which the exact expression says it all: the finding is one of its groups."""

    def examine(_text: str, match: re.Match[str]) -> tuple[Finding, ...]:
        return (Finding(match.start(group), match.end(group), type_, confidence, by),)

    return examine


def stands_before(text: str, position: int, words: re.Pattern[str], *, within: int) -> bool:
    """Say whether one of `words` stands in the `within` code points before a position."""
    first = max(0, position - within)
    window = text[first:position]
    # Between numbers there is no word to look for: tables are read at the speed of numbers.
    return window.lower() != window.upper() and words.search(text, first, position) is not None
