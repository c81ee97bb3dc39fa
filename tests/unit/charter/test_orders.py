"""Orders: how they are spelled, who may issue them, when they hold, and what they ask."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cedarpy import policies_to_pst
from tests.order_kit import PROTECTION, action_of, authorities, encoded, mandate, order, spelled

from bouclier.charter.order_draft import draft_order, unwritten
from bouclier.charter.order_words import effect_words, selector_words, territory_words
from bouclier.charter.orders import (
    EFFECTS,
    MAX_ORDER_BYTES,
    MAX_ORDERS,
    MAX_ORDERS_BYTES,
    Order,
    OrderError,
    compile_orders,
    kind_of,
    orders_digest,
    orders_in_force,
    overreach,
    parse_authorities,
    parse_order,
    render_order,
    that_count,
)
from bouclier.terms.duties import is_duty

SPECS = Path(__file__).parents[3] / "specs"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
MANDATES = {"fr-protection": mandate()}
ROLE = "authority-fr-protection"


def published(*orders: dict[str, Any]) -> list[tuple[str, str, bytes]]:
    return [(f"orders/{one['id']}.json", ROLE, json.dumps(one).encode()) for one in orders]


def held(*orders: dict[str, Any], at: datetime = NOW, territory: str | None = "FR") -> list[str]:
    found = orders_in_force(published(*orders), MANDATES, at=at, territory=territory)
    assert not found.refused
    return [one.order.id for one in found.orders]


# ---- Spelling


def test_an_order_is_read_with_all_its_particulars() -> None:
    read = order()
    assert read.id == "fr-protection/2026-014"
    assert read.path == "orders/fr-protection/2026-014.json"
    assert read.policy_id == "order-fr-protection-2026-014"
    assert read.expires - read.start == timedelta(days=30)
    assert read.selector.model == "exemple-7b"
    assert read.reasons.fr.endswith("Elles durent.")
    assert parse_order(render_order(read)) == read


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_can_be_ordered(kind: str) -> None:
    assert kind_of(order(effect=EVERY_EFFECT[kind]).effect) == kind


EVERY_EFFECT: dict[str, dict[str, Any]] = {
    "suspend": {"kind": "suspend"},
    "forbid-jurisdiction": {"kind": "forbid-jurisdiction", "states": ["US"]},
    "require-warning": {"kind": "require-warning", "warning": {"fr": "Attention.", "en": "Beware."}},
    "require-evaluation": {"kind": "require-evaluation", "evaluation": "inspect-2026-03"},
    "cap-class": {"kind": "cap-class", "class": "internal"},
    "require-human-review": {"kind": "require-human-review"},
    "local-only": {"kind": "local-only"},
}

TEXT = {"fr": "Texte.", "en": "Text."}
MISSPELT: list[tuple[dict[str, object], str]] = [
    ({"format": "bouclier-order/v2"}, "format"),
    ({"id": "fr-protection"}, "id"),
    ({"id": "other/2026-014"}, "id"),
    ({"id": "fr-protection/-2026"}, "id"),
    ({"id": "fr-protection/2026-014\n"}, "id"),
    ({"id": "fr-protection/" + "a" * 25}, "id"),
    ({"authority": "Fr-protection"}, "authority"),
    ({"effect": {"kind": "permit"}}, "effect.kind"),
    ({"effect": {"kind": "suspend", "until": "noon"}}, "effect.until"),
    ({"effect": {"kind": "forbid-jurisdiction", "states": []}}, "effect.states"),
    ({"effect": {"kind": "forbid-jurisdiction", "states": ["US", "US"]}}, "effect.states"),
    ({"effect": {"kind": "forbid-jurisdiction", "states": ["EU"]}}, "effect.states[0]"),
    ({"effect": {"kind": "cap-class", "class": "classified"}}, "effect.class"),
    ({"effect": {"kind": "require-evaluation"}}, "effect.evaluation"),
    ({"effect": {"kind": "require-warning", "warning": {"fr": "Attention.\n", "en": "Beware."}}}, "effect.warning.fr"),
    ({"selector": {"person": "x"}}, "selector.person"),
    ({"selector": {"country": "EU"}}, "selector.country"),
    ({"selector": {"country": None}}, "selector.country"),
    ({"selector": {"openness": "unknown"}}, "selector.openness"),
    ({"selector": {"law": "cloud act"}}, "selector.law"),
    ({"basis": ""}, "basis"),
    ({"basis": "   "}, "basis"),
    ({"title": {"fr": "Titre"}}, "title.en"),
    ({"title": {"fr": "Un\u202eérttit", "en": "A title"}}, "title.fr"),
    ({"reasons": {"fr": "x" * 4001, "en": "y"}}, "reasons.fr"),
    ({"reasons": {"fr": "un\u0000", "en": "y"}}, "reasons.fr"),
    ({"scope": []}, "scope"),
    ({"scope": ["fr"]}, "scope[0]"),
    ({"scope": ["FR", "FR"]}, "scope"),
    ({"start": "2026-11-22T10:00:00+00:00"}, "start"),
    ({"start": "2026-11-22T10:00:00.0Z"}, "start"),
    ({"start": "2026-11-22t10:00:00z"}, "start"),
    ({"start": "2026-11-22T10:00:00"}, "start"),
    ({"start": "2026-11-31T10:00:00Z"}, "start"),
    ({"expires": ...}, "expires"),
    ({"expires": None}, "expires"),
    ({"redress": ...}, "redress"),
    ({"redress": {"fr": "", "en": "Appeal."}}, "redress.fr"),
    ({"supersedes": "2026-013"}, "supersedes"),
    ({"permit": True}, "permit"),
]


@pytest.mark.parametrize(("changes", "field"), MISSPELT, ids=[field + str(i) for i, (_, field) in enumerate(MISSPELT)])
def test_what_is_misspelt_is_refused_and_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(OrderError) as caught:
        order(**changes)
    assert caught.value.param == field
    assert field in caught.value.message.fr
    assert field in caught.value.message.en


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 60_000,
        b'{"format":' + b"[" * 60_000,
        b" " * (MAX_ORDER_BYTES + 1),
        encoded().decode().encode("utf-16"),
        encoded() + b"x",
    ],
    ids=["empty", "bytes", "list", "deep", "deep field", "large", "utf-16", "trailing"],
)
def test_what_is_no_order_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(OrderError):
        parse_order(data)


@pytest.mark.parametrize("key", ["expires", "id", "effect"])
def test_a_key_given_twice_is_refused_since_readers_would_disagree(key: str) -> None:
    twice = encoded().rstrip(b"}") + b"}"
    first = f'"{key}": {json.dumps(spelled()[key])}'.encode()
    with pytest.raises(OrderError) as caught:
        parse_order(twice.replace(first, first + b", " + first, 1))
    assert caught.value.param == key


def test_a_hostile_field_name_is_shown_harmlessly() -> None:
    with pytest.raises(OrderError) as caught:
        order(**{"\u202e\x1b[2J" + "x" * 300: 1})
    assert caught.value.message.en.isascii()
    assert caught.value.message.en.isprintable()
    assert len(caught.value.message.en) < 700


def test_the_schema_accepts_what_is_an_order_and_refuses_the_misspelt() -> None:
    schema = json.loads((SPECS / "order-v1.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for effect in EVERY_EFFECT.values():
        validator.validate(spelled(effect=effect))
    # What the schema leaves to the reader: two fields that must agree, days that do not exist, texts of white space.
    beyond = [{"id": "other/2026-014"}, {"start": "2026-11-31T10:00:00Z"}, {"basis": "   "}]
    for changes, _ in MISSPELT:
        assert validator.is_valid(spelled(**changes)) == (changes in beyond), changes


def test_the_example_of_the_specification_is_an_order() -> None:
    page = (SPECS / "order-v1.md").read_text("utf-8")
    example = page.split("```json order\n", 1)[1].split("\n```", 1)[0].encode()
    read = parse_order(example + b"\n")
    assert render_order(read) == example + b"\n"
    digest = hashlib.sha256(example + b"\n").hexdigest()
    assert digest in page
    assert orders_digest([digest]) in page
    assert orders_digest([]) in page
    policy = page.split("```cedar policy\n", 1)[1].split("\n```", 1)[0]
    assert compile_orders([read]).policies == policy + "\n"


# ---- Mandates


def test_the_mandates_of_the_specification_are_mandates() -> None:
    page = (SPECS / "order-v1.md").read_text("utf-8")
    (given,) = parse_authorities(page.split("```json\n", 1)[1].split("\n```", 1)[0].encode()).values()
    assert given.max_days == 90


def test_mandates_are_read_by_authority() -> None:
    other = {**PROTECTION, "id": "eu-office", "role": "authority-eu-office", "territory": ["EU"]}
    read = parse_authorities(authorities(PROTECTION, other))
    assert set(read) == {"fr-protection", "eu-office"}
    assert read["fr-protection"].max_days == 90
    assert parse_authorities(authorities()) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "targets"}, "authorities[0].role"),
        ({"effects": ["permit"]}, "authorities[0].effects[0]"),
        ({"effects": []}, "authorities[0].effects"),
        ({"effects": ["suspend", "suspend"]}, "authorities[0].effects"),
        ({"territory": []}, "authorities[0].territory"),
        ({"max_days": 0}, "authorities[0].max_days"),
        ({"max_days": 30.5}, "authorities[0].max_days"),
        ({"basis": ""}, "authorities[0].basis"),
        ({"keys": []}, "authorities[0].keys"),
    ],
)
def test_a_mandate_that_is_misspelt_is_refused_and_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(OrderError) as caught:
        mandate(**changes)
    assert caught.value.param == field


@pytest.mark.parametrize("other", ["fr-protection", "fr", "fr-protection-nord"])
def test_two_authorities_whose_orders_could_be_confused_are_refused(other: str) -> None:
    second = {**PROTECTION, "id": other, "role": f"authority-{other}"}
    with pytest.raises(OrderError) as caught:
        parse_authorities(authorities(PROTECTION, second))
    assert caught.value.param == "authorities[1].id"


# ---- Overreach

TOO_LONG = "2027-02-20T10:00:01Z"


def test_an_order_within_its_mandate_is_valid() -> None:
    assert overreach(order(), mandate(), role=ROLE, path="orders/fr-protection/2026-014.json") == ()
    assert overreach(order(expires="2027-02-20T10:00:00Z"), mandate()) == ()  # ninety days to the second


@pytest.mark.parametrize(
    ("changes", "mandated", "where", "told"),
    [
        ({}, None, {}, "no mandate"),
        ({}, {"id": "de-amt", "role": "authority-de-amt"}, {}, "no mandate"),
        ({}, {"effects": ["require-warning"]}, {}, "effect suspend is outside"),
        ({"scope": ["FR", "DE"]}, {}, {}, "extends to DE"),
        ({"scope": ["EU"]}, {}, {}, "extends to EU"),
        ({"expires": TOO_LONG}, {}, {}, "longer than"),
        ({"expires": "2026-11-22T10:00:00Z"}, {}, {}, "ends before it starts"),
        ({"supersedes": "de-amt/1"}, {}, {}, "another authority's order"),
        ({"supersedes": "fr-protection/2026-014"}, {}, {}, "supersedes itself"),
        ({}, {}, {"role": "authority-de-amt"}, "under another role"),
        ({}, {}, {"path": "orders/de-amt/2026-014.json"}, "published elsewhere"),
    ],
)
def test_overreach_is_told_with_its_reason(
    changes: dict[str, object], mandated: dict[str, object] | None, where: dict[str, str], told: str
) -> None:
    given = None if mandated is None else mandate(**mandated)
    (reason,) = overreach(order(**changes), given, **where)
    assert told in reason.en
    assert reason.fr != reason.en


def test_every_reason_is_told_at_once() -> None:
    reasons = overreach(order(scope=["DE"], expires=TOO_LONG), mandate(effects=["local-only"]), role="targets")
    assert len(reasons) == 4


def test_a_mandate_for_the_union_covers_the_member_states_that_are_listed() -> None:
    union = mandate(territory=["EU"])
    assert overreach(order(scope=["EU"]), union) == ()
    assert overreach(order(scope=["FR"]), union, members=["DE", "FR"]) == ()
    assert len(overreach(order(scope=["CH"]), union, members=["DE", "FR"])) == 1
    assert len(overreach(order(scope=["FR"]), union)) == 1  # nobody said that it is a member


# ---- In force


def test_an_order_holds_from_its_start_until_it_expires() -> None:
    start, end = datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 12, 22, 10, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert [bool(held(spelled(), at=at)) for at in (start - second, start, end - second, end)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_moment_in_another_time_zone_is_the_same_moment() -> None:
    far = datetime.fromisoformat("2026-12-22T12:59:59+03:00")
    assert held(spelled(), at=far)


def test_the_next_change_is_the_next_start_or_end() -> None:
    later = spelled(id="fr-protection/later", start="2026-12-05T00:00:00Z")
    files = published(spelled(), later)
    moments = []
    at: datetime | None = datetime(2026, 1, 1, tzinfo=UTC)
    while at is not None:
        at = orders_in_force(files, MANDATES, at=at, territory="FR").next_change
        moments.append(None if at is None else at.strftime("%m-%d"))
    assert moments == ["11-22", "12-05", "12-22", None]


def test_scope_and_territory() -> None:
    mandates = {"fr-protection": mandate(territory=["EU", "FR", "CH"])}

    def applies(scope: list[str], territory: str | None, members: tuple[str, ...] = ("DE", "FR")) -> bool:
        files = published(spelled(scope=scope))
        found = orders_in_force(files, mandates, at=NOW, territory=territory, members=members)
        assert not found.refused
        return bool(found.orders)

    assert applies(["FR"], "FR")
    assert not applies(["FR"], "DE")
    assert applies(["EU"], "DE")
    assert not applies(["EU"], "CH")
    assert applies(["EU", "CH"], "CH")
    # Unknown never counts in anyone's favour: no territory stated, or no list of members.
    assert applies(["FR"], None)
    assert applies(["EU"], "CH", members=())
    # An institution of the Union itself.
    assert applies(["EU"], "EU")
    assert applies(["FR"], "EU")
    assert not applies(["CH"], "EU")


def test_what_supersedes_replaces_from_its_start_and_for_good() -> None:
    first = spelled(id="fr-protection/1", expires="2027-01-22T10:00:00Z")
    second = spelled(id="fr-protection/2", start="2026-12-05T00:00:00Z", supersedes="fr-protection/1")
    assert held(first, second, at=NOW) == ["fr-protection/1"]
    assert held(first, second, at=datetime(2026, 12, 5, tzinfo=UTC)) == ["fr-protection/2"]
    assert held(first, second, at=datetime(2026, 12, 23, tzinfo=UTC)) == []
    third = spelled(id="fr-protection/3", supersedes="fr-protection/2", start="2026-12-06T00:00:00Z")
    assert held(first, second, third, at=datetime(2026, 12, 7, tzinfo=UTC)) == ["fr-protection/3"]


def test_what_is_refused_supersedes_nothing() -> None:
    overreaching = spelled(id="fr-protection/2", supersedes="fr-protection/2026-014", scope=["DE"])
    found = orders_in_force(published(spelled(), overreaching), MANDATES, at=NOW, territory="FR")
    assert [one.order.id for one in found.orders] == ["fr-protection/2026-014"]
    assert [one.path for one in found.refused] == ["orders/fr-protection/2.json"]


def test_what_has_no_effect_is_listed_with_the_reason() -> None:
    files = [
        ("orders/fr-protection/torn.json", ROLE, b"{"),
        ("orders/fr-protection/other.json", ROLE, encoded()),
        ("orders/de-amt/2026-014.json", "authority-de-amt", encoded()),
        ("orders/de-amt/1.json", "authority-de-amt", encoded(id="de-amt/1", authority="de-amt")),
    ]
    found = orders_in_force(files, MANDATES, at=NOW, territory="FR")
    assert found.orders == ()
    assert [(one.path, len(one.reasons)) for one in found.refused] == [
        ("orders/de-amt/1.json", 1),
        ("orders/de-amt/2026-014.json", 2),
        ("orders/fr-protection/other.json", 1),
        ("orders/fr-protection/torn.json", 1),
    ]
    assert found.refused[3].digest == hashlib.sha256(b"{").hexdigest()
    assert found.digest == orders_digest([])


def test_one_id_never_stands_for_two_orders() -> None:
    (first,), (second,) = published(spelled()), published(spelled(basis="Autre"))
    found = orders_in_force([first, second, first], MANDATES, at=NOW, territory="FR")
    assert len(found.orders) == 1
    assert len(found.refused) == 1


def test_the_digest_is_that_of_what_is_in_force_in_whatever_order_it_came() -> None:
    files = published(spelled(id="fr-protection/1"), spelled(id="fr-protection/2"))
    forth, back = (
        orders_in_force(given, MANDATES, at=NOW, territory="FR").digest for given in (files, reversed(files))
    )
    one, two = (hashlib.sha256(data).hexdigest() for _, _, data in files)
    assert forth == back == hashlib.sha256(json.dumps(sorted([one, two]), separators=(",", ":")).encode()).hexdigest()
    assert orders_digest([]) == hashlib.sha256(b"[]").hexdigest()


# ---- What they compile to


@pytest.mark.parametrize("kind", EFFECTS)
def test_an_order_is_one_forbid_or_one_duty(kind: str) -> None:
    compiled = compile_orders([order(effect=EVERY_EFFECT[kind])])
    tree = policies_to_pst(compiled.policies)
    assert not tree.templates
    (policy,) = tree.static_policies.values()
    assert policy.annotations["id"] == "order-fr-protection-2026-014"
    assert policy.annotations["title_fr"] == "Suspension du modèle exemple-7b"
    if "duty" in policy.annotations:
        assert (policy.effect, policy.action) == ("permit", action_of("oblige"))
        assert is_duty(policy.annotations["duty"])
    else:
        assert (policy.effect, policy.action) == ("forbid", action_of("infer"))
    assert set(compiled.warnings) == ({"order-fr-protection-2026-014"} if kind == "require-warning" else set())


def test_no_order_compiles_to_nothing() -> None:
    assert compile_orders([]).policies == ""
    assert compile_orders([]).warnings == {}


def test_the_longest_ids_still_make_a_warning() -> None:
    authority, name = "a" * 32, "b" * 24
    effect = EVERY_EFFECT["require-warning"]
    compiled = compile_orders([order(id=f"{authority}/{name}", authority=authority, effect=effect)])
    (policy,) = policies_to_pst(compiled.policies).static_policies.values()
    assert is_duty(policy.annotations["duty"])


def test_orders_that_would_be_confused_do_not_compile() -> None:
    one, two = order(id="a-b/c", authority="a-b"), order(id="a/b-c", authority="a")
    with pytest.raises(OrderError):
        compile_orders([one, two])


def test_policies_come_in_the_order_of_their_ids() -> None:
    made: list[Order] = [order(id=f"fr-protection/{name}") for name in ("2", "1", "3")]
    assert compile_orders(made) == compile_orders(reversed(made))


# ---- What they say, and drafts of them


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_is_said_in_two_languages(kind: str) -> None:
    words = effect_words(order(effect=EVERY_EFFECT[kind]).effect)
    assert words.fr != words.en


def test_what_is_selected_is_said() -> None:
    assert selector_words(order(selector={}).selector).fr == "tous les déploiements"
    picked = {"operator": "nuage", "country": "US", "openness": "closed", "law": "us-cloud-act"}
    said = selector_words(order(selector=picked).selector)
    assert said.en == "operator nuage, machines in US, weights closed, within reach of the law us-cloud-act"
    assert "poids fermés" in said.fr
    assert territory_words(["EU", "CH"]).fr == "Union européenne, CH"


def test_a_draft_needs_its_particulars_and_a_template_says_which() -> None:
    given = {"id": "fr-protection/1", "effect.kind": "require-warning"}
    with pytest.raises(OrderError):
        draft_order(given, now=NOW, days=30)
    template = draft_order(given, now=NOW, template=True)
    assert template.start == NOW
    assert template.expires == NOW + timedelta(days=30)
    assert unwritten(template)[:3] == ("basis", "title.fr", "title.en")
    assert {"effect.warning.fr", "redress.en"} <= set(unwritten(template))
    assert unwritten(order()) == ()
    assert template.id == "fr-protection/1"


def test_a_draft_ends_so_many_days_after_the_start_it_was_given() -> None:
    given = {"id": "fr-protection/1", "start": "2027-01-01T00:00:00Z"}
    assert draft_order(given, now=NOW, days=2, template=True).expires == datetime(2027, 1, 3, tzinfo=UTC)
    with pytest.raises(OrderError) as caught:
        draft_order({**given, "start": "tomorrow"}, now=NOW, days=2, template=True)
    assert caught.value.param == "start"


def test_the_first_orders_of_an_authority_count_and_no_other_authority_loses_any() -> None:
    own = [
        (f"orders/fr-protection/{number:03}.json", "authority-fr-protection", encoded(id=f"fr-protection/{number:03}"))
        for number in range(MAX_ORDERS + 2)
    ]
    path, role = "orders/zz-office/1.json", "authority-zz-office"
    mandates = parse_authorities(authorities(PROTECTION, {**PROTECTION, "id": "zz-office", "role": role}))
    theirs = (path, role, encoded(id="zz-office/1", authority="zz-office"))
    found = orders_in_force([*reversed(own), theirs], mandates, at=NOW, territory="FR")
    expected = [f"fr-protection/{number:03}" for number in range(MAX_ORDERS)]
    assert [one.order.id for one in found.orders] == [*expected, "zz-office/1"]
    assert [one.path for one in found.refused] == [path for path, _, _ in own[MAX_ORDERS:]]
    assert {reason.en for one in found.refused for reason in one.reasons} == {
        "beyond the authority's first 100 orders, or 1048576 bytes in all"
    }
    # Who was given only those that count says the same.
    assert orders_in_force([*own[:MAX_ORDERS], theirs], mandates, at=NOW, territory="FR").digest == found.digest


@pytest.mark.parametrize(
    ("lengths", "count"),
    [
        ([], 0),
        ([0] * MAX_ORDERS, MAX_ORDERS),
        ([0] * (MAX_ORDERS + 5), MAX_ORDERS),
        ([MAX_ORDERS_BYTES], 1),
        ([MAX_ORDERS_BYTES + 1], 0),
        ([MAX_ORDERS_BYTES - 1, 2, 1], 1),
    ],
)
def test_orders_count_up_to_a_number_and_a_size_of_all(lengths: list[int], count: int) -> None:
    assert that_count(lengths) == count
    assert that_count(lengths[:count]) == count
