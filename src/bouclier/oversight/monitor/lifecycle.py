"""The life of an exchange: a decision, its outcome, and perhaps a fallback; and what marks say of those still open.

Rules:

1. An outcome answers exactly one decision before it, of the same exchange, that chose a deployment.
2. A decision that chose gets its outcome within `outcome_within_ms`, by the time of the log or of the monitor.
3. A `start` closes what a crash left open: that is a loss, said once for all of it. A `stop` leaves nothing open.
4. Crashes that lose outcomes are rare: more than `MAX_LOSSY_STARTS` or `MAX_LOST` decisions in a day of the log are an
   alarm, said when it begins. Else a `start` after each decision would make every missing outcome a mere warning.
5. What a decision tried is what the decisions before it chose for that exchange, each of which failed.

Memory is bounded: `MAX_OPEN` decisions without outcome and `MAX_OVERDUE` that were said to wait, half a kilobyte each
at the most, then the oldest is forgotten with a warning; `MAX_CLOSED` indexes and `MAX_CHAINS` failed attempts. Of
names that are longer than `MAX_NAME_BYTES` a digest is kept.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.monitor.alarm import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.oversight.entries_model import DecisionEntry, OutcomeEntry

MAX_OPEN: Final = 16_384
MAX_OVERDUE: Final = 4_096
MAX_CLOSED: Final = 1_024
MAX_CHAINS: Final = 16_384
MAX_LOSSY_STARTS: Final = 5
MAX_LOST: Final = 200
"""One crash loses what was under way: as many exchanges as a gateway works on at once, some dozens."""
MAX_NAME_BYTES: Final = 100
_DAY_MS: Final = 86_400_000
_SHOWN: Final = 5
_BETWEEN: Final = "\x1f"
_LAST_WORDS: Final = frozenset({"complete", "caller-gone", "content-refused"})
_NONE: Final = "-"


class OpenDecision(msgspec.Struct, frozen=True, array_like=True):
    """A decision that chose a deployment, until its outcome.

    Attributes:
        exchange: Id of the exchange.
        time: Of the decision, milliseconds since 1970-01-01 UTC.
        deployment: What it chose.
        model: The model's name at the operator's.
        operator: Who runs it.
        may_fall_back: Whether a fallback may follow.
        tried: What failed this exchange before; see `_chain_of`.
    """

    exchange: str
    time: int
    deployment: str
    model: str
    operator: str
    may_fall_back: bool
    tried: str


class LivesState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        open: Decisions without outcome, by index.
        overdue: Those of them that were said to be overdue.
        closed: Indexes of the latest decisions with an outcome, to tell a repeated outcome from an invented one.
        chains: What failed an exchange so far, while a fallback may follow.
        losses: Times of the starts of the last day that lost outcomes, milliseconds since 1970-01-01 UTC, and how many.
        losing: Whether it was said that there are too many of these.
    """

    open: dict[int, OpenDecision] = msgspec.field(default_factory=dict)
    overdue: dict[int, OpenDecision] = msgspec.field(default_factory=dict)
    closed: dict[int, None] = msgspec.field(default_factory=dict)
    chains: dict[str, str] = msgspec.field(default_factory=dict)
    losses: list[tuple[int, int]] = msgspec.field(default_factory=list)
    losing: bool = False


class Lives:
    """Checks the lives of the exchanges of one log, entry by entry."""

    def __init__(self, state: LivesState, *, outcome_within_ms: int) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state
        self._within_ms = outcome_within_ms
        self._next_due_ms = 0  # nothing is overdue before; may be too early, never too late

    def decided(self, index: int, entry: DecisionEntry) -> Iterator[Remark]:
        """Take a decision, and yield what is wrong with its place in its exchange's life."""
        state = self._state
        chain, tried = state.chains.pop(entry.exchange, ""), _chain_of(entry.tried)
        if chain != tried:
            yield Remark("fallback-differs", field="$.tried", expected=_shown(chain), found=_shown(tried))
        if entry.chosen is None:
            return
        chosen = next(candidate for candidate in entry.candidates if candidate.deployment == entry.chosen)
        state.open[index] = OpenDecision(
            exchange=entry.exchange,
            time=entry.time,
            deployment=_kept(chosen.deployment),
            model=_kept(chosen.model),
            operator=_kept(chosen.operator),
            may_fall_back=sum(candidate.permitted for candidate in entry.candidates) > 1,
            tried=tried,
        )
        self._next_due_ms = min(self._next_due_ms, entry.time + self._within_ms)
        if len(state.open) > MAX_OPEN:
            del state.open[next(iter(state.open))]
            yield Remark("memory-full", expected=f"<= {MAX_OPEN}")

    def ended(self, entry: OutcomeEntry) -> tuple[OpenDecision | None, list[Remark]]:
        """Take an outcome; return the decision it answers, None if it answers none, and what is wrong with it."""
        state, index = self._state, entry.decision_index
        decision = state.open.get(index) or state.overdue.get(index)
        if decision is None:
            code = "outcome-repeated" if index in state.closed else "outcome-without-decision"
            return None, [Remark(code, field="$.decision_index", found=str(index))]
        if decision.exchange != entry.exchange:
            remark = Remark(
                "outcome-without-decision", field="$.exchange", expected=decision.exchange, found=entry.exchange
            )
            return None, [remark]
        state.open.pop(index, None)
        state.overdue.pop(index, None)
        state.closed[index] = None
        if len(state.closed) > MAX_CLOSED:
            del state.closed[next(iter(state.closed))]
        if decision.may_fall_back and entry.ending not in _LAST_WORDS:
            state.chains[entry.exchange] = _followed(decision.tried, decision.deployment)
            # A fallback is decided within the minute: one that follows so many other failures would be a reused id.
            if len(state.chains) > MAX_CHAINS:
                del state.chains[next(iter(state.chains))]
        return decision, []

    def started(self, time_ms: int) -> tuple[list[OpenDecision], list[Remark]]:
        """Take a `start` mark of that time; return the decisions that lost their outcome, and what there is to say."""
        left, remarks = self._closed_all("outcome-lost")
        state = self._state
        state.losses = [(when, lost) for when, lost in state.losses if time_ms - _DAY_MS < when <= time_ms]
        if left:
            state.losses.append((time_ms, len(left)))
        starts, lost = len(state.losses), sum(lost for _, lost in state.losses)
        losing = starts > MAX_LOSSY_STARTS or lost > MAX_LOST
        if losing and not state.losing:
            most = f"<= {MAX_LOST} / {MAX_LOSSY_STARTS} starts"
            remarks.append(Remark("outcomes-lost-often", expected=most, found=f"{lost} / {starts} starts"))
        state.losing = losing
        del state.losses[: -MAX_LOSSY_STARTS - 1]
        return left, remarks

    def stopped(self) -> tuple[list[OpenDecision], list[Remark]]:
        """Take a `stop` mark; return the decisions it left open, and what there is to say of them."""
        return self._closed_all("outcome-open-at-stop")

    def overdue(self, now_ms: int) -> Iterator[tuple[int, Remark]]:
        """Yield the decisions that have waited too long at this time, each once, with their indexes."""
        state = self._state
        if now_ms <= self._next_due_ms:
            return
        # All are looked at: a decision that says it is of the future must not stand before those that follow it.
        late = [index for index, decision in state.open.items() if now_ms - decision.time > self._within_ms]
        for index in late:
            decision = state.overdue[index] = state.open.pop(index)
            if len(state.overdue) > MAX_OVERDUE:
                del state.overdue[next(iter(state.overdue))]
            # How long it has waited is not said: the same observation must have the same key.
            yield (
                index,
                Remark(
                    "outcome-overdue",
                    expected=f"<= {self._within_ms // 1000} s",
                    found=_NONE,
                    exchange=decision.exchange,
                ),
            )
        first = min((decision.time for decision in state.open.values()), default=now_ms)
        self._next_due_ms = first + self._within_ms

    def _closed_all(self, code: str) -> tuple[list[OpenDecision], list[Remark]]:
        state = self._state
        left = {**state.overdue, **state.open}
        state.open.clear()
        state.overdue.clear()
        state.chains.clear()
        if not left:
            return [], []
        shown = ", ".join(map(str, sorted(left)[:_SHOWN])) + (", …" if len(left) > _SHOWN else "")
        return list(left.values()), [Remark(code, expected="0", found=f"{len(left)}: {shown}")]


def _kept(name: str) -> str:
    """Return a name as it is remembered: of a long one a digest, for a log may hold anything."""
    data = name.encode()
    return name if len(data) <= MAX_NAME_BYTES else f"sha256:{sha256(data).hexdigest()}"


def _chain_of(tried: Sequence[str]) -> str:
    """Return the deployments tried, in order, as they are remembered; empty for none."""
    chain = ""
    for name in tried:
        chain = _followed(chain, _kept(name))
    return chain


def _followed(chain: str, name: str) -> str:
    return _kept(f"{chain}{_BETWEEN}{name}" if chain else name)


def _shown(chain: str) -> str:
    return chain.replace(_BETWEEN, ",") or _NONE
