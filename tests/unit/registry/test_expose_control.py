"""Who controls whom: votes, rights, several hands together, circles, and what the facts leave open."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from tests.exposure_kit import DAY, Fact, company, holds, registry

from bouclier.registry.control import Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping


def ownership(edges: list[Fact], kinds: Mapping[str, str] = MappingProxyType({}), day: dt.date = DAY) -> Ownership:
    """The holdings of companies named in edges; `kinds` says of which other kind an entity is, or `ultimate`."""
    names = sorted({str(edge[end]) for edge in edges for end in ("holder", "held")} | {"op"})
    entities = [
        company(name, ultimate=True)
        if kinds.get(name) == "ultimate"
        else company(name, kind=kinds.get(name, "company"))
        for name in names
    ]
    return Ownership(registry(entities=entities, edges=edges), day)


def masters(held: Ownership, name: str = "op") -> set[str]:
    return set(held.closure(name)) - {name}


@pytest.mark.parametrize(
    ("edge", "controls"),
    [
        ({"share": 50.01}, True),
        ({"share": 50}, False),
        ({"votes": 50.000001}, True),
        ({"share": 60, "votes": 40}, False),
        ({"share": 10, "votes": 60}, True),
        ({"share": 1, "veto": True}, True),
        ({"board": "majority"}, True),
        ({"board": "minority", "share": 50}, False),
        ({"controls": True}, True),
        ({"controls": False, "share": 20}, False),
        ({}, False),
    ],
)
def test_control_is_a_majority_a_veto_a_board_or_said(edge: Fact, *, controls: bool) -> None:
    assert (masters(ownership([holds("boss", "op", **edge)])) == {"boss"}) == controls


def test_two_holders_in_one_hand_are_one() -> None:
    held = ownership([holds("a", "op", 30), holds("b", "op", 30), holds("boss", "a", 100), holds("boss", "b", 51)])
    assert masters(held) == {"boss"}
    (together,) = held.closure("op")["op"]
    assert (together.right, len(together.facts)) == ("together", 2)
    assert together.percent == 60


def test_a_hand_counts_what_it_holds_itself() -> None:
    held = ownership([holds("boss", "op", 20), holds("a", "op", 30.5), holds("boss", "a", 100)])
    assert masters(held) == {"boss"}


def test_half_in_one_hand_is_not_a_majority() -> None:
    held = ownership([holds("a", "op", 25), holds("b", "op", 25), holds("boss", "a", 100), holds("boss", "b", 100)])
    assert masters(held) == set()


def test_hands_that_come_together_higher_up_count_at_their_lowest_meeting() -> None:
    edges = [holds("a", "op", 30), holds("b", "op", 30)]
    edges += [holds("a1", "a", 100), holds("b1", "b", 100), holds("boss", "a1", 100), holds("boss", "b1", 100)]
    held = ownership([*edges, holds("above", "boss", 100)])
    assert [control.holder for control in held.closure("op")["op"]] == ["boss"]
    assert masters(held) == {"boss", "above"}


def test_a_hand_that_controls_together_lends_its_votes_further_down() -> None:
    edges = [holds("a", "mid", 30), holds("b", "mid", 30), holds("boss", "a", 100), holds("boss", "b", 100)]
    held = ownership([*edges, holds("mid", "op", 40), holds("a", "op", 20)])
    assert masters(held) == {"boss"}


def test_many_small_holders_never_act_as_one() -> None:
    held = ownership([holds("crowd", "op", 90), holds("fund", "op", 10)], {"crowd": "dispersed"})
    assert masters(held) == set()
    assert held.settled("op")


def test_a_circle_ends() -> None:
    held = ownership([holds("a", "op", 60), holds("b", "a", 60), holds("op", "b", 60)])
    assert masters(held) == {"a", "b"}
    assert held.unsettled("op") == ("a", "b", "op")


def test_a_circle_with_somebody_at_its_top_is_settled() -> None:
    edges = [holds("a", "op", 60), holds("op", "a", 20), holds("boss", "a", 80)]
    held = ownership(edges, {"boss": "ultimate"})
    assert masters(held) == {"a", "boss"}
    assert held.unsettled("op") == ()


@pytest.mark.parametrize(
    ("edges", "kinds", "settled"),
    [
        ([], {}, False),
        ([], {"op": "state"}, True),
        ([], {"op": "public-body"}, False),
        ([], {"op": "ultimate"}, True),
        ([holds("boss", "op", 51)], {}, True),
        ([holds("boss", "op", 20, veto=True)], {}, False),
        ([holds("boss", "op", board="majority")], {}, True),
        ([holds("boss", "op", 49, board="majority"), holds("b", "op")], {}, False),
        ([holds("boss", "op", 49, board="majority"), holds("b", "op", controls=False)], {}, True),
        ([holds("boss", "op", 50, board="majority"), holds("b", "op")], {}, True),
        ([holds("boss", "op", controls=True), holds("b", "op")], {}, False),
        ([holds("boss", "op", controls=True), holds("b", "op", 40)], {}, True),
        ([holds("boss", "op", 30, controls=True), holds("b", "op"), holds("c", "op", 30)], {}, False),
        ([holds("a", "op", 33), holds("b", "op", 33), holds("c", "op", 33)], {}, False),
        ([holds(n, "op", 33) for n in "abc"], dict.fromkeys("abc", "ultimate"), True),
        ([holds("a", "op", 33), holds("b", "op", 33)], {}, False),
        ([holds("a", "op", 50), holds("b", "op", 50)], dict.fromkeys("ab", "ultimate"), True),
        ([holds("a", "op", 30), holds("b", "op", 30), holds("x", "a", 90), holds("x", "b", 90)], {}, True),
        ([holds("a", "op", 30), holds("b", "op", 30), holds("x", "a", veto=True), holds("x", "b", 90)], {}, False),
        ([holds("boss", "op", 51, since="2026")], {}, False),
        ([holds("boss", "op", 51, until="2026")], {}, False),
        ([holds("boss", "op", 51, as_of="2026-12")], {}, False),
    ],
)
def test_who_controls_is_settled_only_when_the_facts_leave_nobody_else_the_majority(
    edges: list[Fact], kinds: dict[str, str], *, settled: bool
) -> None:
    assert ownership(edges, kinds).settled("op") == settled


def test_the_exposing_reading_of_a_vague_date_counts_in_full() -> None:
    edges = [holds("boss", "op", 51, since="2024", until="2025-06")]
    days = ("2023-12-31", "2024-01-01", "2025-06-29", "2025-06-30")
    assert [masters(ownership(edges, day=dt.date.fromisoformat(day))) == {"boss"} for day in days] == [
        False, True, True, False,
    ]  # fmt: skip


def test_of_two_facts_on_the_same_two_the_one_that_exposes_counts() -> None:
    held = ownership([holds("boss", "op", 20, until="2026"), holds("boss", "op", 60, since="2026")])
    assert masters(held) == {"boss"}
    assert [str(holding.votes) for holding in held.holdings("op")] == ["60"]
