"""The facts that come with Bouclier say what the published schema allows, and what their sources say of the world."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any, Final

import jsonschema
import msgspec
import pytest

from bouclier.registry.adapters.registry_files import load_registry
from bouclier.registry.expose import exposure_of
from bouclier.registry.model import Facts
from bouclier.registry.report_model import Subject

DAY: Final = dt.date(2026, 11, 22)
DATA = resources.files("bouclier.registry") / "data"
FILES = sorted(entry.name for entry in (DATA / "registry").iterdir() if entry.name.endswith(".json"))
REGISTRY = load_registry()

US, CN = ("us-cloud-act", "us-fisa-702", "us-eo-12333"), ("cn-nil", "cn-dsl", "cn-csl")
LAWS_NAMED: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("openai", "anthropic", "google", "azure", "aws", "aws-esc", "meta", "xai", "huggingface", "together", "groq"),
        US,
    ),
    **dict.fromkeys(("cerebras", "oracle", "ibm"), US),
    **dict.fromkeys(("deepseek", "alibaba", "moonshot", "zhipu", "minimax"), CN),
    "ovhcloud": ("us-cloud-act", "ca-production-order"),
    "aleph-alpha": ("ca-csis-act", "ca-production-order"),
    "cohere": ("ca-production-order", "us-cloud-act"),
    "infomaniak": ("ch-buepf",),
    "nebius": ("us-cloud-act",),
}
"""What the survey of operators that these facts come from says of extraterritorial laws."""


def read(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def shape(schema: Any) -> Any:
    """A JSON Schema without its prose."""
    if isinstance(schema, dict):
        prose = isinstance(schema.get("description"), str)
        return {key: shape(part) for key, part in schema.items() if not (prose and key == "description")}
    return [shape(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", FILES)
def test_the_packaged_facts_respect_the_published_schema(name: str) -> None:
    jsonschema.Draft202012Validator(read("registry.schema.json")).validate(read(f"registry/{name}"))


def test_the_published_schema_describes_the_types_that_read_the_facts() -> None:
    published = read("registry.schema.json")
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(Facts)))
    assert shape({key: published[key] for key in generated}) == shape(generated)


@pytest.mark.parametrize("name", FILES)
def test_facts_with_an_id_are_in_alphabetical_order_so_that_a_change_reads_well(name: str) -> None:
    for kind in ("entities", "services", "laws", "models"):
        ids = [fact["id"] for fact in read(f"registry/{name}").get(kind, [])]
        assert ids == sorted(ids)


def test_the_legal_area_is_the_27_member_states_and_the_three_others_of_the_eea() -> None:
    assert len(REGISTRY.members_on(DAY, through="EU")) == 27
    assert REGISTRY.members_on(DAY, through="EEA") == {"IS", "LI", "NO"}
    assert {"GB", "CH", "US"}.isdisjoint(REGISTRY.members_on(DAY))


@pytest.mark.parametrize(
    ("day", "union"),
    [
        (dt.date(1958, 1, 1), 6),
        (dt.date(1973, 1, 1), 9),
        (dt.date(1981, 1, 1), 10),
        (dt.date(1986, 1, 1), 12),
        (dt.date(1995, 1, 1), 15),
        (dt.date(2004, 5, 1), 25),
        (dt.date(2007, 1, 1), 27),
        (dt.date(2013, 7, 1), 28),
        (dt.date(2020, 2, 1), 27),
    ],
)
def test_the_union_had_as_many_members_as_after_each_enlargement_and_the_withdrawal(day: dt.date, union: int) -> None:
    assert len(REGISTRY.members_on(day, through="EU")) == union
    assert len(REGISTRY.members_on(day - dt.timedelta(days=1), through="EU")) != union


def test_british_law_is_foreign_to_machines_over_there_since_the_withdrawal() -> None:
    own = Subject("entity", "self")
    days = dt.date(2020, 1, 31), dt.date(2020, 2, 1)
    before, after = (exposure_of(REGISTRY, own, day=day, country="GB") for day in days)
    assert (before.foreign_laws, before.contested) == ((), ())
    assert "law-of-GB" in after.foreign_laws


def test_a_fact_nobody_looked_up_is_called_unverified() -> None:
    looked_up = {"cohere", "mistral", "outscale"}  # from a page as well
    general = [entity for entity in REGISTRY.entities.values() if entity.source.kind == "public-knowledge"]
    assert len(general) > 60
    assert {entity.confidence for entity in general} == {"unverified"}
    assert {REGISTRY.entities[name].confidence for name in looked_up} <= {"high", "medium"}


@pytest.mark.parametrize("operator", sorted(LAWS_NAMED))
def test_the_laws_that_the_survey_names_reach_the_operator(operator: str) -> None:
    exposure = exposure_of(REGISTRY, Subject("entity", operator), day=DAY, country="IE")
    assert exposure.known
    assert set(LAWS_NAMED[operator]) <= {*exposure.foreign_laws, *exposure.contested}


@pytest.mark.parametrize("operator", sorted(name for name, laws in LAWS_NAMED.items() if laws in (US, CN)))
def test_who_is_controlled_from_outside_is_reached_for_certain(operator: str) -> None:
    foreign = exposure_of(REGISTRY, Subject("entity", operator), day=DAY).foreign_laws
    assert {law for law in LAWS_NAMED[operator] if law != "us-eo-12333"} <= set(foreign)


def test_collection_that_compels_nobody_is_contested() -> None:
    assert exposure_of(REGISTRY, Subject("entity", "openai"), day=DAY).contested == ("us-eo-12333",)


def test_control_counts_where_the_machines_stand_does_not_excuse() -> None:
    exposure = exposure_of(REGISTRY, Subject("entity", "aws-esc"), day=DAY, country="DE")
    assert REGISTRY.entities["aws-esc"].seat == "DE"
    assert {"law-of-US", "us-cloud-act"} <= set(exposure.foreign_laws)


def test_an_announced_change_of_control_counts_from_its_first_possible_day() -> None:
    before, after = (
        exposure_of(REGISTRY, Subject("entity", "aleph-alpha"), day=day)
        for day in (dt.date(2026, 4, 23), dt.date(2026, 4, 24))
    )
    assert "law-of-CA" in after.foreign_laws
    assert not before.known or "law-of-CA" not in before.foreign_laws


def test_a_site_outside_the_legal_area_is_under_the_law_of_its_state() -> None:
    def laws(country: str) -> tuple[str, ...]:
        service = Subject("service", "ovhcloud-ai-endpoints")
        return exposure_of(REGISTRY, service, day=DAY, country=country).foreign_laws

    assert laws("FR") == ()
    assert laws("CA") == ("law-of-CA",)


def test_a_seat_outside_the_legal_area_counts_even_if_control_is_inside() -> None:
    assert {"law-of-CH", "law-of-MX"} <= set(exposure_of(REGISTRY, Subject("entity", "exoscale"), day=DAY).foreign_laws)


def test_a_dependency_on_foreign_technology_without_control_is_no_exposure() -> None:
    assert [supply.supplier for supply in REGISTRY.supplies["s3ns-premi3ns"]] == ["google"]
    exposure = exposure_of(REGISTRY, Subject("service", "s3ns-premi3ns"), day=DAY)
    assert (exposure.known, exposure.foreign_laws) == (True, ())


def test_the_institution_itself_is_exposed_to_nobody() -> None:
    exposure = exposure_of(REGISTRY, Subject("entity", "self"), day=DAY)
    assert (exposure.known, exposure.foreign_laws, exposure.contested) == (True, (), ())


@pytest.mark.parametrize("publisher", ["bloom", "apertus", "eurollm", "teuken", "linagora"])
def test_who_only_publishes_weights_is_nobody_s_host(publisher: str) -> None:
    assert REGISTRY.entities[publisher].publishes_only
    assert not exposure_of(REGISTRY, Subject("entity", publisher), day=DAY).known


def test_an_operator_nobody_described_is_unknown() -> None:
    assert not exposure_of(REGISTRY, Subject("entity", "nuage-exemple"), day=DAY).known


@pytest.mark.parametrize(
    ("service", "since"),
    [("s3ns-premi3ns", "2025-12-17"), ("outscale-iaas", "2023-12"), ("cloud-temple-iaas-paas", None)],
)
def test_a_qualification_is_the_service_s_and_dated_where_the_source_says(service: str, since: str | None) -> None:
    held = {one.name: one for one in REGISTRY.qualifications[service]}
    assert (held["secnumcloud-3.2"].status, held["secnumcloud-3.2"].since) == ("held", since)
    assert not any(one.name == "secnumcloud-3.2" for one in REGISTRY.qualifications.get("ovhcloud-ai-endpoints", ()))


def test_the_models_of_the_packaged_catalogue_are_described() -> None:
    catalogue = json.loads((resources.files("bouclier.fleet") / "data" / "catalogue.json").read_bytes())["models"]
    assert catalogue
    for model in catalogue:
        assert REGISTRY.models[model["name"]].licence == model["licence"]
        assert REGISTRY.models[model["name"]].weights == "open"
