"""What articles 9 and 10 of the GDPR protect, as patterns see it, and on the invented sentences kept for measuring."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.compose_findings import compose_findings
from bouclier.shield.detectors import ages, categories, people
from bouclier.shield.kinds import KINDS, Part
from bouclier.shield.lexicons.spellings import spellings_of, terms_of
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

SENTENCES = Path(__file__).parents[3] / "bench" / "quality" / "categories.jsonl"
SCANNER = ReScanner((*categories.DETECTORS, *ages.DETECTORS, *people.DETECTORS))


def said(text: str) -> set[tuple[str, str]]:
    return {
        (one.type.value, text[one.start : one.end])
        for one in SCANNER.scan(text)
        if KINDS[one.type].part is Part.CATEGORY
    }


@pytest.mark.parametrize(
    ("text", "type_", "words"),
    [
        ("un asthme sévère", "HEALTH", "asthme"),
        ("des migraines", "HEALTH", "migraines"),
        ("HÉPATITE C", "HEALTH", "HÉPATITE"),
        ("Hepatite C", "HEALTH", "Hepatite"),
        ("e\u0301pilepsie", "HEALTH", "e\u0301pilepsie"),
        ("Épilepsie", "HEALTH", "Épilepsie"),
        ("multiple sclerosis", "HEALTH", "multiple sclerosis"),
        ("de la paroxétine", "HEALTH", "paroxétine"),
        ("une ALD", "HEALTH", "ALD"),
        ("ramiprazole 20 mg", "HEALTH", "ramiprazole"),
        ("CIM-10 : F32.1", "HEALTH", "F32.1"),
        ("CCAM HHFA001", "HEALTH", "HHFA001"),
        ("3400930000014", "HEALTH", "3400930000014"),
        ("une famille musulmane", "RELIGION", "musulmane"),
        ("témoin de Jéhovah", "RELIGION", "témoin de Jéhovah"),
        ("adhérent du parti socialiste", "POLITICS", "adhérent du parti socialiste"),
        ("délégué syndical", "UNION", "délégué syndical"),
        ("adhérente à la CFDT", "UNION", "adhérente à la CFDT"),
        ("leur orientation sexuelle", "SEX_LIFE", "orientation sexuelle"),
        ("d’origine malienne", "ORIGIN", "d’origine malienne"),
        ("ses empreintes digitales", "BIOMETRIC", "empreintes digitales"),
        ("un test ADN", "GENETIC", "test ADN"),
        ("mise en examen", "OFFENCE", "mise en examen"),
        ("convicted of theft", "OFFENCE", "convicted of"),
        ("élève de CM2", "MINOR", "élève de CM2"),
        ("fille mineure", "MINOR", "fille mineure"),
    ],
)
def test_what_is_said_is_found_however_it_is_typed(text: str, type_: str, words: str) -> None:
    assert (type_, words) in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "le violon et la violette",  # viol
        "une asthénosphère",
        "12 SEP 2024",
        "l'option F32 du menu",
        "vue HHFA001 du plan",
        "le maquis de Kolprazole",  # no dose
        "la CGT négocie",
        "le parti socialiste a un congrès",
        "accusé de réception",
        "M. Christian Dupont",
    ],
)
def test_words_that_only_look_like_it_are_left(text: str) -> None:
    assert said(text) == set()


def test_a_choice_in_a_table_is_spelled_out() -> None:
    assert terms_of("mis[|e] en\nexamen, viol,") == ("mis en examen", "mise en examen", "viol")


def test_a_term_is_looked_for_with_and_without_its_accents() -> None:
    assert {"œdème", "oedeme", "ŒdÈme"} <= spellings_of("œdème")


@cache
def sentences() -> tuple[dict[str, object], ...]:
    return tuple(json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines())


def composed(sentence: dict[str, object]) -> Iterator[str]:
    text = str(sentence["text"])
    persons = sentence["persons"]
    assert isinstance(persons, list)
    names = [Finding(text.index(one), text.index(one) + len(one), EntityType.PERSON, 0.9, "given") for one in persons]
    return (one.type.value for one in compose_findings(text, SCANNER.scan(text), names))


def test_nearly_all_that_is_said_of_persons_in_the_invented_sentences_is_found() -> None:
    expected = [(sentence, type_) for sentence in sentences() for type_ in sentence["types"]]  # type: ignore[attr-defined]
    found = sum(type_ in set(composed(sentence)) for sentence, type_ in expected)
    assert len(expected) > 150
    assert found / len(expected) >= 0.95


def test_what_is_said_of_nobody_in_the_invented_sentences_is_dropped() -> None:
    nobody = [sentence for sentence in sentences() if not sentence["types"]]
    categories_found = [
        sentence["id"]
        for sentence in nobody
        if any(KINDS[EntityType(type_)].part is Part.CATEGORY for type_ in composed(sentence))
    ]
    assert len(nobody) > 20
    assert categories_found == []
