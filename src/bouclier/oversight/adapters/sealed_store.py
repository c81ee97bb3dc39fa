"""The folder of sealed records, by day of destruction.

    <folder>/<YYYY-MM-DD>/<exchange>.sealed   one record; see `sealing.record`
    <folder>/<YYYY-MM-DD>/<exchange>.new      one being written; what a crash leaves of it is no record

A record appears under its name whole or not at all, and so does its answer: both are written aside, synchronised, then
put in place, and the folder is synchronised before the call returns. `begin` never replaces a record. One process
writes an exchange; several may write to one folder.

What is due goes with its day's folder. Destroying is unlinking: blocks may stay on a disk until they are used again,
and backups have their own lives. That is why the content was encrypted from the start.

Everything here waits for the disk; an event loop calls it with `asyncio.to_thread`, as the `_async` forms do.
"""

from __future__ import annotations

import contextlib
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.adapters.log_folder import sync_folder, write_durably
from bouclier.oversight.sealing.errors import SealError
from bouclier.oversight.sealing.record import SealedRecord, parse_record, render_record
from bouclier.terms.errors import Bilingual, BouclierError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX: Final = ".sealed"
_NEW: Final = ".new"


class KeptRecord(NamedTuple):
    """A record of the folder, without its content.

    Attributes:
        path: Its file.
        exchange: Id of the exchange.
        due: Day from which it has to be destroyed.
        digest: As the log's decision entry cites it, hexadecimal.
        threshold: How many authorities open it together.
        authorities: Their names.
        answered: Whether it holds an answer.
    """

    path: Path
    exchange: str
    due: date
    digest: str
    threshold: int
    authorities: tuple[str, ...]
    answered: bool


class Destroyed(NamedTuple):
    """A record that is due for destruction, or was just destroyed.

    Attributes:
        exchange: Id of the exchange.
        digest: As the log's decision entry cites it, hexadecimal; None when the file was damaged.
        due: Day from which it had to be destroyed.
    """

    exchange: str
    digest: str | None
    due: date


class SealedStore:
    """Sealed records on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable_days: set[Path] = set()

    def begin(self, record: SealedRecord) -> str:
        """Make the record of a request durable, and return its digest, for the decision entry to cite.

        A crash before the decision entry leaves a record of an exchange that never left; it goes on its day.

        Raises:
            StorageError: It cannot be written, or the exchange has a record already; nothing may leave.
        """
        data, path = render_record(record), self._path(record)
        try:
            self._make_day(path.parent)
            new = _write_aside(path, data)
            try:
                # Linking, unlike renaming, refuses to replace. A crash after it leaves a second name, no second record.
                path.hardlink_to(new)
            finally:
                new.unlink()
            # A crash before this line may take the record away again: its digest was given to nobody yet.
            sync_folder(path.parent)
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return record.digest

    def add_answer(self, record: SealedRecord) -> None:
        """Make the answer of an exchange durable, in its record.

        A crash on the way leaves the record of the request alone, which opens as such.

        Args:
            record: The record with its answer; the store holds the same without.

        Raises:
            StorageError: It cannot be written, or the store holds no such record.
        """
        path = self._path(record)
        try:
            if parse_record(path.read_bytes()) != record._replace(answer=None):
                raise _not_the_same(path)
            # The request is written again with the answer: a rename is whole or is not, an append may be torn, and
            # nobody could tell a torn one from a forged one.
            _write_aside(path, render_record(record)).replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def records(self) -> Iterator[KeptRecord]:
        """Yield the records kept, by day and exchange.

        Raises:
            SealError: One is damaged, or is not where its header says it should be.
            StorageError: The folder cannot be read.
        """
        for day, folder in self._days():
            for path in self._files(folder):
                if path.suffix != SUFFIX:
                    continue
                record = read_record(path)
                header = record.header
                if header.due != day.isoformat() or header.exchange != path.stem:
                    raise SealError(
                        Bilingual(
                            f"{path} ne porte pas le nom ou le jour de son contenu",
                            f"{path} does not have the name or the day of its content",
                        )
                    )
                yield KeptRecord(
                    path=path,
                    exchange=header.exchange,
                    due=day,
                    digest=record.digest,
                    threshold=header.threshold,
                    authorities=tuple(holder.name for holder in header.authorities),
                    answered=record.answer is not None,
                )

    def find(self, exchange: str) -> Path:
        """Return the file of an exchange's record.

        Raises:
            StorageError: There is none, or the folder cannot be read.
        """
        for _, folder in self._days():
            path = folder / f"{exchange}{SUFFIX}"
            if path in self._files(folder):
                return path
        raise StorageError(
            Bilingual(
                f"aucun contenu scellé de cet échange dans {self._folder}",
                f"{self._folder} has no sealed content of this exchange",
            ),
            Bilingual(
                "Il n'a pas été demandé, ou a été détruit à sa date : bouclier sealed list.",
                "It was not asked for, or was destroyed on its day: bouclier sealed list.",
            ),
            param="exchange",
        )

    def due(self, today: date) -> list[Destroyed]:
        """Return the records that have to be destroyed, damaged ones included, without touching them.

        Raises:
            StorageError: The folder cannot be read.
        """
        return [
            Destroyed(path.stem, _digest_of(path), day)
            for day, folder in self._days()
            if day <= today
            for path in self._files(folder)
            if path.suffix == SUFFIX
        ]

    def destroy_due(self, today: date) -> list[Destroyed]:
        """Unlink every record that has to be destroyed, durably, and return which.

        Whoever records erasures does so from `due`, before: a crash in here leaves the rest due, and they are found
        again; what was unlinked already would otherwise be missing without a word.

        Args:
            today: Day (UTC).

        Raises:
            StorageError: Something cannot be removed; all else is, and what is left is still due.
        """
        destroyed = self.due(today)
        failure: StorageError | None = None
        for day, folder in self._days():
            if day <= today:
                try:
                    self._destroy(folder)
                except StorageError as error:
                    failure = error  # what cannot be removed keeps nothing else from being
        if failure is not None:
            raise failure
        return destroyed

    def _destroy(self, folder: Path) -> None:
        self._durable_days.discard(folder)
        try:
            for path in self._files(folder):
                path.unlink()
            # A crash before this line leaves an empty folder, taken away next time.
            folder.rmdir()
            sync_folder(self._folder)
        except OSError as error:
            raise _unusable(folder, error) from error

    def _path(self, record: SealedRecord) -> Path:
        return self._folder / record.header.due / f"{record.header.exchange}{SUFFIX}"

    def _make_day(self, day: Path) -> None:
        if day in self._durable_days:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        day.mkdir(mode=0o700, exist_ok=True)
        # A crash before these lines may take away a folder with its records: no digest of them was given out. That the
        # folder is there is not enough: another thread may have made it and not synchronised it yet.
        sync_folder(self._folder)
        sync_folder(self._folder.parent)
        self._durable_days.add(day)

    def _days(self) -> list[tuple[date, Path]]:
        """List the folders that are days; others are not ours."""
        try:
            if not self._folder.exists():
                return []
            names = sorted(path for path in self._folder.iterdir() if path.is_dir())
        except OSError as error:
            raise _unusable(self._folder, error) from error
        days = []
        for path in names:
            with contextlib.suppress(ValueError):
                if (day := date.fromisoformat(path.name)).isoformat() == path.name:
                    days.append((day, path))
        return days

    def _files(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.iterdir())
        except OSError as error:
            raise _unusable(folder, error) from error


def read_record(path: Path) -> SealedRecord:
    """Return the record a file holds.

    Raises:
        SealError: It is damaged.
        StorageError: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        return parse_record(data)
    except SealError as error:
        said = error.message
        raise SealError(Bilingual(f"{path} : {said.fr}", f"{path}: {said.en}"), error.hint, param=error.param) from None


def _digest_of(path: Path) -> str | None:
    try:
        return read_record(path).digest
    except BouclierError:
        return None


def _write_aside(path: Path, data: bytes) -> Path:
    new = path.with_suffix(_NEW)
    try:
        # A crash before this returns leaves a file no reader looks at.
        write_durably(new, data)
    except OSError:
        # A full disk: what was written of it gives its place back.
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    return new


def _not_the_same(path: Path) -> StorageError:
    return StorageError(
        Bilingual(f"{path} n'est pas la demande scellée au départ", f"{path} is not the request sealed at first"),
        Bilingual("Quelque chose d'autre écrit dans ce dossier.", "Something else writes to this folder."),
    )


def _unusable(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or type(error).__name__
    return StorageError(
        Bilingual(
            f"le contenu scellé ne peut être gardé ou lu dans {path} : {reason}",
            f"sealed content cannot be kept or read in {path}: {reason}",
        ),
        Bilingual(
            "Vérifiez que le disque n'est ni plein ni en lecture seule, et à qui est ce dossier.",
            "Check that the disk is neither full nor read-only, and whose the folder is.",
        ),
    )
