"""What GDPR articles 9 and 10 protect, by words: health, beliefs, opinions, unions, sex life, origin, body, genes, law.

Words alone: that they are said of a person is for `linkage` to see, with everything else that was found. Medical codes
(CIM-10, CCAM) count beside a word that announces them only, stems of medicines (`-prazole`) before a dose only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, LOWER, NOT_IN_WORD, SPACE
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped
from bouclier.shield.lexicons import drugs, health_words, said_of_persons
from bouclier.shield.lexicons.spellings import exact_of, rough_of, terms_of
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

LEXICON = "lexicon"
_SURE = 0.7
_CODE_REACH = 40
_LONGEST_STEM = 24

_HEALTH = (
    *(health_words.CONDITIONS_FR, health_words.ACTS_FR, health_words.SAID_FR),
    *(health_words.CONDITIONS_EN, health_words.ACTS_EN, health_words.SAID_EN),
    drugs.DRUGS,
)
_TABLES = (
    (EntityType.HEALTH, ",".join(_HEALTH)),
    (EntityType.RELIGION, said_of_persons.RELIGION),
    (EntityType.POLITICS, said_of_persons.POLITICS),
    (EntityType.UNION, said_of_persons.UNION),
    (EntityType.SEX_LIFE, said_of_persons.SEX_LIFE),
    (EntityType.ORIGIN, said_of_persons.ORIGIN),
    (EntityType.BIOMETRIC, said_of_persons.BIOMETRIC),
    (EntityType.GENETIC, said_of_persons.GENETIC),
    (EntityType.OFFENCE, said_of_persons.OFFENCE),
    (EntityType.MINOR, said_of_persons.MINOR),
)

_ACRONYMS = tuple(sorted(health_words.ACRONYMS.replace("\n", " ").replace(",", " ").split()))
_STEMS = terms_of(drugs.STEMS)
_STEMS_TYPED = sorted({typed for stem in _STEMS for typed in (stem, stem.replace("é", "e"))})
_DOSE = f"{SPACE}{{1,3}}(?:(?:[LCP]P|R|retard){SPACE})?[0-9][0-9.,]{{0,6}}{SPACE}{{0,2}}(?:mg|[µμ]g|mcg|g|ml|UI|ui|IU)"
_CODES = exact(
    # CIM-10: a letter, two digits, and a decimal; the chapter U is for provisional codes. CCAM: four letters, three
    # digits. The shapes are of common knowledge; no edition of either was at hand.
    r"(?<![0-9A-Za-z])(?:[A-Z][0-9]{2}(?:\.[0-9]{1,2}|\+[0-9]{1,2})?|[A-Z]{4}[0-9]{3})(?![0-9A-Za-z])"
)


def _announced_code(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the code that stands within reach of the word that announces it."""
    found = _CODES.search(text, match.end(), match.end() + _CODE_REACH)
    if found is not None:
        yield Finding(*found.span(), EntityType.HEALTH, 0.8, "context:medical-code")


def _medicine_by_stem(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the word that ends with the stem."""
    start = match.start()
    while start and match.start() - start < _LONGEST_STEM and text[start - 1].isalpha():
        start -= 1
    yield Finding(start, match.end("stem"), EntityType.HEALTH, 0.75, "context:dose")


def _of_table(type_: EntityType, table: str) -> Detector:
    terms = terms_of(table)
    name = f"said-{type_.value.lower().replace('_', '-')}"
    return Detector(name, type_, rough_of(terms), exact_of(terms), shaped(type_, _SURE, by=LEXICON))


DETECTORS = (
    *(_of_table(type_, table) for type_, table in _TABLES),
    Detector(
        "said-health-acronym",
        EntityType.HEALTH,
        tuple(Rough(acronym, after="[^A-Za-z]") for acronym in _ACRONYMS),
        # Not "12 SEP 2024", nor a number of anything.
        exact(rf"{NOT_IN_WORD}(?<![0-9]{SPACE})(?:{'|'.join(_ACRONYMS)})(?![{LETTER}0-9]|{SPACE}[0-9]{{2}})"),
        shaped(EntityType.HEALTH, 0.65, by=LEXICON),
    ),
    Detector(
        "medical-code",
        EntityType.HEALTH,
        tuple(Rough(head, after="[^A-Za-z]", caseless=True) for head in ("CIM", "ICD", "CCAM", "diagnos", "codage")),
        exact(
            rf"{NOT_IN_WORD}(?:(?:CIM|ICD)(?:[ \-]?10)?|CCAM|diagnos(?:tics?|is|es)|codage)(?![{LETTER}0-9])",
            caseless=True,
        ),
        _announced_code,
    ),
    Detector(
        "medicine-stem",
        EntityType.HEALTH,
        heads(*_STEMS_TYPED),
        exact(f"(?<=[{LOWER}][{LOWER}])(?P<stem>{'|'.join(_STEMS_TYPED)}){_DOSE}(?![{LETTER}])"),
        _medicine_by_stem,
    ),
    Detector(
        # The code of a presentation of a medicine: 34009, then eight digits (ANSM, since 2009).
        "medicine-code",
        EntityType.HEALTH,
        heads("34009", "3400 9", "3 400 9", "3 4009"),
        exact(r"(?<![0-9])3 ?400 ?9[0-9 ]{8,12}(?<=[0-9])(?![0-9])"),
        shaped(EntityType.HEALTH, 0.7),
    ),
)
