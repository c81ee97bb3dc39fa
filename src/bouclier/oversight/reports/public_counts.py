"""What the record tells the public: counts of decisions, and not which ones.

Nothing of who asked is read: no pseudonym, no role, no purpose.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bouclier.oversight.entries_model import DecisionEntry, ErasureEntry, OpeningEntry
from bouclier.oversight.reports.decisions import (
    REFUSED,
    chosen_candidate,
    is_pseudonymised,
    refusing_policies,
    result_of,
)
from bouclier.oversight.reports.period import month_of
from bouclier.oversight.reports.words import UNKNOWN

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Entry

PSEUDONYMISED, AS_WRITTEN = "pseudonymised", "as-written"


class PublicCounts:
    """Counts the entries of the period.

    Attributes:
        classes: Decisions by month and class.
        results: Decisions by month and result.
        places: What was sent, by country, operator and deployment.
        policies: Refusals, by the policies that decided together.
        treatment: What was sent, pseudonymised or as written.
        rank: Decisions, first or fallback.
        sealing: Decisions, sealed or not.
        events: Openings and erasures.
    """

    def __init__(self) -> None:
        self.classes: Counter[tuple[str, str]] = Counter()
        self.results: Counter[tuple[str, str]] = Counter()
        self.places: Counter[tuple[str, ...]] = Counter()
        self.policies: Counter[str] = Counter()
        self.treatment: Counter[str] = Counter()
        self.rank: Counter[str] = Counter()
        self.sealing: Counter[str] = Counter()
        self.events: Counter[str] = Counter()

    def begin(self, origin: str) -> None:
        """The public is not told which log."""

    def end(self) -> None:
        """Nothing is left to count when a log ends."""

    def add(self, _index: int, entry: Entry, *, within: bool) -> None:
        """Count an entry if it lies in the period."""
        if not within:
            return
        if isinstance(entry, DecisionEntry):
            self._add_decision(entry)
        elif isinstance(entry, OpeningEntry):
            self.events["opened"] += 1
        elif isinstance(entry, ErasureEntry):
            self.events["erased"] += 1

    def _add_decision(self, entry: DecisionEntry) -> None:
        month, result = month_of(entry.time), result_of(entry)
        self.classes[month, entry.data_class] += 1
        self.results[month, result] += 1
        self.rank["fallback" if entry.tried else "first"] += 1
        self.sealing["not-sealed" if entry.sealed is None else "sealed"] += 1
        chosen = chosen_candidate(entry)
        if chosen is not None:
            self.places[chosen.country or UNKNOWN.id, chosen.operator, chosen.deployment] += 1
            self.treatment[PSEUDONYMISED if is_pseudonymised(chosen) else AS_WRITTEN] += 1
        elif result == REFUSED:
            self.policies[" + ".join(refusing_policies(entry))] += 1
