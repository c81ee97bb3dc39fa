"""Laws of what gateways share: reading undoes writing, and gateways agree whatever they hear first."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from bouclier.fleet.book_model import Shared, SharedDeployment, Standing
from bouclier.fleet.sharing import (
    Kept,
    Line,
    SharingError,
    aged,
    merged,
    parse_announced,
    parse_shared,
    render_announced,
    render_shared,
)

MS = st.integers(0, 2**40)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,12}", fullmatch=True)
TOLD = st.builds(SharedDeployment, st.integers(0, 1_000_000), MS, MS)
SHARED = st.builds(Shared, st.dictionaries(NAMES, TOLD, max_size=6), MS)


# Of few places and few announcements; the lines of one announcement were said at the same moment, wherever heard.
SAID = st.shared(st.lists(st.integers(0, 50), min_size=4, max_size=4), key="said")
PLACES = st.tuples(st.sampled_from(["lyon", "nice"]), st.sampled_from(["", "a", "b"]))
HELD = st.tuples(st.sampled_from(Standing), st.none() | st.integers(1, 2), st.none() | st.integers(0, 3))
TOLD_OF = st.tuples(st.integers(0, 3), PLACES, HELD)


def spelled(
    said: list[int], told: list[tuple[int, tuple[str, str], tuple[Standing, int | None, int | None]]]
) -> list[Line]:
    return [
        Line(f"{number}" * 32, *place, state, slots, "x@lyon", said[number], left)
        for number, place, (state, slots, left) in told
    ]


LINES = st.builds(spelled, SAID, st.lists(TOLD_OF, max_size=6))


@given(SHARED)
def test_reading_undoes_writing_what_is_shared(shared: Shared) -> None:
    busy = {name: one for name, one in shared.deployments.items() if one != SharedDeployment()}
    assert parse_shared(render_shared(shared)) == replace(shared, deployments=busy)


@given(SHARED, st.integers(0, 300), st.characters(codec="utf-8"))
def test_whatever_is_read_has_one_spelling(shared: Shared, position: int, other: str) -> None:
    text = render_shared(shared)
    changed = text[: position % len(text)] + other + text[position % len(text) + 1 :]
    try:
        read = parse_shared(changed)
    except SharingError:
        return
    assert render_shared(read) == changed


@given(SHARED, MS, MS)
def test_ageing_twice_is_ageing_once(shared: Shared, first: int, second: int) -> None:
    twice = aged(aged(shared, first, lease_ms=5), second, lease_ms=5)
    assert twice == aged(shared, first + second, lease_ms=5)


@given(LINES, MS)
def test_reading_undoes_writing_announcements(said: list[Line], at_ms: int) -> None:
    kept = Kept(at_ms, merged(said))
    assert parse_announced(render_announced(kept)) == kept


@given(LINES, LINES, LINES)
def test_gateways_agree_in_whatever_order_they_hear(first: list[Line], second: list[Line], third: list[Line]) -> None:
    outcomes = {merged(merged(a, b), c) for a, b, c in permutations((first, second, third))}
    assert outcomes == {merged(first, second, third)}


@given(LINES)
def test_hearing_the_same_again_changes_nothing(said: list[Line]) -> None:
    once = merged(said)
    assert merged(once) == merged(once, once) == merged(said, once) == once


@given(LINES, st.integers(0, 100))
def test_merging_and_waiting_can_be_exchanged(said: list[Line], ms: int) -> None:
    """Unless two say of one moment and one place something that differs by its end alone, which waiting levels."""
    distinct = {(line.id, line.place): line for line in said}.values()
    assert merged([line.later(ms) for line in distinct]) == tuple(line.later(ms) for line in merged(distinct))


@given(LINES)
def test_no_place_has_two_words_and_the_last_of_each_is_kept_or_ended_by_its_site(said: list[Line]) -> None:
    kept = merged(said)
    places = [line.place for line in kept]
    assert len(places) == len(set(places))
    wholes = {line.site: line for line in kept if not line.deployment}
    for line in said:
        if line.place not in places:
            assert wholes[line.site].age_ms <= line.age_ms
        else:
            assert min(one.age_ms for one in said if one.place == line.place) == kept[places.index(line.place)].age_ms
