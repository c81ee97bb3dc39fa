"""A bounded memory of findings: spans and types under keyed digests, never a word."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")


class FindingsMemory(Generic[_Found]):
    """What was found, the least recently used forgotten first."""

    def __init__(self, most_entries: int, most_findings: int, size: Callable[[_Found], int]) -> None:
        """Make an empty memory.

        Args:
            most_entries: Most entries kept.
            most_findings: Most findings kept, all entries together.
            size: Number of findings of an entry.
        """
        self._most_entries = most_entries
        self._most_findings = most_findings
        self._size = size
        self._entries: OrderedDict[bytes, _Found] = OrderedDict()
        self._findings = 0

    def get(self, digest: bytes) -> _Found | None:
        """Return what is remembered, and make it the most recent."""
        found = self._entries.get(digest)
        if found is not None:
            self._entries.move_to_end(digest)
        return found

    def put(self, digest: bytes, found: _Found) -> None:
        """Remember, and forget what is too much."""
        if digest in self._entries:
            return
        self._entries[digest] = found
        self._findings += self._size(found)
        while len(self._entries) > self._most_entries or self._findings > self._most_findings:
            _, forgotten = self._entries.popitem(last=False)
            self._findings -= self._size(forgotten)
