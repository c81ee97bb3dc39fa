"""The record of a scripted gateway: real entries, proofs and signatures, on no disk, cosigned when a test says so."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bouclier.gateway.present import receipt_shown
from bouclier.oversight import commit, receipt_of, render_entry
from bouclier.tlog import (
    Checkpoint,
    TlogProof,
    hash_leaf,
    prove_inclusion,
    render_tlog_proof,
    root_of,
)
from tests.tlog_kit import LOG, ORIGIN, WITNESSES, signed

if TYPE_CHECKING:
    from bouclier.oversight import DecisionEntry
    from bouclier.tlog import SigningKey


class ScriptedLog:
    """A log that nobody shares: the keys are those of `tests.tlog_kit`, whose `POLICY` wants two of its witnesses."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self._leaves)

    def record(self, entry: DecisionEntry, request: bytes) -> dict[str, Any]:
        """Add a decision on a request, and return its receipt as the gateway shows it."""
        index = self.size
        salt = hashlib.sha256(f"salt {index}".encode()).digest()
        data = render_entry(replace(entry, request_commitment=commit(salt, request).hex()))
        self._leaves.append(hash_leaf(data))
        proof = self._proof(index, [LOG])
        receipt = receipt_of(data, index=index, proof=proof.hashes, checkpoint=proof.checkpoint, salt=salt)
        return receipt_shown(receipt, index=index, state="signed")

    def cosigned(self, index: int) -> bytes:
        """Return the proof of an entry under a checkpoint that two witnesses cosigned."""
        return render_tlog_proof(self._proof(index, [LOG, *WITNESSES[:2]]))

    def _proof(self, index: int, keys: list[SigningKey]) -> TlogProof:
        checkpoint = Checkpoint(ORIGIN, self.size, root_of(self._leaves))
        return TlogProof(index, tuple(prove_inclusion(self._leaves, index)), signed(checkpoint, keys))
