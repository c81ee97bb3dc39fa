"""What tests of the log's text formats share: vectors, keys from fixed seeds, and a small log with its proof."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.tlog import (
    Checkpoint,
    Note,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    SignatureType,
    SigningKey,
    TlogProof,
    VerifierKey,
    WitnessPolicy,
    hash_leaf,
    prove_inclusion,
    render_checkpoint,
    render_note,
    root_of,
    sign_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = "journal.example/exemple"
NOW_S = 1_790_000_000
LEAVES = [hash_leaf(f"entrée {i}".encode()) for i in range(13)]


def read_vectors(name: str) -> dict[str, Any]:
    """Return the vectors of a file under `tests/vectors/tlog`."""
    vectors: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "tlog" / name).read_text("utf-8"))
    return vectors


def ids(cases: Iterable[dict[str, Any]]) -> list[str]:
    """Return the names of cases, for the report of the tests."""
    return [case["name"] for case in cases]


def signing_key(name: str, key_type: SignatureType) -> SigningKey:
    """Return the key of a name and type, always the same."""
    return SigningKey(name, key_type, sha256(f"{name} {key_type}".encode()).digest())


LOG = signing_key(ORIGIN, SignatureType.ED25519)
PQ_LOG = signing_key(ORIGIN, SignatureType.ML_DSA_44)
WITNESSES = [signing_key(f"temoin.example/{i}", SignatureType.COSIGNATURE) for i in range(3)]
PQ_WITNESS = signing_key("temoin.example/pq", SignatureType.ML_DSA_44)

# Two keys of one name whose ids are alike, found by search: an id has only four bytes.
COLLIDING = tuple(VerifierKey("a", SignatureType.ED25519, value.to_bytes(32, "big")) for value in (65227, 67083))

CHECKPOINT = Checkpoint(ORIGIN, len(LEAVES), root_of(LEAVES))
POLICY = WitnessPolicy(
    (PolicyLog(LOG.verifier_key),),
    tuple(PolicyWitness(f"w{i}", key.verifier_key) for i, key in enumerate(WITNESSES)),
    (PolicyGroup("two", 2, ("w0", "w1", "w2")),),
    "two",
)


def signed(checkpoint: Checkpoint, keys: Iterable[SigningKey], *, timestamp_s: int = NOW_S) -> bytes:
    """Return a checkpoint signed by keys, one line each."""
    lines = (sign_checkpoint(checkpoint, key, timestamp_s=timestamp_s) for key in keys)
    return render_note(Note(render_checkpoint(checkpoint), tuple(lines)))


def proof_of(index: int, keys: Iterable[SigningKey]) -> TlogProof:
    """Return the proof that a leaf of `LEAVES` is in the log, under a checkpoint signed by keys."""
    return TlogProof(index, tuple(prove_inclusion(LEAVES, index)), signed(CHECKPOINT, keys))
