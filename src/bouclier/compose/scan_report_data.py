"""A dependence as a table for a spreadsheet, CSV, one line per dependence; and the whole for machines, JSON.

The table is in words of one language, and as that language's spreadsheets open it: in French UTF-8 with a mark and
semicolons, in English commas. A field that a spreadsheet would take for a formula begins with an apostrophe. JSON holds
ids and codes, not titles, and what it says in words in both languages.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.compose.scan_report_sums import HIDDEN, verdict_of
from bouclier.compose.scan_report_words import BASES, GROUPS, SHOWS, basis_of, say
from bouclier.oversight.reports.as_csv import safe
from bouclier.registry.free_text import in_both
from bouclier.registry.scan_totals import Group
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.compose.exposure_scan import ReadFile, ScanResult
    from bouclier.registry.draw_model import Language
    from bouclier.registry.scan_totals import Row

HEADER: Final[Mapping[str, Bilingual]] = {
    "sign": Bilingual("signe", "sign"),
    "shows": Bilingual("ce que cela montre", "what it shows"),
    "group": Bilingual("ce qu'on en sait", "what is known"),
    "service": Bilingual("identifiant du service", "service id"),
    "service_name": Bilingual("service", "service"),
    "operator": Bilingual("identifiant de l'exploitant", "operator id"),
    "operator_name": Bilingual("exploitant", "operator"),
    "established": Bilingual("États tiers, établi", "third states, established"),
    "open": Bilingual("États tiers, si les machines y sont", "third states, if the machines stand there"),
    "contested": Bilingual("États tiers, contesté", "third states, contested"),
    "known": Bilingual("tout est connu", "all is known"),
    "transfer": Bilingual("RGPD, chapitre V", "GDPR, chapter V"),
    "by": Bilingual("fait qui le dit", "fact that tells"),
    "what": Bilingual("vu", "seen"),
    "places": Bilingual("où", "where"),
}
_YES: Final = Bilingual("oui", "yes")
_NO: Final = Bilingual("non", "no")
_GAP: Final = Bilingual(
    "n'a pas pu être suivi : une dépendance peut s'y cacher", "could not be followed: a dependence may hide there"
)


def scan_csv(result: ScanResult, language: Language) -> bytes:
    """Return a dependence as CSV (RFC 4180) that opens in the spreadsheets of a language.

    What could not be read or followed comes first, then the unknown.
    """
    french = language == "fr"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if french else ",", lineterminator="\r\n")
    writer.writerow([say(title, language) for title in HEADER.values()])
    for told in _told(result, language):
        writer.writerow([safe(told.get(name, "")) for name in HEADER])
    return out.getvalue().encode("utf-8-sig" if french else "utf-8")


def _told(result: ScanResult, language: Language) -> Iterator[dict[str, str]]:
    unknown = say(GROUPS[Group.UNKNOWN], language)
    for one in result.unread:
        hidden, why = say(HIDDEN, language), say(one.message, language)
        yield {"shows": hidden, "group": unknown, "what": why, "places": one.file}
    for gap in result.gaps:
        hidden = say(_GAP, language)
        yield {"shows": hidden, "group": unknown, "what": say(gap.what, language), "places": str(gap.place)}
    for row in result.dependence.rows:
        told = _row(row)
        words = {
            "shows": say(SHOWS[row.found.shows], language),
            "group": say(GROUPS[row.group], language),
            "known": say(_YES if told["known"] else _NO, language),
            "transfer": say(BASES[basis_of(row)], language),
        }
        yield {name: words.get(name) or _flat(told[name], language) for name in HEADER}


def scan_json(result: ScanResult) -> bytes:
    """Return a dependence as JSON, with its totals, its single points and what was not seen."""
    dependence = result.dependence
    told = {
        "version": 1,
        "day": result.day.isoformat(),
        "registry": result.registry.digest,
        "verdict": Bilingual(verdict_of(result, "fr"), verdict_of(result, "en")),
        "files": [_read(one) for one in result.files],
        "passed_over": result.passed_over,
        "unread": [{"file": one.file, "why": one.message, "means": HIDDEN} for one in result.unread],
        "gaps": [{"place": str(gap.place), "what": gap.what} for gap in result.gaps],
        "totals": {
            shows.value: {
                "total": count.total,
                "groups": {group.value: number for group, number in count.groups.items()},
                "established": dict(count.established),
                "open": dict(count.open),
                "contested": dict(count.contested),
            }
            for shows, count in dependence.counts.items()
        },
        "points": [
            {
                "entity": point.entity,
                "name": in_both(point.name),
                "total": point.total,
                "shows": {shows.value: number for shows, number in point.shows.items()},
            }
            for point in dependence.points
        ],
        "dependences": [_row(row) for row in dependence.rows],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _row(row: Row) -> dict[str, Any]:
    target = row.found.target
    return {
        "sign": row.found.sign,
        "shows": row.found.shows.value,
        "group": row.group.value,
        "service": target if row.service else "",
        "service_name": in_both(row.service),
        "operator": row.operator,
        "operator_name": in_both(row.operator_name),
        "established": list(row.established),
        "open": list(row.open),
        "contested": list(row.contested),
        "known": row.report is not None and row.report.known,
        "transfer": basis_of(row),
        "by": row.found.by,
        "what": list(row.found.whats),
        "places": [str(place) for place in row.found.places],
    }


def _read(one: ReadFile) -> dict[str, str]:
    read = {"file": one.file, "recognised_as": one.kind}
    return read | {"encoding": one.encoding} if one.encoding else read


def _flat(value: object, language: Language) -> str:
    if isinstance(value, list):
        return " | ".join(_flat(one, language) for one in value)
    return say(value, language) if isinstance(value, Bilingual) else str(value)
