"""What a witness is asked, how it decides, and how its answer is read.

A log submits a checkpoint with the proof that it extends what the witness cosigned last; the witness cosigns it, or
says why not. The decision is two pure functions, because only the second depends on what the witness remembers:

    examine   bytes ─► Submission   well formed, of a known log, signed by it            400, 404, 403
    judge     Submission ─► Accepted   extends what was cosigned last for that origin    409, 422

Their checks come in the order of the specification. Whoever runs `judge` keeps three promises that no function can:
it is given what was cosigned last, that memory is replaced in the same transaction, and nothing is signed and handed
out before that transaction is durable. Otherwise two submissions at once could take a log back.

What is not done here: keeping that memory, telling the time, HTTP.

Source: c2sp.org/tlog-witness@v1.1.0.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.errors import Bilingual
from bouclier.tlog.checkpoint import Checkpoint, parse_checkpoint
from bouclier.tlog.errors import (
    CheckpointError,
    ConsistencyError,
    NoteError,
    SignatureError,
    WitnessAnswerError,
    WitnessRefusedError,
    WitnessRequestError,
)
from bouclier.tlog.hashing import EMPTY_ROOT
from bouclier.tlog.note import Note, NoteSignature, VerifierKey, parse_note, parse_signature_line, render_signature_line
from bouclier.tlog.signatures import open_checkpoint, verify_signature
from bouclier.tlog.spelling import parse_hash, parse_number, render_base64
from bouclier.tlog.verify import verify_consistency

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MAX_PROOF_HASHES: Final = 63
MAX_SUBMISSION_BYTES: Final = 256 * 1024
"""What a witness reads of a request: the longest proof, and a checkpoint with seventy signatures of ML-DSA-44."""
ADD_CHECKPOINT_PATH: Final = "add-checkpoint"
SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"
TEXT_CONTENT_TYPE: Final = "text/plain; charset=utf-8"

_OK: Final = 200
_BAD_REQUEST: Final = 400
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


class AddCheckpoint(NamedTuple):
    """A request to cosign a checkpoint.

    Attributes:
        old_size: Size that the witness cosigned last, as far as the log knows; 0 for never.
        proof: Consistency proof from `old_size` to the checkpoint, hashes of 32 bytes; empty when `old_size` is 0.
        checkpoint: The note that the log signed.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


class Submission(NamedTuple):
    """A request of a log the witness knows, signed by that log, and not yet compared with what was cosigned before.

    Attributes:
        old_size: Size that the witness cosigned last, as far as the log knows.
        proof: Consistency proof from there to the checkpoint.
        checkpoint: What to cosign.
        note: Its text with the signature of each key of the log that signed, and no others.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note


class Accepted(NamedTuple):
    """A checkpoint that extends what was cosigned last: remember it, then cosign it.

    Attributes:
        checkpoint: What to cosign.
        note: Its text with the signatures of the log that verified.
    """

    checkpoint: Checkpoint
    note: Note


class Rejected(NamedTuple):
    """An answer that is no cosignature.

    Attributes:
        status: HTTP status.
        body: What to answer.
        content_type: Its media type.
    """

    status: int
    body: bytes
    content_type: str


class LastCosigned(NamedTuple):
    """What a witness remembers of a log.

    Attributes:
        size: Size of the largest tree it cosigned.
        root: Its root, 32 bytes.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT


class Cosignature(NamedTuple):
    """A signature of a witness that was verified.

    Attributes:
        key: The key of the witness.
        signature: Its line, for the checkpoint's note.
        time_s: When it was signed, in seconds since 1970.
    """

    key: VerifierKey
    signature: NoteSignature
    time_s: int


class SizeConflict(NamedTuple):
    """The witness cosigned another size last; prove from there.

    Attributes:
        size: That size. When it is the `old_size` of the request, the witness saw another tree of that size.
    """

    size: int


def render_add_checkpoint(request: AddCheckpoint) -> bytes:
    r"""Return the body of a request.

    Raises:
        ValueError: The proof has more than 63 hashes.

    >>> render_add_checkpoint(AddCheckpoint(0, (), b"log.example\n..."))
    b'old 0\n\nlog.example\n...'
    """
    if len(request.proof) > MAX_PROOF_HASHES:
        raise ValueError(f"{len(request.proof)} hashes are no consistency proof")
    proof = "".join(f"{render_base64(value)}\n" for value in request.proof)
    return f"old {request.old_size}\n{proof}\n".encode() + request.checkpoint


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Return a request from its body; the checkpoint is not read yet.

    Raises:
        WitnessRequestError: It is not `old <size>`, up to 63 lines of a hash in base64, an empty line, and more.
    """
    head, empty_line, checkpoint = data.partition(b"\n\n")
    try:
        old, *proof = head.decode("ascii").split("\n")
        if not empty_line or not old.startswith("old "):
            raise _malformed("old")
        old_size = parse_number(old.removeprefix("old "))
    except ValueError as error:
        raise _malformed("old") from error
    if len(proof) > MAX_PROOF_HASHES:
        raise _malformed("proof")
    try:
        return AddCheckpoint(old_size, tuple(map(parse_hash, proof)), checkpoint)
    except ValueError as error:
        raise _malformed("proof") from error


def examine(data: bytes, logs: Mapping[str, Collection[VerifierKey]]) -> Submission | Rejected:
    """Check everything about a request that does not depend on what was cosigned before.

    Args:
        data: Body of the request.
        logs: The keys of each log that the witness knows, by origin.

    Returns:
        A submission that its log signed, or the answer of the first check that failed.
    """
    # 1. The body, the note and the checkpoint are well formed.
    try:
        request = parse_add_checkpoint(data)
        origin = parse_checkpoint(parse_note(request.checkpoint).text).origin
    except (WitnessRequestError, NoteError, CheckpointError) as error:
        return _rejected(_BAD_REQUEST, error.message)
    # 2. The origin is known.
    keys = logs.get(origin)
    if not keys:
        return _rejected(
            _NOT_FOUND, Bilingual("ce témoin ne suit pas ce journal", "this witness does not know this log")
        )
    # 3. A trusted key signed, and no trusted key's signature fails; unknown ones are ignored.
    try:
        opened = open_checkpoint(request.checkpoint, keys)
    except SignatureError as error:
        return _rejected(_FORBIDDEN, error.message)
    # 4. The old size is no larger than the new one.
    if request.old_size > opened.checkpoint.size:
        return _rejected(
            _BAD_REQUEST,
            Bilingual("l'ancienne taille dépasse la nouvelle", "the old size is larger than the checkpoint's"),
        )
    # One line of each key: a log that repeats its own would fill the note that is kept.
    lines = {(one.name, one.key_id): one for one in reversed(opened.note.signatures)}
    signatures = tuple(lines[key.name, key.key_id] for key in opened.verified)
    return Submission(request.old_size, request.proof, opened.checkpoint, Note(opened.note.text, signatures))


def judge(submission: Submission, last: LastCosigned) -> Accepted | Rejected:
    """Decide whether a checkpoint extends what was cosigned last for its origin.

    Args:
        submission: What `examine` let through.
        last: What was cosigned last for that origin, read in the transaction that will replace it.

    Returns:
        What to remember and then cosign, or the answer of the first check that failed.
    """
    checkpoint = submission.checkpoint
    # 5. The log speaks of the tree that was cosigned last.
    if submission.old_size != last.size:
        return Rejected(_CONFLICT, b"%d\n" % last.size, SIZE_CONTENT_TYPE)
    # 6. There is one empty tree.
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return _rejected(
            _UNPROCESSABLE,
            Bilingual("la racine n'est pas celle de l'arbre vide", "the root is not that of the empty tree"),
        )
    # 7. Every tree extends the empty one, without a proof; a tree of the same size is the same tree; any other is
    #    proved to extend the last.
    if last.size == 0:
        if submission.proof:
            return _rejected(
                _UNPROCESSABLE,
                Bilingual("aucune preuve ne part de la taille 0", "no proof starts from size 0"),
            )
        return Accepted(checkpoint, submission.note)
    try:
        verify_consistency(
            old_size=last.size,
            old_root=last.root,
            new_size=checkpoint.size,
            new_root=checkpoint.root,
            proof=submission.proof,
        )
    except ConsistencyError as error:
        return _rejected(_UNPROCESSABLE, error.message)
    return Accepted(checkpoint, submission.note)


def render_cosignatures(signatures: Sequence[NoteSignature]) -> bytes:
    """Return the body of the answer that carries cosignatures: one line each."""
    return "".join(f"{render_signature_line(signature)}\n" for signature in signatures).encode()


def parse_answer(
    status: int, content_type: str, body: bytes, *, checkpoint: Checkpoint, keys: Iterable[VerifierKey]
) -> list[Cosignature] | SizeConflict:
    """Return the cosignatures of an answer, each verified, or the size to prove from.

    Args:
        status: HTTP status.
        content_type: The header; empty when there is none.
        body: What came with it.
        checkpoint: What was submitted.
        keys: The keys of this witness; lines of other keys are ignored.

    Raises:
        SignatureError: A line of a known key does not verify.
        WitnessAnswerError: It is not an answer of the protocol, or no known key cosigned.
        WitnessRefusedError: Any other status.
    """
    if status == _CONFLICT and content_type == SIZE_CONTENT_TYPE:
        try:
            # Without a newline at its end, the text is another spelling of the number, which is refused.
            return SizeConflict(parse_number(body.decode("ascii").removesuffix("\n") if body.endswith(b"\n") else ""))
        except ValueError as error:
            raise WitnessAnswerError from error
    if status != _OK:
        raise WitnessRefusedError(status)
    by_line = {(key.name, key.key_id): key for key in keys}
    cosignatures = []
    for signature in _signature_lines(body):
        key = by_line.get((signature.name, signature.key_id))
        if key is not None:
            time_s = verify_signature(checkpoint, signature, key)
            # A plain signature has no time, and time 0 says that there is none: neither is a cosignature.
            if not time_s:
                raise WitnessAnswerError
            cosignatures.append(Cosignature(key, signature, time_s))
    if not cosignatures:
        raise WitnessAnswerError
    return cosignatures


def monitoring_path(origin: str) -> str:
    """Return where a witness shows the latest checkpoint it cosigned for a log, relative to its prefix.

    >>> monitoring_path("log.example")[-18:]
    '67b85e9/checkpoint'
    """
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"


def _signature_lines(body: bytes) -> list[NoteSignature]:
    try:
        lines = body.decode("utf-8").split("\n")
        if lines.pop():
            raise WitnessAnswerError
        return [parse_signature_line(line) for line in lines]
    except (UnicodeDecodeError, NoteError) as error:
        raise WitnessAnswerError from error


def _rejected(status: int, message: Bilingual) -> Rejected:
    return Rejected(status, f"{message}\n".encode(), TEXT_CONTENT_TYPE)


def _malformed(part: str) -> WitnessRequestError:
    return WitnessRequestError(
        Bilingual(
            f"la demande de cosignature est mal formée ({part})", f"the request for a cosignature is malformed ({part})"
        )
    )
