"""Why a charter says what it says, and what would have to change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.charter_tools_kit import charter_of, policy

from bouclier.charter import decide
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.cases import COMMON_DEPLOYMENTS
from bouclier.charter.explain import explain, explained_lines, known_lines
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case

STARTER = load_charter()
CASE = Case(role="agent", purpose="", data_class=DataClass.PERSONAL, day=20261122)
EU = COMMON_DEPLOYMENTS["eu-public"]


def lines(case: Case, name: str, *, french: bool = False) -> list[str]:
    return list(explained_lines(explain(case, COMMON_DEPLOYMENTS[name], STARTER), STARTER, french=french))


def test_a_permission_names_its_policies_with_titles_and_basis_and_what_is_owed() -> None:
    said = lines(CASE, "eu-public")
    assert said[0] == "eu-public (eu-public): permitted"
    assert "  permits: Personal data go elsewhere only pseudonymised." in said
    assert any("elsewhere-pseudonymised — RGPD" in line for line in said)
    assert "  owed: names and identifiers leave as pseudonyms" in said


def test_a_refusal_says_what_stands_in_the_way_what_would_permit_and_what_would_do() -> None:
    said = lines(replace(CASE, labels=("secret",)), "eu-public", french=True)
    assert said[0] == "eu-public (eu-public) : refusé"
    assert "  interdit : Un secret (mot de passe, clé, jeton) ne quitte jamais l’institution." in said
    assert "  permettrait sinon : Les données personnelles ne vont ailleurs que pseudonymisées." in said
    assert "    - sans l'étiquette « secret »" in said
    assert "    - si l'institution le faisait tourner elle-même" in said


def test_what_is_said_to_be_enough_is_enough() -> None:
    case = replace(CASE, labels=("secret", "uninspected"))
    found = explain(case, EU, STARTER)
    assert [some.en for some in found.changes[0]] == ["if the institution ran it itself"]
    assert decide(case, replace(EU, own=True), STARTER).permitted
    assert not decide(replace(case, labels=("secret",)), EU, STARTER).permitted


def test_two_changes_are_told_together_when_neither_is_enough() -> None:
    both = charter_of(policy("no-a", 'context.labels.contains("a")'), policy("no-b", 'context.labels.contains("b")'))
    found = explain(replace(CASE, labels=("a", "b")), EU, both)
    assert [[one.en for one in some] for some in found.changes] == [["without the label 'a'", "without the label 'b'"]]


def test_nothing_is_promised_where_nothing_simple_would_do() -> None:
    never = charter_of(policy("never", "true"))
    found = explain(CASE, EU, never)
    assert found.changes == ()
    assert list(explained_lines(found, never, french=False))[-1] == "  no simple change would be enough"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('!context.safeguards.contains("fria")', "if the institution declared that it holds the safeguard 'fria'"),
        ('!context.qualifications.contains("hds")', "if the deployment were qualified 'hds'"),
        ('!resource.evaluations.contains("inspect-1")', "if the institution held the evaluation 'inspect-1'"),
        ("!resource.carbon_known", "if its carbon cost were known"),
        ('context.modalities.contains("image")', "without 'image' in the request"),
        ('context.capabilities.contains("web-search")', "without asking for 'web-search'"),
        ('context.signals.contains("seen")', "without the signal 'seen'"),
        ('context.purpose == "notation"', "if the exchange truly served another purpose"),
        ("context.data_class >= 2", "if the class were at most 'internal'"),
        ('resource.country == ""', "if its machines were known to stand in France"),
        ("!resource.exposure_known", "if the operator were known and out of reach of any foreign law"),
    ],
)
def test_each_thing_a_person_could_change_is_found(condition: str, said: str) -> None:
    charter = charter_of(policy("strict", condition))
    case = replace(
        CASE, purpose="notation", modalities=("image", "text"), capabilities=("web-search",), signals=("seen",)
    )
    found = explain(case, COMMON_DEPLOYMENTS["unknown"], charter)
    assert any(len(some) == 1 and some[0].en.startswith(said) for some in found.changes)


def test_a_deployment_that_cannot_do_what_is_owed_is_refused_by_the_policy_that_obliges() -> None:
    local = charter_of(policy("at-home", "true", effect="permit", action="oblige", duty="local-only"))
    said = list(explained_lines(explain(CASE, EU, local), local, french=False))
    assert said[1] == "  obliges to what this deployment cannot do: A rule."


def test_what_the_charter_knows_is_told_after_its_own_rules() -> None:
    said = list(known_lines(replace(CASE, purpose="soins"), STARTER, french=False))
    assert said[0] == "Class: sensitive, raised by the charter from personal"
    assert said[1] == "Purpose: soins; role: agent; day: 2026-11-22"
    assert "Labels: health" in said
