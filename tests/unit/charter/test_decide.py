"""What a small charter answers to an agent's ordinary day, and to each way Cedar could be fooled."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cedarpy import Decision, is_authorized
from tests.charter_kit import ORDINARY, charter, forbid, oblige, policy, warning

from bouclier.charter import Decider, decide, decide_all
from bouclier.charter.evaluate import evaluate
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.terms.content import DataClass
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Exposure, Openness

ORDINARILY = charter(ORDINARY)
OVERFLOWING = "(context.data_class + 2) * 9223372036854775807 > 0"


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


def permitted(data_class: DataClass, *labels: str) -> list[str]:
    verdicts = decide_all(case(data_class, *labels), EVERYWHERE, ORDINARILY)
    return [verdict.deployment.name for verdict in verdicts if verdict.permitted]


def test_nothing_classified_is_processed_even_at_home() -> None:
    assert permitted(DataClass.CLASSIFIED) == []
    assert [policy.id for policy in decide(case(DataClass.CLASSIFIED), OWN, ORDINARILY).policies] == [
        "classified-never-processed"
    ]


@pytest.mark.parametrize("data_class", [DataClass.SENSITIVE, DataClass.RESTRICTED])
def test_sensitive_and_restricted_data_stay_out_of_reach_of_foreign_law(data_class: DataClass) -> None:
    assert permitted(data_class) == ["mairie", "nuage-fr"]


def test_personal_data_may_go_anywhere_but_pseudonymised() -> None:
    verdicts = decide_all(case(DataClass.PERSONAL), EVERYWHERE, ORDINARILY)
    assert [verdict.duties for verdict in verdicts] == [
        (),
        ("pseudonymise",),
        ("pseudonymise",),
        ("pseudonymise",),
    ]
    assert all(verdict.permitted for verdict in verdicts)


def test_public_and_internal_data_may_go_anywhere_as_they_are() -> None:
    for data_class in (DataClass.PUBLIC, DataClass.INTERNAL):
        verdicts = decide_all(case(data_class), EVERYWHERE, ORDINARILY)
        assert all(verdict.permitted and verdict.duties == () for verdict in verdicts)


@pytest.mark.parametrize("label", ["secret", "uninspected"])
def test_secrets_and_what_could_not_be_inspected_stay_at_home(label: str) -> None:
    assert permitted(DataClass.PUBLIC, label) == ["mairie"]


def test_a_refusal_names_every_policy_that_forbids_sorted_with_its_legal_basis() -> None:
    verdict = decide(case(DataClass.SENSITIVE, "secret"), AMERICAN, ORDINARILY)
    assert [policy.id for policy in verdict.policies] == ["secrets-never-leave", "sensitive-out-of-foreign-reach"]
    assert "SREN" in verdict.policies[1].basis
    assert verdict.duties == ()


def test_what_no_policy_permits_is_refused_without_a_policy_to_name() -> None:
    nothing = charter(policy("n", when="resource.own"))
    verdict = decide(case(DataClass.PUBLIC), FRENCH, nothing)
    assert (verdict.permitted, verdict.policies) == (False, ())


def test_duties_of_several_permits_add_up() -> None:
    both = charter(policy("a"), policy("b", duty="pseudonymise"))
    verdict = decide(case(DataClass.PUBLIC), FRENCH, both)
    assert [policy.id for policy in verdict.policies] == ["a", "b"]
    assert verdict.duties == ("pseudonymise",)


def test_names_that_cedar_would_have_to_quote_are_only_names() -> None:
    odd = replace(FRENCH, name='a"b\\c\n::Bouclier::Deployment::"d', site="é\u0000")
    assert decide(case(DataClass.PUBLIC, purpose='"} permit'), odd, ORDINARILY).permitted


def test_the_decider_judges_again_what_it_has_forgotten() -> None:
    decider = Decider(ORDINARILY, capacity=1)
    first = decider.decide(case(DataClass.SENSITIVE), FRENCH)
    assert not decider.decide(case(DataClass.SENSITIVE), AMERICAN).permitted
    assert decider.decide(case(DataClass.SENSITIVE), FRENCH) == first


def test_the_decider_gives_back_the_very_verdict_it_remembers() -> None:
    decider = Decider(ORDINARILY)
    assert decider.decide(case(DataClass.SENSITIVE), FRENCH) is decider.decide(case(DataClass.SENSITIVE), FRENCH)


def test_the_decider_does_not_keep_long_purposes() -> None:
    decider = Decider(ORDINARILY)
    wordy = case(DataClass.SENSITIVE, purpose="x" * 257)
    assert decider.decide(wordy, FRENCH) is not decider.decide(wordy, FRENCH)
    assert decider.decide(wordy, FRENCH) == decide(wordy, FRENCH, ORDINARILY)


# ---- What is owed ---------------------------------------------------------------------------------------------


def test_what_is_owed_is_asked_only_of_what_is_permitted() -> None:
    obliging = charter(
        policy("own", when="resource.own", duty="seal"),
        oblige("warned", "warn:seen"),
        data={"warnings": [warning("seen")]},
    )
    refused = decide(case(DataClass.PUBLIC), FRENCH, obliging)
    assert (refused.permitted, refused.policies, refused.duties) == (False, (), ())
    permitted = decide(case(DataClass.PUBLIC), OWN, obliging)
    assert [one.id for one in permitted.policies] == ["own", "warned"]
    assert permitted.duties == ("seal", "warn:seen")


def test_an_obligation_grants_nothing() -> None:
    obliging = charter(policy("never", when="false"), oblige("always", "seal"))
    assert not decide(case(DataClass.PUBLIC), OWN, obliging).permitted


def test_what_must_stay_local_is_refused_elsewhere_by_the_policy_that_says_so() -> None:
    local = charter(policy("all"), oblige("at-home", "local-only,seal"), oblige("kept", "seal"))
    refused = decide(case(DataClass.PUBLIC), FRENCH, local)
    assert (refused.permitted, [one.id for one in refused.policies], refused.duties) == (False, ["at-home"], ())
    assert decide(case(DataClass.PUBLIC), OWN, local).duties == ("local-only", "seal")


def test_under_a_carbon_cap_an_unknown_figure_is_refused_and_a_known_one_is_not() -> None:
    capped = charter(
        policy("all"), oblige("sober", "carbon-cap:one"), data={"budgets": [{"id": "one", "mg": 0, "basis": "b"}]}
    )
    refused = decide(case(DataClass.PUBLIC), OWN, capped)
    assert (refused.permitted, [one.id for one in refused.policies]) == (False, ["sober"])
    for known_mg in (0, 10**9):
        verdict = decide(case(DataClass.PUBLIC), replace(OWN, carbon_mg=known_mg), capped)
        assert (verdict.permitted, verdict.duties) == (True, ("carbon-cap:0",))


def test_obligations_that_contradict_each_other_refuse_with_the_reason() -> None:
    kept = [
        {"id": "long", "min_days": 30, "max_days": 40, "basis": "b"},
        {"id": "short", "min_days": 1, "max_days": 20, "basis": "b"},
    ]
    contradictory = charter(
        policy("all"), oblige("one", "retain:long"), oblige("two", "retain:short"), data={"retention": kept}
    )
    with pytest.raises(CharterError, match="at least 30 days, at most 20"):
        decide(case(DataClass.PUBLIC), OWN, contradictory)


def test_an_obligation_that_errs_is_an_error_rather_than_forgotten() -> None:
    erring = charter(policy("all"), policy("too-big", action="oblige", duty="seal", when=OVERFLOWING))
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PERSONAL), OWN, erring)
    assert caught.value.param == "too-big"


def test_the_declared_purpose_is_decided_upon_as_the_use_that_data_says_it_is() -> None:
    uses = [{"id": "scoring", "purposes": ["notation", "note"], "fr": "f", "en": "e", "basis": "b"}]
    raising = [{"id": "r", "when": {"uses": ["scoring"]}, "class": "sensitive", "labels": ["watched"], "basis": "b"}]
    knowing = charter(
        policy("all"),
        forbid("never", 'context.uses.contains("scoring") && context.data_class >= 4 && !resource.own'),
        oblige("seen", "seal", 'context.labels.contains("watched")'),
        data={"uses": uses, "classification": raising},
    )
    assert not decide(case(DataClass.PUBLIC, purpose="note"), FRENCH, knowing).permitted
    assert decide(case(DataClass.PUBLIC, purpose="note"), OWN, knowing).duties == ("seal",)
    assert decide(case(DataClass.PUBLIC, purpose="notes"), FRENCH, knowing).duties == ()


# ---- Ways in which Cedar alone would say yes ----------------------------------------------------------------


def test_an_unknown_entity_is_refused_where_cedar_alone_would_allow() -> None:
    entities = prepare_entities(entities_of("agent", FRENCH), ORDINARILY.schema)
    question = question_of("infer", case(DataClass.PUBLIC), AMERICAN, ORDINARILY.data)
    alone = is_authorized(dict(question), ORDINARILY.prepared.all, entities.handle, schema=ORDINARILY.schema)
    assert alone.decision is Decision.Allow
    with pytest.raises(CharterError):
        evaluate(question, entities, ORDINARILY)


def test_a_forbid_that_errs_is_refused_where_cedar_alone_would_allow() -> None:
    erring = charter(policy("all"), forbid("too-big", when=OVERFLOWING))
    entities = prepare_entities(entities_of("agent", FRENCH), erring.schema)
    question = question_of("infer", case(DataClass.PERSONAL), FRENCH, ORDINARILY.data)
    alone = is_authorized(dict(question), erring.prepared.all, entities.handle, schema=erring.schema)
    assert alone.decision is Decision.Allow
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PERSONAL), FRENCH, erring)
    assert "too-big" in caught.value.message.en


def test_a_policy_that_errs_is_an_error_even_when_the_answer_would_be_no() -> None:
    erring = charter(forbid("none", when="true"), policy("too-big", when=OVERFLOWING))
    with pytest.raises(CharterError):
        decide(case(DataClass.PERSONAL), FRENCH, erring)


@pytest.mark.parametrize(
    "key",
    [
        "data_class",
        "class_name",
        "labels",
        "purpose",
        "uses",
        "safeguards",
        "signals",
        "modalities",
        "capabilities",
        "day",
        "qualifications",
        "transfer",
    ],
)
def test_a_context_without_one_of_its_attributes_is_refused(key: str) -> None:
    entities = prepare_entities(entities_of("agent", OWN), ORDINARILY.schema)
    question = question_of("infer", case(DataClass.PUBLIC), OWN, ORDINARILY.data)
    context = json.loads(question["context"])
    del context[key]
    question["context"] = json.dumps(context)
    with pytest.raises(CharterError, match="does not fit the charter"):
        evaluate(question, entities, ORDINARILY)


def test_an_attribute_of_the_wrong_type_is_refused() -> None:
    entities = prepare_entities(entities_of("agent", OWN), ORDINARILY.schema)
    question = question_of("infer", case(DataClass.PUBLIC), OWN, ORDINARILY.data)
    question["context"] = json.dumps({**json.loads(question["context"]), "data_class": "0"})
    with pytest.raises(CharterError):
        evaluate(question, entities, ORDINARILY)


def test_another_action_is_refused() -> None:
    entities = prepare_entities(entities_of("agent", OWN), ORDINARILY.schema)
    question = question_of("infer", case(DataClass.PUBLIC), OWN, ORDINARILY.data)
    question["action"]["id"] = "publish"
    with pytest.raises(CharterError):
        evaluate(question, entities, ORDINARILY)


def test_a_deployment_that_does_not_fit_the_schema_is_refused_by_name() -> None:
    misfit = replace(FRENCH, own=None)  # type: ignore[arg-type]  # what a careless caller could pass
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PUBLIC), misfit, ORDINARILY)
    assert caught.value.param == "nuage-fr"


@pytest.mark.parametrize("purpose", ["\ud800", "Jeanne Exemple\ud800"])
def test_a_purpose_that_is_not_text_is_refused_without_being_repeated(purpose: str) -> None:
    with pytest.raises(CharterError) as caught:
        decide(case(DataClass.PUBLIC, purpose=purpose), OWN, ORDINARILY)
    error = caught.value
    assert "Jeanne" not in f"{error.message} {error.hint} {error.param} {error!r}"
    assert error.__cause__ is None
