"""Signed notes and the text of verifier keys.

A note is a text, an empty line, and signature lines: `— <key name> <base64 of key id and signature>`. What is read here
is only well formed; nobody may act on the text before `signatures` says that a trusted key signed it.

Rules kept here:
1. A note is UTF-8 without control characters other than the newline; its last empty line ends the text.
2. Every line after it is a well-formed signature line, of known or unknown keys alike, at most `MAX_SIGNATURES`.
3. A key name is not empty and has neither Unicode spaces nor `+`.
4. The id of a key is computed from its name, type and bytes; a text which claims another is refused.

What is not done here: verifying (`signatures`), and what the text says (`checkpoint`).

Source: c2sp.org/signed-note@v1.0.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final, NamedTuple

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import KeyTextError, NoteError
from bouclier.tlog.spelling import has_controls, parse_base64, render_base64

MAX_SIGNATURES: Final = 100
"""Signature lines of a note; the specification asks verifiers to accept at least 16, and Go's stop at 100."""
MAX_NOTE_BYTES: Final = 1_000_000
"""Size of a note: room for a hundred signatures of ML-DSA-44 and a long text."""

KEY_ID_BYTES: Final = 4
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_MAX_COSIGNER_NAME_BYTES: Final = 255


class SignatureType(IntEnum):
    """How a key signs; the byte before the public key in a vkey."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


_PUBLIC_KEY_BYTES: Final = {
    SignatureType.ED25519: 32,
    SignatureType.COSIGNATURE: 32,
    SignatureType.ML_DSA_44: 1312,
}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under; valid once it exists.

    Attributes:
        name: Key name, as on signature lines; of a log, its origin.
        type: How it signs.
        public_key: 32 bytes for Ed25519, 1,312 for ML-DSA-44.
        key_id: Four bytes that stand for the key on signature lines; computed.

    Raises:
        KeyTextError: The name or the length of the key is not allowed.
    """

    name: str
    type: SignatureType
    public_key: bytes = field(repr=False)
    key_id: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise KeyTextError(_BAD_NAME)
        name = self.name.encode()
        if self.type is SignatureType.ML_DSA_44 and len(name) > _MAX_COSIGNER_NAME_BYTES:
            # The signed message gives the length of the name one byte (tlog-cosignature).
            raise KeyTextError(
                Bilingual("un nom de clé ML-DSA-44 dépasse 255 octets", "an ML-DSA-44 key name exceeds 255 bytes")
            )
        if len(self.public_key) != _PUBLIC_KEY_BYTES[self.type]:
            raise KeyTextError(
                Bilingual(
                    f"la clé publique de type {self.type} n'a pas {_PUBLIC_KEY_BYTES[self.type]} octets",
                    f"the public key of type {self.type} is not {_PUBLIC_KEY_BYTES[self.type]} bytes long",
                )
            )
        material = name + b"\n" + bytes([self.type]) + self.public_key
        object.__setattr__(self, "key_id", sha256(material).digest()[:KEY_ID_BYTES])


class NoteSignature(NamedTuple):
    """One signature line of a note, verified by nobody yet.

    Attributes:
        name: Key name.
        key_id: Four bytes.
        signature: The signature without the key id, at least one byte.
    """

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A text and its signature lines.

    Attributes:
        text: The signed text, with its final newline.
        signatures: One or more, in the order of the note.
    """

    text: str
    signatures: tuple[NoteSignature, ...]


def is_key_name(name: str) -> bool:
    """Tell whether a name may stand on a signature line: not empty, no Unicode space, no `+`, no control character."""
    return name.split() == [name] and "+" not in name and not has_controls(name)


def parse_vkey(text: str) -> VerifierKey:
    """Return the key of a vkey, `<name>+<8 hex digits of key id>+<base64 of type and public key>`.

    Only the first two `+` separate: base64 has its own.

    Raises:
        KeyTextError: It is not spelt this way, its type is unknown, or its key id is another key's.

    Source: c2sp.org/signed-note@v1.0.0, "Verifier keys".
    """
    name, key_id, material = split_key(text)
    key = VerifierKey(name, key_type(material), material[1:])
    if key.key_id.hex() != key_id:
        raise KeyTextError(WRONG_KEY_ID)
    return key


def render_vkey(key: VerifierKey) -> str:
    """Return the vkey of a key."""
    return f"{key.name}+{key.key_id.hex()}+{render_base64(bytes([key.type]) + key.public_key)}"


def split_key(text: str) -> tuple[str, str, bytes]:
    """Return the name, the key id in hexadecimal and the decoded bytes of a vkey, or of a private key after its prefix.

    Raises:
        KeyTextError: There are not three parts, or one is not spelt as it should be.
    """
    parts = text.split("+", 2)
    if len(parts) != len(("name", "key id", "material")) or _KEY_ID.fullmatch(parts[1]) is None:
        raise KeyTextError(
            Bilingual(
                "une clé s'écrit <nom>+<8 chiffres hexadécimaux minuscules>+<base64>",
                "a key is written <name>+<8 lowercase hexadecimal digits>+<base64>",
            )
        )
    try:
        material = parse_base64(parts[2])
    except ValueError as error:
        raise KeyTextError(
            Bilingual("la fin de la clé n'est pas du base64 canonique", "the end of the key is not canonical base64")
        ) from error
    return parts[0], parts[1], material


def key_type(material: bytes) -> SignatureType:
    """Return the type that begins the decoded bytes of a key.

    Raises:
        KeyTextError: There is none, or it is none of `SignatureType`.
    """
    if not material or material[0] not in _PUBLIC_KEY_BYTES:
        raise KeyTextError(
            Bilingual(
                "le type de la clé n'est ni 01 (Ed25519), ni 04 (cosignature Ed25519), ni 06 (ML-DSA-44)",
                "the type of the key is none of 01 (Ed25519), 04 (Ed25519 cosignature), 06 (ML-DSA-44)",
            )
        )
    return SignatureType(material[0])


def parse_note(data: bytes) -> Note:
    """Return a note from its bytes; none of its signatures is verified yet.

    Raises:
        NoteError: It is larger than `MAX_NOTE_BYTES`, not UTF-8, has control characters, no text, no signature or
            more than `MAX_SIGNATURES`, or a line after the last empty line is no signature line.

    Source: c2sp.org/signed-note@v1.0.0, "Format".
    """
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(
            Bilingual(f"la note dépasse {MAX_NOTE_BYTES} octets", f"the note exceeds {MAX_NOTE_BYTES} bytes")
        )
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError(Bilingual("la note n'est pas en UTF-8", "the note is not UTF-8")) from error
    if has_controls(whole):
        raise NoteError(Bilingual("la note contient un caractère de contrôle", "the note contains a control character"))
    end = whole.rfind("\n\n")
    if end < 0:
        raise NoteError(
            Bilingual(
                "aucune ligne vide ne sépare le texte des signatures",
                "no empty line separates the text from the signatures",
            )
        )
    text, lines = whole[: end + 1], whole[end + 2 :].split("\n")
    # Every line ends in a newline, so what follows the last one is empty.
    if lines.pop() or not lines:
        raise NoteError(
            Bilingual("la note n'a pas de ligne de signature entière", "the note has no complete signature line")
        )
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(
            Bilingual(
                f"la note a plus de {MAX_SIGNATURES} signatures", f"the note has over {MAX_SIGNATURES} signatures"
            )
        )
    return Note(text, tuple(map(parse_signature_line, lines)))


def render_note(note: Note) -> bytes:
    """Return the bytes of a note, such that parsing them gives it back.

    Raises:
        NoteError: It could not be read back: the text does not end in a newline or has control characters, or there
            is no signature, too many, or one without a proper name or length.
    """
    data = encode_note(note)
    if parse_note(data) != note:
        raise NoteError(Bilingual("la note ne se relirait pas", "the note would not read back"))
    return data


def encode_note(note: Note) -> bytes:
    """Return the bytes of a note whose text and signatures were made here, so that they need not be read back.

    Raises:
        NoteError: It is not UTF-8, or a signature has no proper name or length.
    """
    lines = "".join(render_signature_line(signature) + "\n" for signature in note.signatures)
    try:
        return f"{note.text}\n{lines}".encode()
    except UnicodeEncodeError as error:
        raise NoteError(Bilingual("la note n'est pas en UTF-8", "the note is not UTF-8")) from error


def parse_signature_line(line: str) -> NoteSignature:
    """Return a signature from its line, without the newline.

    Raises:
        NoteError: It is not an em dash, a space, a key name, a space and canonical base64 of at least five bytes.
    """
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\u2014" or not is_key_name(name):
        raise NoteError(_BAD_SIGNATURE_LINE)
    try:
        data = parse_base64(encoded)
    except ValueError as error:
        raise NoteError(_BAD_SIGNATURE_LINE) from error
    if len(data) <= KEY_ID_BYTES:
        raise NoteError(_BAD_SIGNATURE_LINE)
    return NoteSignature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def render_signature_line(signature: NoteSignature) -> str:
    """Return the line of a signature, without the newline.

    Raises:
        NoteError: Its name or a length is not allowed, so that the line could not be read back.
    """
    name, key_id, rest = signature
    if not is_key_name(name) or len(key_id) != KEY_ID_BYTES or not rest:
        raise NoteError(_BAD_SIGNATURE_LINE)
    return f"\u2014 {name} {render_base64(key_id + rest)}"


_BAD_NAME: Final = Bilingual(
    "un nom de clé est vide ou contient une espace, un « + » ou un caractère de contrôle",
    "a key name is empty or contains a space, a '+' or a control character",
)
_BAD_SIGNATURE_LINE: Final = Bilingual(
    "une ligne de signature ne s'écrit pas « — <nom> <base64> »",
    "a signature line is not written '— <name> <base64>'",
)
WRONG_KEY_ID: Final = Bilingual(
    "l'identifiant écrit dans la clé n'est pas celui de son nom et de ses octets",
    "the key id written in the key is not that of its name and bytes",
)
