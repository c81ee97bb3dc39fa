"""Laws of orders: they only restrict, whatever they say, and what is unknown never escapes them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

import jsonschema
import pytest
from cedarpy import Decision, Entities, PolicySet, Schema, is_authorized, policies_to_pst, validate_policies
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, structs
from tests.order_kit import action_of, mandate, spelled

from bouclier.charter.orders import (
    EFFECTS,
    BilingualLine,
    BilingualParagraphs,
    CapClass,
    Effect,
    ForbidJurisdiction,
    LocalOnly,
    Order,
    OrderError,
    RequireEvaluation,
    RequireHumanReview,
    RequireWarning,
    Selector,
    Suspend,
    compile_orders,
    orders_in_force,
    parse_order,
    render_order,
)
from bouclier.terms.content import DataClass

PACKAGED = resources.files("bouclier.charter") / "data" / "charter"
SCHEMA = Schema.from_str((PACKAGED / "schema.cedarschema").read_text("utf-8"))
SOCLE = (PACKAGED / "packs" / "socle" / "policies.cedar").read_text("utf-8")
JSON_SCHEMA: Final = json.loads((Path(__file__).parents[2] / "specs" / "order-v1.schema.json").read_bytes())
DAY = datetime(2026, 11, 22, tzinfo=UTC)

# ---- What is drawn

states = st.sampled_from(["FR", "DE", "US", "CN", "CH"])
words = st.sampled_from(["a", "b", "c"])  # few, so that orders and deployments often meet
laws = st.sampled_from(["us-cloud-act", "cn-nil", "law-of-US", "law-of-CH", "fr-lpm"])
visible = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Mn", "Lo", "Co", "Cn"],
    exclude_characters="".join(map(chr, range(0xFFF0, 0x10000))),  # what is drawn in place of something else
)
lines = st.text(visible, min_size=1, max_size=20).filter(str.strip)
line_pairs = st.builds(BilingualLine, fr=lines, en=lines)
paragraph_pairs = st.builds(BilingualParagraphs, fr=lines.map("{0}\n\n{0}".format), en=lines)
classes: Any = st.sampled_from([one.slug for one in DataClass if one is not DataClass.CLASSIFIED])
opennesses: Any = st.sampled_from(["open", "closed"])
several_states = st.lists(states, min_size=1, max_size=3, unique=True).map(tuple)
effects: st.SearchStrategy[Effect] = st.one_of(
    st.builds(Suspend),
    st.builds(ForbidJurisdiction, states=several_states),
    st.builds(RequireWarning, warning=line_pairs),
    st.builds(RequireEvaluation, evaluation=words),
    st.builds(CapClass, data_class=classes),
    st.builds(RequireHumanReview),
    st.builds(LocalOnly),
)
unset = st.just(UNSET)
selectors = st.builds(
    Selector,
    model=unset | words,
    deployment=unset | words,
    operator=unset | words,
    site=unset | words,
    country=unset | states,
    openness=unset | opennesses,
    law=unset | laws,
)
moments = st.integers(-40, 40).map(lambda days: DAY + timedelta(days=days))
names = st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,4})?", fullmatch=True)


@st.composite
def orders(draw: st.DrawFn, *, scopes: st.SearchStrategy[tuple[str, ...]] = several_states) -> Order:
    start = draw(moments)
    return Order(
        id=f"fr-protection/{draw(names)}",
        authority="fr-protection",
        title=draw(line_pairs),
        effect=draw(effects),
        selector=draw(selectors),
        basis=draw(lines),
        reasons=draw(paragraph_pairs),
        scope=draw(scopes),
        start=start,
        expires=start + timedelta(days=draw(st.integers(1, 40))),
        redress=draw(paragraph_pairs),
    )


several_orders = st.lists(orders(), max_size=4, unique_by=lambda order: order.id)
word_sets = st.lists(words, max_size=2, unique=True)
state_sets = st.lists(states, max_size=2, unique=True)
law_sets = st.lists(laws, max_size=2, unique=True)
deployments = st.fixed_dictionaries(
    {
        "own": st.booleans(),
        "model": words,
        "operator": words,
        "site": words,
        "country": states | st.just(""),
        "openness": st.sampled_from(["open", "closed", "unknown"]),
        "exposure_known": st.booleans(),
        "control": state_sets,
        "foreign_laws": law_sets,
        "contested": law_sets,
        "capabilities": word_sets,
        "evaluations": word_sets,
        "carbon_known": st.booleans(),
        "carbon_mg": st.integers(0, 1000),
    }
)
ranks = st.sampled_from(DataClass)


class Answered(NamedTuple):
    permitted: bool
    determining: frozenset[str]
    duties: frozenset[str]


def ask(policies: str, name: str, deployment: dict[str, Any], rank: DataClass) -> Answered:
    """Ask Cedar both questions, without any code of the charter."""
    who, what = {"type": "Bouclier::Principal", "id": "agent"}, {"type": "Bouclier::Deployment", "id": name}
    written = [
        {"uid": who, "attrs": {"role": "agent"}, "parents": []},
        {"uid": what, "attrs": deployment, "parents": []},
    ]
    entities = Entities.from_json_str(json.dumps(written), schema=SCHEMA)
    prepared = PolicySet.from_str(policies)
    tree = policies_to_pst(policies).static_policies

    def answer(action: str) -> tuple[bool, frozenset[str]]:
        context = {
            "data_class": int(rank), "class_name": rank.slug, "labels": [], "purpose": "", "uses": [], "safeguards": [],
            "signals": [], "modalities": ["text"], "capabilities": [], "day": 20261122, "qualifications": [],
            "transfer": "unknown",
        }  # fmt: skip
        request = {
            "principal": who,
            "action": {"type": "Bouclier::Action", "id": action},
            "resource": what,
            "context": context,
        }
        result = is_authorized(request, prepared, entities, schema=SCHEMA)
        assert not result.diagnostics.errors
        assert result.decision is not Decision.NoDecision
        return result.decision is Decision.Allow, frozenset(result.diagnostics.reasons)

    permitted, determining = answer("infer")
    obliged, obliging = answer("oblige")
    owed = (determining if permitted else frozenset()) | (obliging if obliged else frozenset())
    return Answered(
        permitted,
        frozenset(tree[one].annotations["id"] for one in determining),
        frozenset(tree[one].annotations["duty"] for one in owed if "duty" in tree[one].annotations),
    )


# ---- Spelling


@given(orders())
def test_what_is_rendered_is_read_back(order: Order) -> None:
    assert parse_order(render_order(order)) == order
    jsonschema.Draft202012Validator(JSON_SCHEMA).validate(json.loads(render_order(order)))


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.sampled_from(["FR", "EU", *EFFECTS]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["kind", "fr", "en", "x"]), inner),
    max_leaves=4,
)


@given(st.sampled_from([*spelled(), "other"]), junk)
def test_whatever_is_put_into_a_field_is_refused_or_fits_the_schema(field: str, value: object) -> None:
    written = spelled(**{field: value})
    try:
        order = parse_order(json.dumps(written).encode())
    except OrderError as error:
        assert error.message.fr  # noqa: PT017 -- refused, and said so in both languages
        assert error.message.en  # noqa: PT017
    else:
        assert parse_order(render_order(order)) == order
        assert jsonschema.Draft202012Validator(JSON_SCHEMA).is_valid(written)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(data: bytes) -> None:
    try:
        parse_order(data)
    except OrderError:
        return
    raise AssertionError("these bytes are no order")


# ---- What they compile to

anything = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.sampled_from(
    ['") permit (principal, action, resource); //', "\\", '"', "\\u{22}", "\n};", "${x}", "/*", "*/", "@id"]
)


@given(orders(), anything, anything, anything, anything)
def test_no_words_of_an_authority_become_policy(order: Order, title: str, basis: str, model: str, name: str) -> None:
    hostile = structs.replace(
        order,
        title=BilingualLine(fr=title, en=name),
        basis=basis,
        selector=Selector(model=model, deployment=name, operator=basis, site=title),
    )
    compiled = compile_orders([hostile]).policies
    assert validate_policies(compiled, SCHEMA).validation_passed
    tree = policies_to_pst(compiled)
    assert not tree.templates
    (policy,) = tree.static_policies.values()
    annotations = {key: value for key, value in policy.annotations.items() if key != "duty"}
    assert annotations == {"id": order.policy_id, "basis": basis, "title_fr": title, "title_en": name}
    assert (policy.effect, policy.action) in {("forbid", action_of("infer")), ("permit", action_of("oblige"))}


def reaches(state: str, deployment: dict[str, Any]) -> bool:
    """Tell whether a state's law reaches a deployment, as `specs/order-v1.md` says."""
    known_place = deployment["own"] or deployment["country"] != ""
    return (
        not (deployment["exposure_known"] and known_place)
        or state in {*deployment["control"], deployment["country"]}
        or f"law-of-{state}" in deployment["foreign_laws"]
    )


def is_selected(selector: Selector, name: str, deployment: dict[str, Any]) -> bool:
    given_keys = {key: value for key, value in structs.asdict(selector).items() if value is not UNSET}
    for key, wanted in given_keys.items():
        if key == "deployment":
            found = wanted == name
        elif key == "law":
            state = wanted[-2:] if wanted.startswith("law-of-") else wanted[:2].upper()
            named = {*deployment["foreign_laws"], *deployment["contested"]}
            found = wanted in named or f"law-of-{state}" in named or reaches(state, deployment)
        else:
            found = deployment[key] in {wanted, "", "unknown"}
        if not found:
            return False
    return True


def read_the_prose(order: Order, name: str, deployment: dict[str, Any], rank: DataClass) -> tuple[bool, set[str]]:
    """Return whether an order forbids, and what it makes owed, as a reader of its specification would say."""
    if not is_selected(order.selector, name, deployment):
        return False, set()
    forbids, owed = False, set[str]()
    match order.effect:
        case Suspend():
            forbids = True
        case ForbidJurisdiction(states=forbidden):
            forbids = any(reaches(state, deployment) for state in forbidden)
        case RequireEvaluation(evaluation=evaluation):
            forbids = evaluation not in deployment["evaluations"]
        case CapClass(data_class=highest):
            forbids = rank > DataClass.from_slug(highest)
        case RequireWarning():
            owed = {f"warn:{order.policy_id}"}
        case RequireHumanReview():
            owed = {"human-review"}
        case LocalOnly():
            owed = {"local-only"}
    return forbids, owed


@given(several_orders, words, deployments, ranks)
def test_policies_of_orders_say_what_their_specification_says(
    given_orders: list[Order], name: str, deployment: dict[str, Any], rank: DataClass
) -> None:
    everything = '@id("all") permit (principal, action == Bouclier::Action::"infer", resource);\n'
    answered = ask(everything + compile_orders(given_orders).policies, name, deployment, rank)
    read = {order.policy_id: read_the_prose(order, name, deployment, rank) for order in given_orders}
    forbidding = {identifier for identifier, (forbids, _) in read.items() if forbids}
    assert answered.permitted == (not forbidding)
    assert answered.determining == (forbidding or {"all"})
    assert answered.duties == {duty for _, duties in read.values() for duty in duties}


# Policies as other packs may have them, in every direction.
more_policies = st.lists(
    st.sampled_from(
        [
            "permit (principal, action, resource) when { resource.own };",
            'permit (principal, action == Bouclier::Action::"infer", resource);',
            'forbid (principal, action == Bouclier::Action::"infer", resource) when { resource.country == "US" };',
            'forbid (principal, action == Bouclier::Action::"infer", resource) unless { resource.exposure_known };',
            'permit (principal, action == Bouclier::Action::"oblige", resource) when { context.data_class > 2 };',
        ]
    ),
    max_size=3,
    unique=True,
)


@given(more_policies, several_orders, orders(), words, deployments, ranks)
def test_one_more_order_never_allows_more_nor_owes_less(
    policies: list[str], before: list[Order], added: Order, name: str, deployment: dict[str, Any], rank: DataClass
) -> None:
    pack = "\n".join(f'@id("more-{place}") @duty("seal") {policy}' for place, policy in enumerate(policies))
    charter = f"{SOCLE}\n{pack}\n".replace('@duty("seal") forbid', "forbid")
    after = [order for order in before if order.id != added.id] + [added]
    fewer = ask(
        charter + compile_orders(order for order in after if order is not added).policies, name, deployment, rank
    )
    more = ask(charter + compile_orders(after).policies, name, deployment, rank)
    assert fewer.permitted or not more.permitted
    if more.permitted:
        assert fewer.duties <= more.duties


FORGETTING: Final[dict[str, dict[str, object]]] = {
    "country": {"country": "", "own": False},
    "openness": {"openness": "unknown"},
    "exposure": {"exposure_known": False},
    "evaluations": {"evaluations": []},
}


@given(orders(), words, deployments, ranks, st.sampled_from(sorted(FORGETTING)))
def test_forgetting_a_fact_never_takes_a_deployment_out_of_an_orders_reach(
    order: Order, name: str, deployment: dict[str, Any], rank: DataClass, fact: str
) -> None:
    everything = '@id("all") permit (principal, action == Bouclier::Action::"infer", resource);\n'
    policies = everything + compile_orders([order]).policies
    told = ask(policies, name, deployment, rank)
    forgotten = ask(policies, name, {**deployment, **FORGETTING[fact]}, rank)
    assert told.permitted or not forgotten.permitted
    if forgotten.permitted:
        assert told.duties <= forgotten.duties


PLAIN: Final[dict[str, Any]] = {
    "own": False, "model": "a", "operator": "o", "site": "s", "country": "FR", "openness": "open",
    "exposure_known": True, "control": ["FR"], "foreign_laws": [], "contested": [], "capabilities": [],
    "evaluations": [], "carbon_known": False, "carbon_mg": 0,
}  # fmt: skip
AGAINST_THE_US: Final[dict[str, Any]] = {
    "effect": {"kind": "forbid-jurisdiction", "states": ["CN", "US"]},
    "selector": {},
}
UNDER_ONE_LAW: Final[dict[str, Any]] = {"selector": {"law": "us-cloud-act"}}


def permits(deployment: dict[str, Any], changes: dict[str, Any]) -> bool:
    policies = SOCLE + compile_orders([parse_order(json.dumps(spelled(**changes)).encode())]).policies
    return ask(policies, "a", {**PLAIN, **deployment}, DataClass.PERSONAL).permitted


REACHED_BY_THE_STATE: Final[list[dict[str, Any]]] = [
    {"control": ["FR", "US"]},
    {"foreign_laws": ["law-of-US"]},
    {"country": "US"},
    {"country": ""},
    {"exposure_known": False},
    {"exposure_known": False, "own": True},
    {"country": "US", "own": True},
]
REACHED_BY_THE_LAW: Final[list[dict[str, Any]]] = [
    {"foreign_laws": ["us-cloud-act"]},
    {"contested": ["us-cloud-act"]},
    {"contested": ["law-of-US"]},
]


@pytest.mark.parametrize("deployment", REACHED_BY_THE_STATE, ids=str)
def test_each_way_in_which_a_state_reaches_a_deployment(deployment: dict[str, Any]) -> None:
    assert not permits(deployment, AGAINST_THE_US)
    assert not permits(deployment, UNDER_ONE_LAW)


@pytest.mark.parametrize("deployment", REACHED_BY_THE_LAW, ids=str)
def test_each_way_in_which_one_law_alone_reaches_a_deployment(deployment: dict[str, Any]) -> None:
    assert permits(deployment, AGAINST_THE_US)
    assert not permits(deployment, UNDER_ONE_LAW)


def test_what_is_known_to_be_out_of_reach_is_left_alone() -> None:
    for deployment in ({}, {"foreign_laws": ["cn-nil", "law-of-CH"]}, {"own": True, "country": ""}):
        assert permits(deployment, UNDER_ONE_LAW)
        assert permits(deployment, AGAINST_THE_US)


def test_a_machine_of_ones_own_in_an_unstated_place_may_be_in_any_place() -> None:
    assert not permits({"own": True, "country": ""}, {"selector": {"country": "US"}})
    assert permits({"own": True}, {"selector": {"country": "US"}})


# ---- When they hold

MANDATES = {"fr-protection": mandate(territory=["FR", "DE", "US", "CN", "CH", "EU"])}
MEMBERS = ("FR", "DE")
territories = states | st.none()
wide = st.lists(st.sampled_from(["FR", "DE", "US", "EU"]), min_size=1, max_size=2, unique=True).map(tuple)
drawn_files = st.lists(orders(scopes=wide), max_size=4, unique_by=lambda order: order.id)


@st.composite
def superseding(draw: st.DrawFn) -> list[Order]:
    drawn = draw(drawn_files)
    ids = [order.id for order in drawn]
    return [structs.replace(order, supersedes=draw(st.none() | st.sampled_from(ids))) for order in drawn]


def file_of(order: Order) -> tuple[str, str, bytes]:
    return order.path, "authority-fr-protection", render_order(order)


def held(drawn: list[Order], at: datetime, territory: str | None) -> set[str]:
    found = orders_in_force(map(file_of, drawn), MANDATES, at=at, territory=territory, members=MEMBERS)
    return {one.digest for one in found.orders}


@given(superseding(), orders(scopes=wide), moments, territories)
def test_an_order_that_supersedes_nothing_puts_none_out_of_force(
    drawn: list[Order], added: Order, at: datetime, territory: str | None
) -> None:
    before = [order for order in drawn if order.id != added.id]
    assert held(before, at, territory) <= held([*before, added], at, territory)


@given(superseding(), moments, territories, st.randoms(use_true_random=False))
def test_neither_the_order_of_files_nor_reading_them_twice_matters(
    drawn: list[Order], at: datetime, territory: str | None, chance: Any
) -> None:
    files = [file_of(order) for order in drawn]
    mixed = [*files, *files]
    chance.shuffle(mixed)
    assert orders_in_force(files, MANDATES, at=at, territory=territory) == orders_in_force(
        mixed, MANDATES, at=at, territory=territory
    )


@given(superseding(), moments, territories, st.integers(1, 10**7))
def test_nothing_changes_before_the_next_change(
    drawn: list[Order], at: datetime, territory: str | None, seconds: int
) -> None:
    files = [file_of(order) for order in drawn]
    found = orders_in_force(files, MANDATES, at=at, territory=territory, members=MEMBERS)
    later = at + timedelta(seconds=seconds)
    if found.next_change is None or later < found.next_change:
        assert orders_in_force(files, MANDATES, at=later, territory=territory, members=MEMBERS) == found


@given(superseding(), moments, territories)
def test_a_gateway_of_unknown_territory_is_bound_by_every_order(
    drawn: list[Order], at: datetime, territory: str | None
) -> None:
    assert held(drawn, at, territory) <= held(drawn, at, None)


@given(superseding(), moments, territories)
def test_every_order_published_is_in_force_or_told_or_out_of_time_or_place(
    drawn: list[Order], at: datetime, territory: str | None
) -> None:
    found = orders_in_force(map(file_of, drawn), MANDATES, at=at, territory=territory, members=MEMBERS)
    valid = [order for order in drawn if order.supersedes != order.id]
    replaced = {order.supersedes for order in valid if order.start <= at}
    here = {territory, *(["EU"] if territory in MEMBERS else [])}
    expected = {
        hashlib.sha256(render_order(order)).hexdigest()
        for order in valid
        if order.start <= at < order.expires
        and order.id not in replaced
        and (territory is None or here & set(order.scope))
    }
    assert {one.digest for one in found.orders} == expected
    assert len(found.refused) == len(drawn) - len(valid)
