"""GDPR chapter V: inside, adequate, with safeguards, or unknown; for machines and for people apart."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from tests.exposure_kit import Fact, company, fact, registry, report, service, supplied

from bouclier.registry.transfer import Decision, Decisions

if TYPE_CHECKING:
    from bouclier.registry.report_model import Transfer

OP = company("op", "FR", ultimate=True)


def decision(state: str, since: str = "2020-01-01", until: str | None = None, needs: str = "") -> Decision:
    end = None if until is None else dt.date.fromisoformat(until)
    return Decision(state, dt.date.fromisoformat(since), end, needs, f"{state}-decision", "https://example.org")


DECISIONS = Decisions(
    adequacy=(
        decision("CH"),
        decision("GB", until="2026-11-22"),
        decision("US", needs="dpf"),
        decision("JP", "2027-01-01"),
    )
)


def judged(*countries: str, country: str | None = None, held: list[Fact] | None = None, **more: object) -> Transfer:
    facts = registry(entities=[OP], services=[service("api", "op", *countries, **more)], qualifications=held or [])
    return report(facts, "api", decisions=DECISIONS, country=country).transfer


@pytest.mark.parametrize(
    ("countries", "basis"),
    [
        (("FR", "NO"), "inside"),
        (("CH",), "adequacy"),
        (("GB",), "safeguards"),
        (("JP",), "safeguards"),
        (("US",), "safeguards"),
        (("IN",), "safeguards"),
        (("FR", "CH"), "adequacy"),
        (("FR", "CH", "IN"), "safeguards"),
        ((), "unknown"),
    ],
)
def test_the_weakest_state_decides_that_day(countries: tuple[str, ...], basis: str) -> None:
    assert judged(*countries).machines == basis


@pytest.mark.parametrize(
    ("more", "basis"),
    [
        ({"status": "held"}, "adequacy"),
        ({"status": "claimed"}, "safeguards"),
        ({"status": "held", "until": "2026-11"}, "safeguards"),
        ({"status": "held", "since": "2026-11"}, "safeguards"),
        ({"status": "held", "name": "other"}, "safeguards"),
    ],
)
def test_a_decision_for_some_covers_only_a_service_that_is_among_them_for_certain(more: Fact, basis: str) -> None:
    held = fact(**{"service": "api", "name": "dpf", **more})
    found = judged("US", held=[held])
    assert found.machines == basis
    assert (found.destinations[0].decision, found.destinations[0].needs) == ("US-decision", "dpf")


def test_where_the_caller_says_it_runs_is_what_counts_if_the_facts_agree() -> None:
    assert judged("FR", "IN", country="FR").machines == "inside"
    assert judged("IN", country="FR").machines == "safeguards"


def test_reading_from_afar_is_a_transfer_too() -> None:
    found = judged("FR", staff=["FR", "IN"])
    assert (found.machines, found.people) == ("inside", "safeguards")
    assert judged("FR", staff=[]).people == "unknown"


def test_a_supplier_s_people_and_machines_count() -> None:
    facts = registry(
        entities=[OP],
        services=[service("api", "op", "FR"), service("help", "op", "CH", staff=["IN"])],
        supplies=[supplied("api", "help", "support", access="yes")],
    )
    found = report(facts, "api", decisions=DECISIONS).transfer
    assert (found.machines, found.people) == ("adequacy", "safeguards")


def test_the_union_of_the_charter_stands_for_that_of_the_area() -> None:
    facts = registry(entities=[OP], services=[service("api", "op", "RE")])
    at_home = Decisions(union=frozenset({"FR", "RE"}))
    assert report(facts, "api", decisions=at_home).transfer.machines == "inside"
    assert report(facts, "api").transfer.machines == "safeguards"


def test_nothing_leaves_the_institution_itself() -> None:
    found = report(registry(), "self", "entity").transfer
    assert (found.machines, found.people, found.destinations) == ("inside", "inside", ())
