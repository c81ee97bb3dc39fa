"""Where in a JSON text each value stands: readers say which value is wrong, and a person needs its line. Pure.

It walks texts that a JSON reader accepted, once, without recursion; on others its answers mean nothing. It runs only
when something is wrong.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_Step = str | int
Path = tuple[_Step, ...]
"""Keys and indexes from the root to a value."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')


def line_at(text: str, offset: int) -> int:
    """Return the line, from 1, on which a character stands."""
    return text.count("\n", 0, offset) + 1


def values_of(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path of each value of a JSON text and the offset at which it, or its key, begins."""
    path: list[_Step] = []
    in_object: list[bool] = []
    key: tuple[str, int] | None = None
    awaits_key = False
    for token in _TOKEN.finditer(text):
        spelled, start = token.group(), token.start()
        if spelled == ":":
            awaits_key = False
        elif spelled == ",":
            awaits_key = in_object[-1]
            if not in_object[-1] and isinstance(path[-1], int):
                path[-1] += 1
        elif spelled in "]}":
            in_object.pop()
            path.pop()
            awaits_key = False
        elif awaits_key:
            key = (json.loads(spelled) if "\\" in spelled else spelled[1:-1], start)
            path[-1] = key[0]
        else:
            yield tuple(path), start if key is None else key[1]
            key = None
            if spelled in "[{":
                in_object.append(spelled == "{")
                path.append("" if spelled == "{" else 0)
                awaits_key = spelled == "{"


def lines_of(text: str, wanted: Collection[Path]) -> Mapping[Path, int]:
    """Return the line of each value asked for, from 1; for one that is absent, the line of what should hold it."""
    asked = {path[:length] for path in wanted for length in range(len(path) + 1)}
    found: dict[Path, int] = {}
    line, counted = 1, 0
    for path, offset in values_of(text):
        if path in asked and path not in found:
            line += text.count("\n", counted, offset)
            counted = offset
            found[path] = line
    return {path: _deepest(found, path) for path in wanted}


def _deepest(found: Mapping[Path, int], path: Path) -> int:
    return next((found[path[:size]] for size in range(len(path), -1, -1) if path[:size] in found), 1)


def repeated(text: str) -> Mapping[Path, int]:
    """Return the keys that a JSON text gives twice in one object, and the line where again: readers would drop one."""
    twice = False

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        read = dict(pairs)
        twice = twice or len(read) != len(pairs)
        return read

    json.loads(text, object_pairs_hook=noted)
    if not twice:
        return {}
    seen: set[Path] = set()
    again: dict[Path, int] = {}
    for path, offset in values_of(text):
        if path in seen:
            again[path] = line_at(text, offset)
        seen.add(path)
    return again


def spelled_path(path: Path) -> str:
    """Return a path as people read it.

    >>> spelled_path(("edges", 3, "share"))
    'edges[3].share'
    """
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return words.removeprefix(".")
