"""What an address publishes, held against the policy: a checkpoint to act upon, or what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.oversight.monitor.alarm import Remark
from bouclier.oversight.monitor.ports import AccessRefusedError, LogUnreachableError, NotServedError
from bouclier.tlog import (
    Checkpoint,
    CheckpointError,
    Note,
    NoteError,
    QuorumError,
    SignatureError,
    parse_checkpoint,
    parse_note,
    render_note,
    verify_checkpoint,
)

if TYPE_CHECKING:
    from bouclier.terms.errors import BouclierError
    from bouclier.tlog import WitnessPolicy


class Published(NamedTuple):
    """A checkpoint that the policy accepts.

    Attributes:
        note: Its bytes, with the signatures of the policy's keys alone: anybody can add others, and make it long.
        checkpoint: What was signed.
        cosigned_s: When the policy's witnesses cosigned it, seconds since 1970-01-01 UTC; the log's own time is not
            among them, for it is the log that is watched.
    """

    note: bytes
    checkpoint: Checkpoint
    cosigned_s: tuple[int, ...]


class Untrusted(NamedTuple):
    """Why a checkpoint is not acted upon.

    Attributes:
        origin: The log's, if it can be told.
        remark: What is wrong.
    """

    origin: str
    remark: Remark


def published_at(url: str, data: bytes, policy: WitnessPolicy) -> Published | Untrusted:
    """Return a checkpoint published at an address if the policy accepts it, else its origin and what is wrong with it.

    Where the policy gives a log this address, the checkpoint must be that log's. An origin is believed only if the
    checkpoint is; else it is empty unless it is one of the policy's.
    """
    try:
        checkpoint = parse_checkpoint(parse_note(data).text)
    except (NoteError, CheckpointError):
        return Untrusted("", Remark("checkpoint-malformed"))
    origins = {log.key.name for log in policy.logs}
    here = {log.key.name for log in policy.logs if log.url is not None and log.url.rstrip("/") == url.rstrip("/")}
    if checkpoint.origin not in (here or origins):
        return Untrusted(
            "", Remark("origin-unknown", expected=", ".join(sorted(here)) or None, found=checkpoint.origin)
        )
    try:
        opened = verify_checkpoint(data, policy, origin=checkpoint.origin)
    except QuorumError:
        return Untrusted(checkpoint.origin, Remark("quorum-not-met", expected=policy.quorum))
    except SignatureError:
        return Untrusted(checkpoint.origin, Remark("signature-wrong"))
    times = [opened.verified.get(witness.key) for witness in policy.witnesses]
    known = {(key.name, key.key_id) for key in opened.verified}
    lines = tuple(line for line in opened.note.signatures if (line.name, line.key_id) in known)
    note = render_note(Note(opened.note.text, lines))
    return Published(note, checkpoint, tuple(time_s for time_s in times if time_s))


def trouble_of(error: BouclierError) -> Remark:
    """Return what to say of a log that does not serve what it should."""
    if isinstance(error, NotServedError):
        return Remark("entries-missing", found=error.param)
    if isinstance(error, AccessRefusedError):
        return Remark("access-refused", found=error.param)
    if isinstance(error, LogUnreachableError):
        return Remark("unreachable", found=error.param)
    return Remark("inconsistent")
