"""Positions on the Earth: decimal degrees, degrees and minutes, `geo:`, links to maps, latitude and longitude fields.

Two decimal numbers are a position when something says so: a word, a link, a hemisphere, degrees; or when they stand
alone as a pair to the metre, as a telephone gives it. Lists and tables of numbers stay silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.detector import Detector, Rough, exact, heads, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_LATITUDES, _LONGITUDES = 90, 180
_TO_THE_METRE = 5  # decimals
_FAR_FROM_ZERO = 10  # degrees: no place of Europe is nearer to both the equator and Greenwich, probabilities are
_NEAR = 60
_WORDS = exact(
    r"\bgps\b|coord|\blat\b|\blatlng\b|latitude|longitude|position|g(?:e|é)oloc|location|localis|geojson|wgs ?84|lieu"
    r"|\bpoint\b",
    caseless=True,
)
_NUMBER = r"[0-9]{1,3}\.[0-9]{3,15}"
_IN_LINK = exact(
    rf"(?P<lat>-?{_NUMBER})(?:,|%2C|/|;|!4d|%20|\+|&m?lon=|&lng=)(?:%20|\+)?(?P<lon>-?{_NUMBER})", caseless=True
)
_FOLLOWED = exact(r"[ \t]{0,3}[,;][ \t]{0,3}-?[0-9]")
_PRECEDED = exact(r"(?:[0-9][ \t]{0,3}[,;][ \t]{0,3}|[\[{=]\s{0,3})\Z")
_SIGN = exact(r"(?<![0-9A-Za-z])[-+\u2212]\Z")

_DEGREES = "[°º]"
_MINUTES = "['′’]"
_SECONDS = "(?:[\"″”]|''|’’|′′)"
_ANGLE = (
    rf"[0-9]{{1,3}}(?:[.,][0-9]{{1,10}})? ?{_DEGREES} ?"
    rf"(?:[0-9]{{1,2}}(?:[.,][0-9]{{1,8}})? ?{_MINUTES} ?(?:[0-9]{{1,2}}(?:[.,][0-9]{{1,8}})? ?{_SECONDS} ?)?)?"
)
_SIDE = "(?:nord|sud|est|ouest|north|south|east|west|[NSEWO])(?![0-9A-Za-z])"


def _in_range(latitude: str, longitude: str) -> bool:
    return abs(float(latitude)) <= _LATITUDES and abs(float(longitude)) <= _LONGITUDES


def _pair(text: str, match: re.Match[str]) -> Iterator[Finding]:
    lat, lon = match["lat"], match["lon"]
    if not (_in_range(lat, lon) or _in_range(lon, lat)):
        return
    sign = _SIGN.search(text, max(0, match.start() - 1), match.start())
    start = match.start() - 1 if sign else match.start()
    if stands_before(text, start, _WORDS, within=_NEAR):
        yield Finding(start, match.end(), EntityType.GPS, 0.9, "context")
    elif (
        match["gap"][0] == ","
        and max(float(lat), float(lon)) >= _FAR_FROM_ZERO
        and min(len(lat.partition(".")[2]), len(lon.partition(".")[2])) >= _TO_THE_METRE
        and not _FOLLOWED.match(text, match.end())
        and not _PRECEDED.search(text, max(0, start - 6), start)
    ):
        yield Finding(start, match.end(), EntityType.GPS, 0.6, "range")


def _field(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if abs(float(match["value"].replace(",", "."))) <= _LONGITUDES:
        yield Finding(*match.span("value"), EntityType.GPS, 0.9, "context")


def _angles(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """A single angle with a hemisphere is half a position, and a bearing as likely: two make one."""
    yield Finding(*match.span(), EntityType.GPS, 0.95, "hemisphere")


def _link(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    for pair in _IN_LINK.finditer(match[0]):
        if _in_range(pair["lat"], pair["lon"]):
            start = match.start()
            yield Finding(start + pair.start(), start + pair.end(), EntityType.GPS, 0.95, "map-link")


DETECTORS = (
    Detector(
        "position",
        EntityType.GPS,
        (Rough(r"[0-9]{1,3}\.[0-9]{4,15}(?:[,;] ?| )[-+]?[0-9]{1,3}\.[0-9]{4}", after="[^0-9.]"),),
        exact(
            r"(?<![0-9.])(?P<lat>[0-9]{1,3}\.[0-9]{4,15})(?P<gap>[,;] ?| )"
            r"(?P<lon>[-+]?[0-9]{1,3}\.[0-9]{4,15})(?![0-9.])"
        ),
        _pair,
    ),
    Detector(
        "position-field",
        EntityType.GPS,
        (
            Rough("l(?:at(?:itude)?|on(?:gitude)?|ng|ong)[\"' ]{0,2}[:=]", after="[^0-9A-Za-z]", caseless=True),
            Rough("(?:latitude|longitude) ", after="[^0-9A-Za-z]", caseless=True),
        ),
        exact(
            r"(?<![0-9A-Za-z])(?:(?:lat(?:itude)?|lng|long?|longitude)[\"' ]{0,2}[:=]|(?:latitude|longitude) )"
            r"[\"' ]{0,3}(?P<value>-?[0-9]{1,3}[.,][0-9]{3,15})(?![0-9])",
            caseless=True,
        ),
        _field,
    ),
    Detector(
        "position-in-degrees",
        EntityType.GPS,
        (
            Rough("[0-9]{1,3}(?:[.,][0-9]{1,10})? ?(?:°|º)", after="[^0-9.,]"),
            Rough(
                "(?:nord|sud|north|south|[NS]) ?[0-9]{1,3}(?:[.,][0-9]{1,10})? ?(?:°|º)",
                after="[^0-9A-Za-z]",
                caseless=True,
            ),
        ),
        exact(
            rf"(?:(?<![0-9.,]){_ANGLE}{_SIDE}[ ,;/–-]{{0,3}}(?:et )?{_ANGLE}{_SIDE}"
            rf"|(?<![0-9A-Za-z])(?:nord|sud|north|south|[NS]) ?{_ANGLE}[ ,;/–-]{{0,3}}"
            rf"(?:est|ouest|east|west|[EWO]) ?{_ANGLE}(?![0-9A-Za-z]))",
            caseless=True,
        ),
        _angles,
    ),
    Detector(
        "position-link",
        EntityType.GPS,
        heads(
            "geo:",
            "maps.",
            "/maps",
            "openstreetmap.",
            "waze.com",
            "geoportail.gouv.fr",
            "mappy.com",
            "here.com/",
            caseless=True,
        ),
        exact(
            r"(?:geo:|maps\.|/maps|openstreetmap\.|waze\.com|geoportail\.gouv\.fr|mappy\.com|here\.com/)"
            r"[^\s\"'<>]{5,300}",
            caseless=True,
        ),
        _link,
    ),
)
