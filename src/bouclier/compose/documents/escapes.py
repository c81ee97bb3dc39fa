"""Spellings: what stands in the raw text of a format for a character, and how a value is spelled there."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from bouclier.compose.documents.model import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.compose.documents.segments import SegmentBuilder

_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);?")
_JSON_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_DOUBLED = re.compile('""')


def spelled(value: str, spelling: Spelling) -> str:
    """Return how a value is spelled in raw text."""
    if spelling is Spelling.JSON:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if spelling is Spelling.MARKUP:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    if spelling is Spelling.CSV:
        return value.replace('"', '""')
    return value


def add_markup(builder: SegmentBuilder, raw: str, start: int, end: int) -> None:
    """Add a stretch of markup text to a segment, entities read."""
    _add(builder, raw, start, end, _ENTITY, html.unescape)


def add_json(builder: SegmentBuilder, raw: str, start: int, end: int) -> None:
    """Add the inside of a JSON string to a segment, escapes read."""
    _add(builder, raw, start, end, _JSON_ESCAPE, lambda escape: str(json.loads(f'"{escape}"')))


def add_quoted(builder: SegmentBuilder, raw: str, start: int, end: int) -> None:
    """Add the inside of a quoted cell to a segment, doubled quotes read."""
    _add(builder, raw, start, end, _DOUBLED, lambda _: '"')


def _add(
    builder: SegmentBuilder, raw: str, start: int, end: int, escape: re.Pattern[str], read: Callable[[str], str]
) -> None:
    position = start
    for match in escape.finditer(raw, start, end):
        builder.add(raw[position : match.start()], position, match.start())
        builder.add(read(match.group()), match.start(), match.end())
        position = match.end()
    builder.add(raw[position:end], position, end)
