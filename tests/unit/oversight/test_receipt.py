"""Receipts hold together, and fall apart at the first change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.oversight import (
    EntryError,
    OutcomeEntry,
    ReceiptError,
    receipt_of,
    render_entry,
    verify_receipt,
    verify_request_commitment,
)
from bouclier.terms.errors import VerificationError
from bouclier.terms.exchange import Position
from bouclier.tlog import Frontier, InclusionError, grow, hash_leaf

SALT = bytes(range(32))


def receipt(number: int = 3) -> dict[str, Any]:
    entries = [
        render_entry(
            OutcomeEntry(
                answer_commitment="ab" * 32,
                completion_tokens=i,
                decision_index=0,
                ending="complete",
                exchange=f"{i:032x}",
                finish_reasons=("stop",),
                prompt_tokens=None,
                restored=0,
                status=200,
                time=i,
            )
        )
        for i in range(5)
    ]
    hashes = [hash_leaf(entry) for entry in entries]
    growth = grow(Frontier(), hashes)
    position = Position(number, hashes[number], 5, growth.root, growth.proofs[number])
    return receipt_of(position, entry=entries[number], salt=SALT, exchange=f"{number:032x}")


def test_a_receipt_survives_json_and_verifies() -> None:
    for number in range(5):
        verify_receipt(json.loads(json.dumps(receipt(number))))


@pytest.mark.parametrize("key", sorted(receipt()))
def test_every_field_must_be_there(key: str) -> None:
    incomplete = receipt()
    del incomplete[key]

    with pytest.raises(ReceiptError):
        verify_receipt(incomplete)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"index": 2}, InclusionError),
        ({"index": -1}, InclusionError),
        ({"index": "3"}, ReceiptError),
        ({"index": True}, ReceiptError),
        ({"tree_size": 40}, InclusionError),
        ({"tree_size": 2**70}, VerificationError),
        ({"proof": []}, InclusionError),
        ({"proof": receipt()["proof"] * 22}, ReceiptError),
        ({"proof": [*receipt()["proof"], receipt()["proof"][0]]}, InclusionError),
        ({"root_hash": receipt()["leaf_hash"]}, InclusionError),
        ({"leaf_hash": receipt()["root_hash"]}, ReceiptError),
        ({"entry": receipt(2)["entry"]}, ReceiptError),
        ({"entry": receipt()["entry"] + " "}, ReceiptError),
        ({"entry": "\ud83d"}, ReceiptError),
        ({"exchange": f"{2:032x}"}, ReceiptError),
        ({"format": "bouclier-receipt/v2"}, ReceiptError),
        ({"salt": "AAAA"}, ReceiptError),
        ({"salt": receipt()["salt"].rstrip("=")}, ReceiptError),
        ({"salt": "!" + receipt()["salt"]}, ReceiptError),
        ({"root_hash": receipt()["root_hash"] + "\n"}, ReceiptError),
        ({"signature": "x"}, ReceiptError),
    ],
)
def test_any_change_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        verify_receipt(receipt() | change)


def test_base64_with_stray_bits_is_another_spelling_and_refused() -> None:
    salt = receipt()["salt"]
    stray = salt[:-2] + chr(ord(salt[-2]) + 1) + "="

    with pytest.raises(ReceiptError, match="salt"):
        verify_receipt(receipt() | {"salt": stray})


@pytest.mark.parametrize("thing", [None, [], "receipt", {}, {1: 2}])
def test_what_is_no_receipt_is_refused(thing: object) -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(thing)


def test_only_a_decision_commits_to_a_request() -> None:
    with pytest.raises(ReceiptError, match="not that of a decision"):
        verify_request_commitment(receipt(), b"{}")


def test_a_commitment_is_not_read_from_an_entry_that_is_none() -> None:
    with pytest.raises(EntryError):
        verify_request_commitment(receipt() | {"entry": "{}"}, b"{}")
