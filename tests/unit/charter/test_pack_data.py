"""What packs know beside policies is read strictly, and an id means one thing in the whole charter."""

from __future__ import annotations

from typing import Any

import pytest
from tests.charter_kit import DATA, charter, files_of_charter, pack_data, policy, warning

from bouclier.charter import parse_charter
from bouclier.charter.words import BilingualText
from bouclier.terms.content import DataClass
from bouclier.terms.errors import CharterError

ADEQUACY = {"state": "CH", "from": "2000-07-26", "basis": "b", "source": "s", "as_of": "2026-01-01"}
USE = {"id": "scoring", "purposes": ["note"], "fr": "f", "en": "e", "basis": "b"}
RULE = {"id": "rule", "when": {"purposes": ["soins"]}, "basis": "b"}
RETAINED = {"id": "logs", "min_days": 1, "max_days": 2, "basis": "b"}
BUDGET = {"id": "one", "mg": 1, "basis": "b"}
NET = {"signal": "scoring", "fr": "f", "en": "e", "near": 5, "all": [["a"]]}
ENTRIES: dict[str, dict[str, Any]] = {
    "adequacy": ADEQUACY,
    "uses": USE,
    "classification": RULE,
    "retention": RETAINED,
    "budgets": BUDGET,
    "second_net": NET,
    "warnings": warning("ai"),
}


def refused(**sections: object) -> str:
    """Read a charter whose data has these sections, which must be refused; return why."""
    with pytest.raises(CharterError) as caught:
        charter(policy("all"), data=sections)
    assert caught.value.param == DATA
    return caught.value.message.en


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


def test_all_that_a_pack_may_know_is_read() -> None:
    known = charter(policy("all"), data={**{name: [entry] for name, entry in ENTRIES.items()}, "union": ["FR"]}).data
    assert known.uses_of == {"note": ("scoring",)}
    assert (known.uses["scoring"].legal_from, known.warnings["ai"].fr) == (None, "Avis ai.")
    assert (known.raising[0].data_class, known.raising[0].labels) == (DataClass.PUBLIC, frozenset())
    assert [(one.until, one.holders, one.holds) for one in known.adequacy["CH"]] == [(None, "all", "dpf")]
    assert (known.union, known.budgets) == (frozenset({"FR"}), {"one": 1})
    assert (known.retention["logs"].min_days, known.retention["logs"].max_days) == (1, 2)
    assert known.second_net[0].unless == ()


def test_an_adequacy_decision_may_be_cited_in_both_languages() -> None:
    both = {"fr": "Décision", "en": "Decision"}
    [known] = charter(policy("all"), data={"adequacy": [{**ADEQUACY, "basis": both}]}).data.adequacy["CH"]
    assert known.basis == BilingualText(fr="Décision", en="Decision")
    assert "missing required field `en`" in refused(adequacy=[{**ADEQUACY, "basis": {"fr": "Décision"}}])


@pytest.mark.parametrize("section", ENTRIES)
def test_a_field_that_is_missing_misspelt_or_too_many_is_refused(section: str) -> None:
    entry = ENTRIES[section]
    optional = {"legal_from", "until", "holders", "holds", "class", "labels", "unless"}
    for key in entry.keys() - optional:
        assert refused(**{section: [without(entry, key)]})
        assert refused(**{section: [{**without(entry, key), f"{key}s": entry[key]}]})
    assert refused(**{section: [{**entry, "more": 1}]})
    assert refused(**{section: entry})
    assert refused(**{f"{section}x": [entry]})


@pytest.mark.parametrize(
    "sections",
    [
        {"union": ["fr"]},
        {"union": ["FRA"]},
        {"union": "FR"},
        {"adequacy": [{**ADEQUACY, "from": "2000-7-26"}]},
        {"adequacy": [{**ADEQUACY, "from": "2000-13-01"}]},
        {"adequacy": [{**ADEQUACY, "until": "2000-07-26"}]},
        {"adequacy": [{**ADEQUACY, "holders": "some"}]},
        {"adequacy": [{**ADEQUACY, "state": "CH\n"}]},
        {"uses": [{**USE, "purposes": ["Note"]}]},
        {"uses": [{**USE, "id": "a b"}]},
        {"uses": [{**USE, "id": "a\n"}]},
        {"uses": [{**USE, "legal_from": "soon"}]},
        {"classification": [{**RULE, "when": {}}]},
        {"classification": [{**RULE, "when": {"purpose": ["soins"]}}]},
        {"classification": [{**RULE, "when": {"purposes": []}}]},
        {"classification": [{**RULE, "class": "secret"}]},
        {"classification": [{**RULE, "labels": ["Health"]}]},
        {"retention": [{**RETAINED, "min_days": 3}]},
        {"retention": [{**RETAINED, "min_days": -1}]},
        {"retention": [{**RETAINED, "max_days": 36_501}]},
        {"retention": [{**RETAINED, "max_days": 2.5}]},
        {"budgets": [{**BUDGET, "mg": -1}]},
        {"budgets": [{**BUDGET, "mg": 10**9 + 1}]},
        {"second_net": [{**NET, "near": 0}]},
        {"second_net": [{**NET, "all": []}]},
        {"second_net": [{**NET, "all": [[]]}]},
        {"second_net": [{**NET, "all": [[""]]}]},
        {"warnings": [{**warning("ai"), "fr": ""}]},
        {"warnings": [{**warning("ai"), "en": "x" * 501}]},
    ],
)
def test_a_value_that_is_out_of_form_is_refused(sections: dict[str, object]) -> None:
    assert refused(**sections)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"format":"bouclier-pack-data/v2"}', '{"format":"bouclier-pack-data/v1",}', "[" * 10_000],
)
def test_what_is_no_pack_data_is_refused(text: str) -> None:
    with pytest.raises(CharterError) as caught:
        parse_charter({**files_of_charter(policy("all")), DATA: text})
    assert (caught.value.param or "").startswith(DATA)


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"format":\n  "bouclier-pack-data/v1",\n}', 3), ('{\n"a": 1,\n\n"b" 2}', 4), ('{\n"a": 1\n', 3)],
)
def test_where_json_breaks_off_the_line_is_named(text: str, line: int) -> None:
    with pytest.raises(CharterError, match=f"line {line}: is malformed") as caught:
        parse_charter({**files_of_charter(policy("all")), DATA: text})
    assert caught.value.param == f"{DATA}:{line}"


@pytest.mark.parametrize("day", ["2026-02-31", "2025-02-29", "2026-04-31", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused_by_its_field(day: str) -> None:
    assert f"adequacy[1].as_of: there is no {day}" in refused(adequacy=[ADEQUACY, {**ADEQUACY, "as_of": day}])
    assert f"uses[0].basis: there is no {day}" in refused(uses=[{**USE, "basis": day}])
    assert charter(policy("all"), data={"adequacy": [{**ADEQUACY, "as_of": "2024-02-29"}]}).data.adequacy


@pytest.mark.parametrize("section", ["uses", "classification", "retention", "budgets", "warnings"])
def test_an_id_means_one_thing_in_a_pack_and_in_the_whole_charter(section: str) -> None:
    entry = ENTRIES[section]
    assert f"'{entry['id']}' is already taken" in refused(**{section: [entry, entry]})
    files = files_of_charter(policy("all"), data={section: [entry]}, packs={"autre": policy("two")})
    files["packs/autre/data.json"] = pack_data(**{section: [entry]})
    with pytest.raises(CharterError) as caught:
        parse_charter(files)
    assert caught.value.param == "packs/autre/data.json"


def test_what_several_packs_know_is_known_together() -> None:
    files = files_of_charter(policy("all"), data={"uses": [USE], "union": ["FR"]}, packs={"autre": policy("two")})
    files["packs/autre/data.json"] = pack_data(uses=[{**USE, "id": "another"}], union=["DE"], adequacy=[ADEQUACY])
    known = parse_charter(files).data
    assert known.uses_of == {"note": ("another", "scoring")}
    assert known.union == {"FR", "DE"}
