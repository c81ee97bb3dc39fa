"""Laws of detection: both scanners find the same, nothing overlaps, nothing is uncovered, work stays in proportion."""

from __future__ import annotations

import re
from itertools import pairwise, product
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.exchanges import propagate

from bouclier.shield.adapters.portable_scanner import PortableScanner
from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.patterns import DETECTORS
from bouclier.shield.text_pieces import text_pieces
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from bouclier.shield.detector import Detector

hyperscan_scanner = pytest.importorskip("bouclier.shield.adapters.hyperscan_scanner")

FAST = hyperscan_scanner.HyperscanScanner()
JUDGE = ReScanner()
PORTABLE = PortableScanner()

# Words, halves of words and separators that the detectors live on, so that chance builds near-matches.
CRUMBS = (
    "2 84 05 59 183 042 05", "284055918304205", "1840", "1 2 3 4 5 6 7 8 9 0 1 2 3", "SIREN ", "SIRET : ",
    "732829320",
    "732 829 320 00074", "FR76", " 3000 6000 0112 3456 7890 189", "FR76 3000 6000 0112 3456 7890 189",
    "DE89370400440532013000",
    "RIB ", "30006 00001 12345678901 89", "4970 1012 3456 7893", "4111111111111111", "AB-123-CD", "AA 229 AA",
    "123 ABC 75",
    "immatriculé ", "06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "0033", "+49 30 901820", "(0)",
    "01/02/2003 0405",
    "@", "a@b.fr", "jean.dupont@example.fr", "é@exämple.org", "192.0.2.1", "v1.2.3.4", "2001:db8::1", "::",
    "fe80:", "://",
    "https://u:p@example.org/x", "https://example.org/?token=abcdef123", "sk-", "sk-abcdefghijklmnopqrstuvwx", "ghp_",
    "AKIA", "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Bearer ", "abcdef0123456789abcdef",
    "password", "mot de passe", " : ", "=", "Tr0ub4dor&3", "clé API", "-----BEGIN ", "PRIVATE KEY-----", "-----END ",
    "MIIEvQIBADANBgkqhkiG", "M. ", "Mme ", "Mme", "MME DURAND", "Dr Leïla Benali", "Monsieur ", "le Maire", "Jean",
    "Martin",
    "D’Angelo", "Nom : ", "NOM", "prénom", "Prénom:", "Je soussignée ", "née ", "né(e) le ", "NÉE LE ", "née le ",
    "12/03/1980", "1980-03-12", "30/02/1980", "3 mars 1980", "1er août 1975", "Date de naissance", "DDN", " (45 ans)",
    "12 ", "bis", "14 bis rue des Tilleuls", "rue ", "avenue de la ", "République", ", 59820 Gravelines",
    "75013 Paris",
    "lieu-dit Le Bourg", "DIFFUSION RESTREINTE", "SECRET", "SECRET DÉFENSE", "TRÈS SECRET", "CONFIDENTIEL", "TLP:RED",
    "TLP:AMBER+STRICT", "UE", "NATO ", "Classification : ", " ", "  ", "\n", "\t", "-", ".", ",", "/", "(", ")",
    "'", "’",
    "Tél : 06 39\n98 12 34", "2 85 05 78\r\n006 084 91", "FR14 2004 1010\n", "0505 0001 3M02 606",
    "SIRET 732 829 320\n",
    "**", "*", "_", "<b>", "</td><td>", "| Nom | ", "[at]", "zoe @ ", " arobase ", "example.fr",
    "０６", "٣", "𝟗",
    "mdp ", "c'est ", "Soleil2024!", "login : ", "pgirard", "cvv ", "123",
    "\u00a0", "\u202f", "\u2011", "é", "e\u0301", "É", "ſ", "K", "😀", "\ud800", "中", "x", "A", "0", "1", "9",
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(CRUMBS), max_size=14).map("".join),
    st.lists(st.one_of(st.sampled_from(CRUMBS), st.text(max_size=4)), max_size=12).map("".join),
    st.text(max_size=80),
)


@given(TEXTS)
@settings(max_examples=600, deadline=None)
@example("é0639981234")
@example("0639981234")
@example("xdate de naissance 12/03/1980")
@example("le 5 mai\n")
@example("le 5 mai×3 août")
@example("BETWEEN 1990 AND 1992")
@example("ne\u0301e LEFÈVRE")
@example("Te\u0301l : 01 99 00 11 22")
@example("INS185057300332815")
@example("demandeuses d’emploi 1234567A")
def test_the_fast_and_the_portable_scanner_find_the_same(text: str) -> None:
    assert FAST.scan(text) == PORTABLE.scan(text) == JUDGE.scan(text)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
@example("le 5 mai×3 août")
@example("BETWEEN 1990 AND 1992")
@example("ne\u0301e LEFÈVRE")
@example("Te\u0301l : 01 99 00 11 22")
@example("se\u0301curite\u0301 sociale : 1 85 05 73 003 328")
def test_every_exact_match_starts_where_the_byte_engine_says(text: str) -> None:
    said = set(FAST.starts(text))
    for number, detector in enumerate(DETECTORS):
        for position in range(len(text)):
            if detector.exact.match(text, position):
                assert (position, number) in said, detector.name


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_findings_lie_in_the_text_sorted_and_apart(text: str) -> None:
    end = 0
    for finding in FAST.scan(text):
        assert end <= finding.start < finding.end <= len(text)
        assert 0 < finding.confidence <= 1
        end = finding.end


@pytest.mark.parametrize(
    "crumb", ["1", "12 ", "a@", "a@a.", " ", "\n", "M. ", "A://", "né ", "-----BEGIN ", "EU ", "::", "0a:"]
)
def test_hostile_texts_give_no_more_work_than_their_length(crumb: str) -> None:
    size = 20_000
    text = crumb * (size // len(crumb))
    assert len(FAST.starts(text)) <= 4 * len(text)
    assert len(FAST.starts(text * 4)) <= 4 * len(FAST.starts(text)) + 4 * len(DETECTORS)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_no_expression_matches_without_bound(detector: Detector) -> None:
    # What an expression can match at most, as the engine itself computes it; lookarounds are all of one width.
    assert re._parser.parse(detector.exact.pattern, detector.exact.flags).getwidth()[1] <= 8_000  # type: ignore[attr-defined]


SPANS = st.tuples(
    st.integers(0, 30),
    st.integers(1, 12),
    st.sampled_from([EntityType.PERSON, EntityType.EMAIL, EntityType.ADDRESS, EntityType.NIR]),
    st.sampled_from([0.4, 0.6, 0.75, 0.85, 0.99]),
).map(lambda one: Finding(one[0], one[0] + one[1], one[2], one[3], "shape"))


@given(st.lists(SPANS, max_size=12))
def test_resolving_overlaps_uncovers_nothing_of_a_type_found_once(findings: list[Finding]) -> None:
    text = "x" * 50
    alone = list({finding.type: finding for finding in findings}.values())
    resolved = resolve_overlaps(text, alone)
    covered = {place for finding in resolved for place in range(finding.start, finding.end)}
    assert covered == {place for finding in alone for place in range(finding.start, finding.end)}


@given(st.lists(SPANS, max_size=12).flatmap(lambda spans: st.tuples(st.just(spans), st.permutations(spans))))
def test_resolved_findings_are_apart_and_do_not_depend_on_order(two: tuple[list[Finding], list[Finding]]) -> None:
    text = "x" * 50
    resolved = resolve_overlaps(text, two[0])
    assert all(first.end <= second.start for first, second in pairwise(resolved))
    assert resolve_overlaps(text, two[1]) == resolved


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_propagating_uncovers_nothing_keeps_findings_apart_and_ends(texts: list[str]) -> None:
    found = [FAST.scan(text) for text in texts]
    completed = propagate(texts, found)
    for text, before, after in zip(texts, found, completed, strict=True):
        assert all(one.end <= other.start for one, other in pairwise(after))
        assert all(0 <= one.start < one.end <= len(text) for one in after)
        covered = {place for one in after for place in range(one.start, one.end)}
        # A space between two findings that met tells nothing.
        told = {place for one in before for place in range(one.start, one.end) if text[place].isalnum()}
        assert covered >= told


@given(st.sampled_from(["M. Jean Martin", "Mme Zoé Vasseur", "Dr Leïla Benali", "06 39 98 12 34"]), TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_value_found_is_covered_in_every_other_text(value: str, before: str, after: str) -> None:
    words = value.partition(" ")[2] if value[0].isalpha() else value
    texts = [value, f"{before}\n— {words} —\n{after}"]
    start = len(before) + 3
    _, completed = propagate(texts, [FAST.scan(value), FAST.scan(texts[1])])
    covered = {place for one in completed for place in range(one.start, one.end)}
    letters = (place for place in range(start, start + len(words)) if texts[1][place].isalnum())
    assert covered.issuperset(letters)


@pytest.mark.parametrize("crumb", ["Jean ", "Jean Durand ", "Durand ", "0 6 3 9 ", "0639 98 ", "d’", "é-"])
def test_many_values_in_a_long_text_take_no_time_of_their_product(crumb: str) -> None:
    values = [f"Mme Jean {name}ix" for name in map("".join, product("ABCDEFGH", "abcdefgh", "abcdefgh"))]
    values += [f"06 39 98 {number // 100:02} {number % 100:02}" for number in range(512)]
    texts = [*values, crumb * (100_000 // len(crumb))]
    found = [FAST.scan(value) for value in values]
    began = process_time()
    propagate(texts, [*found, []])
    # Some tenths of a second; comparing each value with each word takes minutes.
    assert process_time() - began < 10


@given(st.text(alphabet="ab .\n\u00a0é", max_size=200), st.integers(2, 40))
def test_pieces_are_the_text_and_none_is_too_long(text: str, size: int) -> None:
    pieces = list(text_pieces(text, size=size))
    assert "".join(piece for _, piece in pieces) == text
    assert all(len(piece) <= size and text.startswith(piece, offset) for offset, piece in pieces)
    assert all(piece for _, piece in pieces)
