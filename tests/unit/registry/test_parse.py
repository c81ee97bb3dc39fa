"""Facts are read strictly; all that is wrong is told together, with file, line, field and a hint."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.facts_kit import VOUCHED
from tests.registry_kit import DOCUMENT, TEXT, bent, own, with_more, written

from bouclier.registry import flaws_of, parse_registry
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from bouclier.registry.parse_flaws import Flaw

FILE = "faits.json"
OWN = "institution.json"


def flaws(document: dict[str, Any]) -> tuple[Flaw, ...]:
    return flaws_of({FILE: written(document)})


def only(document: dict[str, Any]) -> Flaw:
    found = flaws(document)
    assert len(found) == 1, [flaw.message.en for flaw in found]
    return found[0]


def own_flaws(**kinds: list[dict[str, Any]]) -> tuple[Flaw, ...]:
    return flaws_of({FILE: written(DOCUMENT)}, {OWN: own(**kinds)})


def line_of(document: dict[str, Any], text: str, *, nth: int = 0) -> int:
    """The line of a document on which a text stands for the nth time."""
    return [number for number, line in enumerate(written(document).decode().splitlines(), 1) if text in line][nth]


def test_facts_that_agree_make_a_registry() -> None:
    registry = parse_registry({FILE: written(DOCUMENT)})

    assert set(registry.entities) == {"self", "acme", "acme-holding", "zeta"}
    assert [edge.holder for edge in registry.held_by["acme"]] == ["acme-holding", "zeta"]
    assert [edge.held for edge in registry.holds["zeta"]] == ["acme"]
    assert [service.id for service in registry.services_of["acme"]] == ["acme-api"]
    assert registry.members_on(dt.date(2026, 11, 22)) == {"FR", "DE"}
    assert registry.qualifications["acme-api"][0].until == "2027-06-30"


def test_what_is_published_reads_back_to_the_same_registry() -> None:
    registry = parse_registry({FILE: written(DOCUMENT)})
    again = parse_registry({"registry.json": registry.canonical})
    assert (again.digest, again.canonical) == (registry.digest, registry.canonical)


def test_facts_in_several_files_are_one_registry() -> None:
    parts = {
        f"{kind}.json": written({"format": DOCUMENT["format"], kind: value})
        for kind, value in DOCUMENT.items()
        if kind != "format"
    }
    assert parse_registry(parts).digest == parse_registry({FILE: written(DOCUMENT)}).digest


def test_every_problem_is_told_with_its_line_and_the_first_names_the_error() -> None:
    document = bent("entities", 1, seat="France", colour="blue")
    document["edges"][1]["share"] = 140
    document["services"][0]["operator"] = "acmee"
    document["qualifications"][0]["to"] = "2027-02-31"

    found = flaws(document)

    assert [(flaw.path, flaw.line) for flaw in found] == [
        ("entities[1].seat", line_of(document, "France")),
        ("edges[1].share", line_of(document, "140")),
        ("services[0].operator", line_of(document, '"acmee"')),
        ("qualifications[0].to", line_of(document, "2027-02-31")),
    ]
    with pytest.raises(ConfigurationError) as caught:
        parse_registry({FILE: written(document)})
    assert caught.value.param == f"{FILE}:{found[0].line}: entities[1].seat"
    for flaw in found:
        assert flaw.where in caught.value.message.fr
        assert flaw.message.en in caught.value.message.en


def test_an_error_lists_the_first_twenty_and_counts_the_others() -> None:
    document = with_more("edges", *({"holder": f"nobody-{number}", "held": "acme"} for number in range(30)))
    assert len(flaws(document)) == 30
    with pytest.raises(ConfigurationError) as caught:
        parse_registry({FILE: written(document)})
    assert caught.value.message.en.count("no entity is called") == 20
    assert "and 10 more" in caught.value.message.en


@pytest.mark.parametrize(
    ("kind", "index", "change", "path", "hint"),
    [
        ("entities", 1, {"sead": "FR"}, "entities[1].sead", "'seat'"),
        ("entities", 1, {"seat": "FRA"}, "entities[1].seat", "ISO 3166-1"),
        ("entities", 1, {"kind": "firm"}, "entities[1].kind", "company"),
        ("edges", 0, {"holder": "Acme SA"}, "edges[0].holder", "lower-case"),
        ("entities", 1, {"source": {"kind": "x"}}, "entities[1].source", "registry check"),
        ("entities", 1, {"as_of": "hier"}, "entities[1].as_of", "2026-11-22"),
        ("edges", 0, {"votes": -1}, "edges[0].votes", "percentage"),
        ("edges", 0, {"veto": "yes"}, "edges[0].veto", "registry check"),
        ("edges", 0, {"holder": "acme-holdin"}, "edges[0].holder", "'acme-holding'"),
        ("sites", 0, {"pue": 0.5}, "sites[0].pue", "registry check"),
        ("sites", 0, {"operator": "acmee"}, "sites[0].operator", "'acme'"),
        ("supplies", 0, {"supplier": "zetta"}, "supplies[0].supplier", "'zeta'"),
        ("reaches", 0, {"law": "us-esai"}, "reaches[0].law", "'us-essai'"),
        ("reaches", 0, {"certainty": "maybe"}, "reaches[0].certainty", "established"),
        ("models", 0, {"maker": "zet"}, "models[0].maker", "'zeta'"),
        ("deployments", 0, {"model": "essai-7"}, "deployments[0].model", "'essai-7b'"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(
    kind: str, index: int, change: dict[str, Any], path: str, hint: str
) -> None:
    flaw = only(bent(kind, index, **change))
    assert flaw.path == path
    assert hint in flaw.hint.en


@pytest.mark.parametrize(
    ("kind", "change", "fr", "en"),
    [
        ("sites", {"pue": "x"}, "il faut un nombre, et non un texte", "a number is expected, and not a text"),
        ("sites", {"pue": 0.5}, "hors limites : il faut >= 1.0", "out of bounds: it must be >= 1.0"),
        ("services", {"sites": "x"}, "il faut une liste, et non un texte", "a list is expected, and not a text"),
        ("models", {"parameters_b": [7]}, "il faut 2 valeurs, et non 1", "2 values are expected, and not 1"),
        ("laws", {"title": "Loi"}, "il faut un objet, et non un texte", "an object is expected, and not a text"),
    ],
)
def test_a_value_of_another_kind_is_told_in_words_of_either_language(
    kind: str, change: dict[str, Any], fr: str, en: str
) -> None:
    flaw = next(flaw for flaw in flaws(bent(kind, 0, **change)) if next(iter(change)) in flaw.path)
    assert (flaw.message.fr, flaw.message.en) == (fr, en)


def test_the_title_of_a_law_is_in_both_languages_and_the_hint_says_how() -> None:
    assert '{"fr": "...", "en": "..."}' in next(iter(flaws(bent("laws", 0, title="Loi")))).hint.en


def test_a_file_that_stops_before_its_end_is_told_so_in_either_language() -> None:
    [flaw] = flaws_of({FILE: b'{"format": "bouclier-registry/v2",'})
    assert flaw.message.fr == "ce n'est pas du JSON : il s'arrête avant la fin"
    assert flaw.message.en == "this is not JSON: it stops before its end"


@pytest.mark.parametrize("gone", ["source", "as_of", "confidence", "name"])
def test_a_fact_without_what_every_fact_says_is_refused(gone: str) -> None:
    flaw = only(bent("entities", 3, **{gone: ...}))
    assert f"'{gone}'" in flaw.message.en
    assert f"« {gone} »" in flaw.message.fr
    assert flaw.line == line_of(DOCUMENT, '"id": "zeta"') - 1


@pytest.mark.parametrize(("code", "meant"), [("UK", "GB"), ("EL", "GR")])
def test_a_state_is_spelled_as_iso_does(code: str, meant: str) -> None:
    assert meant in only(bent("entities", 3, seat=code)).hint.en


@pytest.mark.parametrize("day", ["2026-02-29", "2026-04-31", "0000"])
@pytest.mark.parametrize("field", ["as_of", "from", "to"])
def test_a_day_that_is_in_no_calendar_is_refused(day: str, field: str) -> None:
    flaw = only(bent("edges", 1, **{field: day}))
    assert flaw.path == f"edges[1].{field}"
    assert day in flaw.message.en


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        ("2026", "2026", True),
        ("2026-05", "2026-05-02", True),
        ("2026-05-02", "2026-05", True),
        ("2027", "2026", False),
        ("2026-05-02", "2026-05-02", False),
        ("2026-06", "2026-05", False),
    ],
)
def test_a_fact_ends_after_it_began(since: str, until: str, fits: bool) -> None:  # noqa: FBT001
    found = flaws(bent("qualifications", 0, **{"from": since, "to": until}))
    assert [flaw.path for flaw in found] == ([] if fits else ["qualifications[0].to"])


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("entities", {"id": "acme", "name": "B", "kind": "company"}),
        ("services", {"id": "zeta", "name": "B", "operator": "acme", "kind": "software"}),
        ("models", {"id": "acme-paris", "name": "B"}),
    ],
)
def test_an_id_names_one_thing_whatever_its_kind(kind: str, fact: dict[str, Any]) -> None:
    flaw = only(with_more(kind, fact))
    assert flaw.path.endswith(".id")
    assert "exists already" in flaw.message.en


def test_a_law_is_filed_under_its_state() -> None:
    flaw = only(bent("laws", 0, jurisdiction="FR"))
    assert flaw.path == "laws[0].jurisdiction"
    assert "fr-essai" in flaw.hint.en


def test_who_cites_a_malformed_fact_is_not_wrong_for_that() -> None:
    assert [flaw.path for flaw in flaws(bent("entities", 1, kind="firm"))] == ["entities[1].kind"]


@pytest.mark.parametrize(
    ("kind", "fact", "path"),
    [
        ("edges", {"holder": "zeta", "held": "acme", "share": 30}, "edges[2].share"),
        ("edges", {"holder": "zeta", "held": "acme", "share": 40}, "edges[2]"),
        ("edges", {"holder": "zeta", "held": "acme", "share": 40, "votes": 1}, "edges[2]"),
        ("supplies", {"service": "acme-api", "supplier": "zeta", "role": "technology"}, "supplies[1]"),
        ("qualifications", {"service": "acme-api", "name": "hds", "status": "claimed"}, "qualifications[1]"),
        ("assessments", {"service": "acme-api", "objective": "SOV-1", "seal": 4}, "assessments[1]"),
        ("reaches", {"law": "us-essai", "whom": "acme", "certainty": "established", "through": "x"}, "reaches[1]"),
    ],
)
def test_two_facts_on_one_thing_do_not_hold_at_one_time(kind: str, fact: dict[str, Any], path: str) -> None:
    found = [flaw for flaw in flaws(with_more(kind, fact)) if "at the same time" in flaw.message.en]
    assert path in [flaw.path for flaw in found]


def test_a_fact_may_follow_another_on_the_same_thing() -> None:
    later = {"holder": "zeta", "held": "acme", "share": 30, "from": "2027"}
    assert flaws(with_more("edges", later)) == ()


def test_two_facts_may_complete_each_other() -> None:
    assert flaws(with_more("edges", {"holder": "zeta", "held": "acme", "votes": 10})) == ()


def test_parts_never_make_more_than_the_whole() -> None:
    flaw = only(with_more("edges", {"holder": "self", "held": "acme", "share": 0.5, "from": "2026"}))
    assert flaw.path == "edges[2].share"
    assert "100.5" in flaw.message.en


@pytest.mark.parametrize("since", ["1990", "2026"])
def test_of_parts_that_make_too_much_the_last_read_is_told_whenever_it_began(since: str) -> None:
    flaw = only(with_more("edges", {"holder": "self", "held": "acme", "share": 0.5, "from": since}))
    assert flaw.path == "edges[2].share"


@pytest.mark.parametrize(("holder", "field"), [("acme", "held"), ("nobody-known", "holder")])
def test_a_part_that_is_wrong_already_makes_no_other_wrong(holder: str, field: str) -> None:
    flaw = only(with_more("edges", {"holder": holder, "held": "acme", "share": 50, "from": "1990"}))
    assert flaw.path == f"edges[2].{field}"


def test_parts_held_one_after_the_other_make_no_sum() -> None:
    assert flaws(with_more("edges", {"holder": "self", "held": "acme", "share": 40, "from": "2027-12"})) == ()


def test_vague_dates_do_not_make_parts_overlap() -> None:
    # Until some day of 2027, and from some day of 2027: perhaps one after the other.
    assert flaws(with_more("edges", {"holder": "self", "held": "acme", "share": 40, "from": "2027"})) == ()


@pytest.mark.parametrize(
    "control", [{"share": 51}, {"votes": 60}, {"veto": True}, {"board": "majority"}, {"controls": True}]
)
def test_who_is_said_to_have_no_master_is_given_none(control: dict[str, Any]) -> None:
    flaw = only(with_more("edges", {"holder": "zeta", "held": "acme-holding", **control}))
    assert flaw.path == "edges[2].held"


def test_a_master_of_the_past_contradicts_nothing() -> None:
    past = {"holder": "zeta", "held": "acme-holding", "share": 51, "to": "2019"}
    assert flaws(with_more("edges", past)) == ()


def test_a_minority_contradicts_nothing() -> None:
    assert flaws(with_more("edges", {"holder": "zeta", "held": "acme-holding", "share": 20})) == ()


def test_a_majority_controls_whatever_is_said() -> None:
    assert only(bent("edges", 0, controls=False)).path == "edges[0].controls"


def test_holdings_in_a_ring_are_no_error() -> None:
    assert flaws(with_more("edges", {"holder": "acme", "held": "zeta", "share": 60})) == ()


def test_nobody_holds_itself() -> None:
    assert only(with_more("edges", {"holder": "zeta", "held": "zeta", "share": 1})).path == "edges[2].held"


def test_nobody_holds_the_institution_itself() -> None:
    assert only(with_more("edges", {"holder": "zeta", "held": "self", "share": 1})).path == "edges[2].held"


def test_nothing_reaches_the_institution_itself() -> None:
    reach = {"law": "us-essai", "whom": "self", "certainty": "contested", "through": "x"}
    assert only(with_more("reaches", reach)).path == "reaches[1].whom"


@pytest.mark.parametrize(("index", "kind"), [(0, "company"), (3, "institution")])
def test_nobody_else_passes_for_the_institution(index: int, kind: str) -> None:
    assert only(bent("entities", index, kind=kind)).path == f"entities[{index}].kind"


def test_who_only_publishes_runs_nothing() -> None:
    found = flaws(bent("entities", 1, publishes_only=True))
    assert [flaw.path for flaw in found] == ["sites[0].operator", "services[0].operator"]


def test_a_deployment_stands_at_a_site_of_its_service() -> None:
    document = with_more("sites", {"id": "zeta-1", "name": "Z", "operator": "zeta", "country": "US"})
    document["deployments"][0]["site"] = "zeta-1"
    assert only(document).path == "deployments[0].site"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"parameters_b": [8, 7]}, "models[0].parameters_b"),
        ({"parameters_b": [0, 7]}, "models[0].parameters_b"),
        ({"parameters_b": [7, 7], "active_b": [8, 8]}, "models[0].active_b"),
    ],
)
def test_sizes_of_models_are_intervals(change: dict[str, Any], path: str) -> None:
    assert only(bent("models", 0, **change)).path == path


def test_what_is_quoted_of_a_file_cannot_steer_a_terminal() -> None:
    (flaw,) = flaws(bent("entities", 3, **{"x\x1b[2J": 1}))
    assert "\x1b" not in flaw.where + flaw.message.fr + flaw.message.en


def test_a_state_is_a_member_once() -> None:
    document = json.loads(written(DOCUMENT))
    document["area"]["members"].append({"code": "FR", "through": "EU"})
    assert only(document).path == "area.members[2]"


@pytest.mark.parametrize(
    ("period", "path"),
    [
        ({"from": "1973-02-30"}, "area.members[0].from"),
        ({"to": "2021-13"}, None),
        ({"from": "2020", "to": "1973-01-01"}, "area.members[0].to"),
    ],
)
def test_a_membership_has_days_that_exist_in_their_order(period: dict[str, str], path: str | None) -> None:
    document = json.loads(written(DOCUMENT))
    document["area"]["members"][0] |= period
    assert only(document).path == path if path else only(document).path.startswith("area")


def test_a_state_is_of_the_area_on_the_days_that_are_certain() -> None:
    document = json.loads(written(DOCUMENT))
    document["area"]["members"][0] |= {"from": "1973", "to": "2020-02"}
    registry = parse_registry({FILE: written(document)})
    days = (dt.date(1973, 6, 1), dt.date(1973, 12, 31), dt.date(2020, 1, 31), dt.date(2020, 2, 1))
    assert ["FR" in registry.members_on(day) for day in days] == [False, True, True, False]
    assert all("DE" in registry.members_on(day) for day in days)


def test_one_file_and_only_one_says_the_legal_area() -> None:
    text = written(DOCUMENT)
    assert "no file says" in flaws_of({FILE: own(entities=[])})[0].message.en
    area = written({"format": DOCUMENT["format"], "area": DOCUMENT["area"]})
    assert flaws_of({FILE: text, "area.json": area})[0].file == "area.json"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"{", 1),
        (b'{\n "format":\n }', 3),
        (b"\n\n\xff", 3),
        (b"[]", 1),
        (b"null", 1),
        (b'{"entities": []}', 1),
        (b'{\n"format": "bouclier-registry/v1"\n}', 2),
        (b'{"format": "bouclier-registry/v2",\n"entites": []}', 2),
        (b'{"format": "bouclier-registry/v2",\n"entities": {}}', 2),
        (b'{"format": "bouclier-registry/v2",\n"format": "bouclier-registry/v2"}', 2),
        (b"[" * 100_000, 1),
    ],
)
def test_a_file_that_is_not_as_the_format_says_is_refused_at_its_line(data: bytes, line: int) -> None:
    found = flaws_of({"area.json": written(DOCUMENT), FILE: data})
    assert [(flaw.file, flaw.line) for flaw in found] == [(FILE, line)]


def test_a_key_given_twice_is_refused_where_it_is_given_again() -> None:
    text = written(DOCUMENT).decode().replace('"seat": "US"', '"seat": "US",\n   "seat": "FR"')
    found = flaws_of({FILE: text.encode()})
    assert [(flaw.path, flaw.line) for flaw in found] == [
        ("entities[3].seat", line_of(DOCUMENT, '"seat": "US"') + 1),
    ]


def test_an_institution_adds_to_the_facts_of_others() -> None:
    more = own(
        entities=[{"id": "mine", "name": "Mine", "kind": "company", "seat": "FR"}],
        edges=[{"holder": "zeta", "held": "mine", "share": 10}],
    )
    registry = parse_registry({FILE: written(DOCUMENT)}, {OWN: more})
    assert registry.digest != parse_registry({FILE: written(DOCUMENT)}).digest
    assert [edge.share for edge in registry.held_by["mine"]] == [10]


def test_an_institution_never_makes_less_exposed_what_others_describe() -> None:
    found = own_flaws(edges=[{"holder": "zeta", "held": "acme-holding", "share": 100}])
    assert (OWN, "edges[0].held") in [(flaw.file, flaw.path) for flaw in found]
    supply = {"service": "acme-api", "supplier": "zeta", "role": "hosting"}
    assert [flaw.path for flaw in own_flaws(supplies=[{**supply, "access": "no"}])] == ["supplies[0].access"]
    assert own_flaws(supplies=[{**supply, "access": "yes"}]) == ()


def test_an_institution_never_redefines_a_fact_of_others() -> None:
    found = own_flaws(entities=[{"id": "zeta", "name": "Zeta", "kind": "company", "seat": "FR", "ultimate": True}])
    assert [(flaw.file, flaw.path) for flaw in found] == [(OWN, "entities[0].id")]


def test_a_file_that_is_named_as_another_does_not_take_its_place() -> None:
    more = own(entities=[{"id": "b", "name": "B", "kind": "company"}])
    registry = parse_registry({FILE: written(DOCUMENT)}, {FILE: more})
    assert {"acme", "b"} <= set(registry.entities)


def test_an_institution_vouches_in_its_own_name_only() -> None:
    entity = {"id": "b", "name": "B", "kind": "company"}
    assert own_flaws(entities=[{**entity, "signer": "self"}]) == ()
    assert [flaw.path for flaw in own_flaws(entities=[{**entity, "signer": "dinum"}])] == ["entities[0].signer"]


def test_an_institution_s_facts_do_not_say_which_states_are_foreign() -> None:
    area = {"id": "x", "name": TEXT, "members": [{"code": "US", "through": "national"}], **VOUCHED}
    data = written({"format": DOCUMENT["format"], "area": area})
    found = flaws_of({FILE: written(DOCUMENT)}, {OWN: data})
    assert [(flaw.file, flaw.path) for flaw in found] == [(OWN, "area")]


def test_facts_by_the_thousand_are_read_and_their_problems_told() -> None:
    entities = [{"id": f"e{number}", "name": "E", "kind": "company"} for number in range(3_000)]
    edges = [{"holder": f"e{number}", "held": "e0", "share": 0.01} for number in range(1, 3_000)]
    document = {**with_more("entities", *entities), "edges": [{**VOUCHED, **edge} for edge in edges]}
    assert len(parse_registry({FILE: written(document)}).held_by["e0"]) == 2_999
    broken = [{**edge, "to": "2026-02-31"} for edge in document["edges"]]
    assert len(flaws({**document, "edges": broken})) == 2_999
