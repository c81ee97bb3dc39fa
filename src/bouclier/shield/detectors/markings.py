"""Protective markings: they are never cloaked, they decide where a text may go, or that it may not.

A marking of several words in capitals counts wherever it stands: `ce document est classifié SECRET DÉFENSE` is as
grave as a heading. `SECRET` and the like, single words, count only as a heading: alone on their line, or after the
words that announce a marking. Prose in lower case, as in `le secret-défense`, does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import NOT_IN_WORD
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

RESTRICTED = "marking:restricted"
CLASSIFIED = "marking:classified"

_E = "(?:E|É|E\u0301)"
_DEFENCE = f"(?:DE|D{_E})FENSE"
_TRES = "TR(?:E|È|E\u0300)S"
_GAP = "[ \u00a0_\\-\u2013\u2014]{1,3}"
_ENDS = "(?![A-ZÀ-Ý0-9])"

_RESTRICTED = (
    f"DIFFUSION{_GAP}RESTREINTE",
    f"RESTREINT{_GAP}(?:UE|OTAN)",
    f"(?:EU|UE|NATO){_GAP}RESTRICTED",
    f"SP(?:E|É|E\u0301)CIAL{_GAP}FRANCE",
    "TLP: ?RED",
    r"TLP: ?AMBER\+STRICT",
)
_CLASSIFIED = (
    f"CONFIDENTIEL{_GAP}(?:{_DEFENCE}|UE|OTAN|S(?:E|É)CURIT(?:E|É))",
    f"SECRET{_GAP}(?:{_DEFENCE}|UE|OTAN|SP(?:E|É)CIAL{_GAP}FRANCE)",
    f"{_TRES}{_GAP}SECRET(?:{_GAP}(?:{_DEFENCE}|UE))?",
    f"(?:COSMIC{_GAP})?TOP{_GAP}SECRET",
    f"(?:EU|NATO|OTAN){_GAP}(?:SECRET|CONFIDENTIAL|CONFIDENTIEL)",
)
_ANNOUNCED = exact(
    r"(?:classification|classifi(?:é|e|ed)e?s?|niveau|mention|protection|marking)\W{1,5}\Z", caseless=True
)
_LINE_BEGINS = exact(r"(?:\A|[\n\r])[^0-9A-Za-z\u00c0-\u00ff\n\r]{0,12}\Z")
_LINE_ENDS = exact(r"[^0-9A-Za-z\u00c0-\u00ff\n\r]{0,12}(?:(?:page )?[0-9/ ]{1,9})?(?:\Z|[\n\r])", caseless=True)
_REACH = 40


def _alone(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start, end = match.span()
    # `\A` must mean the beginning of the text, so the window starts there or on a line's end.
    line = text.rfind("\n", max(0, start - _REACH), start)
    begins = (
        _LINE_BEGINS.search(text, line, start) if line >= 0 else start < _REACH and _LINE_BEGINS.match(text, 0, start)
    )
    heading = begins and _LINE_ENDS.match(text, end)
    if heading or stands_before(text, start, _ANNOUNCED, within=_REACH):
        yield Finding(start, end, EntityType.MARKING, 0.9, CLASSIFIED)


DETECTORS = (
    Detector(
        "marking-restricted",
        EntityType.MARKING,
        (
            *heads("DIFFUSION", "RESTREINT", "EU", "UE", "NATO", "TLP:"),
            Rough("SP(?:E|É)", after="[^A-Za-z]"),
        ),
        exact(f"{NOT_IN_WORD}(?:{'|'.join(_RESTRICTED)}){_ENDS}"),
        shaped(EntityType.MARKING, 0.98, by=RESTRICTED),
    ),
    Detector(
        "marking-classified",
        EntityType.MARKING,
        (
            *heads("CONFIDENTIEL", "SECRET", "COSMIC", "TOP", "EU", "NATO", "OTAN"),
            Rough("TR(?:E|È)"),
        ),
        exact(f"{NOT_IN_WORD}(?:{'|'.join(_CLASSIFIED)}){_ENDS}"),
        shaped(EntityType.MARKING, 0.99, by=CLASSIFIED),
    ),
    Detector(
        "marking-heading",
        EntityType.MARKING,
        heads("SECRET"),
        exact(f"{NOT_IN_WORD}SECRET{_ENDS}(?![ -]?[A-Z]{{2}})"),
        _alone,
    ),
)
