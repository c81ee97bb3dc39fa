"""A report as JSON, `bouclier-report/v1`: the same keys and ids in every language, and every range of entries.

`data/report.schema.json` is its schema.

    {"format": "bouclier-report/v1", "report": "register", "language": "fr", "title": "…", "institution": "…",
     "period": {"from": "2026-01-01", "to": null}, "generated": "2026-11-22 08:00:00 UTC",
     "logs": [{"origin": "…", "size": 12, "root": "hex"}],
     "sections": [{"id": "…", "title": "…", "notes": ["…"],
       "facts": [{"id": "…", "label": "…", CELL}],
       "tables": [{"id": "…", "title": "…", "notes": [],
         "columns": [{"id": "…", "title": "…", "role": "dimension"}],
         "rows": [[{CELL}]]}]}]}

A CELL is one of: `"id"` and `"label"` (a dimension); `"value"`, an integer or null, with `"withheld": true` if it is
null, `"unit"` if it has one, and `"entries"`, ranges of indexes by origin, in reports that cite them (a figure);
`"text"`, a string or null, with `"standing"` (a statement).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.oversight.reports.model import Figure, Label, said, spelt
from bouclier.oversight.reports.period import written

if TYPE_CHECKING:
    from datetime import date

    from bouclier.oversight.reports.model import Cell, Document, Fact, Language, Section, Table

FORMAT: Final = "bouclier-report/v1"


def as_json(document: Document, language: Language) -> bytes:
    """Return a report as JSON, with texts in one language."""
    return _Writer(document, language).rendered()


class _Writer:
    def __init__(self, document: Document, language: Language) -> None:
        self._document = document
        self._language = language

    def rendered(self) -> bytes:
        document, language = self._document, self._language
        told = {
            "format": FORMAT,
            "report": document.report,
            "language": language,
            "title": said(document.title, language),
            "institution": document.cover.institution,
            "period": {"from": _day(document.cover.period.first), "to": _day(document.cover.period.last)},
            "generated": written(document.cover.generated_ms),
            "logs": [{"origin": log.origin, "size": log.size, "root": log.root.hex()} for log in document.cover.logs],
            "sections": [self._section(section) for section in document.sections],
        }
        return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "id": section.id,
            "title": said(section.title, self._language),
            "notes": [said(note, self._language) for note in section.notes],
            "facts": [self._fact(fact) for fact in section.facts],
            "tables": [self._table(table) for table in section.tables],
        }

    def _fact(self, fact: Fact) -> dict[str, Any]:
        return {"id": fact.id, "label": said(fact.label, self._language), **self._cell(fact.content)}

    def _table(self, table: Table) -> dict[str, Any]:
        return {
            "id": table.id,
            "title": said(table.title, self._language),
            "notes": [said(note, self._language) for note in table.notes],
            "columns": [
                {"id": column.id, "title": said(column.title, self._language), "role": column.role}
                for column in table.columns
            ],
            "rows": [[self._cell(cell) for cell in row] for row in table.rows],
        }

    def _cell(self, cell: Cell) -> dict[str, Any]:
        if isinstance(cell, Label):
            return {"id": cell.id, "label": said(cell.shown or cell.id, self._language)}
        if isinstance(cell, Figure):
            told: dict[str, Any] = {"value": _number(cell)}
            if cell.value is None:
                told["withheld"] = True
            if cell.unit:
                told["unit"] = cell.unit
            if self._document.cites:
                told["entries"] = {origin: str(ranges) for origin, ranges in cell.entries.items()}
            return told
        text = None if cell.text is None else said(cell.text, self._language)
        return {"text": text, "standing": cell.standing.value}


def _number(figure: Figure) -> int | float | None:
    """Return a figure as JSON spells it: whole where it is."""
    if figure.value is None or figure.value % 10**figure.decimals == 0:
        return None if figure.value is None else figure.value // 10**figure.decimals
    return float(spelt(figure.value, figure.decimals))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
