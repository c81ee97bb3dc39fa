"""Nationalities, companies by their form, plots and sentences, in English case files."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.hyperscan_scanner import HyperscanScanner
from bouclier.terms.content import EntityType

SCANNER = HyperscanScanner()


def found(text: str, type_: EntityType) -> list[str]:
    return [text[one.start : one.end] for one in SCANNER.scan(text) if one.type is type_]


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("hired by Vauquelin Broadcasting UK Ltd in 1998", "Vauquelin Broadcasting UK Ltd"),
        ("La société Boulard et Fils SARL conteste", "Boulard et Fils SARL"),
        ("shares of Strandvik Television AB were", "Strandvik Television AB"),
        ("The Kestrel Holdings plc paid", "Kestrel Holdings plc"),
    ],
)
def test_a_company_is_told_by_its_legal_form(text: str, company: str) -> None:
    assert found(text, EntityType.ORGANIZATION) == [company]


@pytest.mark.parametrize("text", ["Il a une SA qui va mal", "the AG said so", "limited to Limited"])
def test_a_legal_form_alone_is_no_company(text: str) -> None:
    assert found(text, EntityType.ORGANIZATION) == []


def test_a_nationality_is_a_detail_and_the_law_of_a_state_is_not() -> None:
    assert found("a Polish national and her Kurdish neighbour", EntityType.DEMOGRAPHIC) == [
        "Polish national",
        "Kurdish",
    ]
    assert found("under Turkish law and the German Civil Code", EntityType.DEMOGRAPHIC) == []


def test_plots_are_numbers_of_land() -> None:
    text = "the plots nos. 260, 268, 119/5 and 425 near the sea; plot no. 12 of another"
    assert found(text, EntityType.LAND_PARCEL) == ["260, 268, 119/5 and 425", "12"]


def test_the_length_of_a_sentence_is_a_detail() -> None:
    assert found("he was sentenced to twenty-four years' imprisonment", EntityType.AMOUNT) == [
        "twenty-four years' imprisonment"
    ]
    assert found("a sentence of 3 months and 2 days was served", EntityType.AMOUNT) == ["3 months and 2 days"]
