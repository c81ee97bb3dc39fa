"""The cases of a charter: what they demand, and how a charter fails them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.charter_tools_kit import charter_of, policy

from bouclier.charter.cases import COMMON_DEPLOYMENTS, CharterCase, run_case, spelled_duty, untested
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case

CHARTER = charter_of(
    policy("no-secret", 'context.labels.contains("secret")'),
    policy("told", "context.data_class >= 3", effect="permit", action="oblige", duty="warn:told, retain:logs"),
    policy("capped", "!resource.own", effect="permit", action="oblige", duty="carbon-cap:small"),
    data={
        "warnings": [{"id": "told", "fr": "Dit.", "en": "Told.", "basis": "b"}],
        "retention": [{"id": "logs", "min_days": 180, "max_days": 365, "basis": "b"}],
        "budgets": [{"id": "small", "mg": 50, "basis": "b"}],
    },
)
PERSONAL = CharterCase(
    line=7,
    sentence="Un dossier",
    case=Case(role="agent", purpose="", data_class=DataClass.PERSONAL, day=20261122),
    deployment=COMMON_DEPLOYMENTS["own"],
    expect="permit",
)


def problems(case: CharterCase) -> list[str]:
    return [problem.en for problem in run_case(case, CHARTER).problems]


def test_a_case_answered_as_expected_has_no_problem() -> None:
    wanted = replace(PERSONAL, by=("anything-goes", "told"), duties=("warn:told", "retain:180-365"), without=("seal",))
    assert problems(wanted) == []


def test_a_wrong_answer_says_what_was_expected_and_what_was_found() -> None:
    assert problems(replace(PERSONAL, expect="forbid")) == ["expected forbid, found permit"]


def test_a_policy_that_did_not_decide_is_named() -> None:
    assert problems(replace(PERSONAL, by=("no-secret", "told"))) == ["did not decide: no-secret"]


def test_a_duty_that_is_not_owed_is_named() -> None:
    assert problems(replace(PERSONAL, duties=("warn:told", "pseudonymise"))) == ["duty not owed: pseudonymise"]


@pytest.mark.parametrize("unwanted", ["warn:told", "warn", "retain", "retain:180-365"])
def test_a_duty_that_should_not_be_owed_is_named_alone_or_by_its_kind(unwanted: str) -> None:
    assert problems(replace(PERSONAL, without=(unwanted, "carbon-cap"))) == [
        f"duty owed, though it should not be: {unwanted}"
    ]


def test_a_duty_that_a_deployment_cannot_fulfil_refuses_it() -> None:
    elsewhere = replace(PERSONAL, deployment=COMMON_DEPLOYMENTS["eu-public"], expect="forbid", by=("capped",))
    assert problems(elsewhere) == []


def test_a_charter_that_cannot_answer_fails_the_case() -> None:
    errs = charter_of(policy("too-big", "(context.day + 2) * 9223372036854775807 > 0"))
    result = run_case(replace(PERSONAL, expect="forbid"), errs)
    assert result.found is None
    assert "too-big" in result.problems[0].en


def test_policies_that_no_case_saw_decide_are_told_in_order() -> None:
    results = [run_case(PERSONAL, CHARTER)]
    assert [one.ref.id for one in untested(CHARTER, results)] == ["no-secret", "capped"]
    assert [one.ref.id for one in untested(CHARTER, [])] == list(CHARTER.policies)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("pseudonymise", "pseudonymise"),
        ("warn:told", "warn:told"),
        ("warn:nothing", None),
        ("retain:logs", "retain:180-365"),
        ("retain:180-365", "retain:180-365"),
        ("carbon-cap:small", "carbon-cap:50"),
        ("carbon-cap:07", None),
        ("pseudonymize", None),
        ("warn", None),
    ],
)
def test_a_duty_is_spelled_as_verdicts_spell_it(written: str, spelled: str | None) -> None:
    assert spelled_duty(written, CHARTER.data) == spelled


def test_only_what_must_not_be_owed_may_name_a_whole_kind() -> None:
    assert spelled_duty("warn", CHARTER.data, kinds=True) == "warn"
