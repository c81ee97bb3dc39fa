"""HTML: what is shown, attributes, comments and scripts, where they stand. Nothing is fetched and nothing runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import accumulate
from typing import TYPE_CHECKING

from bouclier.compose.documents.escapes import add_markup
from bouclier.compose.documents.model import Block, Document, Format, Segment, Spelling
from bouclier.compose.documents.segments import SegmentBuilder, plain_segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.documents.source import Source

_MAX_BYTES = 16 << 20
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins"}
    | {"kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time"}
    | {"tt", "u", "var", "wbr"}
)
_ATTRIBUTE = re.compile(r"""[\s"'/][^\s"'<>/=]+\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+))""")
_PLAIN_ATTRIBUTES = re.compile(r"[\s\"'/](?:class|style|rel|type|lang|dir|width|height)\s*=", re.IGNORECASE)


def read_html(source: Source, encoding: str) -> Document:
    """Read a page as one block."""

    def blocks() -> Iterator[Block]:
        raw = source.text(encoding, _MAX_BYTES)
        yield Block(raw, html_segments(raw), Spelling.MARKUP)

    return Document(Format.HTML, blocks(), encoding)


def html_segments(raw: str) -> tuple[Segment, ...]:
    """Return the segments of a page: its text, then what its attributes hold."""
    reader = _Reader(raw)
    try:
        reader.feed(raw)
        reader.close()
    except AssertionError:  # what the parser makes of a broken `<![`: then it is read as it is written, tags and all
        return (plain_segment(raw),)
    return reader.segments()


class _Reader(HTMLParser):
    def __init__(self, raw: str) -> None:
        super().__init__(convert_charrefs=False)
        self._raw = raw
        self._starts = [0, *accumulate(len(line) + 1 for line in raw.split("\n"))]
        self._shown = SegmentBuilder()
        self._hidden = SegmentBuilder()

    def segments(self) -> tuple[Segment, ...]:
        return self._shown.build() + self._hidden.build()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._around(tag)
        if not attrs:
            return
        start = self._position()
        written = self.get_starttag_text() or ""
        for match in _ATTRIBUTE.finditer(written):
            group = next((number for number in (1, 2, 3) if match[number]), 0)
            if group and not _PLAIN_ATTRIBUTES.match(match.group()):
                self._hide(start + match.start(group), start + match.end(group))

    def handle_endtag(self, tag: str) -> None:
        self._around(tag)

    def handle_data(self, data: str) -> None:
        start = self._position()
        self._shown.add(data, start, start + len(data))

    def handle_entityref(self, name: str) -> None:
        self._entity(len(name) + 1)

    def handle_charref(self, name: str) -> None:
        self._entity(len(name) + 2)

    def handle_comment(self, data: str) -> None:
        start = self._raw.find(data, self._position()) if data else -1
        if start >= 0:
            self._hide(start, start + len(data))

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def _entity(self, length: int) -> None:
        start = self._position()
        end = start + length
        end += self._raw.startswith(";", end)
        add_markup(self._shown, self._raw, start, end)

    def _around(self, tag: str) -> None:
        if tag in _INLINE:
            return
        if self._shown.is_long:
            self._shown.cut()
        self._shown.context("\n")
        self._shown.unit()

    def _hide(self, start: int, end: int) -> None:
        if self._hidden.is_long:
            self._hidden.cut()
        self._hidden.unit()
        add_markup(self._hidden, self._raw, start, end)
        self._hidden.context("\n")

    def _position(self) -> int:
        line, offset = self.getpos()
        return self._starts[line - 1] + offset
