"""The supervision of an engine, case by case."""

from __future__ import annotations

import pytest

from bouclier.fleet.supervision import Action, Beat, Cause, Limits, Phase, Supervision

LIMITS = Limits()


def _ready(*, now_ms: int = 0, limits: Limits = LIMITS) -> Supervision:
    return Supervision(limits=limits).begun(now_ms=now_ms).launched(now_ms=now_ms).loaded(now_ms=now_ms)


def test_a_first_start_is_due_at_once_and_a_stopped_engine_is_left_alone() -> None:
    assert Supervision().due(now_ms=10**9) is None
    assert Supervision().begun(now_ms=5).due(now_ms=5) is Action.LAUNCH
    assert _ready().stopped(now_ms=9).due(now_ms=10**9) is None


def test_pauses_double_then_the_state_is_failed_and_it_is_tried_every_minute() -> None:
    course, pauses, states = Supervision().begun(now_ms=0), [], []
    for _ in range(7):
        course = course.launched(now_ms=0).died(now_ms=0)
        pauses.append(course.due_ms)
        states.append(course.state)
    assert pauses == [500, 1_000, 2_000, 4_000, 60_000, 60_000, 60_000]
    assert states == ["starting"] * 4 + ["failed"] * 3


def test_a_steady_minute_wipes_earlier_deaths() -> None:
    course = _ready()
    for _ in range(3):
        course = course.died(now_ms=0).launched(now_ms=0).loaded(now_ms=0)
    assert course.died(now_ms=59_999).deaths == 4
    assert course.died(now_ms=60_000).deaths == 1


def test_three_silences_in_a_row_are_a_hang_and_an_answer_between_them_starts_again() -> None:
    idle = Beat(working=0, steps=1)
    course = _ready().missed().missed().heard(idle, now_ms=1).missed().missed()
    assert course.due(now_ms=1) is None
    assert course.missed().due(now_ms=1) is Action.END
    assert course.missed().died(now_ms=2).last_cause is Cause.HUNG


@pytest.mark.parametrize(("steps", "hung"), [(1, True), (2, False)])
def test_work_that_does_not_advance_for_two_minutes_is_a_hang(steps: int, *, hung: bool) -> None:
    course = _ready().heard(Beat(working=1, steps=1), now_ms=0)
    course = course.heard(Beat(working=1, steps=steps), now_ms=120_000)
    assert (course.verdict is Cause.HUNG) is hung


def test_an_idle_engine_never_stalls() -> None:
    course = _ready().heard(Beat(working=0, steps=1), now_ms=0)
    assert course.heard(Beat(working=0, steps=1), now_ms=10**7).verdict is None


@pytest.mark.parametrize(("held", "verdict"), [(100, None), (101, Cause.MEMORY), (None, None)])
def test_memory_over_its_bound_ends_the_process_and_unknown_memory_does_not(
    held: int | None, verdict: Cause | None
) -> None:
    course = _ready(limits=Limits(memory_bytes=100)).heard(Beat(working=0, steps=1, memory_bytes=held), now_ms=0)
    assert course.verdict is verdict


def test_a_load_that_takes_too_long_is_ended_for_that_reason() -> None:
    course = Supervision().begun(now_ms=0).launched(now_ms=0)
    assert course.due(now_ms=299_999) is None
    assert course.due(now_ms=300_000) is Action.END
    assert course.died(now_ms=300_000).last_cause is Cause.TOO_SLOW


def test_what_another_try_would_not_change_is_not_tried_again() -> None:
    course = Supervision().begun(now_ms=0).launched(now_ms=0).broken(now_ms=0)
    assert (course.phase, course.state, course.due(now_ms=10**9)) == (Phase.BROKEN, "failed", None)
