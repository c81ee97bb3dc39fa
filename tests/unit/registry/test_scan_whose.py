"""Whose a sign is, and what an institution depends on taken together."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from tests.facts_kit import VOUCHED

from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files
from bouclier.registry.draw_model import Look, Strength
from bouclier.registry.draw_verdict import verdict_of
from bouclier.registry.draw_words import state_names
from bouclier.registry.expose import moment, report_at
from bouclier.registry.scan_model import Dependency, Place, Shows
from bouclier.registry.scan_picture import verdict_of_whole, whole_picture
from bouclier.registry.scan_resolve import Found, resolve
from bouclier.registry.scan_totals import Dependence, Group, dependence_of, subject_of
from bouclier.registry.signs import SignFacts, Signs, parse_signs
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from bouclier.registry import Registry

DAY = dt.date(2026, 11, 22)
FAR = ["domain:far.example", "terraform:far/far", "image:far.example/img"]


def facts(**changes: Any) -> Registry:
    """An invented registry: a town's own supplier, and a company abroad with a daughter here."""
    whole: dict[str, Any] = {
        "format": "bouclier-registry/v2",
        "area": VOUCHED
        | {"id": "area", "name": {"fr": "zone", "en": "area"}, "members": [{"code": "FR", "through": "EU"}]},
        "entities": [
            {"id": name, "name": title, "kind": "company", "seat": seat, "ultimate": ultimate} | VOUCHED
            for name, title, seat, ultimate in (
                ("near", "Nuage Proche SAS", "FR", True), ("far", "Far Clouds Inc.", "US", True),
                ("far-fr", "Far France (Far Clouds / Région)", "FR", False), ("murky", "Murky Ltd", "FR", False),
            )
        ],
        "edges": [{"holder": "far", "held": "far-fr", "share": 100} | VOUCHED],
        "services": [
            {"id": name, "name": title, "operator": operator, "kind": "platform", "countries": ["FR"], "signs": signs}
            | VOUCHED
            for name, title, operator, signs in (
                ("near-cloud", "Nuage", "near", ["domain:nuage.example", "name:Nuage"]),
                ("far-cloud", "Far Cloud", "far-fr", FAR),
                ("far-chat", "Far Chat", "far-fr", ["domain:chat.far.example", "purl:pkg:npm/%40far", "variable:FAR"]),
                ("murky-cloud", "Murky", "murky", ["domain:murky.example"]),
            )
        ],
        "laws": [
            VOUCHED
            | {"id": "us-law", "jurisdiction": "US", "title": {"fr": "loi", "en": "law"}, "basis": "1"}
            | {"allows": {"fr": "ordonner", "en": "order"}, "status": "in-force", "triggers": ["seat", "control"]},
        ],
    } | changes  # fmt: skip
    return parse_registry({"facts.json": json.dumps(whole).encode()})


@pytest.fixture(scope="module")
def registry() -> Registry:
    return facts()


def seen(sign: str, shows: Shows = Shows.DATA, *others: str, **more: Any) -> Dependency:
    """A dependence that a file shows."""
    return Dependency((sign, *others), shows, Place("f", more.pop("line", 1)), Bilingual("vu", "seen"), **more)


def whole(registry: Registry, *dependencies: Dependency) -> Dependence:
    """All of it, exposed."""
    found = resolve(dependencies, Signs(registry))
    at = moment(registry, DAY)
    reports = {one.target: report_at(at, subject_of(registry, one.target)) for one in found if one.target}
    return dependence_of(found, reports, registry, at.ownership)


@pytest.mark.parametrize(
    ("sign", "target"),
    [
        ("domain:a.b.nuage.example", "near-cloud"),
        ("domain:nuage.example", "near-cloud"),
        ("domain:notnuage.example", None),
        ("domain:eu.chat.far.example", "far-chat"),
        ("domain:far.example", "far-cloud"),
        ("image:far.example/img/x", "far-cloud"),
        ("image:registry.nuage.example/x", "near-cloud"),
        ("image:other.example/x", None),
        ("terraform:far/far", "far-cloud"),
        ("terraform:far/other", None),
        ("purl:pkg:npm/@far/sdk@1.0?x=y", "far-chat"),
        ("purl:pkg:npm/far@1.0", None),
        ("variable:FAR_API_KEY", "far-chat"),
        ("variable:FARTHER_KEY", None),
        ("name:nuage S.A.S.", "near-cloud"),
        ("name:Nuage Proche", "near-cloud"),
        ("name:Far Clouds, Inc.", "far"),
        ("name:far france", "far-fr"),
        ("name:Farandole", None),
        ("nonsense", None),
    ],
)
def test_the_longest_sign_says_whose_it_is(registry: Registry, sign: str, target: str | None) -> None:
    match = Signs(registry).find(sign)

    assert (None if match is None else match.id) == target


def test_two_who_claim_the_same_sign_are_no_answer() -> None:
    services = [
        {"id": name, "name": name, "operator": "near", "kind": "platform", "signs": ["domain:both.example"]} | VOUCHED
        for name in ("one", "two")
    ]

    assert Signs(facts(services=services)).find("domain:both.example") is None


def test_signs_of_others_come_from_a_file_and_may_say_that_they_show_software_only(registry: Registry) -> None:
    fact = {"sign": "terraform:tools/random", "of": "far", "shows": "software"} | VOUCHED
    lost = {"sign": "domain:lost.example", "of": "nobody"} | VOUCHED
    given = parse_signs(json.dumps({"format": "bouclier-signs/v1", "signs": [fact, lost]}).encode())

    [found] = resolve([seen("terraform:tools/random")], Signs(registry, given.signs))

    assert (found.target, found.shows) == ("far", Shows.SOFTWARE)
    assert Signs(registry, given.signs).find("domain:lost.example") is None


@pytest.mark.parametrize("sign", ["nonsense", "domain:", "mail:x", "domain: x"])
def test_a_sign_of_no_kind_is_refused(sign: str) -> None:
    with pytest.raises(ConfigurationError, match=r"signs\.json"):
        parse_signs(
            json.dumps({"format": "bouclier-signs/v1", "signs": [{"sign": sign, "of": "x"} | VOUCHED]}).encode()
        )


def test_one_sign_seen_often_is_one_dependence_with_all_its_places(registry: Registry) -> None:
    [found] = resolve([seen("domain:far.example", line=line) for line in (1, 2, 3)], Signs(registry))

    assert [place.line for place in found.places] == [1, 2, 3]


def test_unknown_comes_first_and_what_only_looks_like_an_address_is_not_told(registry: Registry) -> None:
    found = resolve(
        [seen("domain:far.example"), seen("domain:stranger.example"), seen("domain:sk-abc.def", doubtful=True),
         seen("domain:murky.example", doubtful=True)], Signs(registry),
    )  # fmt: skip

    assert [(one.sign, one.target) for one in found] == [
        ("domain:stranger.example", ""), ("domain:far.example", "far-cloud"), ("domain:murky.example", "murky-cloud"),
    ]  # fmt: skip


def test_a_provider_named_beside_a_strange_domain_tells_whose_it_is(registry: Registry) -> None:
    [found] = resolve([seen("domain:stranger.example", Shows.DATA, "name:Nuage Proche SAS")], Signs(registry))

    assert (found.sign, found.target) == ("domain:stranger.example", "near-cloud")


def test_each_dependence_is_in_one_group(registry: Registry) -> None:
    dependence = whole(registry, *(seen(f"domain:{name}.example") for name in ("nuage", "far", "murky", "stranger")))

    count = dependence.counts[Shows.DATA]
    assert [row.group for row in dependence.rows] == [Group.UNKNOWN, Group.FOREIGN, Group.UNKNOWN, Group.HOME]
    assert count.groups == {Group.FOREIGN: 1, Group.UNKNOWN: 2, Group.OPEN: 0, Group.CONTESTED: 0, Group.HOME: 1}
    assert (count.total, count.established) == (4, {"US": 1})


def scattered() -> Registry:
    """The same, and a supplier from here with machines here and abroad: nobody says which serve."""
    service = {"id": "near-cloud", "name": "Nuage", "operator": "near", "kind": "platform", "countries": ["FR", "US"]}
    laws = [
        VOUCHED
        | {"id": "us-law", "jurisdiction": "US", "title": {"fr": "loi", "en": "law"}, "basis": "1"}
        | {"allows": {"fr": "ordonner", "en": "order"}, "status": "in-force", "triggers": ["hosting"]},
    ]
    return facts(services=[service | {"staff": ["FR"], "signs": ["domain:nuage.example"]} | VOUCHED], laws=laws)


def test_what_could_be_compelled_if_machines_stand_there_is_never_counted_as_established() -> None:
    registry = scattered()
    dependence = whole(registry, seen("domain:nuage.example"))

    [row] = dependence.rows
    count = dependence.counts[Shows.DATA]
    assert (row.group, row.established, row.open, row.contested) == (Group.OPEN, (), ("US",), ())
    assert (count.groups[Group.FOREIGN], count.groups[Group.OPEN]) == (0, 1)
    assert (count.established, count.open) == ({}, {"US": 1})
    assert verdict_of_whole(dependence, "en") == (
        "Of 1 dependence to which data can go, 0 are under the law of a third state; 1 could be, if the machines stand "
        "there; 0 are unknown."
    )
    assert verdict_of_whole(dependence, "fr").endswith("; 1 pourrait l'être, si les machines y sont ; 0 est inconnue.")
    picture = whole_picture(dependence, "en", day=DAY, digest="ab")
    lines = {(line.begin, line.end): line.strength for line in picture.lines}
    assert lines["institution", "entity:near"] is lines["entity:near", "state:US"] is Strength.PERHAPS
    assert {box.look for box in picture.boxes if box.key == "state:US"} == {Look.OPEN_STATE}
    assert "Nuage Proche SAS → United States: perhaps, if the machines stand there." in picture.sentences


def test_a_scan_says_of_all_the_registry_knows_what_exposure_says() -> None:
    registry = parse_registry(common_files())
    at = moment(registry, DAY)
    reports = {one: report_at(at, subject_of(registry, one)) for one in (*registry.services, *registry.entities)}
    found = [Found(f"name:{one}", Shows.DATA, (Bilingual("", ""),), (Place("f"),), one) for one in reports]

    rows = dependence_of(found, reports, registry, at.ownership).rows

    assert len(rows) == len(reports)
    assert {row.group for row in rows} == set(Group)
    for row in rows:
        assert row.report is not None
        told = verdict_of(row.report, "en")
        sure, disputed, perhaps = (state_names(codes, "en") for codes in (row.established, row.contested, row.open))
        assert ("can compel those behind" in told) is bool(sure) is (bool(sure) and f"({sure}) can compel" in told)
        assert ("contested for: " in told) is bool(disputed) is (bool(disputed) and f"for: {disputed}" in told)
        assert ("machines stand" in told) is bool(perhaps) is (bool(perhaps) and f"stand there: {perhaps} (" in told)
        assert (row.group is Group.FOREIGN) is bool(sure)
        assert (row.group is Group.UNKNOWN) is told.startswith("It is not known who can be compelled")
        assert (row.group is Group.HOME) is told.startswith("No law of a third state can compel")


def test_a_single_point_is_the_topmost_company_on_which_several_rest(registry: Registry) -> None:
    signs = ("domain:far.example", "domain:chat.far.example", "terraform:far/far", "domain:nuage.example")

    [point] = whole(registry, *map(seen, signs)).points

    assert (point.entity, point.total) == ("far", 3)


def test_the_verdict_counts_only_where_data_can_go(registry: Registry) -> None:
    data = whole(registry, seen("domain:far.example"), seen("purl:pkg:npm/%40far", Shows.SOFTWARE))
    software = whole(registry, seen("purl:pkg:npm/%40far", Shows.SOFTWARE))

    assert verdict_of_whole(data, "en") == (
        "Of 1 dependence to which data can go, 1 is under the law of a third state (United States: 1); 0 are unknown."
    )
    assert verdict_of_whole(software, "fr") == "1 dépendance ; rien ne montre que des données partent."


def test_the_picture_of_the_whole_shows_who_is_behind_and_what_is_unknown(registry: Registry) -> None:
    names = ("nuage", "far", "murky", "stranger")
    picture = whole_picture(
        whole(registry, *(seen(f"domain:{name}.example") for name in names)), "en", day=DAY, digest="ab"
    )

    lines = {(line.begin, line.end): line.strength.value for line in picture.lines}
    assert lines["institution", "entity:far-fr"] == "compels"
    assert lines["entity:far-fr", "entity:far"] == "compels"
    assert lines["entity:far", "state:US"] == "compels"
    assert lines["entity:near", "state:FR"] == "home"
    assert lines["entity:murky", "rest"] == "question"
    assert lines["institution", "question"] == "question"


def test_the_packaged_signs_respect_their_published_schema_and_the_schema_the_types() -> None:
    data = resources.files("bouclier.registry") / "data"
    schema = json.loads((data / "signs.schema.json").read_bytes())

    jsonschema.Draft202012Validator(schema).validate(json.loads((data / "signs.json").read_bytes()))
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(SignFacts)))
    assert {key: schema[key] for key in generated} == generated
