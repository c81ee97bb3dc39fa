"""Which law reaches whom, through which chain: one rule, one test."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.exposure_kit import (
    DAY,
    Fact,
    chain,
    company,
    fact,
    holds,
    law,
    laws,
    only,
    registry,
    report,
    service,
    supplied,
)

from bouclier.registry.expose import exposure_of, summary
from bouclier.registry.model import Certainty
from bouclier.registry.report_model import Subject

US_LAW = law("us-act", "seat", "control")
AMERICAN = company("parent", "US", ultimate=True)
FRENCH = company("op", "FR", ultimate=True)


def test_where_the_machines_stand_does_not_excuse_who_controls() -> None:
    facts = registry(
        entities=[company("op", "FR"), company("holding", "DE"), AMERICAN],
        edges=[holds("holding", "op", 100), holds("parent", "holding", 51)],
        services=[service("api", "op", "FR")],
        laws=[US_LAW],
    )
    found = report(facts, "api")
    assert laws(found) == {"law-of-US": "established", "us-act": "established"}
    assert chain(only(found, "us-act", "control")) == ["api", "op", "holding", "parent", "US"]
    assert [str(step.percent) for step in only(found, "us-act", "control").chain] == ["None", "100", "51", "None"]
    assert found.known
    assert found.control == ("DE", "US")
    assert found.home == ("DE", "FR")


def test_each_step_of_a_chain_cites_the_fact_that_says_so() -> None:
    edge = holds("parent", "op", 100, source={"kind": "register", "ref": "RCS 123"}, since="2021-03")
    facts = registry(entities=[company("op"), AMERICAN], edges=[edge], services=[service("api", "op", "FR")])
    _, held, _ = only(report(facts, "api"), "law-of-US", "control").chain
    assert [(cited.source.ref, cited.since) for cited in held.facts if hasattr(cited, "since")] == [
        ("RCS 123", "2021-03")
    ]


def test_a_state_with_no_law_listed_reaches_all_the_same() -> None:
    facts = registry(entities=[company("op", "BR", ultimate=True)], services=[service("api", "op", "FR")])
    assert laws(report(facts, "api")) == {"law-of-BR": "established"}


def test_states_of_the_legal_area_are_at_home_and_not_foreign() -> None:
    facts = registry(entities=[company("op", "NO", ultimate=True)], services=[service("api", "op", "DE")])
    found = report(facts, "api")
    assert (found.reaches, found.home) == ((), ("DE", "FR", "NO"))


@pytest.mark.parametrize(
    ("triggers", "expected"),
    [
        (("seat", "control"), "established"),
        (("control",), "established"),
        (("seat",), "contested"),
        (("hosting",), None),
        ((), None),
    ],
)
def test_of_a_parent_a_law_by_control_is_sure_and_a_law_by_seat_alone_contested(
    triggers: tuple[str, ...], expected: str | None
) -> None:
    facts = registry(
        entities=[company("op"), AMERICAN],
        edges=[holds("parent", "op", 100)],
        services=[service("api", "op", "FR")],
        laws=[law("us-act", *triggers)],
    )
    assert laws(report(facts, "api")).get("us-act") == expected


def test_of_whoever_holds_the_data_a_law_by_seat_is_sure() -> None:
    facts = registry(entities=[AMERICAN], services=[service("api", "parent", "FR")], laws=[law("us-act", "seat")])
    assert laws(report(facts, "api"))["us-act"] == "established"


def test_a_listing_alone_is_contested() -> None:
    listed = company("op", "FR", ultimate=True, listed_in=["US", "FR"])
    facts = registry(entities=[listed], services=[service("api", "op", "FR")], laws=[law("us-act", "listing")])
    found = report(facts, "api")
    assert laws(found) == {"law-of-US": "contested", "us-act": "contested"}
    assert {one.trigger for one in found.reaches} == {"listing"}


def test_a_stated_reach_is_as_sure_as_it_says_and_says_how() -> None:
    reach = fact(law="us-act", whom="op", certainty="contested", through="a subsidiary")
    facts = registry(entities=[FRENCH], services=[service("api", "op", "FR")], laws=[US_LAW], reaches=[reach])
    found = report(facts, "api")
    assert laws(found) == {"us-act": "contested"}
    assert found.reaches[0].chain[-1].detail == "a subsidiary"


def test_people_with_access_abroad_bring_their_state_s_law() -> None:
    facts = registry(
        entities=[FRENCH], services=[service("api", "op", "FR", staff=["IN", "FR"])], laws=[law("in-act", "staff")]
    )
    assert laws(report(facts, "api")) == {"in-act": "established", "law-of-IN": "established"}


@pytest.mark.parametrize(
    ("countries", "said", "expected"),
    [
        (("FR",), None, {}),
        (("CA",), None, {"law-of-CA": "established"}),
        (("FR", "CA"), None, {"law-of-CA": "established"}),
        (("FR", "CA"), "FR", {"law-of-CA": "contested"}),
        (("FR",), "CA", {"law-of-CA": "established"}),
        (("US",), "FR", {"law-of-US": "established"}),
        ((), "CA", {"law-of-CA": "established"}),
    ],
)
def test_machines_bring_the_law_of_their_state_and_doubt_counts_in_full(
    countries: tuple[str, ...], said: str | None, expected: dict[str, str]
) -> None:
    facts = registry(entities=[FRENCH], services=[service("api", "op", *countries)])
    assert laws(report(facts, "api", country=said)) == expected


def test_an_operator_asked_about_may_be_meant_by_any_of_its_services() -> None:
    facts = registry(entities=[FRENCH], services=[service("one", "op", "FR"), service("two", "op", "CA", staff=["IN"])])
    assert laws(report(facts, "op", "entity")) == {"law-of-CA": "established", "law-of-IN": "established"}
    assert laws(report(facts, "one")) == {}


@pytest.mark.parametrize(
    ("role", "access", "expected"),
    [
        ("hosting", "unknown", "established"),
        ("support", "unknown", "established"),
        ("staff", "unknown", "established"),
        ("hosting", "no", None),
        ("technology", "unknown", None),
        ("technology", "yes", "established"),
        ("network", "unknown", None),
        ("network", "yes", "established"),
    ],
)
def test_a_supplier_reaches_the_data_unless_a_fact_or_its_role_says_no(
    role: str, access: str, expected: str | None
) -> None:
    facts = registry(
        entities=[FRENCH, AMERICAN],
        services=[service("api", "op", "FR")],
        supplies=[supplied("api", "parent", role, access=access)],
    )
    found = report(facts, "api")
    assert laws(found).get("law-of-US") == expected
    assert [one.chain[-1].end.id for one in found.influences] == ([] if expected else ["parent"])
    assert any(one.kind == "access" for one in found.unknowns) == (expected is not None and access == "unknown")


def test_a_supplier_s_own_suppliers_and_controllers_count() -> None:
    facts = registry(
        entities=[FRENCH, company("host", "FR"), AMERICAN, company("help", "IN", ultimate=True)],
        edges=[holds("parent", "host", 100)],
        services=[service("api", "op"), service("cloud", "host", "FR")],
        supplies=[supplied("api", "cloud"), supplied("cloud", "help", "support", access="yes")],
    )
    found = report(facts, "api")
    assert laws(found) == {"law-of-IN": "established", "law-of-US": "established"}
    assert chain(only(found, "law-of-US", "control")) == ["api", "cloud", "host", "parent", "US"]
    assert found.operators == ("op", "help", "host")
    assert found.control == ("FR",)


def test_where_a_host_stands_counts_only_if_the_service_does_not_say_where_it_runs() -> None:
    entities, hosted = [FRENCH, company("host", "FR", ultimate=True)], [supplied("api", "cloud")]
    silent = registry(
        entities=entities, services=[service("api", "op"), service("cloud", "host", "FR", "US")], supplies=hosted
    )
    saying = registry(
        entities=entities, services=[service("api", "op", "FR"), service("cloud", "host", "FR", "US")], supplies=hosted
    )
    assert laws(report(silent, "api")) == {"law-of-US": "established"}
    assert laws(report(saying, "api")) == {}


def test_whoever_runs_a_site_for_somebody_else_hosts() -> None:
    site = fact(id="paris", name="Paris", operator="parent", country="FR")
    kinds: dict[str, list[Fact]] = {
        "entities": [FRENCH, AMERICAN],
        "sites": [site],
        "services": [service("api", "op", sites=["paris"])],
    }
    assert laws(report(registry(**kinds), "api")) == {"law-of-US": "established"}
    locked = supplied("api", "parent", access="no")
    assert laws(report(registry(**kinds, supplies=[locked]), "api")) == {}


def test_a_minority_holding_weighs_and_does_not_compel() -> None:
    facts = registry(
        entities=[company("op"), company("boss", "DE", ultimate=True), AMERICAN],
        edges=[holds("boss", "op", 76), holds("parent", "op", 24)],
        services=[service("api", "op", "FR")],
    )
    found = report(facts, "api")
    assert laws(found) == {}
    (influence,) = found.influences
    assert (influence.kind, influence.states, str(influence.chain[-1].percent)) == ("minority", ("US",), "24")


def model(weights: str, **more: object) -> Fact:
    return fact(id="llm", name="LLM", maker="maker", origin=["US"], weights=weights, **more)


def test_open_weights_follow_whoever_hosts_and_a_closed_model_its_maker() -> None:
    kinds: dict[str, list[Fact]] = {
        "entities": [FRENCH, company("maker", "US", ultimate=True)],
        "services": [service("api", "op", "FR"), service("theirs", "maker", "US")],
        "deployments": [fact(id="here", model="llm", service="api")],
    }
    opened, closed = registry(**kinds, models=[model("open")]), registry(**kinds, models=[model("closed")])
    silent = registry(**kinds, models=[model("unknown")])

    found = report(opened, "llm", "model")
    assert (found.reaches, found.known, found.served_by) == ((), False, ("api",))
    assert [(one.kind, one.states) for one in found.influences] == [("origin", ("US",))]
    assert [one.kind for one in found.unknowns] == ["host"]
    assert laws(report(opened, "here", "deployment")) == {}
    assert report(opened, "here", "deployment").influences == ()

    assert laws(report(closed, "llm", "model")) == laws(report(silent, "llm", "model")) == {"law-of-US": "established"}
    for weights in ("closed", "unknown"):
        nameless = report(registry(**kinds, models=[{**model(weights), "maker": None}]), "llm", "model")
        assert ("maker", "llm") in {(one.kind, one.about) for one in nameless.unknowns}
        assert not nameless.known
    assert laws(report(closed, "here", "deployment")) == {}
    assert [one.kind for one in report(closed, "here", "deployment").influences] == ["technology"]


def test_a_deployment_stands_where_its_site_does() -> None:
    sites = [
        fact(id="paris", name="P", operator="op", country="FR"),
        fact(id="bhs", name="B", operator="op", country="CA"),
    ]
    facts = registry(
        entities=[FRENCH],
        sites=sites,
        services=[service("api", "op", sites=["paris", "bhs"])],
        models=[fact(id="llm", name="LLM", weights="open")],
        deployments=[fact(id="here", model="llm", service="api", site="paris")],
    )
    assert laws(report(facts, "here", "deployment")) == {"law-of-CA": "contested"}


@pytest.mark.parametrize(
    ("day", "reached"),
    [("2022-12-31", False), ("2023-01-01", True), ("2024-12-31", True), ("2025-12-31", False), ("2026-01-01", False)],
)
def test_a_law_out_of_force_does_not_reach_and_a_vague_date_counts_in_full(day: str, *, reached: bool) -> None:
    facts = registry(
        entities=[AMERICAN],
        services=[service("api", "parent", "FR")],
        laws=[law("us-act", "seat", since="2023", until="2025")],
    )
    assert ("us-act" in laws(report(facts, "api", day=dt.date.fromisoformat(day)))) == reached


def test_a_law_nobody_verified_counts_and_is_told() -> None:
    facts = registry(
        entities=[AMERICAN],
        services=[service("api", "parent", "FR")],
        laws=[law("us-act", "seat", status="unverified")],
    )
    found = report(facts, "api")
    assert laws(found)["us-act"] == "established"
    assert [(one.kind, one.about) for one in found.unknowns] == [("status", "us-act")]


def test_control_that_ended_reaches_no_more() -> None:
    facts = registry(
        entities=[company("op"), AMERICAN, company("boss", "DE", ultimate=True)],
        edges=[holds("parent", "op", 100, until="2024-06-30"), holds("boss", "op", 100, since="2024-06-30")],
        services=[service("api", "op", "FR")],
    )
    assert laws(report(facts, "api", day=dt.date(2024, 6, 29))) == {"law-of-US": "established"}
    assert laws(report(facts, "api")) == {}
    assert report(facts, "api").known


@pytest.mark.parametrize(
    ("entities", "edges", "kind"),
    [
        ([company("op")], [], "control"),
        ([company("op", publishes_only=False, ultimate=True, seat=None)], [], "seat"),
        ([company("op"), company("shell")], [holds("shell", "op", 100)], "control"),
        ([company("op"), company("shell", None, ultimate=True)], [holds("shell", "op", 100)], "seat"),
        (
            [company("op"), company("a"), company("b")],
            [holds("a", "op", 100), holds("a", "b", 100), holds("b", "a", 100)],
            "control",
        ),
        ([company("op"), company("fund", ultimate=True)], [holds("fund", "op", 20, veto=True)], "control"),
    ],
)
def test_without_knowing_who_controls_nothing_is_known(entities: list[Fact], edges: list[Fact], kind: str) -> None:
    facts = registry(entities=entities, edges=edges, services=[service("api", "op", "FR")])
    found = report(facts, "api")
    assert not found.known
    assert kind in {one.kind for one in found.unknowns}
    assert not summary(found).known


def test_a_supplier_with_access_whose_master_is_unknown_makes_all_unknown() -> None:
    facts = registry(
        entities=[FRENCH, company("host")], services=[service("api", "op", "FR")], supplies=[supplied("api", "host")]
    )
    assert not report(facts, "api").known


def test_whoever_is_not_described_or_only_publishes_runs_nothing_known() -> None:
    facts = registry(entities=[company("lab", ultimate=True, publishes_only=True)])
    for name in ("lab", "nobody"):
        found = report(facts, name, "entity")
        assert not found.known
        assert "facts" in {one.kind for one in found.unknowns}
    for kind in ("service", "deployment", "model"):
        assert not report(facts, "nothing", kind).known


def test_the_institution_itself_is_exposed_to_nobody_but_where_its_machines_stand() -> None:
    facts = registry()
    found = report(facts, "self", "entity")
    assert (found.known, found.reaches, found.unknowns) == (True, (), ())
    assert laws(report(facts, "self", "entity", country="US")) == {"law-of-US": "established"}


def test_what_is_not_said_of_machines_and_people_is_told() -> None:
    facts = registry(entities=[FRENCH], services=[service("api", "op", staff=[])])
    assert [one.kind for one in report(facts, "api").unknowns] == ["hosting", "staff"]


def test_the_same_law_reached_twice_is_told_once_by_the_nearest_with_the_others_named() -> None:
    facts = registry(
        entities=[company("op"), company("middle", "US"), AMERICAN],
        edges=[holds("middle", "op", 100), holds("parent", "middle", 100)],
        services=[service("api", "op", "FR")],
    )
    one = only(report(facts, "api"), "law-of-US", "control")
    assert (chain(one), one.also) == (["api", "op", "middle", "US"], ("parent",))


def test_the_summary_for_the_charter_lists_the_same_and_needs_no_report() -> None:
    facts = registry(
        entities=[company("op", listed_in=["CA"]), AMERICAN],
        edges=[holds("parent", "op", 100)],
        services=[service("api", "op", "FR")],
        laws=[US_LAW],
    )
    asked = Subject("service", "api")
    short = exposure_of(facts, asked, day=DAY)
    assert short == summary(report(facts, "api"))
    assert (short.foreign_laws, short.contested, short.control) == (("law-of-US", "us-act"), ("law-of-CA",), ("US",))
    assert only(report(facts, "api"), "law-of-CA", "listing").certainty is Certainty.CONTESTED
