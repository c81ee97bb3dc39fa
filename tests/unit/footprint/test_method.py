"""What an exchange costs, by the published method and by time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.footprint_kit import facts, gauge

from bouclier.footprint import (
    DECLARED,
    Declared,
    Hosting,
    Mix,
    ModelSize,
    Range,
    Work,
    carbon_mg,
    footprint,
    gauge_of,
    measured,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "footprint" / "ecologits-0.11.3.json"
AN_ANSWER = Work(400, seconds=8.0)


def test_our_range_holds_what_ecologits_computes_for_the_same_inputs() -> None:
    vectors = json.loads(VECTORS.read_text("utf-8"))["vectors"]
    for one in vectors:
        mix = Mix("FR", Range(one["g_per_kwh"], one["g_per_kwh"]))
        size = ModelSize((one["total_b"],) * 2, (one["active_b"],) * 2)
        made = gauge_of(facts().method, size, Hosting(mix, (one["pue"], one["pue"])))
        cost = footprint(made, Work(one["tokens"], seconds=one["seconds"]))
        assert cost.energy_uwh.low <= one["energy_uwh"] <= cost.energy_uwh.high, one
        assert cost.carbon_ug.low <= one["carbon_ug"] <= cost.carbon_ug.high, one
        assert cost.embodied_ug.low <= one["embodied_ug"] <= cost.embodied_ug.high, one
    assert len(vectors) >= 50


def test_with_the_batch_the_method_sets_we_compute_what_ecologits_computes() -> None:
    method = facts().method
    as_published = replace(
        method, cards=replace(method.cards, batch=Range(64, 64), tokens_per_s=Range(1e-9, 1e9), first_s=0)
    )
    for one in json.loads(VECTORS.read_text("utf-8"))["vectors"]:
        mix = Mix("FR", Range(one["g_per_kwh"], one["g_per_kwh"]))
        size = ModelSize((one["total_b"],) * 2, (one["active_b"],) * 2)
        made = gauge_of(as_published, size, Hosting(mix, (one["pue"], one["pue"])))
        # Served speeds are not part of the vectors: what the regression says is in both bounds of a token's energy.
        per_token = made.token_uwh
        assert per_token.low == pytest.approx(per_token.high)
        server = one["energy_uwh"] - one["tokens"] * per_token.low
        assert server == pytest.approx(made.second_uwh.low * one["worked_s"], rel=1e-6, abs=1)


def test_a_token_of_a_larger_model_costs_more() -> None:
    small, large = (footprint(gauge(ModelSize((b, b), (b, b))), AN_ANSWER) for b in (7, 123))
    assert large.energy_uwh.low > small.energy_uwh.high


def test_the_same_answer_weighs_more_where_electricity_does() -> None:
    france, poland = (footprint(gauge(country=country), AN_ANSWER) for country in ("FR", "PL"))
    assert france.energy_uwh == poland.energy_uwh
    assert france.carbon_ug.high < poland.carbon_ug.low
    assert france.zone == "FR"


def test_an_unknown_grid_is_the_worlds_and_has_no_zone() -> None:
    unknown = footprint(gauge(country="XX"), AN_ANSWER)
    assert unknown.zone is None
    assert unknown.carbon_ug.low > 0
    assert unknown.carbon_ug.high >= max(
        footprint(gauge(country=zone), AN_ANSWER).carbon_ug.high for zone in facts().mixes.zones
    )


def test_an_unknown_model_counts_as_the_largest_that_is_known() -> None:
    unknown = footprint(gauge(ModelSize()), AN_ANSWER)
    largest = footprint(gauge(ModelSize((5400, 5400), (1800, 1800))), AN_ANSWER)
    smallest = footprint(gauge(ModelSize((0.28, 0.28), (0.28, 0.28))), AN_ANSWER)
    assert unknown.energy_uwh.high >= largest.energy_uwh.high
    assert unknown.energy_uwh.low <= smallest.energy_uwh.low


def test_uncounted_tokens_are_bounded_by_the_characters_of_the_answer() -> None:
    counted = footprint(gauge(), Work(500, seconds=8.0))
    uncounted = footprint(gauge(), Work(None, 2000, 8.0))
    assert uncounted.energy_uwh.low < counted.energy_uwh.low
    assert uncounted.energy_uwh.high > counted.energy_uwh.high


def test_nothing_written_and_no_time_costs_nothing_at_least() -> None:
    cost = footprint(gauge(), Work(0, seconds=0.0))
    assert cost.energy_uwh == (0, 0)
    assert cost.carbon_ug == (0, 0)


def test_a_machine_without_cards_is_counted_by_time_and_by_core() -> None:
    two, four = (footprint(gauge(processors=cores), Work(40, seconds=10.0)) for cores in (2, 4))
    assert two.method == "cpu-time-1"
    assert two.energy_uwh.high * 2 == pytest.approx(four.energy_uwh.high, rel=1e-4)
    # 2 cores x 10 s x 1 to 16 W x PUE 1.3
    assert list(two.energy_uwh) == pytest.approx([7_222, 115_556], abs=2)


def test_exchanges_at_once_may_share_the_machine_or_not() -> None:
    alone, shared = (footprint(gauge(processors=2, slots=slots), Work(40, seconds=10.0)) for slots in (1, 4))
    assert shared.energy_uwh.high == alone.energy_uwh.high
    assert shared.energy_uwh.low == pytest.approx(alone.energy_uwh.low / 4, abs=1)


def test_what_is_measured_takes_the_place_of_the_estimate_with_its_own_error() -> None:
    made = gauge(processors=2)
    cost = measured(made, "measured-rapl-1", Range(360_000_000, 360_000_000), Work(40, seconds=10.0))
    # 360 J = 0.1 Wh; a tenth below, twice above; PUE 1.3
    assert list(cost.energy_uwh) == pytest.approx([117_000, 260_000], abs=1)
    assert cost.method == "measured-rapl-1"
    assert cost.embodied_ug == footprint(made, Work(40, seconds=10.0)).embodied_ug


def test_a_declared_figure_is_what_each_token_read_or_written_weighs_at_most() -> None:
    made = replace(gauge(ModelSize()), declared=Declared(400, "mesure"))
    cost = footprint(made, Work(5, seconds=2.0, read=25))
    assert cost.carbon_ug == (0, 12_000)
    assert (cost.method, cost.source, cost.zone) == (DECLARED, "mesure", "FR")
    estimated = footprint(gauge(ModelSize()), Work(5, seconds=2.0, read=25))
    assert cost.energy_uwh == estimated.energy_uwh  # nobody declared it, and nothing is deduced
    assert estimated.carbon_ug.high > 12_000
    assert estimated.source is None


def test_a_declared_figure_counts_as_many_tokens_as_there_may_be_where_nobody_counted_them() -> None:
    made = replace(gauge(), declared=Declared(400, "mesure"))
    assert footprint(made, Work(None, chars=40, seconds=2.0)).carbon_ug == (0, 400 * 41)


def test_what_is_measured_comes_before_what_is_declared() -> None:
    made = replace(gauge(processors=2), declared=Declared(400, "mesure"))
    work = Work(40, seconds=10.0, read=10)
    cost = measured(made, "measured-rapl-1", Range(360_000_000, 360_000_000), work)
    assert cost == measured(gauge(processors=2), "measured-rapl-1", Range(360_000_000, 360_000_000), work)
    assert (cost.method, cost.source) == ("measured-rapl-1", None)


def test_the_figure_of_a_deployment_is_its_upper_bound_for_a_thousand_tokens() -> None:
    made = gauge()
    assert carbon_mg(made) == -(-footprint(made, Work(1000)).carbon_ug.high // 1000)
    assert carbon_mg(made) > 0
