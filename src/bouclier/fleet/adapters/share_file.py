"""Announcements of operators in one file of the data folder, so that a restart does not forget that a site is drained.

Written whole: beside, synchronised, renamed. A gateway alone keeps them here only; one that shares keeps a copy, for
the day on which it starts and the database does not answer.

Ages and ends are counted from when the file was written, by this machine's clock: a machine alone has no other. A clock
that went back makes an announcement hold no longer than it did when the file was written.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bouclier.fleet.sharing import MAX_BYTES, Kept, SharingError, Trouble, parse_announced, render_announced
from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bouclier.fleet.sharing import Line


class AnnouncementFile:
    """The announcements of one gateway's data folder."""

    def __init__(self, path: Path, clock_ms: Callable[[], int]) -> None:
        """Take where they are kept.

        Args:
            path: The file; it need not exist.
            clock_ms: Milliseconds since 1970-01-01 UTC.
        """
        self._path = path
        self._clock_ms = clock_ms

    def read(self) -> tuple[Line, ...]:
        """Return the announcements that still hold, as of now; none if there is no file.

        Raises:
            SharingError: The file cannot be read, or was not written by us.
        """
        try:
            with self._path.open("rb") as file:
                text = file.read(MAX_BYTES + 1).decode("utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise SharingError(Trouble.MALFORMED, self._path.name) from error
        kept = parse_announced(text)
        gone_ms = max(self._clock_ms() - kept.at_ms, 0)
        return tuple(line for line in (one.later(gone_ms) for one in kept.lines) if line.for_ms != 0)

    def write(self, lines: Iterable[Line]) -> None:
        """Keep these announcements, and no others; durable when this returns.

        Raises:
            StorageError: The file cannot be written.
        """
        text = render_announced(Kept(self._clock_ms(), tuple(lines)))
        fresh = self._path.with_suffix(".new")
        try:
            # A crash before the rename leaves the old announcements, whole; the new file is written over next time.
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StorageError(
                Bilingual(
                    f"Les annonces des exploitants ne peuvent pas être écrites dans {self._path.parent}.",
                    f"The operators' announcements cannot be written in {self._path.parent}.",
                ),
                Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
            ) from error
