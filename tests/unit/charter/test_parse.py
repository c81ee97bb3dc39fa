"""A charter loads whole or not at all, and says where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.charter import Charter, parse_charter
from bouclier.terms.errors import CharterError
from tests.charter_kit import DATA, POLICIES, SCHEMA, about, about_pack, files_of_charter, pack_data, policy, warning

HEAD = '@id("one") @basis("art. 1") @title_fr("Un") @title_en("One")'
POLICY = f'{HEAD}\npermit (principal, action == Bouclier::Action::"infer", resource);\n'
OBLIGE = POLICY.replace('"infer"', '"oblige"')


def parse(policies: str = POLICY, schema: str = SCHEMA, more: dict[str, str | None] | None = None) -> Charter:
    """Read a charter of one pack; `more` adds files, or takes them away."""
    files = {**files_of_charter(policies), "schema.cedarschema": schema, **(more or {})}
    return parse_charter({path: text for path, text in files.items() if text is not None})


def refusal(**texts: Any) -> CharterError:
    with pytest.raises(CharterError) as caught:
        parse(**texts)
    return caught.value


def test_a_policy_keeps_its_id_basis_titles_duties_and_line() -> None:
    charter = parse(
        '// a comment; with "quotes"\n\n' + POLICY.replace("\n", ' @duty("pseudonymise")\n', 1)
    )
    read = charter.policies["one"]
    assert (read.ref.id, read.ref.basis, read.ref.title_fr, read.ref.title_en) == ("one", "art. 1", "Un", "One")
    assert (read.effect, read.action, read.duties) == ("permit", "infer", ("pseudonymise",))
    assert (read.file, read.line) == (POLICIES, 3)


def test_the_digest_is_the_same_for_the_same_texts_and_changes_with_any_of_them() -> None:
    digests = {
        parse().digest,
        parse(policies=POLICY + "\n").digest,
        parse(schema=SCHEMA + "\n").digest,
        parse(more={"charter.json": json.dumps(about("socle", version="2"))}).digest,
    }
    assert len(digests) == 4
    assert parse().digest == parse().digest
    assert all(len(digest) == 64 for digest in digests)


@pytest.mark.parametrize("name", ["id", "basis", "title_fr", "title_en"])
def test_a_policy_without_an_annotation_is_refused_with_its_line(name: str) -> None:
    missing = POLICY.replace(f"@{name}(", "@x(").replace('@x("one") ', "").replace('@x("art. 1") ', "")
    missing = missing.replace('@x("Un") ', "").replace('@x("One")', "")
    error = refusal(policies="\n\n" + missing)
    assert error.param == f"{POLICIES}:3"
    assert f"@{name}" in error.message.fr
    assert f"@{name}" in error.message.en


def test_an_annotation_left_blank_is_missing() -> None:
    assert "@basis" in refusal(policies=POLICY.replace("art. 1", " ")).message.en


def test_a_misspelt_duty_annotation_is_refused_rather_than_dropped() -> None:
    error = refusal(policies='@dutty("pseudonymise") ' + POLICY)
    assert "@dutty" in error.message.en


@pytest.mark.parametrize("duty", ["", "pseudonymize", "pseudonymise,", "pseudonymise,burn"])
def test_a_duty_that_no_one_can_carry_out_is_refused(duty: str) -> None:
    assert refusal(policies=f'@duty("{duty}") {POLICY}').param == f"{POLICIES}:1"


def test_a_duty_on_a_forbid_is_refused() -> None:
    assert "@duty" in refusal(policies='@duty("pseudonymise") ' + POLICY.replace("permit", "forbid")).message.en


def test_two_policies_of_one_id_are_refused() -> None:
    error = refusal(policies=POLICY + POLICY)
    assert error.param == f"{POLICIES}:3"
    assert "line 1" in error.message.en


def test_a_syntax_error_is_refused_with_its_line() -> None:
    error = refusal(policies=POLICY + "\n" + POLICY.replace("action,", "action").replace("one", "two"))
    assert error.param == f"{POLICIES}:5"


def test_a_text_that_stops_too_soon_is_refused_at_its_last_line() -> None:
    assert refusal(policies=POLICY + "permit (").param == f"{POLICIES}:3"


def test_a_schema_that_does_not_parse_is_refused_with_its_line() -> None:
    error = refusal(schema=SCHEMA.replace("entity Deployment =", "entity Deployment ="[:-1] + "=="))
    assert error.param == "schema.cedarschema:3"


def test_a_policy_that_asks_what_the_schema_does_not_offer_is_refused() -> None:
    asking = POLICY.replace(";", " when { resource.colour == 1 };")
    error = refusal(policies=POLICY.replace("one", "zero") + asking)
    assert error.param == f"{POLICIES}:3"


def test_a_policy_that_reads_an_optional_attribute_unguarded_is_refused() -> None:
    optional = SCHEMA.replace("purpose: String,", "purpose: String, basis?: String,")
    asking = POLICY.replace("permit", "forbid").replace(";", ' when { context.basis == "x" };')
    assert refusal(policies=asking, schema=optional).param == f"{POLICIES}:1"


def test_a_schema_that_lacks_what_the_gateway_says_of_a_deployment_is_refused() -> None:
    assert refusal(schema=SCHEMA.replace("own: Bool, ", "")).param == "schema.cedarschema"


def test_a_schema_that_lacks_what_the_gateway_says_of_an_exchange_is_refused() -> None:
    assert refusal(schema=SCHEMA.replace("purpose: String, ", "")).param == "schema.cedarschema"


def test_a_schema_that_asks_more_than_the_gateway_says_is_refused() -> None:
    asking = SCHEMA.replace("purpose: String,", "purpose: String, mood: String,")
    assert refusal(schema=asking).param == "schema.cedarschema"


def test_a_policy_template_is_refused() -> None:
    assert refusal(policies=POLICY.replace("principal,", "principal == ?principal,")).param == POLICIES


def test_a_charter_without_policies_is_refused() -> None:
    assert refusal(policies="// nothing\n").param == POLICIES


def test_text_that_is_not_unicode_is_refused() -> None:
    assert refusal(policies=POLICY.replace("Un", "\ud800")).param == POLICIES


@pytest.mark.parametrize(
    "about",
    [
        b"",
        b"[]",
        b"\xff",
        {**ABOUT, "format": "bouclier-charter/v2"},
        {**ABOUT, "colour": "blue"},
        {**ABOUT, "date": "yesterday"},
        {key: value for key, value in ABOUT.items() if key != "adopted_by"},
    ],
)
def test_a_description_that_is_not_as_the_format_says_is_refused(about: dict[str, Any] | bytes) -> None:
    assert refusal(about=about).param == "charter.json"
