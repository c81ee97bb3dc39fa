"""Find the line of a mistake in Cedar text: the engine says what is wrong, not where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[^\s;"/]+|/', re.DOTALL)


def policy_lines(policies: str) -> tuple[int, ...]:
    """Return the line on which each policy begins, from 1, in the order of a text that parses."""
    lines = []
    inside = False
    for token in _TOKEN.finditer(policies):
        text = token.group()
        if text.startswith("//"):
            continue
        if not inside:
            lines.append(policies.count("\n", 0, token.start()) + 1)
        inside = text != ";"
    return tuple(lines)


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
