"""A configured deployment with what the registry says of it on a day: certain facts help, vague ones do not."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
from tests.registry_kit import DOCUMENT, bent, with_more, written

from bouclier.compose.configuration import Configuration, configuration_of
from bouclier.compose.deployments import deployments_of, warn_of_unknown
from bouclier.compose.registry_exposure import deployment_exposure, facts_at, runs_services
from bouclier.registry import Registry, parse_registry
from bouclier.terms.law import Deployment, Openness

DAY = dt.date(2026, 11, 22)


def registry(document: dict[str, Any] = DOCUMENT) -> Registry:
    return parse_registry({"faits.json": written(document)})


def configuration(**settings: str) -> Configuration:
    usual = {"name": "d", "base_url": "https://x.example/v1", "model": "essai", "operator": "acme", "site": "salle-1"}
    fields = ", ".join(f"{name}: {value}" for name, value in {**usual, **settings}.items())
    return configuration_of(
        f"institution: {{name: Nous}}\nengine: {{model: 'off'}}\ndeployments: [{{{fields}}}]",
        source=None,
        environment={},
    )


def deployed(document: dict[str, Any] = DOCUMENT, *, day: dt.date = DAY, **settings: str) -> Deployment:
    return deployments_of(configuration(**settings), registry(document), day)["d"]


def test_a_site_of_the_operator_says_country_and_power_usage() -> None:
    found = deployed(site="acme-paris")
    assert (found.country, found.pue, found.zone) == ("FR", 1.2, None)
    assert deployed(bent("sites", 0, zone="FR-1"), site="acme-paris").zone == "FR-1"


def test_a_site_of_somebody_else_says_nothing() -> None:
    elsewhere = {"id": "zeta-1", "name": "Z", "operator": "zeta", "country": "FR", "pue": 1.1}
    found = deployed(with_more("sites", elsewhere), site="zeta-1")
    assert (found.country, found.pue) == (None, None)


def test_a_site_that_is_closed_says_nothing() -> None:
    assert deployed(bent("sites", 0, to="2026"), site="acme-paris").country is None


def test_of_two_countries_that_contradict_neither_is_believed() -> None:
    assert deployed(site="acme-paris", country="DE").country is None
    assert deployed(site="acme-paris", country="FR").country == "FR"


def test_a_country_that_is_configured_stands_where_the_registry_says_none() -> None:
    assert deployed(country="DE").country == "DE"
    assert deployed().country is None


def test_a_site_whose_name_begins_with_a_country_of_the_operator_stands_there() -> None:
    document = bent("services", 0, countries=["DE"])
    assert deployed(document, site="de-fra").country == "DE"
    assert deployed(document, site="ca-bhs").country is None


def test_qualifications_are_those_of_the_service_that_is_named_until_their_last_day() -> None:
    assert deployed(service="acme-api").qualifications == ("hds@20270629",)
    assert deployed().qualifications == ()
    assert deployed(service="acme-api", qualifications="[{name: c5, source: rapport}]").qualifications == (
        "c5",
        "hds@20270629",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"status": "claimed"},
        {"status": "in-progress"},
        {"confidence": "unverified"},
        {"confidence": "low"},
        {"from": ...},  # nobody knows since when
        {"from": "2026"},  # some day of this year: perhaps not yet
        {"to": "2026"},  # likewise: perhaps no more
    ],
)
def test_a_qualification_that_is_not_certain_does_not_count(change: dict[str, Any]) -> None:
    assert deployed(bent("qualifications", 0, **change), service="acme-api").qualifications == ()


def test_a_qualification_ends_with_the_day_before_the_one_on_which_it_holds_no_more() -> None:
    assert deployed(day=dt.date(2027, 6, 29), service="acme-api").qualifications == ("hds@20270629",)
    assert deployed(day=dt.date(2027, 6, 30), service="acme-api").qualifications == ()


def test_a_label_of_some_version_is_that_label() -> None:
    document = bent("qualifications", 0, name="secnumcloud-3.2", to=...)
    assert deployed(document, service="acme-api").qualifications == ("secnumcloud", "secnumcloud-3.2")
    document = bent("qualifications", 0, name="iso-27001", to=...)
    assert deployed(document, service="acme-api").qualifications == ("iso-27001",)


def test_openness_is_the_model_s_where_it_is_not_configured() -> None:
    assert deployed().openness is Openness.OPEN
    assert deployed(model="autre").openness is Openness.UNKNOWN
    assert deployed(open_weights="false").openness is Openness.CLOSED
    twins = with_more("models", {"id": "autre", "name": "Autre", "weights": "closed", "names": ["essai"]})
    assert deployed(twins).openness is Openness.UNKNOWN


def test_a_figure_nobody_declares_is_the_upper_estimate_for_the_model_s_size_and_none_without_one() -> None:
    sized = bent("models", 0, parameters_b=[7, 7])
    somewhere, france = deployed(sized).carbon_mg, deployed(sized, country="FR").carbon_mg
    assert somewhere is not None
    assert france is not None
    assert 0 < france < somewhere
    assert deployed(sized, carbon="{mg_per_1000_tokens: 12, source: mesure}").carbon_mg == 12
    # The largest model there is would bound it; a charter's cap would then stop whatever nobody described.
    assert deployed().carbon_mg is None
    assert deployed(model="autre", country="FR").carbon_mg is None


def test_who_can_be_compelled_depends_on_the_day() -> None:
    # Zeta, in the United States, gets the majority in 2027.
    document = with_more("edges", {"holder": "zeta", "held": "acme", "votes": 60, "from": "2027-02"})
    document["edges"][0]["to"] = "2027-01"
    document["edges"][1]["to"] = "2027-01"
    before, after = (deployed(document, day=day, country="FR").exposure for day in (DAY, dt.date(2027, 2, 1)))
    assert (before.known, before.foreign_laws) == (True, ())
    assert {"law-of-US", "us-essai"} <= set(after.foreign_laws)


def test_a_service_of_somebody_else_leaves_everything_assumed() -> None:
    document = with_more("services", {"id": "zeta-api", "name": "Z", "operator": "zeta", "kind": "inference-api"})
    assert not deployed(document, service="zeta-api", country="FR").exposure.known


def test_a_service_nobody_described_counts_as_all_of_the_operator_s() -> None:
    abroad = {"id": "acme-far", "name": "Far", "operator": "acme", "kind": "hosting", "countries": ["CA"]}
    document = with_more("services", abroad)
    named, unknown = (deployed(document, service=name).exposure for name in ("acme-api", "nothing-like-it"))
    unnamed = deployed(document).exposure
    assert "law-of-CA" not in named.foreign_laws
    assert "law-of-CA" in unnamed.foreign_laws
    assert unknown == unnamed


def test_what_the_institution_runs_itself_bears_its_name() -> None:
    found = deployed(operator="self")
    assert (found.own, found.operator_name, found.exposure.known, found.exposure.foreign_laws) == (
        True,
        "Nous",
        True,
        (),
    )


def test_what_the_institution_runs_itself_abroad_is_reached_by_the_law_of_that_state() -> None:
    assert deployed(operator="self", country="US").exposure.foreign_laws == ("law-of-US",)
    assert deployed(operator="self", country="FR").exposure.foreign_laws == ()


@pytest.mark.parametrize(("country", "laws"), [("US", ("law-of-US",)), ("FR", ()), (None, ())])
def test_the_embedded_engine_is_reached_by_the_law_of_the_state_it_stands_in(
    country: str | None, laws: tuple[str, ...]
) -> None:
    stands = "" if country is None else f", country: {country}"
    configured = configuration_of(f"engine: {{model: smollm2-135m{stands}}}", source=None, environment={})
    found = deployments_of(configured, registry(), DAY)["embedded"].exposure
    assert (found.known, found.foreign_laws) == (True, laws)


def test_of_two_countries_of_an_own_machine_the_one_that_exposes_counts() -> None:
    ours = with_more("sites", {"id": "salle-us", "name": "S", "operator": "self", "country": "US"})
    for found in (
        deployed(ours, operator="self", site="salle-us", country="FR"),
        deployed(ours, operator="self", site="salle-us"),
    ):
        assert (found.country, found.exposure.foreign_laws) == ("US", ("law-of-US",))


def test_an_own_machine_that_names_the_service_of_somebody_else_is_unknown() -> None:
    assert not deployed(operator="self", service="acme-api").exposure.known


def test_what_is_decided_is_what_would_be_decided_again() -> None:
    found = deployed(service="acme-api", site="acme-paris")
    again = deployment_exposure(facts_at(registry(), DAY), found.operator, service=found.service, country=found.country)
    assert again == found.exposure


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"operator": "acmee"}, 'did you mean "acme"'),
        ({"service": "acme-ap"}, 'did you mean "acme-api"'),
        ({"operator": "zeta", "service": "acme-api"}, 'run by "acme"'),
        ({"site": "acme-paris", "country": "DE"}, "neither is believed"),
        ({"service": "acme-api", "site": "acme-paris"}, None),
        ({"operator": "self"}, "does not say where it stands"),
        ({"operator": "self", "country": "FR"}, None),
    ],
)
def test_whoever_runs_the_gateway_is_told_what_the_registry_does_not_know(
    settings: dict[str, str], said: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "bouclier.compose"):
        warn_of_unknown(configuration(**settings), registry())
    assert [said in record.getMessage() for record in caplog.records if said] == ([True] if said else [])
    assert len(caplog.records) == (1 if said else 0)


def test_who_only_publishes_weights_runs_no_service() -> None:
    lab = {"id": "labo", "name": "Labo", "kind": "consortium", "publishes_only": True}
    known = registry(with_more("entities", lab))
    assert [runs_services(known, name) for name in ("acme", "labo", "inconnu")] == [True, False, False]
