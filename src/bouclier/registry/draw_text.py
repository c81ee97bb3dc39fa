"""Text in a picture: how wide it is at most, and where it is cut into lines.

Widths are of a wide sans serif, so that text fits whichever font the reader has. Nothing is lost silently: a text cut
short ends with an ellipsis, and the description of the picture has it whole.
"""

from __future__ import annotations

import re
from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;'’!|()[]-/ \u202f\u00a0·")
_WIDE: Final = frozenset("mwMW@%—…œŒæÆ")
_FRENCH: Final = re.compile(r" (?=[:;?!»])|(?<=«) ")  # a line neither begins nor ends there
_FULL: Final = 0x2E80  # from here on, scripts whose letters are as wide as high


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text, in the units of `size`: not less than any usual font needs."""
    total = 0.0
    for char in text:
        if ord(char) >= _FULL:
            total += 1.05
        elif char in _NARROW:
            total += 0.36
        elif char in _WIDE:
            total += 0.98
        elif char.isupper():
            total += 0.74
        else:
            total += 0.6
    return total * size * (1.08 if bold else 1.0)


def wrap(text: str, size: float, most: float, *, lines: int, bold: bool = False) -> list[str]:
    """Cut a text into at most so many lines, each no wider than `most`; a word that does not fit is broken."""
    found: list[str] = []
    line = ""
    for word in _pieces(text, size, most, bold=bold):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, bold=bold) > most:
            found.append(line)
            line = word
        else:
            line = longer
    found.append(line)
    if len(found) <= lines:
        return found
    last = found[lines - 1]
    while last and width(f"{last}…", size, bold=bold) > most:
        last = last[:-1]
    return [*found[: lines - 1], f"{last.rstrip()}…"]


def balanced(text: str, size: float, most: float, *, lines: int) -> list[str]:
    """Cut a bold text into as few lines as `wrap` does, all about as long: no last line of one word."""
    found = wrap(text, size, most, lines=lines, bold=True)
    narrow, wide = most / 2, most
    while wide - narrow > size / 2:
        middle = (narrow + wide) / 2
        tried = wrap(text, size, middle, lines=lines + 1, bold=True)
        if len(tried) > len(found):
            narrow = middle
        else:
            wide, found = middle, tried
    return found


def _pieces(text: str, size: float, most: float, *, bold: bool) -> list[str]:
    pieces: list[str] = []
    for word in _FRENCH.sub("\u00a0", text).split(" "):
        rest = word
        while width(rest, size, bold=bold) > most and len(rest) > 1:
            fit = len(rest) - 1
            while fit > 1 and width(rest[:fit], size, bold=bold) > most:
                fit -= 1
            pieces.append(rest[:fit])
            rest = rest[fit:]
        pieces.append(rest)
    return pieces


def listed(names: list[str], *, most: int, and_others: str) -> str:
    """Return names with commas, the last ones as `and_others`, in which `{}` is their number.

    >>> listed(["a", "b", "c"], most=2, and_others="and {} more")
    'a, b and 1 more'
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} {and_others.format(len(names) - most)}"
