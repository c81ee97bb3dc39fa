"""Laws of the registry: a fact can only add exposure, and what is not known never helps."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.registry import Registry, exposure_of, parse_registry
from bouclier.terms.errors import ConfigurationError
from bouclier.terms.law import Exposure

Facts = dict[str, Any]

STATES = ["FR", "DE", "US", "CN", "CH", "GB"]
LAWS = ["us-cloud-act", "us-fisa-702", "cn-nil", "fr-code", "gb-ipa"]
states = st.sampled_from(STATES)
law_ids = st.sampled_from(LAWS) | states.map(lambda state: f"law-of-{state}")
reaches = st.fixed_dictionaries(
    {"law": law_ids, "certainty": st.sampled_from(["established", "contested"]), "through": st.just("essai")}
)
operators = st.fixed_dictionaries(
    {
        "id": st.just("exemple"),
        "name": st.just("Exemple"),
        "control": st.lists(states, min_size=1, max_size=3),
        "seat": st.none() | states,
        "reaches": st.lists(reaches, max_size=3, unique_by=lambda reach: reach["law"]),
        "source": st.just({"kind": "invented", "ref": "test"}),
        "as_of": st.just("2026-01"),
    }
)
areas = st.sets(states, min_size=1, max_size=5)


def law(identifier: str) -> Facts:
    text = {"fr": "essai", "en": "trial"}
    return {
        "id": identifier,
        "jurisdiction": identifier[:2].upper(),
        "title": text,
        "allows": text,
        "basis": "art. 1",
        "as_of": "2026",
        "status": "in-force",
    }


def area_of(members: set[str]) -> Facts:
    return {
        "format": "bouclier-area/v1",
        "id": "essai",
        "name": {"fr": "essai", "en": "trial"},
        "members": [{"code": code, "through": "national"} for code in sorted(members)],
        "source": {"kind": "invented", "ref": "test"},
        "as_of": "2026",
    }


def registry_of(described: list[Facts], members: set[str], laws: list[str] | None = None) -> Registry:
    return parse_registry(
        json.dumps({"format": "bouclier-operators/v1", "operators": described}).encode(),
        json.dumps({"format": "bouclier-laws/v1", "laws": [law(name) for name in laws or LAWS]}).encode(),
        json.dumps(area_of(members)).encode(),
    )


def exposure(operator: Facts, members: set[str], site_country: str | None = None) -> Exposure:
    return exposure_of(registry_of([operator], members), "exemple", site_country=site_country)


def at_least(more: Exposure, less: Exposure) -> bool:
    """Whether one exposure holds all of another, nothing having become more doubtful than it was."""
    if not more.known:
        return True
    reached = set(more.foreign_laws)
    return (
        less.known
        and set(less.foreign_laws) <= reached
        and set(less.foreign_laws) | set(less.contested) <= reached | set(more.contested)
    )


@given(operators, areas, reaches)
def test_one_more_reach_never_lowers_exposure(operator: Facts, members: set[str], reach: Facts) -> None:
    others = [known for known in operator["reaches"] if known["law"] != reach["law"]]
    before = exposure({**operator, "reaches": others}, members)
    assert at_least(exposure({**operator, "reaches": [*others, reach]}, members), before)


@given(operators, areas, states)
def test_one_more_state_in_control_never_lowers_exposure(operator: Facts, members: set[str], state: str) -> None:
    controlled = {**operator, "control": [*operator["control"], state]}
    assert at_least(exposure(controlled, members), exposure(operator, members))


@given(operators, areas, states)
def test_knowing_where_a_deployment_stands_never_lowers_exposure(
    operator: Facts, members: set[str], state: str
) -> None:
    assert at_least(exposure(operator, members, site_country=state), exposure(operator, members))


@given(operators, areas)
def test_a_contested_reach_that_becomes_established_never_lowers_exposure(operator: Facts, members: set[str]) -> None:
    settled = [{**reach, "certainty": "established"} for reach in operator["reaches"]]
    assert at_least(exposure({**operator, "reaches": settled}, members), exposure(operator, members))


@given(operators, areas, states)
def test_a_state_that_leaves_the_legal_area_never_lowers_exposure(
    operator: Facts, members: set[str], state: str
) -> None:
    assert at_least(exposure(operator, members), exposure(operator, members | {state}))


@given(operators, areas)
def test_a_foreign_state_in_control_always_reaches(operator: Facts, members: set[str]) -> None:
    foreign = {state for state in operator["control"] if state not in members}
    assert {f"law-of-{state}" for state in foreign} <= set(exposure(operator, members).foreign_laws)


@given(operators, areas)
def test_only_foreign_laws_are_listed_each_once_and_sorted(operator: Facts, members: set[str]) -> None:
    found = exposure(operator, members)
    listed = [*found.foreign_laws, *found.contested]
    assert len(set(listed)) == len(listed)
    assert list(found.foreign_laws) == sorted(found.foreign_laws)
    assert list(found.contested) == sorted(found.contested)
    homes = {name.removeprefix("law-of-") if name.startswith("law-of-") else name[:2].upper() for name in listed}
    assert homes.isdisjoint(members)


@given(operators, areas, st.text())
def test_an_operator_without_facts_is_exposed_to_everything(operator: Facts, members: set[str], name: str) -> None:
    registry = registry_of([operator], members)
    if name != "exemple":
        assert exposure_of(registry, name) == Exposure(known=False)


@given(operators, areas, st.permutations(LAWS))
def test_the_digest_cites_facts_whatever_the_order_they_come_in(
    operator: Facts, members: set[str], laws: list[str]
) -> None:
    other = {**operator, "id": "autre"}
    one = registry_of([operator, other], members)
    shuffled = {key: operator[key] for key in reversed(operator)}
    assert registry_of([other, shuffled], members, laws).digest == one.digest


@given(operators, areas, reaches)
def test_the_digest_changes_with_any_fact(operator: Facts, members: set[str], reach: Facts) -> None:
    before = registry_of([operator], members)
    others = [known for known in operator["reaches"] if known["law"] != reach["law"]]
    changed = registry_of([{**operator, "reaches": [*others, {**reach, "through": "autre"}]}], members)
    later = registry_of([{**operator, "as_of": "2026-02"}], members)
    assert len({before.digest, changed.digest, later.digest}) == 3


def breakages(fact: Facts) -> st.SearchStrategy[Facts]:
    """The same fact with a required key gone, one unknown, or a value of another kind."""
    required = st.sampled_from(["id", "name", "control", "source", "as_of"])
    return st.one_of(
        required.map(lambda gone: {key: value for key, value in fact.items() if key != gone}),
        st.text(min_size=1, max_size=6).map(lambda extra: {**fact, f"x-{extra}": 1}),
        st.tuples(st.sampled_from(sorted(fact)), st.sampled_from([1, True, {}, [1], "", "FR\n"])).map(
            lambda change: {**fact, change[0]: change[1]}
        ),
        st.sampled_from(["fr", "FRA", "FR\n", "", None]).map(lambda code: {**fact, "control": [code]}),
        st.sampled_from(["26", "2026-13", "2026-01-32", "2026-1", "hier"]).map(lambda day: {**fact, "as_of": day}),
        st.just({**fact, "reaches": [{"law": "us-cloud-act", "certainty": "maybe", "through": "essai"}]}),
    )


SCHEMA = json.loads((resources.files("bouclier.registry") / "data" / "operators.schema.json").read_bytes())


@given(st.data(), operators)
def test_what_the_published_schema_rejects_is_rejected_when_read(data: st.DataObject, operator: Facts) -> None:
    broken = data.draw(breakages(operator))
    document = {"format": "bouclier-operators/v1", "operators": [broken]}
    if jsonschema.Draft202012Validator(SCHEMA).is_valid(document):
        registry_of([broken], {"FR"})
    else:
        with pytest.raises(ConfigurationError):
            registry_of([broken], {"FR"})
