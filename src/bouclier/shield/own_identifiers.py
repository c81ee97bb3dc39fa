"""An institution's own identifiers: a shape, and the words it stands near. Each becomes a detector like the others.

An identifier is never taken from the middle of a word: no letter, digit or underscore touches it, where it begins or
ends with one itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, NOT_IN_WORD, folded
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.shield.own_pattern_trees import byte_expression_of, expression_of, first_is_word, heads_of
from bouclier.shield.own_patterns import parse_pattern
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = f"{LETTER}0-9_"
_BEGINS = f"(?:(?<![{_WORD}])|(?![{_WORD}]))"
_ENDS = f"(?:(?![{_WORD}])|(?<![{_WORD}]))"


@dataclass(frozen=True, slots=True)
class OwnIdentifier:
    """One identifier of an institution.

    Attributes:
        name: Unique among them; findings are `validated_by` `own:<name>`.
        pattern: Its shape, in the language of `own_patterns`.
        context: Words one of which stands near it; none needed if empty. What begins with one counts.
        within: How near, in code points before or after.
        type: What it is.
        confidence: How sure a match is, above 0 to 1.
        ignore_case: Whether the case of ASCII letters is ignored.
    """

    name: str
    pattern: str
    context: tuple[str, ...] = ()
    within: int = 40
    type: EntityType = EntityType.IDENTIFIER
    confidence: float = 0.95
    ignore_case: bool = False


def detector_of(own: OwnIdentifier) -> Detector:
    """Return the detector of an identifier.

    Raises:
        PatternError: Its pattern cannot be used.
    """
    node = parse_pattern(own.pattern)
    words = _words(own.context)

    def examine(text: str, match: re.Match[str]) -> Iterator[Finding]:
        start, end = match.span()
        if words is None or _stands_near(text, start, end, words, own.within):
            yield Finding(start, end, own.type, own.confidence, f"own:{own.name}")

    return Detector(
        name=f"own:{own.name}",
        type=own.type,
        rough=tuple(
            Rough(
                byte_expression_of(head),
                # Before a word there is none: most numbers of a text are passed over at their second digit.
                after="[^0-9A-Za-z_]" if first_is_word(head) else "",
                caseless=own.ignore_case,
            )
            for head in heads_of(node)
        ),
        exact=exact(f"{_BEGINS}{expression_of(node)}{_ENDS}", caseless=own.ignore_case),
        examine=examine,
    )


def _words(context: tuple[str, ...]) -> re.Pattern[str] | None:
    if not context:
        return None
    spelled = (folded(" ".join(map(re.escape, words.split()))) for words in context)
    return exact(f"{NOT_IN_WORD}(?:{'|'.join(spelled)})", caseless=True)


def _stands_near(text: str, start: int, end: int, words: re.Pattern[str], within: int) -> bool:
    """Say whether one of the words stands on either side, without counting what the identifier itself spells."""
    return (
        words.search(text, max(0, start - within), start) is not None
        or words.search(text, end, end + within) is not None
    )
