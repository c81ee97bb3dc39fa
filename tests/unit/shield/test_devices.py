"""Machines, positions, wallets, legal entities and visitors are found by their numbers, and told from other numbers."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.terms.content import EntityType

SCANNER = ReScanner()
UNION_BUT_FRANCE = "AT BE BG CY CZ DE DK EE EL ES FI HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
OURS = {
    EntityType.MAC, EntityType.UUID, EntityType.IMEI, EntityType.IMSI, EntityType.GPS, EntityType.WALLET,
    EntityType.LEI, EntityType.ISIN, EntityType.IDENTIFIER,
}  # fmt: skip


def found(text: str) -> list[tuple[str, str, str]]:
    return [
        (one.type.value, text[one.start : one.end], one.validated_by) for one in SCANNER.scan(text) if one.type in OURS
    ]


@pytest.mark.parametrize(
    ("text", "type_", "value", "by"),
    [
        ("adresse MAC 02:00:5e:10:00:01 vue", "MAC", "02:00:5e:10:00:01", "ieee802"),
        ("MAC 02-00-5E-10-00-01", "MAC", "02-00-5E-10-00-01", "ieee802"),
        ("carte 02-00-5E-10-0A-01.", "MAC", "02-00-5E-10-0A-01", "ieee802"),
        ("Ethernet 0200.5e10.0001", "MAC", "0200.5e10.0001", "ieee802"),
        ("id 123e4567-e89b-42d3-a456-426614174000 ok", "UUID", "123e4567-e89b-42d3-a456-426614174000", "rfc9562"),
        ("{123E4567-E89B-02D3-C456-426614174000}", "UUID", "123E4567-E89B-02D3-C456-426614174000", "shape"),
        ("IMEI : 350000000000014", "IMEI", "350000000000014", "luhn"),
        ("Numéro IMEI du téléphone : 35-000000-000001-4", "IMEI", "35-000000-000001-4", "luhn"),
        ("imei=350000000000015", "IMEI", "350000000000015", "context"),
        ("IMSI 208010000000001", "IMSI", "208010000000001", "context"),
        ("ICCID: 8933000000000000012", "IDENTIFIER", "8933000000000000012", "luhn"),
        ("don à 112D2adLM3UKy4Z4giRbReR6gjWuvHUqB.", "WALLET", "112D2adLM3UKy4Z4giRbReR6gjWuvHUqB", "base58check"),
        ("31h38a54tFMrR8kzBnP2241MFD2EUHtGha", "WALLET", "31h38a54tFMrR8kzBnP2241MFD2EUHtGha", "base58check"),
        ("ltc LKDyUEtTR1HXamkiEphisSiBJu6o3ZPE34", "WALLET", "LKDyUEtTR1HXamkiEphisSiBJu6o3ZPE34", "base58check"),
        ("trx T9yED5xMV5ARV98BexN97aLZ1UUq7eKSxm", "WALLET", "T9yED5xMV5ARV98BexN97aLZ1UUq7eKSxm", "base58check"),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "WALLET",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bech32",
        ),
        (
            "vers 0x00000000000000000000000000000000DeaDBeef,",
            "WALLET",
            "0x00000000000000000000000000000000DeaDBeef",
            "shape",
        ),
        ("LEI 96950000000000000020", "LEI", "96950000000000000020", "mod97"),
        ("code LEI : 96950000000000000021", "LEI", "96950000000000000021", "context"),
        ("titre FR0000000002 (ISIN)", "ISIN", "FR0000000002", "luhn"),
        ("code ISIN : US0000000003", "ISIN", "US0000000003", "context"),
    ],
)
def test_what_machines_and_markets_number_is_found(text: str, type_: str, value: str, by: str) -> None:
    assert found(text) == [(type_, value, by)]


@pytest.mark.parametrize(
    ("text", "value", "by"),
    [
        ("TVA intracommunautaire DE123456788", "DE123456788", "stdnum:eu.vat"),
        ("VAT BE 0123.456.749", "BE 0123.456.749", "stdnum:eu.vat"),
        ("UID ATU12345675", "ATU12345675", "stdnum:eu.vat"),
        ("BTW NL123456782B01", "NL123456782B01", "stdnum:eu.vat"),
        ("CIF ESB12345674", "ESB12345674", "stdnum:eu.vat"),
        ("P.IVA IT01234560017", "IT01234560017", "stdnum:eu.vat"),
        ("VAT no IE1234567FA", "IE1234567FA", "stdnum:eu.vat"),
        ("NIP PL1234567802", "PL1234567802", "stdnum:eu.vat"),
        ("TVA LU12345613", "LU12345613", "stdnum:eu.vat"),
        ("ΑΦΜ/VAT EL123456783", "EL123456783", "stdnum:eu.vat"),
        ("VAT GB123456727", "GB123456727", "stdnum:gb.vat"),
        ("MWST CHE-123.456.788", "CHE-123.456.788", "stdnum:ch.uid"),
        ("n° de TVA : DE123456789", "DE123456789", "context"),
    ],
)
def test_vat_numbers_of_other_countries_are_identifiers(text: str, value: str, by: str) -> None:
    assert [one for one in found(text) if one[0] == "IDENTIFIER"] == [("IDENTIFIER", value, by)]


def test_vat_numbers_of_every_other_country_of_the_union_are_known() -> None:
    # The shapes differ: one of these is each country's.
    bodies = ["U12345678", "1" * 8, "0" + "1" * 9, "1" * 8 + "A", "1" * 7 + "A", "1" * 9 + "B11"]
    bodies += ["1" * length for length in range(9, 13)]
    known = {
        country
        for country in UNION_BUT_FRANCE.split()
        if any(one[:2] == ("IDENTIFIER", country + body) for body in bodies for one in found(f"TVA : {country}{body}"))
    }
    assert known == set(UNION_BUT_FRANCE.split())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Coordonnées GPS : 48.8566, 2.3522", ["48.8566, 2.3522"]),
        ("position: -20.8789;55.4481", ["-20.8789;55.4481"]),
        ("Je suis à 48.856614, 2.3522219 (métro)", ["48.856614, 2.3522219"]),
        ('{"lat": 48.8566, "lng": 2.3522}', ["48.8566", "2.3522"]),
        ("latitude=48.8566&longitude=-2.3522", ["48.8566", "-2.3522"]),
        ("Latitude 48,8566 Longitude 2,3522", ["48,8566", "2,3522"]),
        ('"coordinates": [2.3522, 48.8566]', ["2.3522, 48.8566"]),
        ("48°51'24\"N 2°21'03\"E", ["48°51'24\"N 2°21'03\"E"]),
        ("48° 51′ 24,5″ N, 2° 21′ 03″ O", ["48° 51′ 24,5″ N, 2° 21′ 03″ O"]),
        ("48.8566° N, 2.3522° E", ["48.8566° N, 2.3522° E"]),
        ("N 48° 51.400' E 002° 21.050'", ["N 48° 51.400' E 002° 21.050'"]),
        ("geo:48.8566,2.3522;u=35", ["48.8566,2.3522"]),
        ("https://www.google.com/maps/@48.8566,2.3522,17z", ["48.8566,2.3522"]),
        ("https://maps.google.com/?q=48.8566%2C2.3522", ["48.8566%2C2.3522"]),
        ("https://www.openstreetmap.org/?mlat=48.8566&mlon=2.3522", ["48.8566&mlon=2.3522"]),
        ("https://www.openstreetmap.org/#map=17/48.8566/2.3522", ["48.8566/2.3522"]),
        ("https://waze.com/ul?ll=48.8566,2.3522&navigate=yes", ["48.8566,2.3522"]),
    ],
)
def test_positions_are_found_in_every_notation(text: str, values: list[str]) -> None:
    assert [value for type_, value, _ in found(text) if type_ == "GPS"] == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("https://example.fr/fiche?user_id=48213&lang=fr", "48213"),
        ("https://example.fr/?lang=fr&gclid=Cj0KCQiAabcdef", "Cj0KCQiAabcdef"),
        ("GET /agenda?visitor_id=AB-118", "AB-118"),
    ],
)
def test_parameters_that_say_who_visits_are_found(text: str, value: str) -> None:
    assert ("IDENTIFIER", value, "query") in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "ff:ff:ff:ff:ff:ff, 00:00:00:00:00:00 et 01:00:5e:00:00:fb",
        "01-02-03-04-05-06 et 12-34-56-78-90-12",
        "SHA1 Fingerprint=02:00:5E:10:00:01:AB:CD:EF:02:00:5E:10:00:01:AB:CD:EF:12:34",
        "00000000-0000-0000-0000-000000000000",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "350000000000014 et 208010000000001 sans mot",
        "112D2adLM3UKy4Z4giRbReR6gjWuvHUqC et bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "FR0000000003 US0000000003 MSG123456789 REFERENCE012",
        "96950000000000000021 puis 12345678901234567890",
        "REPUBLIQUE DE 123456788 habitants, ES 12345678",
        "embedding = [0.12345, 0.67891] ou [10.12345, 20.67891, 30.11111]",
        "0.84213\t0.12345\n12.84213 0.12345\n",
        "t = 12.84213, 13.84213, 14.84213",
        "25 °C à 30 °C, n° 12, angle de 45° et 90°",
        "a ? user : uid == login && dossier",
        "<a href='?user_id={{ user.id }}'>",
        "numpy 1.26.4, 2.0.1; python 3.12345",
    ],
)
def test_other_numbers_stay_silent(text: str) -> None:
    assert found(text) == []
