"""What the record tells of a system's use (AI Act art. 12, 19, 26): one pass, decisions paired with their outcomes.

An outcome follows its decision in the same log, or never comes: after a `start`, what was under way before is lost. So
what is kept in memory beside the counts is what is under way, not what was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.entries_model import DecisionEntry, MarkEntry, OutcomeEntry
from bouclier.oversight.reports.decisions import REFUSED, chosen_candidate, refusing_policies, result_of
from bouclier.oversight.reports.tally import Tally

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Entry

COMPLETE: Final = "complete"
SILENCE_FACTOR: Final = 2
"""A silence is counted from twice what was promised on: an entry may be late by what it takes to write it."""


class AiActCounts:
    """Counts the entries of the period, and follows what was under way when it began."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._under_way: dict[int, tuple[tuple[str, ...], bool]] = {}
        self._interval_ms: int | None = None
        self._running = False
        self._last_ms = 0

    def begin(self, origin: str) -> None:
        """Be told whose entries come next."""
        self.tally.begin(origin)
        self._under_way = {}
        self._interval_ms = None
        self._running = False
        self._last_ms = 0

    def add(self, index: int, entry: Entry, *, within: bool) -> None:
        """Count an entry if it lies in the period; decisions are followed in any case."""
        if within:
            self._look_at_the_clock(index, entry)
        self._last_ms = entry.time
        if isinstance(entry, DecisionEntry):
            self._add_decision(index, entry, within=within)
        elif isinstance(entry, OutcomeEntry):
            self._add_outcome(index, entry, within=within)
        elif isinstance(entry, MarkEntry):
            self._add_mark(index, entry, within=within)
        elif within:
            self.tally.add((entry.kind,), index)

    def end(self) -> None:
        """What has no outcome when a log ends is under way, or lost: nobody knows yet."""
        self._give_up("under-way")

    def _look_at_the_clock(self, index: int, entry: Entry) -> None:
        if entry.time < self._last_ms:
            self.tally.add(("gap", "clock-back"), index)
        elif self._interval_ms is not None and entry.time - self._last_ms > self._interval_ms * SILENCE_FACTOR:
            self.tally.add(("gap", "silence"), index)

    def _add_decision(self, index: int, entry: DecisionEntry, *, within: bool) -> None:
        chosen = chosen_candidate(entry)
        deployment: tuple[str, ...] = ()
        if chosen is not None:
            deployment = (chosen.operator, chosen.model, chosen.deployment, chosen.openness, chosen.site)
            self._under_way[index] = (deployment, within)
        if not within:
            return
        add = self.tally.add
        result = result_of(entry)
        add(("decisions",), index)
        add(("result", result), index)
        add(("class", entry.data_class, result), index)
        add(("charter", entry.law.charter, entry.law.orders, entry.law.registry), index)
        if entry.tried:
            add(("fallback",), index)
        if chosen is not None:
            add(("sent", *deployment), index)
        elif result == REFUSED:
            for policy in refusing_policies(entry):
                add(("policy", policy), index)

    def _add_outcome(self, index: int, entry: OutcomeEntry, *, within: bool) -> None:
        decided = self._under_way.pop(entry.decision_index, None)
        if not within:
            return
        add = self.tally.add
        add(("outcomes",), index)
        add(("ending", entry.ending, str(entry.status)), index)
        if decided is None:
            add(("gap", "no-decision"), index)
            return
        deployment, _ = decided
        add((COMPLETE if entry.ending == COMPLETE else "otherwise", *deployment), index)
        if entry.prompt_tokens is None or entry.completion_tokens is None:
            add(("tokens-unknown", *deployment), index)
        else:
            add(("tokens", *deployment), index, entry.prompt_tokens + entry.completion_tokens)

    def _add_mark(self, index: int, entry: MarkEntry, *, within: bool) -> None:
        if within:
            self.tally.add(("mark", entry.what), index)
        if entry.what == "start":
            if self._running and within:
                self.tally.add(("gap", "crash"), index)
            self._give_up("lost")
        self._running = entry.what != "stop"
        self._interval_ms = entry.interval_s * 1000 if self._running else None

    def _give_up(self, name: str) -> None:
        for index, (_, within) in self._under_way.items():
            if within:
                self.tally.add(("gap", name), index)
        self._under_way = {}
