"""Signing and verifying checkpoints, against real logs and witnesses and by ourselves."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tlog_kit import (
    CHECKPOINT,
    COLLIDING,
    LOG,
    NOW_S,
    PQ_LOG,
    PQ_WITNESS,
    WITNESSES,
    ids,
    read_vectors,
    signed,
)

from bouclier.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    CheckpointError,
    Note,
    NoteError,
    NoteSignature,
    SignatureError,
    SignatureType,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_signing_key,
    parse_vkey,
    render_checkpoint,
    render_note,
    render_signature_line,
    sign_checkpoint,
    verify_signature,
)

VECTORS = read_vectors("notes/checkpoints.json")
ALL_KEYS = [LOG, PQ_LOG, *WITNESSES, PQ_WITNESS]


def known(case: dict[str, Any]) -> list[VerifierKey]:
    return [parse_vkey(text) for text in case["keys"]]


@pytest.mark.parametrize("case", VECTORS["verified"], ids=ids(VECTORS["verified"]))
def test_a_checkpoint_of_another_implementation_is_verified(case: dict[str, Any]) -> None:
    opened = open_checkpoint(case["note"].encode(), known(case))

    checkpoint = opened.checkpoint
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (case["origin"], case["size"], case["root"])
    assert opened.verified == {parse_vkey(text): time for text, time in case["times"].items()}


@pytest.mark.parametrize("case", VECTORS["refused"], ids=ids(VECTORS["refused"]))
def test_an_altered_checkpoint_is_refused(case: dict[str, Any]) -> None:
    errors = {"malformed": CheckpointError, "note": NoteError, "refused": SignatureError}

    with pytest.raises(errors[case["verdict"]]):
        open_checkpoint(case["note"].encode(), known(case))


@pytest.mark.parametrize("case", VECTORS["signed"], ids=[case["line"][:30] for case in VECTORS["signed"]])
def test_ed25519_signs_as_other_implementations_do(case: dict[str, Any]) -> None:
    key = parse_signing_key(case["private_key"])

    signature = sign_checkpoint(parse_checkpoint(case["text"]), key, timestamp_s=case["timestamp"])

    assert render_signature_line(signature) == case["line"]


@pytest.mark.parametrize("key", ALL_KEYS, ids=lambda key: f"{key.name} {key.type}")
def test_every_type_of_key_signs_what_it_verifies(key: Any) -> None:
    signature = sign_checkpoint(CHECKPOINT, key, timestamp_s=NOW_S)

    time = verify_signature(CHECKPOINT, signature, key.verifier_key)

    assert time == (None if key.type is SignatureType.ED25519 else NOW_S)


@pytest.mark.parametrize("key", ALL_KEYS, ids=lambda key: f"{key.name} {key.type}")
@pytest.mark.parametrize(
    "other",
    [
        CHECKPOINT._replace(size=CHECKPOINT.size + 1),
        CHECKPOINT._replace(root=EMPTY_ROOT),
        CHECKPOINT._replace(origin="journal.example/autre"),
        CHECKPOINT._replace(extensions=("ligne",)),
    ],
    ids=["size", "root", "origin", "extension"],
)
def test_a_signature_is_of_one_checkpoint(key: Any, other: Checkpoint) -> None:
    signature = sign_checkpoint(CHECKPOINT, key, timestamp_s=NOW_S)

    with pytest.raises(SignatureError):
        verify_signature(other, signature, key.verifier_key)


@pytest.mark.parametrize("key", [*WITNESSES[:1], PQ_WITNESS], ids=["Ed25519", "ML-DSA-44"])
def test_a_cosignature_is_of_one_time(key: Any) -> None:
    signature = sign_checkpoint(CHECKPOINT, key, timestamp_s=NOW_S)
    later = signature._replace(signature=(NOW_S + 1).to_bytes(8, "big") + signature.signature[8:])

    with pytest.raises(SignatureError, match="false"):
        verify_signature(CHECKPOINT, later, key.verifier_key)


def test_an_ml_dsa_cosignature_is_of_one_cosigner() -> None:
    namesake = VerifierKey("temoin.example/autre", PQ_WITNESS.type, PQ_WITNESS.verifier_key.public_key)
    signature = sign_checkpoint(CHECKPOINT, PQ_WITNESS, timestamp_s=NOW_S)

    with pytest.raises(SignatureError, match="false"):
        verify_signature(CHECKPOINT, NoteSignature(namesake.name, namesake.key_id, signature.signature), namesake)


def test_an_ed25519_key_of_a_log_does_not_cosign() -> None:
    cosigner = VerifierKey(LOG.name, SignatureType.COSIGNATURE, LOG.verifier_key.public_key)
    bare = sign_checkpoint(CHECKPOINT, LOG).signature

    with pytest.raises(SignatureError, match="wrong length"):
        verify_signature(CHECKPOINT, NoteSignature(cosigner.name, cosigner.key_id, bare), cosigner)
    with pytest.raises(SignatureError, match="false"):
        verify_signature(
            CHECKPOINT, NoteSignature(cosigner.name, cosigner.key_id, NOW_S.to_bytes(8, "big") + bare), cosigner
        )


def test_a_signature_under_another_name_or_id_is_not_of_the_key() -> None:
    signature = sign_checkpoint(CHECKPOINT, LOG)

    for other in (signature._replace(name="autre"), signature._replace(key_id=b"\x00" * 4)):
        with pytest.raises(SignatureError, match="not of this key"):
            verify_signature(CHECKPOINT, other, LOG.verifier_key)


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_witness_says_a_time(time: int) -> None:
    with pytest.raises(SignatureError, match="time"):
        sign_checkpoint(CHECKPOINT, WITNESSES[0], timestamp_s=time)


@pytest.mark.parametrize("time", [0, 2**63, 2**64 - 1])
def test_a_cosignature_without_a_possible_time_is_refused(time: int) -> None:
    signature = sign_checkpoint(CHECKPOINT, WITNESSES[0], timestamp_s=NOW_S)
    other = signature._replace(signature=time.to_bytes(8, "big") + signature.signature[8:])

    with pytest.raises(SignatureError, match="time"):
        verify_signature(CHECKPOINT, other, WITNESSES[0].verifier_key)


def test_a_log_signing_with_ml_dsa_may_say_no_time() -> None:
    assert verify_signature(CHECKPOINT, sign_checkpoint(CHECKPOINT, PQ_LOG), PQ_LOG.verifier_key) == 0


@pytest.mark.parametrize(
    "checkpoint",
    [CHECKPOINT._replace(extensions=("ligne",)), Checkpoint("a", 0, CHECKPOINT.root)],
    ids=["extension", "empty tree with another root"],
)
def test_ml_dsa_signs_nothing_that_it_would_not_cover(checkpoint: Checkpoint) -> None:
    with pytest.raises(SignatureError, match="ML-DSA-44"):
        sign_checkpoint(checkpoint, PQ_LOG)


def test_the_empty_tree_can_be_signed() -> None:
    empty = Checkpoint("a", 0, EMPTY_ROOT)

    for key in (LOG, WITNESSES[0], PQ_WITNESS):
        verify_signature(empty, sign_checkpoint(empty, key, timestamp_s=1), key.verifier_key)


def test_ed25519_covers_extension_lines() -> None:
    extended = CHECKPOINT._replace(extensions=("un", "deux"))
    keys = [LOG, WITNESSES[0]]
    data = signed(extended, keys)

    assert open_checkpoint(data, [key.verifier_key for key in keys]).checkpoint == extended
    for key in keys:
        with pytest.raises(SignatureError):
            open_checkpoint(data.replace(b"\ndeux\n", b"\ntrois\n"), [key.verifier_key])


def test_when_each_witness_cosigned_is_told() -> None:
    lines = [sign_checkpoint(CHECKPOINT, key, timestamp_s=NOW_S + i) for i, key in enumerate(ALL_KEYS)]
    data = render_note(Note(render_checkpoint(CHECKPOINT), tuple(lines)))

    opened = open_checkpoint(data, [key.verifier_key for key in ALL_KEYS])

    assert opened.verified == {key.verifier_key: None if key is LOG else NOW_S + i for i, key in enumerate(ALL_KEYS)}


def test_of_two_times_by_one_witness_the_latest_is_told() -> None:
    lines = [sign_checkpoint(CHECKPOINT, WITNESSES[0], timestamp_s=NOW_S + i) for i in (0, 2, 1)]
    data = render_note(Note(render_checkpoint(CHECKPOINT), tuple(lines)))

    assert open_checkpoint(data, [WITNESSES[0].verifier_key]).verified == {WITNESSES[0].verifier_key: NOW_S + 2}


def test_one_false_line_of_a_known_key_refuses_the_note() -> None:
    false = sign_checkpoint(CHECKPOINT._replace(size=1), WITNESSES[1], timestamp_s=NOW_S)
    note = parse_note(signed(CHECKPOINT, [LOG, WITNESSES[0]]))
    data = render_note(Note(note.text, (*note.signatures, false)))

    assert open_checkpoint(data, [LOG.verifier_key, WITNESSES[0].verifier_key]).verified.keys() == {
        LOG.verifier_key,
        WITNESSES[0].verifier_key,
    }
    with pytest.raises(SignatureError):
        open_checkpoint(data, [LOG.verifier_key, WITNESSES[1].verifier_key])


def test_a_note_that_is_no_checkpoint_is_signed_by_no_witness() -> None:
    line = sign_checkpoint(CHECKPOINT, WITNESSES[0], timestamp_s=NOW_S)
    data = render_note(Note("Bonjour.\n", (line,)))

    with pytest.raises(CheckpointError):
        open_note(data, [WITNESSES[0].verifier_key])
    with pytest.raises(CheckpointError):
        open_checkpoint(data, [LOG.verifier_key])


def test_two_keys_that_share_name_and_id_are_refused_before_either_speaks_for_the_other() -> None:
    assert COLLIDING[0].key_id == COLLIDING[1].key_id

    with pytest.raises(SignatureError, match="share name and id"):
        open_checkpoint(signed(CHECKPOINT, [LOG]), [LOG.verifier_key, *COLLIDING])
    assert open_checkpoint(signed(CHECKPOINT, [LOG]), [LOG.verifier_key, LOG.verifier_key]).verified
