"""Long texts cut into pieces a model can read, at the gentlest place within reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GENTLE = (re.compile(r"\n[ \t\r]{0,20}\n"), re.compile(r"\n"), re.compile(r"[.!?…;][ \u00a0\n]"), re.compile(r"\s"))


def text_pieces(text: str, *, size: int) -> Iterator[tuple[int, str]]:
    """Yield pieces with their offset; together they are the text.

    Args:
        text: Any text.
        size: Most code points a piece holds. A piece ends at a paragraph's end, or else at a line's, a sentence's or
            a word's, in the last half of its room; in a text without any it is just cut.
    """
    start = 0
    while len(text) - start > size:
        end = start + _gentle_end(text[start : start + size])
        yield start, text[start:end]
        start = end
    if start < len(text):
        yield start, text[start:]


def _gentle_end(window: str) -> int:
    half = len(window) // 2
    for border in _GENTLE:
        ends = [match.end() for match in border.finditer(window, half)]
        if ends:
            return ends[-1]
    return len(window)
