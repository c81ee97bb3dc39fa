"""Human review: what the charter wants a second person to approve goes only once somebody else approved it.

Rules:

1. A decision that chose under the duty `human-review` cites the exchange that it repeats, which was held back: a
   decision of this log that chose nothing, though something was permitted under that duty.
2. That exchange has a `review` before, which approves, by another pseudonym than that of whoever asked.
3. An approval serves one exchange: its fallbacks too, and no other.

Memory is bounded: `MAX_HELD` exchanges held back and `MAX_APPROVED` approvals, the oldest forgotten. Who was forgotten
is then unknown with a warning, no alarm. That the request approved is the one that was sent is not in the log: its
commitment is salted anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.monitor.alarm import Remark, Severity
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.entries_model import DecisionEntry, ReviewEntry

MAX_HELD: Final = 4_096
MAX_APPROVED: Final = 4_096
_NONE: Final = "-"


class Approval(msgspec.Struct, array_like=True):
    """What a second person approved.

    Attributes:
        principal: Pseudonym of who asked.
        reviewer: Pseudonym of who approved.
        used_by: The exchange that used it; empty while none did.
    """

    principal: str
    reviewer: str
    used_by: str = ""


class ReviewsState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        held: Pseudonym of who asked, by exchange held back.
        approved: Approvals, by the exchange that was held back.
        forgotten: Whether any had to be forgotten.
    """

    held: dict[str, str] = msgspec.field(default_factory=dict)
    approved: dict[str, Approval] = msgspec.field(default_factory=dict)
    forgotten: bool = False


class Reviews:
    """Checks the reviews of one log."""

    def __init__(self, state: ReviewsState) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state

    def decided(self, entry: DecisionEntry) -> Iterator[Remark]:
        """Take a decision, and yield where the review it cites is not one."""
        if entry.chosen is None:
            if any(Duty.HUMAN_REVIEW in one.duties for one in entry.candidates if one.permitted):
                self._hold(entry)
            return
        yield from unreviewed(entry)
        if entry.review is None:
            return
        approval = self._state.approved.get(entry.review)
        if approval is None:
            yield self._unknown("$.review", entry.review)
            return
        if entry.principal == approval.reviewer:
            yield Remark("review-own", field="$.principal", found=entry.principal)
        elif entry.principal != approval.principal:
            yield Remark("review-unknown", field="$.principal", expected=approval.principal, found=entry.principal)
        if approval.used_by not in {"", entry.exchange}:
            yield Remark("review-unknown", field="$.review", expected=_NONE, found=approval.used_by)
        approval.used_by = entry.exchange

    def reviewed(self, entry: ReviewEntry) -> Iterator[Remark]:
        """Take a review, and yield what is wrong with it."""
        state = self._state
        principal = state.held.pop(entry.exchange, None)
        if principal is None:
            yield self._unknown("$.exchange", entry.exchange)
            return
        if principal == entry.reviewer:
            yield Remark("review-own", field="$.reviewer", found=entry.reviewer)
        if entry.approved:
            state.approved[entry.exchange] = Approval(principal, entry.reviewer)
            if len(state.approved) > MAX_APPROVED:
                del state.approved[next(iter(state.approved))]
                state.forgotten = True

    def _hold(self, entry: DecisionEntry) -> None:
        state = self._state
        state.held[entry.exchange] = entry.principal
        if len(state.held) > MAX_HELD:
            del state.held[next(iter(state.held))]
            state.forgotten = True

    def _unknown(self, field: str, found: str) -> Remark:
        severity = Severity.WARNING if self._state.forgotten else None
        return Remark("review-unknown", field=field, found=found, severity=severity)


def unreviewed(entry: DecisionEntry) -> Iterator[Remark]:
    """Yield that a decision chose under the duty of human review and cites none: that is seen from the entry alone."""
    chosen = next((one for one in entry.candidates if one.deployment == entry.chosen), None)
    if chosen is not None and entry.review is None and Duty.HUMAN_REVIEW in chosen.duties:
        policies = ", ".join(chosen.policies)
        yield Remark("review-missing", field="$.review", policy=policies, expected=Duty.HUMAN_REVIEW, found=_NONE)
