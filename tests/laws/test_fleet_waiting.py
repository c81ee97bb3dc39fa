"""Laws of the waiting line: nobody is lost, nobody is served twice, the order is what it says."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bouclier.fleet.waiting import Priority, Waiting, WaitingLine

names = st.sampled_from("abc")
AGEING_MS = 1_000


class Line(RuleBasedStateMachine):
    """A line, and the set of those who should be in it."""

    @initialize(limit=st.integers(1, 6))
    def open_it(self, limit: int) -> None:
        self.line = WaitingLine(limit=limit, ageing_ms=AGEING_MS)
        self.limit = limit
        self.now = 0
        self.joined = 0
        self.here: dict[str, Waiting] = {}

    @rule(by=st.integers(0, 1_500))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule(
        priority=st.sampled_from(Priority), patience=st.integers(0, 6_000), candidates=st.frozensets(names, min_size=1)
    )
    def join(self, priority: Priority, patience: int, candidates: frozenset[str]) -> None:
        self.joined += 1
        entry = Waiting(f"e{self.joined}", priority, self.now, self.now + patience, candidates)
        self.here[entry.exchange_id] = entry
        order = self.in_order()
        out = self.line.join(entry, now_ms=self.now)
        assert (out is not None) == (len(self.here) > self.limit)
        if out is not None:
            assert out.exchange_id == order[-1]
            del self.here[out.exchange_id]

    @rule(name=names)
    def freed(self, name: str) -> None:
        able = [
            one
            for one in self.in_order()
            if name in self.here[one].candidates and self.here[one].deadline_ms > self.now
        ]
        served = self.line.next_for(name, now_ms=self.now)
        assert (served.exchange_id if served is not None else None) == (able[0] if able else None)
        if served is not None:
            assert self.here.pop(served.exchange_id) == served
            # Who came so much later never overtakes, whatever their urgency.
            overtaken = [
                one
                for one in self.here.values()
                if name in one.candidates
                and one.deadline_ms > self.now
                and served.arrived_ms - one.arrived_ms >= 3 * AGEING_MS
            ]
            assert not overtaken

    @rule(number=st.integers(0, 30))
    def leave(self, number: int) -> None:
        name = f"e{number}"
        assert self.line.leave(name) == self.here.pop(name, None)

    def in_order(self) -> list[str]:
        def turn(one: Waiting) -> tuple[int, int, int, str]:
            lifted = (self.now - one.arrived_ms) // AGEING_MS
            return (int(one.priority) - lifted, one.deadline_ms, one.arrived_ms, one.exchange_id)

        return [one.exchange_id for one in sorted(self.here.values(), key=turn)]

    @invariant()
    def all_are_there_once(self) -> None:
        assert [one.exchange_id for one in self.line.in_order(now_ms=self.now)] == self.in_order()
        assert len(self.line) == len(self.here) <= self.limit
        assert all(name in self.line for name in self.here)
        assert self.line.retry_after_ms() > 0


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
