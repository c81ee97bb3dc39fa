"""The record of a data folder, for the commands that read it. No lock is needed: a gateway may be writing to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.data_folder import log_folder
from bouclier.oversight.adapters.log_reader import LoggedEntry, LogReport, read_entries, verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def entries(data: Path) -> Iterator[LoggedEntry]:
    """Yield the entries in order.

    Raises:
        StorageError: There is no log, or it is damaged.
    """
    return read_entries(log_folder(data))


def verified(data: Path, *, size: int | None, root: bytes | None) -> LogReport:
    """Check every entry against the log's roots, and against one noted elsewhere if given.

    Raises:
        StorageError: There is no log, or it is damaged.
        VerificationError: The log is not the one that had this size and root.
    """
    return verify(log_folder(data), size=size, root=root)
