"""What a log makes of the answer of a witness."""

from __future__ import annotations

import pytest
from tests.witness_kit import checkpoint

from bouclier.tlog.errors import SignatureError, WitnessAnswerError, WitnessRefusedError
from bouclier.tlog.keys import SigningKey
from bouclier.tlog.note import SignatureType
from bouclier.tlog.signatures import sign_checkpoint
from bouclier.tlog.witness import (
    SIZE_CONTENT_TYPE,
    TEXT_CONTENT_TYPE,
    Cosignature,
    SizeConflict,
    parse_answer,
    render_cosignatures,
)

HEAD = checkpoint(10)
KEY = SigningKey("witness.example/w1", SignatureType.COSIGNATURE, b"w" * 32)
QUANTUM = SigningKey("witness.example/w1", SignatureType.ML_DSA_44, b"q" * 32)
KEYS = [KEY.verifier_key, QUANTUM.verifier_key]
OURS = sign_checkpoint(HEAD, KEY, timestamp_s=1_790_000_000)
BOTH = render_cosignatures([OURS, sign_checkpoint(HEAD, QUANTUM, timestamp_s=1_790_000_001)])
THEIRS = sign_checkpoint(
    HEAD, SigningKey("other.example", SignatureType.COSIGNATURE, b"x" * 32), timestamp_s=1_790_000_000
)


def read(status: int, body: bytes, content_type: str = TEXT_CONTENT_TYPE) -> list[Cosignature] | SizeConflict:
    return parse_answer(status, content_type, body, checkpoint=HEAD, keys=KEYS)


def test_cosignatures_are_verified_and_come_with_their_time() -> None:
    found = read(200, BOTH)

    assert isinstance(found, list)
    assert [(one.key, one.time_s) for one in found] == [(KEYS[0], 1_790_000_000), (KEYS[1], 1_790_000_001)]


def test_lines_of_other_witnesses_are_ignored() -> None:
    assert read(200, render_cosignatures([THEIRS, OURS])) == [Cosignature(KEYS[0], OURS, 1_790_000_000)]


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    with pytest.raises(SignatureError):
        parse_answer(200, TEXT_CONTENT_TYPE, BOTH, checkpoint=checkpoint(9), keys=KEYS)


@pytest.mark.parametrize(
    "body", [b"", b"\n", render_cosignatures([THEIRS]), BOTH[:-1], BOTH + b"\n", b"\xff\n", b"ok\n"]
)
def test_a_success_without_a_cosignature_is_refused(body: bytes) -> None:
    with pytest.raises(WitnessAnswerError):
        read(200, body)


def test_a_plain_signature_or_one_without_a_time_is_no_cosignature() -> None:
    plain = SigningKey("witness.example/w1", SignatureType.ED25519, b"w" * 32)
    for key in (plain, QUANTUM):
        with pytest.raises(WitnessAnswerError):
            parse_answer(
                200,
                TEXT_CONTENT_TYPE,
                render_cosignatures([sign_checkpoint(HEAD, key, timestamp_s=0)]),
                checkpoint=HEAD,
                keys=[key.verifier_key],
            )


def test_a_conflict_says_the_size() -> None:
    assert read(409, b"20852014\n", SIZE_CONTENT_TYPE) == SizeConflict(20_852_014)


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"-7\n", b"7\n\n", b"seven\n", b"\xff\n"])
def test_a_conflict_that_says_no_size_is_refused(body: bytes) -> None:
    with pytest.raises(WitnessAnswerError):
        read(409, body, SIZE_CONTENT_TYPE)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
def test_any_other_answer_is_a_refusal_with_its_status(status: int) -> None:
    with pytest.raises(WitnessRefusedError) as refused:
        read(status, b"7\n")

    assert refused.value.answered == status
