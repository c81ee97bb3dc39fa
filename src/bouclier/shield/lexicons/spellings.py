"""From the tables of words to expressions: which spellings of a term are looked for, and how, cheaply.

A term is looked for as it is written, without its accents, with its accents as capitals, and with its accents apart
(as some systems type them); the case of ASCII letters is ignored. The byte engine is given each spelling as a literal;
the exact expression is a tree that parts where the spellings do, so that trying one word costs its length, not the
number of terms.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, NOT_IN_WORD
from bouclier.shield.detector import Rough, exact

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOICE = re.compile(r"\[([^\]]*)\]")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae"})
_Tree = dict[str, "_Tree"]
_END = ""
_HEAD = 20  # code points of a term the byte engine looks for: longer ones would only make it larger
_SHORT = 6
SEVERAL = "(?:s|es|x)?"
"""What may follow a term: a plural counts like its singular."""


def terms_of(table: str) -> tuple[str, ...]:
    """Return the terms of a table, sorted: parted by commas, lines joined, each `[a|b]` spelled out."""
    found: set[str] = set()
    for entry in " ".join(table.replace("|\n", "|").split()).split(","):
        pieces = _CHOICE.split(entry.strip())
        # Odd pieces stood in brackets: each is a choice.
        choices = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
        found.update(" ".join("".join(one).split()) for one in product(*choices))
    return tuple(sorted(found - {""}))


def spellings_of(term: str) -> frozenset[str]:
    """Return the spellings of a term that are looked for, in lower case but for accented capitals."""
    apart = unicodedata.normalize("NFD", term)
    plain = "".join(char for char in apart if not unicodedata.combining(char)).translate(_LIGATURES)
    capitals = "".join(char.upper() if not char.isascii() else char for char in term)
    spelled = {term, plain, capitals, apart, term.translate(_LIGATURES)}
    if term[0] in "éèêàâîôûœ":
        # "École" at the head of a sentence: the first letter alone is a capital.
        spelled.add(term[0].upper() + term[1:])
    spelled |= {one.replace("'", "\u2019") for one in spelled}
    return frozenset(spelled)


def rough_of(terms: tuple[str, ...]) -> tuple[Rough, ...]:
    """Return where a term may start, for a byte engine: at the head of one of its spellings.

    A bare literal is what the engine compiles and finds at the least cost; a short one would be met inside other words
    too often, and is looked for after no ASCII letter.
    """
    spelled = sorted({one[:_HEAD] for term in terms for one in spellings_of(term)})
    heads = set(spelled)
    # Where a shorter term stands at the head of a longer one, it says the place of both.
    kept = [one for one in spelled if not any(one[:size] in heads for size in range(1, len(one)))]
    return tuple(Rough(_bytes(one), after="" if len(one) > _SHORT else "[^A-Za-z]", caseless=True) for one in kept)


def exact_of(terms: tuple[str, ...], *, after: str = "") -> re.Pattern[str]:
    """Return the expression of a whole term, the longest there, in one of its spellings, or its plural."""
    tree: _Tree = {}
    for term in terms:
        for spelled in spellings_of(term):
            node = tree
            for char in spelled:
                node = node.setdefault(char, {})
            node[_END] = {}
    return exact(f"{NOT_IN_WORD}{_expression(tree)}{SEVERAL}{after}(?![{LETTER}0-9])", caseless=True)


def _expression(tree: _Tree) -> str:
    branches = list(_branches(tree))
    if len(branches) == 1 and _END not in tree:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if _END in tree else ''}"


def _branches(tree: _Tree) -> Iterator[str]:
    for char, below in sorted(tree.items()):
        if char == _END:
            continue
        text = char
        while len(below) == 1 and _END not in below:
            char, below = next(iter(below.items()))  # noqa: PLW2901 -- a chain of single letters is one literal
            text += char
        yield re.escape(text) + ("" if below == {_END: {}} else _expression(below))


def _bytes(spelled: str) -> str:
    return re.escape(spelled).replace("\\ ", " ")
