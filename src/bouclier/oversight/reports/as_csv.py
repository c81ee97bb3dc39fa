"""A report as CSV (RFC 4180, UTF-8): one row per figure or statement, with ids rather than titles.

    report,section,table,figure,dimension_1,…,dimension_6,value,entries

A dimension is spelt `name=value`; entries, `origin:0-4,9` with a space between origins; a withheld figure, `withheld`;
a statement nobody made, by its standing. A field that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.model import Figure, Label, said, spelt
from bouclier.oversight.reports.period import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.reports.model import Cell, Document, Language, Section, Statement

DIMENSIONS: Final = 6
HEADER: Final = (
    "report", "section", "table", "figure", *(f"dimension_{number + 1}" for number in range(DIMENSIONS)), "value",
    "entries",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula in some spreadsheet, full-width forms included."""


def as_csv(document: Document, language: Language) -> bytes:
    """Return a report as CSV, with statements in one language."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in _rows(document, language):
        writer.writerow([safe(field) for field in row])
    return out.getvalue().encode()


def safe(field: str) -> str:
    """Return a field that no spreadsheet takes for a formula."""
    # White space first is skipped by some; so is what stands before the sign.
    return f"'{field}" if field.lstrip().startswith(_FORMULA) or field.startswith(_FORMULA) else field


def _rows(document: Document, language: Language) -> Iterator[list[str]]:
    def row(section: str, table: str, figure: str, dimensions: list[str], value: str, entries: str) -> list[str]:
        padding = [""] * (DIMENSIONS - len(dimensions))
        return [document.report, section, table, figure, *dimensions, *padding, value, entries]

    period = document.cover.period
    yield row("report", "", "institution", [], document.cover.institution, "")
    yield row("report", "", "from", [], "" if period.first is None else period.first.isoformat(), "")
    yield row("report", "", "to", [], "" if period.last is None else period.last.isoformat(), "")
    yield row("report", "", "generated", [], written(document.cover.generated_ms), "")
    for log in document.cover.logs:
        yield row("report", "logs", "size", [f"origin={log.origin}"], str(log.size), "")
        yield row("report", "logs", "root", [f"origin={log.origin}"], log.root.hex(), "")
    for section in document.sections:
        for fact in section.facts:
            yield row(section.id, "", fact.id, [], *_value(fact.content, language))
        for table, figure, dimensions, cell in _table_cells(section):
            yield row(section.id, table, figure, dimensions, *_value(cell, language))


def _table_cells(section: Section) -> Iterator[tuple[str, str, list[str], Figure | Statement]]:
    for table in section.tables:
        for cells in table.rows:
            pairs = list(zip(table.columns, cells, strict=True))
            dimensions = [f"{column.id}={cell.id}" for column, cell in pairs if isinstance(cell, Label)]
            for column, cell in pairs:
                if not isinstance(cell, Label):
                    yield table.id, column.id, dimensions, cell


def _value(cell: Cell, language: Language) -> tuple[str, str]:
    if isinstance(cell, Figure):
        value = "withheld" if cell.value is None else f"{spelt(cell.value, cell.decimals)}{cell.unit}"
        return value, " ".join(f"{origin}:{ranges}" for origin, ranges in cell.entries.items())
    if isinstance(cell, Label):
        return cell.id, ""
    return cell.standing.value if cell.text is None else said(cell.text, language), ""
