"""Laws of what packs' data make of a case: never less than before, and the same whatever the order of the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charter_kit import pack_data

from bouclier.charter.pack_data import CharterData, PackData, merged_data, parse_pack_data
from bouclier.charter.refine import day_number, refine, transfer_to, valid_qualifications
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

WORDS = st.sampled_from(["a", "b", "c", "d"])
SOME = st.lists(WORDS, max_size=2, unique=True)
SLUGS = st.sampled_from([one.slug for one in DataClass])
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "when": st.dictionaries(
                st.sampled_from(["labels", "uses", "purposes", "modalities"]),
                st.lists(WORDS, min_size=1, max_size=2),
                min_size=1,
            ),
            "labels": SOME,
            "class": st.none() | SLUGS,
            "basis": st.just("b"),
        }
    ),
    max_size=5,
)
CASES = st.builds(
    Case,
    role=st.just("agent"),
    purpose=WORDS,
    data_class=st.sampled_from(DataClass),
    labels=SOME.map(lambda found: tuple(sorted(found))),
    modalities=SOME.map(lambda found: tuple(sorted(found))),
)

if TYPE_CHECKING:
    from random import Random
USES = [{"id": use, "purposes": ["a", use], "fr": "f", "en": "e", "basis": "b"} for use in ("b", "c")]


def wrong(fr: str, en: str, line: int | None = None) -> Exception:
    return ValueError(fr, en, line)


def read(**sections: object) -> PackData:
    return parse_pack_data(pack_data(**sections), wrong)


def data_of(**sections: object) -> CharterData:
    return merged_data({"p": read(**sections)}, ValueError)


def knowing(rules: list[dict[str, object]]) -> CharterData:
    return data_of(uses=USES, classification=[{**rule, "id": f"r{place}"} for place, rule in enumerate(rules)])


@given(CASES, RULES)
def test_refining_never_lowers_and_never_removes(case: Case, rules: list[dict[str, object]]) -> None:
    refined = refine(case, knowing(rules))
    assert refined.data_class >= case.data_class
    assert set(refined.labels) >= set(case.labels)
    assert list(refined.labels) == sorted(set(refined.labels))
    assert replace(refined, data_class=case.data_class, labels=case.labels) == case


@given(CASES, RULES)
def test_refining_twice_changes_nothing(case: Case, rules: list[dict[str, object]]) -> None:
    once = refine(case, knowing(rules))
    assert refine(once, knowing(rules)) == once


@given(CASES, RULES, st.randoms(use_true_random=False))
def test_the_order_of_rules_changes_nothing(case: Case, rules: list[dict[str, object]], random: Random) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert refine(case, knowing(shuffled)) == refine(case, knowing(rules))


@given(CASES, RULES, RULES, WORDS)
def test_more_rules_or_more_labels_never_mean_less(
    case: Case, rules: list[dict[str, object]], more: list[dict[str, object]], label: str
) -> None:
    refined = refine(case, knowing(rules))
    labelled = replace(case, labels=tuple(sorted({*case.labels, label})))
    for stricter in (refine(case, knowing([*rules, *more])), refine(labelled, knowing(rules))):
        assert stricter.data_class >= refined.data_class
        assert set(stricter.labels) >= set(refined.labels)


def test_a_rule_may_follow_from_another_and_asks_for_each_list_it_gives() -> None:
    data = data_of(
        uses=USES,
        classification=[
            {"id": "last", "when": {"labels": ["two"]}, "class": "restricted", "basis": "b"},
            {"id": "next", "when": {"labels": ["one"], "modalities": ["image"]}, "labels": ["two"], "basis": "b"},
            {"id": "first", "when": {"uses": ["c"]}, "labels": ["one"], "class": "personal", "basis": "b"},
        ],
    )
    case = Case(role="agent", purpose="c", data_class=DataClass.PUBLIC)
    assert refine(case, data) == replace(case, data_class=DataClass.PERSONAL, labels=("one",))
    seen = refine(replace(case, modalities=("image", "text")), data)
    assert (seen.data_class, seen.labels) == (DataClass.RESTRICTED, ("one", "two"))
    other = replace(case, purpose="d")
    assert refine(other, data) is other


# ---- Transfers ----------------------------------------------------------------------------------------------


def deployment(country: str | None, *qualifications: str, own: bool = False) -> Deployment:
    return Deployment(
        "d", "m", "o", "O", "s", own, Openness.OPEN, Exposure(known=True), country, (), (), None, qualifications
    )


ADEQUATE = data_of(
    union=["FR", "DE"],
    adequacy=[
        {
            "state": "CH",
            "from": "2000-07-26",
            "until": "2027-01-01",
            "basis": "b",
            "source": "s",
            "as_of": "2026-01-01",
        },
        {"state": "CH", "from": "2027-03-01", "basis": "b", "source": "s", "as_of": "2026-01-01"},
        {
            "state": "US",
            "from": "2023-07-10",
            "holders": "listed",
            "basis": "b",
            "source": "s",
            "as_of": "2026-01-01",
        },
    ],
)


@pytest.mark.parametrize(
    ("where", "day", "basis"),
    [
        (deployment(None, own=True), 20261122, "own"),
        (deployment("US", own=True), 20261122, "own"),
        (deployment(None), 20261122, "unknown"),
        (deployment("FR"), 20261122, "union"),
        (deployment("CN"), 20261122, "none"),
        (deployment("CH"), 20000725, "none"),
        (deployment("CH"), 20000726, "adequate"),
        (deployment("CH"), 20261231, "adequate"),
        (deployment("CH"), 20270101, "none"),
        (deployment("CH"), 20270228, "none"),
        (deployment("CH"), 20270301, "adequate"),
        (deployment("US"), 20261122, "none"),
        (deployment("US", "dpf"), 20261122, "adequate"),
        (deployment("US", "dpf"), 20230709, "none"),
        (deployment("US", "dpf@20261122"), 20261122, "adequate"),
        (deployment("US", "dpf@20261121"), 20261122, "none"),
        (deployment("US", "dpf-old"), 20261122, "none"),
    ],
)
def test_a_transfer_rests_on_what_holds_that_day(where: Deployment, day: int, basis: str) -> None:
    assert transfer_to(where, ADEQUATE, day=day) == basis


def test_a_qualification_counts_until_its_last_day_and_under_one_name() -> None:
    held = deployment("FR", "hds@20261122", "hds@20261201", "secnumcloud")
    assert valid_qualifications(held, day=20261122) == ("hds", "secnumcloud")
    assert valid_qualifications(held, day=20261201) == ("hds", "secnumcloud")
    assert valid_qualifications(held, day=20261202) == ("secnumcloud",)


@given(st.dates())
def test_days_are_in_the_order_of_their_numbers(day: object) -> None:
    assert day_number(str(day)) == int(str(day).replace("-", ""))
