"""Find the line of a mistake in Cedar text: the engine says what is wrong, not where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[^\s;"/]+|/', re.DOTALL)


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
