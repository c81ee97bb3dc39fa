"""Words that announce something, in any European language, as expressions: one exact, and rough ones.

Words are given in lower case with their accents. They are found with or without them, composed or not, in either case;
a space may be a hyphen or an underscore, as in file headings and keys. Many words share one exact expression, a tree of
their letters, so that a scanner without a byte engine does not try each in turn.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, LOWER
from bouclier.shield.detector import Rough, exact
from bouclier.shield.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    _Tree = dict[str, "_Tree"]

_END = ""
_GAP = "(?:[ \\t_\\-]|\u00a0|\u202f)"
_APOSTROPHE = "(?:'|\u2019)"
_BEFORE = "[^0-9A-Za-z]"  # as bytes: the end of a letter with an accent passes, the exact expression decides
_TO_SPACES = str.maketrans("-_\u2019", "  '")


def word_key(text: str) -> str:
    """Return a word as it is compared: two spellings that an expression of this module takes for one have one key."""
    return " ".join(fold(text).translate(_TO_SPACES).split())


def announced_by(words: Iterable[str]) -> re.Pattern[str]:
    """Return the expression of any of these words, which is its group `word`; a case may end a long one (`numeru`)."""
    tree: _Tree = {}
    for word in words:
        branch = tree
        for char in word:
            branch = branch.setdefault(_spelled(char), {})
        branch[_END] = {}
    declined = f"(?:(?<=[{LETTER}]{{6}})[{LOWER}]{{1,4}})?"
    return exact(f"(?<![{LETTER}0-9])(?P<word>{_rendered(tree)}){declined}(?![{LETTER}])", caseless=True)


def roughs_of(words: Iterable[str]) -> tuple[Rough, ...]:
    """Return the rough expressions of words; one that begins with another needs none of its own."""
    given = set(words)
    heads = sorted(word for word in given if not any(word[:length] in given for length in range(2, len(word))))
    return tuple(Rough("".join(map(_spelled, word)), after=_BEFORE, caseless=True) for word in heads)


def _spelled(char: str) -> str:
    if char == " ":
        return _GAP
    if char == "'":
        return _APOSTROPHE
    if char.isascii():
        return re.escape(char)
    plain = fold(char)
    accents = unicodedata.normalize("NFD", char)[1:]
    bare = f"{plain}(?:{accents})?" if accents else plain
    cases = [bare, char, char.upper()] if plain.isascii() else [bare, plain.upper(), char, char.upper()]
    return f"(?:{'|'.join(dict.fromkeys(cases))})"


def _rendered(tree: _Tree) -> str:
    branches = [letter + _rendered(below) for letter, below in tree.items() if letter != _END]
    if not branches:
        return ""
    whole = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
    return f"(?:{whole})?" if _END in tree else whole
