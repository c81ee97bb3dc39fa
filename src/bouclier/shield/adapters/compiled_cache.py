"""Compiled expressions kept on disk, so that a start need not compile them again.

A kept database is memory that an engine trusts. So it is taken only from a folder and a file that are this user's and
that nobody else may write, and only if its digest is right; then the engine checks its own version and processor.
Whatever is wrong, whatever differs, the answer is the same: nothing was kept, compile. Nothing here ever fails a start.

A file is named by the digest of all that went into it: the expressions, the engine's version, the processor's features.
It holds the digest of the rest of it, then the rest. It is written beside its place and moved there, so that a crash
leaves the old one or none.
"""

from __future__ import annotations

import contextlib
import os
import platform
import stat
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGEST_BYTES = 32
_MAX_BYTES = 256 << 20
_KEPT = 8
_SUFFIX = ".hsdb"
_CPUINFO = Path("/proc/cpuinfo")
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class CompiledCache:
    """Databases kept in a folder, by what went into them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key; None if there is nothing, or nothing to be trusted."""
        try:
            if not _is_ours(self._folder.lstat(), stat.S_ISDIR):
                return None
            descriptor = os.open(self._folder / f"{key}{_SUFFIX}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                # What is open is what is read: its name may be given to another file meanwhile.
                about = os.fstat(descriptor)
                if not _is_ours(about, stat.S_ISREG) or about.st_size > _MAX_BYTES:
                    return None
                whole = file.read(_MAX_BYTES + 1)
        except OSError:
            return None
        digest, database = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        return database if database and digest == _digest(key, database) else None

    def put(self, key: str, database: bytes) -> None:
        """Keep a database if that can be done; the oldest of many go."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_ours(self._folder.lstat(), stat.S_ISDIR):
                return
            descriptor, name = tempfile.mkstemp(dir=self._folder)  # readable by this user alone
            temporary = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_digest(key, database) + database)
                temporary.replace(self._folder / f"{key}{_SUFFIX}")
            except OSError:
                temporary.unlink(missing_ok=True)
                return
            self._forget_oldest(key)

    def forget(self, key: str) -> None:
        """Remove what is kept under a key."""
        with contextlib.suppress(OSError):
            (self._folder / f"{key}{_SUFFIX}").unlink(missing_ok=True)

    def _forget_oldest(self, newest: str) -> None:
        others = [path for path in self._folder.glob(f"*{_SUFFIX}") if path.name != f"{newest}{_SUFFIX}"]
        others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in others[_KEPT - 1 :]:
            path.unlink(missing_ok=True)


def key_of(engine: str, expressions: Iterable[tuple[bytes, int]]) -> str:
    """Return the key of compiled expressions: it changes with any of them, the engine and the processor.

    Args:
        engine: Its name and version.
        expressions: With their flags, in order.
    """
    digest = blake2b(digest_size=24)
    for part in (b"1", engine.encode(), platform.machine().encode(), _processor()):
        digest.update(len(part).to_bytes(4) + part)
    for expression, flags in expressions:
        digest.update(len(expression).to_bytes(4) + expression + flags.to_bytes(4))
    return digest.hexdigest()


def _processor() -> bytes:
    """What the processor can do, on which the engine's choice of instructions depends."""
    try:
        lines = _CPUINFO.read_bytes().splitlines()
    except OSError:
        return platform.processor().encode()
    return next((line for line in lines if line.startswith((b"flags", b"Features"))), b"")


def _digest(key: str, database: bytes) -> bytes:
    return blake2b(database, digest_size=_DIGEST_BYTES, person=b"bouclier-hsdb", key=key.encode()[:64]).digest()


def _is_ours(about: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    return is_kind(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & _WRITABLE_BY_OTHERS
