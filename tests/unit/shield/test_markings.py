"""Protective markings are found where markings stand, with their level; prose about secrecy is left."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors.markings import DETECTORS

SCANNER = ReScanner(DETECTORS)
PROSE = "La commission a examiné la demande et rendu son avis au terme de la séance.\n" * 8


def found(text: str) -> list[tuple[str, str]]:
    return [
        (finding.validated_by.removeprefix("marking:"), text[finding.start : finding.end])
        for finding in SCANNER.scan(text)
    ]


@pytest.mark.parametrize(
    ("level", "marking"),
    [
        ("restricted", "DIFFUSION RESTREINTE"),
        ("restricted", "DIFFUSION RESTREINTE - SPÉCIAL FRANCE"),
        ("restricted", "SPÉCIAL FRANCE"),
        ("restricted", "RESTREINT UE/EU RESTRICTED"),
        ("restricted", "EU RESTRICTED"),
        ("restricted", "R-UE/EU-R"),
        ("restricted", "NATO RESTRICTED"),
        ("restricted", "DIFFUSION RESTREINTE OTAN"),
        ("restricted", "OFFICIAL-SENSITIVE"),
        ("restricted", "VS-NUR FÜR DEN DIENSTGEBRAUCH"),
        ("restricted", "TLP:RED"),
        ("restricted", "TLP: AMBER+STRICT"),
        ("classified", "SECRET DÉFENSE"),
        ("classified", "SECRET – SPÉCIAL FRANCE"),
        ("classified", "TRÈS SECRET"),
        ("classified", "TRES SECRET DEFENSE"),
        ("classified", "TRÈS SECRET - SPÉCIAL FRANCE"),
        ("classified", "CONFIDENTIEL DÉFENSE"),
        ("classified", "CONFIDENTIEL UE/EU CONFIDENTIAL"),
        ("classified", "SECRET UE/EU SECRET"),
        ("classified", "TRÈS SECRET UE/EU TOP SECRET"),
        ("classified", "NATO SECRET"),
        ("classified", "NATO CONFIDENTIAL"),
        ("classified", "COSMIC TOP SECRET"),
        ("classified", "COSMIC TRÈS SECRET"),
        ("professional", "TLP:AMBER"),
    ],
)
def test_a_marking_in_capitals_counts_wherever_it_stands(level: str, marking: str) -> None:
    assert found(f"{PROSE}La note est marquée {marking} et le reste.\n{PROSE}") == [(level, marking)]


def test_a_traffic_light_that_asks_for_no_more_than_we_always_do_is_no_finding() -> None:
    assert found("TLP:CLEAR\nTLP:WHITE\nTLP:GREEN\n") == []


PROFESSIONAL = (
    "Secret médical", "Confidentiel médical", "Secret professionnel", "Secret de l'instruction", "Secret de l’enquête",
    "Secret fiscal", "Secret des affaires", "Confidentiel industrie", "Strictement confidentiel",
    "Personnel et confidentiel", "Pli confidentiel", "Confidentialité avocat-client", "Medical in confidence",
    "Privileged and confidential",
)  # fmt: skip
STATE = [("restricted", "Diffusion restreinte"), ("classified", "Très secret"), ("classified", "Confidentiel défense")]
PLACED = [*(("professional", marking) for marking in PROFESSIONAL), *STATE]


@pytest.mark.parametrize(("level", "marking"), PLACED)
def test_a_marking_in_small_letters_counts_where_markings_stand(level: str, marking: str) -> None:
    assert found(f"{marking}\n\n{PROSE}") == [(level, marking)]
    assert found(f"{PROSE}{marking}\n") == [(level, marking)]
    assert found(f"{PROSE}— {marking} —\n{PROSE}") == [(level, marking)]
    assert found(f"{PROSE}Classification : {marking}\n{PROSE}") == [(level, marking)]


@pytest.mark.parametrize(("level", "marking"), PLACED)
def test_a_marking_in_capitals_counts_as_a_heading(level: str, marking: str) -> None:
    shouted = marking.upper()
    assert found(f"{PROSE}{shouted}\n{PROSE}") == [(level, shouted)]


@pytest.mark.parametrize(("level", "marking"), PLACED)
def test_the_same_words_in_prose_are_no_marking(level: str, marking: str) -> None:
    assert level
    assert found(f"{PROSE}Le régime dit {marking.lower()} est prévu par la loi et connu de tous.\n{PROSE}") == []
    assert found(f"{PROSE}{marking} : ce que dit la loi\n{PROSE}") == []


@pytest.mark.parametrize(
    "text",
    [
        "Ce document est couvert par le secret médical.",
        "Document couvert par le secret médical\n",
        "Les pièces ci-jointes : Le présent rapport est strictement couvert par le secret médical, merci.",
        "Couvert par le secret médical",
        "Dossier soumis au secret médical",
    ],
)
def test_what_is_said_to_be_covered_is_marked(text: str) -> None:
    assert found(f"{PROSE}{text}\n{PROSE}") == [("professional", "secret médical")]


@pytest.mark.parametrize(
    "text",
    [
        "Le secret médical est protégé par l'article L. 1110-4 du code de la santé publique.",
        "Les informations couvertes par le secret médical ne peuvent être communiquées.",
        "La violation du secret professionnel est punie par l'article 226-13 du code pénal.",
        "Les élèves ont découvert le secret de la tour.",
        "une procédure couverte par le secret de l'instruction selon l'avocat",
        "EN SECRET, IL PARTIT.",
        "LE SECRET DE LA LICORNE",
        "un rapport confidentiel sur la diffusion restreinte d'un film",
        "secret de Polichinelle",
        "la classification Dr Martin",
    ],
)
def test_prose_about_secrecy_is_no_marking(text: str) -> None:
    assert found(f"{PROSE}{text}\n{PROSE}") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Classification : DR", ("restricted", "DR")),
        ("Document classifié TS par le ministère", ("classified", "TS")),
        ("Classification : S", ("classified", "S")),
        ("Classification : SECRET", ("classified", "SECRET")),
        ("SECRET\n", ("classified", "SECRET")),
        ("- SECRET -  page 1/3\n", ("classified", "SECRET")),
        ("CONFIDENTIEL\n", ("professional", "CONFIDENTIEL")),
        ("Niveau de confidentialité : CONFIDENTIEL\n", ("professional", "CONFIDENTIEL")),
    ],
)
def test_a_short_marking_counts_alone_on_its_line_or_announced(text: str, expected: tuple[str, str]) -> None:
    assert found(f"{PROSE}{text}\n{PROSE}") == [expected]
