"""What applications spent, in a SQLite file of the data folder: one gateway writes it.

The file holds names of keys and sums, nothing of an exchange. It is written ahead (WAL) without waiting for the disk
at each batch: what was kept outlives the process; if the machine loses power, the last batches may be lost, and the
log still has each exchange. A file that is damaged is an error, and never begun again in silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from bouclier.footprint.budgets import Account
from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

_T = TypeVar("_T")

_APPLICATION_ID: Final = 0x42434C46
"""`BCLF`: whose file it is, for SQLite and `file`."""
_VERSION: Final = 1
_BUSY_S: Final = 5.0
_ACCOUNTS: Final = (
    "CREATE TABLE accounts (period TEXT NOT NULL, application TEXT NOT NULL, ug INTEGER NOT NULL,"
    " PRIMARY KEY (period, application)) WITHOUT ROWID"
)
_SCHEMA: Final = (
    _ACCOUNTS,
    "CREATE TABLE batch (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL)",
    "INSERT INTO batch VALUES (1, 0)",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
_ADD: Final = (
    "INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (period, application) DO UPDATE SET ug = ug + excluded.ug"
)


class SqliteLedger:
    """A ledger in one file; a `Ledger`. Its methods wait in a thread of their own, never in the event loop."""

    def __init__(self, path: Path) -> None:
        """Take where it is, or will be: nothing is opened before `begin`."""
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._one_at_a_time = Lock()

    async def begin(self, oldest: str) -> None:
        """Open it, made if it is not there, and forget accounts before a period."""
        await self._run(lambda: self._begin(oldest))

    async def write(self, number: int, changes: Mapping[Account, int]) -> Mapping[Account, int]:
        """Add to accounts, all or none; return their totals."""
        return await self._run(lambda: self._write(number, changes))

    async def totals(self, periods: Collection[str]) -> Mapping[Account, int]:
        """Return the totals of all accounts of some periods."""
        return await self._run(lambda: self._totals(periods))

    async def close(self) -> None:
        """Close the file."""
        await self._run(self._close)

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _begin(self, oldest: str) -> None:
        if self._database is None:
            self._database = _opened(self._path)
        with _transaction(self._database) as database:
            database.execute("UPDATE batch SET number = 0")
            database.execute("DELETE FROM accounts WHERE period < ?", (oldest,))

    def _write(self, number: int, changes: Mapping[Account, int]) -> dict[Account, int]:
        with _transaction(self._open) as database:
            # A crash before the commit leaves the number as it was, and the batch is written again: once in all.
            if database.execute("UPDATE batch SET number = ?1 WHERE number = ?1 - 1", (number,)).rowcount:
                database.executemany(_ADD, [(period, name, ug) for (name, period), ug in changes.items()])
            return {account: _total(database, account) for account in changes}

    def _totals(self, periods: Collection[str]) -> dict[Account, int]:
        found: dict[Account, int] = {}
        for period in periods:
            rows = self._open.execute("SELECT application, ug FROM accounts WHERE period = ?", (period,))
            found.update({Account(application, period): ug for application, ug in rows})
        return found

    @property
    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            raise sqlite3.ProgrammingError("the ledger is not open")
        return self._database

    async def _run(self, work: Callable[[], _T]) -> _T:
        def alone() -> _T:
            # A caller who was cancelled leaves its thread at work: the next one waits for it, not the event loop.
            with self._one_at_a_time:
                return work()

        try:
            return await asyncio.to_thread(alone)
        except (sqlite3.Error, OSError) as error:
            raise _unusable(self._path, error) from error


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        found = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if found == [0, 0] and not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            with _transaction(database):
                for statement in _SCHEMA:
                    database.execute(statement)
        else:
            _check_is_ledger(found)
    except BaseException:
        database.close()
        raise
    return database


def _check_is_ledger(found: list[int]) -> None:
    if found != [_APPLICATION_ID, _VERSION]:
        raise sqlite3.DatabaseError("not a ledger of this version")


def _total(database: sqlite3.Connection, account: Account) -> int:
    row = database.execute(
        "SELECT ug FROM accounts WHERE period = ? AND application = ?", (account.period, account.application)
    ).fetchone()
    return 0 if row is None else int(row[0])


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _unusable(path: Path, error: Exception) -> StorageError:
    return StorageError(
        Bilingual(
            f"{path.name} : les budgets carbone ne peuvent pas être tenus ({error}).",
            f"{path.name}: carbon budgets cannot be kept ({error}).",
        ),
        Bilingual(
            "Vérifiez le disque et les droits ; écartez le fichier s'il est abîmé : les totaux repartiront de zéro.",
            "Check the disk and the rights; move the file away if it is damaged: totals will begin at zero.",
        ),
        param=str(path),
    )
