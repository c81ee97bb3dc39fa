"""Which reader reads a file: by the end of its name, then by its first bytes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from bouclier.compose.documents.html_text import read_html
from bouclier.compose.documents.json_text import read_json, read_jsonl
from bouclier.compose.documents.mail import read_mail
from bouclier.compose.documents.model import Block, Document, Format
from bouclier.compose.documents.office import read_office
from bouclier.compose.documents.parquet import read_parquet
from bouclier.compose.documents.pdf import read_pdf
from bouclier.compose.documents.segments import plain_segment
from bouclier.compose.documents.source import UTF8, Source
from bouclier.compose.documents.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_BY_END = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".odt": Format.ODT,
    ".pdf": Format.PDF,
    ".eml": Format.EML,
    ".parquet": Format.PARQUET,
}
_BY_START = ((b"%PDF-", Format.PDF), (b"PAR1", Format.PARQUET))
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

TABLES = frozenset({Format.CSV, Format.TSV, Format.JSONL, Format.PARQUET})
"""Formats that are read as they come, however long."""


def format_of(source: Source, name: str) -> Format | None:
    """Return what a file is; None if it is of no format we read.

    Raises:
        RequestError: It cannot be read.
    """
    known = _BY_END.get(PurePath(name).suffix.lower())
    if known is not None:
        return known
    head = source.head()
    for start, format_ in _BY_START:
        if head.startswith(start):
            return format_
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        return None
    return Format.TEXT


def open_document(
    source: Source,
    name: str,
    *,
    encoding: str = UTF8,
    columns: Collection[str] = (),
) -> Document | None:
    """Open a file for reading.

    Args:
        source: The file.
        name: Its name, which says its format.
        encoding: How text is encoded, where no byte order mark says otherwise.
        columns: Columns of tables whose every cell is personal.

    Returns:
        The document, or None if it is of no format we read.

    Raises:
        RequestError: It cannot be read.
        ConfigurationError: The library for its format is not installed.
    """
    format_ = format_of(source, name)
    if format_ is None:
        return None
    if format_ is Format.PDF:
        return read_pdf(source)
    if format_ is Format.PARQUET:
        return read_parquet(source, columns)
    if format_ in {Format.DOCX, Format.ODT}:
        return read_office(source, format_)
    if format_ is Format.EML:
        return read_mail(source, lambda inner, inner_name: open_document(inner, inner_name, encoding=encoding))
    return _open_text(source, format_, source.encoding(encoding), columns)


def _open_text(source: Source, format_: Format, encoding: str, columns: Collection[str]) -> Document:
    if format_ in {Format.CSV, Format.TSV}:
        return read_table(source, encoding, format_, columns)
    if format_ is Format.HTML:
        return read_html(source, encoding)
    if format_ is Format.JSON:
        return read_json(source, encoding)
    if format_ is Format.JSONL:
        return read_jsonl(source, encoding)

    def blocks() -> Iterator[Block]:
        raw = source.text(encoding)
        yield Block(raw, (plain_segment(raw),))

    return Document(format_, blocks(), encoding)
