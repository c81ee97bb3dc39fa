"""When a weights file is trusted: its SHA-256 is the catalogue's, computed once and remembered beside it.

Hashing a gigabyte at every start would cost seconds, so a stamp `<file>.verified` remembers the path, size, change
time and digest that were checked; any difference means hashing again. The stamp guards against damage and mix-ups, not
against someone who can write in the folder: that person could change this program too.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry


class Stamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was verified."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


class Trust:
    """Tells whether files are what the catalogue says; keeps its stamps in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._refused: dict[str, Stamp] = {}

    def is_verified(self, path: Path, entry: ModelEntry) -> bool:
        """Return whether a file is there and is the entry's; hashes it unless that was done before."""
        seen = _look(path, entry)
        if seen is None or seen.size != entry.size_bytes or self._refused.get(seen.path) == seen:
            return False
        if self._remembered(entry) == seen:
            return True
        try:
            digest = sha256_of(path)
        except OSError:
            return False
        if _look(path, entry) != seen:  # it changed while it was read
            return False
        if digest != entry.sha256:
            self._refused[seen.path] = seen
            return False
        self._remember(seen, entry)
        return True

    def _remembered(self, entry: ModelEntry) -> Stamp | None:
        try:
            return msgspec.json.decode(self._stamp_of(entry).read_bytes(), type=Stamp)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _remember(self, stamp: Stamp, entry: ModelEntry) -> None:
        target = self._stamp_of(entry)
        written = target.with_name(f".{target.name}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written.write_bytes(msgspec.json.encode(stamp))
            written.replace(target)
        except OSError:
            return  # a folder we cannot write in: hashed again next time, trusted no less

    def _stamp_of(self, entry: ModelEntry) -> Path:
        return self._folder / f"{entry.file}.verified"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in lower-case hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _look(path: Path, entry: ModelEntry) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(path=str(path.absolute()), size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=entry.sha256)
