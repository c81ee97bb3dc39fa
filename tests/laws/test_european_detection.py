"""Every scanner finds the same European numbers, positions and devices, whatever stands around; none takes too long."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bouclier.shield.adapters.portable_scanner import PortableScanner
from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors import companies, devices, national_numbers, positions, web_identities

hyperscan_scanner = pytest.importorskip("bouclier.shield.adapters.hyperscan_scanner")

DETECTORS = (
    *national_numbers.DETECTORS,
    *companies.DETECTORS,
    *devices.DETECTORS,
    *positions.DETECTORS,
    *web_identities.DETECTORS,
)
FAST = hyperscan_scanner.HyperscanScanner(DETECTORS)
JUDGE = ReScanner(DETECTORS)
PORTABLE = PortableScanner(DETECTORS)

CRUMBS = (
    "PESEL", "pesel_", " kandydata : ", "85073001231", "8507300123", "BSN ", "999999990", "DNI", "nº ", "99999990S",
    "99.999.990-", "NIE: ", "X-0000001-R", "codice fiscale", "RSSMRA85C15A562V", "rssmra85c15", "RSS MRA 85C15 A562 V",
    "numéro national", "numéro d’identité ", "NISS", "85.07.30", "-033.28", "AHV-Nr ", "756.0000.0000.19", "756", "ЕГН",
    "егн ", "8507301230", "ΑΜΚΑ", "15038501233", "henkilötunnus ", "henkilo\u0308tunnus", "150385-8991", "150385",
    "CPR ", "850315-2392", "19", "rodné číslo ", "855730/1236", "FØDSELSNUMMER", "matricule ", "1893120105732", "NINO",
    "AB 12 34 56 C", "DE", "123456788", "BE0123456749", "TVA ", "CHE-123.456.788", "ES", "FR0000000002", "ISIN ",
    "96950000000000000020", "LEI ", "02:00:5e:10:00:01", "02-00", "-5E-10-0A-01", "123e4567-e89b-42d3-a456-",
    "426614174000", "IMEI ", "350000000000014", "IMSI", "112D2adLM3UKy4Z4giRbReR6gjWuvHUqB", "bc1", "qw508d6qejxtdg4y5",
    "0x", "00000000000000000000000000000000DeaDBeef", "48.8566", "2.3522", ", ", "GPS ", "lat", "latitude", ":", "=",
    "48°51'24\"N", " 2°21'03\"E", "N 48°", "°", "geo:", "https://www.google.com/maps/@", "?user_id=", "&", "4821",
    " ", "\n", "-", ".", "/", "\u00a0", "\u2011", "é", "e\u0301", "ſ", "K", "😀", "\ud800", "1", "A", "x", "_",
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(CRUMBS), max_size=12).map("".join),
    st.lists(st.one_of(st.sampled_from(CRUMBS), st.text(max_size=3)), max_size=10).map("".join),
)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_every_scanner_finds_the_same(text: str) -> None:
    found = JUDGE.scan(text)
    assert FAST.scan(text) == found
    assert PORTABLE.scan(text) == found


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_exact_match_starts_where_the_byte_engine_says(text: str) -> None:
    said = set(FAST.starts(text))
    for number, detector in enumerate(DETECTORS):
        for position in range(len(text)):
            if detector.exact.match(text, position):
                assert (position, number) in said, detector.name


@pytest.mark.parametrize(
    "crumb",
    [
        "PESEL ", "85073001231 ", "PESEL 85073001231 ", "national id 85073001231 ", "nif 1 ", "/maps", "/maps/1.234,",
        "IMEI ", "1.23456,", "48°", "02:", "DE1", "?user_id=", "(", "85073001231(",
    ],
)  # fmt: skip
def test_hostile_texts_take_a_time_of_their_length(crumb: str) -> None:
    text = crumb * (100_000 // len(crumb))
    began = process_time()
    FAST.scan(text)
    # A second or two at most; trying each number from each word would take minutes.
    assert process_time() - began < 15
