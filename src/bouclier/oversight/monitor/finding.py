"""Findings: an alarm with what shows it, to be filed as evidence and checked offline by somebody else.

A finding is canonical JSON (sorted keys, no white space) and a newline; signed, it is the text of a C2SP signed note,
under the monitor's Ed25519 key. `specs/finding-v1.md` is the specification.

What a finding can show by itself, without trust in the monitor:

* that an entry stands in a log, by its inclusion in a signed checkpoint, and that it is wrong: whoever checks the
  finding decides it again, and gets the same alarm;
* that a log signed two histories: two checkpoints of one size with different roots, or a proof that the later tree has
  another beginning than the earlier one, both under that log's own key.

An inclusion shows the entry, not what is said of it. Anything that is not shown so (silence, a rollback, a quorum that
is not met, an alarm that needs other entries) is the monitor's word; without its signature it is nobody's.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

import msgspec

from bouclier.oversight.monitor.alarm import CODES, Alarm, Severity, severities_of
from bouclier.oversight.monitor.alone import REPLAYED, alarms_of_entry, is_replayable
from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import (
    CheckpointError,
    Note,
    NoteError,
    NoteSignature,
    hash_leaf,
    open_checkpoint,
    open_note,
    parse_note,
    parse_tlog_proof,
    render_note,
    verify_consistency,
    verify_tlog_proof,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight.monitor.ports import Fork
    from bouclier.oversight.monitor.replayer import Replayer
    from bouclier.tlog import Checkpoint, SigningKey, VerifierKey, WitnessPolicy

MAX_FINDING_BYTES: Final = 4_000_000
_TWO: Final = 2

_Natural = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class FindingError(VerificationError):
    """A finding is malformed, or does not show what it claims."""

    code = "finding_invalid"

    def __init__(self, message: Bilingual, *, param: str | None = None) -> None:
        super().__init__(
            message,
            Bilingual(
                "Redemandez le constat à celui qui l'a établi ; tel quel, il ne prouve rien.",
                "Ask whoever made the finding for it again; as it is, it proves nothing.",
            ),
            param=param,
        )


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Immutable; read strictly; fields in alphabetical order, as they are spelled."""


class AlarmText(_Struct, frozen=True, kw_only=True):
    """An alarm as a finding spells it; see `Alarm`."""

    code: str
    exchange: str | None
    expected: str | None
    field: str | None
    found: str | None
    index: _Natural | None
    key: str
    policy: str | None
    severity: Literal["info", "warning", "alarm"]


class ForkText(_Struct, frozen=True, kw_only=True):
    """A `Fork` as a finding spells it: base64 of 32 bytes each."""

    old_root: str
    proof: tuple[str, ...]


class Finding(_Struct, frozen=True, kw_only=True):
    """What a monitor found; all that is in it is public, as the log is.

    Attributes:
        alarm: What was noticed.
        checkpoints: The signed checkpoints that contradict each other, earlier tree first; or the one in view.
        entry: The entry concerned, base64.
        fork: How two checkpoints of different sizes contradict each other.
        format: `bouclier-finding/v1`.
        inclusion: That the entry stands in the log: a c2sp.org/tlog-proof file.
        origin: The log's.
        time: When, by the monitor's clock: milliseconds since 1970-01-01 UTC.
    """

    alarm: AlarmText
    checkpoints: tuple[str, ...]
    entry: str | None
    fork: ForkText | None
    format: Literal["bouclier-finding/v1"] = "bouclier-finding/v1"
    inclusion: str | None
    origin: str
    time: _Natural


class Basis(StrEnum):
    """What a finding rests on."""

    SIGNATURES = "signatures"
    """The log's own signatures: it signed two histories."""
    REPLAY = "replay"
    """The log's own signatures on the entry, and the replay of the entry, which gives the same alarm."""
    ENTRY = "entry"
    """The entry stands in the log; what is said of it is the word of who signed the finding."""
    WORD = "word"
    """All of it is the word of who signed the finding."""


class Shown(NamedTuple):
    """What a finding shows.

    Attributes:
        finding: What it says.
        signed_by: The monitor's key, if it was asked for and signed.
        basis: What it rests on.
    """

    finding: Finding
    signed_by: VerifierKey | None
    basis: Basis

    @property
    def stands_alone(self) -> bool:
        """Whether nobody's word is needed."""
        return self.basis in {Basis.SIGNATURES, Basis.REPLAY}

    @property
    def is_confirmed(self) -> bool:
        """Whether it is shown, or somebody known vouches for it: else it is nobody's word, and anybody can write it."""
        return self.stands_alone or self.signed_by is not None


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Finding)


def finding_of(
    alarm: Alarm,
    *,
    time_ms: int,
    checkpoints: Sequence[bytes] = (),
    fork: Fork | None = None,
    entry: bytes | None = None,
    inclusion: bytes | None = None,
) -> Finding:
    """Return the finding of an alarm.

    Args:
        alarm: What was noticed.
        time_ms: When, milliseconds since 1970-01-01 UTC.
        checkpoints: Signed checkpoints, as they were published.
        fork: How they contradict each other, if their sizes differ.
        entry: The entry's bytes.
        inclusion: A c2sp.org/tlog-proof file of the entry.
    """
    return Finding(
        alarm=AlarmText(
            code=alarm.code,
            exchange=alarm.exchange,
            expected=alarm.expected,
            field=alarm.field,
            found=alarm.found,
            index=alarm.index,
            key=alarm.key,
            policy=alarm.policy,
            severity=alarm.severity.value,
        ),
        checkpoints=tuple(note.decode("utf-8", "replace") for note in checkpoints),
        entry=None if entry is None else _base64(entry),
        fork=None if fork is None else ForkText(old_root=_base64(fork.old_root), proof=tuple(map(_base64, fork.proof))),
        inclusion=None if inclusion is None else inclusion.decode("utf-8", "replace"),
        origin=alarm.origin,
        time=time_ms,
    )


def render_finding(finding: Finding, key: SigningKey | None = None) -> bytes:
    """Return the bytes of a finding, signed if there is a key.

    Args:
        finding: What was found.
        key: The monitor's, of type Ed25519.
    """
    text = _ENCODER.encode(finding).decode() + "\n"
    if key is None:
        return text.encode()
    public = key.verifier_key
    signature = NoteSignature(key.name, public.key_id, key.private_key.sign(text.encode()))
    return render_note(Note(text, (signature,)))


def parse_finding(data: bytes) -> Finding:
    """Return a finding as it was written; nothing of it is verified but that key and severity are those of the alarm.

    Raises:
        FindingError: It is not of the format, or not spelled the one canonical way.
    """
    if len(data) > MAX_FINDING_BYTES:
        raise _malformed()
    text = data if data.count(b"\n") == 1 else _text_of(data)
    try:
        finding = _DECODER.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise _malformed() from None
    if _ENCODER.encode(finding) + b"\n" != text or finding.alarm.code not in CODES:
        raise _malformed()
    alarm = _alarm_of(finding)
    if finding.alarm.key != alarm.key or finding.alarm.severity not in severities_of(alarm.code):
        raise _malformed()
    return finding


def _alarm_of(finding: Finding) -> Alarm:
    said = finding.alarm
    return Alarm(
        code=said.code,
        severity=Severity(said.severity),
        origin=finding.origin,
        message=CODES[said.code][1],
        index=said.index,
        exchange=said.exchange,
        field=said.field,
        policy=said.policy,
        expected=said.expected,
        found=said.found,
    )


def verify_finding(
    data: bytes, policy: WitnessPolicy, monitor: VerifierKey | None = None, *, replayer: Replayer | None = None
) -> Shown:
    """Check what a finding shows.

    Args:
        data: Its bytes.
        policy: Which logs to believe, and with which witnesses.
        monitor: The monitor's key; a finding that it did not sign is then refused.
        replayer: The other rooms, with the charter and the registry, to decide the entry again.

    Raises:
        FindingError: It is malformed, its checkpoints do not contradict each other, or the entry decided again does not
            give the alarm, though it says so.
        VerificationError: A signature or a proof is wrong, or the quorum is not met.
    """
    finding = parse_finding(data)
    if monitor is not None:
        open_note(data, [monitor])
    basis = Basis.WORD
    if finding.inclusion is not None:
        if finding.entry is None or finding.alarm.index is None:
            raise _shows_nothing("entry")
        entry = _bytes_of(finding.entry, "entry")
        _verify_inclusion(finding, finding.alarm.index, entry, policy)
        basis = Basis.ENTRY if replayer is None else _replayed(finding, finding.alarm.index, entry, replayer)
    elif len(finding.checkpoints) == _TWO and finding.alarm.code == "split-view":
        _verify_split(finding, policy)
        basis = Basis.SIGNATURES
    return Shown(finding, monitor, basis)


def _replayed(finding: Finding, index: int, entry: bytes, replayer: Replayer) -> Basis:
    """Decide an entry again, and return whether the alarm comes out of it."""
    if finding.alarm.code not in REPLAYED:
        return Basis.ENTRY
    alarms = alarms_of_entry(entry, replayer, origin=finding.origin, index=index)
    # The key is of all that an alarm says but its severity.
    if any((one.key, one.severity.value) == (finding.alarm.key, finding.alarm.severity) for one in alarms):
        return Basis.REPLAY
    if is_replayable(entry, replayer):
        raise _shows_nothing("alarm")
    return Basis.ENTRY


def _verify_inclusion(finding: Finding, index: int, entry: bytes, policy: WitnessPolicy) -> None:
    proof = parse_tlog_proof((finding.inclusion or "").encode())
    if proof.index != index:
        raise _shows_nothing("alarm.index")
    opened = verify_tlog_proof(proof, hash_leaf(entry), policy)
    if opened.checkpoint.origin != finding.origin:
        raise _shows_nothing("origin")


def _verify_split(finding: Finding, policy: WitnessPolicy) -> None:
    """Check that one log signed two trees of which neither extends the other.

    The log's own signatures count, not the witnesses': a log must not sign two histories, seen by anyone or not.
    """
    # A log speaks only for itself: another log's signature under its origin frames it.
    keys = [log.key for log in policy.logs if log.key.name == finding.origin]
    earlier, later = (_opened(note, keys, finding.origin) for note in finding.checkpoints)
    if earlier.size == later.size:
        if earlier.root == later.root:
            raise _shows_nothing("checkpoints")
        return
    if finding.fork is None:
        raise _shows_nothing("fork")
    old_root = _bytes_of(finding.fork.old_root, "fork.old_root")
    verify_consistency(
        old_size=earlier.size,
        old_root=old_root,
        new_size=later.size,
        new_root=later.root,
        proof=[_bytes_of(value, "fork.proof") for value in finding.fork.proof],
    )
    if old_root == earlier.root:
        raise _shows_nothing("fork")


def _opened(note: str, keys: Sequence[VerifierKey], origin: str) -> Checkpoint:
    checkpoint = open_checkpoint(note.encode(), keys).checkpoint
    if checkpoint.origin != origin:
        raise _shows_nothing("origin")
    return checkpoint


def _text_of(data: bytes) -> bytes:
    try:
        return parse_note(data).text.encode()
    except (NoteError, CheckpointError):
        raise _malformed() from None


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


def _bytes_of(text: str, name: str) -> bytes:
    try:
        value = a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        raise _shows_nothing(name) from None
    if _base64(value) != text:
        raise _shows_nothing(name)
    return value


def _malformed() -> FindingError:
    return FindingError(Bilingual("le constat est mal formé", "the finding is malformed"))


def _shows_nothing(name: str) -> FindingError:
    return FindingError(
        Bilingual(
            f"le constat ne montre pas ce qu'il dit ({name})", f"the finding does not show what it says ({name})"
        ),
        param=name,
    )
