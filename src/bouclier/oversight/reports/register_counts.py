"""What the record tells for the register of processing activities: one pass, counted by dimensions.

An exchange is a decision that is not a fallback, so that one request that tried three deployments is one exchange;
what was sent is counted per decision, since each deployment tried has received the content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.entries_model import DecisionEntry, ErasureEntry, OpeningEntry
from bouclier.oversight.reports.decisions import REFUSED, chosen_candidate, is_pseudonymised, result_of
from bouclier.oversight.reports.tally import Tally
from bouclier.oversight.reports.words import NONE, PERSONAL, UNKNOWN, listed

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Candidate, Entry


class RegisterCounts:
    """Counts the entries of the period."""

    def __init__(self) -> None:
        self.tally = Tally()

    def begin(self, origin: str) -> None:
        """Be told whose entries come next."""
        self.tally.begin(origin)

    def end(self) -> None:
        """Nothing is left to count when a log ends."""

    def add(self, index: int, entry: Entry, *, within: bool) -> None:
        """Count an entry if it lies in the period."""
        if not within:
            return
        if isinstance(entry, DecisionEntry):
            self._add_decision(index, entry)
        elif isinstance(entry, OpeningEntry):
            self.tally.add(("measure", "opened"), index)
        elif isinstance(entry, ErasureEntry):
            self.tally.add(("measure", "erased"), index)

    def _add_decision(self, index: int, entry: DecisionEntry) -> None:
        add = self.tally.add
        if not entry.tried:
            add(("purpose-exchanges", entry.purpose), index)
            add(("class", entry.data_class), index)
            add(("role", entry.role), index)
            for kind, count in entry.findings.items():
                add(("data", kind, entry.data_class), index, count)
            if entry.uninspected:
                add(("measure", "uninspected"), index)
        if entry.sealed is not None:
            add(("measure", "sealed"), index)
        chosen = chosen_candidate(entry)
        if chosen is None:
            if result_of(entry) == REFUSED:
                add(("measure", "refused"), index)
                add(("purpose-refused", entry.purpose), index)
            return
        add(("purpose-sent", entry.purpose), index)
        self._add_recipient(index, entry, chosen)

    def _add_recipient(self, index: int, entry: DecisionEntry, chosen: Candidate) -> None:
        add = self.tally.add
        recipient = recipient_key(chosen)
        add(("sent", *recipient), index)
        personal = entry.data_class in PERSONAL
        if personal:
            add(("sent-personal", *recipient), index)
            add(("transfer", chosen.operator, *situation_key(chosen)), index)
        if is_pseudonymised(chosen):
            add(("sent-pseudonymised", *recipient), index)
            add(("measure", "pseudonymised"), index)
        if chosen.own:
            add(("measure", "own"), index)


def recipient_key(candidate: Candidate) -> tuple[str, ...]:
    """Return what makes a recipient: who runs it, what, where, under whose control and within whose reach."""
    return (
        candidate.operator,
        candidate.deployment,
        candidate.model,
        candidate.country or UNKNOWN.id,
        _known(candidate, candidate.control),
        _known(candidate, _laws(candidate)),
    )


def situation_key(candidate: Candidate) -> tuple[str, ...]:
    """Return what decides whether a sending may be a transfer to a third country."""
    return (
        "own" if candidate.own else "other",
        candidate.country or UNKNOWN.id,
        _known(candidate, candidate.control),
        _known(candidate, _laws(candidate)),
    )


def _laws(candidate: Candidate) -> tuple[str, ...]:
    """Return the foreign laws that reach it, those whose reach is contested said so."""
    return (*candidate.foreign_laws, *(f"{law} (contesté / contested)" for law in candidate.contested))


def _known(candidate: Candidate, values: tuple[str, ...]) -> str:
    """Return several values as one; an operator without facts has none that are known, not none."""
    if values:
        return listed(values).id
    return NONE.id if candidate.known else UNKNOWN.id
