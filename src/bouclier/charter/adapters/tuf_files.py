"""Files of a repository: there whole or not at all, and durable when a call returns."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLIC: Final = 0o644
PRIVATE: Final = 0o600
_HINT: Final = Bilingual(
    "Vérifiez le chemin, les droits et la place sur le disque.", "Check the path, the permissions and the disk's space."
)


def read_file(path: Path) -> bytes | None:
    """Return what a file holds, or None when there is none.

    Raises:
        StorageError: It is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refused(path, error, fr="illisible", en="cannot be read") from error


def write_file(path: Path, data: bytes, *, mode: int = PUBLIC) -> None:
    """Put a file in place of whatever was there before.

    What it holds is durable when this returns; that it is there, once its folder is settled.

    Raises:
        StorageError: It cannot be written; what was there before still is.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A crash before the rename leaves this file, which nobody reads, and whatever was there before.
        _write_through(beside, data, mode)
        beside.replace(path)
    except OSError as error:
        raise _refused(path, error, fr="ne peut être écrit", en="cannot be written") from error
    finally:
        with suppress(OSError):
            beside.unlink()


def write_new_file(path: Path, data: bytes, *, mode: int = PUBLIC) -> None:
    """Write a file that was not there, whole; never replace one.

    Raises:
        StorageError: It is there already, or cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise FileExistsError(17, "File exists", str(path))  # noqa: TRY301 - one place says it
        _write_through(beside, data, mode)
        beside.rename(path)
        settle(path.parent)
    except FileExistsError as error:
        raise StorageError(
            Bilingual(f"{path} existe déjà.", f"{path} exists already."),
            Bilingual(
                "Rien n'est remplacé : choisissez un autre dossier.", "Nothing is replaced: choose another folder."
            ),
            param=str(path),
        ) from error
    except OSError as error:
        raise _refused(path, error, fr="ne peut être écrit", en="cannot be written") from error
    finally:
        with suppress(OSError):
            beside.unlink()


def settle(*folders: Path) -> None:
    """Make durable that the files of some folders are there, and are what was put in place last.

    Raises:
        StorageError: A folder cannot be synchronised.
    """
    for folder in folders:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _refused(folder, error, fr="ne peut être synchronisé", en="cannot be synchronised") from error


def remove_file(path: Path) -> None:
    """Make sure a file is not there.

    Raises:
        StorageError: It is, and cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error, fr="ne peut être retiré", en="cannot be removed") from error


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Have a folder for oneself while the block lasts; wait for whoever has it.

    Raises:
        StorageError: It cannot be made or locked.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PUBLIC)
    except OSError as error:
        raise _refused(folder, error, fr="ne peut être verrouillé", en="cannot be locked") from error
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        # Closing unlocks, as does the end of the process.
        os.close(descriptor)


def names_in(folder: Path) -> list[str]:
    """Return the names of the files of a folder, sorted; none when there is no folder.

    Raises:
        StorageError: The folder cannot be read.
    """
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _refused(folder, error, fr="illisible", en="cannot be read") from error


def _write_through(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, so that the mode holds from the first byte
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _refused(path: Path, error: OSError, *, fr: str, en: str) -> StorageError:
    reason = error.strerror or type(error).__name__
    return StorageError(Bilingual(f"{path} {fr} ({reason}).", f"{path} {en} ({reason})."), _HINT, param=str(path))
