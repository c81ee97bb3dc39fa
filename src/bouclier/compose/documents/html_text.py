"""HTML: what is shown, attributes, comments and scripts, where they stand. Nothing is fetched and nothing runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.compose.documents.escapes import add_markup
from bouclier.compose.documents.model import Block, Document, Format, Segment, Spelling
from bouclier.compose.documents.segments import SegmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.documents.source import Source

_MAX_BYTES = 16 << 20
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins"}
    | {"kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time"}
    | {"tt", "u", "var", "wbr"}
)
_TAG = re.compile(r"</?([A-Za-z][^\s/>]*+)")
# What follows the name of a tag, as HTML 5 reads it (WHATWG, 13.2.5.32 to 40): nothing is read twice, whatever is open.
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?:(>)|([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^\s>]++)))?+)"""
)
_PLAIN_ATTRIBUTES = frozenset({"class", "style", "rel", "type", "lang", "dir", "width", "height"})
_NAME = 2
_CLOSED = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "title", "textarea")}
_LITERAL = frozenset({"script", "style"})
_ENDS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", ">"), ("</", ">"))


def read_html(source: Source, encoding: str) -> Document:
    """Read a page as one block."""

    def blocks() -> Iterator[Block]:
        raw = source.text(encoding, _MAX_BYTES)
        yield Block(raw, html_segments(raw), Spelling.MARKUP)

    return Document(Format.HTML, blocks(), encoding)


def html_segments(raw: str) -> tuple[Segment, ...]:
    """Return the segments of a page: its text, then what its attributes and comments hold.

    The work grows with the page, however broken it is; from a tag that never ends, it is read as it is written.
    """
    reader = _Reader(raw)
    reader.read()
    return reader.segments()


class _Reader:
    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._shown = SegmentBuilder()
        self._hidden = SegmentBuilder()

    def segments(self) -> tuple[Segment, ...]:
        return self._shown.build() + self._hidden.build()

    def read(self) -> None:
        raw = self._raw
        position = text = 0
        while (position := raw.find("<", position)) >= 0:
            tag = _TAG.match(raw, position)
            if tag is None and not raw.startswith(("<!", "<?", "</"), position):
                position += 1  # a sign, as in 3 < 4
                continue
            add_markup(self._shown, raw, text, position)
            if tag is None:
                position = text = self._aside(position)
                continue
            text = position
            after = self._tag(tag)
            if after is None:
                break
            position = text = after
        add_markup(self._shown, raw, text, len(raw))

    def _aside(self, start: int) -> int:
        """Read a comment or a declaration; return where it ends."""
        raw = self._raw
        opening, closing = next(pair for pair in _ENDS if raw.startswith(pair[0], start))
        begin = start + len(opening)
        end = raw.find(closing, begin)
        if end < 0:
            end = len(raw)
        self._hide(begin, end)
        return min(end + len(closing), len(raw))

    def _tag(self, tag: re.Match[str]) -> int | None:
        """Read a tag, and what follows one whose content is no markup; return where that ends, None if it does not."""
        raw, name = self._raw, tag[1].lower()
        values: list[tuple[int, int]] = []
        position = tag.end()
        while (match := _ATTRIBUTE.match(raw, position)) is not None:
            position = match.end()
            if match[1]:
                break
            group = match.lastindex
            if group is not None and group > _NAME and match[_NAME].lower() not in _PLAIN_ATTRIBUTES and match[group]:
                values.append(match.span(group))
        else:
            return None
        self._around(name)
        for start, end in values:
            self._hide(start, end)
        if name not in _CLOSED or raw[tag.start() + 1] == "/":
            return position
        closing = _CLOSED[name].search(raw, position)
        end = len(raw) if closing is None else closing.start()
        if name in _LITERAL:
            self._shown.add(raw[position:end], position, end)
        else:
            add_markup(self._shown, raw, position, end)
        return end

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
