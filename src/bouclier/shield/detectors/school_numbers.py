"""Numbers of pupils, students and teachers.

The national number (INE) has eleven characters: nine digits and two letters since 2018 (RNIE), ten digits and a letter
before (BEA), four digits, an A, five digits and a letter for apprentices; universities gave others, of letters and
digits mixed. Read 2026-11-21: Wikipedia, "Numéro d'identification nationale des étudiants", and the validators of the
ministry of labour's apprenticeship platform. The rule of the last letter is not public: it is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.announced import ANY_NUMBER, Gap, Shape, announced
from bouclier.shield.characters import SEPARATOR
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_S = f"{SEPARATOR}?"
_INE = f"[0-9](?:{_S}[0-9]){{8}}(?:{_S}[0-9A-Z]){_S}[A-Z](?![a-z])"
_UNITS = ("EU", "KO", "MO", "GO", "KG", "KM", "HZ", "MS", "GB", "MB", "KB")


def _bare(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Nine or ten digits and the letters that end them: hardly anything else is written so."""
    if not match[0].endswith(_UNITS):
        yield Finding(*match.span(), EntityType.STUDENT_NUMBER, 0.6, "shape")


DETECTORS = (
    announced(
        "student-number",
        EntityType.STUDENT_NUMBER,
        ("ine", "i.n.e", "rnie", "bea", "inaph", "ina", "identifiant national", "identifiant élève"),
        (
            "ine(?:(?:-|/| )(?:rnie|bea))?",
            "i\\.n\\.e\\.?",
            "rnie",
            "bea",
            "inaph",
            "ina",
            "identifiant national(?: (?:d'|de l')?(?:élève|étudiante?)s?)?(?: unique)?",
            "identifiant élève",
        ),
        (
            Shape(_INE),
            Shape("[0-9]{4}A[0-9]{5}[A-Z]"),
            Shape("(?=(?:[A-Z]{0,6}[0-9]){4})[0-9A-Z]{10}[0-9A-Z]?"),
            ANY_NUMBER,
        ),
    ),
    announced(
        "student-card",
        EntityType.STUDENT_NUMBER,
        ("étudiant", "élève", "apprenant", "candidat", "cve", "parcoursup", "student", "apprenti"),
        (
            "étudiante?s?",
            "élèves?",
            "apprenante?",
            "candidate?s?",
            "cvec?",
            "parcoursup",
            "student (?:id|number)",
            "apprentie?",
        ),
        (Shape(_INE), Shape("[0-9A-Z]{0,2}[0-9]{6,10}")),
        gap=Gap.MARKED,
    ),
    Detector(
        "student-number-bare",
        EntityType.STUDENT_NUMBER,
        (Rough("[0-9]{9}[0-9A-Z][A-Z]", after="[^0-9A-Za-z]"),),
        exact("(?<![0-9A-Za-z])(?<![0-9][.,/ -])[0-9]{9}[0-9A-Z][A-Z](?![0-9A-Za-z])"),
        _bare,
    ),
    announced(
        # Two digits, a letter, seven digits, three letters: an agent of the ministry of education.
        "numen",
        EntityType.IDENTIFIER,
        ("numen",),
        ("numen",),
        (Shape("[0-9]{2}[A-Z][0-9]{7}[A-Z]{3}"), ANY_NUMBER),
    ),
    announced(
        "staff-number",
        EntityType.IDENTIFIER,
        ("matricule",),
        ("matricule(?: (?:agent|solde|rh|militaire))?",),
        (Shape("[A-Z]{0,3}[-/ ]?[0-9][0-9A-Z]{3,12}"),),
        gap=Gap.NEAR,
    ),
)
