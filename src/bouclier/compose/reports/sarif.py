"""A report for code review: SARIF, which forges and editors show beside the lines.

Source: OASIS Static Analysis Results Interchange Format (SARIF) 2.1.0. No snippet, no context region, no fingerprint:
nothing of what was found is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bouclier import __version__
from bouclier.compose.reports.words import notes_said, place_said
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import DataClass, EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.compose.documents.model import Place
    from bouclier.compose.reports.model import FileReport, Seen

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_log(reports: Sequence[FileReport]) -> dict[str, object]:
    """Return the log of a run; a rule per type that was found."""
    types = sorted({one.type for report in reports for one in report.seen})
    rules = {kind: number for number, kind in enumerate(types)}
    failures = [_failure(report) for report in reports if report.failure is not None]
    notes = [_partly(report) for report in reports if report.notes]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "Bouclier", "version": __version__, "rules": [_rule(kind) for kind in types]}
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(report, one, rules) for report in reports for one in report.seen],
                "invocations": [
                    {"executionSuccessful": not failures, "toolExecutionNotifications": [*failures, *notes]}
                ],
            }
        ],
    }


def _rule(kind: EntityType) -> dict[str, object]:
    return {
        "id": kind.value,
        "name": "".join(word.capitalize() for word in kind.value.split("_")),
        "shortDescription": {
            "text": f"{kind.value} ({KINDS[kind].part.name.lower()}, class {KINDS[kind].data_class.slug})"
        },
        "defaultConfiguration": {"level": _level(kind)},
    }


def _level(kind: EntityType) -> str:
    """Return how grave it is: a secret, a marking or a number of a state is an error; what merely helps is a note."""
    part, data_class, _ = KINDS[kind]
    if part in {Part.SECRET, Part.MARKING} or data_class >= DataClass.SENSITIVE:
        return "error"
    return "warning" if part is Part.DIRECT else "note"


def _result(report: FileReport, seen: Seen, rules: dict[EntityType, int]) -> dict[str, object]:
    where = place_said(seen.place, french=False)
    return {
        "ruleId": seen.type.value,
        "ruleIndex": rules[seen.type],
        "level": _level(seen.type),
        "rank": round(seen.confidence * 100, 1),
        "message": {"text": f"{seen.type.value} ({seen.length} characters, {seen.validated_by}), {where}"},
        "locations": [{"physicalLocation": _location(report, seen.place)}],
    }


def _location(report: FileReport, place: Place) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": {"uri": _uri(report.name)}}
    if place.line is not None and place.page is None and place.attachment is None:
        location["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    return location


def _failure(report: FileReport) -> dict[str, object]:
    assert report.failure is not None
    return _notification(report, report.failure.en, "error")


def _partly(report: FileReport) -> dict[str, object]:
    return _notification(report, notes_said(report.notes).en, "warning")


def _notification(report: FileReport, text: str, level: str) -> dict[str, object]:
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(report.name)}}}
    return {"level": level, "message": {"text": text}, "locations": [location]}


def _uri(name: str) -> str:
    """Return a file's name as a reference; an absolute path as a file's address."""
    path = quote(name.replace("\\", "/"), safe="/")
    return f"file://{path}" if name.startswith("/") else path
