"""The facts that come with Bouclier say what the published schemas allow, and what we believe of the world."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import msgspec
import pytest

from bouclier.registry import exposure_of, suggest
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.registry.model import LawsFile, LegalArea, OperatorsFile
from bouclier.terms.law import Exposure

REGISTRY = load_registry()
DATA = resources.files("bouclier.registry") / "data"
FILES = [("operators", OperatorsFile), ("laws", LawsFile), ("area", LegalArea)]


def read(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def shape(schema: Any) -> Any:
    """A JSON Schema without its prose."""
    if isinstance(schema, dict):
        prose = isinstance(schema.get("description"), str)
        return {key: shape(part) for key, part in schema.items() if not (prose and key == "description")}
    return [shape(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", [name for name, _ in FILES])
def test_the_packaged_facts_respect_their_published_schema(name: str) -> None:
    jsonschema.Draft202012Validator(read(f"{name}.schema.json")).validate(read(f"{name}.json"))


@pytest.mark.parametrize(("name", "kind"), FILES)
def test_the_published_schemas_describe_the_types_that_read_the_facts(name: str, kind: type) -> None:
    published = read(f"{name}.schema.json")
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(kind)))
    assert shape({key: published[key] for key in generated}) == shape(generated)


def test_the_legal_area_is_the_27_member_states_and_the_three_others_of_the_eea() -> None:
    members = REGISTRY.area.members
    assert sum(member.through == "EU" for member in members) == 27
    assert {member.code for member in members if member.through == "EEA"} == {"IS", "LI", "NO"}
    assert {"GB", "CH", "US"}.isdisjoint(REGISTRY.members)


def test_every_fact_is_in_alphabetical_order_so_that_a_change_reads_well() -> None:
    operators = [operator["id"] for operator in read("operators.json")["operators"]]
    laws = [law["id"] for law in read("laws.json")["laws"]]
    assert operators == sorted(operators)
    assert laws == sorted(laws)


def test_a_fact_nobody_read_again_is_not_called_verified() -> None:
    general = [operator for operator in REGISTRY.operators.values() if "public-knowledge" in operator.source.kind]
    assert len(general) > 30
    assert not any(operator.verified for operator in general)


def test_the_institution_itself_is_exposed_to_nobody() -> None:
    assert exposure_of(REGISTRY, "self") == Exposure(known=True)


def test_an_american_operator_is_within_reach_of_american_law() -> None:
    exposure = exposure_of(REGISTRY, "openai")
    assert exposure.known
    assert exposure.control == ("US",)
    assert exposure.foreign_laws == ("law-of-US", "us-cloud-act", "us-fisa-702")
    assert exposure.contested == ("us-eo-12333",)


def test_control_counts_where_the_machines_stand_does_not_excuse() -> None:
    operator = REGISTRY.operators["aws-esc"]
    assert (operator.seat, operator.hosting) == ("DE", ("DE",))
    assert "law-of-US" in exposure_of(REGISTRY, "aws-esc", site_country="DE").foreign_laws


def test_a_subsidiary_elsewhere_is_contested_and_does_not_count_as_reached() -> None:
    exposure = exposure_of(REGISTRY, "ovhcloud")
    assert exposure == Exposure(known=True, control=("FR",), contested=("ca-production-order", "us-cloud-act"))


def test_a_site_outside_the_legal_area_is_under_the_law_of_its_state() -> None:
    assert exposure_of(REGISTRY, "ovhcloud", site_country="FR").foreign_laws == ()
    assert exposure_of(REGISTRY, "ovhcloud", site_country="CA").foreign_laws == ("law-of-CA",)


def test_a_seat_outside_the_legal_area_counts_even_if_control_is_inside() -> None:
    assert exposure_of(REGISTRY, "exoscale").foreign_laws == ("law-of-CH", "law-of-MX")


def test_a_dependency_on_foreign_technology_without_control_is_only_noted() -> None:
    assert "Google" in REGISTRY.operators["s3ns"].notes
    assert exposure_of(REGISTRY, "s3ns") == Exposure(known=True, control=("FR",))


@pytest.mark.parametrize("publisher", ["bloom", "apertus", "eurollm"])
def test_who_only_publishes_weights_is_nobody_s_host(publisher: str) -> None:
    assert exposure_of(REGISTRY, publisher) == Exposure(known=False)


def test_an_operator_nobody_described_is_unknown() -> None:
    assert exposure_of(REGISTRY, "nuage-exemple") == Exposure(known=False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ovh", "ovhcloud"),
        ("OVHCloud", "ovhcloud"),
        ("scalway", "scaleway"),
        ("aws-ecs", "aws-esc"),
        ("qqqq", None),
        ("", None),
    ],
)
def test_a_slip_of_the_keyboard_is_recognised(typed: str, meant: str | None) -> None:
    assert suggest(REGISTRY, typed) == meant
