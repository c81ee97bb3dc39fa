"""Withhold small counts so that nothing shown gives them back.

A count from 1 to `least` - 1 is small. 0 is not: it is about nobody. Three rules, and why they suffice:

1. A margin (the parts of a shown total) is made coarser: small parts are joined, with the next smallest if need be,
   until what is shown of them together leaves every one of them free to be `least` or more (`joined`). What remains is
   a partition of the total into parts that are all shown.
2. In a table between two such margins, every small cell is withheld with three others at the corners of a rectangle
   (`withheld_cells`). Adding d to the small cell and to the opposite corner, and taking d from the two others, leaves
   every total as it is: those two are large enough for the small cell to be `least` or more, and none of the four is
   determined. Whatever else is withheld only adds freedom.
3. Where no such rectangle is, all cells of the table are withheld: between margins of at least `least`, each small
   cell could then be as large as the smaller of its margins.

Tables that share a margin share the same parts of it, all shown, so that one tells nothing of the cells of another.
Not done: a reader who knows more than what is shown (that a rule of the charter refuses a whole class, say), or who
compares two reports over periods that overlap. See ADR 0031.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Part(NamedTuple):
    """A part of a shown total: one value of a dimension, or several joined.

    Attributes:
        members: The values.
        total: Together; 0, or at least `least`.
    """

    members: tuple[str, ...]
    total: int


def joined(counts: Mapping[str, int], *, least: int) -> tuple[Part, ...] | None:
    """Return the finest parts that can be shown of a total that is shown; None when there are none.

    Args:
        counts: By value of the dimension, in the order in which they are to be shown.
        least: The smallest count that is not small.

    >>> joined({"a": 40, "b": 3, "c": 12}, least=11)
    (Part(members=('a',), total=40), Part(members=('b', 'c'), total=15))
    """
    small = {value for value, count in counts.items() if 0 < count < least}
    if small:
        rest = sorted((count, value) for value, count in counts.items() if count >= least)
        while not _is_free([counts[value] for value in small], least):
            if not rest:
                return None
            small.add(rest.pop(0)[1])
    together = tuple(value for value in counts if value in small)
    parts = [Part((value,), count) for value, count in counts.items() if value not in small]
    if together:
        parts.append(Part(together, sum(counts[value] for value in together)))
    return tuple(parts)


def _is_free(counts: Collection[int], least: int) -> bool:
    """Say whether each of several counts of at least 1, of which the sum is known, may be `least` or more."""
    return sum(counts) - (len(counts) - 1) >= least


def withheld_cells(cells: Sequence[Sequence[int]], *, least: int) -> frozenset[tuple[int, int]]:
    """Return which cells, by row and column, must not be shown between margins that are shown.

    Args:
        cells: Rows of equal length; every row and every column adds up to 0 or to at least `least`.
        least: The smallest count that is not small.
    """
    # Where a total is 0, nothing can be hidden and nothing needs to be.
    columns = [column for column, counts in enumerate(zip(*cells, strict=True)) if any(counts)]
    places = [(row, column) for row, counts in enumerate(cells) if any(counts) for column in columns]
    small = [(row, column) for row, column in places if 0 < cells[row][column] < least]
    withheld = set(small)
    # The largest first: they need the least of their neighbours, and the others may share these.
    for row, column in sorted(small, key=lambda place: -cells[place[0]][place[1]]):
        corners = _cheapest_rectangle(cells, row, column, withheld, least)
        if corners is None:
            return frozenset(places)
        withheld |= corners
    return frozenset(withheld)


def _cheapest_rectangle(
    cells: Sequence[Sequence[int]], row: int, column: int, withheld: set[tuple[int, int]], least: int
) -> set[tuple[int, int]] | None:
    """Return the three other corners that take the least from what is shown; None when no rectangle protects."""
    # One more than it takes: what is withheld may be known to be at least 1, since 0 is shown.
    needed = least - cells[row][column] + 1
    givers = [other for other in range(len(cells)) if other != row and cells[other][column] >= needed]
    best: tuple[int, int] | None = None
    chosen: set[tuple[int, int]] | None = None
    for across in range(len(cells[row])):
        if across == column or cells[row][across] < needed:
            continue
        for other in givers:
            if not cells[other][across]:
                continue
            corners = {(row, across), (other, column), (other, across)}
            new = corners - withheld
            cost = (len(new), sum(cells[r][c] for r, c in new))
            if best is None or cost < best:
                best, chosen = cost, corners
    return chosen
