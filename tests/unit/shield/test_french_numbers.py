"""The numbers French institutions give are found however they are announced, and other numbers stay silent."""

from __future__ import annotations

import pytest
from bench.quality.french_identifiers import NAMES, generate
from stdnum.fr import nif as stdnum_nif

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.shield.checks_french import has_mrz_digit, is_finess, is_rpps, is_tax_number, mrz_digit

SCANNER = make_scanner()
PORTABLE = ReScanner()

# What a class of the generator is called among the findings; the first is the exact one, others are near enough.
TYPES = {
    "NIA": "NIR", "SPI": "TAX_NUMBER", "AVIS": "TAX_NUMBER", "TVA": "SIREN", "RIB": "IBAN", "CNI": "ID_CARD",
    "PERMIS": "DRIVING_LICENCE", "SIV": "PLATE", "FNI": "PLATE", "INE": "STUDENT_NUMBER",
    "RPPS": "HEALTH_WORKER_NUMBER", "ADELI": "HEALTH_WORKER_NUMBER", "FINESS": "HEALTH_SITE_NUMBER",
    "IPP": "PATIENT_NUMBER", "NDA": "STAY_NUMBER", "AGDREF": "RESIDENCE_PERMIT", "CAF": "BENEFIT_NUMBER",
    "FRANCE_TRAVAIL": "JOBSEEKER_NUMBER", "RG": "CASE_NUMBER", "PORTALIS": "CASE_NUMBER", "REQUEST": "CASE_NUMBER",
    "ECLI": "CASE_NUMBER", "CADASTRE": "LAND_PARCEL",
}  # fmt: skip


# What other detectors rightly find in the same sentences.
NOT_NUMBERS = {"DATE", "AMOUNT", "AGE", "DEMOGRAPHIC", "LOCATION", "ORGANIZATION", "PERSON", "ADDRESS"}


def found(text: str) -> list[tuple[str, str]]:
    findings = [one for one in SCANNER.scan(text) if one.type.value not in NOT_NUMBERS]
    return [(one.type.value, text[one.start : one.end]) for one in findings]


def uncovered(text: str, start: int, end: int) -> bool:
    covered = {place for one in SCANNER.scan(text) for place in range(one.start, one.end)}
    # `AB numéro 12`: the word between section and number tells nothing.
    word = text.find("numéro", start, end)
    between = range(word, word + 6) if word >= 0 else range(0)
    return any(text[place].isalnum() and place not in covered and place not in between for place in range(start, end))


@pytest.mark.parametrize("name", NAMES)
def test_two_hundred_identifiers_of_a_class_leak_none(name: str) -> None:
    samples = generate(2026, 200, names=[name])
    assert len(samples) == 200
    assert [sample.text for sample in samples if uncovered(*sample[1:])] == []


@pytest.mark.parametrize("name", ["NIR", "NIA", "SPI", "SIREN", "SIRET", "RPPS", "ADELI", "FINESS"])
def test_a_wrong_key_hides_no_identifier_beside_its_word(name: str) -> None:
    samples = generate(7, 200, spoil=True, names=[name])
    assert [sample.text for sample in samples if uncovered(*sample[1:])] == []


@pytest.mark.parametrize("name", NAMES)
def test_most_identifiers_are_called_by_their_name(name: str) -> None:
    samples = generate(11, 100, names=[name])
    wanted = TYPES.get(name, name)
    named = [sample for sample in samples if wanted in {one.type.value for one in SCANNER.scan(sample.text)}]
    assert len(named) >= 90


@pytest.mark.parametrize("name", NAMES)
def test_both_scanners_find_the_same_in_invented_letters(name: str) -> None:
    for sample in generate(3, 4, names=[name]):
        assert SCANNER.scan(sample.text) == PORTABLE.scan(sample.text)


def test_the_same_seed_gives_the_same_samples() -> None:
    assert generate(1, 3) == generate(1, 3) != generate(2, 3)


@pytest.mark.parametrize(
    "prose",
    [
        "Aux termes de l'article L. 121-3, modifié par la loi n° 2016-1321 du 7 octobre 2016, le dossier est instruit.",
        "JORF n°0235 du 8 octobre 2016, texte n° 1 sur 105. Décret n° 2020-1310 du 29 octobre 2020.",
        "Le budget s'élève à 12 345 678 €, dont 1 234 567 € pour la CAF et 345 000 euros au titre du RSA.",
        "En 2019, 1 234 567 allocataires ont perçu le RSA ; 12 % des demandeurs d'emploi sont inscrits depuis 12 mois.",
        "Le taux d'IPP est fixé à 15 %. L'impôt de 12 500 euros est dû le 15/09/2021. La section 2 du chapitre 3.",
        "Passage du 12 mars 2020 ; examens du 3 juin 2021 ; séjour du 2 au 9 mars ; hospitalisation le 12/03/2021.",
        "Règlement (UE) 2016/679, directive 95/46/CE, règlement (CEE) n° 1408/71, décision n° 2016-739.",
        "L'arrêté du 12 mars 2021 portant délégation de signature est publié au recueil n° 59-2021-123.",
        "La carte d'identité vaut 10 ans ; le passeport coûte 86 euros ; le permis à points en compte 12 depuis 1992.",
        "Le dossier comprend 12 pièces et 345 pages ; l'affaire est renvoyée au 12 mars 2021. L'enquête de 2019.",
        "La parcelle mesure 1 234 m² ; la section A comporte 12 membres ; le procès-verbal du 3 mars 2020 est adopté.",
        "Requête en annulation : le recours se forme dans les 2 mois (article R. 421-1 du code). Pourvoi en 2021.",
        "L'INE comporte 11 caractères depuis 2018. Le SPI compte 13 chiffres. Le NIR comporte 15 chiffres.",
        "France Travail a accueilli 5 400 000 demandeurs d'emploi en 2024 ; 45 678 avis d'imposition rectifiés.",
        "Version 2.4.1234, ISBN 978-2-07-036822-8, exercice 2020/2021, saison 2019/20, ratio 12/34, 16:9.",
        "The Court held in its judgment (no. 2) that Article 6 § 1 was violated; see paragraph 12345 and Rule 39.",
        "Il a été délivré 1 234 567 titres de séjour en 2022 contre 987 654 en 2021 ; visa de long séjour.",
        "Tableau 3 : | Année | Dossiers | Montant |\n| 2019 | 123 456 | 12 345 678 |\n| 2020 | 234 567 | 23 456 789 |",
        "Rapport n° 1234 de la commission, n° 123 (2020-2021), amendement n° 456, circulaire n° 5399.",
        "Convention collective n° 3248, IDCC 1486, code NAF 6201Z, code APE 8411Z, CERFA n° 12156*06.",
        "La demande de 12 000 tonnes, la clientèle de 45 000 abonnés, 12 000 usagers et 350 000 bénéficiaires.",
        "Un fichier de 123456789KO, 1234567890 lignes, 98765432101 octets, empreinte 12345678901234567890.",
        "Le capital est de 123456789 euros ; le colis 8012345678 est arrivé ; le lot 12AB34567 aussi.",
        "M<<<<<< et <<<<<<< HEAD ne sont pas des zones à lire.",
    ],
)
def test_other_numbers_of_administrative_prose_stay_silent(prose: str) -> None:
    assert found(prose) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("requêtes nos 12345/06, 12346/06 et 6538/74", ["12345/06", "12346/06", "6538/74"]),
        ("Applications nos. 12345/06 and 6538/74 (no. 2)", ["12345/06", "6538/74"]),
        ("case of X v. France, no. 12345/06, § 12", ["12345/06"]),
        ("affaire C-123/45, T-1/20 et F‑12/07", ["C-123/45", "T-1/20", "F‑12/07"]),
        ("CE, 12 mars 2020, n° 432123 ; CAA Lyon, 19LY01234", ["432123", "19LY01234"]),
        ("Cass. 2e civ., 12 mai 2016, n° 14-25.054", ["14-25.054"]),
        ("TA Lille, nos 1800923, 1800924 et 1800925", ["1800923", "1800924", "1800925"]),
        ("RG n° 21/01234 - N° Portalis DBVV-V-B7F-HX7U", ["21/01234", "DBVV-V-B7F-HX7U"]),
        ("Minute n° 2021/345, parquet 21123000045, PV n° 00123/2021", ["2021/345", "21123000045", "00123/2021"]),
        ("Az.: 1 BvR 357/05; Aktenzeichen VI ZR 123/19", ["1 BvR 357/05", "VI ZR 123/19"]),
        ("file no. AB-1234/20, docket no. 19-1234", ["AB-1234/20", "19-1234"]),
        ("permis de construire PC 059 183 22 A0012", ["PC 059 183 22 A0012"]),
    ],
)
def test_a_docket_number_is_found_alone_or_in_a_list(text: str, numbers: list[str]) -> None:
    assert found(text) == [("CASE_NUMBER", number) for number in numbers]


def test_a_number_may_stand_before_its_word() -> None:
    assert found("Patiente suivie depuis mars, 8012345678 (IPP).") == [("PATIENT_NUMBER", "8012345678")]


def test_the_numbers_of_a_table_are_found_under_their_words() -> None:
    findings = found("| IPP | NDA |\n| --- | --- |\n| 8012345678 | 240012345 |")
    assert [number for _, number in findings] == ["8012345678", "240012345"]


def test_a_date_or_an_amount_beside_the_word_is_not_the_number() -> None:
    assert found("IPP de la patiente vue le 12-03-2021 : 8012345678") == [("PATIENT_NUMBER", "8012345678")]
    assert found("IPP : 12 000 €") == []


@pytest.mark.parametrize("word", ["titre de séjour", "carte de séjour"])
def test_a_permit_to_stay_is_not_a_stay_in_hospital(word: str) -> None:
    assert found(f"{word} n° 9903123456") == [("RESIDENCE_PERMIT", "9903123456")]


def test_parcels_in_a_list_are_all_found() -> None:
    assert found("cadastrée section AB n° 123, 124 et AC 15") == [
        ("LAND_PARCEL", "AB n° 123"),
        ("LAND_PARCEL", "124"),
        ("LAND_PARCEL", "AC 15"),
    ]


PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
CARD = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


@pytest.mark.parametrize("zone", [PASSPORT, CARD])
def test_a_machine_readable_zone_is_found_whole_and_its_digits_are_checked(zone: str) -> None:
    text = f"Lu :\n{zone}\nfin"
    (finding,) = SCANNER.scan(text)
    assert (text[finding.start : finding.end], finding.validated_by) == (zone, "mrz-digits")


@pytest.mark.parametrize("line", [*PASSPORT.split("\n"), *CARD.split("\n")])
def test_one_line_of_a_zone_is_found(line: str) -> None:
    assert found(f"scan : {line}\n") == [("MRZ", line)]


def test_a_zone_with_a_wrong_digit_is_found_with_less_confidence() -> None:
    (finding,) = SCANNER.scan(PASSPORT.replace("C36UTO", "C37UTO"))
    assert (finding.type.value, finding.validated_by) == ("MRZ", "shape")


def test_mrz_digits_are_those_of_the_specimens() -> None:
    # ICAO Doc 9303 part 4, appendix B
    assert [mrz_digit(field) for field in ("L898902C3", "740812", "120415", "ZE184226B<<<<<")] == ["6", "2", "9", "1"]
    assert has_mrz_digit("<<<<", "<")
    assert not has_mrz_digit("740812", "<")


@pytest.mark.parametrize("number", ["3023217600053", "3023217600054", "0701987765432", "4023217600053"])
def test_our_tax_key_agrees_with_the_reference(number: str) -> None:
    assert is_tax_number(number) == stdnum_nif.is_valid(number)


def test_numbers_of_professionals_bear_a_luhn_digit() -> None:
    (right,) = (digit for digit in "0123456789" if is_rpps(f"1000345678{digit}"))
    assert is_rpps(f"81000345678{right}")
    assert not is_rpps(f"91000345678{right}")
    assert not is_rpps("1000345678")
    assert not is_finess("59000012")
    assert any(is_finess(f"2A000012{digit}") for digit in range(10))


@pytest.mark.parametrize("written", ["VF1ABCDE123456789", "WVWZZZ1KZ6W123456"])
def test_a_vehicle_number_of_a_european_maker_needs_no_word(written: str) -> None:
    assert found(f"expertise de {written} ce jour") == [("VIN", written)]


@pytest.mark.parametrize("written", ["123456789AB", "1234567890A"])
def test_a_student_number_needs_no_word(written: str) -> None:
    assert found(f"convocation de {written} ce jour") == [("STUDENT_NUMBER", written)]


def test_a_word_stuck_to_its_number_announces_it() -> None:
    assert found("IPP8012345678") == [("PATIENT_NUMBER", "8012345678")]
