"""What the record tells of energy and carbon: one pass, decisions paired with their outcomes.

An outcome carries what its exchange cost, as a range, or nothing when nothing was served. What has no outcome may have
cost something: it is counted apart, never as zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.entries_model import DecisionEntry, MarkEntry, OutcomeEntry
from bouclier.oversight.reports.decisions import chosen_candidate
from bouclier.oversight.reports.period import month_of
from bouclier.oversight.reports.tally import Tally
from bouclier.oversight.reports.words import UNKNOWN

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Candidate, Entry

MONTHS: Final = "month"
MODELS: Final = "model"
SITES: Final = "site"
METHODS: Final = "method"
TOTAL: Final = "total"
ESTIMATED: Final = "estimated"
UNSERVED: Final = "unserved"
NO_OUTCOME: Final = "no-outcome"
NO_DECISION: Final = "no-decision"
BOUNDS: Final = ("carbon-low", "carbon-high", "energy-low", "energy-high")
"""Millionths of a gram of CO2e, and of a watt-hour."""


class CarbonCounts:
    """Counts the outcomes of the period, by what was decided.

    Attributes:
        tally: `(part, bound, *dimensions)` for each part and bound, `(part, "estimated", *dimensions)` for how many.
    """

    def __init__(self) -> None:
        self.tally = Tally()
        self._under_way: dict[int, tuple[Candidate, bool]] = {}

    def begin(self, origin: str) -> None:
        """Be told whose entries come next."""
        self.tally.begin(origin)
        self._under_way = {}

    def add(self, index: int, entry: Entry, *, within: bool) -> None:
        """Count an outcome of the period; decisions are followed in any case."""
        if isinstance(entry, DecisionEntry):
            chosen = chosen_candidate(entry)
            if chosen is not None:
                self._under_way[index] = chosen, within
        elif isinstance(entry, OutcomeEntry):
            decided = self._under_way.pop(entry.decision_index, None)
            if within:
                self._add_outcome(index, entry, None if decided is None else decided[0])
        elif isinstance(entry, MarkEntry) and entry.what == "start":
            self._give_up()

    def end(self) -> None:
        """What has no outcome when a log ends is under way, or lost."""
        self._give_up()

    def _add_outcome(self, index: int, entry: OutcomeEntry, chosen: Candidate | None) -> None:
        cost = entry.footprint
        if cost is None:
            self.tally.add((TOTAL, UNSERVED), index)
            return
        if chosen is None:
            # It cost something: it is in the totals, and under no model.
            self.tally.add((TOTAL, NO_DECISION), index)
        amounts = (*cost.carbon_ug, *cost.energy_uwh)
        zone = cost.zone or UNKNOWN.id
        parts: list[tuple[str, tuple[str, ...]]] = [
            (TOTAL, ()),
            (MONTHS, (month_of(entry.time),)),
            (METHODS, (cost.method, zone)),
        ]
        if chosen is not None:
            parts.append((MODELS, (chosen.operator, chosen.model, chosen.deployment)))
            parts.append((SITES, (chosen.operator, chosen.site, zone)))
        for part, dimensions in parts:
            self.tally.add((part, ESTIMATED, *dimensions), index)
            for bound, amount in zip(BOUNDS, amounts, strict=True):
                self.tally.add((part, bound, *dimensions), index, amount)

    def _give_up(self) -> None:
        for index, (_, within) in self._under_way.items():
            if within:
                self.tally.add((TOTAL, NO_OUTCOME), index)
        self._under_way = {}
