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
        self._seen: tuple[int, int, int] | None = None
        self._by_digest: dict[str, Principal] = {}

    def principal_of(self, key: str) -> Principal | None:
        """Return who holds a key, or None.

        Raises:
            StorageError: The file cannot be read.
        """
        # A known key is checked against the file too: a key withdrawn there is refused from then on.
        stamp = self._stamp()
        if stamp != self._seen:
            self._load(stamp)
        return self._by_digest.get(_digest_of(key))

    def names(self) -> list[str]:
        """Return the names of all keys."""
        return [key.name for key in self._read().keys]

    def create(self, name: str, *, role: str = "agent") -> str:
        """Create a key and return it; it is stored nowhere else.

        Raises:
            ConfigurationError: The name is taken, or is no name.
            StorageError: The file cannot be read or written.
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
            file.keys.append(_Key(name=name, sha256=_digest_of(key), role=role))
            self._write(file)
        return key

    def kept(self, name: str, path: Path) -> str:
        """Return the key of this name that a file of its own keeps, created at first; its owner alone can read it.

        A key that the key ring does not know, or whose file was lost, is replaced.

        Raises:
            StorageError: A file cannot be read or written.
        """
        with self._locked():
            file = self._read()
            try:
                key = path.read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                key = ""
            except (OSError, UnicodeDecodeError) as error:
                raise self._unreadable(path) from error
            if any(known.name == name and known.sha256 == _digest_of(key) for known in file.keys):
                return key
            key = PREFIX + secrets.token_urlsafe(32)
            file.keys = [known for known in file.keys if known.name != name]
            file.keys.append(_Key(name=name, sha256=_digest_of(key)))
            # A crash between the two leaves a key that nobody holds; it is replaced the next time.
            self._write(file)
            self._write_text(key + "\n", path)
        return key

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(self._path) from error
        return (status.st_mtime_ns, status.st_ino, status.st_size)

    def _load(self, stamp: tuple[int, int, int] | None) -> None:
        file = self._read()
        self._by_digest = {key.sha256: Principal(name=key.name, role=key.role) for key in file.keys}
        self._seen = stamp

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._unreadable(self._path) from error

    def _write(self, file: _File) -> None:
        self._write_text(msgspec.json.format(msgspec.json.encode(file), indent=1).decode() + "\n", self._path)

    def _write_text(self, text: str, path: Path) -> None:
        fresh = path.with_suffix(".new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(path)
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

    @staticmethod
    def _unreadable(path: Path) -> StorageError:
        return StorageError(
            Bilingual(f"Le fichier de clés {path.name} est illisible.", f"The key file {path.name} is unreadable."),
            Bilingual(
                "Rétablissez-le depuis une sauvegarde, ou supprimez-le et créez de nouvelles clés.",
                "Restore it from a backup, or delete it and create new keys.",
            ),
        )

    def _unwritable(self) -> StorageError:
        return StorageError(
            Bilingual(
                f"Impossible d'écrire le fichier de clés dans {self._path.parent}.",
                f"The key file cannot be written in {self._path.parent}.",
            ),
            Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
        )


def _digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
