"""Small GGUF files with invented metadata."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = "str | int | list[str] | list[int]"


def gguf(values: Mapping[str, Value], *, pairs: int | None = None, body: bytes = b"") -> bytes:
    """The bytes of a file that says this of itself, and holds no tensor."""
    fields = b"".join(_text(key) + _value(value) for key, value in values.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(values) if pairs is None else pairs) + fields + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Value) -> bytes:
    if isinstance(value, list):
        kind = 8 if isinstance(value[0], str) else 4
        items = b"".join(_text(one) if isinstance(one, str) else struct.pack("<I", one) for one in value)
        return struct.pack("<IIQ", 9, kind, len(value)) + items
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if value < 0:
        return struct.pack("<Iq", 11, value)
    return struct.pack("<II", 4, value) if value < 1 << 32 else struct.pack("<IQ", 10, value)
