"""A vague date exposes for longer and favours for shorter."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from tests.facts_kit import VOUCHED

from bouclier.registry import holds_on
from bouclier.registry.model import Edge
from bouclier.registry.periods import earliest, latest, surely_overlap


def edge(**period: str) -> Edge:
    return msgspec.convert({"holder": "a", "held": "b", **VOUCHED, **period}, Edge)


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("2026", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2026-12", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        ("2026-11-22", dt.date(2026, 11, 22), dt.date(2026, 11, 22)),
        ("9999", dt.date(9999, 1, 1), dt.date(9999, 12, 31)),
    ],
)
def test_a_year_or_a_month_means_any_day_of_it(when: str, first: dt.date, last: dt.date) -> None:
    assert (earliest(when), latest(when)) == (first, last)


@pytest.mark.parametrize("when", ["2026-02-29", "0000", "0000-01", "2026-13"])
def test_a_day_in_no_calendar_means_none(when: str) -> None:
    with pytest.raises(ValueError, match=r"day|month|year"):
        earliest(when)


@pytest.mark.parametrize(
    ("period", "day", "exposes", "favours"),
    [
        ({"from": "2026", "to": "2027"}, "2025-12-31", False, False),
        ({"from": "2026", "to": "2028"}, "2026-01-01", True, False),
        ({"from": "2026", "to": "2028"}, "2026-12-30", True, False),
        ({"from": "2026", "to": "2028"}, "2026-12-31", True, True),
        ({"from": "2026", "to": "2028"}, "2027-12-31", True, True),
        ({"from": "2026", "to": "2028"}, "2028-01-01", True, False),
        ({"from": "2026", "to": "2028"}, "2028-12-30", True, False),
        ({"from": "2026", "to": "2028"}, "2028-12-31", False, False),
        ({"from": "2026-05-02", "to": "2026-05-03"}, "2026-05-02", True, True),
        ({"from": "2026-05-02", "to": "2026-05-03"}, "2026-05-03", False, False),
        ({"to": "2028-01-01"}, "1900-01-01", True, False),
        ({}, "2026-12-30", True, False),
        ({}, "2026-12-31", True, True),
    ],
)
def test_a_fact_exposes_while_it_may_hold_and_favours_while_it_must(
    period: dict[str, str],
    day: str,
    exposes: bool,  # noqa: FBT001
    favours: bool,  # noqa: FBT001
) -> None:
    fact, asked = edge(**period), dt.date.fromisoformat(day)
    assert holds_on(fact, asked, favourable=False) is exposes
    assert holds_on(fact, asked, favourable=True) is favours


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ({}, {}, True),
        ({"to": "2026"}, {"from": "2026"}, False),
        ({"to": "2026-06"}, {"from": "2026-05-31"}, True),
        ({"from": "2026", "to": "2026"}, {}, False),
    ],
)
def test_facts_overlap_if_there_is_a_day_on_which_both_hold_for_certain(
    one: dict[str, str],
    other: dict[str, str],
    overlap: bool,  # noqa: FBT001
) -> None:
    assert surely_overlap(edge(**one), edge(**other)) is overlap
    assert surely_overlap(edge(**other), edge(**one)) is overlap
