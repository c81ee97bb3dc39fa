"""Count by dimensions, and remember which entries were counted.

Memory is bounded by the number of distinct keys and of their ranges, not by the number of entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.reports.model import Figure
from bouclier.oversight.reports.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

Key = tuple[str, ...]


class _Count:
    __slots__ = ("amount", "entries", "times")

    def __init__(self) -> None:
        self.times = 0
        self.amount = 0
        self.entries: dict[str, Ranges] = {}


class Tally:
    """Counts by key: the name of a figure, then one value per dimension."""

    def __init__(self) -> None:
        self._counts: dict[Key, _Count] = {}
        self._origin = ""

    def begin(self, origin: str) -> None:
        """Say whose entries come next; a log comes whole, its indexes in order."""
        self._origin = origin

    def add(self, key: Key, index: int, amount: int = 1) -> None:
        """Count an entry once under a key, with an amount."""
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _Count()
        count.times += 1
        count.amount += amount
        ranges = count.entries.get(self._origin)
        if ranges is None:
            ranges = count.entries[self._origin] = Ranges()
        ranges.add(index)

    def times(self, *key: str) -> Figure:
        """Return how many entries were counted under a key, and which."""
        count = self._counts.get(key)
        return Figure(0) if count is None else Figure(count.times, count.entries)

    def amount(self, *key: str) -> Figure:
        """Return the sum of the amounts under a key, and the entries they come from."""
        count = self._counts.get(key)
        return Figure(0) if count is None else Figure(count.amount, count.entries)

    def keys(self, name: str) -> Iterator[Key]:
        """Yield the dimensions counted under the name of a figure, sorted, without the name."""
        return (key[1:] for key in sorted(self._counts) if key[0] == name)
