"""The plain texts a rough expression stands for, when it stands for few: a byte engine finds these at the least cost.

Where a match of a literal starts follows from where it ends, so that the engine need not keep track of starts, which
is most of its work.
"""

from __future__ import annotations

import re
from itertools import product
from math import prod

_MOST = 96
_PIECE = re.compile(
    r"(?P<escaped>\\[^A-Za-z0-9])"
    r"|\(\?:(?P<group>(?:\\[^A-Za-z0-9]|[^\\()\[\]{}|*+?.^$])*(?:\|(?:\\[^A-Za-z0-9]|[^\\()\[\]{}|*+?.^$])*)+)\)(?![?*+{])"
    r"|\[(?P<set>(?:\\[^A-Za-z0-9]|[^\\\[\]^-])+)\](?![?*+{])"
    r"|(?P<plain>[^\\()\[\]{}|*+?.^$])(?![?*+{])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TAB = re.compile(r"\\t")


def literals_of(expression: str) -> tuple[bytes, ...] | None:
    """Return the texts an expression stands for, in UTF-8, or None where it is not made of literals and short choices.

    >>> literals_of("n(?:°|o) [12]")
    (b'n\\xc2\\xb0 1', b'n\\xc2\\xb0 2', b'no 1', b'no 2')
    >>> literals_of("[0-9]{3}") is None
    True
    """
    choices: list[list[str]] = []
    at = 0
    expression = _TAB.sub("\t", expression)
    while at < len(expression):
        piece = _PIECE.match(expression, at)
        if piece is None:
            return None
        choices.append(_choices(piece))
        at = piece.end()
    if prod(map(len, choices)) > _MOST:
        return None
    return tuple(dict.fromkeys("".join(one).encode() for one in product(*choices)))


def _choices(piece: re.Match[str]) -> list[str]:
    if piece["group"] is not None:
        return [_ESCAPE.sub(r"\1", one) for one in re.split(r"(?<!\\)\|", piece["group"])]
    if piece["set"] is not None:
        return list(_ESCAPE.sub(r"\1", piece["set"]))
    return [_ESCAPE.sub(r"\1", piece["escaped"] or piece["plain"])]
