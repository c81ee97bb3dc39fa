"""The folder of a gateway: its keys, its log, and nothing of what users write.

    log/            the record
    log.origin      the name of that log: what is missed if log/ is gone
    sealed/         content sealed for the authorities, when a duty asks
    serving         the address of the gateway now running here, for `bouclier ask`

    keys.json       names and hashes of API keys
    terminal.key    the key `bouclier ask` uses on this machine, readable by its owner only
    pseudonyms.key  32 random bytes, readable by their owner only: pseudonyms are drawn under it

The last three are in the folder that several gateways share, if the configuration names one.

A new folder gets a log of its own. A folder that had a log and has none has lost its record: nothing is created in its
place silently, `bouclier log create` does it on purpose.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from bouclier.gateway.adapters.key_file import KeyFile
from bouclier.oversight.adapters.log_folder import create_folder, open_entries, take_lock
from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.compose.configuration_model import Configuration

FIRST_KEY = "first"
TERMINAL = "terminal"
_ORIGIN = "log.origin"
_PSEUDONYM_SECRET_BYTES = 32


def keys_of(keys: Path) -> KeyFile:
    """Return the key ring of a folder of keys."""
    return KeyFile(keys / "keys.json")


def log_folder(data: Path) -> Path:
    """Return where the log of a data folder is."""
    return data / "log"


def prepare(configuration: Configuration) -> None:
    """Make the folders of a gateway ready: a log, and the terminal's key, where there are none yet.

    Raises:
        StorageError: They cannot be written, or a log is gone.
    """
    data = configuration.data
    try:
        has_log, had_log = log_folder(data).exists(), (data / _ORIGIN).exists()
        configuration.keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(data) from error
    if has_log:
        if not had_log:
            descriptor, header = open_entries(log_folder(data), os.O_RDONLY)
            os.close(descriptor)
            _note_origin(data, header.origin)
    elif had_log:
        raise StorageError(
            Bilingual(f"Le journal de {data} a disparu.", f"The log of {data} is gone."),
            Bilingual(
                "Rétablissez log/ depuis une sauvegarde ; ou, en connaissance de cause, « bouclier log create ».",
                "Restore log/ from a backup; or, knowing what it means, `bouclier log create`.",
            ),
        )
    else:
        create_log(configuration)
    terminal_key(configuration.keys_folder)


def is_held(data: Path) -> bool:
    """Tell whether a process holds the log; if none does, an address in `serving` may be anybody's by now."""
    try:
        os.close(take_lock(log_folder(data)))
    except StorageError:
        return True
    return False


def create_log(configuration: Configuration) -> None:
    """Create the log of a data folder.

    Raises:
        StorageError: There is one already, or the folder cannot be written.
    """
    data, settings = configuration.data, configuration.log
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(data) from error
    origin = create_folder(log_folder(data), origin=settings.origin, ml_dsa=settings.ml_dsa)
    # A crash before this line leaves a log whose loss would not be noticed; its first start writes the name again.
    _note_origin(data, origin)


def _note_origin(data: Path, origin: str) -> None:
    try:
        (data / _ORIGIN).write_text(f"{origin}\n", encoding="ascii")
    except OSError as error:
        raise _unwritable(data) from error


def terminal_key(keys: Path) -> str:
    """Return the key of this machine's terminal, created at first."""
    return keys_of(keys).kept(TERMINAL, keys / "terminal.key")


def pseudonym_secret(keys: Path) -> bytes:
    """Return the secret under which pseudonyms are drawn, created at first.

    A lost one is replaced: conversations then go on with other pseudonyms, and nothing else changes.

    Raises:
        StorageError: It cannot be read or written, or is not what was written.
    """
    path = keys / "pseudonyms.key"
    try:
        try:
            secret = path.read_bytes()
        except FileNotFoundError:
            # Written aside and linked in place: of two gateways that begin at once, both read the same one.
            secret = os.urandom(_PSEUDONYM_SECRET_BYTES)
            new = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor, opened for its owner only
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(new)
            new.unlink()
            secret = path.read_bytes()
    except OSError as error:
        raise _unwritable(keys) from error
    if len(secret) != _PSEUDONYM_SECRET_BYTES:
        raise StorageError(
            Bilingual(f"{path} n'est pas la clé attendue.", f"{path} is not the key it should be."),
            Bilingual(
                "Supprimez ce fichier : une autre clé sera créée, et les conversations changeront de pseudonymes.",
                "Delete that file: another key will be made, and conversations will go on with other pseudonyms.",
            ),
        )
    return secret


def first_key(keys: Path) -> str | None:
    """Create and return the first key for people, once in the life of a folder of keys."""
    ring = keys_of(keys)
    if set(ring.names()) - {TERMINAL}:
        return None
    return ring.create(FIRST_KEY)


def _unwritable(data: Path) -> StorageError:
    return StorageError(
        Bilingual(f"Impossible d'écrire dans {data}.", f"{data} cannot be written."),
        Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
    )
