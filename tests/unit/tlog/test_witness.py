"""The decision of a witness: one answer per reason, in the order of the specification."""

from __future__ import annotations

import pytest
from tests.witness_kit import LOG_KEY, ORIGIN, checkpoint, proof, signed, submission

from bouclier.tlog import EMPTY_ROOT
from bouclier.tlog.checkpoint import Checkpoint
from bouclier.tlog.keys import SigningKey
from bouclier.tlog.note import NoteSignature, SignatureType, parse_note, render_note
from bouclier.tlog.witness import (
    MAX_PROOF_HASHES,
    SIZE_CONTENT_TYPE,
    Accepted,
    AddCheckpoint,
    LastCosigned,
    Rejected,
    Submission,
    examine,
    judge,
    render_add_checkpoint,
)

KNOWN = {ORIGIN: [LOG_KEY.verifier_key]}
STRANGER = SigningKey(ORIGIN, SignatureType.ED25519, b"s" * 32)
LAST = LastCosigned(7, checkpoint(7).root)
NEVER = LastCosigned()
NOTE = signed(checkpoint(10))


def answer(data: bytes, last: LastCosigned = LAST) -> Accepted | Rejected:
    examined = examine(data, KNOWN)
    return examined if isinstance(examined, Rejected) else judge(examined, last)


def status(data: bytes, last: LastCosigned = LAST) -> int:
    found = answer(data, last)
    return found.status if isinstance(found, Rejected) else 200


def tampered(note: bytes) -> bytes:
    """The same note with the last bit of its first signature changed."""
    text, (first, *others) = parse_note(note)
    wrong = NoteSignature(first.name, first.key_id, first.signature[:-1] + bytes([first.signature[-1] ^ 1]))
    return render_note(parse_note(note)._replace(text=text, signatures=(wrong, *others)))


def test_a_log_that_grew_is_accepted() -> None:
    assert answer(submission(7, 10)) == Accepted(checkpoint(10), parse_note(NOTE))


def test_a_first_checkpoint_is_accepted_without_a_proof() -> None:
    assert status(submission(0, 10), NEVER) == 200


def test_the_same_checkpoint_again_is_accepted() -> None:
    assert status(submission(7, 7)) == 200


def test_the_empty_tree_is_accepted_and_may_grow() -> None:
    assert status(submission(0, 0), NEVER) == 200
    assert status(submission(0, 3), LastCosigned(0, EMPTY_ROOT)) == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 7",
        b"old 7\n",
        b"old 7\n\n",
        b"old 7\n" + NOTE,
        b"\n" + NOTE,
        b"old 07\n\n" + NOTE,
        b"old  7\n\n" + NOTE,
        b"old -7\n\n" + NOTE,
        b"old +7\n\n" + NOTE,
        b"old 7 \n\n" + NOTE,
        b"old 7\r\n\n" + NOTE,
        b"Old 7\n\n" + NOTE,
        b" old 7\n\n" + NOTE,
        b"old \xd9\xa7\n\n" + NOTE,
        b"old 9223372036854775808\n\n" + NOTE,
        b"old 7\nAAAA\n\n" + NOTE,
        b"old 7\n" + b"A" * 43 + b"\n\n" + NOTE,
        b"old 7\n" + b"A" * 42 + b"B=\n\n" + NOTE,
        b"old 7\n" + b"A" * 43 + b"=\n\n\n" + NOTE,
        b"old 7\n\n" + NOTE[:-1],
        b"old 7\n\n" + NOTE + b"\n",
        b"old 7\n\n" + NOTE.replace(b"\n10\n", b"\n010\n"),
        render_add_checkpoint(AddCheckpoint(7, proof(7, 10), NOTE)).replace(b"\n\n", b"\n \n", 1),
        submission(8, 7),
    ],
)
def test_a_malformed_request_or_an_old_size_beyond_the_new_is_400(data: bytes) -> None:
    assert status(data) == 400


def test_more_than_sixty_three_hashes_are_400_and_sixty_three_are_read() -> None:
    line = b"A" * 43 + b"=\n"

    assert status(b"old 7\n" + line * 63 + b"\n" + NOTE) == 422
    assert status(b"old 7\n" + line * 64 + b"\n" + NOTE) == 400
    with pytest.raises(ValueError, match="64 hashes"):
        render_add_checkpoint(AddCheckpoint(7, (bytes(32),) * (MAX_PROOF_HASHES + 1), NOTE))


def test_an_unknown_log_is_404_even_if_its_signature_is_false() -> None:
    other = checkpoint(10, origin="other.example")
    key = SigningKey("other.example", SignatureType.ED25519, b"o" * 32)

    assert status(submission(7, 10, note=signed(other, key))) == 404
    assert status(submission(7, 10, note=tampered(signed(other, key)))) == 404


def test_a_log_whose_keys_are_all_gone_is_404() -> None:
    assert examine(submission(7, 10), {ORIGIN: []}) == examine(submission(7, 10), {})


@pytest.mark.parametrize(
    "note",
    [
        tampered(NOTE),
        signed(checkpoint(10), STRANGER),
        # The known key signed twice, and once falsely.
        NOTE + tampered(NOTE).partition(b"\n\n")[2],
    ],
)
def test_no_trusted_signature_or_a_false_one_is_403(note: bytes) -> None:
    assert status(submission(7, 10, note=note)) == 403
    # 403 comes before 400 for the sizes and before 409.
    assert status(submission(11, 10, note=note)) == 403
    assert status(submission(3, 10, note=note)) == 403


def test_signatures_of_strangers_are_ignored_and_not_kept() -> None:
    note = signed(checkpoint(10), STRANGER, LOG_KEY)

    assert answer(submission(7, 10, note=note)) == Accepted(checkpoint(10), parse_note(NOTE))


def test_of_a_signature_that_is_repeated_one_is_kept() -> None:
    line = NOTE.partition(b"\n\n")[2]

    assert answer(submission(7, 10, note=NOTE + line * 99)) == Accepted(checkpoint(10), parse_note(NOTE))


def test_an_old_size_beyond_the_new_is_400_before_409() -> None:
    assert status(submission(12, 10)) == 400


@pytest.mark.parametrize("old", [0, 3, 6, 8])
def test_another_old_size_is_409_and_says_the_size(old: int) -> None:
    assert answer(submission(old, 10)) == Rejected(409, b"7\n", SIZE_CONTENT_TYPE)


def test_a_first_submission_that_claims_a_past_is_409_with_zero() -> None:
    assert answer(submission(3, 10), NEVER) == Rejected(409, b"0\n", SIZE_CONTENT_TYPE)


def test_409_comes_before_a_false_proof() -> None:
    assert status(submission(3, 10, branch="lie")) == 409


def test_a_rollback_is_409() -> None:
    assert status(submission(5, 6)) == 409


@pytest.mark.parametrize(
    ("data", "last"),
    [
        # Another history.
        (submission(7, 10, branch="lie"), LAST),
        # Another tree of the same size.
        (submission(7, 7, branch="lie"), LAST),
        # A proof where there is none.
        (render_add_checkpoint(AddCheckpoint(0, (bytes(32),), NOTE)), NEVER),
        (render_add_checkpoint(AddCheckpoint(7, (bytes(32),), signed(checkpoint(7)))), LAST),
        # No proof where there must be one.
        (render_add_checkpoint(AddCheckpoint(7, (), NOTE)), LAST),
        # A proof that goes on.
        (render_add_checkpoint(AddCheckpoint(7, (*proof(7, 10), bytes(32)), NOTE)), LAST),
        # An empty tree with a root of its own.
        (submission(0, 0, note=signed(Checkpoint(ORIGIN, 0, bytes(32)))), NEVER),
    ],
)
def test_a_proof_that_does_not_hold_is_422(data: bytes, last: LastCosigned) -> None:
    found = answer(data, last)

    assert isinstance(found, Rejected)
    assert (found.status, found.content_type) == (422, "text/plain; charset=utf-8")


def test_a_log_may_sign_with_either_of_its_keys() -> None:
    second = SigningKey(ORIGIN, SignatureType.ML_DSA_44, b"m" * 32)
    known = {ORIGIN: [LOG_KEY.verifier_key, second.verifier_key]}

    for keys in ([LOG_KEY], [second], [second, LOG_KEY]):
        examined = examine(submission(7, 10, note=signed(checkpoint(10), *keys)), known)
        assert isinstance(examined, Submission)
        assert len(examined.note.signatures) == len(keys)
