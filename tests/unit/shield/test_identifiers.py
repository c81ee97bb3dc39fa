"""Numbers given by a state or a bank are found however they are written, and told from other numbers."""

from __future__ import annotations

import re

import pytest
from stdnum import iban as stdnum_iban
from stdnum import luhn as stdnum_luhn
from stdnum import numdb
from stdnum.fr import nir as stdnum_nir
from stdnum.fr import tva as stdnum_tva

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.validators import IBAN_LENGTH, has_nir_key, is_iban, is_luhn, is_rib, is_vat_fr
from bouclier.terms.content import EntityType, Finding

SCANNER = ReScanner()


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


def only(text: str) -> Finding:
    findings = SCANNER.scan(text)
    assert len(findings) == 1, [(one.type, one.start, one.end) for one in findings]
    return findings[0]


def nir(body: str) -> str:
    return body + str(stdnum_nir.calc_check_digits(body))


@pytest.mark.parametrize("body", ["2840559183042", "1991275123456", "253072B073004", "184052A123456", "7840599123456"])
@pytest.mark.parametrize("form", ["{}", "spaced", "dotted", "dashed", "key apart", "key after a slash"])
def test_a_nir_with_its_key_is_found_in_every_form(body: str, form: str) -> None:
    number = nir(body)
    pieces = [number[a:b] for a, b in ((0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13), (13, 15))]
    written = {
        "{}": number,
        "spaced": " ".join(pieces),
        "dotted": ".".join(pieces),
        "dashed": "-".join(pieces),
        "key apart": f"{number[:13]} {number[13:]}",
        "key after a slash": f"{number[:13]} / {number[13:]}",
    }[form]
    text = f"Assurée {written}, dossier ouvert."
    finding = only(text)
    assert (text[finding.start : finding.end], finding.type, finding.validated_by) == (
        written,
        EntityType.NIR,
        "nia-key" if body[0] in "78" else "nir-key",
    )
    assert finding.confidence > 0.95


def test_a_mistyped_nir_is_still_found_with_less_confidence() -> None:
    finding = only("son numéro 2 84 05 59 183 042 11 figure au dossier")
    assert finding.type is EntityType.NIR
    assert finding.validated_by == "nir-shape"
    assert finding.confidence < 0.9


def test_a_nir_without_key_needs_the_words_that_announce_it() -> None:
    assert found("Numéro de sécurité sociale : 2 84 05 59 183 042.") == [("NIR", "2 84 05 59 183 042")]
    assert "NIR" not in dict(found("Référence 2 84 05 59 183 042."))


def test_a_nir_written_one_digit_a_box_is_found() -> None:
    assert found("N° : 2 8 4 0 5 5 9 1 8 3 0 4 2 1 1 .") == [("NIR", "2 8 4 0 5 5 9 1 8 3 0 4 2 1 1")]


@pytest.mark.parametrize("hidden", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_characters_that_do_not_show_hide_no_identifier(hidden: str) -> None:
    for type_, shown in (
        ("NIR", "2 84 05 59 183 042 11"),
        ("IBAN", "FR76 3000 6000 0112 3456 7890 189"),
        ("PHONE", "06 39 98 12 34"),
        ("EMAIL", "zoe.vasseur@example.fr"),
    ):
        written = shown[:5] + hidden + shown[5:-3] + hidden * 2 + shown[-3:]
        assert found(f"Voir{hidden} é {written}, merci") == [(type_, written)]


def test_characters_that_do_not_show_may_also_part_words() -> None:
    assert found("tél\u200b0639981234\u200bMme\u200bDupont") == [("PHONE", "0639981234")]


def test_columns_of_numbers_are_not_identifiers() -> None:
    assert (
        found("100 83 208 37.493 16.323 17\n271 109.057 132.306\n112.613 125.159 55\n0 1 0 0 1 1 0 1 0 1 1 0 1") == []
    )


@pytest.mark.parametrize("written", ["732829320", "732 829 320", "732.829.320"])
def test_nine_digits_are_a_siren_only_when_announced(written: str) -> None:
    assert found(f"SIREN : {written}") == [("SIREN", written)]
    assert found(f"RCS Lille B {written}") == [("SIREN", written)]
    assert found(f"la somme de {written} unités") == []


@pytest.mark.parametrize("written", ["73282932000074", "732 829 320 00074", "732 829 320 000 74", "35600000049837"])
def test_a_siret_that_passes_its_check_needs_no_word(written: str) -> None:
    finding = only(f"établissement {written} .")
    assert (finding.type, finding.validated_by) == (EntityType.SIRET, "luhn")


def test_a_timestamp_is_not_a_siret() -> None:
    stamp = next(s for s in (f"202611211405{n:02}" for n in range(60)) if is_luhn(s))
    assert found(f"reçu le {stamp} au guichet") == []


def test_a_french_vat_number_holds_a_siren() -> None:
    assert found("TVA FR44732829320")[0] == ("SIREN", "FR44732829320")


@pytest.mark.parametrize(
    "written",
    [
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr76 3000 6000 0112 3456 7890 189",
        "FR76\u00a03000\u00a06000\u00a00112\u00a03456\u00a07890\u00a0189",
        "FR76-3000-6000-0112-3456-7890-189",
        "DE89370400440532013000",
        "GB82 WEST 1234 5698 7654 32",
        "BE68 5390 0754 7034",
        "NO93 8601 1117 947",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_an_iban_of_any_country_is_found_and_nothing_after_it(written: str) -> None:
    text = f"Compte {written} BIC AGRIFRPPXXX"
    finding = SCANNER.scan(text)[0]
    assert (text[finding.start : finding.end], finding.validated_by) == (written, "mod97")
    assert found(text)[1:] == [("BIC", "AGRIFRPPXXX")]


def test_a_mistyped_french_iban_is_found_with_less_confidence() -> None:
    finding = only("IBAN : FR76 3000 6000 0112 3456 7890 188")
    assert (finding.type, finding.validated_by) == (EntityType.IBAN, "iban-shape")


def test_a_french_account_number_with_its_key_is_found_near_the_bank() -> None:
    assert is_rib("30006000011234567890189")
    assert found("RIB 30006 00001 12345678901 89") == [("IBAN", "30006 00001 12345678901 89")]


@pytest.mark.parametrize(
    "written", ["4970 1012 3456 7893", "4111111111111111", "3782 822463 10005", "5555-5555-5555-4444"]
)
def test_a_card_is_found_by_its_issuer_and_its_digit_without_the_date_after_it(written: str) -> None:
    text = f"payé par {written} 12/27"
    finding = only(text)
    assert (text[finding.start : finding.end], finding.type) == (written, EntityType.CARD)


def test_sixteen_digits_that_fail_the_check_are_not_a_card() -> None:
    assert found("ticket 4111111111111112") == []


@pytest.mark.parametrize("written", ["AA-229-AB", "AA 229 AB", "AA229AB"])
def test_a_plate_is_found(written: str) -> None:
    assert found(f"véhicule immatriculé {written}.") == [("PLATE", written)]


@pytest.mark.parametrize("written", ["AI-229-AB", "AO-229-AB", "AU-229-AB", "SS-229-AB", "AA-000-AB"])
def test_letters_and_numbers_no_plate_bears_are_not_a_plate(written: str) -> None:
    assert found(f"véhicule {written}") == []


def test_an_old_plate_needs_a_vehicle() -> None:
    assert found("voiture 123 ABC 59") == [("PLATE", "123 ABC 59")]
    assert found("lot 123 ABC 59") == []


@pytest.mark.parametrize("number", ["253072B07300470", "284055918304211", "100000000000000", "284052A18304211"])
def test_our_nir_key_agrees_with_the_reference(number: str) -> None:
    assert has_nir_key(number) == (stdnum_nir.calc_check_digits(number) == number[13:])


@pytest.mark.parametrize("number", ["73282932000074", "4111111111111111", "4111111111111112", "972487086", "123456789"])
def test_our_luhn_agrees_with_the_reference(number: str) -> None:
    assert is_luhn(number) == stdnum_luhn.is_valid(number)


def test_iban_lengths_agree_with_the_reference() -> None:
    theirs = {
        country: 4 + sum(map(int, re.findall("([0-9]+)!", properties["bban"])))
        for _length, country, _last, properties, _children in numdb.get("iban").prefixes
    }
    assert {country: IBAN_LENGTH.get(country) for country in theirs} == theirs


@pytest.mark.parametrize("number", ["FR7630006000011234567890189", "DE89370400440532013000", "DE88370400440532013000"])
def test_our_iban_check_agrees_with_the_reference(number: str) -> None:
    assert is_iban(number) == stdnum_iban.is_valid(number)


def test_our_vat_key_agrees_with_the_reference() -> None:
    assert is_vat_fr("44732829320") == stdnum_tva.is_valid("44732829320")
    assert not is_vat_fr("45732829320")
