"""A report as a value: sections of facts and tables, whose figures know the entries that make them up.

Renderers only spell it; whatever is said or withheld is decided before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.oversight.reports.period import Period
    from bouclier.oversight.reports.ranges import Ranges
    from bouclier.terms.errors import Bilingual

Language = Literal["fr", "en"]
ReportName = Literal["register", "ai-act", "public", "carbon"]
Role = Literal["dimension", "figure", "statement"]


class Standing(StrEnum):
    """Who says it, and how sure it is."""

    RECORDED = "recorded"
    STATED = "stated"
    TO_COMPLETE = "to-complete"
    UNKNOWN = "unknown"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Label:
    """A value of a dimension.

    Attributes:
        id: As the record spells it.
        shown: The same for people; None when the id is what they read.
    """

    id: str
    shown: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number.

    Attributes:
        value: The number; None when it is withheld. Whole: `decimals` says where its decimal point is.
        entries: By origin, the entries that make it up; empty where a report does not cite entries.
        unit: `%` for a share, else empty.
        decimals: How many of the last digits of `value` stand after the decimal point.
    """

    value: int | None
    entries: Mapping[str, Ranges] = field(default_factory=dict)
    unit: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said in words.

    Attributes:
        text: What is said; None when nobody said it.
        standing: By whom, and how sure.
    """

    text: str | Bilingual | None
    standing: Standing = Standing.RECORDED


Cell: TypeAlias = "Label | Figure | Statement"
Row: TypeAlias = "tuple[Cell, ...]"


class Column(NamedTuple):
    """A column of a table: its id for machines, its title for people, and what its cells are."""

    id: str
    title: Bilingual
    role: Role = "figure"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns.

    Attributes:
        id: Unique in its section.
        title: Its caption.
        columns: Dimensions first.
        rows: One cell per column each, of the column's role.
        notes: What a reader must know to read it.
    """

    id: str
    title: Bilingual
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a section: what it is about, and a number or a statement."""

    id: str
    label: Bilingual
    content: Figure | Statement


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report."""

    id: str
    title: Bilingual
    notes: tuple[Bilingual, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What was read of one log.

    Attributes:
        origin: Its name.
        entries: How many of its entries lie in the period.
        first_index: Of those; None when there is none.
        last_index: Of those; None when there is none.
        first_ms: Time of the first of those; None when there is none.
        last_ms: Time of the last of those; None when there is none.
        oldest_ms: Time of the log's first entry; None when it is empty.
        size: Size of the tree that ends with the last entry in the period, or of all that was read if there is none.
        root: Its root, 32 bytes.
    """

    origin: str
    entries: int
    first_index: int | None
    last_index: int | None
    first_ms: int | None
    last_ms: int | None
    oldest_ms: int | None
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Cover:
    """What a report is about.

    Attributes:
        institution: Whose it is, as stated or else as configured.
        period: The days it is about.
        generated_ms: When it was made, milliseconds since 1970-01-01 UTC.
        logs: What it was made from, in the order it was read.
    """

    institution: str
    period: Period
    generated_ms: int
    logs: tuple[LogSummary, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes:
        report: Which one.
        title: Its title.
        cover: What it is about.
        sections: What it says.
        cites: Whether its figures cite entries.
    """

    report: ReportName
    title: Bilingual
    cover: Cover
    sections: tuple[Section, ...]
    cites: bool = True


def spelt(value: int, decimals: int) -> str:
    """Return a number of so many decimals, without those at its end that say nothing.

    >>> spelt(1_500, 3), spelt(482, 3), spelt(7_000, 3), spelt(10, 0)
    ('1.5', '0.482', '7', '10')
    """
    if decimals == 0:
        return str(value)
    whole, rest = divmod(value, 10**decimals)
    return f"{whole}.{rest:0{decimals}}".rstrip("0").rstrip(".")


def said(text: str | Bilingual, language: Language) -> str:
    """Return a text in one language."""
    if isinstance(text, str):
        return text
    return text.fr if language == "fr" else text.en
