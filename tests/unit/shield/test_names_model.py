"""Our own model of names: what it finds in letters, forms, signatures and speech, and what it leaves."""

from __future__ import annotations

import io

import numpy as np
import pytest

from bouclier.shield.adapters.names_weights import packaged_model, read_model
from bouclier.shield.name_spans import name_findings
from bouclier.shield.names import tokens_of

MODEL = packaged_model()


def found(text: str) -> list[tuple[str, str]]:
    findings = name_findings(text, MODEL.find([text])[0], model="bouclier")
    return [(one.type.value, text[one.start : one.end]) for one in findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour Clémence, peux-tu prévenir Karim avant lundi ?", [("PERSON", "Clémence"), ("PERSON", "Karim")]),
        ("Le rapport de Tiphaine Vauquelin souligne la baisse.", [("PERSON", "Tiphaine Vauquelin")]),
        ("VAUQUELIN Tiphaine est absente", [("PERSON", "VAUQUELIN Tiphaine")]),
        ("l'agent TIPHAINE VAUQUELIN demande sa mutation", [("PERSON", "TIPHAINE VAUQUELIN")]),
        ("Jean-Baptiste Lemoine-Duquesne a signé", [("PERSON", "Jean-Baptiste Lemoine-Duquesne")]),
        ("Elle vit à Clermont-Ferrand depuis dix ans.", [("LOCATION", "Clermont-Ferrand")]),
        (
            "Il travaille pour la société Boulard Frères à Niort.",
            [("ORGANIZATION", "Boulard Frères"), ("LOCATION", "Niort")],
        ),
        ("Dear Mr Ostrowski, she flew from Oslo to Gdańsk.", [("PERSON", "Ostrowski"), ("LOCATION", "Gdańsk")]),
    ],
)
def test_names_are_found_as_people_write_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert set(expected) <= set(found(text))


def test_a_signature_and_a_form_give_their_names() -> None:
    letter = "Bien cordialement,\n\nGwenaëlle Kerjean\nChargée de mission\nTél. : 01 99 00 12 34"
    form = "NOM : KERJEAN\nPrénom : Gwenaëlle\nCommune : Plougastel"
    assert ("PERSON", "Gwenaëlle Kerjean") in found(letter)
    assert {("PERSON", "KERJEAN"), ("PERSON", "Gwenaëlle")} <= set(found(form))


@pytest.mark.parametrize(
    "text",
    [
        "Le présent décret entre en vigueur le lendemain de sa publication.",
        "Quelle est la différence entre une association et une fondation ?",
        "Le patient prend du paracétamol trois fois par jour.",
        "Please summarise the following text in three points.",
        "Merci de répondre avant vendredi.",
        "",
        "\n\n  \n",
    ],
)
def test_plain_prose_names_nobody(text: str) -> None:
    assert [one for one in found(text) if one[0] == "PERSON"] == []


def test_texts_do_not_tell_on_one_another() -> None:
    texts = ["Clémence écrit à Karim.", "", "Rien ici.", "Il vit à Niort." * 40]
    alone = [MODEL.find([text])[0] for text in texts]
    assert MODEL.find(texts) == alone


def test_a_long_text_is_read_as_if_it_were_short() -> None:
    line = "Clémence Vauquelin habite à Niort avec Karim.\n"
    size = len(line)

    def in_line(number: int, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        first = number * size
        return [(start - first, end - first, label) for start, end, label in spans if first <= start < first + size]

    three, many = MODEL.find([line * 3])[0], MODEL.find([line * 900])[0]
    assert in_line(1, three)
    assert all(in_line(number, many) == in_line(1, three) for number in range(1, 899))


def test_emphasis_hides_no_name() -> None:
    assert ("PERSON", "Vauquelin") in found("- **Nom** : **Vauquelin**\n- **Prénom** : *Tiphaine*")


def test_words_and_their_places_cover_the_text() -> None:
    text = "Ça va, l'été ?\n𝕏 œuvre e\u0301te\u0301 ١٢٣"
    tokens = tokens_of(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join(token.text for token in tokens) == "".join(
        char for char in text if not char.isspace() or char == "\n"
    )


def test_damaged_weights_are_an_error() -> None:
    with pytest.raises(OSError, match="damaged"):
        read_model(io.BytesIO(b"not weights"))
    file = io.BytesIO()
    np.savez(file, tags=np.array(["O"]))
    file.seek(0)
    with pytest.raises(OSError, match="damaged"):
        read_model(file)
