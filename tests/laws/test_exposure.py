"""Laws of exposure, on registries with circles, vague dates and missing ends.

More facts never expose less, and what is not known never helps.
"""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exposure_kit import DAY, FRAMEWORK, Fact, company, document, fact, holds, law, service, supplied

from bouclier.registry import parse_registry
from bouclier.registry.expose import expose, exposure_of, summary
from bouclier.registry.model import Certainty
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Subject

if TYPE_CHECKING:
    from bouclier.registry.report_model import Report, SubjectKind

Registry = dict[str, list[Fact]]

few = settings(max_examples=50)
"""A registry is much to draw: fewer of them, of which each run takes others."""

NAMES = ["a", "b", "c", "d", "e", "op"]
SERVICES = ["api", "cloud", "help"]
SEATS = ["FR", "DE", "NO", "US", "CN", None]
BASES = ["unknown", "safeguards", "adequacy", "inside"]
TRIGGERS = ["seat", "control", "hosting", "staff", "listing"]
OBJECTIVES = [f"SOV-{number}" for number in range(1, 9)]

seats = st.sampled_from(SEATS)
states = st.sampled_from([seat for seat in SEATS if seat])
names = st.sampled_from(NAMES)
services = st.sampled_from(SERVICES)
dates = st.sampled_from([None, None, "2024", "2025-06", "2026-11", "2026-11-22", "2027"])
days = st.sampled_from([dt.date(2023, 1, 1), dt.date(2025, 6, 15), DAY, dt.date(2030, 1, 1)])
rights = st.fixed_dictionaries(
    {}, optional={"veto": st.just(value=True), "board": st.sampled_from(["minority", "majority", "unknown"])}
)


@st.composite
def periods(draw: st.DrawFn) -> Fact:
    since, until = draw(dates), draw(dates)
    return {"since": since, "until": until if until is None or since is None or since[:4] < until[:4] else None}


@st.composite
def holdings(draw: st.DrawFn, *, plain: bool = False) -> list[Fact]:
    """Who holds whom: circles and gaps happen, and no entity is held by more than all of it."""
    edges = []
    for held in NAMES:
        left = 100
        for holder in draw(
            st.lists(st.sampled_from([name for name in NAMES if name != held]), unique=True, max_size=3)
        ):
            share = draw(st.integers(1, left)) if left else 0
            left -= share
            if share:
                more = {} if plain else {**draw(rights), **draw(periods())}
                edges.append(holds(holder, held, share, **more))
    return edges


@st.composite
def registries(draw: st.DrawFn, *, plain: bool = False) -> Registry:
    """A registry; a plain one has no rights beside shares, no dates, and nothing stated.

    Nobody holds a state, a person or a crowd: that would be two facts that contradict each other.
    """
    edges = draw(holdings(plain=plain))
    held = {edge["held"] for edge in edges}
    kinds = st.sampled_from(["company", "company", "state", "people", "dispersed"])
    entities = [
        company(
            name,
            draw(seats),
            kind=draw(kinds) if name != "op" and name not in held else "company",
            listed_in=draw(st.lists(states, max_size=1)),
        )
        for name in NAMES
    ]
    for entity in entities:
        entity["ultimate"] = entity["id"] not in held and draw(st.booleans())
    found: Registry = {
        "entities": entities,
        "edges": edges,
        "services": [
            service(name, draw(names) if name != "api" else "op", *draw(st.lists(states, unique=True, max_size=2)))
            for name in SERVICES
        ],
        "laws": [
            law(
                f"{state.lower()}-act-{number}",
                *draw(st.lists(st.sampled_from(TRIGGERS), unique=True)),
                **draw(periods()),
            )
            for number, state in enumerate(draw(st.lists(states, max_size=3)))
        ],
        "supplies": [],
        "reaches": [],
        "assessments": [
            fact(
                service="api",
                objective=name,
                seal=4 if plain else draw(st.integers(0, 4)),
                score=draw(st.integers(0, 100)),
            )
            for name in (OBJECTIVES if plain else draw(st.lists(st.sampled_from(OBJECTIVES), unique=True)))
        ],
    }
    if not plain:
        found["supplies"] = draw(
            st.lists(supplies(), max_size=3, unique_by=lambda one: (one["service"], one["supplier"], one["role"]))
        )
        found["reaches"] = draw(st.lists(reaches(), max_size=1))
    return found


@st.composite
def supplies(draw: st.DrawFn) -> Fact:
    serviced = draw(services)
    supplier = draw(st.sampled_from([*NAMES, *SERVICES]).filter(lambda name: name != serviced))
    role = draw(st.sampled_from(["hosting", "support", "staff", "technology", "network"]))
    return supplied(serviced, supplier, role, access=draw(st.sampled_from(["yes", "no", "unknown"])))


@st.composite
def reaches(draw: st.DrawFn, who: str | None = None) -> Fact:
    certainty = draw(st.sampled_from(["established", "contested"]))
    whom = who or draw(st.sampled_from([*NAMES, *SERVICES]))
    return fact(law=f"law-of-{draw(states)}", whom=whom, certainty=certainty, through="some way")


def told(facts: Registry, *, day: dt.date = DAY, name: str = "api", country: str | None = None) -> Report:
    parsed = parse_registry({"invented.json": json.dumps(document(**facts)).encode()})
    kind: SubjectKind = "service" if name in SERVICES else "entity"
    return expose(parsed, Subject(kind, name), day=day, country=country, framework=FRAMEWORK)


def assert_at_least(more: Report, less: Report) -> None:
    """Check that one report has all the laws of another, none of them less sure."""
    high, low = summary(more), summary(less)
    assert set(low.foreign_laws) <= set(high.foreign_laws)
    assert {*low.foreign_laws, *low.contested} <= {*high.foreign_laws, *high.contested}


def assert_no_better(less: Report, more: Report) -> None:
    """Check that knowing less promises nothing more."""
    assert more.known or not less.known
    if less.known:
        told_more, told_less = summary(more), summary(less)
        assert {*told_more.foreign_laws} <= {*told_less.foreign_laws}
        assert {*told_more.contested} <= {*told_less.foreign_laws, *told_less.contested}
    assert more.holders.verdict == "pass" or less.holders.verdict != "pass"
    assert BASES.index(less.transfer.machines) <= BASES.index(more.transfer.machines)
    assert BASES.index(less.transfer.people) <= BASES.index(more.transfer.people)
    for after, before in zip(less.sovereignty.objectives, more.sovereignty.objectives, strict=True):
        assert after.seal[0] <= before.seal[0], after.id
        assert after.score.low <= before.score.low, after.id
    assert less.sovereignty.score.low <= more.sovereignty.score.low


@few
@given(registries(), names, states, st.sampled_from([{"controls": True}, {"veto": True}, {"board": "majority"}]), days)
def test_one_more_edge_of_control_never_lowers_exposure(
    facts: Registry, held: str, seat: str, right: Fact, day: dt.date
) -> None:
    entities = [{**one, "ultimate": False} if one["id"] == held else one for one in facts["entities"]]
    before = {**facts, "entities": [*entities, company("new", seat, ultimate=True)]}
    after = {**before, "edges": [*facts["edges"], holds("new", held, **right)]}
    assert_at_least(told(after, day=day), told(before, day=day))


@few
@given(registries(), names, names, st.integers(1, 100))
def test_one_more_share_never_lowers_exposure(facts: Registry, holder: str, held: str, share: int) -> None:
    taken = sum(edge["share"] for edge in facts["edges"] if edge["held"] == held)
    same = any((edge["holder"], edge["held"]) == (holder, held) for edge in facts["edges"])
    if holder == held or same or share > 100 - taken:
        return
    entities = [{**one, "ultimate": False} if one["id"] == held else one for one in facts["entities"]]
    before = {**facts, "entities": entities}
    assert_at_least(told({**before, "edges": [*facts["edges"], holds(holder, held, share)]}), told(before))


@few
@given(registries(), reaches("new"), names)
def test_one_more_stated_reach_never_lowers_exposure(facts: Registry, reach: Fact, whom: str) -> None:
    others = [known for known in facts["reaches"] if (known["law"], known["whom"]) != (reach["law"], whom)]
    after = {**facts, "reaches": [*others, {**reach, "whom": whom}]}
    assert_at_least(told(after), told({**facts, "reaches": others}))


@few
@given(registries(), supplies())
def test_one_more_supplier_never_lowers_exposure(facts: Registry, supply: Fact) -> None:
    same = [(one["service"], one["supplier"], one["role"]) for one in facts["supplies"]]
    if (supply["service"], supply["supplier"], supply["role"]) not in same:
        assert_at_least(told({**facts, "supplies": [*facts["supplies"], supply]}), told(facts))


@few
@given(registries(), days, st.one_of(st.none(), states))
def test_an_operator_is_at_least_as_exposed_as_each_of_its_services(
    facts: Registry, day: dt.date, country: str | None
) -> None:
    whole, part = (told(facts, day=day, name=name, country=country) for name in ("op", "api"))
    high, low = summary(whole), summary(part)
    assert {*low.foreign_laws, *low.contested} <= {*high.foreign_laws, *high.contested}
    assert part.known or not whole.known


@few
@given(st.data(), registries())
def test_the_order_of_facts_changes_nothing(data: st.DataObject, facts: Registry) -> None:
    shuffled = {kind: data.draw(st.permutations(listed)) for kind, listed in facts.items()}
    assert told(shuffled) == told(facts)


@few
@given(registries(), days)
def test_every_chain_leads_from_the_subject_to_the_state_without_a_gap(facts: Registry, day: dt.date) -> None:
    found = told(facts, day=day)
    for one in found.reaches:
        assert one.chain[0].begin == found.node
        assert (one.chain[-1].end.kind, one.chain[-1].end.id) == ("state", one.jurisdiction)
        assert all(step.end == following.begin for step, following in zip(one.chain, one.chain[1:], strict=False))
    for influence in found.influences:
        assert influence.chain[0].begin == found.node


@few
@given(registries(), days)
def test_each_law_is_told_once_by_trigger_surest_first_and_none_is_at_home(facts: Registry, day: dt.date) -> None:
    found = told(facts, day=day)
    by_trigger = [(one.law, one.trigger) for one in found.reaches]
    assert len(set(by_trigger)) == len(by_trigger)
    sure = [one.certainty is Certainty.ESTABLISHED for one in found.reaches]
    assert sure == sorted(sure, reverse=True)
    assert {one.jurisdiction for one in found.reaches}.isdisjoint({"FR", "DE", "SE", "NO"})


@few
@given(registries(), days)
def test_a_named_law_reaches_only_on_days_on_which_it_may_be_in_force(facts: Registry, day: dt.date) -> None:
    parsed = parse_registry({"invented.json": json.dumps(document(**facts)).encode()})
    for one in expose(parsed, Subject("service", "api"), day=day).reaches:
        assert one.law not in parsed.laws or holds_on(parsed.laws[one.law], day, favourable=False)


@few
@given(registries(), days, st.one_of(st.none(), states))
def test_the_short_answer_is_the_summary_of_the_long_one(facts: Registry, day: dt.date, country: str | None) -> None:
    parsed = parse_registry({"invented.json": json.dumps(document(**facts)).encode()})
    short = exposure_of(parsed, Subject("service", "api"), day=day, country=country)
    assert short == summary(told(facts, day=day, country=country))


@few
@given(st.data(), registries(plain=True))
def test_forgetting_who_holds_never_promises_more(data: st.DataObject, facts: Registry) -> None:
    if facts["edges"]:
        gone = data.draw(st.sampled_from(facts["edges"]))
        assert_no_better(told({**facts, "edges": [edge for edge in facts["edges"] if edge != gone]}), told(facts))


@few
@given(st.data(), registries(plain=True))
def test_forgetting_how_much_somebody_holds_never_promises_more(data: st.DataObject, facts: Registry) -> None:
    edges = [{**edge, **data.draw(rights)} for edge in facts["edges"]]
    if edges:
        gone = data.draw(st.sampled_from(edges))
        after = [{**edge, "share": None} if edge is gone else edge for edge in edges]
        assert_no_better(told({**facts, "edges": after}), told({**facts, "edges": edges}))


@few
@given(st.data(), registries(plain=True))
def test_forgetting_where_somebody_sits_never_promises_more(data: st.DataObject, facts: Registry) -> None:
    gone = data.draw(st.sampled_from(facts["entities"]))
    silent = {key: value for key, value in gone.items() if key != "seat"}
    after = [silent if one is gone else one for one in facts["entities"]]
    assert_no_better(told({**facts, "entities": after}), told(facts))


@few
@given(registries(plain=True), st.sampled_from(["countries", "staff"]))
def test_forgetting_where_machines_or_people_are_never_promises_more(facts: Registry, what: str) -> None:
    after = [{**one, what: []} if one["id"] == "api" else one for one in facts["services"]]
    assert_no_better(told({**facts, "services": after}), told(facts))


@few
@given(st.data(), registries(plain=True))
def test_forgetting_an_assessment_never_promises_more(data: st.DataObject, facts: Registry) -> None:
    if facts["assessments"]:
        gone = data.draw(st.sampled_from(facts["assessments"]))
        after = [one for one in facts["assessments"] if one != gone]
        assert_no_better(told({**facts, "assessments": after}), told(facts))


@st.composite
def trees(draw: st.DrawFn) -> tuple[Registry, dict[str, Fraction], Fraction]:
    """A whole tree of holders under `op`, each one's exact part, and what those from outside have together."""
    entities, edges = [company("op", "FR")], []
    parts: dict[str, Fraction] = {}
    outside = Fraction()
    waiting = [("op", Fraction(100), False, 0)]
    while waiting:
        held, mass, counted, depth = waiting.pop()
        cuts = sorted(draw(st.lists(st.integers(1, 9999), unique=True, min_size=1, max_size=2)))
        for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True):
            name, seat = f"x{len(entities)}", draw(states)
            share = Fraction(high - low, 100)
            part = mass * share / 100
            last = depth == 2 or draw(st.booleans())
            entities.append(company(name, seat, kind="people" if last else "company"))
            edges.append(holds(name, held, float(share)))
            foreign = seat not in {"FR", "DE"}
            if foreign:
                parts[name] = part
                outside += 0 if counted else part
            if not last:
                waiting.append((name, part, counted or foreign, depth + 1))
    return {"entities": entities, "edges": edges, "services": [service("api", "op", "FR")]}, parts, outside


@few
@given(st.data(), trees())
def test_the_bounds_of_19_6_hold_the_truth_however_much_of_it_is_hidden(
    data: st.DataObject, tree: tuple[Registry, dict[str, Fraction], Fraction]
) -> None:
    facts, parts, together = tree
    exact = told(facts).holders
    assert {one.node.id: (one.capital.low, one.capital.high) for one in exact.holders} == {
        name: (part, part) for name, part in parts.items()
    }
    assert exact.capital.low == exact.capital.high == together

    hidden = data.draw(st.sets(st.integers(0, len(facts["edges"]) - 1)))
    silent = data.draw(st.sets(st.integers(1, len(facts["entities"]) - 1)))
    entities = [
        {key: value for key, value in one.items() if key != "seat" or index not in silent}
        for index, one in enumerate(facts["entities"])
    ]
    shown = [edge for index, edge in enumerate(facts["edges"]) if index not in hidden]
    found = told({**facts, "entities": entities, "edges": shown}).holders
    assert found.capital.low <= together <= found.capital.high
    assert found.votes.low <= together <= found.votes.high
    for holder in found.holders:
        assert holder.capital.low <= parts.get(holder.node.id, Fraction()) <= holder.capital.high or holder.seat is None
    for name, part in parts.items():
        if name not in {holder.node.id for holder in found.holders}:
            assert part <= found.capital.high
    assert found.verdict != "pass" or exact.verdict == "pass"
    assert found.verdict != "fail" or exact.verdict == "fail"


@few
@given(trees())
def test_a_holder_that_passes_exactly_passes_by_the_text(tree: tuple[Registry, dict[str, Fraction], Fraction]) -> None:
    facts, parts, together = tree
    found = told(facts).holders
    within = together <= 39 and all(part <= 24 for part in parts.values())
    assert not (found.verdict == "pass" and not within)
    assert found.verdict == "fail" or within


@few
@given(registries())
def test_how_an_entity_stands_is_prepared_as_its_last_day_tells(facts: Registry) -> None:
    parsed = parse_registry({"invented.json": json.dumps(document(**facts)).encode()})
    for held, stakes in parsed.stakes.items():
        assert stakes.afterwards == stakes.before(stakes.last, held, parsed.entities)
        assert stakes.afterwards == stakes.before(dt.date.max, held, parsed.entities)
