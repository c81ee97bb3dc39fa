"""Laws of duties: merging is by the strictest, whatever the order; and what is owed is never met by not knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bouclier.terms.duties import (
    MAX_CARBON_MG,
    MAX_DAYS,
    Means,
    affordable_tokens,
    carbon_cap_of,
    is_duty,
    merge,
    retention_of,
    unmet,
    warnings_of,
)
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Duty

BARE = ["pseudonymise", "local-only", "ground", "seal", "human-review"]
# Any two of these spans have a day in common, so that none contradicts another.
SPANS = st.tuples(st.integers(0, 100), st.integers(100, MAX_DAYS)).map(lambda span: f"retain:{span[0]}-{span[1]}")
DUTY = st.one_of(
    st.sampled_from(BARE),
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,5}", fullmatch=True).map(lambda name: f"warn:{name}"),
    st.integers(0, MAX_CARBON_MG).map(lambda mg: f"carbon-cap:{mg}"),
    SPANS,
)

if TYPE_CHECKING:
    from random import Random
DUTIES = st.lists(DUTY, max_size=8)
MEANS = st.builds(Means, sourced=st.booleans(), reviewed=st.booleans(), tokens=st.integers(0, 10**7))
FIGURES = st.none() | st.integers(0, 10**6)


def no_weaker(merged: tuple[str, ...], than: list[str]) -> bool:
    """Tell whether what is owed is at least each of what was given."""
    words = {duty for duty in than if duty in BARE or duty.startswith("warn:")}
    kept, cap = retention_of(merged), carbon_cap_of(merged)
    spans = [retention_of([duty]) for duty in than]
    caps = [carbon_cap_of([duty]) for duty in than]
    return (
        words <= set(merged)
        and all(
            kept is not None and kept.min_days >= span.min_days and kept.max_days <= span.max_days
            for span in spans
            if span is not None
        )
        and all(cap is not None and cap <= one for one in caps if one is not None)
    )


@given(DUTIES)
@example([f"carbon-cap:{MAX_CARBON_MG}"])
def test_all_that_is_given_is_owed_and_nothing_else(duties: list[str]) -> None:
    merged = merge(duties)
    assert no_weaker(merged, duties)
    assert {duty.partition(":")[0] for duty in merged} == {duty.partition(":")[0] for duty in duties}
    assert set(warnings_of(merged)) == set(warnings_of(duties))
    assert list(merged) == sorted(set(merged))
    assert all(map(is_duty, merged))


@given(DUTIES, st.randoms(use_true_random=False))
def test_the_order_of_policies_changes_nothing(duties: list[str], random: Random) -> None:
    shuffled = list(duties)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(duties)


@given(DUTIES, DUTIES)
def test_duties_may_be_merged_in_parts_and_again(some: list[str], others: list[str]) -> None:
    together = merge([*some, *others])
    assert merge([*merge(some), *merge(others)]) == together
    assert merge(together) == together


@given(DUTIES, DUTIES, MEANS, FIGURES)
def test_one_more_policy_never_asks_less(some: list[str], more: list[str], means: Means, carbon_mg: int | None) -> None:
    alone, together = merge(some), merge([*some, *more])
    assert set(unmet(alone, means, carbon_mg=carbon_mg)) <= set(unmet(together, means, carbon_mg=carbon_mg))


@given(st.integers(0, MAX_DAYS), st.integers(0, MAX_DAYS), st.integers(0, MAX_DAYS), st.integers(0, MAX_DAYS))
def test_two_retentions_hold_together_or_are_refused(a: int, b: int, c: int, d: int) -> None:
    one, two = sorted((a, b)), sorted((c, d))
    least, most = max(one[0], two[0]), min(one[1], two[1])
    duties = [f"retain:{one[0]}-{one[1]}", f"retain:{two[0]}-{two[1]}"]
    if least <= most:
        assert retention_of(duties) == (least, most)
    else:
        with pytest.raises(CharterError) as caught:
            merge(duties)
        assert caught.value.param == "retain"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_what_is_affordable_stays_under_the_cap_and_one_token_more_does_not(cap: int, tokens: int, mg: int) -> None:
    affordable = affordable_tokens([f"carbon-cap:{cap}"], tokens, carbon_mg=mg)
    assert affordable is not None
    assert affordable == 0 or (affordable + tokens) * mg <= cap * 1000
    assert (affordable + 1 + tokens) * mg > cap * 1000


@pytest.mark.parametrize(
    ("duties", "tokens", "carbon_mg", "affordable"),
    [
        ((), 10**9, None, None),
        (("seal",), 10**9, 10**9, None),
        (("carbon-cap:5",), 0, 0, None),  # free, and known to be
        (("carbon-cap:5",), 0, None, 0),  # unknown is not free
        (("carbon-cap:0",), 0, 1, 0),
        (("carbon-cap:1",), 999, 1, 1),
        (("carbon-cap:1",), 1000, 1, 0),
        (("carbon-cap:1",), 10**6, 1, 0),
    ],
)
def test_how_many_tokens_an_answer_may_have(
    duties: tuple[str, ...], tokens: int, carbon_mg: int | None, affordable: int | None
) -> None:
    assert affordable_tokens(duties, tokens, carbon_mg=carbon_mg) == affordable
    cannot = (Duty.CARBON_CAP,) if affordable == 0 else ()
    assert unmet(duties, Means(sourced=True, reviewed=True, tokens=tokens), carbon_mg=carbon_mg) == cannot


@given(MEANS)
def test_sources_and_a_second_person_are_owed_until_they_are_brought(means: Means) -> None:
    missing = unmet(("ground", "human-review", "seal", "warn:x", "pseudonymise"), means, carbon_mg=None)
    assert (Duty.GROUND in missing) is not means.sourced
    assert (Duty.HUMAN_REVIEW in missing) is not means.reviewed
    assert set(missing) <= {Duty.GROUND, Duty.HUMAN_REVIEW}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " seal",
        "seal ",
        "Seal",
        "seal:",
        "seal:x",
        "warn",
        "warn:",
        "warn:X",
        "warn:-x",
        "warn:a b",
        f"warn:{'x' * 65}",
        "carbon-cap:",
        "carbon-cap:-1",
        "carbon-cap:01",
        "carbon-cap:1.0",
        "carbon-cap:²",
        "retain:1",
        "retain:1-",
        "retain:-1",
        "retain:2-1",
        "retain:1-36501",
        "retain:01-2",
        "retain:1-2-3",
        "burn",
    ],
)
def test_what_does_not_spell_a_duty_is_none(text: str) -> None:
    assert not is_duty(text)


@pytest.mark.parametrize(
    "text", [*BARE, "warn:0", f"warn:{'x' * 64}", "carbon-cap:0", "retain:0-0", f"retain:0-{MAX_DAYS}"]
)
def test_what_spells_a_duty_is_one(text: str) -> None:
    assert is_duty(text)
    assert merge([text]) == (text,)
