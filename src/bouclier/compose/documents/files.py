"""Which files of folders are read."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.documents.failures import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", "CVS", "_darcs", ".jj"})


class Listed(NamedTuple):
    """A file to read.

    Attributes:
        path: Where it is.
        relative: Its path in the folder that was asked for; its name if it was asked for itself.
        asked: Whether it was asked for by name.
        regular: False for what stands in a folder and is not opened: a symbolic link, a pipe, a device, a socket.
    """

    path: Path
    relative: Path
    asked: bool
    regular: bool = True


def list_files(paths: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[Listed]:
    """Yield files in a stable order: those given, and those of the folders given, however deep.

    Folders of version control are left out, symbolic links inside folders are not followed. A pattern is compared with
    the name and with the path in the folder; `*` also stands for `/`.

    Raises:
        RequestError: A path does not exist or cannot be read.
    """
    return (one for one in list_entries(paths, exclude) if one.regular)


def list_entries(paths: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[Listed]:
    """Yield what `list_files` does, and the links and special files of folders, so that a caller can tell of them.

    Raises:
        RequestError: A path does not exist or cannot be read.
    """
    for path in paths:
        if not path.is_dir():
            if not path.exists():
                raise unreadable(str(path))
            yield Listed(path, Path(path.name), asked=True)
            continue
        yield from _in_folder(path, exclude)


def _in_folder(folder: Path, exclude: Sequence[str]) -> Iterator[Listed]:
    def refuse(error: OSError) -> None:
        raise unreadable(str(error.filename or folder)) from error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        base = Path(parent)
        folders[:] = sorted(
            name for name in folders if name not in _VERSION_CONTROL and not _excluded(folder, base / name, exclude)
        )
        # A link to a folder is among the folders, and is not walked.
        for name in sorted([*names, *(name for name in folders if (base / name).is_symlink())]):
            path = base / name
            if not _excluded(folder, path, exclude):
                regular = not path.is_symlink() and path.is_file()
                yield Listed(path, path.relative_to(folder), asked=False, regular=regular)


def _excluded(folder: Path, path: Path, exclude: Sequence[str]) -> bool:
    relative = path.relative_to(folder).as_posix()
    return any(fnmatchcase(relative, pattern) or fnmatchcase(path.name, pattern) for pattern in exclude)
