"""The line of exchanges that wait for a place: who is next, who is refused, and for how long.

Rules kept here. Interactive goes before normal, normal before batch; within a class the earliest deadline goes first,
then who came first. Every `ageing_ms` of waiting lifts an entry by one class, without end: nobody who arrives more than
three times `ageing_ms` later overtakes a batch entry, so nobody waits for ever. The line is bounded: when it is full
the worst entry is put out, be it the newcomer. An entry whose deadline has passed is never next; whoever put
it there takes it out. An entry is in the line once, and leaves it once: by `next_for`, `leave` or as the worst.

Pure: time is an argument, waking the callers is the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

_FADE = 8
_UNKNOWN_PACE_MS = 1_000
_SHORTEST_MS = 500


class Priority(IntEnum):
    """How urgent; the lower goes first."""

    INTERACTIVE = 0
    NORMAL = 1
    BATCH = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """An exchange that waits.

    Attributes:
        exchange_id: Its id; an entry's name in the line.
        priority: How urgent it is.
        arrived_ms: When it came.
        deadline_ms: When it is of no use any more, on the same clock.
        candidates: Names of the deployments that may serve it.
    """

    exchange_id: str
    priority: Priority
    arrived_ms: int
    deadline_ms: int
    candidates: frozenset[str]


class WaitingLine:
    """Entries in the order they will be served; bounded."""

    __slots__ = ("_ageing_ms", "_entries", "_left_at", "_limit", "_pace_ms")

    def __init__(self, *, limit: int, ageing_ms: int = 20_000) -> None:
        """Begin empty.

        Args:
            limit: Most entries in the line, at least one.
            ageing_ms: After how long an entry rises by one class.
        """
        self._entries: dict[str, Waiting] = {}
        self._limit = limit
        self._ageing_ms = ageing_ms
        self._pace_ms: int | None = None
        self._left_at: int | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, exchange_id: str) -> bool:
        return exchange_id in self._entries

    def join(self, entry: Waiting, *, now_ms: int) -> Waiting | None:
        """Put an entry in the line.

        Returns:
            Who is put out because the line is full: the last in order, possibly the newcomer; None if nobody is.

        Raises:
            ValueError: It is in the line already.
        """
        if entry.exchange_id in self._entries:
            raise ValueError(entry.exchange_id)
        self._entries[entry.exchange_id] = entry
        if len(self._entries) <= self._limit:
            return None
        worst = max(self._entries.values(), key=lambda one: self._turn(one, now_ms))
        return self._entries.pop(worst.exchange_id)

    def next_for(self, deployment: str, *, now_ms: int) -> Waiting | None:
        """Take out of the line who is first of those whom a deployment may serve; None if nobody is."""
        first, turn = None, None
        for entry in self._entries.values():
            if deployment in entry.candidates and entry.deadline_ms > now_ms:
                its = self._turn(entry, now_ms)
                if turn is None or its < turn:
                    first, turn = entry, its
        if first is None:
            self._left_at = None  # nobody is there for it: the time until the next one is not the line's pace
            return None
        del self._entries[first.exchange_id]
        if self._left_at is not None:
            took = now_ms - self._left_at
            self._pace_ms = took if self._pace_ms is None else self._pace_ms + (took - self._pace_ms) // _FADE
        self._left_at = now_ms
        return first

    def leave(self, exchange_id: str) -> Waiting | None:
        """Take an entry out, whose caller went; None if it is not in the line."""
        return self._entries.pop(exchange_id, None)

    def retry_after_ms(self) -> int:
        """Return when somebody who is refused now should come again: once the line, at its pace, has passed."""
        pace_ms = _UNKNOWN_PACE_MS if self._pace_ms is None else self._pace_ms
        return max(_SHORTEST_MS, pace_ms * len(self._entries))

    def in_order(self, *, now_ms: int) -> list[Waiting]:
        """Return the entries, first to last, as of now."""
        return sorted(self._entries.values(), key=lambda entry: self._turn(entry, now_ms))

    def _turn(self, entry: Waiting, now_ms: int) -> tuple[int, int, int, str]:
        lifted = max(0, now_ms - entry.arrived_ms) // self._ageing_ms
        return (entry.priority - lifted, entry.deadline_ms, entry.arrived_ms, entry.exchange_id)
