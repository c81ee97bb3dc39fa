"""Private keys that sign notes, and the text they are kept in.

The text is that of Go's note package, `PRIVATE+KEY+<name>+<key id>+<base64 of type and 32-byte seed>`, for all three
types of signature: an Ed25519 private key and an ML-DSA-44 one (FIPS 204) are both a seed of 32 bytes. The seed is
never shown: not by `repr`, not in an error.

What is not done here: drawing a seed, and reading or writing a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import KeyTextError
from bouclier.tlog.note import WRONG_KEY_ID, SignatureType, VerifierKey, key_type, split_key
from bouclier.tlog.spelling import render_base64

SEED_BYTES: Final = 32
_PREFIX: Final = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the name it signs under; valid once it exists.

    Attributes:
        name: Key name; of a log, its origin.
        type: How it signs.
        seed: 32 secret bytes.
        verifier_key: The public half; computed once.
        private_key: What signs, for the library; computed once.

    Raises:
        KeyTextError: The name is not allowed, or the seed is not 32 bytes long.
    """

    name: str
    type: SignatureType
    seed: bytes = field(repr=False)
    verifier_key: VerifierKey = field(init=False, repr=False, compare=False)
    private_key: Ed25519PrivateKey | MLDSA44PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise KeyTextError(
                Bilingual("la clé privée n'a pas 32 octets", "the private key is not 32 bytes long"),
            )
        private_key: Ed25519PrivateKey | MLDSA44PrivateKey
        if self.type is SignatureType.ML_DSA_44:
            private_key = MLDSA44PrivateKey.from_seed_bytes(self.seed)
        else:
            private_key = Ed25519PrivateKey.from_private_bytes(self.seed)
        public_key = private_key.public_key().public_bytes_raw()
        object.__setattr__(self, "private_key", private_key)
        object.__setattr__(self, "verifier_key", VerifierKey(self.name, self.type, public_key))


def parse_signing_key(text: str) -> SigningKey:
    """Return the private key of a text `PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>`.

    Raises:
        KeyTextError: It is not spelt this way, its type is unknown, or its key id is another key's.

    Source: golang.org/x/mod/sumdb/note, GenerateKey.
    """
    if not text.startswith(_PREFIX):
        raise KeyTextError(
            Bilingual("une clé privée commence par PRIVATE+KEY+", "a private key begins with PRIVATE+KEY+")
        )
    name, key_id, material = split_key(text.removeprefix(_PREFIX))
    key = SigningKey(name, key_type(material), material[1:])
    if key.verifier_key.key_id.hex() != key_id:
        raise KeyTextError(WRONG_KEY_ID)
    return key


def render_signing_key(key: SigningKey) -> str:
    """Return the text of a private key: a secret, to be written only to a file that its owner alone can read."""
    material = render_base64(bytes([key.type]) + key.seed)
    return f"{_PREFIX}{key.name}+{key.verifier_key.key_id.hex()}+{material}"
