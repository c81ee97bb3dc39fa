"""Receipts, format v1: what a caller keeps to show later that a decision was recorded, and on what.

A receipt carries the entry itself, so it verifies offline: the entry hashes to the leaf, the proof leads from the leaf
to the root. Whoever noted that root elsewhere knows that the log held the entry then. The salt lets the holder, and
nobody else, show which request was committed to. `specs/receipt-v1.md` is the specification.
"""

from __future__ import annotations

import hmac
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from bouclier.oversight.commitments import SALT_BYTES, commit
from bouclier.oversight.entries import DecisionEntry, parse_entry
from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import HASH_BYTES, hash_leaf, verify_inclusion

if TYPE_CHECKING:
    from bouclier.terms.exchange import Position

FORMAT: Final = "bouclier-receipt/v1"
MAX_PROOF_HASHES: Final = 63


class ReceiptError(VerificationError):
    """A receipt does not show what it claims."""

    code = "receipt_invalid"

    def __init__(self, message: Bilingual, *, param: str | None = None) -> None:
        hint = Bilingual(
            "Comparez le reçu à celui qui a été remis : il est incomplet, ou altéré.",
            "Compare the receipt with the one that was handed over: it is incomplete, or altered.",
        )
        super().__init__(message, hint, param=param)


class _Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: str
    exchange: str
    format: Literal["bouclier-receipt/v1"]
    index: int
    leaf_hash: str
    proof: list[str]
    root_hash: str
    salt: str
    tree_size: int


def receipt_of(position: Position, *, entry: bytes, salt: bytes, exchange: str) -> dict[str, Any]:
    """Return the receipt of an entry, ready for JSON.

    Args:
        position: Where the entry stands in the log.
        entry: Its canonical bytes.
        salt: Salt of the exchange's commitments, 32 bytes. After this the caller is the only one to hold it.
        exchange: Id of the exchange.
    """
    return {
        "entry": entry.decode(),
        "exchange": exchange,
        "format": FORMAT,
        "index": position.index,
        "leaf_hash": _to_base64(position.leaf_hash),
        "proof": [_to_base64(sibling) for sibling in position.proof],
        "root_hash": _to_base64(position.root_hash),
        "salt": _to_base64(salt),
        "tree_size": position.tree_size,
    }


def verify_receipt(receipt: object) -> None:
    """Check that a receipt is whole, and that its root commits to its entry.

    Whether that root is the log's is for the caller to compare with one noted elsewhere.

    Args:
        receipt: The receipt as decoded from JSON.

    Raises:
        ReceiptError: A field is missing, unknown or malformed, or the entry is of another exchange or leaf.
        EntryError: The entry is not canonical.
        InclusionError: The proof does not lead from the leaf to the root.
    """
    fields = _fields(receipt)
    entry = fields.entry.encode("utf-8", "surrogatepass")
    leaf_hash = _from_base64(fields.leaf_hash, "leaf_hash", HASH_BYTES)
    _from_base64(fields.salt, "salt", SALT_BYTES)
    if hash_leaf(entry) != leaf_hash:
        raise ReceiptError(
            Bilingual("l'entrée n'est pas celle de la feuille", "the entry is not that of the leaf"), param="entry"
        )
    if parse_entry(entry).exchange != fields.exchange:
        raise ReceiptError(
            Bilingual("l'entrée est d'un autre échange", "the entry is of another exchange"), param="exchange"
        )
    if len(fields.proof) > MAX_PROOF_HASHES:
        raise _malformed("proof")
    verify_inclusion(
        leaf_hash,
        leaf_index=fields.index,
        tree_size=fields.tree_size,
        proof=[_from_base64(sibling, "proof", HASH_BYTES) for sibling in fields.proof],
        root_hash=_from_base64(fields.root_hash, "root_hash", HASH_BYTES),
    )


def verify_request_commitment(receipt: object, request: bytes) -> None:
    """Check that these are the bytes of the request the receipt's decision was about.

    Args:
        receipt: The receipt as decoded from JSON; verify it first, or at the same time.
        request: The request's body, byte for byte as it was sent.

    Raises:
        ReceiptError: The receipt is malformed, is not of a decision, or commits to other bytes.
        EntryError: The entry is not canonical.
    """
    fields = _fields(receipt)
    entry = parse_entry(fields.entry.encode("utf-8", "surrogatepass"))
    if not isinstance(entry, DecisionEntry):
        raise ReceiptError(
            Bilingual("le reçu n'est pas celui d'une décision", "the receipt is not that of a decision"),
            param="entry",
        )
    salt = _from_base64(fields.salt, "salt", SALT_BYTES)
    if not hmac.compare_digest(commit(salt, request).hex(), entry.request_commitment):
        raise ReceiptError(
            Bilingual(
                "la requête n'est pas celle que la décision a engagée",
                "the request is not the one the decision committed to",
            ),
            param="request_commitment",
        )


def _fields(receipt: object) -> _Receipt:
    try:
        return msgspec.convert(receipt, _Receipt)
    except msgspec.ValidationError:
        raise _malformed("format") from None  # the cause may quote the receipt


def _to_base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode("ascii")


def _from_base64(text: str, name: str, length: int) -> bytes:
    try:
        value = a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        raise _malformed(name) from None
    # One spelling per value: the unused bits of the last character must be zero.
    if len(value) != length or _to_base64(value) != text:
        raise _malformed(name)
    return value


def _malformed(name: str) -> ReceiptError:
    return ReceiptError(Bilingual(f"le reçu est mal formé ({name})", f"the receipt is malformed ({name})"), param=name)
