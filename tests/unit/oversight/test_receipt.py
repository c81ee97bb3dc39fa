"""Receipts hold together, and fall apart at the first change."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from tests.integration.log_child import outcome
from tests.tlog_kit import LOG, NOW_S, ORIGIN, POLICY, WITNESSES, signed, signing_key

from bouclier.oversight import (
    EntryError,
    Receipt,
    ReceiptError,
    parse_receipt,
    receipt_of,
    render_entry,
    verify_receipt,
    verify_request_commitment,
    with_entry,
)
from bouclier.terms.errors import VerificationError
from bouclier.tlog import (
    Checkpoint,
    InclusionError,
    QuorumError,
    SignatureError,
    TlogProofError,
    WitnessPolicy,
    hash_leaf,
    parse_tlog_proof,
    prove_inclusion,
    render_tlog_proof,
    root_of,
)

SALT = bytes(range(32))
ENTRIES = [outcome(number) for number in range(5)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint(ORIGIN, 5, root_of(LEAVES))
LOG_ALONE = WitnessPolicy(logs=POLICY.logs)


def written(number: int = 3, *, note: bytes | None = None, salt: bytes | None = SALT) -> bytes:
    note = note or signed(CHECKPOINT, (LOG, *WITNESSES[:2]))
    return receipt_of(ENTRIES[number], index=number, proof=prove_inclusion(LEAVES, number), checkpoint=note, salt=salt)


def receipt(number: int = 3) -> Receipt:
    return parse_receipt(written(number))


def with_extra(extra: object) -> bytes:
    data = extra if isinstance(extra, bytes) else json.dumps(extra, separators=(",", ":")).encode()
    return render_tlog_proof(replace(receipt().proof, extra=data))


def test_a_receipt_reads_as_it_was_written_and_verifies() -> None:
    for number in range(5):
        verified = verify_receipt(receipt(number), POLICY)

        assert render_entry(verified.entry) == ENTRIES[number]
        assert verified.index == number
        assert verified.opened.checkpoint == CHECKPOINT
        assert verified.opened.verified[WITNESSES[0].verifier_key] == NOW_S
    assert receipt().salt == SALT
    assert parse_receipt(written(salt=None)).salt is None


def test_other_peoples_tools_read_it_as_a_proof_of_the_entrys_leaf() -> None:
    proof = parse_tlog_proof(written())

    assert (proof.index, proof.hashes) == (3, tuple(prove_inclusion(LEAVES, 3)))
    assert with_entry(replace(proof, extra=None), ENTRIES[3], salt=SALT) == written()


def test_a_receipt_is_final_under_a_policy_only_with_its_quorum() -> None:
    only_signed = parse_receipt(written(note=signed(CHECKPOINT, [LOG])))

    verify_receipt(only_signed, LOG_ALONE)
    with pytest.raises(QuorumError):
        verify_receipt(only_signed, POLICY)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        (receipt()._replace(entry=ENTRIES[2]), InclusionError),
        (receipt()._replace(entry=ENTRIES[3] + b" "), EntryError),
        (receipt()._replace(entry=b"{}"), EntryError),
        (receipt()._replace(proof=replace(receipt().proof, index=2)), InclusionError),
        (receipt()._replace(proof=replace(receipt().proof, index=5)), InclusionError),
        (receipt()._replace(proof=replace(receipt().proof, hashes=())), InclusionError),
        (receipt()._replace(proof=replace(receipt().proof, hashes=receipt().proof.hashes[::-1])), InclusionError),
        (receipt()._replace(proof=receipt(2).proof), InclusionError),
        (receipt()._replace(proof=replace(receipt().proof, checkpoint=b"")), VerificationError),
        (parse_receipt(written(note=signed(CHECKPOINT, [signing_key("another", LOG.type)]))), SignatureError),
        (parse_receipt(written(note=signed(CHECKPOINT._replace(origin="another"), [LOG]))), SignatureError),
        (parse_receipt(written(note=signed(CHECKPOINT._replace(root=bytes(32)), (LOG, *WITNESSES)))), InclusionError),
        (parse_receipt(written(note=signed(CHECKPOINT._replace(size=9), (LOG, *WITNESSES)))), InclusionError),
        (parse_receipt(written()[:-1]), VerificationError),
        (parse_receipt(written() + b"\n"), VerificationError),
    ],
)
def test_any_change_is_refused(changed: Receipt, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify_receipt(changed, POLICY)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        [],
        None,
        {"salt": b64encode(SALT).decode()},
        {"entry": 1},
        {"entry": None},
        {"entry": ENTRIES[3].decode(), "salt": 3},
        {"entry": ENTRIES[3].decode(), "salt": ""},
        {"entry": ENTRIES[3].decode(), "salt": "AAAA"},
        {"entry": ENTRIES[3].decode(), "salt": b64encode(SALT).decode().rstrip("=")},
        {"entry": ENTRIES[3].decode(), "salt": "!" + b64encode(SALT).decode()},
        {"entry": ENTRIES[3].decode(), "salt": b64encode(SALT).decode() + "\n"},
        {"entry": ENTRIES[3].decode(), "more": 1},
        {"entry": "\ud83d"},
        b"\xff",
        b"[" * 10_000,
        json.dumps({"entry": ENTRIES[3].decode()}).encode(),
        json.dumps({"salt": b64encode(SALT).decode(), "entry": ENTRIES[3].decode()}, separators=(",", ":")).encode(),
        json.dumps({"entry": ENTRIES[3].decode(), "salt": None}, separators=(",", ":")).encode(),
        b'{"entry":"1","entry":' + json.dumps(ENTRIES[3].decode()).encode() + b"}",
        ENTRIES[3],
    ],
)
def test_what_accompanies_the_proof_is_read_strictly(extra: object) -> None:
    with pytest.raises(ReceiptError):
        parse_receipt(with_extra(extra))


def test_base64_with_stray_bits_is_another_spelling_and_refused() -> None:
    salt = b64encode(SALT).decode()
    stray = salt[:-2] + chr(ord(salt[-2]) + 1) + "="
    assert b64decode(stray) == SALT

    with pytest.raises(ReceiptError, match="salt"):
        parse_receipt(with_extra({"entry": ENTRIES[3].decode(), "salt": stray}))


def test_a_proof_without_its_entry_is_no_receipt() -> None:
    with pytest.raises(ReceiptError, match="extra"):
        parse_receipt(render_tlog_proof(replace(receipt().proof, extra=None)))


@pytest.mark.parametrize("thing", [b"", b"receipt", b"{}", ENTRIES[3], b"\xff", written()[1:]])
def test_what_is_no_proof_is_refused(thing: bytes) -> None:
    with pytest.raises(TlogProofError):
        parse_receipt(thing)


def test_only_a_decision_commits_to_a_request() -> None:
    with pytest.raises(ReceiptError, match="not that of a decision"):
        verify_request_commitment(receipt(), b"{}")


def test_a_commitment_is_not_read_from_an_entry_that_is_none() -> None:
    with pytest.raises(EntryError):
        verify_request_commitment(receipt()._replace(entry=b"{}"), b"{}")
