"""Receipts: what a caller keeps to show later, to anyone and offline, that a decision was recorded, and on what.

A receipt is a c2sp.org/tlog-proof file, so that other people's tools check it too. Its `extra` line, which no signature
covers, carries what the proof is about: the entry, which hashes to the leaf, and the salt, with which the holder, and
nobody else, can show which request was committed to. `specs/receipt-v2.md` is the specification.

A receipt is *signed* when the log vouches for it, and *final* when the witnesses a policy asks for have cosigned the
tree: only then could the log not show somebody else another history.
"""

from __future__ import annotations

import hmac
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bouclier.oversight.commitments import SALT_BYTES, commit
from bouclier.oversight.entries import parse_entry
from bouclier.oversight.entries_model import DecisionEntry
from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import TlogProof, encode_tlog_proof, hash_leaf, parse_tlog_proof, verify_tlog_proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight.entries_model import Entry
    from bouclier.tlog import OpenedCheckpoint, WitnessPolicy


class ReceiptError(VerificationError):
    """A receipt does not show what it claims."""

    code = "receipt_invalid"

    def __init__(self, message: Bilingual, *, param: str | None = None, hint: Bilingual | None = None) -> None:
        hint = hint or Bilingual(
            "Comparez le reçu à celui qui a été remis : il est incomplet, ou altéré.",
            "Compare the receipt with the one that was handed over: it is incomplete, or altered.",
        )
        super().__init__(message, hint, param=param)


class Receipt(NamedTuple):
    """A receipt as it was read; nothing of it is verified yet.

    Attributes:
        proof: The inclusion proof and the checkpoint.
        entry: The entry's bytes.
        salt: Salt of the exchange's commitments, 32 bytes; None when the holder left it out.
    """

    proof: TlogProof
    entry: bytes
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt shows.

    Attributes:
        entry: What was recorded.
        index: Where.
        opened: The checkpoint, and who signed it when.
    """

    entry: Entry
    index: int
    opened: OpenedCheckpoint


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    entry: str
    salt: str | None = None


def receipt_of(
    entry: bytes, *, index: int, proof: Sequence[bytes], checkpoint: bytes, salt: bytes | None = None
) -> bytes:
    """Return the receipt of an entry: the text of a `.tlog-proof` file.

    Args:
        entry: Its canonical bytes.
        index: Where it stands in the log.
        proof: Its inclusion proof in the checkpoint's tree, from leaf to root.
        checkpoint: The signed note of that tree.
        salt: Salt of the exchange's commitments, 32 bytes.
    """
    written = None if salt is None else b2a_base64(salt, newline=False).decode("ascii")
    extra = msgspec.json.encode(_Extra(entry.decode(), written))
    return encode_tlog_proof(TlogProof(index=index, hashes=tuple(proof), checkpoint=checkpoint, extra=extra))


def with_entry(proof: TlogProof, entry: bytes, *, salt: bytes | None = None) -> bytes:
    """Return the receipt that a tlog-proof makes with the entry it is about."""
    return receipt_of(entry, index=proof.index, proof=proof.hashes, checkpoint=proof.checkpoint, salt=salt)


def parse_receipt(data: bytes) -> Receipt:
    """Return a receipt as it was written.

    Raises:
        ReceiptError: It is a proof without its entry, or what accompanies it is malformed.
        VerificationError: It is no tlog-proof file.
    """
    proof = parse_tlog_proof(data)
    if proof.extra is None:
        raise _malformed("extra")
    try:
        extra = msgspec.json.decode(proof.extra, type=_Extra)
        entry = extra.entry.encode()
        is_canonical = msgspec.json.encode(extra) == proof.extra
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise _malformed("extra") from None  # the cause may quote it
    if not is_canonical:
        raise _malformed("extra")
    return Receipt(proof, entry, None if extra.salt is None else _salt(extra.salt))


def verify_receipt(receipt: Receipt, policy: WitnessPolicy) -> VerifiedReceipt:
    """Check that a log of the policy recorded the receipt's entry, before the witnesses the policy asks for.

    Args:
        receipt: As `parse_receipt` returns it.
        policy: Whom to believe; with `quorum none` the log's own signature is enough.

    Raises:
        EntryError: The entry is not canonical.
        VerificationError: The proof leads elsewhere, a signature is wrong, or the quorum is not met.
    """
    entry = parse_entry(receipt.entry)
    opened = verify_tlog_proof(receipt.proof, hash_leaf(receipt.entry), policy)
    return VerifiedReceipt(entry, receipt.proof.index, opened)


def verify_request_commitment(receipt: Receipt, request: bytes) -> None:
    """Check that these are the bytes of the request the receipt's decision was about.

    Args:
        receipt: Verify it too: a commitment in an entry that no log holds shows nothing.
        request: The request's body, byte for byte as it was sent.

    Raises:
        ReceiptError: It is not of a decision, holds no salt, or commits to other bytes.
        EntryError: The entry is not canonical.
    """
    entry = parse_entry(receipt.entry)
    if not isinstance(entry, DecisionEntry):
        raise ReceiptError(
            Bilingual("le reçu n'est pas celui d'une décision", "the receipt is not that of a decision"), param="entry"
        )
    if receipt.salt is None:
        raise ReceiptError(
            Bilingual("le reçu ne contient pas le sel", "the receipt does not hold the salt"), param="salt"
        )
    if not hmac.compare_digest(commit(receipt.salt, request).hex(), entry.request_commitment):
        raise ReceiptError(
            Bilingual(
                "la requête n'est pas celle que la décision a engagée",
                "the request is not the one the decision committed to",
            ),
            param="request_commitment",
            hint=Bilingual(
                "Donnez le corps de la requête octet pour octet, tel qu'il a été envoyé ; le reçu lui-même est sain.",
                "Give the request's body byte for byte, as it was sent; the receipt itself is sound.",
            ),
        )


def _salt(text: str) -> bytes:
    try:
        value = a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        raise _malformed("salt") from None
    # One spelling per value: the unused bits of the last character must be zero.
    if len(value) != SALT_BYTES or b2a_base64(value, newline=False).decode("ascii") != text:
        raise _malformed("salt")
    return value


def _malformed(name: str) -> ReceiptError:
    return ReceiptError(Bilingual(f"le reçu est mal formé ({name})", f"the receipt is malformed ({name})"), param=name)
