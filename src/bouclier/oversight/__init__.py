"""The record: what is written of each exchange, and what can be shown of it later.

What this room guarantees: an entry says what was decided, on which facts and by which rules, and holds nothing
personal; it has one spelling; once `Log.append` has returned it is durable, and stands in a tree whose root commits to
it; a receipt shows that offline. What it does not do yet: sign tree heads, or have them witnessed. Until then, whoever
runs the log could rewrite it unnoticed by anyone who has not noted a root or kept a receipt.
"""

from bouclier.oversight.commitments import SALT_BYTES, commit, principal_pseudonym
from bouclier.oversight.entries import (
    MAX_ENTRY_BYTES,
    PURPOSE_PATTERN,
    Candidate,
    DecisionEntry,
    Entry,
    EntryError,
    OutcomeEntry,
    parse_entry,
    render_entry,
)
from bouclier.oversight.ports import Log
from bouclier.oversight.receipt import ReceiptError, receipt_of, verify_receipt, verify_request_commitment
from bouclier.oversight.record import decision_entry, outcome_entry

__all__ = [
    "MAX_ENTRY_BYTES",
    "PURPOSE_PATTERN",
    "SALT_BYTES",
    "Candidate",
    "DecisionEntry",
    "Entry",
    "EntryError",
    "Log",
    "OutcomeEntry",
    "ReceiptError",
    "commit",
    "decision_entry",
    "outcome_entry",
    "parse_entry",
    "principal_pseudonym",
    "receipt_of",
    "render_entry",
    "verify_receipt",
    "verify_request_commitment",
]
