"""Characters that do not show, and that text pasted from a PDF or a web page holds amid words and numbers.

A reader, human or model, reads across them; a pattern does not. So a text that holds any is also read without them,
and what is found there is told in the places of the text as it was given. Digits of other scripts (full-width, Arabic,
mathematical) are read as those of ASCII, for the same reason.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.shield.overlaps import resolve_overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bouclier.terms.content import Finding

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphen; zero-width space, non-joiner and joiner; word joiner; zero-width no-break space."""

_NOTHING = dict.fromkeys(map(ord, INVISIBLE))
_OTHER_DIGIT = re.compile("[^\\D0-9]")  # any decimal digit that Unicode knows, but for those of ASCII
# Bytes that begin no such digit in UTF-8: to take them out of a text, and see whether any is left, takes a tenth of the
# time of looking for the digits themselves, and nearly every text is done with there.
_BEGIN_NONE = bytes(set(range(256)) - {*range(0xD9, 0xE2), 0xEA, 0xEF, 0xF0})


def holds_invisible(text: str) -> bool:
    """Say whether a text holds a character that does not show, or a digit of another script."""
    if text.isascii():
        return False
    if any(char in text for char in INVISIBLE):
        return True
    may_begin = text.encode("utf-8", "surrogatepass").translate(None, _BEGIN_NONE)
    return bool(may_begin) and _OTHER_DIGIT.search(text) is not None


def without_invisible(text: str) -> str:
    """Return a text as it shows, its digits in ASCII."""
    return _OTHER_DIGIT.sub(_digit, text.translate(_NOTHING)) if holds_invisible(text) else text


def _digit(match: re.Match[str]) -> str:
    return str(unicodedata.digit(match[0]))


def in_given_places(text: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings of `without_invisible(text)` in the places of `text`: what does not show inside is covered."""
    places = [place for place, char in enumerate(text) if char not in INVISIBLE]
    return [replace(found, start=places[found.start], end=places[found.end - 1] + 1) for found in findings]


def scan_as_shown(text: str, scan: Callable[[str], Sequence[Finding]]) -> list[Finding]:
    """Scan a text that holds such characters twice, with and without them: one may also be all that parts two words."""
    return resolve_overlaps(text, [*scan(text), *in_given_places(text, scan(without_invisible(text)))])
