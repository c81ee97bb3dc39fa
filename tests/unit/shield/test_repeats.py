"""A value recognised once in an exchange is recognised wherever it stands in it, and ordinary words are left alone."""

from __future__ import annotations

import pytest
from tests.exchanges import propagate

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.repeats import REPEATED
from bouclier.terms.content import EntityType, Finding

SCANNER = ReScanner()


def added(known: str, text: str) -> list[tuple[str, str]]:
    """What a text gains from what the patterns find in another."""
    first, second = propagate([known, text], [SCANNER.scan(known), []])
    assert list(first) == SCANNER.scan(known)
    assert all(one.validated_by == REPEATED for one in second)
    return [(one.type.value, text[one.start : one.end]) for one in second]


@pytest.mark.parametrize(
    "written",
    [
        "Zoé Vasseur", "VASSEUR ZOE", "Vasseur Zoé", "zoé vasseur", "ZOE VASSEUR", "Vasseur, Zoé", "Zoé\nVasseur",
        "vasseur_zoe", "zoe.vasseur", "Zoe\u0301 Vasseur", "Zoé Vas\u00adseur", "VASSEUR", "Vasseur",
    ],
)  # fmt: skip
def test_a_person_is_found_again_however_written(written: str) -> None:
    assert added("Mme Zoé Vasseur", f"Le dossier de {written} (suite)") == [("PERSON", written)]


def test_a_surname_takes_along_the_words_of_its_person() -> None:
    assert added("M. Jean Michel Dupont", "avec Jean Dupont, DUPONT Jean et Dupont.") == [
        ("PERSON", "Jean Dupont"),
        ("PERSON", "DUPONT Jean"),
        ("PERSON", "Dupont"),
    ]
    assert added("Mme DUPONT Anne Lise", "chez Anne Dupont") == [("PERSON", "Anne Dupont")]
    assert added("Mme Anne Sophie Le Goff", "le goff, puis LE GOFF ANNE SOPHIE") == [("PERSON", "LE GOFF ANNE SOPHIE")]


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ("Mme Zoé Vasseur", "vasseur, Vasseurs, VASSEUR2, Zoé"),
        ("Mme Anne Petit", "Petit rappel. Petit mot, un petit pas et petite Anne"),
        ("M. Paul Roy", "Le roi, roy, Roy d'Espagne"),
        ("M. Le Grand", "le grand jour"),
        ("M. Luc Mars", "en Mars prochain, le Mars"),
        ("Mme Zoé Vasseur", '{"nom":"Zoé","qui":"Durand"}'),
        ("Mme Zoé Vasseur", "Zoé\n\nvasseur"),
    ],
)
def test_ordinary_words_are_not_taken_for_a_name_found_elsewhere(known: str, text: str) -> None:
    assert added(known, text) == []


def test_a_surname_that_is_a_word_counts_where_its_capital_has_no_other_reason() -> None:
    assert added("Mme Anne Petit", "Petit oubli : voir Petit, et PETIT.") == [("PERSON", "Petit"), ("PERSON", "PETIT")]


@pytest.mark.parametrize(
    ("type_", "known", "written"),
    [
        ("PHONE", "06 39 98 12 34", "06 399 812 34"),
        ("PHONE", "06 39 98 12 34", "+33(6)/39/98/12/34"),
        ("PHONE", "+33 6 39 98 12 34", "0 6 3 9 9 8 1 2 3 4"),
        ("NIR", "2 84 05 59 183 042 11", "2840559183042-11"),
        ("NIR", "2 84 05 59 183 042 11", "2840559183042"),
        ("IBAN", "FR7630006000011234567890189", "30006/00001/12345678901/89"),
        ("CARD", "4970 1012 3456 7893", "4970/1012/3456/7893"),
        ("PLATE", "AB-123-CD", "ab 123-cd"),
    ],
)
def test_a_number_is_found_again_whatever_its_separators(type_: str, known: str, written: str) -> None:
    assert added(f"Voici {known}.", f"Donc {written}, oui") == [(type_, written)]


def test_a_longer_number_is_not_a_repetition() -> None:
    assert added("Voici 06 39 98 12 34.", "n° 06399812345, 10639981234, 1206399812") == []


def test_an_address_is_found_again_on_two_lines_and_in_capitals() -> None:
    again = "14 BIS RUE DES TILLEULS\n59820 GRAVELINES"
    assert added("14 bis rue des Tilleuls, 59820 Gravelines", f"Envoyer au {again} svp") == [("ADDRESS", again)]


def test_what_was_already_found_stays_and_markings_are_left() -> None:
    text = "SECRET VASSEUR, zoe.vasseur@example.fr, Vasseur"
    email = Finding(16, 38, EntityType.EMAIL, 0.95, "shape")
    marking = Finding(0, 14, EntityType.MARKING, 0.9, "marking:classified")
    place = Finding(40, 47, EntityType.LOCATION, 0.7, "ner:m")
    person = Finding(4, 15, EntityType.PERSON, 0.75, "ner:m")
    _, found = propagate(["Mme Zoé Vasseur", text], [[person], [marking, email, place]])
    assert found == (marking, email, Finding(40, 47, EntityType.PERSON, 0.73, REPEATED))


def test_what_leads_to_nobody_is_not_looked_for() -> None:
    place = Finding(0, 5, EntityType.LOCATION, 0.7, "ner:m")
    assert propagate(["Lille", "Lille"], [[place], []]) == [(place,), ()]
    assert propagate([], []) == []
