"""Protective markings: they are never cloaked, they decide where a text may go, or that it may not.

A marking of several words in capitals counts wherever it stands: `ce document est classifié SECRET DÉFENSE` is as
grave as a heading. Single words (`SECRET`, `CONFIDENTIEL`), and markings of several words written as prose is (`Secret
médical`, `Diffusion restreinte`), count only as a marking is placed: alone on their line in capitals, or framed, or at
the top or the bottom of a text; or after the words that announce one (`Classification : `, `couvert par le `). Prose,
as in `le secret médical est protégé par l'article`, does not count.

Levels: `classified` and `restricted` are those of a state or an alliance (IGI 1300 and II 901 in France; decision
2013/488/EU; the security policy of NATO); `professional` is what a law or a profession keeps secret (medicine,
investigations, tax, counsel) and what an organisation keeps among those who need it.

The Traffic Light Protocol (FIRST, TLP 2.0, August 2022): RED is for the eyes of its addressees and AMBER+STRICT for
their organisation, hence restricted; AMBER may go to an organisation's clients who need to know, hence professional;
GREEN may go to a community but not be published, which is what the lowest class asks anyway, and CLEAR, once WHITE,
asks for nothing: neither is a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import NOT_IN_WORD, folded
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from bouclier.shield.detector import Examine

PROFESSIONAL = "marking:professional"
RESTRICTED = "marking:restricted"
CLASSIFIED = "marking:classified"

_E = "(?:E|É|E\u0301)"
_DEFENCE = f"(?:DE|D{_E})FENSE"
_TRES = "TR(?:E|È|E\u0300)S"
_GAP = "[ \u00a0_\\-\u2013\u2014]{1,3}"
_ENDS = "(?![A-ZÀ-Ý0-9])"
_SPECIAL = f"(?:{_GAP}SP{_E}CIAL{_GAP}FRANCE)?"

# In capitals, wherever they stand.
_RESTRICTED = (
    f"DIFFUSION{_GAP}RESTREINTE(?:{_GAP}OTAN)?{_SPECIAL}",
    f"RESTREINT{_GAP}(?:UE|OTAN)(?:[ /]{{1,3}}EU{_GAP}RESTRICTED)?",
    f"(?:EU|UE|NATO){_GAP}RESTRICTED",
    "R-UE ?/ ?EU-R",
    f"SP{_E}CIAL{_GAP}FRANCE",
    f"OFFICIAL{_GAP}SENSITIVE",
    f"VS{_GAP}(?:NUR F(?:Ü|UE)R DEN DIENSTGEBRAUCH|NFD|NfD)",
)
_CLASSIFIED = (
    f"CONFIDENTIEL{_GAP}(?:{_DEFENCE}|UE|OTAN|S{_E}CURIT{_E}){_SPECIAL}(?:[ /]{{1,3}}EU{_GAP}CONFIDENTIAL)?",
    f"SECRET{_GAP}(?:{_DEFENCE}|UE|OTAN){_SPECIAL}(?:[ /]{{1,3}}EU{_GAP}SECRET)?",
    f"SECRET{_GAP}SP{_E}CIAL{_GAP}FRANCE",
    f"{_TRES}{_GAP}SECRET(?:{_GAP}(?:{_DEFENCE}|UE|OTAN))?{_SPECIAL}(?:[ /]{{1,3}}EU{_GAP}TOP{_GAP}SECRET)?",
    f"(?:COSMIC{_GAP}|EU{_GAP}|FOCAL{_GAP})?TOP{_GAP}SECRET",
    f"COSMIC{_GAP}{_TRES}{_GAP}SECRET",
    f"(?:EU|NATO|OTAN){_GAP}(?:SECRET|CONFIDENTIAL|CONFIDENTIEL)(?:{_GAP}ATOMAL)?",
    "(?:C-UE ?/ ?EU-C|S-UE ?/ ?EU-S|TS-UE ?/ ?EU-TS)",
)

# Where a marking stands, in any case.
_PLACED = {
    CLASSIFIED: (
        "très secret(?: défense)?", "secret défense", "confidentiel(?: |-)défense", "secret de la défense nationale",
        "(?:s|ts)-sf",
    ),
    RESTRICTED: ("diffusion restreinte", "spécial france", "dr-sf"),
    PROFESSIONAL: (
        "secret (?:médical|professionnel|fiscal|bancaire|statistique|industriel(?: et commercial)?|partagé)",
        "secret (?:de l'instruction|de l'enquête(?: et de l'instruction)?|des affaires)",
        "secret (?:des correspondances|du délibéré|de l'avocat)",
        "confidentiel (?:médical|industrie|entreprise|social|personnel|avocat)",
        "(?:strictement|très|personnel et|personnelle? -|privé et) confidentiel(?:le)?", "pli confidentiel",
        "confidentialité avocat(?: |-)client", "medical in confidence", "commercial in confidence",
        "privileged (?:and|&) confidential", "strictly confidential", "attorney(?: |-)client privilege",
    ),
}  # fmt: skip
_LEVELS = {CLASSIFIED: "classified", RESTRICTED: "restricted", PROFESSIONAL: "professional"}
_NAMES = {name: level for level, name in _LEVELS.items()}

_ANNOUNCED = exact(
    r"(?:classification|classifi(?:é|e|ed)e?s?|niveau|mention|protection|marking|sensibilit(?:é|e)|diffusion)"
    r"(?: de (?:protection|confidentialit(?:é|e)|diffusion|s(?:é|e)curit(?:é|e)))?\W{1,5}\Z",
    caseless=True,
)
_COVERED = exact(
    r"(?:(?:\A|[\n\r])\W{0,12}|(?:ce(?:tte|s)?|le pr(?:é|e)sent|la pr(?:é|e)sente) )"
    r"(?:(?:document|courrier|dossier|message|courriel|rapport|note|pi(?:è|e)ce|lettre|certificat|proc(?:è|e)s-verbal)s?"
    r"(?: (?:est|sont))? )?(?:strictement )?(?:couvert|prot(?:é|e)g(?:é|e)|soumis)e?s? (?:par le |par |au |à )\Z",
    caseless=True,
)
_LINE_BEGINS = exact(r"(?:\A|[\n\r])(?P<frame>[^0-9A-Za-z\u00c0-\u00ff\n\r]{0,12})\Z")
_LINE_ENDS = exact(
    r"(?P<frame>[^0-9A-Za-z\u00c0-\u00ff\n\r]{0,12})(?:(?:page )?[0-9/ ]{1,9})?(?:\Z|[\n\r])", caseless=True
)
_FRAMES = exact(r"[\[({*_=#|\u2014\u2013-]")
_REACH = 40
_REACH_COVERED = 70
_TOP = 300
_BOTTOM = 150


def _frames(text: str, start: int, end: int) -> str | None:
    """Return the signs around a span that stands alone on its line, without spaces; None when it does not."""
    line = text.rfind("\n", max(0, start - _REACH), start)
    # `\A` must mean the beginning of the text, so the window starts there or on a line's end.
    if line < 0 and start >= _REACH:
        return None
    before = _LINE_BEGINS.search(text, max(line, 0), start)
    after = _LINE_ENDS.match(text, end)
    return None if before is None or after is None else (before["frame"] + after["frame"]).strip()


def _single(level: str) -> Examine:
    def examine(text: str, match: re.Match[str]) -> Iterator[Finding]:
        if _frames(text, *match.span()) is not None or stands_before(text, match.start(), _ANNOUNCED, within=_REACH):
            yield Finding(*match.span(), EntityType.MARKING, 0.9, level)

    return examine


def _placed(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Keep a marking that stands where markings do; a title in the middle of a text, in small letters, is a title."""
    start, end = match.span()
    frames = _frames(text, start, end)
    at_an_edge = start < _TOP or len(text) - end < _BOTTOM
    as_heading = frames is not None and (
        match[0].isupper() or at_an_edge or _FRAMES.search(frames.replace("\n", "")) is not None
    )
    if as_heading or stands_before(text, start, _ANNOUNCED, within=_REACH) or _is_covered(text, start):
        yield Finding(start, end, EntityType.MARKING, 0.9, _NAMES[str(match.lastgroup)])


def _is_covered(text: str, start: int) -> bool:
    first = max(0, start - _REACH_COVERED)
    # As above: `\A` is the beginning of the text, or nothing.
    found = _COVERED.search(text, first, start)
    return found is not None and (found.start() > first or first == 0 or text[found.start()] in "\n\r")


def _abbreviated(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if match["level"].isupper():
        yield Finding(
            *match.span("level"), EntityType.MARKING, 0.9, RESTRICTED if match["level"] == "DR" else CLASSIFIED
        )


def _tlp(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    among_few = match["colour"].upper() in {"RED", "ROUGE"} or match["strict"]
    level = RESTRICTED if among_few else PROFESSIONAL
    yield Finding(*match.span(), EntityType.MARKING, 0.98, level)


def _groups() -> str:
    return "|".join(f"(?P<{_LEVELS[level]}>{folded('|'.join(words))})" for level, words in _PLACED.items())


DETECTORS = (
    Detector(
        "marking-restricted",
        EntityType.MARKING,
        (
            *heads("DIFFUSION", "RESTREINT", "EU", "UE", "NATO", "R-UE", "OFFICIAL", "VS-", "VS "),
            Rough("SP(?:E|É)", after="[^A-Za-z]"),
        ),
        exact(f"{NOT_IN_WORD}(?:{'|'.join(_RESTRICTED)}){_ENDS}"),
        shaped(EntityType.MARKING, 0.98, by=RESTRICTED),
    ),
    Detector(
        "marking-classified",
        EntityType.MARKING,
        (
            *heads("CONFIDENTIEL", "SECRET", "COSMIC", "FOCAL", "TOP", "EU", "NATO", "OTAN", "C-UE", "S-UE", "TS-UE"),
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
        _single(CLASSIFIED),
    ),
    Detector(
        "marking-confidential",
        EntityType.MARKING,
        heads("CONFIDENTIEL", "CONFIDENTIAL"),
        exact(f"{NOT_IN_WORD}CONFIDENTI(?:EL(?:LE)?S?|AL){_ENDS}(?![ -]?[A-Z]{{2}})"),
        _single(PROFESSIONAL),
    ),
    Detector(
        "marking-placed",
        EntityType.MARKING,
        tuple(
            Rough(folded(words), caseless=True)
            for words in (
                "très secret", "secret", "confidentiel", "diffusion restreinte", "spécial france", "[st]-sf", "dr-sf",
                "strict", "très confidentiel", "personnel(?:le)?(?: et| -) ", "privé et ", "pli conf",
                "confidentialité", "medical in", "commercial in", "privileged", "attorney",
            )
        ),
        exact(rf"{NOT_IN_WORD}(?:{_groups()})(?![0-9A-Za-z\u00c0-\u00ff])", caseless=True),
        _placed,
    ),
    # Two letters are too few to be told from anything else, unless they are announced.
    Detector(
        "marking-announced",
        EntityType.MARKING,
        heads("classifi", "mention de protection", caseless=True),
        exact(
            r"(?:classification|classifi(?:é|É)e?s?|mention de protection)\s{0,3}:?\s{1,3}(?P<level>DR|S|TS)"
            r"(?![0-9A-Za-z\u00c0-\u00ff'\u2019-])",
            caseless=True,
        ),
        _abbreviated,
    ),
    Detector(
        "marking-tlp",
        EntityType.MARKING,
        heads("TLP", caseless=True),
        exact(
            f"{NOT_IN_WORD}TLP ?[: -] ?(?P<colour>RED|ROUGE|AMBER|AMBRE)(?P<strict>\\+ ?STRICT)?"
            r"(?![0-9A-Za-z\u00c0-\u00ff])",
            caseless=True,
        ),
        _tlp,
    ),
)  # fmt: skip
