"""What the room needs from outside: a log that keeps its word, and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bouclier.terms.exchange import Position
    from bouclier.tlog import EntryBundle, HashTile, TlogProof


class Log(Protocol):
    """An append-only log of entries under an RFC 6962 tree."""

    async def append(self, entry: bytes, *, concluding: bool = False) -> Position:
        """Make an entry durable, and return where it stands.

        When this returns, the entry survives the death of the process and of the machine. Any number of calls may run
        at once: they share one synchronisation of the disk. A call that is cancelled may or may not leave its entry in
        the log. Nothing is tried again: after an error the entry is not in the log, and the caller must not act as if
        it were.

        Args:
            entry: 1 to 65,535 bytes.
            concluding: Whether it tells how something recorded before ended: that is recorded where nothing new may
                begin.

        Raises:
            StorageError: The entry is not durable: disk full, disk broken, log closed, entry empty or too long; or
                nothing new may begin.
        """
        ...


class PublishedLog(Protocol):
    """What anyone may be shown of a log: everything up to its published checkpoint, and nothing beyond.

    Reading blocks on files: call from a thread where that matters.
    """

    @property
    def checkpoint(self) -> bytes | None:
        """The published checkpoint: a signed note with its cosignatures; None if none is published yet."""
        ...

    @property
    def state(self) -> str:
        """What its checkpoint makes of a receipt: `final`, or `signed` when the policy asks for no witness."""
        ...

    def tile(self, tile: HashTile) -> bytes | None:
        """Return the hashes of a tile, or None if the published tree has none of this width."""
        ...

    def bundle(self, bundle: EntryBundle) -> bytes | None:
        """Return an entry bundle, or None if the published tree has none of this width."""
        ...

    def entry(self, index: int) -> bytes | None:
        """Return an entry, or None if the published tree does not hold it."""
        ...

    def proof(self, index: int) -> TlogProof | None:
        """Return a tlog-proof of an entry in the published tree, without `extra`; None if it does not hold it.

        Raises:
            StorageError: The files it is made from were altered: it would be false.
        """
        ...

    async def covered(self, index: int) -> None:
        """Wait until the published tree holds an entry."""
        ...
