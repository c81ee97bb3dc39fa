"""Keys that shares are sealed to: an authority's, or the one-time key of an opening's session.

A key is the pair of an ML-KEM-768 key and an X25519 key, used with HPKE (RFC 9180) as `MLKEM768_X25519`, HKDF-SHA-256,
ChaCha20-Poly1305: what is sealed stays sealed as long as one of the two holds. Texts are one line, with an id that
commits to role, name and key, so that a slip or a swap is noticed:

    bouclier-sealed/v1 <role>-public <name> <key id> <Base64 of 1,216 bytes>
    bouclier-sealed/v1 <role>-private <name> <key id> <Base64 of 96 bytes and their checksum>

The seed of a new key is an argument. HPKE draws the randomness of each sealing itself, from the operating system: the
library offers no other way. `specs/sealed-record-v1.md` is the specification.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from bouclier.oversight.entries_model import PURPOSE_PATTERN
from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.terms.errors import Bilingual

FORMAT: Final = "bouclier-sealed/v1"
SEED_BYTES: Final = 96
PUBLIC_BYTES: Final = 1216
KEY_ID_DIGITS: Final = 32
_CHECKSUM_BYTES: Final = 8
# What sealing adds: the two encapsulations (1,088 and 32 bytes) and the tag.
OVERHEAD_BYTES: Final = 1136
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_MAX_TEXT: Final = 4096

Role = Literal["authority", "session"]


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The public half: whoever has it can seal, and nothing more.

    Attributes:
        role: Whose it is.
        name: Id of the institution that holds the private half.
        raw: ML-KEM-768 encapsulation key, then X25519 public key; 1,216 bytes.
    """

    role: Role
    name: str
    raw: bytes

    @property
    def key_id(self) -> str:
        """First 16 bytes of a SHA-256 over role, name and key, in hexadecimal."""
        head = f"{FORMAT} {self.role}-public {self.name}\n".encode()
        return sha256(head + self.raw).hexdigest()[:KEY_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The private half.

    Attributes:
        role: Whose it is.
        name: Id of the institution that holds it.
        seed: ML-KEM-768 seed (64 bytes), then X25519 private key; 96 random bytes.
    """

    role: Role
    name: str
    seed: bytes = field(repr=False)

    @property
    def public(self) -> SealingKey:
        """The public half."""
        mlkem, x25519 = _halves(self.seed)
        raw = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return SealingKey(self.role, self.name, raw)


def new_key(role: Role, name: str, seed: bytes) -> OpeningKey:
    """Return a key made of a fresh seed of 96 random bytes.

    Raises:
        SealKeyError: The name is not one, or the seed has another length.
    """
    _check_name(name)
    if len(seed) != SEED_BYTES:
        raise _wrong("la graine n'a pas la bonne longueur", "the seed has the wrong length")
    return OpeningKey(role, name, seed)


def sealing_key(role: Role, name: str, raw: bytes) -> SealingKey:
    """Return the public key these bytes are.

    Raises:
        SealKeyError: The name or the bytes are not those of a key that can be sealed to.
    """
    _check_name(name)
    if len(raw) != PUBLIC_BYTES:
        raise _wrong("la clé n'a pas la bonne longueur", "the key has the wrong length")
    try:
        # FIPS 203 §7.2: the encapsulation key is checked on reading.
        MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES])
        # RFC 7748 §6.1: a point of small order would make that half of every sealing public.
        X25519PrivateKey.from_private_bytes(b"\x01" * 32).exchange(
            X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:])
        )
    except ValueError:
        raise _wrong("ces octets ne sont pas une clé publique", "these bytes are not a public key") from None
    except UnsupportedAlgorithm as error:
        raise _unsupported() from error
    return SealingKey(role, name, raw)


def render_sealing_key(key: SealingKey) -> str:
    """Return the text of a public key, one line."""
    return _render(f"{key.role}-public", key.name, key.key_id, key.raw)


def render_opening_key(key: OpeningKey) -> str:
    """Return the text of a private key, one line: for a file only its holder can read."""
    return _render(f"{key.role}-private", key.name, key.public.key_id, key.seed + _checksum(key.seed))


def parse_sealing_key(text: str, role: Role) -> SealingKey:
    """Return the public key this text is, if it spells it the one way.

    Raises:
        SealKeyError: It is not a public key of this role.
    """
    name, key_id, raw = _parse(text, f"{role}-public")
    key = sealing_key(role, name, raw)
    if key.key_id != key_id:
        raise _altered()
    return key


def parse_opening_key(text: str, role: Role) -> OpeningKey:
    """Return the private key this text is, if it spells it the one way.

    Raises:
        SealKeyError: It is not a private key of this role.
    """
    name, key_id, raw = _parse(text, f"{role}-private")
    key = new_key(role, name, raw[:SEED_BYTES])
    # The id does not see every bit of a seed: X25519 leaves five out, ML-KEM keeps 32 bytes for failures.
    if key.public.key_id != key_id or raw[SEED_BYTES:] != _checksum(key.seed):
        raise _altered()
    return key


def seal_to(key: SealingKey, data: bytes, *, info: bytes) -> bytes:
    """Return bytes that only the holder of the private half can open, for the purpose `info` says.

    Source: RFC 9180 §6.1, base mode, single shot.
    """
    mlkem = MLKEM768PublicKey.from_public_bytes(key.raw[:_MLKEM_PUBLIC_BYTES])
    x25519 = X25519PublicKey.from_public_bytes(key.raw[_MLKEM_PUBLIC_BYTES:])
    return _suite().encrypt(data, MLKEM768X25519PublicKey(mlkem, x25519), info=info)


def unseal(key: OpeningKey, sealed: bytes, *, info: bytes) -> bytes:
    """Return what was sealed to this key for this purpose.

    Raises:
        SealError: It was sealed to another key, for another purpose, or altered.
    """
    try:
        return _suite().decrypt(sealed, MLKEM768X25519PrivateKey(*_halves(key.seed)), info=info)
    except (InvalidTag, ValueError):
        raise SealError(
            Bilingual(
                f"ce qui est scellé ne s'ouvre pas avec la clé {key.public.key_id} de {key.name}",
                f"what is sealed does not open with the key {key.public.key_id} of {key.name}",
            )
        ) from None


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    try:
        mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED_BYTES])
    except UnsupportedAlgorithm as error:
        raise _unsupported() from error
    return mlkem, X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED_BYTES:])


def _render(kind: str, name: str, key_id: str, raw: bytes) -> str:
    return f"{FORMAT} {kind} {name} {key_id} {b2a_base64(raw, newline=False).decode()}\n"


def _parse(text: str, kind: str) -> tuple[str, str, bytes]:
    words = text.removesuffix("\n").split(" ") if len(text) <= _MAX_TEXT else []
    if len(words) != len(("format", "kind", "name", "id", "key")) or words[:2] != [FORMAT, kind]:
        raise _wrong(f"ce n'est pas une clé « {kind} »", f"this is not a `{kind}` key")
    _, _, name, key_id, encoded = words
    try:
        raw = a2b_base64(encoded, strict_mode=True)
    except (Base64Error, ValueError):  # a ValueError for what is not ASCII
        raise _altered() from None
    if _render(kind, name, key_id, raw) != text:
        raise _altered()
    return name, key_id, raw


def _checksum(seed: bytes) -> bytes:
    return sha256(f"{FORMAT} checksum\n".encode() + seed).digest()[:_CHECKSUM_BYTES]


def _check_name(name: str) -> None:
    if not re.search(PURPOSE_PATTERN, name):
        raise SealKeyError(
            Bilingual("le nom du détenteur de la clé n'en est pas un", "the name of the key's holder is not one"),
            Bilingual(
                "1 à 64 lettres minuscules sans accent, chiffres ou tirets, tel « cour-d-appel ».",
                "1 to 64 lower-case letters, digits or hyphens, such as `court-of-appeal`.",
            ),
            param="name",
        )


def _altered() -> SealKeyError:
    return _wrong("le texte de la clé est altéré", "the text of the key is altered")


def _wrong(french: str, english: str) -> SealKeyError:
    return SealKeyError(Bilingual(french, english))


def _unsupported() -> SealKeyError:
    return SealKeyError(
        Bilingual("la bibliothèque cryptography n'a pas ML-KEM ici", "the cryptography library lacks ML-KEM here"),
        Bilingual("Installez sa roue officielle, version 50.", "Install its official wheel, version 50."),
    )
