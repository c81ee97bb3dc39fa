"""A report as one HTML page: no script, nothing from elsewhere, readable by a screen reader, printable as PDF.

Every text is escaped; the only addresses are anchors of the page and those of the log, whose scheme the caller checked.
A figure links to the ranges of its entries in the appendix. A figure of very many ranges shows the first of them there;
JSON and CSV have them all.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.model import Figure, Label, Standing, said, spelt
from bouclier.oversight.reports.period import written
from bouclier.oversight.reports.style import STYLE
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.oversight.reports.model import Cell, Document, Fact, Language, Section, Statement, Table
    from bouclier.oversight.reports.ranges import Ranges

MAX_RANGES_SHOWN: Final = 200
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
_STANDING: Final = {
    Standing.TO_COMPLETE: Bilingual("à compléter par le responsable", "to be completed by the controller"),
    Standing.UNKNOWN: Bilingual("inconnu", "unknown"),
    Standing.UNVERIFIED: Bilingual("non vérifié", "not verified"),
}
_WITHHELD: Final = Bilingual("retenu", "withheld")
_CONTENTS: Final = Bilingual("Sommaire", "Contents")
_PERIOD: Final = Bilingual("Période", "Period")
_MADE: Final = Bilingual("Établi le", "Made on")
_LOG: Final = Bilingual("Journal", "Log")
_EMPTY: Final = Bilingual("Rien à montrer.", "Nothing to show.")
_TOO_LITTLE: Final = Bilingual(
    "Rien n'est montré ici : il n'y a rien à compter, ou trop peu.",
    "Nothing is shown here: there is nothing to count, or too little.",
)
_APPENDIX: Final = Bilingual("Annexe : entrées de chaque figure", "Appendix: entries of each figure")
_APPENDIX_NOTE: Final = Bilingual(
    "Index dans le journal, bornes comprises.", "Indexes in the log, both ends of a range included."
)
_BACK: Final = Bilingual("retour", "back")
_THIN: Final = "\u202f"


def as_html(document: Document, language: Language, *, log_urls: Mapping[str, str] | None = None) -> bytes:
    """Return a report as a page.

    Args:
        document: The report.
        language: Of its texts.
        log_urls: By origin, the http or https address under which `entry/<index>` is served. Not used for a report that
            cites no entries.
    """
    page = _Page(document, language, log_urls or {})
    return "\n".join(page.lines()).encode()


class _Page:
    def __init__(self, document: Document, language: Language, log_urls: Mapping[str, str]) -> None:
        self._document = document
        self._language = language
        self._log_urls = {origin: url.rstrip("/") for origin, url in log_urls.items()}
        self._cited: list[tuple[str, Mapping[str, Ranges]]] = []

    def _say(self, text: str | Bilingual) -> str:
        return escape(said(text, self._language))

    def lines(self) -> Iterator[str]:
        document = self._document
        yield "<!DOCTYPE html>"
        yield f'<html lang="{self._language}">'
        yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        yield '<meta name="referrer" content="no-referrer">'
        yield f"<title>{self._say(document.title)} — {escape(document.cover.institution)}</title>"
        yield f"<style>{STYLE}</style></head>"
        yield "<body>"
        yield from self._head()
        yield "<main>"
        for section in document.sections:
            yield from self._section(section)
        if document.cites:
            yield from self._appendix()
        yield "</main></body></html>\n"

    def _head(self) -> Iterator[str]:
        document = self._document
        yield f'<header><p class="institution">{escape(document.cover.institution)}</p>'
        yield f"<h1>{self._say(document.title)}</h1><dl>"
        yield f"<dt>{self._say(_PERIOD)}</dt><dd>{self._period()}</dd>"
        yield f"<dt>{self._say(_MADE)}</dt><dd>{written(document.cover.generated_ms)}</dd>"
        for log in document.cover.logs:
            size = self._say(Bilingual(f"taille {log.size}, racine ", f"size {log.size}, root "))
            yield (
                f"<dt>{self._say(_LOG)} {escape(log.origin)}</dt>"
                f'<dd>{size}<span class="root">{log.root.hex()}</span></dd>'
            )
        yield f'</dl><nav aria-label="{self._say(_CONTENTS)}"><ol>'
        for section in document.sections:
            yield f'<li><a href="#{escape(section.id)}">{self._say(section.title)}</a></li>'
        yield "</ol></nav></header>"

    def _period(self) -> str:
        first, last = self._document.cover.period.first, self._document.cover.period.last
        start = Bilingual("première entrée", "first entry") if first is None else first.isoformat()
        end = Bilingual("dernière entrée lue", "last entry read") if last is None else last.isoformat()
        return f"{self._say(start)} → {self._say(end)} (UTC)"

    def _section(self, section: Section) -> Iterator[str]:
        id_ = escape(section.id)
        yield f'<section id="{id_}" aria-labelledby="{id_}-title"><h2 id="{id_}-title">{self._say(section.title)}</h2>'
        for note in section.notes:
            yield f'<p class="note">{self._say(note)}</p>'
        if section.facts:
            yield "<dl>"
            for fact in section.facts:
                yield self._fact(fact)
            yield "</dl>"
        for table in section.tables:
            yield from self._table(table)
        if not section.facts and not section.tables:
            yield f'<p class="withheld">{self._say(_EMPTY if self._document.cites else _TOO_LITTLE)}</p>'
        yield "</section>"

    def _fact(self, fact: Fact) -> str:
        content = fact.content
        shown = self._figure(content, fact.label) if isinstance(content, Figure) else self._statement(content)
        return f"<dt>{self._say(fact.label)}</dt><dd>{shown}</dd>"

    def _table(self, table: Table) -> Iterator[str]:
        yield f'<div class="wide"><table><caption>{self._say(table.title)}</caption><thead><tr>'
        for column in table.columns:
            kind = ' class="number"' if column.role == "figure" else ""
            yield f'<th scope="col"{kind}>{self._say(column.title)}</th>'
        yield "</tr></thead><tbody>"
        for row in table.rows:
            yield "<tr>"
            for place, cell in enumerate(row):
                yield self._cell(cell, table, row, place)
            yield "</tr>"
        if not table.rows:
            yield f'<tr><td colspan="{len(table.columns)}">{self._say(_EMPTY)}</td></tr>'
        yield "</tbody></table></div>"
        for note in table.notes:
            yield f'<p class="note">{self._say(note)}</p>'

    def _cell(self, cell: Cell, table: Table, row: tuple[Cell, ...], place: int) -> str:
        if isinstance(cell, Label):
            shown = self._say(cell.shown or cell.id)
            return f'<th scope="row">{shown}</th>' if place == 0 else f"<td>{shown}</td>"
        if isinstance(cell, Figure):
            of = [said(label.shown or label.id, self._language) for label in row if isinstance(label, Label)]
            about = " · ".join(
                [said(table.title, self._language), *of, said(table.columns[place].title, self._language)]
            )
            return f'<td class="number">{self._figure(cell, about)}</td>'
        return f"<td>{self._statement(cell)}</td>"

    def _figure(self, figure: Figure, about: str | Bilingual) -> str:
        if figure.value is None:
            return f'<span class="withheld">{self._say(_WITHHELD)}</span>'
        shown = number(figure.value, self._language, figure.decimals) + (_THIN + figure.unit if figure.unit else "")
        if not self._document.cites or not figure.entries:
            return shown
        self._cited.append((said(about, self._language), figure.entries))
        place = len(self._cited)
        return f'<a id="f{place}" href="#e{place}">{shown}</a>'

    def _statement(self, statement: Statement) -> str:
        standing = _STANDING.get(statement.standing)
        if statement.text is None:
            return f'<span class="{statement.standing.value}">{self._say(standing or "—")}</span>'
        shown = self._say(statement.text)
        if standing is not None:
            shown += f' <span class="{statement.standing.value}">({self._say(standing)})</span>'
        return shown

    def _appendix(self) -> Iterator[str]:
        yield '<section class="appendix" id="entries" aria-labelledby="entries-title">'
        yield f'<h2 id="entries-title">{self._say(_APPENDIX)}</h2>'
        yield f'<p class="note">{self._say(_APPENDIX_NOTE)}</p><ol class="ranges">'
        for place, (about, entries) in enumerate(self._cited, start=1):
            ranges = " ; ".join(f"{escape(origin)} : {self._ranges(origin, one)}" for origin, one in entries.items())
            back = f'<a href="#f{place}" aria-label="{self._say(_BACK)} {place}">↩</a>'
            yield f'<li id="e{place}">{escape(about)} — {ranges} {back}</li>'
        yield "</ol></section>"

    def _ranges(self, origin: str, ranges: Ranges) -> str:
        shown = []
        for count, (first, last) in enumerate(ranges):
            if count == MAX_RANGES_SHOWN:
                left = number(len(ranges) - count, self._language)
                shown.append(
                    self._say(Bilingual(f"… et {left} autres (voir le JSON)", f"… and {left} more (see the JSON)"))
                )
                break
            shown.append(self._index(origin, first) + (f"–{self._index(origin, last)}" if last > first else ""))
        return ", ".join(shown)

    def _index(self, origin: str, index: int) -> str:
        url = self._log_urls.get(origin)
        return str(index) if url is None else f'<a href="{escape(url)}/entry/{index}">{index}</a>'


def number(value: int, language: Language, decimals: int = 0) -> str:
    """Return a number as people write it in a language.

    >>> number(1234567, "en"), number(1234567, "fr", 3)
    ('1,234,567', '1\u202f234,567')
    """
    whole, mark, rest = spelt(value, decimals).partition(".")
    grouped = f"{int(whole):,}"
    return f"{grouped}{mark}{rest}" if language == "en" else grouped.replace(",", _THIN) + mark.replace(".", ",") + rest
