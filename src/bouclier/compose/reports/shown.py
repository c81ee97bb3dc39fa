"""A report for people, on a terminal or in a file."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from bouclier.compose.reports.words import notes_said, place_said

if TYPE_CHECKING:
    from rich.console import Console

    from bouclier.compose.reports.model import FileReport, Seen, Summary

_MOST_PLACES = 8


def show_file(console: Console, report: FileReport, *, french: bool) -> None:
    """Print what is told of a file; nothing if there is nothing to tell."""
    if report.failure is not None:
        console.print(f"[bold]{escape(report.name)}[/]", highlight=False)
        console.print(f"  {escape(report.failure.fr if french else report.failure.en)}", highlight=False)
        if report.hint is not None:
            console.print(f"  → {escape(report.hint.fr if french else report.hint.en)}", highlight=False)
        return
    if not report.seen and not report.notes:
        return
    console.print(f"[bold]{escape(report.name)}[/] ({report.format})", highlight=False)
    if report.seen:
        console.print(_table(report.seen, french=french))
    if report.notes:
        said = notes_said(report.notes)
        console.print(f"  {said.fr if french else said.en}", highlight=False)


def show_summary(console: Console, summary: Summary, *, french: bool) -> None:
    """Print what is told of a run."""
    if summary.findings and summary.files > 1:
        table = Table("Type", "Nombre" if french else "Count", title="Total", title_justify="left")
        for kind, count in summary.types.most_common():
            table.add_row(kind.value, str(count))
        console.print(table)
    told = (
        f"{summary.findings} élément(s) dans {summary.with_findings} fichier(s) sur {summary.files}"
        if french
        else f"{summary.findings} finding(s) in {summary.with_findings} of {summary.files} file(s)"
    )
    more = (
        (summary.uninspected, "non inspecté(s)", "not inspected"),
        (summary.partly, "en partie seulement", "only in part"),
        (summary.skipped, "d'un autre format, passé(s)", "of another format, skipped"),
    )
    told += "".join(f" ; {count} {fr}" if french else f"; {count} {en}" for count, fr, en in more if count)
    console.print(told, highlight=False)


def _table(seen: list[Seen], *, french: bool) -> Table:
    columns = (
        ("Type", "Nombre", "Où", "Confiance", "Validé par")
        if french
        else ("Type", "Count", "Where", "Confidence", "Validated by")
    )
    table = Table(*columns)
    for kind, group in groupby(sorted(seen, key=_order), key=attrgetter("type")):
        of_kind = list(group)
        places = [place_said(one.place, french=french) for one in of_kind]
        shown = " · ".join(places[:_MOST_PLACES]) + (f" · +{len(places) - _MOST_PLACES}" * (len(places) > _MOST_PLACES))
        low, high = min(one.confidence for one in of_kind), max(one.confidence for one in of_kind)
        table.add_row(
            kind.value,
            str(len(of_kind)),
            shown,
            f"{low:.2f}" if low == high else f"{low:.2f}–{high:.2f}",
            ", ".join(sorted({one.validated_by for one in of_kind})),
        )
    return table


def _order(seen: Seen) -> tuple[str, int, int, int]:
    place = seen.place
    return seen.type.value, place.page or place.attachment or place.paragraph or 0, place.line or 0, place.column or 0
