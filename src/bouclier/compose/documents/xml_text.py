"""XML of office documents: its words where they stand. No document type, so no entity, internal or external."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from bouclier.compose.documents.failures import damaged, dangerous
from bouclier.compose.documents.model import Place, Segment, Unit
from bouclier.compose.documents.segments import SegmentBuilder
from bouclier.compose.documents.xml_values import Read, add_read, arguments, read_value, says_something
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bouclier.terms.errors import RequestError

_ATTRIBUTE = re.compile(r"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CHOICE = re.compile(r"[a-z][A-Za-z0-9]*")
_REFERENCE = re.compile(r"&[^;&]*;|[^&]+")
_NAMESPACES = (
    *("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/", "http://purl.oclc.org/ooxml/"),
    *("urn:oasis:names:", "urn:schemas-microsoft-com:", "http://www.w3.org/", "http://purl.org/dc/"),
)
_TAG = re.compile(r"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


class Vocabulary(NamedTuple):
    """What matters in a kind of XML, by names as they are written, with the usual prefixes.

    Attributes:
        paragraphs: Elements that a finding does not cross.
        breaks: Elements that stand for a character.
        silent: Elements whose text is no text of the document.
        authors: Elements whose text is a person's name, and attributes that are.
        structural: Attributes that are not read: `w:date`, or all of a prefix, `r:`, or of a start, `w:rsid`. All
            others are.
        bare: Elements of which no attribute is read.
        free: Attributes that are read even if they are one word in small letters, which elsewhere is a choice from a
            list, `center`; None for all of them.
        valued: Elements of which all attributes are.
        codes: Elements whose text, and attributes whose value, is the code of a field.
        code_ends: Elements at which a code ends.
    """

    paragraphs: frozenset[str]
    breaks: Mapping[str, str]
    silent: frozenset[str]
    authors: frozenset[str]
    structural: tuple[str, ...] = ()
    bare: frozenset[str] = frozenset()
    free: frozenset[str] | None = None
    valued: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    code_ends: frozenset[str] = frozenset()


def xml_segments(
    data: bytes, vocabulary: Vocabulary, *, name: str, part: str, members: Collection[str] = ()
) -> tuple[str, tuple[Segment, ...]]:
    """Return the raw text of an XML member and its segments.

    Args:
        data: The member.
        vocabulary: What its elements and attributes are.
        name: The document, in messages.
        part: The member, in messages.
        members: The members of the archive: a reference to one of them is not read.

    Raises:
        RequestError: It is not well formed, not UTF-8, or declares a document type.
    """
    try:
        raw = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(name, "XML UTF-8", part) from error
    return raw, _Reader(raw, vocabulary, name=name, part=part, members=members).read()


class _Reader:
    def __init__(self, raw: str, vocabulary: Vocabulary, *, name: str, part: str, members: Collection[str]) -> None:
        self._raw = raw
        self._words = vocabulary
        self._name, self._part = name, part
        self._members = members
        self._shown = SegmentBuilder()
        self._hidden = SegmentBuilder()
        self._values: dict[tuple[str, bool], list[int]] = {}
        self._code: list[Read] = []
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
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartCdataSectionHandler = self._begin_literal
        self._parser.EndCdataSectionHandler = self._end_literal

    def read(self) -> tuple[Segment, ...]:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise damaged(self._name, "XML", self._part) from error
        self._end_code()
        self._add_values()
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
        if tag in words.code_ends:
            self._end_code()
        self._open.append(tag)
        if attributes and tag not in words.bare:
            self._attributes(tag, attributes)

    def _attributes(self, element: str, attributes: dict[str, str]) -> None:
        words = self._words
        start = self._position()
        tag = _TAG.match(self._raw, start)
        for match in _ATTRIBUTE.finditer(tag.group()) if tag else ():
            attribute, group = match[1], 2 if match[2] is not None else 3
            written = match[group]
            author = attribute in words.authors
            if not author and (attribute.startswith(words.structural) or self._is_choice(element, attribute, written)):
                continue
            if not author and (not says_something(written) or written.startswith(_NAMESPACES)):
                continue
            if self._is_member(attribute, attributes):
                continue  # another member of the archive: to change it would break the document
            begin, end = start + match.start(group), start + match.end(group)
            if attribute in words.codes:
                self._add_arguments(
                    [Read(html.unescape(one.text), one.start, one.end) for one in self._spelled(begin, end)]
                )
                continue
            self._values.setdefault((written, author), []).append(begin)

    def _is_choice(self, element: str, attribute: str, written: str) -> bool:
        words = self._words
        if words.free is None or attribute in words.free or element in words.valued:
            return False
        return _CHOICE.fullmatch(written) is not None

    def _is_member(self, attribute: str, attributes: dict[str, str]) -> bool:
        value = attributes.get(attribute, "")
        if attribute == "Target":
            return attributes.get("TargetMode") != "External" and ":" not in value
        return attribute == "xlink:href" and value.removeprefix("./") in self._members

    def _spelled(self, start: int, end: int) -> Iterator[Read]:
        for match in _REFERENCE.finditer(self._raw, start, end):
            yield Read(match.group(), match.start(), match.end())

    def _add_values(self) -> None:
        """Add each value that attributes have, once, so that all that refer to one another change as one."""
        for (written, author), starts in self._values.items():
            first = starts[0]
            echoes = tuple(start - first for start in starts[1:])
            read = list(read_value(self._raw, first, first + len(written)))
            self._hide(read, Unit(whole=EntityType.PERSON if author else None, echoes=echoes))

    def _end_code(self) -> None:
        if self._code:
            self._add_arguments(self._code)
            self._code = []

    def _add_arguments(self, code: Sequence[Read]) -> None:
        for argument in arguments(code):
            start, end = argument[0].start, argument[-1].end
            # In one run it is spelled like a value of an attribute.
            whole = "<" not in self._raw[start:end]
            self._hide(list(read_value(self._raw, start, end)) if whole else argument, Unit())

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
            end = self._raw.index(";", start) + 1
        elif self._raw.startswith(text, start):
            end = start + len(text)
        else:  # the end of a line, which XML reads as one character
            end = start + (2 if self._raw.startswith("\r\n", start) else 1)
        if self._open[-1] in self._words.codes:
            self._code.append(Read(text, start, end))
        else:
            self._shown.add(text, start, end)

    def _begin_literal(self) -> None:
        self._literal = True

    def _end_literal(self) -> None:
        self._literal = False

    def _comment(self, text: str) -> None:
        start = self._raw.find(text, self._position())
        if text and start >= 0:
            self._hide([Read(text, start, start + len(text))], Unit())

    def _instruction(self, _target: str, text: str) -> None:
        self._comment(text)

    def _hide(self, value: Sequence[Read], unit: Unit) -> None:
        if self._hidden.is_long:
            self._hidden.cut()
        self._hidden.unit(unit)
        add_read(self._hidden, value)
        self._hidden.context("\n")
