"""The text the speed bench reads: always the same, of the kinds and density it claims."""

from __future__ import annotations

import re

import pytest
from bench.mixed_text import mixed_text, prompts, texts_of
from stdnum import iban, luhn
from stdnum.fr import nir, siret

KINDS = ["letters", "e-mails", "prose", "tables", "code"]
LETTERS = "\n".join(texts_of("letters", 60_000).texts)


def test_the_same_seed_gives_the_same_text() -> None:
    assert mixed_text(50_000, seed=5) == mixed_text(50_000, seed=5)
    assert mixed_text(50_000, seed=5) != mixed_text(50_000, seed=6)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_as_much_of_a_kind_as_was_asked(kind: str) -> None:
    assert 20_000 <= texts_of(kind, 20_000).size_bytes < 40_000


def test_numbers_have_right_keys() -> None:
    accounts = re.findall(r"compte (FR[\d ]+)\.", LETTERS)
    persons = re.findall(r"sécurité sociale est le ([\d ]+)\.", LETTERS)
    companies = re.findall(r"établissement (\d{14}) ", LETTERS)
    assert min(map(len, (accounts, persons, companies))) > 5
    # The account number inside an invented IBAN has no key of its own.
    assert all(iban.is_valid(account, check_country=False) for account in accounts)
    assert all(nir.is_valid(person) for person in persons)
    assert all(siret.is_valid(company) and luhn.is_valid(company[:9]) for company in companies)


def test_few_sentences_come_twice() -> None:
    sentences = re.findall(r"[A-ZÀÉ][^.;\n]{60,}[.;]", "\n".join(texts_of("prose", 200_000).texts))
    assert len(set(sentences)) > 0.95 * len(sentences)


def test_prompts_differ_and_have_the_size_asked() -> None:
    texts = prompts(20, 2_000)
    assert len(set(texts)) == 20
    assert all(1_990 <= len(text.encode()) <= 2_000 for text in texts)
