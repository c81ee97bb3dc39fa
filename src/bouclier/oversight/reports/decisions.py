"""What a decision entry came to, in the words reports count by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.model import Label
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Candidate, DecisionEntry

SENT: Final = "sent"
REFUSED: Final = "refused"
UNAVAILABLE: Final = "unavailable"
RESULTS: Final = (SENT, REFUSED, UNAVAILABLE)
NO_POLICY: Final = Label("no-policy-permits", Bilingual("aucune règle ne permet", "no policy permits"))


def chosen_candidate(entry: DecisionEntry) -> Candidate | None:
    """Return the deployment the content was sent to, or None."""
    if entry.chosen is None:
        return None
    return next(candidate for candidate in entry.candidates if candidate.deployment == entry.chosen)


def result_of(entry: DecisionEntry) -> str:
    """Return whether it was sent, refused by the charter, or permitted where nothing could serve."""
    if entry.chosen is not None:
        return SENT
    return UNAVAILABLE if any(candidate.permitted for candidate in entry.candidates) else REFUSED


def refusing_policies(entry: DecisionEntry) -> tuple[str, ...]:
    """Return the policies that refused it, sorted; `no-policy-permits` where none of them did."""
    policies = sorted({policy for candidate in entry.candidates for policy in candidate.policies})
    return tuple(policies) or (NO_POLICY.id,)


def is_pseudonymised(candidate: Candidate) -> bool:
    """Say whether what was sent had to be pseudonymised."""
    return Duty.PSEUDONYMISE in candidate.duties
