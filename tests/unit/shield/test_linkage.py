"""Things said are kept when they are said of somebody."""

from __future__ import annotations

import pytest

from bouclier.shield.linkage import linked_to_somebody
from bouclier.terms.content import EntityType, Finding


def linked(text: str, said: str = "asthme", **named: EntityType) -> bool:
    """Say whether what is said in a text is kept; `named` are spans found beside it, by their words."""
    findings = [Finding(text.index(said), text.index(said) + len(said), EntityType.HEALTH, 0.7, "lexicon")]
    for words, type_ in named.items():
        start = text.index(words)
        findings.append(Finding(start, start + len(words), type_, 0.9, "given"))
    kept = linked_to_somebody(text, sorted(findings, key=lambda one: one.start))
    assert len(kept) >= len(findings) - 1
    return len(kept) == len(findings)


@pytest.mark.parametrize(
    "text",
    [
        "J'ai de l'asthme.",
        "Mon fils a de l'asthme.",
        "I was told it is asthme.",
        "Notre voisine a un asthme sévère.",
        "Patiente suivie pour un asthme.",
        "Le requérant a déclaré un asthme.",
        "The applicant was treated for asthme.",
        "L'élève présente un asthme d'effort.",
        "Patient : L. P.\nDiagnostic : asthme",
        "Nom : xyz\nService : B\nAntécédents : asthme",
        "Mon fils est absent. Il souffre d'asthme.",
    ],
)
def test_a_person_told_by_words_links_what_is_said(text: str) -> None:
    assert linked(text)


@pytest.mark.parametrize(
    "text",
    [
        "L'asthme touche quatre millions de personnes.",
        "Toute personne atteinte d'asthme peut demander une aide.",
        "Lorsque le salarié a été reconnu asthmatique ou atteint d'asthme, il est suivi.",
        "Les patients atteints d'asthme ont un droit.",
        "I. - Le taux pour l'asthme est fixé par décret.",
        "Patient safety and asthme care",
        "Mon fils est absent.\n\nL'asthme est une maladie des bronches.",
        "Vous avez de l'asthme ?",
        "Objet : asthme\nService : pneumologie",
    ],
)
def test_what_is_said_of_nobody_is_dropped(text: str) -> None:
    assert not linked(text)


@pytest.mark.parametrize("type_", [EntityType.PERSON, EntityType.NIR, EntityType.BIRTH_DATE, EntityType.PATIENT_NUMBER])
def test_a_name_or_an_identifier_in_the_sentence_links(type_: EntityType) -> None:
    assert linked("xyz souffre d'asthme.", xyz=type_)
    assert linked("xyz est venu. Traitement de l'asthme poursuivi.", xyz=type_)
    assert not linked("xyz est venu.\n\nL'asthme est fréquent.", xyz=type_)


def test_an_address_links_in_a_row_but_not_in_a_sentence() -> None:
    assert linked("xyz;asthme;2019", xyz=EntityType.EMAIL)
    assert not linked("Asthme infos et asthme conseil : écrire à xyz.", xyz=EntityType.EMAIL)


def test_a_disease_or_a_law_that_bears_a_name_is_nobody() -> None:
    assert not linked("La maladie de Parkinson est fréquente.", "Parkinson", Parkinson=EntityType.PERSON)
    assert not linked("La loi Martin traite de l'asthme.", Martin=EntityType.PERSON)


def test_an_age_links_but_not_in_a_rule() -> None:
    words = "seize"
    assert linked("Garçon, seize, asthme.", **{words: EntityType.AGE})
    assert not linked("Si l'assuré a seize et de l'asthme, il est suivi.", **{words: EntityType.AGE})


def test_lines_cut_by_a_margin_are_one_sentence_and_initials_end_none() -> None:
    assert linked("xyz a consulté pour un\nasthme ancien.", xyz=EntityType.PERSON)
    assert linked("Le Dr. A. xyz a de l'asthme.", xyz=EntityType.PERSON)


def test_what_is_no_category_is_always_kept() -> None:
    finding = Finding(0, 4, EntityType.PHONE, 0.9, "shape")
    assert linked_to_somebody("0639 et rien", [finding]) == [finding]


@pytest.mark.parametrize("crumb", ["asthme ", "asthme. ", "asthme\n", "asthme: a\n", "il asthme. "])
def test_many_things_said_take_no_time_of_their_square(crumb: str) -> None:
    text = crumb * 5_000
    findings = [
        Finding(start, start + 6, EntityType.HEALTH, 0.7, "lexicon")
        for start in (place + crumb.index("asthme") for place in range(0, len(text), len(crumb)))
    ]
    # Seconds at most; looking at the whole text for each takes many minutes.
    assert len(linked_to_somebody(text, findings)) <= len(findings)
