"""Laws of the fleet's book, whatever is told in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bouclier.fleet.book import FleetBook
from bouclier.fleet.book_model import (
    Announcement,
    DeploymentSettings,
    FleetSettings,
    Outcome,
    Probe,
    Shared,
    SharedDeployment,
    Standing,
)

SITES = {"a": "s1", "b": "s1", "c": "s2"}
names = st.sampled_from(sorted(SITES))
slots = st.none() | st.integers(1, 3)
counts = st.integers(0, 4)
durations = st.integers(0, 100_000)


class Book(RuleBasedStateMachine):
    """A book, and the little one must know beside it to tell whether it lies."""

    @initialize(own=st.fixed_dictionaries(dict.fromkeys(SITES, slots)))
    def open_it(self, own: dict[str, int | None]) -> None:
        self.now = 0
        self.own = own
        self.book = FleetBook(
            {name: DeploymentSettings(site, slots=own[name]) for name, site in SITES.items()}, FleetSettings(seed="law")
        )
        self.flying: dict[tuple[str, str], int] = {}
        self.begun = 0
        self.drained: dict[str, int | None] = {}
        self.barred_until = dict.fromkeys(SITES, 0)

    @rule(by=st.integers(0, 40_000))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule(name=names, lasts=st.integers(1, 60_000), again=st.booleans(), talk=st.sampled_from([None, "t1", "t2"]))
    def begin(self, name: str, lasts: int, *, again: bool, talk: str | None) -> None:
        self.begun += not again
        exchange = f"e{self.begun}"
        load = self.book.load(name, now_ms=self.now, conversation=talk, prompt_tokens=lasts)
        known = self.flying.get((name, exchange), 0) > self.now
        taken = self.book.begin(
            name, exchange, now_ms=self.now, deadline_ms=self.now + lasts, conversation=talk, prompt_tokens=lasts
        )
        assert taken == (load.available or known)
        if taken:
            self.flying[name, exchange] = self.now + lasts

    @rule(data=st.data())
    def first_token(self, data: Any) -> None:
        if self.flying:
            name, exchange = data.draw(st.sampled_from(sorted(self.flying)))
            free = self.book.first_token(name, exchange, now_ms=self.now)
            assert not free or self.book.load(name, now_ms=self.now).available

    @rule(
        data=st.data(),
        outcome=st.sampled_from(Outcome),
        tokens=st.none() | counts,
        retry=st.none() | st.integers(-5, 10**9),
    )
    def end(self, data: Any, outcome: Outcome, tokens: int | None, retry: int | None) -> None:
        """Of one that flies, or of one that nobody began."""
        name, exchange = data.draw(st.sampled_from([*sorted(self.flying), ("a", "nobody")]))
        free = self.book.end(name, exchange, now_ms=self.now, outcome=outcome, tokens=tokens, retry_after_ms=retry)
        self.flying.pop((name, exchange), None)
        assert free == ((name,) if self.book.load(name, now_ms=self.now).available else ())
        self.bar(name)

    @rule(
        name=names,
        alive=st.booleans(),
        loading=st.booleans(),
        size=slots,
        running=st.none() | counts,
        waiting=st.none() | counts,
        code=st.sampled_from(["unreachable", "timed-out", "status-500", ""]),
    )
    def probe(
        self,
        name: str,
        *,
        alive: bool,
        loading: bool,
        size: int | None,
        running: int | None,
        waiting: int | None,
        code: str,
    ) -> None:
        before = self.book.state(name, now_ms=self.now)
        self.book.probed(
            name,
            Probe(
                alive=alive,
                loading=alive and loading,
                slots=size,
                running=running,
                waiting=waiting,
                code="" if alive else code,
            ),
            now_ms=self.now,
        )
        after = self.book.state(name, now_ms=self.now)
        if before.word == "breaker":
            assert after.breaker != "closed", "a probe closed what outcomes opened"
        self.barred_until[name] = 0  # it may have shortened the wait, by no more than the law of the breaker says
        self.bar(name)

    @rule(
        site=st.sampled_from(["s1", "s2", "elsewhere"]),
        only=st.sets(names),
        state=st.sampled_from(Standing),
        size=st.dictionaries(names, counts),
        lasts=st.none() | durations,
    )
    def announce(self, site: str, only: set[str], state: Standing, size: dict[str, int], lasts: int | None) -> None:
        self.book.announce(Announcement(site, tuple(only), state, size, lasts), now_ms=self.now)
        for name, at in SITES.items():
            if at == site and (not only or name in only):
                self.drained.pop(name, None)
                if state is Standing.DRAINING:
                    self.drained[name] = None if lasts is None else self.now + lasts

    @rule(
        gateway=st.sampled_from(["g1", "g2"]),
        told=st.dictionaries(names, st.builds(SharedDeployment, counts, durations, durations)),
        lease=durations,
    )
    def hear(self, gateway: str, told: dict[str, SharedDeployment], lease: int) -> None:
        self.book.hear(gateway, Shared(told, lease), now_ms=self.now)

    def bar(self, name: str) -> None:
        """An open breaker says until when: nothing may go there before, whatever comes."""
        state = self.book.state(name, now_ms=self.now)
        if state.word == "breaker":
            self.barred_until[name] = max(self.barred_until[name], self.now + state.retry_in_ms)

    @invariant()
    def what_flies_is_counted(self) -> None:
        self.flying = {key: deadline for key, deadline in self.flying.items() if deadline > self.now}
        told = self.book.shared(now_ms=self.now).deployments
        for name in SITES:
            flying = sum(one == name for one, _ in self.flying)
            assert self.book.state(name, now_ms=self.now).in_flight == flying
            assert (told[name].in_flight if name in told else 0) == flying
            assert self.book.load(name, now_ms=self.now).in_flight >= flying

    @invariant()
    def what_may_not_be_used_is_not(self) -> None:
        for name, own in self.own.items():
            load = self.book.load(name, now_ms=self.now, conversation="t1", prompt_tokens=1_000)
            assert load.available == (load.why == "")
            assert load.wait_ms >= 0
            drained_until = self.drained.get(name, self.now)
            if drained_until is None or drained_until > self.now:
                assert load.why == "draining"
            if self.now < self.barred_until[name]:
                assert not load.available
            if own is not None:
                assert load.slots is not None
                assert load.slots <= own

    @invariant()
    def time_that_is_told_is_time_enough(self) -> None:
        for name in SITES:
            waits = self.book.opens_in_ms(name, now_ms=self.now)
            assert (waits == 0) == self.book.load(name, now_ms=self.now).available
            assert waits is None or waits >= 0

    def teardown(self) -> None:
        """However it went, once all has ended or expired nothing is counted."""
        if not hasattr(self, "book"):
            return
        for position, (name, exchange) in enumerate(sorted(self.flying)):
            if position % 2:
                self.book.end(name, exchange, now_ms=self.now, outcome=Outcome.LEFT)
        later = self.now + 200_000
        assert all(not state.in_flight and not state.elsewhere for state in self.book.states(now_ms=later).values())


TestBook = Book.TestCase
TestBook.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
