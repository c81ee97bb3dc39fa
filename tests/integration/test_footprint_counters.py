"""Counters of energy, read from a tree of files as Linux lays it out."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.footprint_kit import facts

from bouclier.compose.configuration_model import DeploymentSettings
from bouclier.compose.footprint_data import Counters, counters_for, counters_here, runs_on_cards_here
from bouclier.compose.footprint_metering import Machine, Metering
from bouclier.footprint import Declared, ModelSize
from bouclier.footprint.adapters.nvml import NvmlCounter, find_nvml
from bouclier.footprint.adapters.rapl import RaplCounter, find_rapl
from bouclier.gateway.ports import Usage
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Deployment, Exposure, Openness

if TYPE_CHECKING:
    from pathlib import Path

MAX = 262_143_328_850
EMBEDDED = Deployment(
    name="embedded",
    model="petit-7b",
    operator="self",
    operator_name="Essai",
    site="local",
    own=True,
    openness=Openness.OPEN,
    exposure=Exposure(known=True),
    country="FR",
)


def domain(powercap: Path, folder: str, name: str, energy_uj: int) -> Path:
    path = powercap / folder
    path.mkdir(parents=True)
    (path / "name").write_text(f"{name}\n")
    (path / "energy_uj").write_text(f"{energy_uj}\n")
    (path / "max_energy_range_uj").write_text(f"{MAX}\n")
    return path


def counter(powercap: Path) -> RaplCounter:
    found = find_rapl(powercap)
    assert isinstance(found, RaplCounter)
    return found


def test_packages_and_their_memory_are_added_up_and_nothing_is_counted_twice(tmp_path: Path) -> None:
    counted = [
        domain(tmp_path, "intel-rapl:0", "package-0", 1_000),
        domain(tmp_path, "intel-rapl:0:1", "dram", 10),
        domain(tmp_path, "intel-rapl:1", "package-1", 5_000),
    ]
    within = [
        domain(tmp_path, "intel-rapl:0:0", "core", 1),
        domain(tmp_path, "intel-rapl:2", "psys", 1),
        domain(tmp_path, "intel-rapl-mmio:0", "package-0", 1),
    ]
    rapl = counter(tmp_path)
    for path in (*counted, *within):
        (path / "energy_uj").write_text(f"{int((path / 'energy_uj').read_text()) + 100}\n")
    assert rapl.read_uj() == 300


def test_a_counter_that_wraps_around_is_followed(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", MAX - 40)
    rapl = counter(tmp_path)
    (path / "energy_uj").write_text("60\n")
    assert rapl.read_uj() == 100
    (path / "energy_uj").write_text("70\n")
    assert rapl.read_uj() == 110


def test_a_counter_that_vanishes_is_silent(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 1)
    rapl = counter(tmp_path)
    (path / "energy_uj").unlink()
    assert rapl.read_uj() is None


def test_a_machine_without_counters_says_so(tmp_path: Path) -> None:
    assert isinstance(find_rapl(tmp_path), Bilingual)
    assert isinstance(find_rapl(tmp_path / "absent"), Bilingual)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_counter_only_root_may_read_says_so(tmp_path: Path) -> None:
    (domain(tmp_path, "intel-rapl:0", "package-0", 1) / "energy_uj").chmod(0)
    found = find_rapl(tmp_path)
    assert isinstance(found, Bilingual)
    assert "root" in found.en


def test_a_counter_that_shows_no_number_says_so(tmp_path: Path) -> None:
    (domain(tmp_path, "intel-rapl:0", "package-0", 1) / "energy_uj").write_text("?\n")
    assert isinstance(find_rapl(tmp_path), Bilingual)


def test_cards_are_said_to_be_absent_or_are_read() -> None:
    found = find_nvml()
    assert isinstance(found, Bilingual | NvmlCounter)
    if isinstance(found, Bilingual):
        assert "nvml" in found.en.lower() or "NVIDIA" in found.en


class Binding:
    """The calls of NVIDIA's binding that are used, on cards that answer, or do not any more."""

    class NVMLError(Exception):
        pass

    def __init__(self) -> None:
        self.millijoules: dict[str, int | None] = {"card 0": 5_000, "card 1": 7_000}

    def nvmlDeviceGetTotalEnergyConsumption(self, card: str) -> int:  # noqa: N802 -- its name
        told = self.millijoules[card]
        if told is None:
            raise self.NVMLError
        return told


def test_cards_are_added_up_from_the_first_reading_in_millionths_of_a_joule() -> None:
    binding = Binding()
    cards = NvmlCounter(binding, ["card 0", "card 1"])
    binding.millijoules = {"card 0": 5_002, "card 1": 7_003}
    assert cards.read_uj() == 5_000
    binding.millijoules["card 1"] = None
    assert cards.read_uj() is None


def test_each_deployment_is_measured_by_what_it_computes_on(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "package-0", 0)
    processors, cards = counter(tmp_path), NvmlCounter(Binding(), ["card 0"])
    names = {"on_processors": ["embedded"], "on_cards": ["vllm-a", "vllm-b"]}
    both = counters_for(Counters(processors, cards), **names)
    assert both == {"embedded": processors, "vllm-a": cards, "vllm-b": cards}
    absent = Bilingual("aucune", "none")
    assert counters_for(Counters(processors, absent), **names) == {"embedded": processors}
    assert counters_for(Counters(absent, absent), **names) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"base_url": "http://[::1]:8000/v1"}, True),
        ({"base_url": "http://localhost:8000/v1"}, True),
        ({"base_url": "https://gpu.example.fr/v1"}, False),
        ({"engine": "ollama"}, False),
        ({"operator": "scaleway"}, False),
    ],
)
def test_only_an_engine_of_this_machine_known_to_use_cards_is_measured_by_them(
    changes: dict[str, str], *, expected: bool
) -> None:
    values: dict[str, Any] = {
        "name": "vllm",
        "base_url": "http://127.0.0.1:8000/v1",
        "operator": "self",
        "engine": "vllm",
        "model": "m",
    }
    assert runs_on_cards_here(DeploymentSettings(**{**values, **changes})) is expected


def test_an_exchange_of_the_embedded_engine_costs_what_was_measured_meanwhile(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    clock = [0.0]
    metering = metering_of(tmp_path, clock)
    metering.began("embedded", "x")
    (path / "energy_uj").write_text("36000000\n")  # 36 J = 10 mWh
    clock[0] = 4.0
    cost = metering.after("embedded", usage(tokens=40, latency_ms=4_000), exchange_id="x")
    assert cost.method == "measured-rapl-1"
    # A tenth below and PUE 1; twice above and the PUE of a site nobody described, 2.5.
    assert list(cost.energy_uwh) == pytest.approx([9_000, 50_000], abs=1)


def test_what_was_not_measured_is_estimated(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    metering = metering_of(tmp_path, [0.0])
    metering.began("embedded", "x")
    (path / "energy_uj").unlink()
    assert metering.after("embedded", usage(tokens=40, latency_ms=4_000), exchange_id="x").method == "cpu-time-1"
    unseen = metering.after("embedded", usage(tokens=40, latency_ms=4_000), exchange_id="y")
    assert unseen.method == "cpu-time-1"
    assert metering.so_far("embedded", usage(tokens=40, latency_ms=4_000)) == unseen


def test_the_end_may_be_told_before_or_after_the_cost_is_asked(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    metering = metering_of(tmp_path, [0.0])
    for exchange, end_first in (("x", True), ("y", False)):
        metering.began("embedded", exchange)
        (path / "energy_uj").write_text(f"{int((path / 'energy_uj').read_text()) + 1_000_000}\n")
        if end_first:
            metering.ended("embedded", exchange, tokens=40)
        cost = metering.after("embedded", usage(tokens=40, latency_ms=4_000), exchange_id=exchange)
        metering.ended("embedded", exchange, tokens=40)
        assert cost.method == "measured-rapl-1", exchange


def test_what_an_attempt_used_is_not_taken_for_what_the_next_one_did(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    metering = metering_of(tmp_path, [0.0])
    metering.began("embedded", "x")
    (path / "energy_uj").write_text("36000000\n")
    metering.ended("embedded", "x", tokens=None)  # it failed there, and goes on elsewhere
    cost = metering.after("paris", usage(tokens=40, latency_ms=4_000), exchange_id="x")
    assert cost.method == "ecologits-0.11"


def test_an_exchange_that_is_decided_anew_for_the_same_engine_is_measured_from_there(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    metering = metering_of(tmp_path, [0.0])
    costs = []
    for number, exchange in enumerate("xy", 1):
        metering.began("embedded", "x")
        metering.ended("embedded", "x", tokens=None)  # the law changed before anything was sent
        metering.began("embedded", exchange)
        (path / "energy_uj").write_text(f"{36_000_000 * number}\n")
        costs.append(metering.after("embedded", usage(tokens=40, latency_ms=4_000), exchange_id=exchange))
    assert costs[0] == costs[1]
    assert list(costs[0].energy_uwh) == pytest.approx([9_000, 50_000], abs=1)


def test_what_an_exchange_may_cost_is_no_less_than_what_it_costs(tmp_path: Path) -> None:
    metering = metering_of(tmp_path, [0.0])
    before = metering.before("embedded", prompt_tokens=10, answer_tokens=40)
    assert before >= metering.after("embedded", usage(tokens=40, latency_ms=5_000), exchange_id="x").carbon_ug[1]
    assert metering.before("embedded", prompt_tokens=10, answer_tokens=None) >= before


def test_measured_comes_before_declared_and_declared_before_estimated(tmp_path: Path) -> None:
    path = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    declared = {name: Declared(400, "mesure") for name in ("embedded", "paris")}
    metering = metering_of(tmp_path, [0.0], declared=declared)
    metering.began("embedded", "x")
    (path / "energy_uj").write_text("36000000\n")
    for name, method in (("embedded", "measured-rapl-1"), ("paris", "declared-1")):
        assert metering.after(name, usage(tokens=40, latency_ms=4_000), exchange_id="x").method == method
    told = metering.so_far("paris", usage(tokens=40, latency_ms=4_000))
    assert (told.carbon_ug, told.source) == ((0, 400 * 50), "mesure")


def test_a_declared_figure_reserves_what_was_read_too_and_no_less_than_it_costs(tmp_path: Path) -> None:
    metering = metering_of(tmp_path, [0.0], declared={"paris": Declared(400, "mesure")})
    assert metering.before("paris", prompt_tokens=12, answer_tokens=40) == 400 * 52
    uncounted = Usage(prompt_tokens=None, completion_tokens=40, prompt_estimate=12, answer_chars=160, latency_ms=4_000)
    assert metering.after("paris", uncounted, exchange_id="x").carbon_ug == (0, 400 * 52)


def test_a_deployment_that_counts_no_tokens_pays_for_what_was_sent_and_what_came(tmp_path: Path) -> None:
    metering = metering_of(tmp_path, [0.0], declared={"paris": Declared(400, "mesure")})
    silent = Usage(prompt_tokens=0, completion_tokens=0, prompt_estimate=400, answer_chars=800, latency_ms=4_000)
    assert metering.after("paris", silent, exchange_id="x").carbon_ug == (0, 400 * (100 + 100))


def test_this_machine_is_looked_at_without_harm() -> None:
    for found in counters_here():
        assert isinstance(found, Bilingual) or found.read_uj() is not None


def metering_of(powercap: Path, clock: list[float], *, declared: dict[str, Declared] | None = None) -> Metering:
    found = find_rapl(powercap)
    counters: dict[str, Any] = {} if isinstance(found, Bilingual) else {"embedded": found}
    return Metering(
        facts(),
        deployment_of={"embedded": EMBEDDED, "paris": replace(EMBEDDED, name="paris")}.__getitem__,
        size_of=lambda _: ModelSize((7, 7)),
        machines={"embedded": Machine(processors=2, slots=1)},
        counters=counters,
        declared=declared,
        clock_s=lambda: clock[0],
    )


def usage(*, tokens: int | None, latency_ms: int) -> Usage:
    return Usage(
        prompt_tokens=10, completion_tokens=tokens, prompt_estimate=12, answer_chars=160, latency_ms=latency_ms
    )
