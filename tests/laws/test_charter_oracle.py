"""The charter decides as its text says: a second reader, who shares no line with the engine, agrees on everything.

Requests that fit the schema and requests that do not, over the starter charter, alone and under restrictions drawn at
random: what errs is refused by both.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.cedar_subset import Evaluation, OracleError, Reader
from tests.oracle.charter_rules import Answer, Oracle

from bouclier.charter import decide, with_policies
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.evaluate import evaluate
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.charter.refine import refine
from bouclier.terms.content import DataClass
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Exposure, Openness

STARTER = load_charter()
ORACLE = Oracle(STARTER.files)
TEXTS = "\n".join(text for path, text in STARTER.files.items() if path.endswith((".cedar", "data.json")))
SPOKEN = sorted({word for word in re.findall(r'"([a-z0-9-]{2,40})"', TEXTS) if not word.startswith("0")})
PURPOSES = sorted(STARTER.data.uses_of)
STATES = ["FR", "NO", "CH", "US", "CA", "BR", "IN", "RE", "ZZ"]

words = st.sampled_from(SPOKEN) | st.text(max_size=6)
texts = st.text(max_size=12)


def sets(of: st.SearchStrategy[str], size: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(of, max_size=size).map(lambda found: tuple(sorted(found)))


days = st.sampled_from([20180525, 20250202, 20260126, 20261122, 20270630, 20270701]) | st.integers(19700101, 99991231)
qualifications = st.builds(
    lambda name, until: name if until is None else f"{name}@{until}",
    st.sampled_from(["hds", "secnumcloud", "state-cloud", "dpf", "pipeda"]),
    st.none() | days,
)
exposures = st.builds(
    Exposure,
    known=st.booleans(),
    control=sets(st.sampled_from(STATES)),
    foreign_laws=sets(st.sampled_from(["us-cloud-act", "law-of-US", "cn-nil"])),
    contested=sets(st.sampled_from(["us-cloud-act", "law-of-CH"])),
)
deployments = st.builds(
    Deployment,
    name=texts,
    model=texts,
    operator=st.sampled_from(["self", "exemple-fr"]) | texts,
    operator_name=texts,
    site=texts,
    own=st.booleans(),
    openness=st.sampled_from(Openness),
    exposure=exposures,
    country=st.none() | st.sampled_from(STATES),
    capabilities=sets(words),
    evaluations=sets(words),
    carbon_mg=st.none() | st.integers(0, 2**63 - 1),
    qualifications=sets(qualifications),
)
cases = st.builds(
    Case,
    role=st.just("agent") | texts,
    purpose=st.sampled_from(PURPOSES) | texts,
    data_class=st.sampled_from(DataClass),
    labels=sets(words),
    safeguards=sets(words),
    signals=sets(words),
    modalities=sets(st.sampled_from(["text", "image", "audio", "video", "file", "image-output", "audio-output"])),
    capabilities=sets(words),
    day=days,
)


plain_cases = st.builds(
    Case, role=st.just("agent"), purpose=st.just(""), data_class=st.sampled_from(DataClass), day=days
)
any_cases = cases | plain_cases


def engine(case: Case, deployment: Deployment, charter: Any = STARTER) -> Answer | None:
    try:
        verdict = decide(case, deployment, charter)
    except CharterError:
        return None
    return Answer(verdict.permitted, frozenset(policy.id for policy in verdict.policies), verdict.duties)


@settings(max_examples=300)
@given(any_cases, deployments)
def test_the_engine_and_the_second_reader_agree_on_every_request(case: Case, deployment: Deployment) -> None:
    assert engine(case, deployment) == ORACLE.decide(case, deployment)


# ---- Under restrictions drawn at random -----------------------------------------------------------------------------

LONGS = ["context.data_class", "context.day", "resource.carbon_mg", "0", "1", "4", "20261122", "9223372036854775807"]
SETS = ["labels", "uses", "safeguards", "signals", "modalities", "capabilities", "qualifications"]
OF_RESOURCE = ["control", "foreign_laws", "contested", "capabilities", "evaluations"]


def quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


literals = st.sampled_from(SPOKEN).map(quoted)
long_terms: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(LONGS),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner) | inner.map("-({})".format),
    max_leaves=3,
)
set_terms = st.sampled_from([*(f"context.{name}" for name in SETS), *(f"resource.{name}" for name in OF_RESOURCE)])
string_terms = st.sampled_from(
    ["context.purpose", "context.transfer", "context.class_name", "resource.country", "resource.operator"]
)
listed = st.lists(literals, min_size=1, max_size=3).map(lambda found: f"[{', '.join(found)}]")
atoms = st.one_of(
    st.sampled_from(["resource.own", "resource.exposure_known", "resource.carbon_known", "true", "false"]),
    st.builds("{} {} {}".format, long_terms, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), long_terms),
    st.builds("{} * 9223372036854775807 {} 0".format, st.sampled_from(LONGS), st.sampled_from("<>")),
    st.builds("{}.contains({})".format, set_terms, literals),
    st.builds("{}.{}({})".format, set_terms, st.sampled_from(["containsAll", "containsAny"]), listed | set_terms),
    st.builds("{}.isEmpty()".format, set_terms),
    st.builds("{} {} {}".format, string_terms, st.sampled_from(["==", "!="]), literals | string_terms),
    st.builds('{} like "{}*"'.format, string_terms, st.sampled_from(["", "s", "un", "*-"])),
    st.builds("{}.contains({})".format, listed, string_terms),
    st.sampled_from(['principal == Bouclier::Principal::"agent"', 'principal.role == "agent"']),
    st.sampled_from(["resource is Bouclier::Deployment", "context has purpose", 'context["day"] > 20260101']),
)
conditions: st.SearchStrategy[str] = st.recursive(
    atoms.map("({})".format),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        inner.map("!{}".format),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    ),
    max_leaves=5,
)
duties = st.sampled_from(
    [
        *("seal", "local-only", "human-review", "ground"),
        *(f"carbon-cap:{name}" for name in STARTER.data.budgets),
        *(f"retain:{name}" for name in STARTER.data.retention),
    ]
)


def restriction(number: int, condition: str, negated: bool, duty: str | None) -> str:  # noqa: FBT001
    effect, action = ("forbid", "infer") if duty is None else ("permit", "oblige")
    annotations = f'@id("order-{number}") @basis("b") @title_fr("f") @title_en("e")'
    owed = "" if duty is None else f'@duty("{duty}")'
    when = "unless" if negated else "when"
    action = f'action == Bouclier::Action::"{action}"'
    return f"{annotations} {owed} {effect} (principal, {action}, resource) {when} {{ {condition} }};"


restrictions = st.lists(st.tuples(conditions, st.booleans(), st.none() | duties), min_size=1, max_size=4).map(
    lambda drawn: "\n".join(restriction(number, *one) for number, one in enumerate(drawn))
)


@settings(max_examples=60)
@given(restrictions, st.lists(st.tuples(plain_cases | cases, deployments), min_size=1, max_size=4))
def test_they_agree_under_any_restrictions_even_those_that_err(
    added: str, requests: list[tuple[Case, Deployment]]
) -> None:
    try:
        charter = with_policies(STARTER, added, STARTER.data, file="orders")
    except CharterError:
        return  # what the schema's validation refuses never decides
    oracle = Oracle(STARTER.files, added)
    for case, deployment in requests:
        assert engine(case, deployment, charter) == oracle.decide(case, deployment)


def test_a_restriction_that_overflows_is_refused_by_both() -> None:
    added = restriction(0, "context.day * 9223372036854775807 > 0", False, None)
    case = Case(role="agent", purpose="", data_class=DataClass.PUBLIC, day=20261122)
    deployment = Deployment("d", "m", "self", "", "", own=True, openness=Openness.OPEN, exposure=Exposure(known=True))
    charter = with_policies(STARTER, added, STARTER.data, file="orders")
    assert engine(case, deployment, charter) is None
    assert Oracle(STARTER.files, added).decide(case, deployment) is None
    assert engine(case, deployment) == ORACLE.decide(case, deployment) is not None


# ---- Requests that do not fit the schema ----------------------------------------------------------------------------

misfits: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.just("\ud800"),
    st.lists(st.text(max_size=4), max_size=2),
    st.just([1]),
    st.just({"a": 1}),
)


@settings(max_examples=300)
@given(st.data(), any_cases, deployments)
def test_they_agree_on_questions_outside_the_schema(data: st.DataObject, case: Case, deployment: Deployment) -> None:
    question: dict[str, Any] = dict(question_of("infer", refine(case, STARTER.data), deployment, STARTER.data))
    context = json.loads(question["context"])
    entities: list[dict[str, Any]] = copy.deepcopy([dict(one) for one in entities_of(case.role, deployment)])
    place = data.draw(st.sampled_from(["context", "principal", "resource", "uid", "nothing"]))
    if place == "uid":
        which = data.draw(st.sampled_from(["principal", "resource"]))
        part = data.draw(st.sampled_from(["type", "id"]))
        question[which] = {**question[which], part: data.draw(st.sampled_from(["Bouclier::Principal", "agent", "x"]))}
    elif place != "nothing":
        attributes = context if place == "context" else entities[place == "resource"]["attrs"]
        name = data.draw(st.sampled_from(sorted(attributes)) | st.just("more"))
        if data.draw(st.booleans()):
            attributes[name] = data.draw(misfits)
        else:
            attributes.pop(name, None)
    try:
        prepared = prepare_entities(entities, STARTER.schema)  # type: ignore[arg-type]
        answer = evaluate({**question, "context": json.dumps(context)}, prepared, STARTER)  # type: ignore[typeddict-item]
    except (CharterError, ValueError):
        found = None
    else:
        found = Answer(answer.permitted, frozenset(policy.ref.id for policy in answer.policies))
    assert found == ORACLE.answer({**question, "context": context}, entities)


# ---- The second reader itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("1 - 1 - 1 == -1", True),
        ("1 + 2 * 3 == 7", True),
        ("false && true || true", True),
        ("!false && false", False),
        ("-9223372036854775808 < 0", True),
        ("true || 1 + 9223372036854775807 > 0", True),
        ("1 + 9223372036854775807 > 0", None),
        ("false || 1", None),
        ("!1", None),
        ('"x" == 1', False),
        ("[1, 1] == [1]", True),
        ("[1].contains(true)", False),
        ('"a*b" like "a\\*b"', True),
        ('"axb" like "a\\*b"', False),
        ('"\\u{78}" == "x"', True),
        ("context.nothing == 1", None),
        ("context has nothing", False),
        ("if true then true else 1", True),
        ('P::"a" in [P::"b", P::"a"]', True),
        ('"a" in [P::"a"]', None),
    ],
)
def test_the_second_reader_reads_cedar_as_its_specification_says(condition: str, *, holds: bool | None) -> None:
    (policy,) = Reader(f'@id("x") permit (principal, action, resource) when {{ {condition} }};').policies()
    variables: dict[str, Any] = dict.fromkeys(("principal", "action", "resource"), ("entity", ("P", "a")))
    evaluation = Evaluation({**variables, "context": ("record", frozenset())}, {})
    if holds is None:
        with pytest.raises(OracleError):
            evaluation.applies(policy)
    else:
        assert evaluation.applies(policy) is holds


def test_the_second_reader_is_not_the_engine() -> None:
    case = Case(role="agent", purpose="", data_class=DataClass.PERSONAL, labels=("secret",), day=20261122)
    own = Deployment("d", "m", "self", "", "", own=True, openness=Openness.OPEN, exposure=Exposure(known=True))
    files = {
        path: text.replace("context.data_class <= 5", "context.data_class <= 2") for path, text in STARTER.files.items()
    }
    assert Oracle(files).decide(case, own) != engine(case, own)
    assert ORACLE.decide(replace(case, labels=()), own) == engine(replace(case, labels=()), own)
