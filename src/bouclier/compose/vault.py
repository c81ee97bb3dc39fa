"""The vault: what leads from pseudonyms back to people, encrypted with age for whoever holds the identity.

A file of the age format (https://age-encryption.org/v1). Inside, JSON: the key, the pseudonyms, and for each file
written, by the SHA-256 of what was written, the few places where spelling a value again would not give back
what was there, and how it is encoded where that was said. It is written whole, beside its place, and then takes it: it
is never half a vault.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.compose.documents.failures import failure, missing_extra, unreadable
from bouclier.compose.replacing import Kept, Pseudonyms
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FORMAT = "bouclier-vault-1"
_MOST_KEY_BYTES = 100_000


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    key: str
    originals: dict[str, str]
    files: dict[str, list[Kept]]
    encodings: dict[str, str] = {}


class Vault:
    """The content of a vault, in memory.

    Attributes:
        pseudonyms: The pseudonyms.
        kept: For each file written, by the SHA-256 of its bytes, what was written where a value is spelled otherwise.
        encodings: For each, how it is encoded, if that was said.
    """

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        kept: Mapping[str, list[Kept]] | None = None,
        encodings: Mapping[str, str] | None = None,
    ) -> None:
        self.pseudonyms = pseudonyms
        self.kept = dict(kept or {})
        self.encodings = dict(encodings or {})

    def sealed(self, recipients: Sequence[Any]) -> bytes:
        """Return the file's bytes."""
        content = _Content(_FORMAT, self.pseudonyms.key.hex(), self.pseudonyms.originals, self.kept, self.encodings)
        return bytes(_age().encrypt(msgspec.json.encode(content), list(recipients)))


def open_vault(path: Path, identity: Path) -> Vault:
    """Return the content of a vault.

    Raises:
        RequestError: It cannot be read, is no vault, or this identity does not open it.
        ConfigurationError: The library is not installed.
    """
    age = _age()
    identities = read_identities(identity)
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise unreadable(str(path)) from error
    try:
        opened = age.decrypt(sealed, identities)
    except age.DecryptError as error:
        raise failure(
            str(path),
            Bilingual("ne s'ouvre pas avec cette identité.", "does not open with this identity."),
            Bilingual(
                "Donnez le fichier de clé privée du destinataire ; vérifiez que le coffre est entier.",
                "Give the private key file of the recipient; check that the vault is whole.",
            ),
        ) from error
    try:
        content = msgspec.json.decode(opened, type=_Content)
        key = bytes.fromhex(content.key)
    except (msgspec.DecodeError, ValueError):
        raise _no_vault(path) from None  # what it says may quote what it read
    if content.format != _FORMAT:
        raise _no_vault(path)
    return Vault(Pseudonyms(key, content.originals), content.files, content.encodings)


def read_recipients(given: Sequence[str]) -> list[Any]:
    """Return recipients: `age1…` or `ssh-…` public keys.

    Raises:
        RequestError: One is no public key.
        ConfigurationError: The library is not installed.
    """
    age = _age()
    read = []
    for number, text in enumerate(given, start=1):
        kind = age.ssh if text.startswith("ssh-") else age.x25519
        try:
            read.append(kind.Recipient.from_str(text.strip()))
        except age.RecipientError as error:
            raise RequestError(
                Bilingual(
                    f"--recipient no {number} n'est pas une clé publique age.",
                    f"--recipient number {number} is no age public key.",
                ),
                Bilingual("Elle commence par « age1 » ou « ssh- ».", "It begins with `age1` or `ssh-`."),
                param="--recipient",
            ) from error
    return read


def read_identities(path: Path) -> list[Any]:
    """Return the private keys of an age identity file, or of an OpenSSH key file.

    Raises:
        RequestError: It cannot be read or holds no private key.
        ConfigurationError: The library is not installed.
    """
    age = _age()
    try:
        data = path.read_bytes()[:_MOST_KEY_BYTES]
        lines = [line.strip() for line in data.decode("utf-8").splitlines()]
        if any(line.startswith("-----BEGIN") for line in lines):
            return [age.ssh.Identity.from_buffer(data)]
        identities = [age.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise unreadable(str(path)) from error
    except (age.IdentityError, UnicodeDecodeError):
        raise _no_identity(path) from None
    if not identities:
        raise _no_identity(path)
    return identities


def recipients_of(identity: Path) -> list[Any]:
    """Return the public keys of an identity file.

    Raises:
        RequestError: It cannot be read or holds no private key.
    """
    recipients = [one.to_public() for one in read_identities(identity) if hasattr(one, "to_public")]
    if not recipients:
        raise failure(
            str(identity),
            Bilingual("ne dit pas sa clé publique.", "does not tell its public key."),
            Bilingual("Ajoutez « --recipient ».", "Add `--recipient`."),
        )
    return recipients


class NewIdentity:
    """A private key that is written only once there is something to open.

    Attributes:
        path: Where it is to be written.
        recipient: Its public key.
    """

    def __init__(self, path: Path) -> None:
        """Draw a key.

        Raises:
            RequestError: There is a file already, or its folder cannot be written.
            ConfigurationError: The library is not installed.
        """
        if path.exists() or path.is_symlink():
            raise _existing_identity(path)
        if not os.access(path.parent, os.W_OK):
            raise unreadable(str(path))
        identity = _age().x25519.Identity.generate()
        self.path = path
        self.recipient = identity.to_public()
        self._text = f"# public key: {self.recipient}\n{identity}\n"

    def write(self) -> None:
        """Write it, readable by its owner only.

        Raises:
            RequestError: There is a file by now, or it cannot be written.
        """
        try:
            with os.fdopen(
                os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
            ) as file:
                file.write(self._text)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise _existing_identity(self.path) from error
        except OSError as error:
            raise unreadable(str(self.path)) from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _age() -> Any:  # noqa: ANN401 -- the library has no types
    try:
        import pyrage  # noqa: PLC0415 -- an optional library
    except ImportError as error:
        raise missing_extra("pyrage", "bulk") from error
    return pyrage


def _no_vault(path: Path) -> RequestError:
    return failure(
        str(path),
        Bilingual("n'est pas un coffre de Bouclier.", "is no vault of Bouclier."),
        Bilingual("Donnez le fichier écrit avec « --vault ».", "Give the file written with `--vault`."),
    )


def _no_identity(path: Path) -> RequestError:
    return failure(
        str(path),
        Bilingual("n'est pas un fichier d'identité age.", "is no age identity file."),
        Bilingual("Il contient une ligne AGE-SECRET-KEY-1….", "It holds a line AGE-SECRET-KEY-1…."),
    )


def _existing_identity(path: Path) -> RequestError:
    return failure(
        str(path),
        Bilingual("existe déjà : une clé ne remplace rien.", "is there already: a key replaces nothing."),
        Bilingual(
            "Pour vous en servir, donnez « --identity » au lieu de « --create-identity » ; sinon, un autre nom.",
            "To use it, give `--identity` in place of `--create-identity`; otherwise, another name.",
        ),
    )


def check_vault_place(vault: Path, source: Path, out: Path) -> None:
    """Check that a vault can be written, and is neither in what is read nor in what is written.

    Raises:
        RequestError: It is, or its folder cannot be written.
    """
    if _is_in(vault, (source, out)):
        raise failure(
            str(vault),
            Bilingual("est dans ce qui est lu ou écrit.", "is in what is read or written."),
            Bilingual("Gardez le coffre ailleurs.", "Keep the vault elsewhere."),
        )
    if vault.is_dir() or not os.access(vault.parent, os.W_OK):
        raise unreadable(str(vault))


def check_identity_place(identity: Path, vault: Path, source: Path, out: Path) -> None:
    """Check that a key is neither the vault, nor in what is read or written.

    Raises:
        RequestError: It is.
    """
    if _is_in(identity, (source, out, vault)):
        raise failure(
            str(identity),
            Bilingual("est dans ce qui est lu ou écrit.", "is in what is read or written."),
            Bilingual("Gardez la clé ailleurs.", "Keep the key elsewhere."),
        )


def _is_in(path: Path, places: Sequence[Path]) -> bool:
    resolved = path.resolve()
    return any(place == resolved or place in resolved.parents for place in (place.resolve() for place in places))
