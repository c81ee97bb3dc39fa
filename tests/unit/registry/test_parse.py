"""Facts are read strictly; what is wrong is named."""

from __future__ import annotations

import copy
import datetime as dt
import json
from importlib import resources
from typing import Any

import pytest

from bouclier.registry import exposure_of, parse_registry
from bouclier.terms.errors import ConfigurationError

DATA = resources.files("bouclier.registry") / "data"
OPERATORS: dict[str, Any] = json.loads((DATA / "operators.json").read_bytes())
LAWS: dict[str, Any] = json.loads((DATA / "laws.json").read_bytes())
AREA: dict[str, Any] = json.loads((DATA / "area.json").read_bytes())
DECLARED: dict[str, Any] = {
    "id": "sib-exemple",
    "name": "Syndicat informatique Exemple",
    "control": ["FR"],
    "source": {"kind": "declared", "ref": "délibération"},
    "as_of": "2026-01",
}


def parse(
    *extra: object,
    operators: dict[str, Any] = OPERATORS,
    laws: dict[str, Any] = LAWS,
    area: dict[str, Any] = AREA,
) -> Any:
    return parse_registry(json.dumps(operators).encode(), json.dumps(laws).encode(), json.dumps(area).encode(), extra)


def error(*extra: object, **files: dict[str, Any]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        parse(*extra, **files)
    return caught.value


def with_operator(identifier: str, **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(OPERATORS)
    next(operator for operator in changed["operators"] if operator["id"] == identifier).update(changes)
    return changed


def test_an_operator_the_institution_declares_is_known_and_not_verified() -> None:
    registry = parse(DECLARED)
    assert exposure_of(registry, "sib-exemple").known
    assert not registry.operators["sib-exemple"].verified
    assert registry.operators["sib-exemple"].kind == "declared"


def test_a_declared_operator_is_part_of_the_facts_that_records_cite() -> None:
    assert parse(DECLARED).digest != parse().digest


def test_a_declared_operator_controlled_from_outside_is_exposed() -> None:
    registry = parse({**DECLARED, "control": ["FR", "US"]})
    assert exposure_of(registry, "sib-exemple").foreign_laws == ("law-of-US",)


@pytest.mark.parametrize("day", [dt.date(2026, 1, 31), 2026, "2026", "2026-01", "2026-01-31"])
def test_a_date_may_be_written_as_yaml_reads_it(day: object) -> None:
    assert parse({**DECLARED, "as_of": day}).operators["sib-exemple"].as_of == str(day)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"control": ["France"]}, "operators[0].control[0]"),
        ({"control": []}, "operators: sib-exemple.control"),
        ({"as_of": True}, "operators[0].as_of"),
        ({"as_of": "hier"}, "operators[0].as_of"),
        ({"colour": "blue"}, "operators[0]"),
        ({"verified": True}, "operators[0].verified"),
        ({"serves": False}, "operators[0].serves"),
        ({"kind": "self"}, "operators[0].kind"),
        ({"id": "ovhcloud"}, "operators: ovhcloud"),
        ({"id": "self"}, "operators: self"),
        ({"id": "Nuage Exemple"}, "operators[0].id"),
        (
            {"reaches": [{"law": "us-cloud-act", "certainty": "maybe", "through": "x"}]},
            "operators[0].reaches[0].certainty",
        ),
        (
            {"reaches": [{"law": "us-nothing", "certainty": "contested", "through": "x"}]},
            "operators: sib-exemple.reaches",
        ),
    ],
)
def test_a_wrong_declaration_is_named(change: dict[str, Any], field: str) -> None:
    caught = error({**DECLARED, **change})
    assert caught.param == field
    assert field in caught.message.fr
    assert field in caught.message.en


def test_a_declaration_that_is_not_a_mapping_is_named() -> None:
    assert error(DECLARED, "sib-exemple").param == "operators[1]"


def test_a_declaration_without_a_source_is_refused() -> None:
    unsourced = {key: value for key, value in DECLARED.items() if key != "source"}
    assert "source" in error(unsourced).message.en


def test_two_declarations_of_one_id_are_refused() -> None:
    assert error(DECLARED, DECLARED).param == "operators: sib-exemple"


def test_the_institution_itself_may_not_be_given_reaches() -> None:
    assert error(operators=with_operator("self", seat="US")).param == "operators.json: self.reaches"


def test_no_other_operator_may_pass_for_the_institution() -> None:
    assert error(operators=with_operator("aws", kind="self")).param == "operators.json: aws.kind"


def test_a_law_cited_twice_is_refused() -> None:
    reach = {"law": "us-cloud-act", "certainty": "contested", "through": "x"}
    twice = with_operator("ovhcloud", reaches=[reach, {**reach, "certainty": "established"}])
    assert error(operators=twice).param == "operators.json: ovhcloud.reaches"


def test_a_law_filed_under_another_state_is_refused() -> None:
    laws = copy.deepcopy(LAWS)
    next(law for law in laws["laws"] if law["id"] == "us-cloud-act")["jurisdiction"] = "FR"
    assert error(laws=laws).param == "laws.json: us-cloud-act.jurisdiction"


@pytest.mark.parametrize("files", [{"operators": LAWS}, {"laws": OPERATORS}, {"area": LAWS}])
def test_one_file_in_the_place_of_another_is_refused(files: dict[str, Any]) -> None:
    name = next(iter(files))
    assert str(error(**files).param).startswith(f"{name}.json")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"null"])
def test_a_file_that_is_not_as_the_format_says_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_registry(data, json.dumps(LAWS).encode(), json.dumps(AREA).encode())
    assert str(caught.value.param).startswith("operators.json")


def test_an_institution_elsewhere_may_bring_its_own_legal_area() -> None:
    swiss = {**AREA, "id": "suisse", "members": [{"code": "CH", "through": "national"}]}
    registry = parse(area=swiss)
    assert exposure_of(registry, "infomaniak").foreign_laws == ()
    assert exposure_of(registry, "scaleway").foreign_laws == ("law-of-FR",)
