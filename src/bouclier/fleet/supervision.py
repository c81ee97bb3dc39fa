"""When an engine's process is started, ended, tried again and given up for a while: a pure state machine.

Rules kept here: a process that dies or must be ended is tried again after a pause that doubles up to a bound; after a
number of deaths in a row without a steady period in between, the state is `failed`, with why, and it is still tried, at
the longest pause; what another try could not change (a file that is no model, a missing library) is `failed` for good.

A process is hung when it leaves several questions in a row unanswered, each asked with a time limit, or when it says
that it works and nothing advances for long. Questions are counted rather than seconds, so that a machine that slept, or
a gateway that was itself stopped, does not take its own absence for the engine's.

Times are milliseconds of any clock that never goes back, given by the caller. Nothing here starts, kills or asks:
`due` says what is to be done, and events say what happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

MOST_DOUBLINGS: Final = 32


class Phase(StrEnum):
    """Where an engine stands."""

    STOPPED = "stopped"
    WAITING = "waiting"
    """A start is due at a later time."""
    LOADING = "loading"
    READY = "ready"
    BROKEN = "broken"
    """Another try would change nothing."""


class Cause(StrEnum):
    """Why a process ended, or had to be ended."""

    CRASHED = "crashed"
    HUNG = "hung"
    MEMORY = "memory"
    TOO_SLOW = "too-slow"
    """It did not load in time."""
    NOT_STARTED = "not-started"
    """The system refused to start it."""


class Action(StrEnum):
    """What is to be done now."""

    LAUNCH = "launch"
    ASK = "ask"
    END = "end"


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the supervision is; times in milliseconds.

    Attributes:
        first_pause_ms: Pause before the first restart.
        longest_pause_ms: Bound on that pause, which doubles with every death.
        steady_ms: A process that was ready for this long had no death before, as far as pauses go.
        deaths_before_failed: Deaths in a row after which the state is `failed`.
        load_ms: Longest time to load.
        ask_every_ms: Time between two questions to a process that is ready.
        answer_ms: Longest wait for an answer; longer than the process takes for one batch of a prompt on a slow machine
            (128 tokens at 7 a second are 18 s).
        misses_before_hung: Questions in a row without an answer after which it is hung.
        stalled_ms: Longest time during which it works without advancing.
        memory_bytes: Most memory it may hold; None for no bound.
    """

    first_pause_ms: int = 500
    longest_pause_ms: int = 60_000
    steady_ms: int = 60_000
    deaths_before_failed: int = 5
    load_ms: int = 300_000
    ask_every_ms: int = 5_000
    answer_ms: int = 20_000
    misses_before_hung: int = 3
    stalled_ms: int = 120_000
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process said when asked how it is.

    Attributes:
        working: Exchanges it is serving or holds back.
        steps: How often it has computed something; only ever grows.
        memory_bytes: Memory it holds, as the system accounts for it; None if that is unknown.
    """

    working: int
    steps: int
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Supervision:
    """One engine's supervision at one moment.

    Attributes:
        limits: How patient it is.
        phase: Where it stands.
        since_ms: Since when.
        due_ms: When the next start is due, while waiting.
        deaths: Deaths in a row.
        last_cause: Why the last process ended.
        asked_ms: When the last question was asked.
        misses: Questions in a row left without an answer.
        steps: What it last said of its progress.
        moved_ms: When it last advanced, or was idle.
        verdict: Why it must be ended now, if it must.
    """

    limits: Limits = field(default_factory=Limits)
    phase: Phase = Phase.STOPPED
    since_ms: int = 0
    due_ms: int = 0
    deaths: int = 0
    last_cause: Cause | None = None
    asked_ms: int = 0
    misses: int = 0
    steps: int = -1
    moved_ms: int = 0
    verdict: Cause | None = None

    @property
    def state(self) -> str:
        """`stopped`, `starting`, `ready` or `failed`: what users and other rooms are told."""
        if self.phase in {Phase.STOPPED, Phase.READY}:
            return str(self.phase)
        failed = self.phase is Phase.BROKEN or self.deaths >= self.limits.deaths_before_failed
        return "failed" if failed else "starting"

    def begun(self, *, now_ms: int) -> Supervision:
        """Return the supervision of an engine that is wanted from now on: a first start is due at once."""
        return Supervision(limits=self.limits, phase=Phase.WAITING, since_ms=now_ms, due_ms=now_ms)

    def stopped(self, *, now_ms: int) -> Supervision:
        """Return the supervision of an engine that is not wanted any more."""
        return Supervision(limits=self.limits, since_ms=now_ms)

    def launched(self, *, now_ms: int) -> Supervision:
        """Return what holds once a process was started, which loads."""
        return replace(self, phase=Phase.LOADING, since_ms=now_ms, verdict=None)

    def loaded(self, *, now_ms: int) -> Supervision:
        """Return what holds once it answers."""
        return replace(
            self, phase=Phase.READY, since_ms=now_ms, asked_ms=now_ms, misses=0, steps=-1, moved_ms=now_ms, verdict=None
        )

    def broken(self, *, now_ms: int) -> Supervision:
        """Return what holds once it is known that another try would change nothing."""
        return replace(self, phase=Phase.BROKEN, since_ms=now_ms, verdict=None)

    def asked(self, *, now_ms: int) -> Supervision:
        """Return what holds once a question was asked; its answer is `heard` or `missed`."""
        return replace(self, asked_ms=now_ms)

    def heard(self, beat: Beat, *, now_ms: int) -> Supervision:
        """Return what holds after an answer: it may hold too much memory, or work without advancing."""
        if self.phase is not Phase.READY:
            return self
        moved = beat.working == 0 or beat.steps != self.steps
        after = replace(self, misses=0, steps=beat.steps, moved_ms=now_ms if moved else self.moved_ms)
        bound = self.limits.memory_bytes
        if bound is not None and beat.memory_bytes is not None and beat.memory_bytes > bound:
            return replace(after, verdict=Cause.MEMORY)
        if now_ms - after.moved_ms >= self.limits.stalled_ms:
            return replace(after, verdict=Cause.HUNG)
        return after

    def missed(self) -> Supervision:
        """Return what holds after a question that got no answer in time."""
        if self.phase is not Phase.READY:
            return self
        after = replace(self, misses=self.misses + 1)
        return replace(after, verdict=Cause.HUNG) if after.misses >= self.limits.misses_before_hung else after

    def died(self, *, now_ms: int, cause: Cause = Cause.CRASHED) -> Supervision:
        """Return what holds once the process is gone: another is due after a pause.

        Args:
            now_ms: The time.
            cause: Why, as far as the system says; a verdict passed here before is the better answer.
        """
        steady = self.phase is Phase.READY and now_ms - self.since_ms >= self.limits.steady_ms
        too_slow = self.phase is Phase.LOADING and now_ms - self.since_ms >= self.limits.load_ms
        deaths = 1 if steady else self.deaths + 1
        return replace(
            self,
            phase=Phase.WAITING,
            since_ms=now_ms,
            due_ms=now_ms + self.pause_ms(deaths),
            deaths=deaths,
            last_cause=self.verdict or (Cause.TOO_SLOW if too_slow else cause),
            verdict=None,
        )

    def pause_ms(self, deaths: int) -> int:
        """Return how long to wait before another start, after this many deaths in a row."""
        limits = self.limits
        if deaths >= limits.deaths_before_failed:
            return limits.longest_pause_ms
        return min(limits.longest_pause_ms, limits.first_pause_ms << min(max(deaths - 1, 0), MOST_DOUBLINGS))

    def due(self, *, now_ms: int) -> Action | None:
        """Return what is to be done now, if anything."""
        if self.verdict is not None:
            return Action.END
        if self.phase is Phase.WAITING and now_ms >= self.due_ms:
            return Action.LAUNCH
        if self.phase is Phase.LOADING and now_ms - self.since_ms >= self.limits.load_ms:
            return Action.END
        if self.phase is Phase.READY and now_ms - self.asked_ms >= self.limits.ask_every_ms:
            return Action.ASK
        return None

    def wake_ms(self) -> int | None:
        """Return when `due` may next say something of its own accord; None if only an event can change anything."""
        if self.phase is Phase.WAITING:
            return self.due_ms
        if self.phase is Phase.LOADING:
            return self.since_ms + self.limits.load_ms
        if self.phase is Phase.READY:
            return self.asked_ms + self.limits.ask_every_ms
        return None
