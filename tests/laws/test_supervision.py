"""Laws of the engine's supervision, whatever its process does and whenever."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bouclier.fleet.supervision import Action, Beat, Cause, Limits, Phase, Supervision

limits = st.builds(
    Limits,
    first_pause_ms=st.integers(1, 1_000),
    longest_pause_ms=st.integers(1_000, 60_000),
    steady_ms=st.integers(0, 100_000),
    deaths_before_failed=st.integers(1, 6),
    load_ms=st.integers(1, 300_000),
    ask_every_ms=st.integers(1, 10_000),
    misses_before_hung=st.integers(1, 4),
    stalled_ms=st.integers(1, 200_000),
    memory_bytes=st.none() | st.integers(1, 1_000),
)


class Engine(RuleBasedStateMachine):
    """A process that does what it likes, and a supervisor that only ever does what is due."""

    @initialize(limits=limits)
    def begin(self, limits: Limits) -> None:
        self.now = 0
        self.alive = False
        self.died_at: int | None = None
        self.course = Supervision(limits=limits).begun(now_ms=0)

    @rule(ms=st.integers(0, 400_000))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def do_what_is_due(self) -> None:
        due = self.course.due(now_ms=self.now)
        if due is Action.LAUNCH:
            assert not self.alive, "two processes at once"
            assert self.died_at is None or self.now - self.died_at >= self.course.limits.first_pause_ms
            self.alive = True
            self.course = self.course.launched(now_ms=self.now)
        elif due is Action.END:
            assert self.alive, "nothing to end"
            self._die(self.course.verdict)
        elif due is Action.ASK:
            assert self.course.phase is Phase.READY
            self.course = self.course.asked(now_ms=self.now)

    @precondition(lambda self: self.course.phase is Phase.LOADING)
    @rule()
    def it_loads(self) -> None:
        self.course = self.course.loaded(now_ms=self.now)

    @precondition(lambda self: self.alive)
    @rule()
    def it_dies(self) -> None:
        self._die(None)

    @precondition(lambda self: self.alive)
    @rule(working=st.integers(0, 3), more=st.integers(0, 5), memory=st.none() | st.integers(0, 2_000))
    def it_answers(self, working: int, more: int, memory: int | None) -> None:
        before = self.course
        beat = Beat(working=working, steps=max(before.steps, 0) + more, memory_bytes=memory)
        self.course = before.heard(beat, now_ms=self.now)
        bound = before.limits.memory_bytes
        fits = bound is None or memory is None or memory <= bound
        if before.verdict is None and fits and (working == 0 or beat.steps != before.steps):
            assert self.course.verdict is None, "an engine that advances was condemned"

    @precondition(lambda self: self.alive)
    @rule()
    def it_is_silent(self) -> None:
        before = self.course
        self.course = before.missed()
        if before.verdict is None and before.misses + 1 < before.limits.misses_before_hung:
            assert self.course.verdict is None, "condemned for too few silences"

    def _die(self, cause: Cause | None) -> None:
        self.alive = False
        self.died_at = self.now
        self.course = self.course.died(now_ms=self.now)
        assert cause is None or self.course.last_cause is cause

    @invariant()
    def what_is_told_is_true(self) -> None:
        course = self.course
        assert self.alive == (course.phase in {Phase.LOADING, Phase.READY})
        assert (course.state == "ready") == (course.phase is Phase.READY)
        assert course.state in {"starting", "ready", "failed"}
        if course.phase is Phase.WAITING and course.deaths:
            assert (course.state == "failed") == (course.deaths >= course.limits.deaths_before_failed)
            assert course.due_ms - course.since_ms <= course.limits.longest_pause_ms
        wake = course.wake_ms()
        assert wake is None or course.due(now_ms=max(wake, self.now)) is not None, "it would sleep for ever"


TestEngine = Engine.TestCase
TestEngine.settings = settings(max_examples=60, stateful_step_count=40)


@given(limits, st.integers(0, 50))
def test_pauses_never_shrink_and_never_pass_their_bound(limits: Limits, deaths: int) -> None:
    course = Supervision(limits=limits)
    assert course.pause_ms(deaths) <= course.pause_ms(deaths + 1) <= limits.longest_pause_ms


@given(limits)
def test_an_engine_that_always_dies_is_tried_for_ever(limits: Limits) -> None:
    course, now = Supervision(limits=limits).begun(now_ms=0), 0
    for _ in range(20):
        now = max(now, course.due_ms)
        assert course.due(now_ms=now) is Action.LAUNCH
        course = course.launched(now_ms=now).died(now_ms=now)
    assert course.state == "failed"
