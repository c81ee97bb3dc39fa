"""Read logs once, entry by entry: what lies in the period is counted, and the period's tree head is computed.

An entry lies in the period when its own time does. Whether the log holds together is for `bouclier log fsck`; here,
an entry that cannot be read, or stands at another index than the next, stops the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from bouclier.oversight.entries import EntryError, parse_entry
from bouclier.oversight.reports.model import LogSummary
from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.oversight.entries_model import Entry
    from bouclier.oversight.reports.period import Period

_BATCH: Final = 4096


class Logged(Protocol):
    """An entry and where it stands, as a log reader yields it."""

    @property
    def index(self) -> int:
        """Zero-based."""

    @property
    def entry(self) -> bytes:
        """Its canonical bytes."""

    @property
    def leaf_hash(self) -> bytes:
        """Its leaf hash, 32 bytes."""


class Counter(Protocol):
    """What is told of every entry of every log, in order."""

    def begin(self, origin: str) -> None:
        """Be told whose entries come next."""

    def add(self, index: int, entry: Entry, *, within: bool) -> None:
        """Be told of an entry, and whether it lies in the period."""

    def end(self) -> None:
        """Be told that the log ends here."""


def read_log(origin: str, entries: Iterable[Logged], period: Period, counter: Counter) -> LogSummary:
    """Tell a counter of every entry of a log, and return what was read.

    Raises:
        VerificationError: An entry is malformed or out of place; the message names the origin and the index.
        StorageError: The log cannot be read.
    """
    reading = _Reading(origin)
    start, end = period.start_ms, period.end_ms
    counter.begin(origin)
    for logged in entries:
        index = logged.index
        try:
            entry = parse_entry(logged.entry)
        except EntryError as error:
            raise VerificationError(
                Bilingual(
                    f"{origin}, entrée {index} : {error.message.fr}", f"{origin}, entry {index}: {error.message.en}"
                ),
                error.hint,
                param=error.param,
            ) from error
        within = start <= entry.time < end
        reading.add(index, logged.leaf_hash, entry.time, within=within)
        counter.add(index, entry, within=within)
    counter.end()
    return reading.summary()


class _Reading:
    """Where a log's entries stand, and the right edge of its tree as they come."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._next = 0
        self._entries = 0
        self._oldest: int | None = None
        self._first: tuple[int, int] | None = None
        self._last: tuple[int, int] | None = None
        self._frontier = Frontier()
        self._pending: list[bytes] = []
        self._closing = Frontier()

    def add(self, index: int, leaf_hash: bytes, time_ms: int, *, within: bool) -> None:
        if index != self._next:
            raise VerificationError(
                Bilingual(
                    f"{self._origin} : l'entrée {index} tient la place {self._next}",
                    f"{self._origin}: entry {index} stands in the place of {self._next}",
                ),
                Bilingual("Vérifiez le journal : bouclier log fsck.", "Check the log: bouclier log fsck."),
            )
        self._next += 1
        if self._oldest is None:
            self._oldest = time_ms
        self._pending.append(leaf_hash)
        if within:
            self._entries += 1
            self._first = self._first or (index, time_ms)
            self._last = (index, time_ms)
        if len(self._pending) == _BATCH:
            self._grow()

    def _grow(self) -> None:
        inside = 0 if self._last is None else self._last[0] + 1 - self._frontier.size
        if inside > 0:
            self._closing = self._frontier.extended(self._pending[:inside])
        self._frontier = self._frontier.extended(self._pending)
        self._pending.clear()

    def summary(self) -> LogSummary:
        self._grow()
        head = self._closing if self._last is not None else self._frontier
        first, last = self._first or (None, None), self._last or (None, None)
        return LogSummary(
            origin=self._origin,
            entries=self._entries,
            first_index=first[0],
            last_index=last[0],
            first_ms=first[1],
            last_ms=last[1],
            oldest_ms=self._oldest,
            size=head.size,
            root=head.root(),
        )
