"""Laws of the numbers that words announce: both scanners find the same, whatever stands around words and numbers."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors import banks, case_numbers, health_numbers, mrz, school_numbers, state_numbers, vehicles

hyperscan_scanner = pytest.importorskip("bouclier.shield.adapters.hyperscan_scanner")

FAMILIES = (state_numbers, health_numbers, school_numbers, case_numbers, mrz, vehicles, banks)
DETECTORS = tuple(detector for family in FAMILIES for detector in family.DETECTORS)
FAST = hyperscan_scanner.HyperscanScanner(DETECTORS)
PORTABLE = ReScanner(DETECTORS)

CRUMBS = (
    "IPP", "NDA", "iep ", "numéro fiscal", "NUMERO FISCAL", "SPI", "RG", "R.G. n° ", "Répertoire général", "requête",
    "nos ", "n°", "no. ", "sous le n° ", "section ", "parcelle", "cadastrée", "AB ", "passeport", "CNI ", "identité",
    "permis ", "NEPH", "AGDREF", "étranger", "ÉTRANGER", "allocataire", "CAF", "France Travail", "pôle emploi", "INE ",
    "BEA", "RPPS", "ADELI ", "FINESS", "VIN ", "BIC ", "AGRIFRPPXXX", "ECLI:FR:CE:2020:", "réf. : ", "dossier",
    "matricule", "Az. ", "1 BvR 357/05", "file no. ", "écrou", "P<UTO", "<<<<<<",
    "ERIKSSON<<ANNA", "séjour",
    "titre de ",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "7408122F1204159UTO<<<<<<<<<<<6", "VF1ABCDE123456789",
    "12345/06", "21/01234", "14-25.054", "19PA01234", "C-123/45", "C\u2011123/45", "DBVV-V-B7F-HX7U", "1234567A",
    "3023217600053", "30 23 217 600 053", "12AB34567", "X4RTBPFW4", "910267200012", "59183000AB0123",
    "PC 059 183 22 A0012",
    "12/03/2020", "2020", "12 000 €", "(", ")", " | ", "\n", "\n\n", ". ", ", ", " et ", " : ", "=", " ", "é", "0", "9",
    "A",
    "\u00a0", "\u202f", "_", "ſ", "😀", "\ud800",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(CRUMBS), st.text(max_size=3)), max_size=14).map("".join)


@given(TEXTS)
@settings(max_examples=600, deadline=None)
@example("éRG 21/01234")
@example("12345/0612345/06")
@example("(IPP)12345678 (IPP)")
def test_both_scanners_find_the_same_numbers(text: str) -> None:
    assert FAST.scan(text) == PORTABLE.scan(text)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_exact_match_of_a_number_starts_where_the_byte_engine_says(text: str) -> None:
    said = set(FAST.starts(text))
    for number, detector in enumerate(DETECTORS):
        for position in range(len(text)):
            if detector.exact.match(text, position):
                assert (position, number) in said, detector.name
