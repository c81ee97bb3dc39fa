"""A dependence as one HTML page: no script, nothing from elsewhere, readable by a screen reader, printable."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Final

from bouclier.compose.scan_report_sums import HIDDEN, counted, resting, unnamed, verdict_of
from bouclier.compose.scan_report_words import (
    BASES,
    GROUPS,
    LIMITS,
    SHOWS,
    SHOWS_NOTES,
    TITLE,
    basis_of,
    name_of,
    say,
    share,
    sign_text,
    states_of,
)
from bouclier.oversight.reports.style import STYLE
from bouclier.registry.draw_states import state
from bouclier.registry.draw_svg import svg_of
from bouclier.registry.draw_words import day_in_words
from bouclier.registry.free_text import text_in
from bouclier.registry.scan_model import Shows
from bouclier.registry.scan_picture import whole_picture
from bouclier.registry.scan_totals import Group
from bouclier.registry.shown import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bouclier.compose.exposure_scan import ReadFile, ScanResult
    from bouclier.registry.draw_model import Language
    from bouclier.registry.scan_model import Place
    from bouclier.registry.scan_totals import Count, Row
    from bouclier.terms.errors import Bilingual

MAX_PLACES: Final = 5
MAX_ROWS: Final = 1000
"""Most rows of a table of the page; CSV and JSON have all."""
_SCAN_STYLE: Final = (
    STYLE
    + """
body { max-width: 84rem; }
.verdict { font: 600 1.3rem/1.4 var(--serif); max-width: 60rem; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { display: block; width: 100%; min-width: 44rem; height: auto; border: 1px solid var(--line); }
.group-foreign { font-weight: 600; }
.group-unknown { font-style: italic; }
.small { font-size: .85rem; color: var(--muted); }
@media print { figure { break-inside: avoid; overflow: visible; } figure svg { min-width: 0; max-height: 250mm; } }
"""
)
_POLICY: Final = (
    "default-src 'none'; style-src "
    f"'sha256-{b64encode(hashlib.sha256(_SCAN_STYLE.encode()).digest()).decode()}'; base-uri 'none'; form-action 'none'"
)


def scan_html(result: ScanResult, language: Language) -> bytes:
    """Return a dependence as a page."""
    return ("\n".join(_Page(result, language).lines()) + "\n").encode()


class _Page:
    def __init__(self, result: ScanResult, language: Language) -> None:
        self._result = result
        self._language: Language = language
        self._rows = result.dependence.rows

    def _say(self, fr: str, en: str) -> str:
        return escape(fr if self._language == "fr" else en)

    def _text(self, text: Bilingual) -> str:
        return escape(say(text, self._language))

    def lines(self) -> Iterator[str]:
        result, language = self._result, self._language
        yield "<!DOCTYPE html>"
        yield f'<html lang="{language}">'
        yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        yield '<meta name="referrer" content="no-referrer">'
        yield f"<title>{self._text(TITLE)}</title>"
        yield f"<style>{_SCAN_STYLE}</style></head><body>"
        yield f"<header><h1>{self._text(TITLE)}</h1>"
        yield f'<p class="verdict">{escape(verdict_of(result, language))}</p><dl>'
        yield f"<dt>{self._say('Au', 'On')}</dt><dd>{escape(day_in_words(result.day, language))}</dd>"
        yield f"<dt>{self._say('Fichiers lus', 'Files read')}</dt><dd>{len(result.files)}</dd>"
        yield f"<dt>{self._say('Registre', 'Registry')}</dt>"
        yield f'<dd><span class="root">{escape(result.registry.digest)}</span></dd></dl></header><main>'
        yield from self._unread()
        yield from self._unknown()
        yield from self._picture()
        yield from self._totals()
        yield from self._points()
        for shows in Shows:
            yield from self._kind(shows)
        yield from self._files()
        yield from self._limits()
        yield "</main></body></html>"

    def _section(self, name: str, title: str, body: Iterable[str]) -> Iterator[str]:
        yield f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
        yield from body
        yield "</section>"

    def _table(self, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
        yield f'<div class="wide"><table><caption>{caption}</caption><thead><tr>'
        yield from (f'<th scope="col">{head}</th>' for head in heads)
        yield "</tr></thead><tbody>"
        for first, *others in rows[:MAX_ROWS]:
            yield f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
        yield "</tbody></table></div>"
        if len(rows) > MAX_ROWS:
            more = len(rows) - MAX_ROWS
            text = self._say(f"… et {more} autres : voir le CSV.", f"… and {more} more: see the CSV.")
            yield f'<p class="note">{text}</p>'

    def _unread(self) -> Iterator[str]:
        """Tell what could not be read or followed: a dependence may hide there."""
        result = self._result
        if not result.unread and not result.gaps:
            return
        body: list[str] = []
        if result.unread:
            told = [
                (f"{escape(one.file)} {self._text(HIDDEN)}", self._text(one.message), self._text(one.hint))
                for one in result.unread
            ]
            columns = (("Fichier", "File"), ("Pourquoi", "Why"), ("Que faire", "What to do"))
            body += self._table(
                self._say("Fichiers qui n'ont pas pu être lus", "Files that could not be read"),
                [self._say(*column) for column in columns],
                told,
            )
        if result.gaps:
            gaps = [(self._text(gap.what), escape(str(gap.place))) for gap in result.gaps]
            heads = (self._say("Ce qui n'a pas pu être suivi", "What could not be followed"), self._say("Où", "Where"))
            body += self._table(self._say("Une dépendance peut s'y cacher", "A dependence may hide there"), heads, gaps)
        yield from self._section("unread", self._say("Ce qui n'a pas été vu", "What was not seen"), body)

    def _unknown(self) -> Iterator[str]:
        rows = [row for row in self._rows if row.report is None]
        if not rows:
            return
        note = self._say(
            "Le registre ne sait pas à qui elles sont : elles comptent comme inconnues. Ajoutez vos faits au registre.",
            "The registry does not know whose they are: they count as unknown. Add your facts to the registry.",
        )
        heads = (self._say("Signe", "Sign"), self._say("Ce que cela montre", "What it shows"), self._say("Vu", "Seen"))
        cells = [(escape(sign_text(row)), self._text(SHOWS[row.found.shows]), self._seen(row)) for row in rows]
        title = escape(unnamed(self._result, self._language))
        yield from self._section("unknown", title, [f'<p class="note">{note}</p>', *self._table(title, heads, cells)])

    def _picture(self) -> Iterator[str]:
        if not self._rows:
            return
        result = self._result
        picture = whole_picture(result.dependence, self._language, day=result.day, digest=result.registry.digest)
        title = self._say("Vue d'ensemble", "The whole")
        yield from self._section("picture", title, [f"<figure>{svg_of(picture, name='whole')}</figure>"])

    def _totals(self) -> Iterator[str]:
        counts = self._result.dependence.counts
        if not counts:
            return
        heads = (self._say("Ce que cela montre", "What it shows"), self._say("En tout", "In all"))
        groups = [(*heads, *(self._text(GROUPS[group]) for group in Group))]
        rows = [self._counted(count) for count in counts.values()]
        body = [f"<p>{escape(line)}</p>" for line in counted(self._result, self._language)]
        body += self._table(self._say("Par ce qu'on en sait", "By what is known"), groups[0], rows)
        codes = list(
            dict.fromkeys(
                code for count in counts.values() for code in (*count.established, *count.open, *count.contested)
            )
        )
        if codes:
            heads_by = [self._say("État tiers", "Third state"), *(self._text(SHOWS[shows]) for shows in counts)]
            by = [
                (self._text(state(code)), *(self._reach_of(count, code) for count in counts.values())) for code in codes
            ]
            body += self._table(self._say("Par État dont la loi atteint", "By state whose law reaches"), heads_by, by)
        yield from self._section("totals", self._say("Totaux", "Totals"), body)

    def _counted(self, count: Count) -> tuple[str, ...]:
        total = count.total
        cells = (f"{count.groups[group]} ({share(count.groups[group], total, self._language)})" for group in Group)
        return (self._text(SHOWS[count.shows]), str(total), *cells)

    def _reach_of(self, count: Count, code: str) -> str:
        sure, could, disputed = (by.get(code, 0) for by in (count.established, count.open, count.contested))
        text = f"{sure} ({share(sure, count.total, self._language)})"
        if could:
            text += self._say(f" ; {could} si les machines y sont", f"; {could} if the machines stand there")
        if disputed:
            text += self._say(f" ; {disputed} où c'est contesté", f"; {disputed} where it is contested")
        return text

    def _points(self) -> Iterator[str]:
        points = self._result.dependence.points
        if not points:
            return
        heads = (self._say("Sur qui", "On whom"), self._say("En tout", "In all"), *map(self._text, SHOWS.values()))
        rows = [
            (
                escape(clean(text_in(point.name, self._language))),
                escape(resting(point.total, self._result, self._language)),
                *(str(point.shows.get(shows, 0)) for shows in SHOWS),
            )
            for point in points
        ]
        title = self._say("Points uniques", "Single points")
        note = self._say(
            "Plusieurs dépendances reposent sur la même entité, directement ou par contrôle.",
            "Several dependences rest on the same entity, directly or through control.",
        )
        yield from self._section("points", title, [f'<p class="note">{note}</p>', *self._table(title, heads, rows)])

    def _kind(self, shows: Shows) -> Iterator[str]:
        rows = [row for row in self._rows if row.found.shows is shows and row.report is not None]
        if not rows:
            return
        heads = [
            self._say("Service", "Service"),
            self._say("Qui l'exploite", "Who runs it"),
            self._say("Droit étranger", "Foreign law"),
        ]
        if shows is Shows.DATA:
            heads.append(self._say("RGPD, chapitre V", "GDPR, chapter V"))
        heads += [self._say("Signe, et le fait qui le dit", "Sign, and the fact that tells"), self._say("Vu", "Seen")]
        note = f'<p class="note">{self._text(SHOWS_NOTES[shows])}</p>'
        cells = [self._known(row, transfer=shows is Shows.DATA) for row in rows]
        title = self._text(SHOWS[shows])
        yield from self._section(shows.value, title, [note, *self._table(title, heads, cells)])

    def _known(self, row: Row, *, transfer: bool) -> list[str]:
        reach = f'<span class="group-{row.group.value}">{escape(states_of(row, self._language))}</span>'
        operator = text_in(row.operator_name, self._language)
        cells = [escape(clean(name_of(row, self._language))), escape(clean(operator)), reach]
        if transfer:
            cells.append(self._text(BASES[basis_of(row)]))
        by = f'<br><span class="small">{escape(row.found.by)}</span>' if row.found.by != row.found.sign else ""
        return [*cells, f"{escape(sign_text(row))}{by}", self._seen(row)]

    def _seen(self, row: Row) -> str:
        """Return where a dependence was seen, with what was seen there."""
        what = escape(say(row.found.whats[0], self._language))
        places: tuple[Place, ...] = row.found.places
        shown = "<br>".join(escape(str(place)) for place in places[:MAX_PLACES])
        more = len(places) - MAX_PLACES
        if more > 0:
            shown += f"<br>{self._say(f'… et {more} autres', f'… and {more} more')}"
        return f'{what}<br><span class="small">{shown}</span>'

    def _files(self) -> Iterator[str]:
        result = self._result
        heads = (self._say("Fichier", "File"), self._say("Reconnu comme", "Recognised as"))
        title = self._say("Fichiers", "Files")
        read = [(escape(one.file), escape(self._kind_of(one))) for one in result.files]
        body = [*self._table(title, heads, read)]
        if result.passed_over:
            many = result.passed_over
            text = self._say(
                f"{many} autres fichiers ne sont pas de ceux qui se lisent ici.",
                f"{many} other files are none of those read here.",
            )
            body.append(f'<p class="note">{text}</p>')
        yield from self._section("files", title, body)

    def _kind_of(self, read: ReadFile) -> str:
        if not read.encoding:
            return read.kind
        if self._language == "fr":
            return f"{read.kind}, qui n'est pas en UTF-8 : lu comme {read.encoding}"
        return f"{read.kind}, not UTF-8: read as {read.encoding}"

    def _limits(self) -> Iterator[str]:
        yield from self._section(
            "limits",
            self._say("Comment lire ce rapport", "How to read this report"),
            (f"<p>{self._text(limit)}</p>" for limit in LIMITS),
        )
