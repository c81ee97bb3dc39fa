"""Laws of own identifiers: a pattern means what `re` says it means, and every scanner finds the same with it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bouclier.shield.adapters.portable_scanner import PortableScanner
from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.added_findings import add_findings
from bouclier.shield.kinds import KINDS, Part
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.own_identifiers import OwnIdentifier, detector_of
from bouclier.shield.own_pattern_trees import MAX_WAYS, expression_of, measure
from bouclier.shield.own_patterns import PatternError, parse_pattern
from bouclier.terms.content import EntityType, Finding

ATOMS = st.sampled_from(
    (
        "A", "G", "0", "-", r"\.", "/", "é", "😀", r"\d", r"\w", r"\s", r"\D", r"\W", ".", "[0-9]", "[A-Z]", "[^A0]",
        "[a-zé]", r"[\d-]", r"[\-\]]", "[É-ß]", "[^é]", r"[\Da]", "(?:AG|TI)", "(A|0-)", "(?:A?0)",
    )
)  # fmt: skip
COUNTS = st.sampled_from(["", "", "", "?", "{2}", "{1,2}", "{0,3}", "{2,4}"])
PIECES = st.tuples(ATOMS, COUNTS).map("".join)
PATTERNS = st.lists(st.lists(PIECES, min_size=1, max_size=4).map("".join), min_size=1, max_size=2).map("|".join)
TEXTS = st.text(alphabet="AGTIZz09- ./é😀É\u0301_\n\ud800𝟘ſ", max_size=40)


def is_usable(pattern: str) -> bool:
    try:
        parse_pattern(pattern)
    except PatternError:
        return False
    return True


USABLE = PATTERNS.filter(is_usable)


@given(USABLE, TEXTS)
@settings(max_examples=500, deadline=None)
def test_a_pattern_means_what_re_says(pattern: str, text: str) -> None:
    ours = re.compile(expression_of(parse_pattern(pattern)), re.ASCII)
    theirs = re.compile(f"(?:{pattern})", re.ASCII)
    for position in range(len(text)):
        here, there = ours.match(text, position), theirs.match(text, position)
        assert (here and here.span()) == (there and there.span())


@given(USABLE)
@settings(max_examples=300, deadline=None)
def test_the_measure_of_a_pattern_is_that_of_re(pattern: str) -> None:
    shortest, longest, ways = measure(parse_pattern(pattern))
    assert (shortest, longest) == re._parser.parse(pattern, re.ASCII).getwidth()  # type: ignore[attr-defined]
    assert 1 <= ways <= MAX_WAYS


@given(st.text(alphabet="AZ09é[](){}|?*+.^$\\-,:=!<dwsbx \n", max_size=30))
@settings(max_examples=1_000, deadline=None)
def test_whatever_is_written_is_a_pattern_that_re_knows_or_a_clear_refusal(pattern: str) -> None:
    try:
        node = parse_pattern(pattern)
    except PatternError as error:
        refused = error
    else:
        re.compile(expression_of(node), re.ASCII)
        re.compile(pattern, re.ASCII)
        return
    assert refused.message.fr != refused.message.en
    assert refused.hint.fr
    assert 0 <= refused.position <= len(pattern)


@given(patterns=st.lists(USABLE, min_size=1, max_size=2), text=TEXTS, other=TEXTS, ignore_case=st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_scanner_finds_the_same_own_identifiers(
    patterns: list[str], text: str, other: str, *, ignore_case: bool
) -> None:
    hyperscan_scanner = pytest.importorskip("bouclier.shield.adapters.hyperscan_scanner")
    detectors = [
        detector_of(OwnIdentifier(f"own-{number}", pattern, ignore_case=ignore_case))
        for number, pattern in enumerate(patterns)
    ]
    fast, portable, judge = (
        hyperscan_scanner.HyperscanScanner(detectors),
        PortableScanner(detectors),
        ReScanner(detectors),
    )
    for one in (text, other, other + text):
        assert fast.scan(one) == portable.scan(one) == judge.scan(one)


KINDS_SEEN = st.sampled_from([EntityType.PERSON, EntityType.IDENTIFIER, EntityType.HEALTH, EntityType.MARKING])
FINDINGS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 10), KINDS_SEEN, st.sampled_from([0.3, 0.8, 1.0])).map(
        lambda one: Finding(one[0], one[0] + one[1], one[2], one[3], "x")
    ),
    max_size=6,
)


@given(FINDINGS, FINDINGS)
def test_what_an_institution_adds_takes_nothing_away_and_overlaps_nothing(
    first: list[Finding], added: list[Finding]
) -> None:
    text = "x" * 50
    found = resolve_overlaps(text, first)
    together = add_findings(text, found, added)
    assert set(found) <= set(together)
    assert list(together) == sorted(together, key=lambda one: one.start)
    for is_category in (True, False):
        some = [one for one in together if (KINDS[one.type].part is Part.CATEGORY) is is_category]
        assert all(one.end <= other.start for one, other in pairwise(some))
        given_here = [one for one in [*found, *added] if (KINDS[one.type].part is Part.CATEGORY) is is_category]
        covered = {place for one in some for place in range(one.start, one.end)}
        alone = [one for one in given_here if one in found]
        assert covered >= {place for one in alone for place in range(one.start, one.end)}
        assert covered <= {place for one in given_here for place in range(one.start, one.end)}
