"""Mail: its headers and bodies, and its attachments through their own readers."""

from __future__ import annotations

from email import policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import TYPE_CHECKING

from bouclier.compose.documents.failures import damaged
from bouclier.compose.documents.html_text import html_segments
from bouclier.compose.documents.model import Block, Document, Format, Note, Place, Spelling
from bouclier.compose.documents.segments import plain_segment
from bouclier.compose.documents.source import Source
from bouclier.terms.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_BYTES = 64 << 20
_MAX_DEPTH = 5
_MAX_PARTS = 1_000
_DULL = frozenset({"mime-version", "content-type", "content-transfer-encoding", "dkim-signature", "arc-seal"})
_MAIL = "message/rfc822"


def read_mail(source: Source, opened: Callable[[Source, str], Document | None]) -> Document:
    """Read a message.

    Args:
        source: The file.
        opened: Opens an attachment by its name; None when it is of no format we read.
    """
    document = Document(Format.EML, iter(()))
    document.blocks = _blocks(source, document, opened)
    return document


def _blocks(source: Source, document: Document, opened: Callable[[Source, str], Document | None]) -> Iterator[Block]:
    data = source.read(_MAX_BYTES)
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    if not message.keys():
        raise damaged(source.name, "EML")
    reader = _Reader(source, document, opened)
    try:
        yield from reader.message(message, 0)
    except (MessageError, LookupError, ValueError) as error:
        raise damaged(source.name, "EML") from error


class _Reader:
    def __init__(self, source: Source, document: Document, opened: Callable[[Source, str], Document | None]) -> None:
        self._source = source
        self._document = document
        self._opened = opened
        self._parts = 0
        self._attachments = 0

    def message(self, message: Message, depth: int) -> Iterator[Block]:
        headers = "\n".join(f"{name}: {value}" for name, value in message.items() if name.lower() not in _DULL)
        yield Block(headers, (plain_segment(headers),), first_line=1, place=self._place())
        yield from self._part(message, depth)

    def _part(self, part: Message, depth: int) -> Iterator[Block]:
        self._parts += 1
        if depth > _MAX_DEPTH or self._parts > _MAX_PARTS:
            self._document.note(Note.ATTACHMENT)
            return
        kind = part.get_content_type()
        if kind == _MAIL:
            self._attachments += 1
            for inner in _inner(part):
                yield from self.message(inner, depth + 1)
        elif part.is_multipart():
            for inner in _inner(part):
                yield from self._part(inner, depth + 1)
        elif part.get_filename() or part.get_content_maintype() != "text":
            yield from self._attachment(part)
        else:
            assert isinstance(part, EmailMessage)
            text = str(part.get_content())
            segments = html_segments(text) if kind == "text/html" else (plain_segment(text),)
            spelling = Spelling.MARKUP if kind == "text/html" else Spelling.PLAIN
            yield Block(text, segments, spelling, first_line=1, place=self._place())

    def _attachment(self, part: Message) -> Iterator[Block]:
        self._attachments += 1
        place = self._place()
        name = part.get_filename() or ""
        if name:  # a name of a file may be that of a person
            yield Block(name, (plain_segment(name),), first_line=None, place=place)
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        try:
            inner = self._opened(Source(f"{self._source.name}#{self._attachments}", data=data), name)
            if inner is None:
                self._document.note(Note.ATTACHMENT)
                return
            for block in inner.blocks:
                yield _at(block, place)
        except RequestError:
            self._document.note(Note.ATTACHMENT)
            return
        for note, count in inner.notes.items():
            self._document.notes[note] = self._document.notes.get(note, 0) + count

    def _place(self) -> Place:
        return Place(attachment=self._attachments or None)


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _at(block: Block, place: Place) -> Block:
    known = {name: getattr(block.place, name) for name in ("page", "paragraph", "row", "cell")}
    return Block(
        block.raw,
        block.segments,
        block.spelling,
        first_line=block.first_line,
        place=Place(attachment=place.attachment, **known),
    )
