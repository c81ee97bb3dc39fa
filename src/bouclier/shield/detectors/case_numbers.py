"""Numbers of cases before courts and police, of files in offices, and of land: they lead to the people concerned.

Some shapes say what they are wherever they stand (ECLI, Portalis, the Court of Cassation's `14-25.054`, an
administrative court of appeal's `19PA01234`, a European court's `C-123/45`, five digits over two); the others need
their word. Numbers of laws and regulations are not cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.announced import VAGUE, Gap, Shape, announced
from bouclier.shield.characters import E_ACUTE, LETTER, SEPARATOR
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped, stands_before
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from bouclier.shield.detector import Examine

_S = f"{SEPARATOR}?"
_YEARS = range(1900, 2101)
_LAW_WORDS = exact(
    rf"r{E_ACUTE}glement|regulation|directive|d{E_ACUTE}cision n|d{E_ACUTE}cret|\bloi\b|ordonnance n|\blaw\b|\bact\b"
    rf"|convention n|r{E_ACUTE}solution|recommendation|protocol|\bECR\b|\bEEC\b|\bCEE\b|circulaire|\bEC\b|\bCE\)",
    caseless=True,
)
_COURT_WORDS = exact(
    rf"\bTA\b|\bCAA\b|\bCE\b|\bCNDA\b|conseil d.[eé]tat|tribunal|\bcour\b|requ[eê]te|recours|jugement|arr[eê]t|instance"
    rf"|ordonnance|enregistr{E_ACUTE}|pourvoi|affaire|dossier|demande|m{E_ACUTE}moire|juge",
    caseless=True,
)
_WITH_SLASH = exact("[0-9]{2,6}/[0-9]{2}")
_PLAIN = exact("[0-9]{6,7}")
_SLASHED = "(?:(?-i:[A-Z]{1,2})[ .]?)?[0-9]{2,4} ?[/\u2013-] ?[A-Z]?[0-9]{2,7}(?:[/.-][0-9A-Z]{1,6})?"
_YEAR_FIRST = "(?:19|20)[0-9]{2}[ ]?[A-Z]{1,3}[ ]?[0-9]{3,7}|(?:19|20)[0-9]{2} [0-9]{5,7}"
# A reference as offices make them: pieces of letters and digits, three digits or more in all, no space.
_PIECES = "(?=(?:[A-Z/._-]{0,12}[0-9]){3})[0-9A-Z]{1,14}(?:[/._-][0-9A-Z]{1,14}){0,5}"
_NOT_A_YEAR = f"(?!(?:19|20)[0-9]{{2}}(?![0-9A-Z/._-]))(?!loi|d{E_ACUTE}cret|art)"
_REFERENCE = Shape(
    f"{_NOT_A_YEAR}(?:[0-9]{{1,3}}(?:{SEPARATOR}[0-9]{{2,6}}){{1,4}}(?![/._-][0-9A-Z])|{_PIECES}"
    f"|(?-i:[A-Z]{{1,5}}) [0-9]{{2,4}}(?:[ /.-][0-9]{{2,8}}){{1,3}}|(?-i:[A-Z]{{1,5}}) [0-9]{{3,12}})",
    confidence=VAGUE,
)
_DIRECT = Shape(
    "(?=[0-9A-Z._-]{0,12}/|[0-9]{7})(?=(?:[A-Z/._-]{0,12}[0-9]){5})[0-9A-Z]{1,14}(?:[/._-][0-9A-Z]{1,14}){0,5}",
    gap=Gap.NEAR,
    confidence=VAGUE,
)
_AZ = "[0-9IVXLC]{1,5} [A-Z][A-Za-z]{0,5}(?: \\([A-Z]{1,3}\\))? [0-9]{1,5}/[0-9]{2,4}(?: [A-Z]{1,3}(?![a-z]))?"
# `AB 123`, `AB n° 123`, `000 AB 0123`: at times the commune before.
_PARCEL = (
    f"(?:[0-9]{{2,3}}{_S}[0-9]{{3}}{_S})?(?:[0-9]{{3}}{_S})?(?-i:[0-9]?[A-Z]{{1,2}})[ ,-]{{0,2}}"
    f"(?:(?:parcelles? )?(?:n(?:[°ºo]|os|um{E_ACUTE}ro)s?|parcelles?)[ ]?)?[0-9]{{1,4}}"
)


def _each(match: re.Match[str], number: re.Pattern[str], by: str) -> Iterator[Finding]:
    """Each number of a list is somebody's: it gets a finding of its own."""
    for one in number.finditer(match.string, *match.span("number")):
        yield Finding(*one.span(), EntityType.CASE_NUMBER, 0.75, by)


def _slashed(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """`12345/06`, `6538/74` after `no.`; not `2016/679`, nor `no 1408/71` of a regulation."""
    left = match["left"]
    if len(left) == 4 and int(left) in _YEARS:  # noqa: PLR2004
        return
    if not stands_before(text, match.start(), _LAW_WORDS, within=40):
        yield from _each(match, _WITH_SLASH, "shape")


def _near_court(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if stands_before(text, match.start(), _COURT_WORDS, within=120):
        yield from _each(match, _PLAIN, "context")


def _bare(
    name: str, rough: Rough, expression: str, confidence: float = 0.8, examine: Examine | None = None
) -> Detector:
    """Return the detector of a shape that says what it is."""
    found = examine or shaped(EntityType.CASE_NUMBER, confidence)
    return Detector(name, EntityType.CASE_NUMBER, (rough,), exact(expression), found)


_ALNUM_BEFORE = "(?<![0-9A-Za-z])"
_ALNUM_AFTER = "(?![0-9A-Za-z])"

DETECTORS = (
    announced(
        "rg",
        EntityType.CASE_NUMBER,
        ("rg", "r.g", "répertoire général", "rôle"),
        ("rg", "r\\.g\\.?", "répertoire général", "rôle(?: général)?"),
        (Shape(_SLASHED), Shape(_YEAR_FIRST), Shape("[0-9]{2} ?[0-9]{5}|[0-9]{8,12}")),
    ),
    _bare(
        "portalis",
        Rough("[0-9A-Z]{4}-[A-Z]-[0-9A-Z]{3}-[0-9A-Z]", after="[^0-9A-Za-z]"),
        f"{_ALNUM_BEFORE}[0-9A-Z]{{4}}-[A-Z]-[0-9A-Z]{{3}}-[0-9A-Z]{{3,7}}{_ALNUM_AFTER}",
        0.9,
    ),
    Detector(
        "ecli",
        EntityType.CASE_NUMBER,
        heads("ECLI:", caseless=True),
        exact(
            f"{_ALNUM_BEFORE}ECLI: ?[A-Z]{{2}}:[0-9A-Z]{{1,7}}:[0-9]{{4}}:[0-9A-Z](?:[0-9A-Z.]{{0,23}}[0-9A-Z])?",
            caseless=True,
        ),
        shaped(EntityType.CASE_NUMBER, 0.95),
    ),
    _bare(
        "cassation",
        Rough(r"[0-9]{2}-[0-9]{2}\.[0-9]{3}", after="[^0-9.-]"),
        "(?<![0-9.-])(?<![LRDA]\\. )[0-9]{2}-[0-9]{2}\\.[0-9]{3}(?![0-9]|[.-][0-9])",
    ),
    _bare(
        "administrative-appeal",
        Rough("[0-9]{2}(?:BX|DA|LY|MA|NC|NT|PA|VE|TL|BO)[0-9]{5}", after="[^0-9A-Za-z]"),
        f"{_ALNUM_BEFORE}[0-9]{{2}}(?:BX|DA|LY|MA|NC|NT|PA|VE|TL|BO)[0-9]{{5}}{_ALNUM_AFTER}",
    ),
    _bare(
        "european-court",
        Rough("[CTF](?:-|\u2010|\u2011|\u2012|\u2013)[0-9]{1,4}/[0-9]{2}", after="[^0-9A-Za-z]"),
        f"{_ALNUM_BEFORE}[CTF][-\u2010-\u2013][0-9]{{1,4}}/[0-9]{{2}}(?![0-9/])(?: (?:P|PPU|R|RENV)(?![A-Za-z]))?",
    ),
    _bare(
        "five-over-two",
        Rough("[0-9]{5}/[0-9]{2}", after="[^0-9/]"),
        r"(?<![0-9A-Za-z/])(?<![0-9][.,-])(?P<number>(?P<left>[0-9]{5})/[0-9]{2})(?![0-9A-Za-z/]|[.,][0-9])",
        examine=_slashed,
    ),
    _bare(
        "two-over-five",
        Rough("[0-9]{2}/[0-9]{5}", after="[^0-9/]"),
        r"(?<![0-9A-Za-z/])(?<![0-9][.,-])[0-9]{2}/[0-9]{5}(?![0-9A-Za-z/]|[.,][0-9])",
        0.6,
    ),
    Detector(
        "application",
        EntityType.CASE_NUMBER,
        (Rough("n(?:°|º|o)s?\\.?(?: |\u00a0|\u202f)?[0-9]{1,6}/[0-9]{2}", after="[^0-9A-Za-z]", caseless=True),),
        exact(
            f"(?<![{LETTER}0-9_])n[°ºo]s?\\.?[ \u00a0\u202f]?"
            r"(?P<number>(?P<left>[0-9]{2,6})/[0-9]{2}(?:(?: ?, ?| et | and | & )[0-9]{2,6}/[0-9]{2}){0,20})(?![0-9/])",
            caseless=True,
        ),
        _slashed,
    ),
    Detector(
        "court-number",
        EntityType.CASE_NUMBER,
        (Rough("n(?:°|º|o)s?\\.?(?: |\u00a0|\u202f)?[0-9]{6}", after="[^0-9A-Za-z]", caseless=True),),
        exact(
            f"(?<![{LETTER}0-9_])n[°ºo]s?\\.?[ \u00a0\u202f]?"
            r"(?P<number>[0-9]{6,7}(?:(?:, | et | and |-)[0-9]{6,7}){0,20})(?![0-9]|[.,/-][0-9])",
            caseless=True,
        ),
        _near_court,
    ),
    announced(
        "request",
        EntityType.CASE_NUMBER,
        ("requête", "recours", "pourvoi", "instance n"),
        ("requêtes?", "recours", "pourvois?", "instance(?= n)"),
        (
            Shape("(?:(?-i:[A-Z]) )?[0-9]{2}-[0-9]{2}\\.?[0-9]{3}"),
            Shape("[0-9]{1,6}/[0-9]{2}"),
            Shape("[0-9]{2}[A-Z]{2}[0-9]{5}"),
            Shape("[0-9]{2}/[0-9]{4,6}|(?:19|20)[0-9]{2}[/-][0-9]{3,7}"),
            Shape("[0-9]{6,8}(?:-[0-9])?"),
            Shape("[0-9]{2} ?[0-9]{5}"),
        ),
    ),
    announced(
        "registered-under",
        EntityType.CASE_NUMBER,
        ("sous le n", "sous les n"),
        ("sous les?(?= n)",),
        (_REFERENCE,),
        gap=Gap.MARKED,
    ),
    announced(
        "file",
        EntityType.CASE_NUMBER,
        (
            "dossier",
            "affaire",
            "instruction",
            "procédure",
            "enquête",
            "minute",
            "parquet",
            "cabinet",
            "procès",
            "pv",
            "p.v",
            "écrou",
            "plainte",
            "main courante",
            "jugement",
            "signalement",
            "idj",
            "cassiopée",
        ),
        (
            "dossiers?(?: d'instruction| pénal| judiciaire| administratif| social)?",
            "affaires?",
            "instruction",
            "procédures?",
            "enquête(?: préliminaire)?",
            "minutes?",
            "parquet",
            "cabinet",
            "procès(?: |-)verba(?:l|ux)",
            "pv",
            "p\\.v\\.?",
            "écrou",
            "plainte",
            "main courante",
            "jugement",
            "signalement",
            "idj",
            "cassiopée",
        ),
        (_REFERENCE, _DIRECT),
        gap=Gap.MARKED,
    ),
    announced(
        "prisoner",
        EntityType.CASE_NUMBER,
        ("écrou",),
        ("écrou",),
        (Shape("[0-9][0-9 ]{2,6}[0-9]|[0-9]{4,6}"),),
        gap=Gap.NEAR,
    ),
    announced(
        "reference",
        EntityType.IDENTIFIER,
        (
            "réf",
            "contrat",
            "sinistre",
            "client",
            "abonné",
            "usager",
            "adhérent",
            "bénéficiaire",
            "police n",
            "assurance",
            "demande n",
            "identifiant",
        ),
        (
            "réf(?:érences?|s)?\\.?(?: (?:dossier|interne|du dossier))?",
            "contrat",
            "sinistre",
            "clients?",
            "abonnée?",
            "usagers?",
            "adhérente?",
            "bénéficiaire",
            "police(?= n)",
            "assurance",
            "demande(?= n)",
            "identifiant",
        ),
        (_REFERENCE,),
        gap=Gap.MARKED,
    ),
    announced(
        "case-in-english",
        EntityType.CASE_NUMBER,
        ("case n", "file n", "docket", "claim n", "application n", "reference n", "our ref", "your ref"),
        (
            "(?:case|file|claim|applications?|reference)(?= n)",
            "dockets?",
            "(?:our|your) ref(?:erence)?",
        ),
        (_REFERENCE,),
        gap=Gap.MARKED,
    ),
    announced(
        "aktenzeichen",
        EntityType.CASE_NUMBER,
        ("az", "aktenzeichen", "gesch", "gz"),
        ("az\\.?", "aktenzeichen", "gesch(?:äftszeichen|äftsnummer|\\.?(?: |-)?(?:z|nr)\\.?)", "gz\\.?"),
        (Shape(_AZ), _REFERENCE),
        gap=Gap.NEAR,
        begins="[0-9A-Z]",
    ),
    announced(
        "land-parcel",
        EntityType.LAND_PARCEL,
        ("section", "parcelle", "cadast"),
        (
            "sections?",
            "parcelles?(?: de terrain)?",
            "cadastr(?:e|al|ale|ales|aux|ée|ées|é|és)",
        ),
        (Shape(_PARCEL), Shape("[0-9]{1,4}", listed=True)),
        begins="(?-i:[0-9A-Z])",
    ),
    announced(
        "land-parcel-number",
        EntityType.LAND_PARCEL,
        ("parcelle",),
        ("parcelles?",),
        (Shape("[0-9]{1,4}(?: (?:de la )?section (?-i:[A-Z]{1,2}))?"),),
        gap=Gap.MARKED,
    ),
    Detector(
        # Department, commune, prefix, section, plan: the fourteen characters of the cadastre's open data.
        "land-parcel-whole",
        EntityType.LAND_PARCEL,
        (Rough("[0-9]{8}[0A-Z][A-Z][0-9]{4}", after="[^0-9A-Za-z]"),),
        exact(f"{_ALNUM_BEFORE}[0-9]{{8}}[0A-Z][A-Z][0-9]{{4}}{_ALNUM_AFTER}"),
        shaped(EntityType.LAND_PARCEL, 0.7),
    ),
    Detector(
        # Building permits and declarations: type, department, commune, year, number.
        "building-permit",
        EntityType.CASE_NUMBER,
        (Rough("(?:PC|DP|PA|PD|CU)[ab]?(?:-| )?0?[0-9][0-9AB](?:-| )?[0-9]{3}(?:-| )?[0-9]{2}", after="[^0-9A-Za-z]"),),
        exact(
            f"{_ALNUM_BEFORE}(?:PC|DP|PA|PD|CU)[ab]?[- ]?0?[0-9][0-9AB][- ]?[0-9]{{3}}[- ]?[0-9]{{2}}"
            f"[- ]?[0-9A-Z]?[0-9]{{4}}{_ALNUM_AFTER}"
        ),
        shaped(EntityType.CASE_NUMBER, 0.8),
    ),
)
