"""A dependence on a terminal: the unread and the unknown first, then who, under whose law; the pages have the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bouclier.compose.scan_report_sums import HIDDEN, counted, resting, unnamed, verdict_of
from bouclier.compose.scan_report_words import SHOWS, name_of, say, sign_text, states_of
from bouclier.registry.free_text import text_in
from bouclier.registry.scan_model import Shows
from bouclier.registry.shown import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.exposure_scan import ScanResult
    from bouclier.registry.draw_model import Language

_MAX_UNKNOWN: Final = 20
_MAX_POINTS: Final = 5


def scan_lines(result: ScanResult, language: Language) -> Iterator[str]:
    """Yield the lines of a summary."""
    yield from _unread(result, language)
    yield from _unknown(result, language)
    for shows in Shows:
        yield from _known(result, shows, language)
    yield from _points(result, language)
    yield from _closing(result, language)


def _unread(result: ScanResult, language: Language) -> Iterator[str]:
    french = language == "fr"
    for one in result.unread:
        yield f"! {one.file} {say(HIDDEN, language)}"
    for read in result.files:
        if read.encoding:
            yield (
                f"{read.file} n'est pas en UTF-8 : lu comme {read.encoding} (celui d'Excel en France)."
                if french
                else f"{read.file} is not UTF-8: read as {read.encoding} (what Excel writes in Western Europe)."
            )
    if result.unread or any(read.encoding for read in result.files):
        yield ""


def _unknown(result: ScanResult, language: Language) -> Iterator[str]:
    unknown = [row for row in result.dependence.rows if row.report is None]
    if not unknown:
        return
    french = language == "fr"
    yield f"{unnamed(result, language)}{' :' if french else ':'}"
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
    told = Counter(
        (clean(name_of(row, language)), clean(text_in(row.operator_name, language)), states_of(row, language))
        for row in rows
    )
    for (name, operator, states), count in told.items():
        by = f" — {operator}" if operator != name else ""
        yield f"  {count:>3} × {name}{by}{colon} {states}"
    yield ""


def _points(result: ScanResult, language: Language) -> Iterator[str]:
    points = result.dependence.points
    on = "reposent sur" if language == "fr" else "rest on"
    for point in points[:_MAX_POINTS]:
        yield f"{resting(point.total, result, language)} {on} {clean(text_in(point.name, language))}"
    if points:
        yield ""


def _closing(result: ScanResult, language: Language) -> Iterator[str]:
    yield from counted(result, language)
    if result.gaps:
        many = len(result.gaps)
        yield (
            f"Endroits qui n'ont pas pu être suivis : {many} ; voir --html ou --json."
            if language == "fr"
            else f"Places that could not be followed: {many}; see --html or --json."
        )
    yield verdict_of(result, language)
