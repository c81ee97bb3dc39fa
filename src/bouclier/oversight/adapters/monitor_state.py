"""What a monitor remembers, on disk: a folder with one file for each log, and a lock.

A file is replaced whole: written aside, synchronised, renamed, and the folder synchronised. One process at a time: two
monitors on one folder would each undo what the other remembers.
"""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.adapters.log_folder import sync_folder, take_lock, unusable, write_durably
from bouclier.oversight.monitor.follow import FollowState
from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIX: Final = ".json"
_DECODER: Final = msgspec.json.Decoder(FollowState)


class StateFolder:
    """A monitor's memory, held until `close`; a `Keeper`.

    Attributes:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        """Hold the folder, made if it is missing.

        Raises:
            StorageError: Another monitor holds it, or it cannot be written.
        """
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(folder, error) from error
        self._lock = take_lock(folder)
        self._logs: dict[str, Lock] = {}

    def hold(self, origin: str) -> Lock:
        """See `Keeper.hold`."""
        return self._logs.setdefault(origin, Lock())

    def keep(self, origin: str, state: bytes) -> None:
        """See `Keeper.keep`."""
        path = self.folder / f"{sha256(origin.encode()).hexdigest()}{_SUFFIX}"
        try:
            replace_durably(path, state)
        except OSError as error:
            raise unusable(self.folder, error) from error

    def states(self) -> list[FollowState]:
        """Return what is remembered of each log.

        Raises:
            StorageError: A file cannot be read, or is not what a monitor wrote.
        """
        return read_states(self.folder)

    def close(self) -> None:
        """Let another monitor hold the folder."""
        os.close(self._lock)

    @contextlib.contextmanager
    def held(self) -> Iterator[StateFolder]:
        """Close at the end."""
        try:
            yield self
        finally:
            self.close()


def read_states(folder: Path) -> list[FollowState]:
    """Return what a monitor remembers of each log, by origin; no lock is taken, for files are replaced whole.

    Raises:
        StorageError: The folder or a file cannot be read, or is not what a monitor wrote.
    """
    try:
        states = [_state(path) for path in folder.iterdir() if path.suffix == _SUFFIX]
    except OSError as error:
        raise unusable(folder, error) from error
    return sorted(states, key=lambda state: state.origin)


def replace_durably(path: Path, data: bytes) -> None:
    """Make a file hold these bytes, or after a crash those it held.

    Raises:
        OSError: It cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    # A crash before the rename leaves the old file, and a new one that the next writing replaces.
    write_durably(new, data)
    new.replace(path)
    # A crash before this line may undo the rename: the old file again, whole.
    sync_folder(path.parent)


def _state(path: Path) -> FollowState:
    try:
        return _DECODER.decode(path.read_bytes())
    except msgspec.MsgspecError as error:
        raise StorageError(
            Bilingual(f"{path} n'est pas la mémoire d'un moniteur.", f"{path} is not a monitor's memory."),
            Bilingual(
                "Restaurez-le. Sans lui, le journal est relu du début, et un retour en arrière ne se voit plus.",
                "Restore it. Without it the log is read from its beginning, and a rollback is not seen any more.",
            ),
        ) from error
