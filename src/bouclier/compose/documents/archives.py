"""Zip archives that may be hostile: every member is bounded as it is read, whatever its header says."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bouclier.compose.documents.failures import damaged, dangerous, encrypted, unreadable
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.documents.source import Source
    from bouclier.terms.errors import RequestError

_MAX_MEMBERS = 10_000
_MAX_MEMBER_BYTES = 64 << 20
_MAX_TOTAL_BYTES = 512 << 20
_ENCRYPTED = 0x1


class Archive:
    """An open archive; reading from it counts towards what may be read of it in all."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._total = 0
        self.members = archive.infolist()
        if len(self.members) > _MAX_MEMBERS:
            raise _bomb(name)
        if len({member.filename for member in self.members}) < len(self.members):
            raise dangerous(name, Bilingual("des parties ont le même nom", "parts have the same name"))
        if any(member.flag_bits & _ENCRYPTED for member in self.members):
            raise encrypted(name)

    def names(self) -> set[str]:
        """Return the names of the members."""
        return {member.filename for member in self.members}

    def read(self, member: zipfile.ZipInfo | str) -> bytes:
        """Return the bytes of a member.

        Raises:
            RequestError: It is damaged, or unpacks to more than is reasonable.
        """
        try:
            with self._archive.open(member) as file:
                data = file.read(_MAX_MEMBER_BYTES + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            KeyError,
        ) as error:
            raise damaged(self._name, "zip") from error
        self._total += len(data)
        if len(data) > _MAX_MEMBER_BYTES or self._total > _MAX_TOTAL_BYTES:
            raise _bomb(self._name)
        return data


@contextmanager
def open_archive(source: Source) -> Iterator[Archive]:
    """Open an archive.

    Raises:
        RequestError: It is none, is damaged, is encrypted, or has too many members.
    """
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            yield Archive(archive, source.name)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged(source.name, "zip") from error
    except OSError as error:
        raise unreadable(source.name) from error


def _bomb(name: str) -> RequestError:
    return dangerous(name, Bilingual("il se déplie sans mesure", "it unpacks to an unreasonable size"))
