"""What a model of names says is cleaned, then merged with what the patterns found."""

from __future__ import annotations

import pytest

from bouclier.shield.compose_findings import compose_findings
from bouclier.shield.name_spans import name_findings
from bouclier.terms.content import EntityType, Finding


def kept(text: str, span: str, label: str = "PER") -> list[tuple[str, str]]:
    start = text.index(span)
    found = name_findings(text, [(start, start + len(span), label)], model="m")
    return [(one.type.value, text[one.start : one.end]) for one in found]


@pytest.mark.parametrize(
    ("span", "name"),
    [
        ("Mme Dupont", "Dupont"),
        ("Monsieur Jean Martin", "Jean Martin"),
        ("M. le docteur Roux", "Roux"),
        ("Maître Le Goff,", "Le Goff"),
        ("« Leïla Benali »", "Leïla Benali"),
        ("d'Alembert", "Alembert"),
    ],
)
def test_titles_and_punctuation_are_not_part_of_a_name(span: str, name: str) -> None:
    assert kept(f"Voici {span} ici", span) == [("PERSON", name)]


@pytest.mark.parametrize(
    "span", ["Bonjour", "Cordialement", "lundi", "Mars", "12/03", "...", "dupont", "Madame", "D10", "Tel"]
)
def test_greetings_days_codes_and_small_words_are_not_names(span: str) -> None:
    assert kept(f"Voici {span} ici", span) == []


def test_a_name_does_not_cross_a_line() -> None:
    assert kept("Cordialement\n\nPaul Roy", "Cordialement\n\nPaul Roy") == [("PERSON", "Paul Roy")]


@pytest.mark.parametrize(
    "text",
    [
        '{"qui":"Zoé Vasseur","tel":"06 39 98 12 34","nom":"Paul Roy"}',
        '{"qui": "Zoé Vasseur", "nom": "Paul Roy"}',
        "{'qui': 'Zoé Vasseur', 'nom': 'Paul Roy'}",
        '{\\"qui\\":\\"Zoé Vasseur\\",\\"nom\\":\\"Paul Roy\\"}',
        "{ Zoé Vasseur}{Paul Roy}",
    ],
)
def test_a_name_does_not_cross_what_parts_the_strings_of_json(text: str) -> None:
    assert kept(text, text[2:-1]) == [("PERSON", "Zoé Vasseur"), ("PERSON", "Paul Roy")]


def test_articles_of_places_stay() -> None:
    assert kept("à La Rochelle", "La Rochelle", "LOC") == [("LOCATION", "La Rochelle")]


def test_miscellaneous_spans_are_dropped() -> None:
    assert kept("Le Petit Prince", "Le Petit Prince", "MISC") == []


def test_the_model_is_named_in_what_validated() -> None:
    assert name_findings("Paul Roy", [(0, 8, "PER")], model="m")[0].validated_by == "ner:m"


def composed(text: str, *names: tuple[str, EntityType]) -> list[tuple[str, str]]:
    spans = [(text.index(words), text.index(words) + len(words), type_) for words, type_ in names]
    found = compose_findings(text, [], [Finding(start, end, type_, 0.7, "ner:m") for start, end, type_ in spans])
    return [(one.type.value, text[one.start : one.end]) for one in found]


@pytest.mark.parametrize(
    "person",
    [
        "DUPONT Jean-Michel",
        "VASSEUR Zoé",
        "LEFEBVRE Marie Anne",
        "LE GOFF Yann",
        "D’ANGELO Lucie",
        "DE LA TOUR Paul",
        "MARTIN-LÉVY Élodie",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Le dossier de {} est ouvert", "OBJET {}, suite", "1. {}\n2. PETIT"])
def test_a_surname_in_capitals_before_a_first_name_is_one_person(person: str, around: str) -> None:
    text = around.format(person)
    assert composed(text) == [("PERSON", person)]
    assert composed(text, (person, EntityType.LOCATION)) == [("PERSON", person)]
    assert composed(text, (person.partition(" ")[0], EntityType.LOCATION)) == [("PERSON", person)]


def test_a_surname_in_capitals_before_what_the_model_takes_for_a_name_is_one_person() -> None:
    assert composed("BENALI Tiphaine-Li est là") == []
    assert composed("BENALI Tiphaine-Li", ("Tiphaine-Li", EntityType.PERSON)) == [("PERSON", "BENALI Tiphaine-Li")]
    assert composed("URSSAF Tiphaine-Li", ("URSSAF", EntityType.ORGANIZATION), ("Tiphaine-Li", EntityType.PERSON)) == [
        ("ORGANIZATION", "URSSAF"),
        ("PERSON", "Tiphaine-Li"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "CAF Dunkerque", "PARIS Nord", "LYCÉE Jean Moulin", "RUE Victor Hugo", "NOTE Importante", "FRANCE Travail",
        "OBJET Demande", "Le MAIRE Adjoint", "SAINT Martin", "CR Paul", "EDF Commerce", "un PDFJean Paul",
    ],
)  # fmt: skip
def test_acronyms_streets_and_headings_before_a_capital_are_not_persons(text: str) -> None:
    assert composed(text) == []


TEXT = "Jean Dupont, jean.dupont@example.fr, 3 rue Jean Moulin, 59140 Dunkerque Nord"
EMAIL = Finding(13, 35, EntityType.EMAIL, 0.95, "shape")
ADDRESS = Finding(37, 71, EntityType.ADDRESS, 0.9, "postcode")


def name(start: int, end: int, type_: EntityType = EntityType.PERSON) -> Finding:
    return Finding(start, end, type_, 0.75, "ner:m")


def test_a_name_inside_an_address_or_an_email_is_part_of_it() -> None:
    assert compose_findings(TEXT, [EMAIL, ADDRESS], [name(13, 24), name(43, 54)]) == (EMAIL, ADDRESS)


def test_a_town_astride_the_end_of_an_address_keeps_its_remainder() -> None:
    composed = compose_findings(TEXT, [ADDRESS], [name(62, 76, EntityType.LOCATION)])
    assert [(one.type, TEXT[one.start : one.end]) for one in composed] == [
        (EntityType.ADDRESS, TEXT[37:71]),
        (EntityType.LOCATION, "Nord"),
    ]


def test_two_readings_of_one_name_are_one_finding() -> None:
    titled = Finding(5, 11, EntityType.PERSON, 0.85, "context:title")
    assert compose_findings(TEXT, [titled], [name(0, 11)]) == (
        Finding(0, 11, EntityType.PERSON, 0.85, "context:title"),
    )


def test_a_marking_is_not_a_name() -> None:
    marking = Finding(0, 4, EntityType.MARKING, 0.99, "marking:classified")
    assert compose_findings("SECRET DÉFENSE", [marking], [name(0, 14, EntityType.ORGANIZATION)]) == (marking,)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Rédige un courrier", []),
        ("Write a poem", []),
        ("Écris Zoé Vasseur", ["Zoé Vasseur"]),
        ("Résume", []),
    ],
)
def test_the_word_a_request_begins_with_is_no_name(text: str, kept: list[str]) -> None:
    words = text.split(" ")
    end = len(text) if kept else len(words[0])
    found = name_findings(text, [(0, end, "PER")], model="m")
    assert [text[one.start : one.end] for one in found] == kept
