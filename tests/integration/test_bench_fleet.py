"""The simulated fleet: it runs, ours never breaks the law, and every request is accounted for."""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from bench.fleet import __main__ as bench
from bench.fleet import decision_cost
from bench.fleet.day import Day, Told
from bench.fleet.engine import Fault
from bench.fleet.faults import Plan, Trouble, plan
from bench.fleet.law import Judge, Laws, laws
from bench.fleet.measure import unaccounted
from bench.fleet.ours import Ours
from bench.fleet.peers import LeastBusy, Peer
from bench.fleet.traffic import Asked, Calendar, requests
from bench.fleet.world import PLACES, World, world

if TYPE_CHECKING:
    from pathlib import Path

    from bench.fleet.day import Strategy

CALENDAR = Calendar(hour_s=6.0)


@lru_cache(maxsize=1)
def facts() -> tuple[World, Laws]:
    every = world()
    return every, laws(every.registry.digest, plan(1.0, seed=0).suspended)


@lru_cache(maxsize=1)
def asked() -> tuple[Asked, ...]:
    return tuple(requests(CALENDAR, conversations_s=1.2, seed=3))


def played(strategy: Strategy, troubles: Plan) -> list[Told]:
    every, law = facts()
    return Day(every, law, troubles).play(asked(), strategy)


def ours(*, gateways: int = 1) -> Ours:
    return Ours(facts()[0], name="ours", seed=3, gateways=gateways)


def least_busy(*, lawful: bool) -> Peer:
    return Peer("least-busy", LeastBusy(3), facts()[0], lawful=lawful)


def unlawful(told: list[Told]) -> list[str]:
    every, judge = facts()[0], Judge()
    return [
        one.asked.group.name
        for one in told
        for name, law in one.sent
        if not judge.permits(one.asked, every.served[name].deployment, law)
    ]


@pytest.mark.parametrize("gateways", [1, 3])
def test_ours_places_nothing_where_the_law_does_not_permit_it_whatever_fails(gateways: int) -> None:
    told = played(ours(gateways=gateways), plan(CALENDAR.length_s, seed=3))

    assert sum(len(one.sent) for one in told) > len(told) / 2
    assert unlawful(told) == []
    assert unaccounted(told) == []


def test_ours_refuses_by_law_exactly_what_the_law_permits_nowhere() -> None:
    told = played(ours(), Plan((), suspended_at_s=1e6, suspended="granite"))

    refused = {one.asked.number for one in told if one.ending == "refused"}
    assert refused == {one.asked.number for one in told if not one.permitted}
    assert refused
    assert Counter(one.ending for one in told)["served"] == len(told) - len(refused)


def test_the_same_requests_without_a_law_go_where_they_may_not() -> None:
    told = played(least_busy(lawful=False), plan(CALENDAR.length_s, seed=3))

    assert {"health", "forbidden", "personal"} <= set(unlawful(told))
    assert unaccounted(told) == []


def test_a_peer_restricted_to_the_law_keeps_it() -> None:
    assert unlawful(played(least_busy(lawful=True), plan(CALENDAR.length_s, seed=3))) == []


def test_a_suspended_model_is_used_before_the_order_and_not_after_it() -> None:
    every, law = facts()
    half_s = CALENDAR.length_s / 2
    told = played(ours(), Plan((), suspended_at_s=half_s, suspended="granite"))

    sent = [placement for one in told for placement in one.sent]
    by_law = {
        ruling.stamp.orders: {every.served[name].deployment.model for name, by in sent if by is ruling}
        for ruling in law
    }
    assert "granite" in by_law[law.before.stamp.orders]
    assert "granite" not in by_law[law.after.stamp.orders]


def test_when_every_site_is_down_each_request_is_unavailable_with_a_reason() -> None:
    down = Plan(
        tuple(Trouble(0.0, 1e6, place.name, Fault.REFUSES) for place in PLACES), suspended_at_s=1e6, suspended=""
    )
    told = played(ours(), down)

    assert {one.ending for one in told} == {"refused", "unavailable"}
    assert unaccounted(told) == []
    assert not any(one.lost for one in told)


def test_the_same_seed_gives_the_same_day() -> None:
    first, again = (played(ours(gateways=2), plan(CALENDAR.length_s, seed=3)) for _ in range(2))

    assert [(one.ending, one.first_s, [name for name, _ in one.sent]) for one in first] == [
        (one.ending, one.first_s, [name for name, _ in one.sent]) for one in again
    ]


def test_the_quick_bench_runs_and_keeps_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--quick", "--out", str(tmp_path)])

    bench.main()

    kept = json.loads((tmp_path / "fleet_quick.json").read_text())
    by_strategy = {(day["strategy"], day["lawful"]): day["figures"] for day in kept["days"]}
    assert by_strategy["ours", True]["violations"] == 0
    assert by_strategy["round-robin", False]["violations"] > 0
    figures = by_strategy["ours", True]
    ended = sum(figures[ending] for ending in ("served", "cut", "refused", "unavailable"))
    assert ended == figures["asked"] > 100
    assert "Only where the law permits" in capsys.readouterr().out


def test_what_a_choice_costs_is_measured_at_35_sites_of_20_models() -> None:
    figures = decision_cost.measured(0.01, None)

    pools = {"apertus-70b (35)", "assistant (175)", "auto (700)"}
    assert {f"ours, {pool}, {kind}" for pool in pools for kind in ("public", "personal", "health")} <= figures.keys()
    assert all(figure > 0 for figure in figures.values())
