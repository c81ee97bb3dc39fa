"""API keys in one JSON file: names and SHA-256 of keys, never a key.

A key is 32 random bytes, so a plain hash of it cannot be guessed back. Keys created by another process are seen at
once: an unknown key makes the file be looked at again if it changed. Writing is atomic (new file, fsync, rename) under
a lock, so that two `bouclier keys create` do not lose one another's key.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError
from bouclier.terms.law import Principal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "bcl_"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class _Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    sha256: str
    role: str = "agent"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[_Key] = []


class KeyFile:
    """A key ring over `keys.json`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._by_digest: dict[str, Principal] = {}

    def principal_of(self, key: str) -> Principal | None:
        """Return who holds a key, or None.

        Raises:
            StorageError: The file cannot be read.
        """
        digest = hashlib.sha256(key.encode()).hexdigest()
        found = self._by_digest.get(digest)
        # A known key is checked against the file too: a key withdrawn there is refused from then on.
        if self._changed():
            self._load()
            found = self._by_digest.get(digest)
        return found

    def names(self) -> list[str]:
        """Return the names of all keys."""
        return [key.name for key in self._read().keys]

    def create(self, name: str, *, role: str = "agent") -> str:
        """Create a key and return it; it is stored nowhere else.

        Raises:
            ConfigurationError: The name is taken, or is no name.
            StorageError: The file cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                Bilingual("Nom de clé incorrect.", "Not a key name."),
                Bilingual(
                    "1 à 64 lettres sans accent, chiffres, points, tirets, soulignés ou @.",
                    "1 to 64 unaccented letters, digits, dots, dashes, underscores or @.",
                ),
                param="NAME",
            )
        key = PREFIX + secrets.token_urlsafe(32)
        with self._locked():
            file = self._read()
            if any(known.name == name for known in file.keys):
                raise ConfigurationError(
                    Bilingual(f"Une clé nommée « {name} » existe déjà.", f'A key named "{name}" exists already.'),
                    Bilingual("Choisissez un autre nom.", "Choose another name."),
                    param="NAME",
                )
            digest = hashlib.sha256(key.encode()).hexdigest()
            file.keys.append(_Key(name=name, sha256=digest, role=role))
            self._write(file)
        return key

    def _changed(self) -> bool:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return self._seen is not None
        return self._seen != (status.st_mtime_ns, status.st_ino)

    def _load(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._seen, self._by_digest = None, {}
            return
        file = self._read()
        self._by_digest = {key.sha256: Principal(name=key.name, role=key.role) for key in file.keys}
        self._seen = (status.st_mtime_ns, status.st_ino)

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError) as error:
            raise StorageError(
                Bilingual(
                    f"Le fichier de clés {self._path.name} est illisible.",
                    f"The key file {self._path.name} is unreadable.",
                ),
                Bilingual(
                    "Rétablissez-le depuis une sauvegarde, ou supprimez-le et créez de nouvelles clés.",
                    "Restore it from a backup, or delete it and create new keys.",
                ),
            ) from error

    def _write(self, file: _File) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n")
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise self._unwritable() from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable() from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _unwritable(self) -> StorageError:
        return StorageError(
            Bilingual(
                f"Impossible d'écrire le fichier de clés dans {self._path.parent}.",
                f"The key file cannot be written in {self._path.parent}.",
            ),
            Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
        )
