"""Machine-readable zones of passports, identity cards, visas and residence permits, whole or one line of them.

Two lines of 44 (TD3) or 36 (TD2, the French card before 2021), three of 30 (TD1); a driving licence has one of 30.
Each line says what it is, so that a zone cut by a scanner is still found. Source: ICAO Doc 9303 parts 3 to 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.checks_french import has_mrz_digit
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from bouclier.shield.detector import Examine

_CHAR = "[0-9A-Z<]"
_BEFORE = "(?<![0-9A-Za-z<])"
_AFTER = "(?![0-9A-Za-z<])"
_LINE_END = "[ \\t]{0,3}(?:\\r?\\n|\\\\n|\\|)[ \\t]{0,3}"
_SURE, _UNSURE = 0.97, 0.8

_TD3_SECOND = f"{_CHAR}{{9}}[0-9<][A-Z<]{{3}}[0-9]{{6}}[0-9][MFX<][0-9<]{{6}}[0-9<]"
_TD1_SECOND = f"[0-9]{{6}}[0-9][MFX<][0-9<]{{6}}[0-9<][A-Z<]{{3}}{_CHAR}{{11}}[0-9<]"
_OLD_CARD_SECOND = "[0-9]{4}[0-9A-Z]{3}[0-9]{5}[0-9][A-Z<]{14}[0-9]{6}[0-9][MF][0-9]"


def _fits_td3(line: str) -> bool:
    """Say whether document number, birth and expiry of a second line of 36 or 44 bear their digits."""
    return (
        has_mrz_digit(line[:9], line[9])
        and has_mrz_digit(line[13:19], line[19])
        and has_mrz_digit(line[21:27], line[27])
    )


def _fits_td1(line: str) -> bool:
    """Say whether birth and expiry of a second line of 30 bear their digits."""
    return has_mrz_digit(line[:6], line[6]) and has_mrz_digit(line[8:14], line[14])


def _fits_old_card(line: str) -> bool:
    """Say whether number and birth of the second line of the card of 1988 to 2021 bear their digits."""
    return has_mrz_digit(line[:12], line[12]) and has_mrz_digit(line[27:33], line[33])


def _line(fits: Callable[[str], bool]) -> Examine:
    def examine(_text: str, match: re.Match[str]) -> Iterator[Finding]:
        right = fits(match[0])
        yield Finding(*match.span(), EntityType.MRZ, _SURE if right else _UNSURE, "mrz-digits" if right else "shape")

    return examine


def _zone(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    second = match["td3"] or match["td1"] or match["old"]
    fits = _fits_td3 if match["td3"] else _fits_td1 if match["td1"] else _fits_old_card
    right = bool(second) and fits(second)
    if second or "<" in match[0]:
        yield Finding(*match.span(), EntityType.MRZ, _SURE if right else _UNSURE, "mrz-digits" if right else "shape")


_NAMES = exact(f"{_BEFORE}[A-Z][A-Z<]{{1,36}}<<[A-Z<]{{0,36}}\\Z")
_LONGEST = 44


def _names(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if text[match.start() - 1 : match.start()] == "<":
        return
    found = _NAMES.search(text, max(0, match.start() - _LONGEST), match.start())
    if found:
        yield Finding(found.start(), match.end(), EntityType.MRZ, 0.6, "shape")


DETECTORS = (
    Detector(
        "mrz",
        EntityType.MRZ,
        (Rough("[ACDIPV][0-9A-Z<][0-9A-Z<]{3}[0-9A-Z<]{25}", after="[^0-9A-Za-z<]"),),
        exact(
            f"{_BEFORE}[ACDIPV]{_CHAR}[0-9A-Z<]{{3}}{_CHAR}{{25,39}}{_AFTER}"
            f"(?:{_LINE_END}(?:(?P<old>{_OLD_CARD_SECOND})|(?P<td3>{_TD3_SECOND}{_CHAR}{{8,16}})"
            f"|(?P<td1>{_TD1_SECOND})(?:{_LINE_END}[A-Z<]{{30}})?){_AFTER})?"
        ),
        _zone,
    ),
    Detector(
        "mrz-second-line",
        EntityType.MRZ,
        (Rough("[0-9A-Z<]{9}[0-9<][A-Z<]{3}[0-9]{7}[MFX<][0-9<]{7}", after="[^0-9A-Za-z<]"),),
        exact(f"{_BEFORE}{_TD3_SECOND}{_CHAR}{{8,16}}{_AFTER}"),
        _line(_fits_td3),
    ),
    Detector(
        "mrz-second-line-of-card",
        EntityType.MRZ,
        (Rough("[0-9]{7}[MFX<][0-9<]{7}[A-Z<]{3}[0-9A-Z<]{11}[0-9<]", after="[^0-9A-Za-z<]"),),
        exact(f"{_BEFORE}{_TD1_SECOND}{_AFTER}(?:{_LINE_END}[A-Z<]{{30}}{_AFTER})?"),
        _line(_fits_td1),
    ),
    Detector(
        "mrz-second-line-of-old-card",
        EntityType.MRZ,
        (Rough("[0-9]{4}[0-9A-Z]{3}[0-9]{6}[A-Z<]{14}[0-9]{7}[MF][0-9]", after="[^0-9A-Za-z<]"),),
        exact(f"{_BEFORE}{_OLD_CARD_SECOND}{_AFTER}"),
        _line(_fits_old_card),
    ),
    Detector(
        # Names alone: `MARTIN<<JEANNE<MARIE<<<<<<<<<<<`, the third line of a card.
        "mrz-names",
        EntityType.MRZ,
        (Rough("<<<<<<"),),
        exact("<{6,40}(?![0-9A-Za-z<])"),
        _names,
    ),
)
