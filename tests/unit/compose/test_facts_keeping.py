"""What a gateway holds of the facts: those in force, those before, and never those that were refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.facts_kit import document, facts

from bouclier.compose.configuration_model import Configuration, DeploymentSettings
from bouclier.compose.facts_keeping import FactsKeeping
from bouclier.terms.errors import CharterError

TODAY = dt.date(2026, 11, 22)
DAY, TOMORROW = 20261122, 20261123
SEATS = ("FR", "US", "DE", "IT", "ES")


def keeping() -> FactsKeeping:
    usual = Configuration()
    acme = DeploymentSettings(name="acme", base_url="http://127.0.0.1:9", model="m", operator="acme")
    return FactsKeeping(replace(usual, engine=replace(usual.engine, model="off"), deployments=(acme,)))


def prepared(kept: FactsKeeping, seat: str) -> str:
    registry = kept.registry(facts(seat))
    kept.prepare(registry, TODAY)
    return registry.digest


def test_the_same_object_stands_for_the_same_facts_on_the_same_day() -> None:
    kept = keeping()
    french = prepared(kept, "FR")
    known = kept.deployments(french, DAY)
    assert kept.deployments(french, DAY) is known
    assert kept.deployments(french, TOMORROW) is not known
    american = prepared(kept, "US")
    assert kept.deployments(american, DAY)["acme"].exposure.control == ("US",)
    assert kept.deployments(french, DAY) is known


def test_what_is_in_force_is_held_however_many_others_are_looked_at() -> None:
    kept = keeping()
    french = prepared(kept, "FR")
    for seat in SEATS[1:]:
        prepared(kept, seat)
        prepared(kept, "FR")
    assert kept.deployments(french, DAY)["acme"].exposure.control == ("FR",)
    kept = keeping()
    gone = prepared(kept, "FR")
    for seat in SEATS[1:]:
        prepared(kept, seat)
    with pytest.raises(CharterError, match="the facts it was decided by are gone"):
        kept.deployments(gone, 20261130)


def test_facts_hold_for_periods_and_a_day_that_nobody_prepared_is_worked_out_when_it_is_asked() -> None:
    kept = keeping()
    french = prepared(kept, "FR")
    assert kept.deployments(french, 20400101)["acme"].name == "acme"


def test_facts_that_were_refused_are_refused_again_without_being_held() -> None:
    kept = keeping()
    wrong = document("France")
    errors = []
    for _ in range(2):
        with pytest.raises(CharterError, match=r"registry\.json:\d+: entities\[0\]\.seat") as caught:
            kept.registry(wrong)
        errors.append(caught.value)
    assert errors[0] is errors[1], "read once"
    assert kept.registry(facts()).digest
