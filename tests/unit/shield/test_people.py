"""Names after titles and in forms, dates of birth, addresses, protective markings."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner

SCANNER = ReScanner()


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("voir Mme DUPONT demain", "DUPONT"),
        ("M. Jean Martin est venu", "Jean Martin"),
        ("le Dr Leïla Benali.", "Leïla Benali"),
        ("Madame Anne-Sophie Le Goff, ", "Anne-Sophie Le Goff"),
        ("MONSIEUR DE LA TOUR", "DE LA TOUR"),
        ("Maître D’Angelo", "D’Angelo"),
        ("M. J.-P. Durand", "J.-P. Durand"),
        ("M.\u00a0Šimić", "Šimić"),
        ("Nom : DUPONT", "DUPONT"),
        ("Prénom: Jean-Luc\nsuite", "Jean-Luc"),
        ("NOM DE NAISSANCE : MARTIN", "MARTIN"),
        ("Je soussignée Claire Petit, déclare", "Claire Petit"),
        ("Je soussigné M. Paul Roy", "Paul Roy"),
        ("née LEFÈVRE", "LEFÈVRE"),
    ],
)
def test_a_name_is_found_after_the_words_that_announce_it(text: str, name: str) -> None:
    assert found(text) == [("PERSON", name)]


@pytest.mark.parametrize(
    "text",
    [
        "Madame, Monsieur,",
        "Monsieur le Maire",
        "Madame La Présidente",
        "M. le Préfet",
        "Nom : ………",
        "le nom : inconnu",
        "Maître d'ouvrage délégué",
        "Prénom :\nDate :",
    ],
)
def test_a_function_or_an_empty_field_is_not_a_name(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "date",
    [
        "12/03/1980", "12.03.1980", "12-03-80", "1980-03-12", "19800312", "3 mars 1980", "1er août 1975",
        "12 MARS 1980", "12|03|1980", "trois mars 1980", "deux janvier mille neuf cent soixante dix huit",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "words", ["née le {}", "Né(e) le : {}", "date de naissance : {}", "DDN {}", "née à Lille le {}", "born on {}"]
)
def test_a_date_of_birth_is_found_in_every_form(words: str, date: str) -> None:
    assert found(words.format(date)) == [("BIRTH_DATE", date)]


@pytest.mark.parametrize("text", ["née le 30/02/1980", "réunion du 12/03/1980", "date de naissance : 45/13/1980"])
def test_a_day_that_does_not_exist_or_is_not_a_birth_is_no_date_of_birth(text: str) -> None:
    assert "BIRTH_DATE" not in dict(found(text))


def test_a_date_before_an_age_is_a_date_of_birth() -> None:
    assert found("DUVAL | 22/01/1965 (61 ans)")[0] == ("BIRTH_DATE", "22/01/1965")


@pytest.mark.parametrize(
    "address",
    [
        "14 bis rue des Tilleuls, 59820 Gravelines",
        "12, avenue du Général de Gaulle 94010 Créteil Cedex",
        "3 impasse de l'Église\n29000 Quimper",
        "2 RUE DE LA LIBERTE 75002 PARIS",
        "47-83 Boulevard de l'Hôpital, 75013 Paris",
        "7 quai Branly",
        "5 rue du 8 Mai 1945, 59140 Dunkerque",
        "lieu-dit Le Bourg, 29000 Quimper",
        "10 allée des Pins, Bât B, 13008 Marseille",
        "97400 Saint-Denis",
    ],
)
def test_an_address_is_found_with_its_postcode_and_town(address: str) -> None:
    assert found(f"Il habite : {address}.") == [("ADDRESS", address)]


@pytest.mark.parametrize(
    "text",
    ["un chemin creux", "10000 Français votent", "deux places libres", "la rue est sombre", "3 places de parking"],
)
def test_a_street_or_a_number_alone_is_not_an_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("DIFFUSION RESTREINTE\n\nNote", "marking:restricted"),
        ("TLP:RED", "marking:restricted"),
        ("TLP:AMBER+STRICT", "marking:restricted"),
        ("SPÉCIAL FRANCE", "marking:restricted"),
        ("RESTREINT UE", "marking:restricted"),
        ("SECRET\n\nObjet : ", "marking:classified"),
        ("- SECRET -\nObjet", "marking:classified"),
        ("Classification : SECRET", "marking:classified"),
        ("ce document est classifié SECRET DÉFENSE.", "marking:classified"),
        ("TRES SECRET", "marking:classified"),
        ("CONFIDENTIEL DÉFENSE", "marking:classified"),
        ("NATO SECRET", "marking:classified"),
    ],
)
def test_a_marking_is_found_with_its_level(text: str, level: str) -> None:
    assert [(one.type.value, one.validated_by) for one in SCANNER.scan(text)] == [("MARKING", level)]


@pytest.mark.parametrize(
    "text",
    [
        "le secret-défense en débat",
        "UN SECRET BIEN GARDÉ",
        "diffusion restreinte du bulletin",
        "TLP:GREEN",
        "SECRETARIAT",
    ],
)
def test_prose_about_secrets_is_not_a_marking(text: str) -> None:
    assert found(text) == []
