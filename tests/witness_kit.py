"""A log that can also lie, and what it sends to a witness."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from bouclier.tlog import hash_leaf, prove_consistency, root_of
from bouclier.tlog.checkpoint import Checkpoint, render_checkpoint
from bouclier.tlog.keys import SigningKey
from bouclier.tlog.note import Note, SignatureType, render_note
from bouclier.tlog.signatures import sign_checkpoint
from bouclier.tlog.witness import AddCheckpoint, render_add_checkpoint

RECORDED = Path(__file__).with_name("vectors") / "tlog" / "witness"
ORIGIN = "log.example.fr/mairie"
LOG_KEY = SigningKey(ORIGIN, SignatureType.ED25519, b"l" * 32)


@cache
def leaves(branch: str, size: int) -> tuple[bytes, ...]:
    """The leaves of a log; two branches share their first five."""
    return tuple(hash_leaf(f"{branch if i >= 5 else ''}{i}".encode()) for i in range(size))


def checkpoint(size: int, *, branch: str = "", origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, root_of(leaves(branch, size)))


def signed(head: Checkpoint, *keys: SigningKey) -> bytes:
    """The note of a checkpoint, signed by its log unless other keys are given."""
    signatures = tuple(sign_checkpoint(head, key, timestamp_s=1) for key in keys or (LOG_KEY,))
    return render_note(Note(render_checkpoint(head), signatures))


def proof(old: int, new: int, *, branch: str = "") -> tuple[bytes, ...]:
    return tuple(prove_consistency(leaves(branch, new), old)) if 0 < old <= new else ()


def submission(old: int, new: int, *, branch: str = "", note: bytes | None = None) -> bytes:
    """An honest request, unless a note is given."""
    sent = signed(checkpoint(new, branch=branch)) if note is None else note
    return render_add_checkpoint(AddCheckpoint(old, proof(old, new, branch=branch), sent))


def recorded() -> list[dict[str, Any]]:
    """Requests that other implementations made or answered."""
    files = sorted(RECORDED.glob("*.json"))
    assert files
    return [sequence for file in files for sequence in json.loads(file.read_text("utf-8"))["sequences"]]
