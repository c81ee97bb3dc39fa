"""What the room needs from outside: a log that keeps its word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bouclier.terms.exchange import Position


class Log(Protocol):
    """An append-only log of entries under an RFC 6962 tree."""

    async def append(self, entry: bytes) -> Position:
        """Make an entry durable, and return where it stands.

        When this returns, the entry survives the death of the process and of the machine. Any number of calls may run
        at once: they share one synchronisation of the disk. A call that is cancelled may or may not leave its entry in
        the log. Nothing is tried again: after an error the entry is not in the log, and the caller must not act as if
        it were.

        Args:
            entry: 1 to 65,535 bytes.

        Raises:
            StorageError: The entry is not durable: disk full, disk broken, log closed, entry empty or too long.
        """
        ...
