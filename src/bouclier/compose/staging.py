"""Write beside, then take the place: what is not whole never stands where a whole result is expected.

Everything is written in `.NAME.bouclier/` beside OUT, on the same file system, under a lock:

    lock      held while a run is alive
    new       what will be OUT
    journal   written just before the vault takes its place: its path and digest, if there was none before
    old       what was OUT, when it is replaced on purpose

Order: files are durable; the journal is; the vault takes its place; OUT takes its place; the folder goes. A crash
before the last rename leaves OUT as it was: the next run clears what is left and starts again. A crash between the two
leaves a vault without OUT: the journal says that it is of no use, and the next run takes it away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from bouclier.compose.documents.failures import failure, unreadable
from bouclier.compose.vault import digest_of
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from types import TracebackType


class _Journal(msgspec.Struct):
    vault: str
    sha256: str


class Staging:
    """A place to write until all is whole.

    Attributes:
        new: What will take the place of OUT.
    """

    def __init__(self, out: Path, *, force: bool) -> None:
        """Choose the place.

        Raises:
            RequestError: OUT is there already and may not be replaced, or its folder cannot be written.
        """
        self._out = out
        self._force = force
        self._folder = out.parent / f".{out.name}.bouclier"
        self._lock = -1
        self.new = self._folder / "new"

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise failure(
                str(self._out),
                Bilingual("est en cours d'écriture.", "is being written."),
                Bilingual("Attendez la fin de l'autre commande.", "Wait for the other command to end."),
            ) from error
        except OSError as error:
            raise unreadable(str(self._out)) from error
        try:
            self._recover()
            if not self._force and is_taken(self._out):
                raise already_there(self._out)
        except OSError as error:
            self._leave()
            raise unreadable(str(self._out)) from error
        except RequestError:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._recover()
        self._leave()

    def _leave(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)

    def target(self, relative: Path) -> Path:
        """Return where a file of the folder is to be written; its folders are there then.

        Two files that would have one name have two.

        Raises:
            OSError: A folder cannot be made.
        """
        path = self.new / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        while path.exists():
            path = path.with_name(f"{path.name}{path.suffix or '.txt'}")
        return path

    def publish(self, vault: Path | None = None, sealed: bytes = b"") -> None:
        """Have the vault, then the result, take their places.

        Raises:
            RequestError: The file system refuses; OUT is as it was.
        """
        try:
            if vault is not None:
                self._publish_vault(vault, sealed)
            old = self._folder / "old"
            if self._out.exists():
                self._out.rename(old)
            self.new.rename(self._out)
            sync_folder(self._out.parent)
        except OSError as error:
            self._recover()
            raise unreadable(str(self._out)) from error

    def _publish_vault(self, vault: Path, sealed: bytes) -> None:
        # Beside its place: the vault may be on another file system than OUT.
        beside = vault.parent / f".{vault.name}.bouclier"
        write_durably(beside, sealed)
        if not vault.exists():
            journal = _Journal(str(vault.resolve()), digest_of(beside))
            write_durably(self._folder / "journal", msgspec.json.encode(journal))
            sync_folder(self._folder)
        beside.rename(vault)
        sync_folder(vault.parent)

    def _recover(self) -> None:
        """Undo what a run that died left."""
        journal = self._folder / "journal"
        old = self._folder / "old"
        if old.exists() and not self._out.exists():
            old.rename(self._out)
        if journal.exists() and (self.new.exists() or not self._out.exists()):
            with suppress(msgspec.DecodeError, FileNotFoundError):
                left = msgspec.json.decode(journal.read_bytes(), type=_Journal)
                if digest_of(Path(left.vault)) == left.sha256:
                    Path(left.vault).unlink()
        for path in self._folder.iterdir():
            if path.name == "lock":
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def clear_left(out: Path) -> None:
    """Undo what a run that died left beside OUT, its vault included: before anybody asks whether a vault is there.

    Raises:
        RequestError: A run is alive there, or the folder cannot be written.
    """
    staging = Staging(out, force=True)
    if staging.new.parent.is_dir():
        with staging:
            pass


def is_taken(path: Path) -> bool:
    """Tell whether something stands there that is not an empty folder."""
    if path.is_dir():
        return any(path.iterdir())
    return path.exists() or path.is_symlink()


def already_there(path: Path) -> RequestError:
    """Return: we do not overwrite unless told to."""
    return failure(
        str(path),
        Bilingual("existe déjà.", "is there already."),
        Bilingual("Choisissez un autre nom, ou ajoutez « --force ».", "Choose another name, or add `--force`."),
    )


def write_durably(path: Path, data: bytes) -> None:
    """Write a file, readable by its owner only, and return once it is on the disk.

    Raises:
        OSError: It cannot be written.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk.

    Raises:
        OSError: It cannot be opened.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_files(path: Path) -> None:
    """Have a file, or a folder and all in it, on the disk.

    Raises:
        OSError: One cannot be opened.
    """
    if path.is_dir():
        for inner in path.iterdir():
            sync_files(inner)
    sync_folder(path)


def check_apart(source: Path, out: Path) -> None:
    """Check that neither path lies in the other.

    Raises:
        RequestError: They are one, or one is inside the other; or there is nothing to read.
    """
    if not source.exists():
        raise unreadable(str(source))
    here, there = source.resolve(), out.resolve()
    if here == there or there in here.parents or here in there.parents:
        raise failure(
            str(out),
            Bilingual("et ce qui est lu ne sont pas séparés.", "and what is read are not apart."),
            Bilingual("Écrivez ailleurs que dans ce qui est lu.", "Write somewhere else than in what is read."),
        )
