"""What is personal is found through the layout of chats, mails and pages: line ends, Markdown, HTML, other digits."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.portable_scanner import PortableScanner

SCANNER = PortableScanner()


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "type_", "number"),
    [
        ("NIR : ", "NIR", "2 85 05 78|006 084 91"),
        ("vu hier ", "NIR", "2 85 05 78 006|084 41"),
        ("NIR : ", "NIR", "2850578|00608441"),
        ("SIRET ", "SIRET", "732 829|320 00074"),
        ("Tél : ", "PHONE", "06 39|98 12 34"),
        ("Tél : ", "PHONE", "06|39 98 12 34"),
        ("voir ", "PHONE", "06 39 98|12 34"),
        ("", "PHONE", "+33 6 39|98 12 34"),
        ("IBAN ", "IBAN", "FR14 2004 1010|0505 0001 3M02 606"),
        ("", "IBAN", "FR14|2004 1010 0505 0001 3M02 606"),
        ("IBAN ", "IBAN", "FR14 2004 1010|0505 0001 3M02 607"),
        ("SIRET ", "SIRET", "732 829 320|00074"),
        ("IPP : ", "PATIENT_NUMBER", "8000|123456"),
        ("numéro fiscal : ", "TAX_NUMBER", "30 23 217|600 053"),
        ("carte bancaire n° ", "CARD", "4970 1012 3456|7890"),
    ],
)
def test_a_number_cut_by_one_end_of_line_is_found_whole(before: str, type_: str, number: str, end: str) -> None:
    number = number.replace("|", end)
    assert found(f"{before}{number} merci") == [(type_, number)]


@pytest.mark.parametrize(
    "text",
    [
        "01\n02\n03\n04\n05",
        "1 2 3\n06 39 98 12\n34",
        "total 2 85 05 78\n006 084 91",
        "06 39 98\n12 34 56 78",
        "732 829\n320 00074",
    ],
)
def test_columns_of_numbers_stay(text: str) -> None:
    assert not {"NIR", "PHONE", "SIRET"} & {type_ for type_, _ in found(text)}


def test_the_line_after_a_number_is_not_taken_with_it() -> None:
    assert found("NIR : 2 85 05 78 006 084\n12 rue des Lilas") == [
        ("NIR", "2 85 05 78 006 084"),
        ("ADDRESS", "12 rue des Lilas"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("- **Nom** : Vasseur", ["Vasseur"]),
        ("Nom : **Vasseur**", ["Vasseur"]),
        ("**Prénom :** Zoé", ["Zoé"]),
        ("__Nom__ : Vasseur", ["Vasseur"]),
        ("M. **Paul** *Girard*", ["Paul", "Girard"]),
        ("**M. Paul Girard**", ["Paul Girard"]),
        ("Nom : *Mme* **Vasseur**", ["Vasseur"]),
        ("née **Lefèvre**", ["Lefèvre"]),
        ("_Mme Vasseur_", ["Vasseur"]),
        ("<b>Mme</b> <i>Vasseur</i>", ["Vasseur"]),
        ("Mme<br>Vasseur", ["Vasseur"]),
        ("<td>Nom</td><td>Vasseur</td>", ["Vasseur"]),
        ('<th>Nom</th>\n  <td class="x">Vasseur Zoé</td>', ["Vasseur Zoé"]),
        ("| **Nom** | Vasseur |", ["Vasseur"]),
        ("| Nom | Montant |\n|---|---|", []),
        ("| Nom | Prénom | Ville |", []),
        ("#define M_PI 3.14", []),
        ("Monsieur **le** Maire", []),
    ],
)
def test_markdown_and_html_hide_no_name_and_stay_in_place(text: str, names: list[str]) -> None:
    assert [value for type_, value in found(text) if type_ == "PERSON"] == names


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("tél : ０６ ３９ ９８ １２ ３４", "PHONE", "０６ ３９ ９８ １２ ３４"),
        ("NIR ٢٨٥٠٥٧٨٠٠٦٠٨٤٤١", "NIR", "٢٨٥٠٥٧٨٠٠٦٠٨٤٤١"),
        ("tél \u200b𝟎𝟔 𝟑𝟗 𝟗𝟖 𝟏𝟐 𝟑𝟒.", "PHONE", "𝟎𝟔 𝟑𝟗 𝟗𝟖 𝟏𝟐 𝟑𝟒"),
    ],
)
def test_digits_of_other_scripts_are_read_where_they_stand(text: str, type_: str, value: str) -> None:
    assert found(text) == [(type_, value)]


@pytest.mark.parametrize(
    "address",
    [
        "zoe.vasseur @ example.fr",
        "zoe.vasseur [at] example.fr",
        "zoe.vasseur(arobase)example.fr",
        "zoe.vasseur arobase example point fr",
        "zo\u0435.vasseur@example.fr",
        "zoe.vasseur@ex\u0430mple.fr",
    ],
)
def test_an_address_spelled_otherwise_is_found_whole(address: str) -> None:
    assert found(f"écrire à {address}, merci") == [("EMAIL", address)]


@pytest.mark.parametrize("text", ["prix @ 3.50", "réunion @ 10h", "voir (at) bas de page."])
def test_an_at_sign_in_prose_is_no_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon mdp c'est Soleil2024!", [("PASSWORD", "Soleil2024!")]),
        ("mon mot de passe, c’est Soleil2024!", [("PASSWORD", "Soleil2024!")]),
        ("login Windows : pgirard, mdp Soleil2024!", [("IDENTIFIER", "pgirard"), ("PASSWORD", "Soleil2024!")]),
        ("mot de passe wifi Chaton75", [("PASSWORD", "Chaton75")]),
        ("Identifiant : nrousseau", [("IDENTIFIER", "nrousseau")]),
        ("**Login** : pgirard\nsuite", [("IDENTIFIER", "pgirard")]),
        ("login: string, password: string", []),
        ("Le mot de passe oublié est à changer.", []),
        ("mot de passe SHA256 ou password reset_token2", []),
        ("Identifiant : obligatoire", []),
        ("Identifiant : votre adresse", []),
    ],
)
def test_credentials_are_found_as_people_tell_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_a_card_with_a_wrong_key_and_its_code_are_found_beside_their_words() -> None:
    text = "carte bancaire n° 4970 1012 3456 7890 exp 12/26 crypto 123"
    assert found(text) == [("CARD", "4970 1012 3456 7890"), ("CARD", "123")]
    assert found("CVV : 1234") == [("CARD", "1234")]
    assert found("les cours du crypto 2024") == []


def test_mail_before_an_address_is_no_kind_of_street() -> None:
    assert found("tél 06 39 98 12 34, mail zoe@example.fr") == [
        ("PHONE", "06 39 98 12 34"),
        ("EMAIL", "zoe@example.fr"),
    ]
    assert found("12 mail Albert Premier") == [("ADDRESS", "12 mail Albert Premier")]


@pytest.mark.parametrize("text", ["née en 1954", "Né en 1954 à Lille", "born in 1954"])
def test_a_year_of_birth_is_a_date_of_birth(text: str) -> None:
    assert ("BIRTH_DATE", "1954") in found(text)
