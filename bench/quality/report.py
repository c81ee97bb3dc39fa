"""The table on the terminal, and the same in JSON and Markdown under `bench/results`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

from bench.quality.figures import ALL_IDENTIFIERS, Share
from bench.quality.labels import IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from rich.console import Console

    from bench.quality.datasets import Dataset
    from bench.quality.figures import Figures

_NONE = "–"
_HEADS = (
    "system",
    "char P",
    "char R",
    "char F1",
    "mention R",
    "overlap F1",
    "exact F1",
    "DIRECT",
    "QUASI",
    "MB/s",
    "× Presidio",
)


class Row(NamedTuple):
    """One system on one set.

    Attributes:
        system: Its name.
        figures: What it found.
        mb_s: Megabytes of UTF-8 per second of CPU; None for a short set, or a row derived from another's.
        times_presidio: That speed over Presidio's in this run; None without it.
        start_cpu_s: CPU seconds to start and read one short text; None for a derived row.
    """

    system: str
    figures: Figures
    mb_s: float | None
    times_presidio: float | None
    start_cpu_s: float | None


class SetReport(NamedTuple):
    """All systems on one set."""

    dataset: Dataset
    rows: list[Row]


def print_set(console: Console, report: SetReport) -> None:
    """Print the table of a set, then what leaks there, class by class."""
    dataset = report.dataset
    console.print()
    for heads, lines, title in _tables(report):
        table = Table(title=title, title_justify="left", title_style="bold")
        for place, head in enumerate(heads):
            table.add_column(head, justify="left" if place == 0 else "right", no_wrap=place == 0)
        for line in lines:
            table.add_row(*line)
        console.print(table)
    if not dataset.complete:
        console.print("Only the identifiers are gold here: precision would say nothing.", style="dim")


def write(
    folder: Path, machine: Mapping[str, object], reports: Iterable[SetReport], extra: Mapping[str, object]
) -> None:
    """Write `quality.json` and `quality.md`."""
    reports = list(reports)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"machine": machine, "sets": {one.dataset.name: _as_json(one) for one in reports}, **extra}
    (folder / "quality.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["# What the shield finds", "", _told(machine), ""]
    for report in reports:
        dataset = report.dataset
        lines += [
            f"## {dataset.name}",
            "",
            f"{dataset.what}. {dataset.origin}. {len(dataset.documents)} documents.",
            "",
        ]
        for heads, rows, title in _tables(report):
            lines += [f"**{title}**", "", _row(heads), _row("---" for _ in heads), *(_row(row) for row in rows), ""]
    for name, value in extra.items():
        lines += [f"## {name}", "", "```json", json.dumps(value, indent=1, ensure_ascii=False), "```", ""]
    (folder / "quality.md").write_text("\n".join(lines), encoding="utf-8")


def _told(machine: Mapping[str, object]) -> str:
    versions = machine["versions"]
    assert isinstance(versions, dict)
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{machine['date']}, {machine['processor']}, {machine['cores']} cores, load {machine['load_average']}, "
        f"Python {machine['python']}, commit {machine['commit']}; {told}. `make bench-quality`. Every figure is of "
        "development sets, which could be seen while the shield was made: none is a result on unseen data. Brackets "
        "hold 95 % intervals. Speed is of CPU time of one core, start apart; read ratios within one run."
    )


def _tables(report: SetReport) -> Iterable[tuple[tuple[str, ...], list[list[str]], str]]:
    dataset, rows = report.dataset, report.rows
    size = f"{len(dataset.documents)} documents, {dataset.size_bytes / 1e6:.2f} MB"
    yield *_without_empty_columns(_HEADS, [_line(row) for row in rows]), f"{dataset.name} ({dataset.language}, {size})"
    measured = [row for row in rows if row.start_cpu_s is not None]
    classes = list(measured[0].figures.leaks) if measured else []
    if dataset.complete:
        classes = [name for name in classes if name in IDENTIFIERS or name == ALL_IDENTIFIERS]
    if len(classes) > 1:
        heads = ("class", "mentions", *(row.system for row in measured))
        lines = [
            [name, str(measured[0].figures.leaks[name].of), *(_percent(row.figures.leaks[name]) for row in measured)]
            for name in classes
        ]
        yield heads, lines, f"{dataset.name}: leaked, in % of the mentions of the class"


def _without_empty_columns(heads: tuple[str, ...], lines: list[list[str]]) -> tuple[tuple[str, ...], list[list[str]]]:
    kept = [place for place in range(len(heads)) if any(line[place] != _NONE for line in lines)]
    return tuple(heads[place] for place in kept), [[line[place] for place in kept] for line in lines]


def _line(row: Row) -> list[str]:
    found = row.figures
    return [
        row.system,
        _with_interval(found.precision),
        _with_interval(found.recall),
        _with_interval(found.f1),
        _with_interval(found.mention_recall),
        _number(found.overlap_f1),
        _number(found.exact_f1),
        _with_interval(found.entities.get("DIRECT")),
        _with_interval(found.entities.get("QUASI")),
        f"{row.mb_s:.3f}" if row.mb_s is not None else _NONE,
        f"{row.times_presidio:.1f}" if row.times_presidio is not None else _NONE,
    ]


def _with_interval(share: Share | None) -> str:
    return f"{share.value:.3f} ({share.low:.2f}–{share.high:.2f})" if share is not None else _NONE


def _number(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else _NONE


def _percent(share: Share) -> str:
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}–{100 * share.high:.1f})"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _as_json(report: SetReport) -> dict[str, object]:
    dataset = report.dataset
    return {
        "origin": dataset.origin,
        "what": dataset.what,
        "language": dataset.language,
        "documents": len(dataset.documents),
        "bytes": dataset.size_bytes,
        "sha256": dataset.digest,
        "systems": {
            row.system: {
                **_plain(row.figures),
                "mb_s": row.mb_s,
                "times_presidio": row.times_presidio,
                "start_cpu_s": row.start_cpu_s,
            }
            for row in report.rows
        },
    }


def _plain(found: Figures) -> dict[str, object]:
    """Return named tuples as objects, so that who reads the file need not know their order."""
    plain: dict[str, object] = {}
    for name, value in found._asdict().items():
        if isinstance(value, dict):
            plain[name] = {key: share._asdict() for key, share in value.items()}
        elif isinstance(value, Share):
            plain[name] = value._asdict()
        else:
            plain[name] = value
    return plain
