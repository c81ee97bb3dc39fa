"""The clock of entries never goes back; what would hide when something was decided is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.oversight.clock import TOLERATED_STEP_MS, ClockError, ForwardClock

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = 1_790_000_000_000


def clock(*times: int, last_ms: int = 0) -> ForwardClock:
    return ForwardClock(iter(times).__next__, last_ms=last_ms)


def test_time_that_goes_on_is_told_as_it_is() -> None:
    told = clock(NOW, NOW, NOW + 1, NOW + 90_000)

    assert [told() for _ in range(4)] == [NOW, NOW, NOW + 1, NOW + 90_000]


def test_a_small_step_back_is_held_at_the_last_time_told() -> None:
    told = clock(NOW, NOW - 1, NOW - TOLERATED_STEP_MS, NOW + 5)

    assert [told() for _ in range(4)] == [NOW, NOW, NOW, NOW + 5]


def test_a_larger_step_back_is_refused_until_the_clock_has_caught_up() -> None:
    told = clock(NOW, NOW - TOLERATED_STEP_MS - 1, NOW - 3_600_000, NOW - TOLERATED_STEP_MS, NOW + 1)

    assert told() == NOW
    for behind in ("2.0 s", "3600.0 s"):
        with pytest.raises(ClockError, match=f"{behind} behind") as refused:
            told()
        assert refused.value.code == "clock_went_back"
        assert "Nothing has left" in refused.value.hint.en
        assert "Rien n'est parti" in refused.value.hint.fr
    assert [told() for _ in range(2)] == [NOW, NOW + 1]


def test_small_steps_back_do_not_add_up_to_a_large_one() -> None:
    told = clock(NOW, NOW - 1500, NOW - 3000)

    assert [told(), told()] == [NOW, NOW]
    with pytest.raises(ClockError):
        told()


def test_the_last_entry_of_an_earlier_life_counts() -> None:
    assert clock(NOW - 5, last_ms=NOW)() == NOW
    with pytest.raises(ClockError):
        clock(NOW - 60_000, last_ms=NOW)()


def told_by(times: Iterable[int]) -> list[int]:
    times = list(times)
    told, given_times = clock(*times), []
    for _ in times:
        try:
            given_times.append(told())
        except ClockError:
            continue
    return given_times


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_whatever_the_clock_does_times_never_go_back_nor_run_ahead(times: list[int]) -> None:
    told = told_by(times)

    assert told == sorted(told)
    assert max(told) == max(times)
