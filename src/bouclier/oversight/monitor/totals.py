"""What the record says was used, by day, deployment, model and operator: to be held against what providers bill."""

from __future__ import annotations

from collections import Counter
from copy import copy
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.entries import parse_entry
from bouclier.oversight.entries_model import DecisionEntry, MarkEntry, OutcomeEntry
from bouclier.oversight.monitor.lifecycle import Lives, LivesState
from bouclier.oversight.monitor.seals import day_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.oversight.monitor.lifecycle import OpenDecision

MAX_DAYS: Final = 400
"""Older days are forgotten: enough for a year's bill."""
MAX_ROWS_A_DAY: Final = 1_000
"""What goes to more deployments than that is added up under `*`: nobody has so many, but a log could say so."""
MAX_ROWS: Final = 20_000
"""Of all days; likewise."""


class Used(msgspec.Struct):
    """What went to a deployment on a day, as the record says.

    Attributes:
        exchanges: Decisions that sent content there, whatever became of them.
        prompt_tokens: Sum of those that are known.
        completion_tokens: Sum of those that are known.
        unknown: Exchanges whose tokens are not known, wholly or in part: cut, failed, lost, or not told.
    """

    exchanges: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    unknown: int = 0


class UsedBy(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Whose use it is; all of a deployment's on a day.

    Attributes:
        day: By the decision's time, UTC: `2026-11-22`.
        deployment: Its name in the configuration.
        model: The model's name at the operator's.
        operator: Registry id of who runs it.
    """

    day: str
    deployment: str
    model: str
    operator: str


class Totals:
    """Adds up the use of one log."""

    def __init__(self, rows: list[tuple[UsedBy, Used]]) -> None:
        """Go on from rows counted before."""
        self._rows = dict(rows)
        self._days = Counter(whose.day for whose in self._rows)

    def add(self, decision: OpenDecision, outcome: OutcomeEntry | None) -> None:
        """Count an exchange; without outcome, what it used is unknown."""
        whose = UsedBy(day_of(decision.time), decision.deployment, decision.model, decision.operator)
        full = self._days[whose.day] >= MAX_ROWS_A_DAY or len(self._rows) >= MAX_ROWS
        if full and whose not in self._rows:
            whose = UsedBy(whose.day, "*", "*", "*")
        used = self._rows.get(whose)
        if used is None:
            used = self._rows[whose] = Used()
            self._days[whose.day] += 1
            if len(self._days) > MAX_DAYS:
                self._forget(min(self._days))
        used.exchanges += 1
        prompt = outcome.prompt_tokens if outcome is not None else None
        completion = outcome.completion_tokens if outcome is not None else None
        used.prompt_tokens += prompt or 0
        used.completion_tokens += completion or 0
        used.unknown += prompt is None or completion is None

    def rows(self) -> list[tuple[UsedBy, Used]]:
        """Return what was counted, by day."""
        return sorted(self._rows.items(), key=lambda row: row[0])

    def _forget(self, day: str) -> None:
        del self._days[day]
        for whose in [whose for whose in self._rows if whose.day == day]:
            del self._rows[whose]


def with_open(rows: list[tuple[UsedBy, Used]], lives: LivesState) -> list[tuple[UsedBy, Used]]:
    """Return what was counted, and decisions that still wait for their outcome: what they use is not known yet.

    A provider may have billed them before the log says how they ended.

    Args:
        rows: What was counted; unchanged.
        lives: Which decisions are open.
    """
    totals = Totals([(whose, copy(used)) for whose, used in rows])
    for decision in (*lives.overdue.values(), *lives.open.values()):
        totals.add(decision, None)
    return totals.rows()


def totals_of(entries: Iterable[bytes]) -> list[tuple[UsedBy, Used]]:
    """Return the use that a whole log tells of, exchanges under way included, without checking anything else.

    Raises:
        EntryError: An entry is malformed.
    """
    state = LivesState()
    lives = Lives(state, outcome_within_ms=0)
    totals = Totals([])
    for index, data in enumerate(entries):
        entry = parse_entry(data)
        if isinstance(entry, DecisionEntry):
            for _ in lives.decided(index, entry):
                pass  # what is wrong with it is for a monitor to say
        elif isinstance(entry, OutcomeEntry):
            decision, _ = lives.ended(entry)
            if decision is not None:
                totals.add(decision, entry)
        elif isinstance(entry, MarkEntry) and entry.what != "alive":
            left, _ = lives.started(entry.time) if entry.what == "start" else lives.stopped()
            for decision in left:
                totals.add(decision, None)
    return with_open(totals.rows(), state)
