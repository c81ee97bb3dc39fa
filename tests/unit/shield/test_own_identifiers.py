"""An institution's identifiers: found where their words are, never in the middle of a word, at no great cost."""

from __future__ import annotations

from time import process_time

import pytest

from bouclier.shield.adapters.portable_scanner import PortableScanner
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.shield.own_identifiers import OwnIdentifier, detector_of
from bouclier.terms.content import EntityType

AGENT = OwnIdentifier("matricule-agent", "AG[0-9]{6}", ("matricule", "numéro d'agent"))


def found(own: OwnIdentifier, text: str) -> list[str]:
    return [text[one.start : one.end] for one in PortableScanner([detector_of(own)]).scan(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Matricule : AG123456.",
        "AG123456 (matricule)",
        "NUMERO D’AGENT AG123456",
        "les matricules AG123456",
        "é😀 matricule AG123456",
    ],
)
def test_it_is_found_near_one_of_its_words(text: str) -> None:
    assert found(AGENT, text) == ["AG123456"]


@pytest.mark.parametrize(
    "text",
    [
        "AG123456",
        "immatricule AG123456",
        "matricule " + "." * 60 + " AG123456",
        "matricule AG1234567",
        "matricule XAG123456",
        "matricule ÉAG123456",
        "matricule AG123456_",
        "matricule ag123456",
    ],
)
def test_it_is_not_found_elsewhere(text: str) -> None:
    assert found(AGENT, text) == []


def test_without_words_it_is_found_anywhere_under_its_name_type_and_confidence() -> None:
    own = OwnIdentifier("dossier", "[0-9]{4}/[A-Z]{2}", type=EntityType.CASE_NUMBER, confidence=0.6)
    (one,) = PortableScanner([detector_of(own)]).scan("vu 2026/AB, vu")
    assert (one.type, one.confidence, one.validated_by) == (EntityType.CASE_NUMBER, 0.6, "own:dossier")


def test_it_may_begin_and_end_with_punctuation() -> None:
    assert found(OwnIdentifier("x", r"\([0-9]{3}\)"), "a(123)b") == ["(123)"]


def test_it_may_be_typed_in_either_case() -> None:
    assert found(OwnIdentifier("x", "AG-é[0-9]{2}", ignore_case=True), "ag-é12") == ["ag-é12"]


def test_it_is_found_beside_all_else_by_the_scanner_of_this_machine() -> None:
    text = "Mme Claire Dubreuil, matricule AG123456, 06 39 98 12 34"
    kinds = [(one.type.value, one.validated_by) for one in make_scanner([AGENT]).scan(text)]
    assert ("IDENTIFIER", "own:matricule-agent") in kinds
    assert {"PERSON", "PHONE"} <= {kind for kind, _ in kinds}


@pytest.mark.parametrize(
    "pattern", ["A{1,100}B", "[0-9]{1,9}A{0,9}[0-9]{1,9}", "(?:A|AA){1,8}B", "(?:[A0]{1,3}-?){1,3}B"]
)
@pytest.mark.parametrize("crumb", ["A", "0", "A0", "-A", "A "])
def test_a_text_made_to_stall_it_costs_time_in_proportion_to_its_length(pattern: str, crumb: str) -> None:
    scanner = PortableScanner([detector_of(OwnIdentifier("x", pattern))])
    text = crumb * (40_000 // len(crumb))
    began = process_time()
    scanner.scan(text)
    # Milliseconds to a tenth of a second; backtracking without bound takes hours.
    assert process_time() - began < 10
