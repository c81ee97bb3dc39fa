"""Keys of those who sign a charter: a private file in PKCS#8 PEM, a public file that carries its holder's name.

The name is a field of the key in TUF's metadata, so that it is signed with it and "adopted by" is read from the
metadata alone. The key's id is computed without the name: one key under two names has one id, and counts once. Names
are lower-case ASCII, because two names that look the same to a reader must be the same.

Not done here: choosing who may sign what (`tuf_signing`).

Source: TUF specification 1.0.34 §4.2; RFC 5958 for the private file.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from bouclier.charter.adapters.tuf_errors import CharterKeyError
from bouclier.charter.adapters.tuf_files import PRIVATE, PUBLIC, read_file, write_new_file
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
    from securesystemslib.signer import Key

NAME_FIELD: Final = "x-bouclier-name"
MAX_NAME: Final = 64
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KINDS: Final = frozenset({("ed25519", "ed25519"), ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa", "ecdsa-sha2-nistp384")})
_MAX_KEY_BYTES: Final = 16_384


def is_name(text: str) -> bool:
    """Tell whether a text can name a party, an authority or an order."""
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None


def verify_name(text: str, param: str) -> None:
    """Check that a text is a name.

    Raises:
        CharterKeyError: It is not.
    """
    if not is_name(text):
        raise CharterKeyError(
            Bilingual(f"{param} : « {text[:80]} » n'est pas un nom.", f"{param}: “{text[:80]}” is not a name."),
            Bilingual(
                f"Minuscules sans accent, chiffres et tirets, {MAX_NAME} au plus : cour-d-appel.",
                f"Lower-case letters, digits and hyphens, at most {MAX_NAME}: court-of-appeal.",
            ),
            param=param,
        )


def name_of(key: Key) -> str:
    """Return the name a key carries; its id when it carries none."""
    name = key.unrecognized_fields.get(NAME_FIELD)
    return name if isinstance(name, str) and is_name(name) else key.keyid


def make_key(name: str, folder: Path) -> tuple[Path, Path, SSlibKey]:
    """Make an Ed25519 key in two files, `NAME.private` and `NAME.public`, and return both and the public key.

    Args:
        name: Who will hold it.
        folder: Made if missing.

    Raises:
        CharterKeyError: The name is not one.
        StorageError: A file is there already, or cannot be written.
    """
    verify_name(name, "NAME")
    private, public = folder / f"{name}.private", folder / f"{name}.public"
    made = CryptoSigner(Ed25519PrivateKey.generate())
    key = named(made.public_key, name)
    # A crash in between leaves a private key without its public file: nobody was ever given it.
    write_new_file(private, made.private_bytes, mode=PRIVATE)
    write_new_file(public, render_public_key(key), mode=PUBLIC)
    return private, public, key


def named(key: SSlibKey, name: str) -> SSlibKey:
    """Return the same key, carrying a name."""
    return SSlibKey(key.keyid, key.keytype, key.scheme, dict(key.keyval), {NAME_FIELD: name})


def render_public_key(key: SSlibKey) -> bytes:
    """Return the public file of a key: TUF's form, as one line of JSON with sorted keys."""
    return json.dumps(key.to_dict(), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def parse_public_key(text: bytes, param: str) -> SSlibKey:
    """Return the key of a public file.

    Raises:
        CharterKeyError: It is not one, or is not spelled as `render_public_key` spells it.
    """
    try:
        fields = json.loads(text)
        name = fields[NAME_FIELD]
        kind = (fields["keytype"], fields["scheme"])
        public = fields["keyval"]["public"]
        if kind not in _KINDS or not is_name(name):
            raise _not_a_key(param)
        key = named(SSlibKey.from_crypto(_decoded(kind[0], public), scheme=kind[1]), name)
    except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm, RecursionError) as error:
        raise _not_a_key(param) from error
    if render_public_key(key) != text:
        raise _not_a_key(param)
    return key


def read_public_key(path: Path) -> SSlibKey:
    """Return the key of a public file.

    Raises:
        CharterKeyError: There is none, or it is not one.
        StorageError: It cannot be read.
    """
    return parse_public_key(_read(path), str(path))


def read_signer(path: Path, secret: Callable[[str], str] | None = None) -> CryptoSigner:
    """Return what signs with a private file.

    Args:
        path: PKCS#8 PEM: Ed25519, or ECDSA on P-256 or P-384.
        secret: Asked for the passphrase when the file is encrypted; the argument says of what.

    Raises:
        CharterKeyError: It is no such file, or the passphrase is wrong.
        StorageError: It cannot be read.
    """
    pem = _read(path)
    passphrase: bytes | None = None
    if b"ENCRYPTED" in pem and secret is not None:
        passphrase = secret(str(path)).encode()
    try:
        private: PrivateKeyTypes = load_pem_private_key(pem, passphrase)
        signer = CryptoSigner(private)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CharterKeyError(
            Bilingual(f"{path} n'est pas une clé privée utilisable.", f"{path} is not a private key that can be used."),
            Bilingual(
                "Il faut un fichier PEM PKCS#8 (Ed25519, ECDSA P-256 ou P-384), et sa phrase de passe s'il en a une.",
                "A PKCS#8 PEM file is needed (Ed25519, ECDSA P-256 or P-384), with its passphrase if it has one.",
            ),
            param=str(path),
        ) from error
    if (signer.public_key.keytype, signer.public_key.scheme) not in _KINDS:
        raise _not_a_key(str(path))
    return signer


def verify_key(key: Key, param: str) -> None:
    """Check that a key of the metadata is named, of a kind we know, and has the id its content gives.

    A key under a made-up id could be listed, and counted, twice.

    Raises:
        CharterKeyError: It is not.
    """
    if not isinstance(key, SSlibKey) or parse_public_key(render_public_key(key), param).keyid != key.keyid:
        raise _not_a_key(param)


def _decoded(kind: str, public: str) -> PublicKeyTypes:
    if kind == "ed25519":
        return cast("PublicKeyTypes", Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    return load_pem_public_key(public.encode("ascii"))


def _read(path: Path) -> bytes:
    data = read_file(path)
    if data is None or len(data) > _MAX_KEY_BYTES:
        raise _not_a_key(str(path))
    return data


def _not_a_key(param: str) -> CharterKeyError:
    return CharterKeyError(
        Bilingual(f"{param} n'est pas une clé de charte.", f"{param} is not a key of a charter."), param=param
    )
