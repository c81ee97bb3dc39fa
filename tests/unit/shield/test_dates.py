"""Dates, ranges, dates of laws that stay, amounts, postcodes of communes, rows of records."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.hyperscan_scanner import HyperscanScanner
from bouclier.shield.communes import serves
from bouclier.shield.compose_findings import compose_findings
from bouclier.terms.content import EntityType, Finding

SCANNER = HyperscanScanner()


def found(text: str, *types: EntityType) -> list[str]:
    return [text[one.start : one.end] for one in SCANNER.scan(text) if one.type in types]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Vu le 12/03/2021 au guichet", ["12/03/2021"]),
        ("vu le 3/4/19, revu le 28.09.2019", ["3/4/19", "28.09.2019"]),
        ("le 2021-12-10 à midi", ["2021-12-10"]),
        ("le 1er mars 2022", ["1er mars 2022"]),
        ("LE 14 SEPTEMBRE 2022", ["14 SEPTEMBRE 2022"]),
        ("mardi 3 mai 2022", ["mardi 3 mai 2022"]),
        ("On 16 March 2006 and 23 March 2006", ["16 March 2006", "23 March 2006"]),
        ("On March 5, 1999 she left", ["March 5, 1999"]),
        ("du 18 au 29/03/2021", ["18", "29/03/2021"]),
        ("on 16 and 23 March 2006", ["16", "23 March 2006"]),
        ("depuis décembre 93", ["décembre 93"]),
        ("en novembre 1975", ["novembre 1975"]),
        ("28nov puis rien", ["28nov"]),
        ("dix-huit juillet deux mille vingt-trois", ["dix-huit juillet deux mille vingt-trois"]),
        ("vingt-six 02 2012", ["vingt-six 02 2012"]),
        ("suivi depuis 2012", ["2012"]),
        ("between 1990 and 1992", ["1990", "1992"]),
        ("revu le 13 / 04", ["13 / 04"]),
        ("case : 1 2 0 6 1 9 8 1", ["1 2 0 6 1 9 8 1"]),
    ],
)
def test_a_date_is_found_as_people_write_it(text: str, dates: list[str]) -> None:
    assert found(text, EntityType.DATE) == dates


@pytest.mark.parametrize(
    "text",
    [
        "la loi n° 78-17 du 6 janvier 1978 relative à l'informatique",
        "le décret du 3 juin 2013",
        "Directive 95/46/EC of 24 October 1995",
        "TA 12/08, page 03/12, ratio 10/10",
        "version 3.2.1 du logiciel, article 12.3.4",
        "le 31/02/2021 n'existe pas",
        "192.168.12.10",
        "You may come in; mars est une planète",
        "le prix est de 1 999 euros",
    ],
)
def test_what_is_no_date_of_a_person_stays(text: str) -> None:
    assert found(text, EntityType.DATE, EntityType.BIRTH_DATE) == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("il doit 1 200,50 € au greffe", "1 200,50 €"),
        ("la somme de 15 000 euros", "15 000 euros"),
        ("EUR 5,699.21 in damages", "EUR 5,699.21"),
        ("paid 54,000,000 Turkish liras then", "54,000,000 Turkish liras"),
        ("dix millions : 10 millions d'euros", "10 millions d'euros"),
    ],
)
def test_an_amount_of_money_is_told(text: str, amount: str) -> None:
    assert found(text, EntityType.AMOUNT) == [amount]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("habite 38000 Grenoble depuis", "38000 Grenoble"),
        ("habite grenoble (38000) depuis", "grenoble (38000"),
        ("au 93200 st-denis centre", "93200 st-denis"),
        ("au 97400 Saint-Denis de", "97400 Saint-Denis"),
        ("33600 PESSAC CEDEX 2 tel", "33600 PESSAC CEDEX 2"),
    ],
)
def test_a_postcode_and_the_commune_it_serves_are_an_address(text: str, address: str) -> None:
    assert found(text, EntityType.ADDRESS) == [address]


def test_a_postcode_elsewhere_is_a_number() -> None:
    assert serves("38000", "Grenoble")
    assert not serves("38000", "Nantes")
    assert found("on a vendu 38000 pièces à Nantes hier", EntityType.ADDRESS) == []


def test_long_numbers_of_a_row_that_names_someone_are_theirs() -> None:
    row = "Zoé Vasseur | F | 25/10/1980 | 9857598456 | 80561987"
    person = Finding(0, 11, EntityType.PERSON, 0.75, "ner:m")
    with_person = compose_findings(row, [], [person])
    assert [row[one.start : one.end] for one in with_person if one.type is EntityType.IDENTIFIER] == [
        "9857598456",
        "80561987",
    ]
    assert compose_findings(row.replace("Zoé Vasseur", "Total"), [], []) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Médecins : Q. Pinsonnet, Y. Dupoilier, J.-L. Abrasse", ["Q. Pinsonnet", "Y. Dupoilier", "J.-L. Abrasse"]),
        ("vu par H. de Rhamée ce jour", ["H. de Rhamée"]),
    ],
)
def test_an_initial_before_a_surname_names_a_person(text: str, names: list[str]) -> None:
    assert found(text, EntityType.PERSON) == names


@pytest.mark.parametrize("text", ["A. Introduction générale du sujet", "présence de E. Coli", "Voir L. 121-3"])
def test_an_initial_that_numbers_or_abbreviates_names_nobody(text: str) -> None:
    assert found(text, EntityType.PERSON) == []


@pytest.mark.parametrize(
    "text", ["joignables au 73389", "par téléphone au 04 09 56 98", "poste 4512", "Fax : 031478923"]
)
def test_a_number_said_to_be_a_telephone_is_one_even_when_incomplete(text: str) -> None:
    assert len(found(text, EntityType.PHONE)) == 1
