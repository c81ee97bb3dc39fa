"""A dependence on a terminal: the unknown first, then who, under whose law; the pages have the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bouclier.compose.scan_report_words import SHOWS, name_of, say, share, sign_text, states_of
from bouclier.registry.scan_model import Shows
from bouclier.registry.scan_picture import verdict_of_whole
from bouclier.registry.scan_totals import Group
from bouclier.registry.shown import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.exposure_scan import ScanResult
    from bouclier.registry.draw_model import Language

_MAX_UNKNOWN: Final = 20
_MAX_POINTS: Final = 5


def scan_lines(result: ScanResult, language: Language) -> Iterator[str]:
    """Yield the lines of a summary."""
    yield from _unknown(result, language)
    for shows in Shows:
        yield from _known(result, shows, language)
    yield from _points(result, language)
    yield from _closing(result, language)


def _unknown(result: ScanResult, language: Language) -> Iterator[str]:
    unknown = [row for row in result.dependence.rows if row.report is None]
    if not unknown:
        return
    french = language == "fr"
    yield f"Inconnues ({len(unknown)}) :" if french else f"Unknown ({len(unknown)}):"
    for row in unknown[:_MAX_UNKNOWN]:
        yield f"  ? {sign_text(row)}  ({row.found.places[0]})"
    if len(unknown) > _MAX_UNKNOWN:
        more = len(unknown) - _MAX_UNKNOWN
        yield f"  … et {more} autres" if french else f"  … and {more} more"
    yield ""


def _known(result: ScanResult, shows: Shows, language: Language) -> Iterator[str]:
    rows = [row for row in result.dependence.rows if row.found.shows is shows and row.report is not None]
    if not rows:
        return
    colon = " :" if language == "fr" else ":"
    yield f"{say(SHOWS[shows], language)}{colon}"
    told = Counter((clean(name_of(row)), clean(row.operator_name), states_of(row, language)) for row in rows)
    for (name, operator, states), count in told.items():
        by = f" — {operator}" if operator != name else ""
        yield f"  {count:>3} × {name}{by}{colon} {states}"
    yield ""


def _points(result: ScanResult, language: Language) -> Iterator[str]:
    points, total = result.dependence.points, len(result.dependence.rows)
    for point in points[:_MAX_POINTS]:
        name = clean(point.name)
        if language == "fr":
            yield f"{point.total} sur {total} reposent sur {name}"
        else:
            yield f"{point.total} of {total} rest on {name}"
    if points:
        yield ""


def _closing(result: ScanResult, language: Language) -> Iterator[str]:
    french = language == "fr"
    count = result.dependence.counts.get(Shows.DATA)
    if count is not None:
        part = share(count.groups[Group.UNKNOWN], count.total, language)
        yield f"Part inconnue : {part}." if french else f"Share unknown: {part}."
    if result.gaps:
        many = len(result.gaps)
        yield (
            f"{many} endroits n'ont pas pu être suivis : voir --html ou --json."
            if french
            else f"{many} places could not be followed: see --html or --json."
        )
    yield verdict_of_whole(result.dependence, language)
