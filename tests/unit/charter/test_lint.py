"""What the check of a charter finds unfinished, and that it finds nothing in the charter we ship."""

from __future__ import annotations

import json

import pytest
from tests.charter_tools_kit import charter_of, files, policy

from bouclier.charter import parse_charter
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.lint import lint

USE = {"id": "scoring", "purposes": ["notation"], "fr": "Noter.", "en": "Scoring.", "basis": "b"}
ADEQUATE = {"state": "CH", "from": "2000-07-26", "basis": "b", "source": "s", "as_of": "2026-11-01"}


def flaws(*policies: str, **given: object) -> dict[str, str]:
    found = lint(charter_of(*policies, **given))  # type: ignore[arg-type]
    return {flaw.code: f"{flaw.file.removeprefix('packs/')}:{flaw.line}" for flaw in found}


def test_the_charter_we_ship_has_nothing_unfinished() -> None:
    assert [f"{flaw.file}:{flaw.line}: {flaw.message.en}" for flaw in lint(load_charter()) if not flaw.is_warning] == []


def test_a_finished_pack_has_no_flaw() -> None:
    assert flaws(policy("fine", 'context.labels.contains("secret")')) == {}


@pytest.mark.parametrize(
    ("file", "code"), [("text.fr.md", "text-missing"), ("text.en.md", "text-missing"), ("tests.yaml", "cases-missing")]
)
def test_a_missing_or_empty_text_is_told(file: str, code: str) -> None:
    for text in ("", " \n"):
        texts = files(essai={"policies.cedar": policy("fine", "resource.own"), file: text})
        assert [(flaw.code, flaw.file) for flaw in lint(parse_charter(texts))] == [(code, f"packs/essai/{file}")]


def test_a_pack_without_law_or_without_frank_limits_is_told() -> None:
    texts = files(essai={"policies.cedar": policy("fine", "resource.own")})
    about = json.loads(texts["packs/essai/pack.json"])
    about["basis"], about["limits"]["en"] = [], []
    texts["packs/essai/pack.json"] = json.dumps(about)
    assert [flaw.code for flaw in lint(parse_charter(texts))] == ["basis-missing", "limits-missing"]


@pytest.mark.parametrize("title", ["Une règle", "Une règle. Et une autre.", "A rule."])
def test_a_title_is_one_sentence_and_not_the_same_in_both_languages(title: str) -> None:
    found = flaws(policy("odd", "resource.own", title=title))
    assert set(found) == {"titles-alike" if title == "A rule." else "title-not-a-sentence"}


@pytest.mark.parametrize("title", ["Selon l’art. L. 1111-8, rien ne sort.", "Le n. 3 s’applique au S. I. P. d’ici."])
def test_an_abbreviation_is_no_end_of_a_sentence(title: str) -> None:
    assert flaws(policy("fine", "resource.own", title=title)) == {}


def test_only_the_base_permits() -> None:
    assert flaws(policy("lax", "resource.own", effect="permit")) == {
        "permit-outside-the-base": "essai/policies.cedar:1"
    }


@pytest.mark.parametrize(
    "never",
    [
        "false",
        "context.data_class > 6",
        'context.labels.contains("a") && !context.labels.contains("a")',
        'resource.own && context.transfer == "none"',
        'context.uses.contains("what-no-purpose-is")',
        'context.signals.contains("what-no-net-raises")',
        'context.modalities.contains("smell")',
        'context.class_name == "public" && context.data_class == 3',
    ],
)
def test_a_policy_that_no_request_reaches_is_told_with_its_line(never: str) -> None:
    found = flaws(policy("fine", 'context.labels.contains("a")'), policy("dead", never))
    assert found == {"unreachable": "essai/policies.cedar:8"}


def test_a_use_that_a_purpose_is_is_reached() -> None:
    assert flaws(policy("live", 'context.uses.contains("scoring")'), data={"uses": [USE]}) == {}


def test_an_obligation_whose_exchanges_are_always_refused_is_shadowed() -> None:
    found = flaws(
        policy("no-secret", 'context.labels.contains("secret")'),
        policy("sealed-secret", 'context.labels.contains("secret")', effect="permit", action="oblige", duty="seal"),
    )
    assert found == {"shadowed": "essai/policies.cedar:8"}


def test_a_policy_that_can_err_is_told() -> None:
    found = flaws(policy("big", "resource.own && context.day * 9223372036854775807 > 0"))
    assert found == {"may-err": "essai/policies.cedar:1"}


@pytest.mark.parametrize(
    ("data", "line_of"),
    [
        ({"uses": [USE]}, "scoring"),
        ({"warnings": [{"id": "told", "fr": "f", "en": "e", "basis": "b"}]}, "told"),
        ({"retention": [{"id": "kept", "min_days": 1, "max_days": 2, "basis": "b"}]}, "kept"),
        ({"budgets": [{"id": "small", "mg": 1, "basis": "b"}]}, "small"),
        ({"classification": [{"id": "rule", "when": {"purposes": ["x"]}, "labels": ["l"], "basis": "b"}]}, "rule"),
        ({"second_net": [{"signal": "seen", "fr": "f", "en": "e", "near": 3, "all": [["a"]]}]}, "seen"),
        ({"adequacy": [ADEQUATE]}, "CH"),
    ],
)
def test_data_that_serves_no_policy_is_told(data: dict[str, object], line_of: str) -> None:
    (found,) = lint(charter_of(policy("fine", "resource.own"), data=data))
    assert found.code == "unused-data"
    assert line_of in found.message.en
    assert found.line == 1


def test_an_adequacy_that_nobody_checked_for_a_year_is_a_warning() -> None:
    old = {**ADEQUATE, "as_of": "2025-01-01"}
    asks = policy("asks", 'context.transfer == "none"')
    (found,) = lint(charter_of(asks, data={"adequacy": [old]}))
    assert (found.code, found.is_warning) == ("old-fact", True)
    (found,) = lint(charter_of(asks, data={"adequacy": [{**ADEQUATE, "as_of": "2027-01-01"}]}))
    assert (found.code, found.is_warning) == ("fact-from-the-future", False)
