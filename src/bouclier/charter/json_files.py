"""Read the JSON files of a charter strictly: a mistake names the line where JSON breaks off, or the wrong field.

Every text that looks like a day is one: no schema says which fields are days, and the 31st of February would order
itself among others without anybody seeing it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_T = TypeVar("_T")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BYTE: Final = re.compile(r"\(byte ([0-9]+)\)")


class Wrong(Protocol):
    """Makes the error to raise from what is wrong."""

    def __call__(self, fr: str, en: str, line: int | None = None) -> Exception:
        """Return the error.

        Args:
            fr: What is wrong, in French.
            en: The same in English.
            line: Where, from 1; None if it is not known.
        """
        ...


def decoded(text: str, shape: type[_T], wrong: Wrong) -> _T:
    """Return what a file says.

    Args:
        text: The file.
        shape: What it must be.
        wrong: Makes the error to raise.
    """
    try:
        raw = msgspec.json.decode(text)
        value = msgspec.json.decode(text, type=shape)
        # By now the shape is known, and so is how deep it goes.
        for path, day in _days(raw, ""):
            if not _is_day(day):
                raise wrong(f"est mal formé : {path} : {day} n'existe pas", f"is malformed: {path}: there is no {day}")
    except msgspec.ValidationError as error:
        raise wrong(f"est mal formé : {error}", f"is malformed: {error}") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise wrong(f"est mal formé : {error}", f"is malformed: {error}", _line_of(text, error)) from error
    return value


def _line_of(text: str, error: Exception) -> int | None:
    """Return the line on which JSON breaks off; None for what is no text or nested too deep."""
    if not isinstance(error, msgspec.DecodeError):
        return None
    at = _BYTE.search(str(error))
    return (text.encode()[: int(at[1])] if at is not None else text.encode()).count(b"\n") + 1


def _days(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if _DAY.fullmatch(value):
            yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _days(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _days(inner, f"{path}[{place}]")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
