"""The record: what is written of each exchange, what can be shown of it later, and who else can check it.

What this room guarantees: an entry says what was decided, on which facts and by which rules, and holds nothing
personal; it has one spelling; once `Log.append` has returned it is durable, and stands in a tree whose signed
checkpoint commits to it; independent witnesses cosign that the log never shows two histories; a receipt shows all this
offline; a monitor reads every entry and decides again.
"""

from bouclier.oversight.commitments import SALT_BYTES, commit, principal_pseudonym
from bouclier.oversight.entries import MAX_ENTRY_BYTES, EntryError, parse_entry, render_entry
from bouclier.oversight.entries_model import (
    PURPOSE_PATTERN,
    AdoptionEntry,
    Candidate,
    DecisionEntry,
    Entry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReviewEntry,
    ShadowEntry,
)
from bouclier.oversight.ports import Log
from bouclier.oversight.receipt import (
    Receipt,
    ReceiptError,
    VerifiedReceipt,
    parse_receipt,
    receipt_of,
    verify_receipt,
    verify_request_commitment,
    with_entry,
)
from bouclier.oversight.record import decision_entry, outcome_entry
from bouclier.oversight.record_events import (
    Standing,
    adoption_entry,
    erasure_entry,
    mark_entry,
    opening_entry,
    review_entry,
    shadow_entry,
)

__all__ = [
    "MAX_ENTRY_BYTES",
    "PURPOSE_PATTERN",
    "SALT_BYTES",
    "AdoptionEntry",
    "Candidate",
    "DecisionEntry",
    "Entry",
    "EntryError",
    "ErasureEntry",
    "Log",
    "MarkEntry",
    "OpeningEntry",
    "OutcomeEntry",
    "Receipt",
    "ReceiptError",
    "ReviewEntry",
    "ShadowEntry",
    "Standing",
    "VerifiedReceipt",
    "adoption_entry",
    "commit",
    "decision_entry",
    "erasure_entry",
    "mark_entry",
    "opening_entry",
    "outcome_entry",
    "parse_entry",
    "parse_receipt",
    "principal_pseudonym",
    "receipt_of",
    "render_entry",
    "review_entry",
    "shadow_entry",
    "verify_receipt",
    "verify_request_commitment",
    "with_entry",
]
