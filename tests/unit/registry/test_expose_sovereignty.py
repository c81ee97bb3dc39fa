"""The EU Cloud Sovereignty Framework as far as facts allow: intervals, what bounds them, gates, and the score."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

import jsonschema
import msgspec
import pytest
from tests.exposure_kit import FRAMEWORK, Fact, company, exactly, fact, holds, registry, report, service

from bouclier.registry.framework import Framework, parse_framework
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from bouclier.registry.report_model import Objective, Report

DATA = resources.files("bouclier.registry") / "data"
WHOLE = [company("op"), company("state", "FR", kind="state")]
HELD = [holds("state", "op", 100)]
ABROAD = [company("op"), company("state", "FR", kind="state"), company("us", "US", ultimate=True)]


def assessed(objective: str = "SOV-1", seal: int = 3, score: float | None = None, **more: object) -> Fact:
    return fact(service="api", objective=objective, seal=seal, score=score, **more)


def judged(
    assessments: list[Fact],
    *,
    entities: list[Fact] = WHOLE,
    edges: list[Fact] = HELD,
    countries: tuple[str, ...] = ("FR",),
    **gates: int,
) -> Report:
    facts = registry(
        entities=entities, edges=edges, services=[service("api", "op", *countries)], assessments=assessments
    )
    return report(facts, "api", gates={name.replace("_", "-"): level for name, level in gates.items()})


def objective(found: Report, name: str = "SOV-1") -> Objective:
    (one,) = (one for one in found.sovereignty.objectives if one.id == name)
    return one


def test_the_packaged_framework_respects_its_published_schema_and_the_schema_the_types() -> None:
    written = json.loads((DATA / "framework.json").read_bytes())
    schema = json.loads((DATA / "framework.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(written)
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(Framework)))
    assert {key: schema[key] for key in generated} == generated


def test_the_weights_are_those_of_the_framework_and_make_100() -> None:
    assert [one.weight for one in FRAMEWORK.objectives] == [15, 10, 10, 15, 20, 15, 10, 5]
    assert FRAMEWORK.formula.confidence == "unverified"


@pytest.mark.parametrize(
    "changed",
    [{"objectives": []}, {"levels": []}, {"caps": [{"id": "other", "objectives": [], "seal": 1}]}, {"extra": 1}],
)
def test_a_framework_that_contradicts_itself_is_refused(changed: Fact) -> None:
    written = json.loads((DATA / "framework.json").read_bytes())
    with pytest.raises(ConfigurationError):
        parse_framework(json.dumps(written | changed).encode())


def test_without_an_assessment_all_is_possible_and_no_score_is_made_up() -> None:
    found = judged([])
    assert {one.seal for one in found.sovereignty.objectives} == {(0, 4)}
    assert (found.sovereignty.score.low, found.sovereignty.score.high) == exactly(0, 100)
    assert found.sovereignty.gates is None


def test_an_assessment_holds_where_facts_exclude_what_would_undo_it() -> None:
    found = judged([assessed(seal=4)])
    assert (objective(found).seal, objective(found).why, objective(found).unless) == ((4, 4), (), ())


def test_an_assessment_counts_only_on_days_on_which_it_held_for_certain() -> None:
    renewed = [assessed("SOV-5", 2, until="2026-11"), assessed("SOV-5", 3, since="2026-11")]
    assert objective(judged(renewed), "SOV-5").seal == (0, 4)


@pytest.mark.parametrize(
    ("edges", "sov1", "why"),
    [
        ([holds("us", "op", 100)], (1, 1), ("outside-control",)),
        ([holds("us", "op", 49, veto=True), holds("state", "op", 51)], (2, 2), ("shared-control",)),
        ([holds("us", "op", 10), holds("state", "op", 90)], (3, 3), ("outside-holders",)),
    ],
)
def test_what_facts_say_of_control_and_holders_bounds_the_level(
    edges: list[Fact], sov1: tuple[int, int], why: tuple[str, ...]
) -> None:
    found = objective(judged([assessed(seal=4)], entities=ABROAD, edges=edges))
    assert (found.seal, found.why) == (sov1, why)


def test_what_facts_do_not_exclude_bounds_only_what_is_certain() -> None:
    found = objective(judged([assessed(seal=4)], entities=[company("op")], edges=[]))
    assert (found.seal, found.why, found.unless) == ((1, 4), (), ("outside-control",))


def test_a_foreign_law_that_reaches_bounds_the_legal_objective_only() -> None:
    found = judged([assessed("SOV-2", 4), assessed("SOV-1", 4)], countries=("US",))
    assert objective(found, "SOV-2").seal == (2, 2)
    assert objective(found, "SOV-1").seal == (4, 4)


def test_a_foreign_law_that_reaches_only_if_the_machines_stand_there_bounds_from_below_alone() -> None:
    found = judged([assessed("SOV-2", 4)], countries=("FR", "US"))
    assert objective(found, "SOV-2").seal == (2, 4)


@pytest.mark.parametrize(
    ("seal", "gate", "passes"),
    [(3, 3, "pass"), (3, 4, "fail"), (3, 0, "pass"), (None, 1, "unknown"), (None, 0, "pass")],
)
def test_a_gate_is_passed_only_for_certain(seal: int | None, gate: int, passes: str) -> None:
    found = judged([] if seal is None else [assessed(seal=seal)], SOV_1=gate)
    assert (objective(found).passes, found.sovereignty.gates) == (passes, passes)


def test_one_gate_that_fails_fails_all() -> None:
    found = judged([assessed("SOV-1", 3), assessed("SOV-4", 1)], SOV_1=2, SOV_4=2, SOV_5=2)
    assert found.sovereignty.gates == "fail"


def test_the_score_is_points_times_weights_and_what_is_not_scored_stays_open() -> None:
    found = judged([assessed("SOV-5", 3, 80), assessed("SOV-8", 2, 50), assessed("SOV-4", 2)])
    assert (found.sovereignty.score.low, found.sovereignty.score.high) == exactly(18.5, 93.5)


def test_points_count_for_nothing_certain_where_the_level_is_not() -> None:
    found = judged([assessed("SOV-1", 4, 90)], entities=[company("op")], edges=[])
    assert (objective(found).score.low, objective(found).score.high) == exactly(0, 90)


def test_all_scored_in_full_makes_100() -> None:
    found = judged([assessed(f"SOV-{number}", 4, 100) for number in range(1, 9)])
    assert found.sovereignty.score.low == found.sovereignty.score.high == 100


def test_an_operator_of_several_services_has_no_assessment_of_its_own() -> None:
    facts = registry(
        entities=WHOLE,
        edges=HELD,
        services=[service("api", "op", "FR"), service("other", "op", "FR")],
        assessments=[assessed("SOV-5", 3)],
    )
    assert objective(report(facts, "op", "entity"), "SOV-5").seal == (0, 4)
    assert objective(report(facts, "api"), "SOV-5").seal == (3, 3)
