"""SecNumCloud 19.6 (a) and (b): 24 % each and 39 % together, through chains, to the last digit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from tests.exposure_kit import Fact, company, exactly, holds, registry, report, service

if TYPE_CHECKING:
    from bouclier.registry.report_model import HoldersTest

STATE = company("state", "FR", kind="state")
US, CN, GB = company("us", "US", kind="people"), company("cn", "CN", kind="people"), company("gb", "GB", kind="people")


def judged(entities: list[Fact], edges: list[Fact], seat: str | None = "FR") -> HoldersTest:
    everyone = [company("op", seat), STATE, *entities]
    facts = registry(entities=everyone, edges=edges, services=[service("api", "op", "FR")])
    return report(facts, "api").holders


def rules(found: HoldersTest) -> set[tuple[str, str]]:
    return {(ground.rule, ground.verdict) for ground in found.grounds}


def test_an_operator_held_by_a_state_of_the_union_passes() -> None:
    found = judged([], [holds("state", "op", 100)])
    assert (found.verdict, found.grounds, found.holders) == ("pass", (), ())
    assert found.unnamed == 0


@pytest.mark.parametrize(
    ("share", "verdict"), [(24, "pass"), (24.000000001, "fail"), (24.1, "fail"), (0.1, "pass"), (100, "fail")]
)
def test_one_holder_from_outside_may_have_24_percent_and_no_more(share: float, verdict: str) -> None:
    assert judged([US], [holds("us", "op", share), holds("state", "op", 100 - share)]).verdict == verdict


@pytest.mark.parametrize(("third", "verdict"), [(3, "pass"), (3.0000001, "fail")])
def test_together_they_may_have_39_percent_and_no_more(third: float, verdict: str) -> None:
    edges = [
        holds("us", "op", 18),
        holds("cn", "op", 18),
        holds("gb", "op", third),
        holds("state", "op", 61 - third + 3),
    ]
    assert judged([US, CN, GB], edges).verdict == verdict


def test_percentages_multiply_along_a_chain_exactly() -> None:
    edges = [holds("h", "op", 33.3), holds("us", "h", 33.3), holds("state", "h", 66.7), holds("state", "op", 66.7)]
    (holder,) = judged([company("h"), US], edges).holders
    assert holder.capital.low == holder.capital.high == Fraction(333, 10) * Fraction(333, 10) / 100


def test_chains_of_one_holder_are_added() -> None:
    edges = [holds("a", "op", 20), holds("b", "op", 20), holds("state", "op", 60)]
    edges += [holds("us", "a", 60), holds("us", "b", 61), holds("state", "a", 40), holds("state", "b", 39)]
    found = judged([company("a"), company("b"), US], edges)
    assert found.holders[0].capital.low == Fraction(242, 10)
    assert ("single", "fail") in rules(found)


def test_who_is_behind_a_holder_from_outside_is_counted_once_together() -> None:
    edges = [holds("gb", "op", 24), holds("us", "gb", 100), holds("state", "op", 76)]
    found = judged([company("gb", "GB"), US], edges)
    assert {one.node.id: one.capital.low for one in found.holders} == {"gb": Fraction(24), "us": Fraction(24)}
    assert found.capital.low == 24
    assert found.verdict == "pass"


def test_votes_count_as_well_as_capital() -> None:
    edges = [holds("us", "op", 10, votes=30), holds("state", "op", 90, votes=70)]
    found = judged([US], edges)
    assert (found.holders[0].capital.low, found.holders[0].votes.low) == exactly(10, 30)
    assert found.verdict == "fail"


@pytest.mark.parametrize(
    ("right", "rule"), [({"veto": True}, "veto"), ({"board": "majority"}, "board"), ({"controls": True}, "control")]
)
def test_a_right_from_outside_fails_whatever_the_share(right: Fact, rule: str) -> None:
    found = judged([US], [holds("us", "op", 1, **right), holds("state", "op", 99)])
    assert (rule, "fail") in rules(found)
    assert found.verdict == "fail"


def test_a_board_that_is_not_known_leaves_it_open() -> None:
    found = judged([US], [holds("us", "op", 5, board="unknown"), holds("state", "op", 95)])
    assert (found.verdict, rules(found)) == ("unknown", {("board", "unknown")})


@pytest.mark.parametrize(("seat", "verdict"), [("DE", "pass"), ("NO", "fail"), ("US", "fail"), (None, "unknown")])
def test_the_seat_is_in_the_union_and_not_merely_in_the_area(seat: str | None, verdict: str) -> None:
    assert judged([], [holds("state", "op", 100)], seat).verdict == verdict


def test_what_nobody_attributes_may_be_anyone_s() -> None:
    found = judged([US], [holds("us", "op", 20), holds("state", "op", 70)])
    assert (found.holders[0].capital.low, found.holders[0].capital.high) == exactly(20, 30)
    assert (found.capital.low, found.capital.high, found.unnamed) == exactly(20, 30, 10)
    assert rules(found) == {("single", "unknown"), ("unattributed", "unknown")}
    assert found.verdict == "unknown"


def test_many_small_holders_may_all_be_from_outside_and_none_of_them_is_large() -> None:
    crowd = company("crowd", None, kind="dispersed")
    few = judged([crowd], [holds("crowd", "op", 39), holds("state", "op", 61)])
    many = judged([crowd], [holds("crowd", "op", 40), holds("state", "op", 60)])
    assert few.verdict == "pass"
    assert (few.capital.low, few.capital.high) == exactly(0, 39)
    assert (many.verdict, rules(many)) == ("unknown", {("together", "unknown")})


def test_a_holder_whose_seat_is_not_known_may_be_from_outside() -> None:
    found = judged([company("who", None, kind="people")], [holds("who", "op", 30), holds("state", "op", 70)])
    assert found.verdict == "unknown"
    assert [(one.node.id, one.seat) for one in found.holders] == [("who", None)]


def test_a_holder_whose_part_is_not_known_may_have_all_that_is_left() -> None:
    found = judged([US], [holds("us", "op"), holds("state", "op", 80)])
    assert (found.holders[0].capital.low, found.holders[0].capital.high) == exactly(0, 20)


def test_a_share_that_may_have_ended_is_no_certain_failure() -> None:
    found = judged([US], [holds("us", "op", 30, until="2026"), holds("state", "op", 70)])
    assert found.holders[0].capital.low == 0
    assert found.verdict == "unknown"


def test_what_goes_in_a_circle_is_counted_once() -> None:
    edges = [holds("a", "op", 50), holds("state", "op", 50), holds("op", "a", 50), holds("us", "a", 50)]
    found = judged([company("a"), US], edges)
    # Of what reaches a (one half), half goes on and a quarter comes back to where it began: 1/4 + 1/16 + ... = 1/3.
    (us,) = found.holders
    assert us.capital.low < Fraction(100, 3) < us.capital.high
    assert us.capital.high - us.capital.low < Fraction(1, 10**9)
    assert found.verdict == "fail"


def test_a_circle_that_closes_on_itself_may_be_anyone_s() -> None:
    found = judged([company("a")], [holds("a", "op", 100), holds("op", "a", 100)])
    assert found.unnamed == 100
    assert found.verdict == "unknown"


def test_nobody_known_to_run_it_leaves_it_open() -> None:
    found = report(registry(), "nobody", "entity").holders
    assert (found.verdict, [ground.rule for ground in found.grounds]) == ("unknown", ["facts"])
