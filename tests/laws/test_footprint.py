"""Laws of footprints: more never costs less, bounds are ordered, and what is not known never lowers the upper one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.footprint_kit import facts

from bouclier.footprint import Declared, Hosting, Mix, ModelSize, Range, Work, footprint, gauge_of, measured
from bouclier.footprint.power import EnergyShares
from bouclier.footprint.shown import usage_carbon

if TYPE_CHECKING:
    from bouclier.footprint import Footprint

METHOD, MIXES = facts()
UNKNOWN = METHOD.total_b_unknown
ZONES = sorted(MIXES.zones)


@st.composite
def ordered(draw: st.DrawFn, low: float, high: float) -> tuple[float, float]:
    one, other = draw(st.floats(low, high)), draw(st.floats(low, high))
    return (min(one, other), max(one, other))


@st.composite
def sizes(draw: st.DrawFn) -> ModelSize:
    """Sizes that exist: within those of the models that are known, and no sparser than the sparsest."""
    total = draw(ordered(UNKNOWN.low, UNKNOWN.high))
    share = draw(ordered(METHOD.sparsest, 1))
    active = [min(METHOD.active_b_unknown, one * part) for one, part in zip(total, share, strict=True)]
    return ModelSize(total, (active[0], active[1]))


@st.composite
def hostings(draw: st.DrawFn, *, cards: bool | None = None) -> Hosting:
    on_cards = draw(st.booleans()) if cards is None else cards
    return Hosting(
        mix=MIXES.zones[draw(st.sampled_from(ZONES))],
        pue=draw(ordered(METHOD.pue_unknown.low, METHOD.pue_unknown.high)),
        processors=None if on_cards else draw(st.integers(1, 256)),
        watts_per_processor=draw(ordered(METHOD.processors.watts.low, METHOD.processors.watts.high)),
        slots=draw(st.integers(1, 64)),
    )


@st.composite
def works(draw: st.DrawFn) -> Work:
    """What can be: a token has a character at least, and no more than the most it may have."""
    tokens = draw(st.integers(0, 200_000))
    chars = draw(st.integers(tokens, tokens * 8))
    return Work(tokens, chars, draw(st.floats(0, 10_000)))


def cost(size: ModelSize, hosting: Hosting, work: Work) -> Footprint:
    return footprint(gauge_of(METHOD, size, hosting), work)


def no_lower(more: Footprint, less: Footprint) -> bool:
    return all(
        more_one.low >= less_one.low and more_one.high >= less_one.high
        for more_one, less_one in (
            (more.energy_uwh, less.energy_uwh),
            (more.carbon_ug, less.carbon_ug),
            (more.embodied_ug, less.embodied_ug),
        )
    )


@given(sizes(), hostings(), works())
def test_bounds_are_ordered_and_the_machine_is_part_of_the_carbon(size: ModelSize, at: Hosting, work: Work) -> None:
    spent = cost(size, at, work)
    for span in (spent.energy_uwh, spent.carbon_ug, spent.embodied_ug):
        assert 0 <= span.low <= span.high
    assert spent.embodied_ug.low <= spent.carbon_ug.low
    assert spent.embodied_ug.high <= spent.carbon_ug.high


@given(sizes(), hostings(), works(), st.integers(0, 100_000))
def test_more_tokens_never_cost_less(size: ModelSize, at: Hosting, work: Work, more: int) -> None:
    assert work.tokens is not None
    assert no_lower(cost(size, at, work._replace(tokens=work.tokens + more)), cost(size, at, work))


@given(sizes(), hostings(), works(), st.integers(0, 100_000))
def test_more_characters_never_cost_less(size: ModelSize, at: Hosting, work: Work, more: int) -> None:
    uncounted = work._replace(tokens=None)
    assert no_lower(cost(size, at, uncounted._replace(chars=work.chars + more)), cost(size, at, uncounted))


@given(sizes(), hostings(), works(), st.floats(0, 10_000))
def test_more_time_never_costs_less(size: ModelSize, at: Hosting, work: Work, more: float) -> None:
    assert work.seconds is not None
    assert no_lower(cost(size, at, work._replace(seconds=work.seconds + more)), cost(size, at, work))


@given(sizes(), hostings(cards=True), works(), st.floats(1, 4))
def test_a_larger_model_never_costs_less(size: ModelSize, at: Hosting, work: Work, times: float) -> None:
    assert size.total_b is not None
    assert size.active_b is not None
    larger = ModelSize(*((low * times, high * times) for low, high in (size.total_b, size.active_b)))
    assert no_lower(cost(larger, at, work), cost(size, at, work))


@example(
    ModelSize((1.0, 1.0), (1.0, 1.0)),
    Hosting(MIXES.zones["FR"], (1.0, 1.0), processors=1, watts_per_processor=(1.0, 1.0)),
    Work(0, 0, 121.0),
    "tokens",
)
@given(
    sizes(),
    hostings(),
    works(),
    st.sampled_from(["size", "active", "pue", "mix", "watts", "tokens", "seconds"]),
)
def test_a_missing_figure_never_lowers_the_upper_bound_nor_raises_the_lower(
    size: ModelSize, at: Hosting, work: Work, missing: str
) -> None:
    if missing == "seconds" and work.seconds is not None:
        # What is assumed where nobody measured is the slowest that was observed: slower than that, it was measured.
        assert work.tokens is not None
        slowest = gauge_of(METHOD, size, at)
        seconds = min(work.seconds, slowest.first_s + work.tokens * slowest.token_s.high)
        fastest = work.tokens * slowest.token_s.low
        work = work._replace(seconds=max(seconds, fastest))
    less_size = {"size": ModelSize(), "active": ModelSize(size.total_b)}.get(missing, size)
    less_at = {
        "pue": replace(at, pue=None),
        "mix": replace(at, mix=MIXES.unknown),
        "watts": replace(at, watts_per_processor=None),
    }.get(missing, at)
    less_work = {"tokens": work._replace(tokens=None), "seconds": work._replace(seconds=None)}.get(missing, work)
    known, unknown = cost(size, at, work), cost(less_size, less_at, less_work)
    for known_span, unknown_span in (
        (known.energy_uwh, unknown.energy_uwh),
        (known.carbon_ug, unknown.carbon_ug),
        (known.embodied_ug, unknown.embodied_ug),
    ):
        assert unknown_span.high >= known_span.high
        assert unknown_span.low <= known_span.low


@given(sizes(), hostings(), works(), st.integers(1, 10**7), st.integers(0, 200_000), st.integers(0, 10**5))
def test_what_is_declared_is_never_passed_never_narrows_energy_and_more_of_it_never_costs_less(
    size: ModelSize, at: Hosting, work: Work, ug: int, read: int, more: int
) -> None:
    estimating = gauge_of(METHOD, size, at)
    declaring = replace(estimating, declared=Declared(ug, "said"))
    work = work._replace(read=read)
    spent = footprint(declaring, work)
    assert work.tokens is not None
    assert spent.carbon_ug == (0, ug * (work.tokens + read))
    assert spent.energy_uwh == footprint(estimating, work).energy_uwh
    assert no_lower(footprint(replace(declaring, declared=Declared(ug + more, "said")), work), spent)
    assert no_lower(footprint(declaring, work._replace(read=read + more)), spent)
    uncounted = footprint(declaring, work._replace(tokens=None))
    assert uncounted.carbon_ug.high >= spent.carbon_ug.high


@given(sizes(), hostings(), works())
def test_units_round_trip(size: ModelSize, at: Hosting, work: Work) -> None:
    spent = cost(size, at, work)
    shown = usage_carbon(spent)
    assert [round(shown["kWh"][bound] * 1e9) for bound in ("min", "max")] == list(spent.energy_uwh)
    assert [round(shown["kgCO2eq"][bound] * 1e9) for bound in ("min", "max")] == list(spent.carbon_ug)


@given(hostings(cards=False), works(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_measured_energy_never_costs_less(at: Hosting, work: Work, joules: int, more: int) -> None:
    made = gauge_of(METHOD, ModelSize((7, 7)), at)
    for counter in METHOD.measured:
        less = measured(made, counter, Range(joules, joules), work)
        assert no_lower(measured(made, counter, Range(joules + more, joules + more), work), less)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 1_000), st.none() | st.integers(0, 500)), max_size=40)
)
def test_lower_shares_never_add_up_to_more_than_was_measured_nor_upper_ones_to_less(
    events: list[tuple[str, int, int | None]],
) -> None:
    shares = EnergyShares()
    reading, under_way = 0, set[str]()
    low = high = 0.0
    shares.read(0)
    for step, (name, used, tokens) in enumerate([*events, *((name, 7, 3) for name in "abcde")]):
        reading += used
        if name in under_way or step >= len(events):
            share = shares.end(name, reading, now_s=step, tokens=tokens)
            under_way.discard(name)
            if share is not None:
                low, high = low + share.low, high + share.high
        else:
            shares.begin(name, reading, now_s=step)
            under_way.add(name)
    busy = reading - shares.idle_uj
    assert low <= busy + 1e-6 * (busy + 1)
    assert high >= busy - 1e-6 * (busy + 1)


@given(st.floats(0.001, 2000), st.floats(0.001, 2000))
def test_a_heavier_grid_never_weighs_less(one: float, other: float) -> None:
    light, heavy = sorted((one, other))
    size = ModelSize((7, 7), (7, 7))
    spent = [
        cost(size, Hosting(Mix("FR", Range(grams, grams)), (1.2, 1.2)), Work(400, seconds=5))
        for grams in (light, heavy)
    ]
    assert no_lower(spent[1], spent[0])
    assert spent[0].energy_uwh == spent[1].energy_uwh


def test_every_zone_lies_within_the_worlds_range() -> None:
    for mix in MIXES.zones.values():
        assert MIXES.unknown.g_per_kwh.low <= mix.g_per_kwh.low
        assert mix.g_per_kwh.high <= MIXES.unknown.g_per_kwh.high == pytest.approx(1306.27)
