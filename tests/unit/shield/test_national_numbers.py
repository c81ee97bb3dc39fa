"""Numbers that European states give to persons are found beside their words, or when their shape says enough."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.checks_european import check_named, confirming_check
from bouclier.shield.context_words import announced_by, word_key
from bouclier.shield.detectors.national_number_table import SCHEMES
from bouclier.shield.patterns import DETECTORS
from bouclier.terms.content import EntityType, Finding

SCANNER = ReScanner()

# Country, sentence around the number, a valid number as it is written, its check. Invented; most bear one birthday.
ANNOUNCED = (
    ("AT", "SVNR: {}", "1231 150385", "stdnum:at.vnr"),
    ("AT", "Sozialversicherungsnummer {} der Patientin", "1231150385", "stdnum:at.vnr"),
    ("BE", "Numéro de registre national : {}", "85.07.30-033.28", "stdnum:be.nn"),
    ("BE", "NISS {}", "85073003328", "stdnum:be.nn"),
    ("BE", "Rijksregisternummer: {}", "850730 033 28", "stdnum:be.nn"),
    ("BE", "numéro BIS {}", "85.47.30-033.17", "stdnum:be.bis"),
    ("BG", "ЕГН: {}", "8507301230", "stdnum:bg.egn"),
    ("BG", "egn {}", "8507301230", "stdnum:bg.egn"),
    ("BG", "ЛНЧ {}", "7001123457", "stdnum:bg.pnf"),
    ("CH", "N° AVS : {}", "756.0000.0000.19", "stdnum:ch.ssn"),
    ("CH", "AHV-Nummer {}", "7560000000019", "stdnum:ch.ssn"),
    ("CY", "TIC: {}", "00123456H", "stdnum:cy.vat"),
    ("CZ", "rodné číslo {}", "855730/1236", "stdnum:cz.rc"),
    ("CZ", "RODNÉ ČÍSLO: {}", "8557301236", "stdnum:cz.rc"),
    ("DE", "Steuer-ID: {}", "11 234 567 890", "stdnum:de.idnr"),
    ("DE", "Steueridentifikationsnummer {}", "11234567890", "stdnum:de.idnr"),
    ("DE", "Rentenversicherungsnummer {}", "65 170839 J 003", "check:de.pension"),
    ("DE", "KVNR {}", "A123456780", "check:de.health"),
    ("DK", "CPR-nr. {}", "150385-1110", "stdnum:dk.cpr"),
    ("DK", "CPR {}", "1503851110", "stdnum:dk.cpr"),
    ("EE", "isikukood {}", "38507300124", "stdnum:ee.ik"),
    ("ES", "con DNI nº {}", "99.999.990-S", "stdnum:es.dni"),
    ("ES", "N.I.F. {}", "99999990S", "stdnum:es.dni"),
    ("ES", "NIE: {}", "X-0000001-R", "stdnum:es.nie"),
    ("ES", "Número de la Seguridad Social: {}", "28 00123456 66", "check:es.nuss"),
    ("FI", "henkilötunnus {}", "150385-8991", "stdnum:fi.hetu"),
    ("FI", "hetu: {}", "150385-8991", "stdnum:fi.hetu"),
    ("GB", "National Insurance number is {}", "AB 12 34 56 C", "check:gb.nino"),
    ("GB", "NINO {}", "AB123456C", "check:gb.nino"),
    ("GB", "NHS number: {}", "999 000 0018", "stdnum:gb.nhs"),
    ("GB", "UTR {}", "1123456789", "stdnum:gb.utr"),
    ("GR", "ΑΜΚΑ: {}", "15038501233", "stdnum:gr.amka"),
    ("GR", "αμκα {}", "150385 01233", "stdnum:gr.amka"),
    ("GR", "ΑΦΜ {}", "123456783", "stdnum:gr.vat"),
    ("HR", "OIB: {}", "12345678903", "stdnum:hr.oib"),
    ("HU", "személyi szám: {}", "1-850730-1239", "check:hu.personal"),
    ("HU", "személyi azonosító: {}", "3 050730 1235", "check:hu.personal"),
    ("HU", "TAJ szám: {}", "123 456 788", "check:hu.taj"),
    ("HU", "adóazonosító jele: {}", "8365670003", "check:hu.tax"),
    ("IE", "PPS number {}", "1234567T", "stdnum:ie.pps"),
    ("IE", "PPSN: {}", "1234567FA", "stdnum:ie.pps"),
    ("IS", "kennitala: {}", "150385-1219", "stdnum:is_.kennitala"),
    ("IT", "codice fiscale: {}", "RSSMRA85C15A562V", "stdnum:it.codicefiscale"),
    ("IT", "Cod. Fisc. {}", "RSS MRA 85C15 A562 V", "stdnum:it.codicefiscale"),
    ("IT", "C.F. n. {}", "rssmra85c15a562v", "stdnum:it.codicefiscale"),
    ("LT", "asmens kodas {}", "38507300124", "stdnum:lt.asmens"),
    ("LU", "matricule national : {}", "1893 12 01 057 32", "check:lu.matricule"),
    ("LU", "Matricule : {}", "1893120105732", "check:lu.matricule"),
    ("LV", "personas kods: {}", "150385-11239", "stdnum:lv.pvn"),
    ("LV", "personas kods {}", "32123456785", "stdnum:lv.pvn"),
    ("NL", "BSN {}", "9999.99.990", "stdnum:nl.bsn"),
    ("NL", "burgerservicenummer van de cliënt: {}", "999999990", "stdnum:nl.bsn"),
    ("NO", "fødselsnummer: {}", "150385 12363", "stdnum:no.fodselsnummer"),
    ("NO", "fodselsnummer {}", "15038512363", "stdnum:no.fodselsnummer"),
    ("PL", "PESEL: {}", "85073001231", "stdnum:pl.pesel"),
    ("PT", "NIF {}", "123 456 789", "stdnum:pt.nif"),
    ("PT", "Cartão de Cidadão n.º {}", "00000000 0 ZZ4", "stdnum:pt.cc"),
    ("PT", "NISS: {}", "11234567892", "check:pt.niss"),
    ("RO", "CNP {}", "1850730123457", "stdnum:ro.cnp"),
    ("RO", "cod numeric personal: {}", "1850730123457", "stdnum:ro.cnp"),
    ("SE", "personnummer {}", "850315-2392", "stdnum:se.personnummer"),
    ("SE", "samordningsnummer: {}", "198503152392", "stdnum:se.personnummer"),
    ("SI", "EMŠO: {}", "1503985500121", "stdnum:si.emso"),
    ("SI", "davčna številka: {}", "12345679", "stdnum:si.ddv"),
    ("SK", "rodného čísla {}", "855730/1236", "stdnum:cz.rc"),
    ("US", "SSN: {}", "078-05-1121", "stdnum:us.ssn"),
)
ONLY_NEAR_A_WORD = (
    ("CY", "Αριθμός Δελτίου Ταυτότητας: {}", "00123456"),
    ("CY", "ΑΡΙΘΜΟΣ ΔΕΛΤΙΟΥ ΤΑΥΤΟΤΗΤΑΣ {}", "00123456"),
    ("LI", "PEID {}", "000012345"),
    ("MT", "Karta tal-Identità: {}", "0123485M"),
    ("PT", "número de utente: {}", "123 456 780"),
    ("DE", "Steuernummer {}", "21/815/08150"),
)
# Numbers as one would mistype them, beside their word.
BROKEN = (
    ("PESEL: {}", "85073001232"),
    ("BSN {}", "999999991"),
    ("DNI {}", "99999990A"),
    ("codice fiscale {}", "RSSMRA85C15A562X"),
    ("registre national : {}", "85.07.30-033.29"),
    ("N° AVS {}", "756.0000.0000.18"),
    ("Steuer-ID: {}", "11234567891"),
    ("CNP {}", "1850730123458"),
    ("OIB: {}", "12345678904"),
    ("ЕГН {}", "8507301231"),
    ("henkilötunnus {}", "150385-8992"),
    ("PPS number {}", "1234567A"),
    ("rodné číslo {}", "855730/1237"),
    ("kennitala {}", "150385-1229"),
    ("fødselsnummer {}", "15038512364"),
    ("personas kods {}", "150385-11230"),
    ("asmens kodas {}", "38507300125"),
    ("isikukood {}", "38507300125"),
    ("EMŠO {}", "1503985500122"),
    ("TAJ szám: {}", "123 456 789"),
    ("National Insurance: {}", "QQ 12 34 56 C"),
    ("NHS number {}", "999 000 0019"),
    ("NIF {}", "123456780"),
    ("ΑΜΚΑ {}", "15038501234"),
    ("SSN {}", "000-12-3456"),
)
ALONE = (
    ("RSSMRA85C15A562V", "stdnum:it.codicefiscale"),
    ("RSS MRA 85C15 A562V", "stdnum:it.codicefiscale"),
    ("rssmra85c15a562v", "stdnum:it.codicefiscale"),
    ("99999990S", "stdnum:es.dni"),
    ("99.999.990-S", "stdnum:es.dni"),
    ("X0000001R", "stdnum:es.nie"),
    ("X-0000001-R", "stdnum:es.nie"),
    ("150385-8991", "stdnum:fi.hetu"),
    ("AB 12 34 56 C", "check:gb.nino"),
    ("756.0000.0000.19", "stdnum:ch.ssn"),
    ("756 0000 0000 19", "stdnum:ch.ssn"),
    ("7560000000019", "stdnum:ch.ssn"),
    ("850315-2392", "stdnum:se.personnummer"),
    ("19850315-2392", "stdnum:se.personnummer"),
    ("85.07.30-033.28", "stdnum:be.nn"),
    ("850730-033.28", "stdnum:be.nn"),
    ("150385-11239", "stdnum:lv.pvn"),
    ("855730/1236", "stdnum:cz.rc"),
    ("1-850730-1239", "check:hu.personal"),
    ("00000000 0 ZZ4", "stdnum:pt.cc"),
    ("65 170839 J 003", "check:de.pension"),
    ("078-05-1121", "stdnum:us.ssn"),
)
SILENT = (
    "85073001231 unités livrées, 999999990 euros, 12345678903 pas.",
    "Le dossier RSSMRA85C15A562X est clos ; voir 99999990A et X0000001A.",
    "756.0000.0000.18 ; 850315-2393 ; 85.07.30-033.29 ; 855730/1237 ; 999999-9999",
    "commit 85073001231abc4f0e9d1c2b3a4958677665544332 of 12345678",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "version 1.2.3-456789, 2024.11.15-850730 and v85.07.30",
    "for (int nif = 0; nif < 10; nif++) { dni[nif] = 0x1F; }",
    "Les significations manifestes de l’AVS : accompagner l’élève.",
    "Nie wieder! The tin is on the shelf, cc: everyone. Taj Mahal, 1632.",
    "12.5\t850315\t2392\n13.5\t150385\t1219\n14.5\t123456\t7890",
    "du 15/03/1985 au 30/07/2024, article L. 123-45, page 6789",
    "Tingha 123456789, Rio Tinto 123456783, cns : néant",
    "tin 078051121",
    "SSN (Servizio sanitario nazionale) depuis 1978.",
)

UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def scan(text: str) -> list[Finding]:
    return [one for one in SCANNER.scan(text) if one.type is EntityType.NATIONAL_ID]


@pytest.mark.parametrize(("country", "sentence", "number", "check"), ANNOUNCED)
def test_an_announced_number_is_found_and_confirmed(country: str, sentence: str, number: str, check: str) -> None:
    text = "Bonjour, " + sentence.format(number) + ", merci."
    findings = scan(text)
    assert [text[one.start : one.end] for one in findings] == [number]
    assert findings[0].validated_by == check
    assert findings[0].confidence >= 0.9
    assert any(scheme.country == country for scheme in SCHEMES)


@pytest.mark.parametrize(("country", "sentence", "number"), ONLY_NEAR_A_WORD)
def test_a_number_without_a_check_is_found_beside_its_word_only(country: str, sentence: str, number: str) -> None:
    text = sentence.format(number)
    findings = scan(text)
    assert [text[one.start : one.end] for one in findings] == [number]
    assert findings[0].validated_by == "context"
    assert not scan(f"lot {number} reçu")
    assert any(scheme.country == country for scheme in SCHEMES)


@pytest.mark.parametrize(("sentence", "number"), BROKEN)
def test_a_mistyped_number_is_found_beside_its_word_with_less_confidence(sentence: str, number: str) -> None:
    text = sentence.format(number)
    findings = scan(text)
    assert [(text[one.start : one.end], one.validated_by, one.confidence) for one in findings] == [
        (number, "context", 0.5)
    ]


@pytest.mark.parametrize(("number", "check"), ALONE)
@pytest.mark.parametrize("sentence", ["Voir {}.", "({})", "nom;{};ville", "a\t{}\nb", "{}"])
def test_a_distinctive_number_is_found_without_a_word(sentence: str, number: str, check: str) -> None:
    text = sentence.format(number)
    findings = scan(text)
    assert [(text[one.start : one.end], one.validated_by) for one in findings] == [(number, check)]


@pytest.mark.parametrize("text", SILENT)
def test_other_numbers_stay_silent(text: str) -> None:
    assert [text[one.start : one.end] for one in scan(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "85073001231 (PESEL)",
        '{"pesel": "85073001231"}',
        "pesel_number=85073001231",
        "PESEL kandydata (wpisz cyfry): 85073001231",
        "PESEL\n85073001231",
        "PESEL\u00a0: 850\u00a0730\u00a0012\u00a031",
        "l’identifiant national (PESEL) 85073001231",
        "national identification number 85073001231",
    ],
)
def test_the_word_may_stand_around_the_number_in_many_ways(text: str) -> None:
    findings = scan(text)
    assert len(findings) == 1
    assert findings[0].validated_by == "stdnum:pl.pesel"


def test_a_column_is_followed_from_number_to_number() -> None:
    text = "nom;PESEL\nNowak;85073001231\nKowalska;85073001248\nMazur;12345678901\n"
    assert [text[one.start : one.end] for one in scan(text)] == ["85073001231", "85073001248"]


def test_a_number_after_another_sentence_is_not_the_word_s() -> None:
    assert not scan("Avez-vous un BSN ? Appelez plutôt le 123456789.")
    assert not scan("PESEL\n\n12345678901")


def test_a_hint_counts_only_with_a_number_that_passes() -> None:
    assert not scan("matricule 1893120105733")
    assert scan("matricule 1893120105732")


def test_every_country_of_the_union_and_its_neighbours_is_covered() -> None:
    covered = {scheme.country for scheme in SCHEMES} | {"FR"}  # a type of its own: NIR
    assert set(UNION.split()) <= covered
    assert {"IS", "LI", "NO", "CH", "GB"} <= covered
    assert "NIR" in {detector.type.value for detector in DETECTORS}


def test_every_check_of_the_table_exists() -> None:
    # An unknown name raises; each confirms a number in the tests above, save those of rarer numbers.
    assert all(callable(check_named(check)) for scheme in SCHEMES for check in scheme.checks)


def test_every_word_of_the_table_is_recognised_in_either_case() -> None:
    for scheme in SCHEMES:
        for word in (*scheme.words, *scheme.hints):
            for written in (word, word.upper(), word.replace(" ", "-"), word.replace("'", "’")):
                match = announced_by([word]).match(written)
                assert match is not None, written
                assert word_key(match["word"]) == word_key(word)


@pytest.mark.parametrize(
    ("number", "check"),
    [
        ("2000060500126", "check:lu.matricule"),
        ("1893130105732", "check:lu.matricule"),
        ("GB123456C", "check:gb.nino"),
        ("AB123456E", "check:gb.nino"),
        ("DA123456C", "check:gb.nino"),
        ("18513011239", "check:hu.personal"),
        ("65170839J004", "check:de.pension"),
        ("1503851111", "check:dk.cpr"),
    ],
)
def test_checks_of_ours_refuse_what_is_not_given(number: str, check: str) -> None:
    assert confirming_check(number, (check,)) is None
