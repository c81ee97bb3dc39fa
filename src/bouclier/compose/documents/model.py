"""Blocks, segments and pieces: a document's texts and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.terms.content import EntityType


class Format(StrEnum):
    """What a file is."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    DOCX = "docx"
    ODT = "odt"
    PDF = "pdf"
    EML = "eml"
    PARQUET = "parquet"


class Spelling(Enum):
    """How a value is spelled in the raw text of a block."""

    PLAIN = "plain"
    JSON = "json"
    MARKUP = "markup"
    CSV = "csv"


class Note(StrEnum):
    """Why a part of a document was not inspected; `METADATA` of a table is never written again.

    The words shown are in `compose.reports.words`.
    """

    NO_TEXT = "no-text"
    PAGE_WITHOUT_TEXT = "page-without-text"
    IMAGE = "image"
    EMBEDDED = "embedded"
    ATTACHMENT = "attachment"
    VALUES = "values"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a document, or that it stands in the document's name; what does not apply is None.

    Everything counts from 1.
    """

    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    page: int | None = None
    paragraph: int | None = None
    row: int | None = None
    cell: int | None = None
    attachment: int | None = None
    name: bool | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What a finding does not cross: a paragraph, a cell, a string.

    Attributes:
        place: Where it stands, beyond line and column.
        whole: The type it has as a whole because somebody said so, such as an author or a column that was named.
        key: It names what follows; a finding that only runs into it is not about it.
        quoted: What replaces it needs quotes around it: a number of a JSON text.
        echoes: How far from it, in code points, the same stands again, spelled the same: it is read once and replaced
            everywhere, as the name of a place in a document and what refers to it.
    """

    place: Place = Place()
    whole: EntityType | None = None
    key: bool = False
    quoted: bool = False
    echoes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a segment and where it stands: character by character if both are as long, else as one.

    Attributes:
        start: First code point in the segment.
        end: One past the last.
        raw_start: First code point in the block.
        raw_end: One past the last.
        unit: Index of its unit.
    """

    start: int
    end: int
    raw_start: int
    raw_end: int
    unit: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A text as a person reads it; what no piece covers was added for context, and is nowhere in the file."""

    text: str = field(repr=False)
    pieces: tuple[Piece, ...] = field(repr=False)
    units: tuple[Unit, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of raw text that is written again as a whole.

    Attributes:
        raw: The text as it is spelled in the file.
        segments: What is read in it.
        spelling: How a value is spelled in it.
        part: The member of an archive it is; empty where the document is one text.
        first_line: Line of its first character; None where lines mean nothing to a reader.
        place: Where it stands, beyond line and column.
    """

    raw: str = field(repr=False)
    segments: tuple[Segment, ...] = field(repr=False)
    spelling: Spelling = Spelling.PLAIN
    part: str = ""
    first_line: int | None = 1
    place: Place = Place()


@dataclass(slots=True)
class Document:
    """A file that is being read.

    Attributes:
        format: What it is.
        blocks: Its blocks, read as they are needed. They may raise `RequestError`.
        encoding: How its text is encoded; empty where it is an archive.
        notes: Why parts of it were not inspected, and how many; complete once all blocks are read.
    """

    format: Format
    blocks: Iterator[Block]
    encoding: str = ""
    notes: dict[Note, int] = field(default_factory=dict)

    def note(self, note: Note) -> None:
        """Count a part that was not inspected."""
        self.notes[note] = self.notes.get(note, 0) + 1
