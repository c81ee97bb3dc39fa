"""Which entries make up a figure: indexes of one log, kept and written as ranges such as `0-4,9`.

Indexes come in the order of the log, so a range only ever grows at its end. A range costs 16 bytes, however long.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RANGES: Final = re.compile(r"(?:(?:0|[1-9][0-9]*)(?:-[1-9][0-9]*)?(?:,(?!\Z)|\Z))*", re.ASCII)


class Ranges:
    """Indexes in increasing order, as ranges without a gap in them.

    >>> str(Ranges([0, 1, 2, 3, 4, 9]))
    '0-4,9'
    """

    __slots__ = ("_bounds",)

    def __init__(self, indexes: Iterable[int] = ()) -> None:
        self._bounds = array("Q")  # first, last, first, last, ...
        for index in indexes:
            self.add(index)

    def add(self, index: int) -> None:
        """Add an index, not below those added before; one that is there already changes nothing.

        Raises:
            ValueError: It is below one that is there.
        """
        bounds = self._bounds
        if bounds:
            last = bounds[-1]
            if index == last + 1:
                bounds[-1] = index
                return
            if index <= last:
                if index == last:
                    return
                raise ValueError(f"{index} comes after {last}")
        bounds.append(index)
        bounds.append(index)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last index of each range."""
        bounds = iter(self._bounds)
        return zip(bounds, bounds, strict=True)

    def __len__(self) -> int:
        """Return the number of ranges."""
        return len(self._bounds) // 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self._bounds == other._bounds

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in self)


def parse_ranges(text: str) -> Ranges:
    """Return the ranges a text spells, if it spells them the one way `str` does.

    Raises:
        ValueError: It does not.
    """
    ranges = Ranges()
    bounds = ranges._bounds  # noqa: SLF001 -- ours: filled range by range, not index by index
    if not _RANGES.fullmatch(text):
        raise ValueError("not ranges of indexes")
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        if bounds and int(first) <= bounds[-1] + 1:
            raise ValueError("ranges overlap, touch or are out of order")
        if last and int(last) <= int(first):
            raise ValueError("a range ends before it begins")
        bounds.extend((int(first), int(last or first)))
    return ranges
