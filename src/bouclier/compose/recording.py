"""The record of a data folder, for the commands that read it. No lock is needed: a gateway may be writing to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.data_folder import log_folder
from bouclier.oversight.adapters.checkpoint_file import read_checkpoint
from bouclier.oversight.adapters.log_check import LogReport, fsck
from bouclier.oversight.adapters.log_folder import open_entries, read_public_keys
from bouclier.oversight.adapters.log_reader import LoggedEntry, read_entries
from bouclier.tlog import parse_checkpoint, parse_note, render_vkey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bouclier.tlog import VerifierKey, WitnessPolicy


def entries(data: Path) -> Iterator[LoggedEntry]:
    """Yield the entries in order.

    Raises:
        StorageError: There is no log, or it is damaged.
    """
    return read_entries(log_folder(data))


class Identity(NamedTuple):
    """What others know a log by.

    Attributes:
        origin: Its name.
        keys: What it signs with.
    """

    origin: str
    keys: tuple[VerifierKey, ...]


def identity_of(folder: Path) -> Identity:
    """Return what others know the log of a folder by.

    Raises:
        StorageError: There is no log, or it cannot be read.
    """
    descriptor, header = open_entries(folder, os.O_RDONLY)
    os.close(descriptor)
    return Identity(header.origin, read_public_keys(folder, header.origin))


def identity(data: Path) -> list[str]:
    """Return what others need to believe a log: its line for a policy, and what it published last.

    Raises:
        StorageError: There is no log, or it cannot be read.
    """
    folder = log_folder(data)
    lines = [f"log {render_vkey(key)}" for key in identity_of(folder).keys]
    note = read_checkpoint(folder)
    if note is not None:
        checkpoint = parse_checkpoint(parse_note(note).text)
        lines.append(f"# {checkpoint.size} {checkpoint.root.hex()}")
    return lines


def checked(data: Path, *, size: int | None, root: bytes | None, policy: WitnessPolicy | None) -> LogReport:
    """Check the whole log: entries, tree, published checkpoint, and a tree head noted elsewhere if given.

    Raises:
        StorageError: There is no log, or it is damaged.
        VerificationError: The log is not the one that had this size and root.
    """
    return fsck(log_folder(data), size=size, root=root, policy=policy)
