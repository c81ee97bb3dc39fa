"""Where an exchange runs: what costs the institution least, by what it weighs; what is unknown never helps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.fleet import cost_of, fulfilling, in_order, place, ranked
from bouclier.terms.content import DataClass
from bouclier.terms.duties import Means
from bouclier.terms.errors import DeploymentUnavailable
from bouclier.terms.exchange import ChatRequest, Inspected, Permitted, Placed, Received
from bouclier.terms.law import (
    Budget,
    Case,
    Deployment,
    Exposure,
    LawStamp,
    Load,
    Openness,
    Principal,
    Terms,
    Verdict,
    Weights,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE = Exposure(known=True, control=("FR",))
REQUEST = ChatRequest(
    model="auto", stream=False, raw=b"{}", body={}, parts=(), uninspected=0, json_answer=False, detail=False
)


def deployment(name: str, exposure: Exposure = NOWHERE, *, own: bool = False) -> Deployment:
    return Deployment(
        name=name,
        model="m",
        operator="operator",
        operator_name="Operator",
        site="site",
        own=own,
        openness=Openness.OPEN,
        exposure=exposure,
    )


OWN = deployment("own", own=True)
HOME = deployment("home")
CONTESTED = deployment("contested", Exposure(known=True, contested=("x-law",)))
ONE_LAW = deployment("one-law", Exposure(known=True, foreign_laws=("a-law",)))
TWO_LAWS = deployment("two-laws", Exposure(known=True, foreign_laws=("a-law", "b-law")))
UNKNOWN = deployment("unknown", Exposure(known=False))
BY_EXPOSURE = (OWN, HOME, CONTESTED, ONE_LAW, TWO_LAWS, UNKNOWN)


def permitted(
    *deployments: Deployment,
    refused: tuple[Deployment, ...] = (),
    loads: Mapping[str, Load] | None = None,
    tried: tuple[str, ...] = (),
    duties: tuple[str, ...] = (),
    weights: Weights = Weights(),  # noqa: B008 -- frozen
    budget: Budget = Budget.WITHIN,
    exchange: str = "0" * 32,
) -> Permitted:
    received = Received(
        exchange_id="0" * 32, principal=Principal("p"), purpose="test", declared_class=None, request=REQUEST
    )
    case = Case(role="agent", purpose="test", data_class=DataClass.INTERNAL)
    return Permitted(
        inspected=Inspected(received=received, findings=(), case=case, uninspected=0),
        case=case,
        law=LawStamp(charter="c" * 64, orders="d" * 64, root=1, timestamp=1, registry="22" * 32),
        warnings={},
        candidates=tuple(Verdict(one, permitted=True, policies=(), duties=duties) for one in deployments),
        refused=tuple(Verdict(one, permitted=False, policies=()) for one in refused),
        loads=loads or {},
        terms=Terms(exchange, weights=weights, budget=budget, tried=tried),
    )


MEANS = Means(sourced=False, reviewed=False, tokens=1_000)


def order(placed: Placed) -> list[str]:
    return [verdict.deployment.name for verdict in (placed.chosen, *placed.spares)]


@given(st.permutations(BY_EXPOSURE))
def test_the_least_exposed_comes_first_whatever_the_order_of_the_configuration(some: list[Deployment]) -> None:
    assert order(place(permitted(*some), MEANS)) == [one.name for one in BY_EXPOSURE]


def test_among_equally_exposed_the_one_that_answers_first_comes_first() -> None:
    some = (deployment("b"), deployment("c"), deployment("a"))
    loads = {"a": Load(wait_ms=900), "b": Load(wait_ms=40), "c": Load(wait_ms=300)}
    assert order(place(permitted(*some, loads=loads), MEANS)) == ["b", "c", "a"]


def test_an_own_machine_comes_first_unless_a_foreign_law_reaches_it_like_any_other() -> None:
    abroad = replace(ONE_LAW, name="abroad", own=True)
    disputed = replace(CONTESTED, name="disputed", own=True)
    assert order(place(permitted(HOME, abroad, OWN, disputed), MEANS)) == ["own", "home", "disputed", "abroad"]


def test_no_wait_makes_an_exposed_deployment_pass_before_a_less_exposed_one_unless_exposure_has_a_price() -> None:
    loads = {"home": Load(wait_ms=90_000), "one-law": Load(wait_ms=100)}
    assert order(place(permitted(ONE_LAW, HOME, loads=loads), MEANS)) == ["home", "one-law"]
    priced = Weights(exposure_ms=20_000)
    assert order(place(permitted(ONE_LAW, HOME, loads=loads, weights=priced), MEANS)) == ["one-law", "home"]
    dear = Weights(exposure_ms=50_000)
    assert order(place(permitted(ONE_LAW, HOME, loads=loads, weights=dear), MEANS)) == ["home", "one-law"]


def test_what_sparing_carbon_and_money_is_worth_is_waited_for_and_no_longer() -> None:
    clean, quick = replace(deployment("clean"), carbon_mg=100), replace(deployment("quick"), carbon_mg=2_100)
    worth_a_second = Weights(carbon_ms=500)
    for wait_ms, first in ((999, "clean"), (1_001, "quick")):
        loads = {"clean": Load(wait_ms=wait_ms), "quick": Load()}
        assert order(place(permitted(clean, quick, loads=loads, weights=worth_a_second), MEANS))[0] == first
    cheap, fast = replace(clean, name="cheap", price_ueur=100), replace(clean, name="fast", price_ueur=1_100)
    for wait_ms, first in ((299, "cheap"), (301, "fast")):
        loads = {"cheap": Load(wait_ms=wait_ms), "fast": Load()}
        assert order(place(permitted(cheap, fast, loads=loads, weights=Weights(price_ms=300)), MEANS))[0] == first


@given(st.integers(0, 100_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_an_unknown_price_or_carbon_counts_for_more_than_any_known_one(
    figure: int, price_ms: int, carbon_ms: int
) -> None:
    weights = Weights(price_ms=price_ms, carbon_ms=carbon_ms)
    known = replace(HOME, price_ueur=figure, carbon_mg=figure)
    for unknown in (replace(known, price_ueur=None), replace(known, carbon_mg=None)):
        assert cost_of(unknown, 0, weights, Budget.WITHIN) >= cost_of(known, 0, weights, Budget.WITHIN)


def test_an_application_that_has_spent_its_budget_gets_the_lightest_and_one_that_overspent_it_nothing() -> None:
    heavy, light = replace(OWN, carbon_mg=900), replace(ONE_LAW, carbon_mg=20)
    for budget, first in ((Budget.WITHIN, "own"), (Budget.WARN, "own"), (Budget.LIGHTEN, "one-law")):
        assert order(place(permitted(heavy, light, UNKNOWN, budget=budget), MEANS))[0] == first
    assert order(place(permitted(heavy, light, UNKNOWN, budget=Budget.LIGHTEN), MEANS))[-1] == "unknown"
    with pytest.raises(DeploymentUnavailable):
        place(permitted(heavy, light, budget=Budget.REFUSE), MEANS)


def test_equals_share_the_exchanges_and_an_exchange_always_finds_the_same_one() -> None:
    some = tuple(deployment(name) for name in "abcd")
    chosen = [order(place(permitted(*some, exchange=f"{number:032x}"), MEANS))[0] for number in range(400)]
    assert chosen == [
        order(place(permitted(*some[::-1], exchange=f"{number:032x}"), MEANS))[0] for number in range(400)
    ]
    assert all(chosen.count(name) > 60 for name in "abcd")


def test_what_is_unavailable_or_was_tried_is_skipped() -> None:
    placed = place(permitted(*BY_EXPOSURE, loads={"own": Load(available=False)}, tried=("home", "unknown")), MEANS)
    assert order(placed) == ["contested", "one-law", "two-laws"]


def test_what_is_forbidden_is_never_chosen_nor_a_spare() -> None:
    assert order(place(permitted(TWO_LAWS, refused=(OWN, HOME)), MEANS)) == ["two-laws"]


@pytest.mark.parametrize("tried", [(), ("one-law",)])
def test_when_nothing_permitted_can_serve_the_error_names_the_candidates(tried: tuple[str, ...]) -> None:
    loads = {"home": Load(available=False), "one-law": Load(available=bool(tried))}
    with pytest.raises(DeploymentUnavailable) as raised:
        place(permitted(HOME, ONE_LAW, loads=loads, tried=tried), MEANS)
    message = raised.value.message
    assert "home: does not answer" in message.en
    assert f"one-law: {'has just failed' if tried else 'does not answer'}" in message.en
    assert "home : ne répond pas" in message.fr
    assert raised.value.hint.fr != raised.value.hint.en


LAWS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(tuple)
EXPOSURES = st.builds(Exposure, known=st.booleans(), foreign_laws=LAWS, contested=LAWS)
DEPLOYMENTS = st.lists(
    st.builds(deployment, st.sampled_from("pqrstu"), EXPOSURES, own=st.booleans()),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.name,
)
LOADS = st.dictionaries(
    st.sampled_from("pqrstu"), st.builds(Load, in_flight=st.integers(0, 5), wait_ms=st.integers(0, 5))
)


def position(name: str, deployments: list[Deployment], loads: dict[str, Load]) -> int:
    return order(place(permitted(*deployments, loads=loads), MEANS)).index(name)


@given(DEPLOYMENTS, LOADS, st.data(), st.sampled_from(["foreign_laws", "contested", "known"]))
def test_one_more_law_or_one_fact_less_never_moves_a_deployment_forward(
    deployments: list[Deployment], loads: dict[str, Load], data: st.DataObject, what: str
) -> None:
    at = data.draw(st.integers(0, len(deployments) - 1))
    exposure = deployments[at].exposure
    worse = {
        "foreign_laws": replace(exposure, foreign_laws=(*exposure.foreign_laws, "new")),
        "contested": replace(exposure, contested=(*exposure.contested, "new")),
        "known": replace(exposure, known=False),
    }[what]
    changed = list(deployments)
    changed[at] = replace(deployments[at], exposure=worse)
    name = deployments[at].name
    assert position(name, changed, loads) >= position(name, deployments, loads)


@given(DEPLOYMENTS, LOADS)
def test_every_permitted_deployment_is_in_the_order_once(deployments: list[Deployment], loads: dict[str, Load]) -> None:
    assert sorted(order(place(permitted(*deployments, loads=loads), MEANS))) == sorted(one.name for one in deployments)


@given(DEPLOYMENTS, LOADS)
def test_whoever_decides_again_from_what_was_recorded_gets_the_same_order(
    deployments: list[Deployment], loads: dict[str, Load]
) -> None:
    exchange = permitted(*deployments, loads=loads)
    assert [one.deployment.name for one in ranked(exchange.candidates, loads, exchange.terms)] == order(
        place(exchange, MEANS)
    )


@given(DEPLOYMENTS, LOADS, st.sampled_from([Weights(), Weights(exposure_ms=100, price_ms=3, carbon_ms=700)]))
def test_nothing_costs_less_than_what_it_costs_idle(
    deployments: list[Deployment], loads: dict[str, Load], weights: Weights
) -> None:
    for one in in_order(deployments, weights):
        wait_ms = loads.get(one.deployment.name, Load()).wait_ms
        assert one.least <= cost_of(one.deployment, wait_ms, weights, Budget.WITHIN)


def test_whose_duties_the_exchange_cannot_fulfil_is_never_chosen_nor_a_spare() -> None:
    light, heavy = replace(ONE_LAW, carbon_mg=10), replace(HOME, carbon_mg=2_000)
    under_a_cap = permitted(OWN, light, heavy, duties=("carbon-cap:1500",))
    assert order(place(under_a_cap, MEANS)) == ["one-law"]
    with pytest.raises(DeploymentUnavailable):
        place(permitted(HOME, duties=("ground",)), MEANS)


def test_what_an_exchange_brings_decides_which_duties_it_fulfils() -> None:
    verdicts = [
        Verdict(HOME, permitted=True, policies=(), duties=duties)
        for duties in ((), ("ground",), ("human-review",), ("ground", "human-review"), ("seal", "warn:x"))
    ]
    able = {
        (sourced, reviewed): [one.duties for one in fulfilling(verdicts, Means(sourced, reviewed, 1))]
        for sourced in (False, True)
        for reviewed in (False, True)
    }
    assert able[False, False] == [(), ("seal", "warn:x")]
    assert able[True, False] == [(), ("ground",), ("seal", "warn:x")]
    assert able[False, True] == [(), ("human-review",), ("seal", "warn:x")]
    assert able[True, True] == [one.duties for one in verdicts]
