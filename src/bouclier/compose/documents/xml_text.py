"""XML of office documents: its words where they stand. No document type, so no entity, internal or external."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from bouclier.compose.documents.escapes import add_markup
from bouclier.compose.documents.failures import damaged, dangerous
from bouclier.compose.documents.model import Place, Segment, Unit
from bouclier.compose.documents.segments import SegmentBuilder
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.terms.errors import RequestError

_ATTRIBUTE = re.compile(r"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCES = frozenset({"Target", "xlink:href"})
_TAG = re.compile(r"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


class Vocabulary(NamedTuple):
    """What matters in a kind of XML, by names as they are written, with the usual prefixes.

    Attributes:
        paragraphs: Elements that a finding does not cross.
        breaks: Elements that stand for a character.
        silent: Elements whose text is no text of the document.
        authors: Elements whose text is a person's name, and attributes that are.
        attributes: Attributes that are read.
        valued: Elements whose every attribute is read.
    """

    paragraphs: frozenset[str]
    breaks: Mapping[str, str]
    silent: frozenset[str]
    authors: frozenset[str]
    attributes: frozenset[str]
    valued: frozenset[str] = frozenset()


def xml_segments(data: bytes, vocabulary: Vocabulary, *, name: str, part: str) -> tuple[str, tuple[Segment, ...]]:
    """Return the raw text of an XML member and its segments.

    Raises:
        RequestError: It is not well formed, not UTF-8, or declares a document type.
    """
    try:
        raw = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(name, "XML UTF-8", part) from error
    return raw, _Reader(raw, vocabulary, name=name, part=part).read()


class _Reader:
    def __init__(self, raw: str, vocabulary: Vocabulary, *, name: str, part: str) -> None:
        self._raw = raw
        self._words = vocabulary
        self._name, self._part = name, part
        self._shown = SegmentBuilder()
        self._hidden = SegmentBuilder()
        self._open: list[str] = []
        self._paragraph = 0
        self._literal = False
        self._byte = 0
        self._char = 0
        self._data = raw.encode("utf-8")
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.CommentHandler = self._comment
        self._parser.StartCdataSectionHandler = self._begin_literal
        self._parser.EndCdataSectionHandler = self._end_literal

    def read(self) -> tuple[Segment, ...]:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise damaged(self._name, "XML", self._part) from error
        return self._shown.build() + self._hidden.build()

    def _position(self) -> int:
        """Return the code point where the parser is; it only ever goes forward."""
        index = self._parser.CurrentByteIndex
        self._char += len(self._data[self._byte : index].decode("utf-8"))
        self._byte = index
        return self._char

    def _doctype(self, *_: object) -> RequestError:
        raise dangerous(self._name, Bilingual("son XML déclare des entités", "its XML declares entities"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        words = self._words
        if tag in words.paragraphs:
            self._paragraph += 1
            if self._shown.is_long:
                self._shown.cut()
            self._shown.unit(Unit(Place(paragraph=self._paragraph)))
        elif tag in words.authors:
            self._shown.unit(Unit(whole=EntityType.PERSON))
        elif tag in words.breaks:
            self._shown.context(words.breaks[tag])
        self._open.append(tag)
        valued = tag in words.valued
        if valued or not words.attributes.isdisjoint(attributes):
            self._attributes(every=valued)

    def _attributes(self, *, every: bool) -> None:
        start = self._position()
        tag = _TAG.match(self._raw, start)
        for match in _ATTRIBUTE.finditer(tag.group()) if tag else ():
            if not every and match[1] not in self._words.attributes:
                continue
            group = 2 if match[2] is not None else 3
            if match[1] in _REFERENCES and ":" not in match[group]:
                continue  # another member of the archive: to change it would break the document
            author = match[1] in self._words.authors
            self._hide(
                start + match.start(group), start + match.end(group), Unit(whole=EntityType.PERSON if author else None)
            )

    def _end(self, tag: str) -> None:
        self._open.pop()
        if tag in self._words.paragraphs or tag in self._words.authors:
            self._shown.context("\n")
            self._shown.unit(Unit(Place(paragraph=self._paragraph or None)))

    def _text(self, text: str) -> None:
        if self._open[-1] in self._words.silent:
            return
        start = self._position()
        if self._raw.startswith("&", start) and not self._literal:
            self._shown.add(text, start, self._raw.index(";", start) + 1)
        elif self._raw.startswith(text, start):
            self._shown.add(text, start, start + len(text))
        else:  # the end of a line, which XML reads as one character
            end = start + (2 if self._raw.startswith("\r\n", start) else 1)
            self._shown.add(text, start, end)

    def _begin_literal(self) -> None:
        self._literal = True

    def _end_literal(self) -> None:
        self._literal = False

    def _comment(self, text: str) -> None:
        start = self._raw.find(text, self._position())
        if text and start >= 0:
            self._hide(start, start + len(text), Unit())

    def _hide(self, start: int, end: int, unit: Unit) -> None:
        if self._hidden.is_long:
            self._hidden.cut()
        self._hidden.unit(unit)
        add_markup(self._hidden, self._raw, start, end)
        self._hidden.context("\n")
