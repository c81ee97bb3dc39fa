"""Find the line of a mistake in Cedar text: the engine says what is wrong, not where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[^\s;"/]+|/', re.DOTALL)


_STEP = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[\[({]|[\])}]|&&|\|\||[-+*.]|[=!<>]=?|\b(?:if|in|is|has|like)\b')
_MAX_DEPTH = 50
_MAX_STEPS = 500


def intricate_line(text: str) -> int | None:
    """Return the line on which a text becomes more intricate than its reader bears; None if it never does.

    The engine reads by recursion: what is nested too deep, or chained too long, would end the process, not raise.
    """
    depth = steps = 0
    for token in _STEP.finditer(text):
        spelled = token.group()
        if spelled == ";":
            steps = 0
        elif spelled in "[({":
            depth += 1
            steps += 1
        elif spelled in "])}":
            depth -= 1
        elif spelled[0] != '"' and not spelled.startswith("//"):
            steps += 1
        if depth > _MAX_DEPTH or steps > _MAX_STEPS:
            return text.count("\n", 0, token.start()) + 1
    return None


def policy_texts(policies: str) -> tuple[tuple[int, str], ...]:
    """Return the line on which each policy begins, from 1, and its own text, in the order of a text that parses."""
    found = []
    begins = -1
    for token in _TOKEN.finditer(policies):
        if token.group().startswith("//"):
            continue
        if begins < 0:
            begins = token.start()
        if token.group() == ";":
            found.append((policies.count("\n", 0, begins) + 1, policies[begins : token.end()]))
            begins = -1
    return tuple(found)


def error_line(text: str, parse: Callable[[str], object]) -> int:
    """Return the line, from 1, that makes a text unparsable.

    It is the last line of the shortest beginning that fails otherwise than by being too short.

    Args:
        text: A text that `parse` rejects.
        parse: Raises ValueError on what it cannot parse.
    """
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        try:
            parse("".join(lines[:count]))
        except ValueError as error:
            if "unexpected end of input" not in str(error):
                return count
    return max(1, len(lines))
