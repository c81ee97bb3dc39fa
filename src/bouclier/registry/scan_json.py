"""Walk JSON that others wrote: what is not of the kind expected is passed over, nothing recurses.

The fields of the formats are read directly: their libraries build whole models, refuse documents that are slightly
out of their schema, and an institution wants to know of those too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.registry.parse_positions import line_at, values_of
from bouclier.registry.scan_model import key_twice, malformed, too_deep
from bouclier.registry.shown import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_STEPS: Final = 4_000_000
_BYTE: Final = re.compile(r"\(byte ([0-9]+)\)")


def read_json(data: bytes, file: str) -> Any:  # noqa: ANN401 -- JSON
    """Return JSON as Python values.

    Raises:
        RequestError: It is not JSON; the message names the line. Or it is nested too deeply.
    """
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        # Told to end too early: the last line.
        line = data[: int(at[1])].count(b"\n") + 1 if at else data.count(b"\n") + 1
        raise malformed(file, line, "JSON") from error
    except RecursionError as error:
        raise too_deep(file) from error


def check_keys(text: str, file: str) -> None:
    """Refuse JSON that gives a key twice in one object: readers keep the last, which hides what the first says.

    Args:
        text: What `read_json` accepted.
        file: Its name.

    Raises:
        RequestError: A key is given twice; the message names the line, and not the key: it may name a person.

    Source: RFC 8259 §4.
    """
    twice = False

    def noted(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({key for key, _ in pairs}) != len(pairs)

    try:
        # Nothing is kept and no number is made: this only looks for keys, in as little memory as they take.
        json.JSONDecoder(
            object_pairs_hook=noted, parse_int=len, parse_float=len, parse_constant=len, strict=False
        ).decode(text)
    except RecursionError as error:
        raise too_deep(file) from error
    if twice:
        offset = _second_of_a_key(text)
        raise key_twice(file, line_at(text, offset), offset - text.rfind("\n", 0, offset))


def _second_of_a_key(text: str) -> int:
    """Return where the first key that is given twice is given again."""
    seen: list[set[str]] = [set()]  # keys so far of each object that is open, by depth
    for path, offset in values_of(text):
        depth = len(path)
        del seen[depth + 1 :]
        if path and isinstance(path[-1], str):
            if path[-1] in seen[depth]:
                return offset
            seen[depth].add(path[-1])
        seen.append(set())
    return 0


def mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return an object, or an empty one in place of something else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- JSON
    """Return the objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return a text as it may be shown, or an empty one in place of something else."""
    return clean(value) if isinstance(value, str) else ""


def texts_in(value: Any, path: str, file: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- JSON
    """Yield all texts below a value, each with its path.

    Raises:
        RequestError: There are absurdly many.
    """
    steps = 0
    waiting = [(path, value)]
    while waiting:
        steps += 1
        if steps > MAX_STEPS:
            raise too_deep(file)
        at, one = waiting.pop()
        if isinstance(one, str):
            yield at, one
        elif isinstance(one, dict):
            waiting.extend((f"{at}.{clean(key)}" if at else clean(key), child) for key, child in reversed(one.items()))
        elif isinstance(one, list):
            waiting.extend((f"{at}[{index}]", child) for index, child in reversed(list(enumerate(one))))
