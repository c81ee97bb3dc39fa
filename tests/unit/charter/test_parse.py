"""A charter loads whole or not at all, and says where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.charter_kit import DATA, POLICIES, SCHEMA, about, about_pack, files_of_charter, pack_data, policy, warning
from tests.order_kit import PROTECTION, authorities

from bouclier.charter import Charter, parse_charter
from bouclier.terms.errors import CharterError

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
    charter = parse('// a comment; with "quotes"\n\n' + POLICY.replace("\n", ' @duty("pseudonymise")\n', 1))
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


def test_no_pack_takes_the_name_of_an_authoritys_order() -> None:
    error = refusal(policies=policy("order-fr-protection-2026-014"))
    assert error.param == f"{POLICIES}:1"
    assert "kept for the orders" in error.message.en


@pytest.mark.parametrize("effect", ["permit", "forbid"])
@pytest.mark.parametrize(
    "clause",
    [
        'when { action == Bouclier::Action::"infer" }',
        'unless { action == Bouclier::Action::"infer" }',
        'when { action in [Bouclier::Action::"oblige"] }',
        'when { resource.own } unless { if resource.own then action == Bouclier::Action::"infer" else false }',
        'when { !(resource.own && [action].contains(Bouclier::Action::"infer")) }',
        'when { {asked: action}.asked == Bouclier::Action::"infer" }',
    ],
)
def test_no_condition_turns_on_the_action(effect: str, clause: str) -> None:
    # Both questions are put at once: a condition on the action would be true for one of them and read for the other.
    head = POLICY.replace("one", "two").replace("permit", effect).replace(";", f" {clause};")
    error = refusal(policies=POLICY + head)
    assert error.param == f"{POLICIES}:3"
    assert "the action is named in the policy's head only" in error.message.en


def test_what_only_looks_like_the_action_is_no_action() -> None:
    clause = 'when { context.purpose == "action" || context.labels.contains("action") }'
    assert parse(POLICY.replace(";", f" {clause};")).policies["one"].action == "infer"


def test_two_policies_of_one_id_are_refused() -> None:
    error = refusal(policies=POLICY + POLICY)
    assert error.param == f"{POLICIES}:3"
    assert "line 1" in error.message.en


def test_a_syntax_error_is_refused_with_its_line() -> None:
    error = refusal(policies=POLICY + "\n" + POLICY.replace("principal,", "principal").replace("one", "two"))
    assert error.param == f"{POLICIES}:5"


def test_a_text_that_stops_too_soon_is_refused_at_its_last_line() -> None:
    assert refusal(policies=POLICY + "permit (").param == f"{POLICIES}:3"


def test_a_schema_that_does_not_parse_is_refused_with_its_line() -> None:
    error = refusal(schema=SCHEMA.replace("entity Deployment =", "entity Deployment =="))
    line = SCHEMA.splitlines().index("  entity Deployment = {") + 1
    assert error.param == f"schema.cedarschema:{line}"


def test_a_policy_that_asks_what_the_schema_does_not_offer_is_refused() -> None:
    asking = POLICY.replace(";", " when { resource.colour == 1 };")
    error = refusal(policies=POLICY.replace("one", "zero") + asking)
    assert error.param == f"{POLICIES}:3"


def test_a_policy_that_reads_an_optional_attribute_unguarded_is_refused() -> None:
    optional = SCHEMA.replace("purpose: String,", "purpose: String, basis?: String,")
    asking = POLICY.replace("permit", "forbid").replace(";", ' when { context.basis == "x" };')
    assert refusal(policies=asking, schema=optional).param == f"{POLICIES}:1"


def test_a_schema_that_lacks_what_the_gateway_says_of_a_deployment_is_refused() -> None:
    assert refusal(schema=SCHEMA.replace("    own: Bool,", "")).param == "schema.cedarschema"


def test_a_schema_that_lacks_what_the_gateway_says_of_an_exchange_is_refused() -> None:
    assert refusal(schema=SCHEMA.replace("purpose: String, ", "")).param == "schema.cedarschema"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"format":"bouclier-authorities/v1"}',
        authorities({**PROTECTION, "effects": ["grant"]}).decode(),
    ],
)
def test_mandates_that_cannot_be_read_are_refused_before_anybody_orders_anything(text: str) -> None:
    with pytest.raises(CharterError):
        parse(more={"authorities.json": text})
    assert parse(more={"authorities.json": authorities(PROTECTION).decode()}).policies


def test_a_schema_that_asks_more_than_the_gateway_says_is_refused() -> None:
    asking = SCHEMA.replace("purpose: String,", "purpose: String, mood: String,")
    assert refusal(schema=asking).param == "schema.cedarschema"


def test_a_policy_template_is_refused() -> None:
    assert refusal(policies=POLICY.replace("principal,", "principal == ?principal,")).param == POLICIES


def test_a_charter_without_policies_is_refused() -> None:
    assert refusal(policies="// nothing\n").param == POLICIES


def test_text_that_is_not_unicode_is_refused() -> None:
    assert refusal(policies=POLICY.replace("Un", "\ud800")).param == "bundle"


@pytest.mark.parametrize(
    "described",
    [
        "",
        "[]",
        "\xff",
        {**about("socle"), "format": "bouclier-charter/v1"},
        {**about("socle"), "colour": "blue"},
        {**about("socle"), "adopted_by": ["somebody"]},
        {**about("socle"), "date": "yesterday"},
        {**about("socle"), "packs": []},
        {**about("socle"), "packs": ["Socle"]},
        {**about("socle"), "packs": ["socle", "socle"]},
        {key: value for key, value in about("socle").items() if key != "status"},
    ],
)
def test_a_description_that_is_not_as_the_format_says_is_refused(described: dict[str, Any] | str) -> None:
    text = described if isinstance(described, str) else json.dumps(described)
    assert (refusal(more={"charter.json": text}).param or "").startswith("charter.json")


@pytest.mark.parametrize("file", ["charter.json", "packs/socle/pack.json"])
def test_a_day_that_does_not_exist_is_refused_by_its_field(file: str) -> None:
    described = json.loads(files_of_charter(policy("all"))[file])
    error = refusal(more={file: json.dumps({**described, "date": "2026-02-31"})})
    assert (error.param, "date: there is no 2026-02-31" in error.message.en) == (file, True)


# ---- Packs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "described",
    [
        "{}",
        {**about_pack("socle"), "format": "bouclier-pack/v2"},
        {**about_pack("socle"), "mood": "good"},
        {**about_pack("socle"), "basis": [{"text": "art. 1", "as_of": "2026-01-01"}]},
        about_pack("another"),
    ],
)
def test_a_pack_that_is_not_described_as_it_must_be_is_refused(described: dict[str, Any] | str) -> None:
    text = described if isinstance(described, str) else json.dumps(described)
    assert refusal(more={"packs/socle/pack.json": text}).param == "packs/socle/pack.json"


@pytest.mark.parametrize(
    "missing", ["charter.json", "schema.cedarschema", "packs/socle/pack.json", "packs/socle/policies.cedar"]
)
def test_a_file_that_is_missing_is_named(missing: str) -> None:
    assert refusal(more={missing: None}).param == missing


@pytest.mark.parametrize(
    "unread",
    [
        "packs/socle/policy.cedar",
        "packs/socle/data.jsn",
        "packs/soclé/pack.json",
        "packs/another/policies.cedar",
        "policies.cedar",
        "authorities.jsn",
    ],
)
def test_a_file_that_nothing_would_read_is_refused_rather_than_dropped(unread: str) -> None:
    assert refusal(more={unread: "{}"}).param in {unread, "bundle"}


def test_a_charter_may_bring_its_texts_and_tests_without_being_changed_by_them() -> None:
    texts = {f"packs/socle/{name}": "-" for name in ("tests.yaml", "text.fr.md", "text.en.md")}
    assert parse(more=dict(texts)).policies == parse().policies
    assert parse(more=dict(texts)).digest != parse().digest


def test_one_id_in_two_packs_is_refused_with_both_places() -> None:
    files = files_of_charter(policy("one"), packs={"autre": policy("two") + policy("one")})
    with pytest.raises(CharterError) as caught:
        parse_charter(files)
    assert caught.value.param == "packs/autre/policies.cedar:3"
    assert f"{POLICIES}, line 1" in caught.value.message.en


def test_policies_stand_in_the_order_of_packs() -> None:
    files = files_of_charter(policy("two"), policy("one"), packs={"autre": policy("zero"), "ajout": policy("a")})
    assert list(parse_charter(files).policies) == ["two", "one", "zero", "a"]


# ---- Actions and duties -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope",
    [
        "action",
        'action in [Bouclier::Action::"infer", Bouclier::Action::"oblige"]',
        'action == Bouclier::Action::"publish"',
        'action == Action::"infer"',
    ],
)
def test_a_policy_must_name_one_action(scope: str) -> None:
    assert refusal(policies=POLICY.replace('action == Bouclier::Action::"infer"', scope)).param == f"{POLICIES}:1"


def test_a_forbid_obliges_to_nothing_and_is_refused() -> None:
    assert "oblige" in refusal(policies=OBLIGE.replace("permit (", "forbid (")).message.en


def test_an_obligation_without_a_duty_is_refused() -> None:
    assert "no @duty" in refusal(policies=OBLIGE).message.en


ALL_DATA = {
    "warnings": [warning("seen")],
    "retention": [{"id": "logs", "min_days": 10, "max_days": 20, "basis": "b"}],
    "budgets": [{"id": "one", "mg": 300, "basis": "b"}],
}


@pytest.mark.parametrize("action", ["infer", "oblige"])
def test_the_argument_of_a_duty_is_what_data_says_it_is(action: str) -> None:
    duties = "warn:seen, retain:logs, carbon-cap:one, local-only,ground,seal,human-review"
    charter = parse(policy("p", action=action, duty=duties), more={DATA: pack_data(**ALL_DATA)})
    assert charter.policies["p"].duties == (
        "carbon-cap:300",
        "ground",
        "human-review",
        "local-only",
        "retain:10-20",
        "seal",
        "warn:seen",
    )


@pytest.mark.parametrize(
    "duty",
    [
        "warn",
        "warn:",
        "warn:logs",
        "retain:seen",
        "retain:10-20",
        "retain",
        "carbon-cap:300",
        "carbon-cap",
        "seal:logs",
    ],
)
def test_a_duty_whose_argument_no_data_explains_is_refused(duty: str) -> None:
    error = refusal(policies=policy("p", duty=duty), more={DATA: pack_data(**ALL_DATA)})
    assert error.param == f"{POLICIES}:1"
    assert duty in error.message.fr


def test_a_policy_whose_own_retentions_contradict_each_other_is_refused() -> None:
    kept = [
        {"id": "long", "min_days": 30, "max_days": 40, "basis": "b"},
        {"id": "short", "min_days": 1, "max_days": 20, "basis": "b"},
    ]
    error = refusal(policies=policy("p", duty="retain:long,retain:short"), more={DATA: pack_data(retention=kept)})
    assert error.param == f"{POLICIES}:1"
    assert "30" in error.message.en
    assert "20" in error.message.en


def test_a_duty_may_name_what_another_pack_knows() -> None:
    files = files_of_charter(policy("one"), data=ALL_DATA, packs={"autre": policy("two", duty="warn:seen")})
    assert parse_charter(files).policies["two"].duties == ("warn:seen",)


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 5_000 + "true" + ")" * 5_000,
        "[" * 5_000 + "]" * 5_000 + " == []",
        "{a: " * 5_000 + "1" + "}" * 5_000 + " == 1",
        " && ".join(["true"] * 5_000),
        "+".join(["1"] * 5_000) + " > 0",
        "context" + ".x" * 5_000,
        "context" + '["x"]' * 5_000,
        "if true then true else " * 5_000 + "true",
        "(" * 5_000,
    ],
)
def test_a_text_that_would_end_its_reader_is_refused(condition: str) -> None:
    assert refusal(policies=policy("deep", when=condition)).param == f"{POLICIES}:2"


def test_a_schema_that_would_end_its_reader_is_refused() -> None:
    deep = SCHEMA.replace("role: String", "role: " + "{a: " * 5_000 + "String" + "}" * 5_000)
    assert str(refusal(schema=deep).param).startswith("schema.cedarschema")


def test_a_policy_may_be_long_and_a_text_as_long_as_it_likes() -> None:
    states = ", ".join(f'"{number:04}"' for number in range(1_000))
    purposes = " || ".join(f'context.purpose == "{number}"' for number in range(50))
    wordy = policy("listed", when=f"[{states}].contains(context.purpose)") + policy("chained", when=purposes)
    assert len(parse(wordy + "".join(policy(f"p{number}") for number in range(300))).policies) == 302
