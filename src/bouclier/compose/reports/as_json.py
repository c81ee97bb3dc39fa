"""A report for programs: one JSON object."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bouclier.shield.kinds import part_of

if TYPE_CHECKING:
    from bouclier.compose.documents.model import Place
    from bouclier.compose.reports.model import FileReport, Summary


def file_object(report: FileReport) -> dict[str, object]:
    """Return what is told of a file."""
    told: dict[str, object] = {
        "file": report.name,
        "format": report.format,
        "findings": [
            {
                "type": one.type.value,
                "part": part_of(one.type).name.lower(),
                "confidence": round(one.confidence, 4),
                "validated_by": one.validated_by,
                "length": one.length,
                "place": place_object(one.place),
            }
            for one in report.seen
        ],
        "not_inspected": {note.value: count for note, count in report.notes.items()},
    }
    if report.failure is not None:
        told["error"] = {"fr": report.failure.fr, "en": report.failure.en}
    return told


def summary_object(summary: Summary) -> dict[str, object]:
    """Return what is told of a run."""
    return {
        "files": summary.files,
        "files_with_findings": summary.with_findings,
        "findings": summary.findings,
        "types": {kind.value: count for kind, count in summary.types.most_common()},
        "files_not_inspected": summary.uninspected,
        "files_inspected_in_part": summary.partly,
        "files_skipped": summary.skipped,
    }


def place_object(place: Place) -> dict[str, int | bool]:
    """Return where something stands."""
    return {name: value for name, value in asdict(place).items() if value is not None}
