"""A dependence for machines: CSV, one line per dependence, and JSON, the whole.

In CSV a field that a spreadsheet would take for a formula begins with an apostrophe. Ids and codes, not titles.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.compose.scan_report_words import basis_of, say
from bouclier.oversight.reports.as_csv import safe

if TYPE_CHECKING:
    from bouclier.compose.exposure_scan import ScanResult
    from bouclier.registry.draw_model import Language
    from bouclier.registry.scan_totals import Row

HEADER: Final = (
    "sign", "shows", "group", "service", "service_name", "operator", "operator_name", "established", "contested",
    "known", "transfer", "by", "what", "places",
)  # fmt: skip


def scan_csv(result: ScanResult, language: Language) -> bytes:
    """Return a dependence as CSV (RFC 4180, UTF-8), what was seen in one language. Unknown first, then gaps, unread."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in result.dependence.rows:
        told = _row(row, language)
        writer.writerow([safe(_flat(told[name])) for name in HEADER])
    empty = dict.fromkeys(HEADER, "")
    for gap in result.gaps:
        told = empty | {"shows": "gap", "group": "unknown", "what": say(gap.what, language), "places": str(gap.place)}
        writer.writerow([safe(told[name]) for name in HEADER])
    for one in result.unread:
        told = empty | {"shows": "unread", "group": "unknown", "what": say(one.message, language), "places": one.file}
        writer.writerow([safe(told[name]) for name in HEADER])
    return out.getvalue().encode()


def scan_json(result: ScanResult, language: Language) -> bytes:
    """Return a dependence as JSON, with its totals, its single points and what was not seen."""
    dependence = result.dependence
    told = {
        "version": 1,
        "day": result.day.isoformat(),
        "registry": result.registry.digest,
        "files": [{"file": file, "recognised_as": kind} for file, kind in result.files],
        "passed_over": result.passed_over,
        "unread": [{"file": one.file, "why": say(one.message, language)} for one in result.unread],
        "gaps": [{"place": str(gap.place), "what": say(gap.what, language)} for gap in result.gaps],
        "totals": {
            shows.value: {
                "total": count.total,
                "groups": {group.value: number for group, number in count.groups.items()},
                "established": dict(count.established),
                "contested": dict(count.contested),
            }
            for shows, count in dependence.counts.items()
        },
        "points": [
            {
                "entity": point.entity,
                "name": point.name,
                "total": point.total,
                "shows": {shows.value: number for shows, number in point.shows.items()},
            }
            for point in dependence.points
        ],
        "dependences": [_row(row, language) for row in dependence.rows],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _row(row: Row, language: Language) -> dict[str, Any]:
    target = row.found.target
    return {
        "sign": row.found.sign,
        "shows": row.found.shows.value,
        "group": row.group.value,
        "service": target if row.service else "",
        "service_name": row.service,
        "operator": row.operator,
        "operator_name": row.operator_name,
        "established": list(row.established),
        "contested": list(row.contested),
        "known": row.report is not None and row.report.known,
        "transfer": basis_of(row),
        "by": row.found.by,
        "what": [say(what, language) for what in row.found.whats],
        "places": [str(place) for place in row.found.places],
    }


def _flat(value: object) -> str:
    if isinstance(value, list):
        return " ; ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
