"""The folder of a witness: what is in it, how it comes to be, and who may serve it.

    witness.key   private keys, one a line: Ed25519, then ML-DSA-44 if there is one; readable by their owner only
    witness.db    SQLite: the logs it knows, what it cosigned last for each, and the split views it was shown
    lock          held by the one process that serves it

A witness is its memory. One that starts again with the same keys and an empty memory would cosign a log's past anew, so
only `create_witness` makes the database, it does so before there is a key, and never beside one. A witness that lost
its database is retired: another name, other keys. The database also says which keys it belongs to, so that neither can
be swapped for another witness's.

What is not done here: deciding and cosigning (`witness_store`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.adapters.log_folder import sync_folder, write_durably
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError
from bouclier.tlog.checkpoint import Checkpoint, render_checkpoint
from bouclier.tlog.errors import CheckpointError, KeyTextError
from bouclier.tlog.hashing import EMPTY_ROOT
from bouclier.tlog.keys import SEED_BYTES, SigningKey, parse_signing_key, render_signing_key
from bouclier.tlog.note import SignatureType, VerifierKey, parse_vkey, render_vkey

if TYPE_CHECKING:
    from pathlib import Path

KEY_NAME: Final = "witness.key"
DATABASE_NAME: Final = "witness.db"
LOCK_NAME: Final = "lock"

_LOG_TYPES: Final = frozenset({SignatureType.ED25519, SignatureType.ML_DSA_44})
_BUSY_S: Final = 5
_OTHERS: Final = 0o077
_APPLICATION: Final = 0x426F7557
_VERSION: Final = 1
_SCHEMA: Final = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
CREATE TABLE witness_keys (vkey TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE log_keys (origin TEXT, vkey TEXT, PRIMARY KEY (origin, vkey)) STRICT, WITHOUT ROWID;
CREATE TABLE cosigned (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    time_s INTEGER NOT NULL,
    note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE split_views (
    origin TEXT,
    size INTEGER,
    root BLOB CHECK (length(root) = 32),
    cosigned BLOB NOT NULL,
    refused BLOB NOT NULL,
    PRIMARY KEY (origin, size, root)
) STRICT, WITHOUT ROWID;
-- Whatever goes wrong above: no log is taken back, and none of its times.
CREATE TRIGGER never_back BEFORE UPDATE ON cosigned
WHEN NEW.size < OLD.size OR NEW.time_s < OLD.time_s OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;
"""


class CosignedLog(NamedTuple):
    """What a witness cosigned last for a log.

    Attributes:
        origin: Which log.
        size: Size of the tree.
        root: Its root, 32 bytes; None before the first cosignature.
        time_s: When, in seconds since 1970; None before the first cosignature.
    """

    origin: str
    size: int
    root: bytes | None
    time_s: int | None


class SplitView(NamedTuple):
    """Two trees of one size, both signed by their log: proof, for whoever trusts that key, that the log lied.

    Attributes:
        origin: Which log.
        size: Size of both.
        cosigned: The checkpoint that was cosigned, as a note with our cosignature.
        refused: The other one, as a note.
    """

    origin: str
    size: int
    cosigned: bytes
    refused: bytes


def create_witness(folder: Path, *, name: str, ml_dsa: bool) -> tuple[SigningKey, ...]:
    """Make a witness with new keys and an empty memory, durably.

    Args:
        folder: Made if missing, readable by its owner only.
        name: The witness's name for its whole life, such as `temoin.example.fr/w1`.
        ml_dsa: Whether it cosigns with ML-DSA-44 too.

    Raises:
        ConfigurationError: The name is not one.
        StorageError: A witness is there already, or the folder cannot be written.
    """
    types = [SignatureType.COSIGNATURE, *([SignatureType.ML_DSA_44] if ml_dsa else [])]
    keys = tuple(SigningKey(name, each, os.urandom(SEED_BYTES)) for each in types)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    lock = take_witness_lock(folder)
    try:
        if (folder / KEY_NAME).exists() or (folder / DATABASE_NAME).exists():
            raise StorageError(
                Bilingual(f"il y a déjà un témoin dans {folder}", f"there is a witness in {folder} already"),
                Bilingual("Choisissez un dossier vide.", "Choose an empty folder."),
            )
        temporary = folder / f"{DATABASE_NAME}.new"
        temporary.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as database:
            database.executescript(_SCHEMA)
            database.executemany(
                "INSERT INTO witness_keys VALUES (?)", [(render_vkey(key.verifier_key),) for key in keys]
            )
            # One synchronisation for a commit instead of three; readers do not wait.
            database.execute("PRAGMA journal_mode = WAL")
        temporary.rename(folder / DATABASE_NAME)
        sync_folder(folder)
        # A crash before this line leaves a database without keys: it never cosigned, and is in the way of nobody.
        # A crash after it leaves the witness whole. There are never keys without the memory that goes with them.
        new = folder / f"{KEY_NAME}.new"
        write_durably(new, "".join(f"{render_signing_key(key)}\n" for key in keys).encode())
        new.rename(folder / KEY_NAME)
        sync_folder(folder)
        sync_folder(folder.parent)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(folder, error) from error
    finally:
        os.close(lock)
    return keys


def take_witness_lock(folder: Path) -> int:
    """Return the descriptor whose closing gives the right to serve away; the death of the process closes it too.

    Raises:
        StorageError: Another process holds it, or the folder cannot be used.
    """
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise _unusable(folder, error) from error
        raise StorageError(
            Bilingual(f"le témoin {folder} est déjà servi", f"the witness {folder} is being served already"),
            Bilingual(
                "Un seul processus sert un témoin : arrêtez l'autre.", "One process serves a witness: stop the other."
            ),
        ) from None
    return descriptor


def read_witness_keys(folder: Path) -> tuple[SigningKey, ...]:
    """Return the keys of a witness, Ed25519 first.

    Raises:
        StorageError: They are missing or cannot be read.
        ConfigurationError: They are malformed, or others can read them.
    """
    path = folder / KEY_NAME
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigurationError(
                Bilingual(
                    f"d'autres que leur propriétaire peuvent lire les clés {path}",
                    f"others than their owner can read the keys {path}",
                ),
                Bilingual(f"chmod 600 {path}", f"chmod 600 {path}"),
            )
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise _missing(folder) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(folder, error) from error
    return tuple(parse_signing_key(line) for line in lines)


def open_memory(folder: Path, keys: tuple[VerifierKey, ...]) -> sqlite3.Connection:
    """Return a connection to the memory of the witness that has these keys, for one thread.

    Raises:
        StorageError: There is none, it cannot be used, or it is another witness's.
    """
    path = folder / DATABASE_NAME
    # Opening a file that is missing would make an empty one: an empty memory, with keys that have cosigned.
    if not path.is_file():
        raise _missing(folder)
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"file:{_quoted(path)}?mode=rw", uri=True, isolation_level=None, timeout=_BUSY_S, check_same_thread=False
        )
        # FULL: when COMMIT returns, the write-ahead log is synchronised.
        connection.execute("PRAGMA synchronous = FULL")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for table in ("log_keys", "cosigned", "split_views"):
            connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 -- our own three names
        owners = {row[0] for row in connection.execute("SELECT vkey FROM witness_keys")}
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise _unusable(folder, error) from error
    if (application, version) != (_APPLICATION, _VERSION) or owners != {render_vkey(key) for key in keys}:
        connection.close()
        raise StorageError(
            Bilingual(
                f"la mémoire {path} n'est pas celle du témoin dont les clés sont à côté",
                f"the memory {path} is not that of the witness whose keys are beside it",
            ),
            Bilingual(
                "Remettez ensemble les fichiers d'un même témoin.", "Put the files of one witness together again."
            ),
        )
    return connection


def read_logs(connection: sqlite3.Connection) -> dict[str, list[VerifierKey]]:
    """Return the keys of each log the witness knows, by origin."""
    logs: dict[str, list[VerifierKey]] = {}
    for origin, vkey in connection.execute("SELECT origin, vkey FROM log_keys ORDER BY origin, vkey"):
        logs.setdefault(origin, []).append(parse_vkey(vkey))
    return logs


def read_cosigned(connection: sqlite3.Connection) -> list[CosignedLog]:
    """Return what was cosigned last for each log the witness knows, by origin."""
    last = {row[0]: CosignedLog(*row) for row in connection.execute("SELECT origin, size, root, time_s FROM cosigned")}
    return [last.get(origin, CosignedLog(origin, 0, None, None)) for origin in sorted(read_logs(connection))]


def read_split_views(connection: sqlite3.Connection) -> list[SplitView]:
    """Return the split views that were kept, by origin and size."""
    return [
        SplitView(*row)
        for row in connection.execute(
            "SELECT origin, size, cosigned, refused FROM split_views ORDER BY origin, size, root"
        )
    ]


def add_log_key(folder: Path, vkey: str, *, origin: str | None = None) -> str:
    """Make a witness know a log, or another key of a log; a witness that is being served learns of it too.

    Args:
        folder: The witness's folder.
        vkey: A key of the log.
        origin: First line of the log's checkpoints; None when it is the name of the key, as it should be.

    Returns:
        The origin.

    Raises:
        ConfigurationError: It is no key of a log, or the origin is not one.
        StorageError: The memory cannot be written.
    """
    key = parse_vkey(vkey)
    if key.type not in _LOG_TYPES:
        raise KeyTextError(
            Bilingual(
                "c'est la clé d'un témoin, pas celle d'un journal (type 01 ou 06)",
                "this is the key of a witness, not of a log (type 01 or 06)",
            )
        )
    # An origin is what a checkpoint could begin with.
    name = key.name if origin is None else origin
    try:
        render_checkpoint(Checkpoint(name, 0, EMPTY_ROOT))
    except CheckpointError as error:
        raise ConfigurationError(
            error.message, Bilingual("Donnez une autre origine : --origin.", "Give another origin: --origin.")
        ) from error
    keys = tuple(each.verifier_key for each in read_witness_keys(folder))
    with contextlib.closing(open_memory(folder, keys)) as connection:
        try:
            connection.execute("INSERT OR IGNORE INTO log_keys VALUES (?, ?)", (name, render_vkey(key)))
        except sqlite3.Error as error:
            raise _unusable(folder, error) from error
    return name


def _quoted(path: Path) -> str:
    return path.absolute().as_uri().removeprefix("file://")


def _missing(folder: Path) -> StorageError:
    return StorageError(
        Bilingual(
            f"il n'y a pas de témoin entier dans {folder} ({KEY_NAME}, {DATABASE_NAME})",
            f"there is no whole witness in {folder} ({KEY_NAME}, {DATABASE_NAME})",
        ),
        Bilingual(
            "Un témoin qui a perdu sa mémoire est retiré : bouclier witness create, ailleurs, sous un autre nom.",
            "A witness that lost its memory is retired: bouclier witness create, elsewhere, under another name.",
        ),
    )


def _unusable(folder: Path, error: OSError | UnicodeDecodeError | sqlite3.Error) -> StorageError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else _reason(error)
    return StorageError(
        Bilingual(
            f"le dossier du témoin {folder} est inutilisable : {reason}",
            f"the witness folder {folder} cannot be used: {reason}",
        ),
        Bilingual(
            "Vérifiez que le dossier existe, que le disque n'est ni plein ni en lecture seule, et à qui il est.",
            "Check that the folder exists, that the disk is neither full nor read-only, and whose it is.",
        ),
    )


def _reason(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
