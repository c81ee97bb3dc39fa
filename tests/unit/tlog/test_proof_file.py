"""Proof files: read strictly, verified offline with a policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.tlog_kit import CHECKPOINT, LEAVES, LOG, ORIGIN, POLICY, PQ_WITNESS, WITNESSES, ids, proof_of, read_vectors

from bouclier.tlog import (
    MAX_PROOF_BYTES,
    InclusionError,
    NoteError,
    QuorumError,
    SignatureError,
    TlogProof,
    TlogProofError,
    hash_leaf,
    parse_policy,
    parse_signing_key,
    parse_tlog_proof,
    render_tlog_proof,
    render_vkey,
    verify_tlog_proof,
)

VECTORS = read_vectors("proofs/proofs.json")
SIGNERS = [LOG, *WITNESSES]


@pytest.mark.parametrize("case", VECTORS["valid"], ids=ids(VECTORS["valid"]))
def test_a_proof_file_is_read_as_published_and_written_back(case: dict[str, Any]) -> None:
    proof = parse_tlog_proof(case["file"].encode())

    assert proof.index == case["index"]
    assert [value.hex() for value in proof.hashes] == case["hashes"]
    assert proof.checkpoint == case["checkpoint"].encode()
    assert proof.extra == (None if case["extra"] is None else bytes.fromhex(case["extra"]))
    assert render_tlog_proof(proof) == case["file"].encode()


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=ids(VECTORS["invalid"]))
def test_another_file_is_no_proof(case: dict[str, Any]) -> None:
    with pytest.raises(TlogProofError):
        parse_tlog_proof(case["file"].encode())


def test_a_file_that_is_not_ascii_before_its_checkpoint_is_no_proof() -> None:
    with pytest.raises(TlogProofError, match="ASCII"):
        parse_tlog_proof("c2sp.org/tlog-proof@v1\nindex ١\n\nc\n".encode())


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(TlogProofError, match="exceeds"):
        parse_tlog_proof(b"c" * (MAX_PROOF_BYTES + 1))


@pytest.mark.parametrize(
    "proof",
    [
        TlogProof(-1, (), b"c\n"),
        TlogProof(2**63, (), b"c\n"),
        TlogProof(0, (bytes(31),), b"c\n"),
        TlogProof(0, (b"", bytes(32)), b"c\n"),
        TlogProof(0, (bytes(32),) * 64, b"c\n"),
        TlogProof(0, (), b""),
        TlogProof(0, (), b"c\n", b""),
    ],
    ids=["negative", "too large", "short hash", "empty hash", "64 hashes", "no checkpoint", "empty extra"],
)
def test_what_would_not_read_back_is_not_written(proof: TlogProof) -> None:
    with pytest.raises(TlogProofError):
        render_tlog_proof(proof)


@pytest.mark.parametrize("index", range(len(LEAVES)))
def test_every_entry_is_proved_from_its_file_alone(index: int) -> None:
    data = render_tlog_proof(replace(proof_of(index, SIGNERS), extra=b"sel"))

    opened = verify_tlog_proof(parse_tlog_proof(data), LEAVES[index], POLICY, origin=ORIGIN)

    assert opened.checkpoint == CHECKPOINT
    assert len(opened.verified) == len(SIGNERS)


def test_extra_data_are_signed_by_nobody() -> None:
    proof = proof_of(3, SIGNERS)

    for extra in (None, b"une chose", b"son contraire"):
        verify_tlog_proof(replace(proof, extra=extra), LEAVES[3], POLICY)


def test_another_entry_index_or_path_is_not_proved() -> None:
    proof = proof_of(3, SIGNERS)

    with pytest.raises(InclusionError):
        verify_tlog_proof(proof, hash_leaf(b"autre"), POLICY)
    with pytest.raises(InclusionError):
        verify_tlog_proof(replace(proof, index=4), LEAVES[3], POLICY)
    with pytest.raises(InclusionError):
        verify_tlog_proof(replace(proof, index=len(LEAVES)), LEAVES[3], POLICY)
    with pytest.raises(InclusionError):
        verify_tlog_proof(replace(proof, hashes=proof.hashes[:-1]), LEAVES[3], POLICY)
    with pytest.raises(InclusionError):
        verify_tlog_proof(replace(proof, hashes=(*proof.hashes, bytes(32))), LEAVES[3], POLICY)


def test_a_proof_under_too_few_witnesses_does_not_count() -> None:
    with pytest.raises(QuorumError):
        verify_tlog_proof(proof_of(3, SIGNERS[:2]), LEAVES[3], POLICY)
    with pytest.raises(QuorumError):
        verify_tlog_proof(proof_of(3, [*SIGNERS[:2], PQ_WITNESS]), LEAVES[3], POLICY)


def test_a_proof_without_the_log_s_signature_does_not_count() -> None:
    with pytest.raises(SignatureError):
        verify_tlog_proof(proof_of(3, WITNESSES), LEAVES[3], POLICY)


def test_a_proof_of_another_log_does_not_count() -> None:
    with pytest.raises(SignatureError, match="another log"):
        verify_tlog_proof(proof_of(3, SIGNERS), LEAVES[3], POLICY, origin="journal.example/autre")


def test_a_proof_whose_checkpoint_is_no_note_does_not_count() -> None:
    with pytest.raises(NoteError):
        verify_tlog_proof(replace(proof_of(3, SIGNERS), checkpoint=b"checkpoint\n"), LEAVES[3], POLICY)


def test_our_own_proof_has_not_changed_its_spelling() -> None:
    vector = read_vectors("proofs/complete.json")
    keys = [parse_signing_key(text) for text in vector["private_keys"]]
    proof = replace(proof_of(5, keys), extra=b"sel")

    assert render_tlog_proof(proof).decode() == vector["file"]
    opened = verify_tlog_proof(
        parse_tlog_proof(vector["file"].encode()), hash_leaf(vector["entry"].encode()), parse_policy(vector["policy"])
    )
    assert opened.checkpoint.size == vector["size"]
    assert {render_vkey(key): time for key, time in opened.verified.items()} == vector["times"]
