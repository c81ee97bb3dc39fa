"""The pictures of a gateway's deployments: by the facts in force today, once a day, and of nothing it does not know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.facts_kit import facts

from bouclier.compose.configuration_model import Configuration, DeploymentSettings
from bouclier.compose.exposure_pictures import ExposurePictures
from bouclier.compose.facts_keeping import FactsKeeping

if TYPE_CHECKING:
    from bouclier.registry import Registry

TODAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY_MS = 86_400_000


def keeping(service: str = "") -> FactsKeeping:
    usual = Configuration()
    acme = DeploymentSettings(name="acme", base_url="http://127.0.0.1:9", model="m", operator="acme", service=service)
    return FactsKeeping(replace(usual, engine=replace(usual.engine, model="off"), deployments=(acme,)))


@dataclass
class Law:
    """What is in force, as a test says."""

    seat: str = "US"
    facts: FactsKeeping = field(default_factory=keeping)

    @property
    def registry(self) -> Registry:
        registry = self.facts.registry(facts(self.seat))
        self.facts.prepare(registry, TODAY.date())
        return registry


@dataclass
class Packaged:
    """The packaged facts, in force."""

    facts: FactsKeeping

    @property
    def registry(self) -> Registry:
        registry = self.facts.registry(None)
        self.facts.prepare(registry, TODAY.date())
        return registry


class Clock:
    def __init__(self) -> None:
        self.now_ms = int(TODAY.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now_ms


def test_what_is_drawn_are_the_laws_that_decisions_count() -> None:
    law = Law()
    drawn = ExposurePictures(law, Clock())("acme", "en")

    assert drawn is not None
    deployment = law.facts.deployments(law.registry.digest, 20261122)["acme"]
    assert deployment.exposure.foreign_laws
    assert {one.state for one in drawn.laws if not one.contested} == {"United States"}
    assert drawn.registry == law.registry.digest
    assert drawn.day == TODAY.date()
    assert drawn.svg.startswith(b"<svg")


def test_it_is_drawn_once_a_day_and_anew_when_the_facts_change() -> None:
    law, clock = Law(), Clock()
    pictures = ExposurePictures(law, clock)
    first = pictures("acme", "fr")
    assert pictures("acme", "fr") is first
    assert pictures("acme", "en") is not first

    clock.now_ms += DAY_MS
    tomorrow = pictures("acme", "fr")
    assert first is not None
    assert tomorrow is not None
    assert tomorrow.day == first.day + dt.timedelta(days=1)

    law.seat = "FR"
    french = pictures("acme", "fr")
    assert french is not None
    assert french.laws == ()


def test_of_a_name_that_is_not_there_nothing_is_drawn() -> None:
    assert ExposurePictures(Law(), Clock())("nobody", "fr") is None


def test_of_a_service_that_is_somebody_else_s_nothing_is_drawn() -> None:
    law = Packaged(keeping(service="azure-openai"))

    assert law.registry.services["azure-openai"].operator != "acme"
    assert ExposurePictures(law, Clock())("acme", "fr") is None
