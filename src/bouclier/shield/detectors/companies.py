"""Numbers of legal entities and of what they issue: LEI, ISIN, value added tax numbers outside France."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import ROUGH_SEPARATOR, SEPARATOR, SEPARATORS
from bouclier.shield.checks_european import confirming_check
from bouclier.shield.checks_technical import is_isin, is_lei
from bouclier.shield.detector import Detector, Rough, exact, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_S = SEPARATOR
_R = ROUGH_SEPARATOR
_NOT_ALNUM = "[^0-9A-Za-z]"
_NEAR = 40
_BARE = str.maketrans(dict.fromkeys(SEPARATORS, ""))

_LEI_WORDS = exact(r"\blei\b|legal entity|entit(?:e|é) juridique", caseless=True)
_ISIN_WORDS = exact(r"\bisin\b|valeur|titre|fonds|action|obligation|security", caseless=True)
_VAT_WORDS = exact(
    r"\bvat\b|\btva\b|intracom|\bust\b|ust-?id|mwst|\bbtw\b|\biva\b|\bmoms|\balv\b|\bdph\b|\bpdv\b|\bnip\b",
    caseless=True,
)

# How the numbers of each country go on after its letters. Source: the structure the Commission's VIES service gives.
_VAT_BODIES = {
    "ATU": "[0-9]{8}", "BE": "[01][0-9]{9}", "BG": "[0-9]{9,10}", "CY": "[0-9]{8}[A-Z]", "CZ": "[0-9]{8,10}",
    "DE": "[1-9][0-9]{8}", "DK": "[0-9]{8}", "EE": "[0-9]{9}", "EL": "[0-9]{9}", "ES": "[0-9A-Z][0-9]{7}[0-9A-Z]",
    "FI": "[0-9]{8}", "HR": "[0-9]{11}", "HU": "[0-9]{8}", "IE": "[0-9]{7}[A-Z]{1,2}", "IT": "[0-9]{11}",
    "LT": "[0-9]{9}(?:[0-9]{3})?", "LU": "[0-9]{8}", "LV": "[0-9]{11}", "MT": "[0-9]{8}", "NL": "[0-9]{9}B[0-9]{2}",
    "PL": "[0-9]{10}", "PT": "[0-9]{9}", "RO": "[0-9]{2,10}", "SE": "[0-9]{12}", "SI": "[0-9]{8}", "SK": "[0-9]{10}",
    "XI": "[0-9]{9}", "GB": "[0-9]{9}(?:[0-9]{3})?", "CHE": "[0-9]{9}",
}  # fmt: skip
_BODIES = {prefix: exact(body) for prefix, body in _VAT_BODIES.items()}
_LIBRARY_CHECKS = {"GB": "stdnum:gb.vat", "XI": "stdnum:gb.vat", "CHE": "stdnum:ch.uid"}
_HEADS = "|".join(_VAT_BODIES)


def _lei(text: str, match: re.Match[str]) -> Iterator[Finding]:
    named = stands_before(text, match.start(), _LEI_WORDS, within=_NEAR)
    if is_lei(match[0]) and (named or not match[0].isdigit()):
        yield Finding(*match.span(), EntityType.LEI, 0.95, "mod97")
    elif named:
        yield Finding(*match.span(), EntityType.LEI, 0.5, "context")


def _isin(text: str, match: re.Match[str]) -> Iterator[Finding]:
    named = stands_before(text, match.start(), _ISIN_WORDS, within=_NEAR)
    if is_isin(match[0]):
        yield Finding(*match.span(), EntityType.ISIN, 0.95 if named else 0.8, "luhn")
    elif named and "ISIN" in text[max(0, match.start() - _NEAR) : match.start()]:
        yield Finding(*match.span(), EntityType.ISIN, 0.5, "context")


def _vat(text: str, match: re.Match[str]) -> Iterator[Finding]:
    prefix = match["prefix"]
    number = match["body"].translate(_BARE)
    if not _BODIES[prefix].fullmatch(number):
        return
    named = stands_before(text, match.start(), _VAT_WORDS, within=_NEAR)
    if match["gap"] == " " and not named:  # `de` and other words in capitals, then a number
        return
    check = confirming_check(prefix + number, (_LIBRARY_CHECKS.get(prefix, "stdnum:eu.vat"),))
    if check is not None:
        yield Finding(*match.span(), EntityType.IDENTIFIER, 0.95 if named else 0.85, check)
    elif named:
        yield Finding(*match.span(), EntityType.IDENTIFIER, 0.5, "context")


DETECTORS = (
    Detector(
        "lei",
        EntityType.LEI,
        (Rough("[0-9A-Z]{18}[0-9]{2}", after=_NOT_ALNUM),),
        exact("(?<![0-9A-Za-z])[0-9A-Z]{18}[0-9]{2}(?![0-9A-Za-z])"),
        _lei,
    ),
    Detector(
        "isin",
        EntityType.ISIN,
        (Rough("[A-Z]{2}[0-9A-Z]{9}[0-9]", after=_NOT_ALNUM),),
        exact("(?<![0-9A-Za-z])[A-Z]{2}[0-9A-Z]{9}[0-9](?![0-9A-Za-z])"),
        _isin,
    ),
    Detector(
        "vat",
        EntityType.IDENTIFIER,
        (Rough(f"(?:{_HEADS}){_R}?[0-9A-Z](?:{_R}?[0-9]){{6}}", after=_NOT_ALNUM),),
        exact(
            f"(?<![0-9A-Za-z])(?P<prefix>{_HEADS})(?P<gap>{_S}?)"
            f"(?P<body>[0-9A-Z](?:{_S}?[0-9]){{6,11}}(?:{_S}?[A-Z]{{1,2}}|{_S}?B{_S}?[0-9]{{2}})?)(?![0-9A-Za-z])"
        ),
        _vat,
    ),
)
