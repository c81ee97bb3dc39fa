"""Proof files: that an entry is in a log, checked without network by whoever holds the keys of the log and witnesses.

    c2sp.org/tlog-proof@v1
    extra <base64>          optional, signed by nobody
    index 73894
    gSKyXoYZ…cdPlQ=         inclusion proof, from leaf to root
    …

    example.com/log         the checkpoint with its signatures, to the end
    …

The checkpoint is kept octet by octet and read only when the proof is verified; nobody may act on a proof before that.

What is not done here: computing the leaf hash, which says what the proof is about, and judging the age of cosignatures.

Source: c2sp.org/tlog-proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import TlogProofError
from bouclier.tlog.policy import verify_checkpoint
from bouclier.tlog.spelling import parse_base64, parse_hash, parse_number, render_base64
from bouclier.tlog.verify import verify_inclusion

if TYPE_CHECKING:
    from bouclier.tlog.policy import WitnessPolicy
    from bouclier.tlog.signatures import OpenedCheckpoint

MAX_PROOF_HASHES: Final = 63
"""Hashes of an inclusion proof: the height of the largest tree, of 2^63 - 1 leaves."""
MAX_PROOF_BYTES: Final = 2_000_000
"""Size of a proof file: the largest note, and as much again."""

_HEADER: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof file as it was read; true only once `verify_tlog_proof` says so.

    Attributes:
        index: Zero-based index of the entry.
        hashes: Inclusion proof from leaf to root, 32 bytes each.
        checkpoint: The signed checkpoint, octet by octet.
        extra: What the application added, or None; not authenticated.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Return a proof from its file; it is not verified yet, nor is its checkpoint read.

    Raises:
        TlogProofError: It is larger than `MAX_PROOF_BYTES`, or a line is missing or not spelt as it should be.

    Source: c2sp.org/tlog-proof, "Format".
    """
    if len(data) > MAX_PROOF_BYTES:
        raise _error(f"la preuve dépasse {MAX_PROOF_BYTES} octets", f"the proof exceeds {MAX_PROOF_BYTES} bytes")
    head, separator, checkpoint = data.partition(b"\n\n")
    if not separator or not checkpoint:
        raise _error(
            "il manque la ligne vide ou le point de contrôle qui la suit",
            "the empty line or the checkpoint after it is missing",
        )
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _error("la preuve n'est pas en ASCII avant la ligne vide", "the proof is not ASCII") from error
    # 1. The header.
    if lines[0] != _HEADER:
        raise _error(f"la preuve ne commence pas par {_HEADER}", f"the proof does not begin with {_HEADER}")
    del lines[0]
    # 2. Extra data, if any; none is not spelt as an empty line of it.
    extra: bytes | None = None
    if lines and lines[0].startswith("extra "):
        extra = _parse_extra(lines.pop(0))
    # 3. The index.
    if not lines or not lines[0].startswith("index "):
        raise _error("il manque la ligne index", "the index line is missing")
    try:
        index = parse_number(lines.pop(0).removeprefix("index "))
    except ValueError as error:
        raise _error(
            "l'index n'est pas un nombre décimal sans zéro initial",
            "the index is not a decimal number without leading zero",
        ) from error
    # 4. The inclusion proof.
    if len(lines) > MAX_PROOF_HASHES:
        raise _error(
            f"la preuve a plus de {MAX_PROOF_HASHES} empreintes", f"the proof has over {MAX_PROOF_HASHES} hashes"
        )
    try:
        hashes = tuple(map(parse_hash, lines))
    except ValueError as error:
        raise _error(
            "une empreinte n'est pas le base64 canonique de 32 octets",
            "a hash is not canonical base64 of 32 bytes",
        ) from error
    # 5. The empty line and the checkpoint, verbatim.
    return TlogProof(index, hashes, checkpoint, extra)


def render_tlog_proof(proof: TlogProof) -> bytes:
    """Return the file of a proof, such that parsing it gives the proof back. Its name ends in `.tlog-proof`.

    Raises:
        TlogProofError: It could not be read back, for instance because a hash is not 32 bytes long.
    """
    data = encode_tlog_proof(proof)
    if parse_tlog_proof(data) != proof:
        raise _error("la preuve ne se relirait pas", "the proof would not read back")
    return data


def encode_tlog_proof(proof: TlogProof) -> bytes:
    """Return the file of a proof that was made here, so that it need not be read back."""
    lines = [
        _HEADER,
        *([] if proof.extra is None else [f"extra {render_base64(proof.extra)}"]),
        f"index {proof.index}",
        *map(render_base64, proof.hashes),
    ]
    return "\n".join(lines).encode("ascii") + b"\n\n" + proof.checkpoint


def verify_tlog_proof(
    proof: TlogProof, leaf_hash: bytes, policy: WitnessPolicy, *, origin: str | None = None
) -> OpenedCheckpoint:
    """Check that a log of the policy committed to a leaf under a quorum of witnesses, and return its checkpoint.

    Args:
        proof: The proof, possibly from someone who lies.
        leaf_hash: Leaf hash of the entry that the caller holds, 32 bytes.
        policy: Whom to believe.
        origin: The log it must be of; any log of the policy if None.

    Raises:
        NoteError: Its checkpoint is not a signed note.
        CheckpointError: The text of the note is no checkpoint.
        SignatureError: A signature of a known key is false, or no log of the policy signed under its origin.
        QuorumError: Not enough witnesses cosigned.
        InclusionError: The leaf is not at that index of that tree.

    Source: c2sp.org/tlog-proof, "Verifying a tlog proof".
    """
    # 1. The leaf hash is the caller's. 2 and 3. The log's signature, then every cosignature of a known witness.
    opened = verify_checkpoint(proof.checkpoint, policy, origin=origin)
    # 4. The inclusion proof binds the leaf to the signed root.
    verify_inclusion(
        leaf_hash,
        leaf_index=proof.index,
        tree_size=opened.checkpoint.size,
        proof=proof.hashes,
        root_hash=opened.checkpoint.root,
    )
    return opened


def _parse_extra(line: str) -> bytes:
    try:
        extra = parse_base64(line.removeprefix("extra "))
    except ValueError as error:
        raise _error(
            "la ligne extra n'est pas du base64 canonique", "the extra line is not canonical base64"
        ) from error
    if not extra:
        raise _error("la ligne extra est vide : omettez-la", "the extra line is empty: leave it out")
    return extra


def _error(fr: str, en: str) -> TlogProofError:
    return TlogProofError(Bilingual(fr, en))
