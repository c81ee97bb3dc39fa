"""PDF: the text of each page. A page that is an image has none: it is counted as not inspected."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bouclier.compose.documents.failures import damaged, encrypted, missing_extra, unreadable
from bouclier.compose.documents.model import Block, Document, Format, Note, Place
from bouclier.compose.documents.segments import plain_segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from pypdf import PageObject, PdfReader

    from bouclier.compose.documents.source import Source

_FIELDS = "\n"
# What pypdf does not check, and meets in damaged files beside its own errors: a number, nothing or a list where a
# dictionary should be (AttributeError, TypeError), a stream of no file (AssertionError), a filter it does not know
# (NotImplementedError), lists in lists without end (RecursionError), data that its filter cannot read (ValueError).
# Those of tens of thousands of altered files, and no others (pypdf 7.1, tests/unit/compose/test_damaged_pdf.py).
_DAMAGE = (
    AssertionError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)


def read_pdf(source: Source) -> Document:
    """Read a PDF, a block a page, then its properties and form fields.

    Raises:
        ConfigurationError: The library is not installed.
    """
    document = Document(Format.PDF, iter(()))
    document.blocks = _blocks(source, document)
    return document


def _blocks(source: Source, document: Document) -> Iterator[Block]:
    try:
        import pypdf  # noqa: PLC0415 -- an optional library, for this format alone
    except ImportError as error:
        raise missing_extra("pypdf", "bulk") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings may quote what it reads
    try:
        with source.open() as file:
            yield from _read(source, document, file)
    except (pypdf.errors.PyPdfError, *_DAMAGE) as error:
        raise damaged(source.name, "PDF") from error
    except OSError as error:
        raise unreadable(source.name) from error


def _read(source: Source, document: Document, file: BinaryIO) -> Iterator[Block]:
    reader = _opened(source, file)
    pages = inspected = 0
    for number, page in enumerate(reader.pages, start=1):
        pages += 1
        text = page.extract_text()
        if text.strip():
            inspected += 1
            yield Block(text, (plain_segment(text),), first_line=1, place=Place(page=number))
        elif _has_images(page):
            document.note(Note.PAGE_WITHOUT_TEXT)
        if "/AF" in page or any("/FS" in annotation.get_object() for annotation in page.annotations or ()):
            document.note(Note.EMBEDDED)
    for _ in reader.attachments:
        document.note(Note.EMBEDDED)
    said = _said_beside(reader)
    if said:
        yield Block(said, (plain_segment(said),), first_line=None)
    if pages and not inspected:
        document.notes.pop(Note.PAGE_WITHOUT_TEXT, None)
        document.note(Note.NO_TEXT)


def _has_images(page: PageObject) -> bool:
    try:
        return bool(page.images)
    except ImportError:  # an image within the page's own commands, which is decoded at once, by a library of images
        return True


def _opened(source: Source, file: BinaryIO) -> PdfReader:
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    reader = PdfReader(file)
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("")  # many files only forbid printing, and open without a password
        except (DependencyError, PyPdfError, NotImplementedError) as error:
            raise encrypted(source.name) from error
        if not opened:
            raise encrypted(source.name)
    return reader


def _said_beside(reader: PdfReader) -> str:
    """Return what is written in properties, in the fields of a form and in notes."""
    properties = [str(value) for key, value in (reader.metadata or {}).items() if key not in _DULL]
    fields = [f"{name} : {value}" for name, value in reader.get_form_text_fields().items() if value]
    notes = [
        str(annotation.get_object().get("/Contents", ""))
        for page in reader.pages
        for annotation in page.annotations or ()
    ]
    return _FIELDS.join([*properties, *fields, *filter(None, notes)])


_DULL = frozenset({"/Producer", "/Creator", "/CreationDate", "/ModDate", "/Trapped"})
