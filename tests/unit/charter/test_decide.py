"""What the starter charter answers to an agent's ordinary day, and to each way Cedar could be fooled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cedarpy import Decision, is_authorized

from bouclier.charter import Charter, Decider, decide, decide_all, parse_charter
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.evaluate import evaluate
from bouclier.charter.question import Question, entities_of, prepare_entities, question_of
from bouclier.terms.content import DataClass
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Exposure, Openness

STARTER = load_charter()
ABOUT = b"""{"format": "bouclier-charter/v1", "name": {"fr": "f", "en": "e"}, "version": "0",
    "date": "2026-01-01", "status": {"fr": "f", "en": "e"}, "adopted_by": []}"""


def deployment(name: str, *, own: bool = False, exposure: Exposure) -> Deployment:
    return Deployment(
        name=name,
        model="modele",
        operator=name,
        operator_name=name,
        site="fr-exemple",
        own=own,
        openness=Openness.OPEN,
        exposure=exposure,
    )


OWN = deployment("mairie", own=True, exposure=Exposure(known=True))
FRENCH = deployment("nuage-fr", exposure=Exposure(known=True, control=("FR",), contested=("us-cloud-act",)))
AMERICAN = deployment(
    "cloud-us", exposure=Exposure(known=True, control=("US",), foreign_laws=("law-of-US", "us-cloud-act"))
)
UNKNOWN = deployment("inconnu", exposure=Exposure(known=False))
EVERYWHERE = (OWN, FRENCH, AMERICAN, UNKNOWN)


def case(data_class: DataClass, *labels: str, purpose: str = "courrier") -> Case:
    return Case(role="agent", purpose=purpose, data_class=data_class, labels=labels)


def charter_with(policies: str) -> Charter:
    return parse_charter(policies, str(STARTER.schema), ABOUT)


def permitted(data_class: DataClass, *labels: str) -> list[str]:
    verdicts = decide_all(case(data_class, *labels), EVERYWHERE, STARTER)
    return [verdict.deployment.name for verdict in verdicts if verdict.permitted]


def test_nothing_classified_is_processed_even_at_home() -> None:
    assert permitted(DataClass.CLASSIFIED) == []
    assert [policy.id for policy in decide(case(DataClass.CLASSIFIED), OWN, STARTER).policies] == [
        "classified-never-processed"
    ]


@pytest.mark.parametrize("data_class", [DataClass.SENSITIVE, DataClass.RESTRICTED])
def test_sensitive_and_restricted_data_stay_out_of_reach_of_foreign_law(data_class: DataClass) -> None:
    assert permitted(data_class) == ["mairie", "nuage-fr"]


def test_personal_data_may_go_anywhere_but_pseudonymised() -> None:
    verdicts = decide_all(case(DataClass.PERSONAL), EVERYWHERE, STARTER)
    assert [verdict.duties for verdict in verdicts] == [
        (),
        ("pseudonymise",),
        ("pseudonymise",),
        ("pseudonymise",),
    ]
    assert all(verdict.permitted for verdict in verdicts)


def test_public_and_internal_data_may_go_anywhere_as_they_are() -> None:
    for data_class in (DataClass.PUBLIC, DataClass.INTERNAL):
        verdicts = decide_all(case(data_class), EVERYWHERE, STARTER)
        assert all(verdict.permitted and verdict.duties == () for verdict in verdicts)


@pytest.mark.parametrize("label", ["secret", "uninspected"])
def test_secrets_and_what_could_not_be_inspected_stay_at_home(label: str) -> None:
    assert permitted(DataClass.PUBLIC, label) == ["mairie"]


def test_a_refusal_names_every_policy_that_forbids_sorted_with_its_legal_basis() -> None:
    verdict = decide(case(DataClass.SENSITIVE, "secret"), AMERICAN, STARTER)
    assert [policy.id for policy in verdict.policies] == ["secrets-never-leave", "sensitive-out-of-foreign-reach"]
    assert "SREN" in verdict.policies[1].basis
    assert verdict.duties == ()


def test_what_no_policy_permits_is_refused_without_a_policy_to_name() -> None:
    nothing = charter_with(
        '@id("n") @basis("b") @title_fr("f") @title_en("e") permit (principal, action, resource) when { resource.own };'
    )
    verdict = decide(case(DataClass.PUBLIC), FRENCH, nothing)
    assert (verdict.permitted, verdict.policies) == (False, ())


def test_duties_of_several_permits_add_up() -> None:
    both = charter_with(
        '@id("a") @basis("b") @title_fr("f") @title_en("e") permit (principal, action, resource);'
        '@id("b") @basis("b") @title_fr("f") @title_en("e") @duty("pseudonymise")'
        "permit (principal, action, resource);"
    )
    verdict = decide(case(DataClass.PUBLIC), FRENCH, both)
    assert [policy.id for policy in verdict.policies] == ["a", "b"]
    assert verdict.duties == ("pseudonymise",)


def test_names_that_cedar_would_have_to_quote_are_only_names() -> None:
    odd = replace(FRENCH, name='a"b\\c\n::Bouclier::Deployment::"d', site="é\u0000")
    assert decide(case(DataClass.PUBLIC, purpose='"} permit'), odd, STARTER).permitted


def test_the_decider_judges_again_what_it_has_forgotten() -> None:
    decider = Decider(STARTER, capacity=1)
    first = decider.decide(case(DataClass.SENSITIVE), FRENCH)
    assert not decider.decide(case(DataClass.SENSITIVE), AMERICAN).permitted
    assert decider.decide(case(DataClass.SENSITIVE), FRENCH) == first


def test_the_decider_gives_back_the_very_verdict_it_remembers() -> None:
    decider = Decider(STARTER)
    assert decider.decide(case(DataClass.SENSITIVE), FRENCH) is decider.decide(case(DataClass.SENSITIVE), FRENCH)


def test_the_decider_does_not_keep_long_purposes() -> None:
    decider = Decider(STARTER)
    wordy = case(DataClass.SENSITIVE, purpose="x" * 257)
    assert decider.decide(wordy, FRENCH) is not decider.decide(wordy, FRENCH)
    assert decider.decide(wordy, FRENCH) == decide(wordy, FRENCH, STARTER)


# ---- Ways in which Cedar alone would say yes ----------------------------------------------------------------


def test_an_unknown_entity_is_refused_where_cedar_alone_would_allow() -> None:
    entities = prepare_entities(entities_of("agent", FRENCH), STARTER.schema)
    question = question_of(case(DataClass.PUBLIC), AMERICAN)
    alone = is_authorized(dict(question), STARTER.policy_set, entities.handle, schema=STARTER.schema)
    assert alone.decision is Decision.Allow
    with pytest.raises(CharterError):
        evaluate(question, entities, STARTER)


def test_a_forbid_that_errs_is_refused_where_cedar_alone_would_allow() -> None:
    erring = charter_with(
        '@id("all") @basis("b") @title_fr("f") @title_en("e") permit (principal, action, resource);'
        '@id("too-big") @basis("b") @title_fr("f") @title_en("e") forbid (principal, action, resource)'
        "when { (context.data_class + 2) * 9223372036854775807 > 0 };"
    )
    entities = prepare_entities(entities_of("agent", FRENCH), erring.schema)
    question = question_of(case(DataClass.PERSONAL), FRENCH)
    alone = is_authorized(dict(question), erring.policy_set, entities.handle, schema=erring.schema)
    assert alone.decision is Decision.Allow
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PERSONAL), FRENCH, erring)
    assert "too-big" in caught.value.message.en


def test_a_policy_that_errs_is_an_error_even_when_the_answer_would_be_no() -> None:
    erring = charter_with(
        '@id("none") @basis("b") @title_fr("f") @title_en("e") forbid (principal, action, resource);'
        '@id("too-big") @basis("b") @title_fr("f") @title_en("e") permit (principal, action, resource)'
        "when { (context.data_class + 2) * 9223372036854775807 > 0 };"
    )
    with pytest.raises(CharterError):
        decide(case(DataClass.PERSONAL), FRENCH, erring)


@pytest.mark.parametrize("key", ["data_class", "class_name", "labels", "purpose"])
def test_a_context_without_one_of_its_attributes_is_refused(key: str) -> None:
    entities = prepare_entities(entities_of("agent", OWN), STARTER.schema)
    question = question_of(case(DataClass.PUBLIC), OWN)
    shorter = {name: value for name, value in question["context"].items() if name != key}
    with pytest.raises(CharterError, match="does not fit the charter"):
        evaluate(Question(**{**question, "context": shorter}), entities, STARTER)


def test_an_attribute_of_the_wrong_type_is_refused() -> None:
    entities = prepare_entities(entities_of("agent", OWN), STARTER.schema)
    question = question_of(case(DataClass.PUBLIC), OWN)
    with pytest.raises(CharterError):
        evaluate(Question(**{**question, "context": {**question["context"], "data_class": "0"}}), entities, STARTER)


def test_another_action_is_refused() -> None:
    entities = prepare_entities(entities_of("agent", OWN), STARTER.schema)
    question = question_of(case(DataClass.PUBLIC), OWN)
    question["action"]["id"] = "publish"
    with pytest.raises(CharterError):
        evaluate(question, entities, STARTER)


def test_a_deployment_that_does_not_fit_the_schema_is_refused_by_name() -> None:
    misfit = replace(FRENCH, own=None)  # type: ignore[arg-type]  # what a careless caller could pass
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PUBLIC), misfit, STARTER)
    assert caught.value.param == "nuage-fr"


@pytest.mark.parametrize("purpose", ["\ud800", "Jeanne Exemple\ud800"])
def test_a_purpose_that_is_not_text_is_refused_without_being_repeated(purpose: str) -> None:
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PUBLIC, purpose=purpose), OWN, STARTER)
    error = caught.value
    assert "Jeanne" not in f"{error.message} {error.hint} {error.param} {error!r}"
    assert error.__cause__ is None
