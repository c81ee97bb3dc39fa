"""Signing and verifying notes and checkpoints, with the three types of key.

    0x01  Ed25519                 over the text                                            logs
    0x04  Ed25519, timestamped    over `cosignature/v1`, the time and the text             witnesses
    0x06  ML-DSA-44, timestamped  over names, time, size and root in binary                logs and witnesses

Rules kept here, those of signed notes:
1. A signature line counts for the key whose name and key id it has; lines of other keys are ignored.
2. Every line of a known key must verify, or the whole note is refused, even if other lines verify.
3. A note that no known key signed is refused.

ML-DSA-44 does not sign extension lines, so a checkpoint that has some is neither signed nor verified with it: nobody
could tell who wrote them.

What is not done here: deciding which keys matter (`policy`), and the clock: a time in the future is for the caller.

Source: c2sp.org/signed-note@v1.0.0, c2sp.org/tlog-cosignature@v1.1.0-rc.1.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from bouclier.terms.errors import Bilingual
from bouclier.tlog.checkpoint import Checkpoint, parse_checkpoint, render_checkpoint
from bouclier.tlog.errors import SignatureError
from bouclier.tlog.hashing import EMPTY_ROOT
from bouclier.tlog.note import Note, NoteSignature, SignatureType, VerifierKey, parse_note
from bouclier.tlog.spelling import MAX_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.tlog.keys import SigningKey

_SUBTREE_LABEL: Final = b"subtree/v1\n\x00"
_TIME: Final = Struct(">Q")
_RANGE: Final = Struct(">QQ")
_SIGNATURE_BYTES: Final = {
    SignatureType.ED25519: 64,
    SignatureType.COSIGNATURE: _TIME.size + 64,
    SignatureType.ML_DSA_44: _TIME.size + 2420,
}


class OpenedNote(NamedTuple):
    """A note that a known key signed.

    Attributes:
        note: The note as it was read, with the signatures of unknown keys too.
        verified: The known keys that signed, with the time each one says, in seconds since 1970; None for Ed25519
            of type 0x01, which says none. Of several times by one key, the latest.
    """

    note: Note
    verified: Mapping[VerifierKey, int | None]


class OpenedCheckpoint(NamedTuple):
    """A checkpoint that a known key signed.

    Attributes:
        checkpoint: What was signed.
        note: The note as it was read, with the signatures of unknown keys too.
        verified: The known keys that signed, with the time each one says, in seconds since 1970; None for Ed25519
            of type 0x01, which says none. Of several times by one key, the latest.
    """

    checkpoint: Checkpoint
    note: Note
    verified: Mapping[VerifierKey, int | None]


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey, *, timestamp_s: int = 0) -> NoteSignature:
    """Return the signature line by which a key signs or cosigns a checkpoint.

    Ed25519 gives the same signature each time; ML-DSA-44 another one, for the library hedges it.

    Args:
        checkpoint: What is signed; the caller knows that it is consistent with all that this key signed before.
        key: Who signs.
        timestamp_s: Seconds since 1970. Type 0x01 has no place for it and ignores it; type 0x04 needs one; with
            type 0x06, 0 says nothing about time, and that this is the largest tree seen is not said either.

    Raises:
        SignatureError: The time is missing or out of range, or ML-DSA-44 cannot sign this checkpoint.
        CheckpointError: The checkpoint could not be read back.
    """
    public = key.verifier_key
    message = _message(public, render_checkpoint(checkpoint), checkpoint, timestamp_s)
    timestamp = b"" if key.type is SignatureType.ED25519 else _TIME.pack(timestamp_s)
    return NoteSignature(key.name, public.key_id, timestamp + key.private_key.sign(message))


def verify_signature(checkpoint: Checkpoint, signature: NoteSignature, key: VerifierKey) -> int | None:
    """Check that a signature line of a checkpoint is of this key, and return the time it says.

    Returns:
        Seconds since 1970 for types 0x04 and 0x06, None for 0x01. 0 for an ML-DSA-44 signature that says no time.

    Raises:
        SignatureError: It has another name or key id, a wrong length or time, or it does not verify.
    """
    return _verify(render_checkpoint(checkpoint), checkpoint, signature, key)


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> OpenedNote:
    """Return a note that at least one of these keys signed, and of which none of them disavows a line.

    Raises:
        NoteError: It is not a signed note.
        CheckpointError: One of these keys cosigned it, and its text is no checkpoint.
        SignatureError: A line of one of these keys does not verify, or there is none.

    Source: c2sp.org/signed-note@v1.0.0, "Signatures".
    """
    note = parse_note(data)
    return OpenedNote(note, _verify_lines(note, None, keys))


def open_checkpoint(data: bytes, keys: Iterable[VerifierKey]) -> OpenedCheckpoint:
    """Return a checkpoint that at least one of these keys signed, and of which none of them disavows a line.

    Raises:
        NoteError: It is not a signed note.
        CheckpointError: Its text is no checkpoint.
        SignatureError: A line of one of these keys does not verify, or there is none.

    Source: c2sp.org/signed-note@v1.0.0, "Signatures"; c2sp.org/tlog-checkpoint@v1.0.0.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    return OpenedCheckpoint(checkpoint, note, _verify_lines(note, checkpoint, keys))


def _verify_lines(
    note: Note, checkpoint: Checkpoint | None, keys: Iterable[VerifierKey]
) -> dict[VerifierKey, int | None]:
    """Return who signed a note; `checkpoint` is its text if that has been read."""
    known = _by_name_and_id(keys)
    verified: dict[VerifierKey, int | None] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        time = _verify(note.text, checkpoint, signature, key)
        verified[key] = time if time is None else max(time, verified.get(key) or 0)
    if not verified:
        raise SignatureError(
            Bilingual("aucune clé connue n'a signé cette note", "no known key signed this note"),
        )
    return verified


def _by_name_and_id(keys: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        # Four bytes are no strong hash: two keys of one name can be made to collide, and neither may speak for
        # the other.
        if known.setdefault((key.name, key.key_id), key) != key:
            raise SignatureError(
                Bilingual(
                    "deux clés connues ont le même nom et le même identifiant", "two known keys share name and id"
                )
            )
    return known


def _verify(text: str, checkpoint: Checkpoint | None, signature: NoteSignature, key: VerifierKey) -> int | None:
    """Check one line; `checkpoint` is the text, if it has been read."""
    if (signature.name, signature.key_id) != (key.name, key.key_id):
        raise SignatureError(
            Bilingual("la signature n'est pas de cette clé", "the signature is not of this key"),
        )
    if len(signature.signature) != _SIGNATURE_BYTES[key.type]:
        raise SignatureError(
            Bilingual(
                "une signature d'une clé connue n'a pas sa longueur", "a signature of a known key has a wrong length"
            )
        )
    timestamp_s: int | None = None
    bare = signature.signature
    if key.type is not SignatureType.ED25519:
        (timestamp_s,) = _TIME.unpack_from(bare)
        bare = bare[_TIME.size :]
    try:
        _public_key(key.type, key.public_key).verify(bare, _message(key, text, checkpoint, timestamp_s or 0))
    except InvalidSignature as error:
        raise SignatureError(
            Bilingual("une signature d'une clé connue est fausse", "a signature of a known key is false"),
        ) from error
    return timestamp_s


def _public_key(key_type: SignatureType, public_key: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    """Return a public key ready to verify; not kept, for reading one costs a tenth of a verification at the most."""
    if key_type is SignatureType.ML_DSA_44:
        return MLDSA44PublicKey.from_public_bytes(public_key)
    return Ed25519PublicKey.from_public_bytes(public_key)


def _message(key: VerifierKey, text: str, checkpoint: Checkpoint | None, timestamp_s: int) -> bytes:
    """Return the bytes that a key signs.

    Args:
        key: Whose signature it is.
        text: The text of the note.
        checkpoint: The same text, if it has been read; a text to cosign has to be one.
        timestamp_s: Seconds since 1970.
    """
    if key.type is SignatureType.ED25519:
        return text.encode()
    if checkpoint is None:
        checkpoint = parse_checkpoint(text)
    earliest = 1 if key.type is SignatureType.COSIGNATURE else 0
    if not earliest <= timestamp_s <= MAX_NUMBER:
        raise SignatureError(
            Bilingual(
                "l'heure d'une cosignature est absente ou hors limites",
                "the time of a cosignature is missing or out of range",
            )
        )
    if key.type is SignatureType.COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp_s}\n{text}".encode()
    return _subtree_message(key.name, checkpoint, timestamp_s)


def _subtree_message(cosigner: str, checkpoint: Checkpoint, timestamp_s: int) -> bytes:
    """Return the `cosigned_message` of a whole tree: a subtree from 0 to its size."""
    origin, size, root, extensions = checkpoint
    if extensions or (size == 0 and root != EMPTY_ROOT):
        raise SignatureError(
            Bilingual(
                "ML-DSA-44 ne signe ni lignes d'extension, ni arbre vide avec une autre racine que la sienne",
                "ML-DSA-44 signs neither extension lines nor an empty tree with another root than its own",
            )
        )
    name, log = cosigner.encode(), origin.encode()
    # Both lengths fit in a byte: `VerifierKey` and `parse_checkpoint` see to it.
    return b"".join(
        (
            _SUBTREE_LABEL,
            bytes([len(name)]),
            name,
            _TIME.pack(timestamp_s),
            bytes([len(log)]),
            log,
            _RANGE.pack(0, size),
            root,
        )
    )
