"""JSON and lines of JSON: strings, keys and long numbers, where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from bouclier.compose.documents.escapes import add_json
from bouclier.compose.documents.failures import damaged
from bouclier.compose.documents.model import Block, Document, Format, Segment, Spelling, Unit
from bouclier.compose.documents.segments import SegmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.documents.source import Source

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|-?[0-9][0-9.eE+-]*')
_LONG_NUMBER = 6
"""Digits below which a number is no identifier."""


def read_json(source: Source, encoding: str) -> Document:
    """Read a JSON text as one block."""

    def blocks() -> Iterator[Block]:
        raw = source.text(encoding)
        _check(raw, source.name, "JSON")
        yield Block(raw, json_segments(raw), Spelling.JSON)

    return Document(Format.JSON, blocks(), encoding)


def read_jsonl(source: Source, encoding: str) -> Document:
    """Read lines of JSON, a block each, in constant memory."""

    def blocks() -> Iterator[Block]:
        for number, line in enumerate(source.lines(encoding), start=1):
            if line.strip():
                _check(line, f"{source.name}:{number}", "JSON")
            yield Block(line, json_segments(line), Spelling.JSON, first_line=number)

    return Document(Format.JSONL, blocks(), encoding)


def json_segments(raw: str) -> tuple[Segment, ...]:
    """Return the segments of a correct JSON text: keys and values as `key : value`, one a line."""
    builder = SegmentBuilder()
    for match in _TOKEN.finditer(raw):
        start, end = match.span(1)
        if match[1] is None:
            start, end = match.span()
            if sum(map(str.isdigit, match.group())) < _LONG_NUMBER:
                continue
            builder.unit(Unit(quoted=True))
            builder.add(match.group(), start, end)
            builder.context("\n")
        elif match[2]:
            if builder.is_long:
                builder.cut()
            builder.unit(Unit(key=True))
            add_json(builder, raw, start, end)
            builder.context(" : ")
        else:
            builder.unit()
            add_json(builder, raw, start, end)
            builder.context("\n")
    return builder.build()


def _check(raw: str, name: str, format_: str) -> None:
    try:
        msgspec.json.decode(raw.encode("utf-8"))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise damaged(name, format_) from error
