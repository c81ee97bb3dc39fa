"""Laws of the charter: it agrees with a reader of its prose, and nothing is ever permitted by accident."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charter_kit import ORDINARY, charter, forbid, policy

from bouclier.charter import Decider, decide, decide_all
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.evaluate import evaluate
from bouclier.charter.question import Question, entities_of, prepare_entities, question_of
from bouclier.terms.content import DataClass, Label
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Exposure, Openness, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

STARTER = load_charter()
ORDINARILY = charter(ORDINARY)
DAYS = (20250101, 20261122, 20271231, 20300101)

laws = st.sampled_from(["law-of-US", "us-cloud-act", "cn-nil", "law-of-CH"]) | st.text(max_size=8)
states = st.sampled_from(["FR", "DE", "US", "CN", "CH"])


def sorted_tuple(found: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(found))


words = st.sets(st.sampled_from(["tools", "structured-output", "web-search", "image-generation"])).map(sorted_tuple)
exposures = st.builds(
    Exposure,
    known=st.booleans(),
    control=st.lists(states, max_size=3).map(tuple),
    foreign_laws=st.lists(laws, max_size=3).map(tuple),
    contested=st.lists(laws, max_size=3).map(tuple),
)
deployments = st.builds(
    Deployment,
    name=st.text(max_size=12),
    model=st.text(max_size=12),
    operator=st.text(max_size=12),
    operator_name=st.text(max_size=12),
    site=st.text(max_size=12),
    own=st.booleans(),
    openness=st.sampled_from(Openness),
    exposure=exposures,
    country=st.none() | states,
    capabilities=words,
    evaluations=words,
    carbon_mg=st.none() | st.integers(0, 10_000),
    qualifications=st.sets(st.sampled_from(["hds", "hds@20270501", "secnumcloud", "dpf@20260101"])).map(sorted_tuple),
)
labels = st.sets(st.sampled_from([label.value for label in Label]) | st.text(max_size=6), max_size=4)
cases = st.builds(
    Case,
    role=st.text(max_size=12),
    purpose=st.sampled_from(["courrier", *sorted(STARTER.data.uses_of)]) | st.text(max_size=300),
    data_class=st.sampled_from(DataClass),
    labels=labels.map(sorted_tuple),
    safeguards=st.sets(st.sampled_from(["fria", "dpia", "overseer"])).map(sorted_tuple),
    signals=st.sets(st.sampled_from([one.signal for one in STARTER.data.second_net] or ["x"])).map(sorted_tuple),
    modalities=st.sets(st.sampled_from(["text", "image", "audio", "file", "image-output"])).map(sorted_tuple),
    capabilities=words,
    day=st.sampled_from(DAYS),
)


def read_the_prose(case: Case, deployment: Deployment) -> tuple[bool, set[str], set[str]]:
    """Decide as a jurist would with the small charter's prose and nothing else."""
    compellable = not deployment.exposure.known or len(deployment.exposure.foreign_laws) > 0
    elsewhere = not deployment.own
    forbids = set()
    if case.data_class is DataClass.CLASSIFIED:
        forbids.add("classified-never-processed")
    if (
        case.data_class in {DataClass.SENSITIVE, DataClass.RESTRICTED, DataClass.CLASSIFIED}
        and elsewhere
        and compellable
    ):
        forbids.add("sensitive-out-of-foreign-reach")
    if "secret" in case.labels and elsewhere:
        forbids.add("secrets-never-leave")
    if "uninspected" in case.labels and elsewhere:
        forbids.add("uninspected-never-leaves")
    if forbids:
        return False, forbids, set()
    if case.data_class in {DataClass.PUBLIC, DataClass.INTERNAL}:
        return True, {"public-and-internal-anywhere"}, set()
    if elsewhere:
        return True, {"elsewhere-pseudonymised"}, {"pseudonymise"}
    return True, {"own-deployments-as-is"}, set()


def no_less_strict(stricter: Verdict, than: Verdict) -> bool:
    return not stricter.permitted or (than.permitted and set(than.duties) <= set(stricter.duties))


@given(cases, deployments)
def test_the_policies_say_what_their_prose_says(case: Case, deployment: Deployment) -> None:
    permitted, policies, duties = read_the_prose(case, deployment)
    verdict = decide(case, deployment, ORDINARILY)
    assert verdict.deployment is deployment
    assert verdict.permitted == permitted
    assert {policy.id for policy in verdict.policies} == policies
    assert set(verdict.duties) == duties


@given(cases, deployments)
def test_a_verdict_lists_policies_and_duties_once_and_sorted(case: Case, deployment: Deployment) -> None:
    verdict = decide(case, deployment, STARTER)
    ids = [policy.id for policy in verdict.policies]
    assert ids == sorted(set(ids))
    assert list(verdict.duties) == sorted(set(verdict.duties))


@given(cases, deployments, st.sampled_from(DataClass))
def test_a_higher_class_is_never_treated_more_freely(case: Case, deployment: Deployment, other: DataClass) -> None:
    lower, higher = sorted((case.data_class, other))
    below = decide(replace(case, data_class=lower), deployment, STARTER)
    above = decide(replace(case, data_class=higher), deployment, STARTER)
    assert no_less_strict(above, than=below)


@given(cases, deployments, laws)
def test_one_more_foreign_law_never_opens_a_deployment(case: Case, deployment: Deployment, law: str) -> None:
    exposure = deployment.exposure
    reached = replace(deployment, exposure=replace(exposure, foreign_laws=(*exposure.foreign_laws, law)))
    assert no_less_strict(decide(case, reached, STARTER), than=decide(case, deployment, STARTER))


@given(cases, deployments)
def test_not_knowing_who_can_be_compelled_never_opens_a_deployment(case: Case, deployment: Deployment) -> None:
    unknown = replace(deployment, exposure=replace(deployment.exposure, known=False))
    assert no_less_strict(decide(case, unknown, STARTER), than=decide(case, deployment, STARTER))


@given(cases, st.lists(deployments, max_size=4), st.integers(1, 3))
def test_remembering_changes_no_verdict(case: Case, candidates: list[Deployment], capacity: int) -> None:
    decider = Decider(STARTER, capacity=capacity)
    afresh = decide_all(case, candidates, STARTER)
    assert decider.decide_all(case, candidates) == afresh
    assert decider.decide_all(case, candidates) == afresh


def broken_context(context: Mapping[str, object]) -> st.SearchStrategy[dict[str, object]]:
    """A context that the schema does not allow: a key too few, one too many, or one of another type."""
    keys = st.sampled_from(sorted(context))
    others: st.SearchStrategy[Any] = st.none() | st.booleans() | st.floats(allow_nan=False) | st.just({})
    return st.one_of(
        keys.map(lambda gone: {key: value for key, value in context.items() if key != gone}),
        st.text(min_size=1, max_size=8).map(lambda extra: {**context, f"x-{extra}": True}),
        st.tuples(keys, others).map(lambda change: {**context, change[0]: change[1]}),
        st.just({**context, "data_class": str(context["data_class"])}),
        st.integers(min_value=2**63).map(lambda huge: {**context, "data_class": huge}),
        st.just({**context, "purpose": "\ud800"}),
    )


@given(st.data(), cases, deployments)
def test_a_question_outside_the_schema_is_never_permitted(
    data: st.DataObject, case: Case, deployment: Deployment
) -> None:
    question = question_of("infer", case, deployment, STARTER.data)
    entities = prepare_entities(entities_of(case.role, deployment), STARTER.schema)
    broken = Question(
        principal=question["principal"],
        action=question["action"],
        resource=question["resource"],
        context=json.dumps(data.draw(broken_context(json.loads(question["context"])))),
    )
    with pytest.raises(CharterError):
        evaluate(broken, entities, STARTER)


@given(cases, deployments, st.sampled_from(["principal", "resource"]), st.text(min_size=1, max_size=8))
def test_a_question_about_an_unknown_entity_is_never_permitted(
    case: Case, deployment: Deployment, who: str, suffix: str
) -> None:
    question = question_of("infer", case, deployment, STARTER.data)
    entities = prepare_entities(entities_of(case.role, deployment), STARTER.schema)
    if who == "principal":
        question["principal"]["id"] += suffix
    else:
        question["resource"]["id"] += suffix
    with pytest.raises(CharterError):
        evaluate(question, entities, STARTER)


ERRING_CHARTER = charter(
    policy("everything"), forbid("overflows", "(context.data_class + 2) * 9223372036854775807 > 0")
)


@given(cases, deployments)
def test_a_policy_that_errs_is_never_a_permission(case: Case, deployment: Deployment) -> None:
    with pytest.raises(CharterError) as caught:
        decide(case, deployment, ERRING_CHARTER)
    assert caught.value.param == "overflows"
