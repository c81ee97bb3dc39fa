"""Ages of somebody, and minors; never a duration or a limit of age."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors import ages

SCANNER = ReScanner(ages.DETECTORS)


def found(text: str) -> set[tuple[str, str]]:
    return {(one.type.value, text[one.start : one.end]) for one in SCANNER.scan(text)}


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("M. Texier, 67 ans, retraité", "67 ans"),
        ("Je suis âgé de 34 ans", "34 ans"),
        ("âgée de trente-quatre ans", "trente-quatre ans"),
        ("AGEE DE 34 ANS", "34 ANS"),
        ("Âgé(e) de 71 ans", "71 ans"),
        ("Âge : 45", "45"),
        ("Patiente de 72 ans, hypertendue", "72 ans"),
        ("un homme de 58 ans", "58 ans"),
        ("Ma mère a 81 ans.", "81 ans"),
        ("j’ai 40 ans et deux enfants", "40 ans"),
        ("DUVAL | 22/01/1965 (61 ans)", "61 ans"),
        ("the defendant, aged 52, left", "52"),
        ("a 34-year-old woman", "34-year-old"),
        ("he is 71 years old", "71 years old"),
    ],
)
def test_the_age_of_an_adult_is_found(text: str, age: str) -> None:
    assert found(text) == {("AGE", age)}


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("un enfant de 7 ans", "7 ans"),
        ("Nourrisson de 3 mois", "3 mois"),
        ("Léa, âgée de 4 ans, est là", "4 ans"),
        ("her daughter, aged 12, left", "12"),
        ("my 6-year-old son", "6-year-old"),
        ("Enzo, 15 ans, a fugué", "15 ans"),
    ],
)
def test_an_age_under_eighteen_tells_a_minor(text: str, age: str) -> None:
    assert found(text) == {("AGE", age), ("MINOR", age)}


@pytest.mark.parametrize(
    "text",
    [
        "un délai de 5 ans",
        "une peine de 3 ans de prison",
        "le mineur est puni de 5 ans de prison",
        "un bail de 9 ans",
        "Durée, 3 ans,",
        "pendant 3 mois",
        "il a 5 ans d'ancienneté",
        "l'âge de 62 ans",
        "âgé de plus de 16 ans",
        "âgé d'au moins 18 ans",
        "âgé de 16 ans révolus",
        "âgé de seize ans ou plus",
        "âgé de 16 à 25 ans",
        "les enfants âgés de 3 ans",
        "un enfant de moins de 3 ans",
        "aged 18 or over",
        "a 5-year-old contract",
        "for 5 years",
        "un homme de 458 ans",
    ],
)
def test_a_duration_or_a_limit_of_age_is_left(text: str) -> None:
    assert found(text) == set()
