"""Place the boxes of a small graph in columns, left to right, so that no two touch and no line crosses a box.

The method is the layered one of Sugiyama, Tagawa and Toda (1981): break cycles, rank, order each column to lessen
crossings (by barycentres), place (each box as near its neighbours as order allows: isotonic regression, pool adjacent
violators). A line that passes a column on its way has its own slot there, like a thin box. Before each column all lines
run level, as far as the widest label there needs, and a label's own height apart: a label at the end of its line is on
no other. Same input, same drawing: nothing is random, ties go by the order given. Meant for some hundred boxes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GAP: Final = 22.0
"""Least room between two boxes of a column."""
LABEL_HEIGHT: Final = 16.0
"""Height of a label, which lines that end beside one another with labels are more than apart."""
_SLOT_GAP: Final = 11.0
_SLOT_HEIGHT: Final = 6.0
_SWEEPS: Final = 12
_PORT: Final = 14.0
_LEAST_PORT: Final = 9.0
_LABELLED_PORT: Final = LABEL_HEIGHT + 2.0
_INSET: Final = 9.0
_LEAST_LEVEL: Final = 14.0
"""Least room before a column in which lines run level: for the head of an arrow."""


class Size(NamedTuple):
    """How large a box is."""

    width: float
    height: float


class Placed(NamedTuple):
    """Where a box is: its upper left corner, and its size.

    Attributes:
        rank: Its column, from 0.
    """

    x: float
    y: float
    width: float
    height: float
    rank: int

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.y + self.height / 2


class Route(NamedTuple):
    """How a line goes: from a side of a box, through slots, to a side of another.

    Attributes:
        points: The first at the right side of the box on the left, the last at the left side of the box on the right.
            From the second on, two and two are at one height: where it begins to run level before a column, and the
            far side of that column; of the last two, the second is where it ends.
        backwards: Whether it was asked from right to left: the line then begins at its last point.
    """

    points: tuple[tuple[float, float], ...]
    backwards: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph with places.

    Attributes:
        boxes: By name.
        routes: One per line, in the order given.
        columns: Left side and width of each column.
        width: Of it all.
        height: Of it all.
    """

    boxes: Mapping[str, Placed]
    routes: tuple[Route, ...]
    columns: tuple[tuple[float, float], ...]
    width: float
    height: float


@dataclass(slots=True, eq=False)
class _Item:
    name: str
    size: Size
    rank: int = 0
    y: float = 0.0
    slot: bool = False
    left: list[_Item] = field(default_factory=list)
    right: list[_Item] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return self.y + self.size.height / 2


def lay_out(
    sizes: Mapping[str, Size],
    lines: Sequence[tuple[str, str]],
    *,
    least_rank: Mapping[str, int],
    room: Sequence[float],
    least_gutter: float,
) -> Layout:
    """Place boxes and lines.

    Args:
        sizes: Of each box, in the order that decides ties.
        lines: From where to where, by name; no line from a box to itself.
        least_rank: Groups that come after all that has a lower number: such as 1 for states, 2 for laws. 0 for others.
        room: How far each line must run level at its right end, for its label; 0 without one. A box is made higher
            when the lines at one of its sides need it.
        least_gutter: Least room between columns in which lines bend.
    """
    ranks, backwards = _ranks(list(sizes), lines, least_rank)
    grown = _grown(sizes, lines, backwards, room)
    items = {name: _Item(name, size, ranks[name]) for name, size in grown.items()}
    columns: list[list[_Item]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for item in items.values():
        columns[item.rank].append(item)
    chains = [_chain(items, columns, line, turned) for line, turned in zip(lines, backwards, strict=True)]
    _order(columns)
    _place(columns)
    levels = [_LEAST_LEVEL] * len(columns)
    for chain, wide in zip(chains, room, strict=True):
        levels[chain[-1].rank] = max(levels[chain[-1].rank], wide)
    labelled = {chain[-1].name for chain, wide in zip(chains, room, strict=True) if wide}
    return _measured(_Drawn(items, columns, chains, backwards, levels, labelled), least_gutter)


def _grown(
    sizes: Mapping[str, Size], lines: Sequence[tuple[str, str]], backwards: Sequence[bool], room: Sequence[float]
) -> dict[str, Size]:
    """Return boxes, high enough for the lines at either side, and for the labels of those at their left."""
    turned = [(end, begin) if back else (begin, end) for (begin, end), back in zip(lines, backwards, strict=True)]
    lefts, rights = Counter(end for _, end in turned), Counter(begin for begin, _ in turned)
    labelled = {end for (_, end), wide in zip(turned, room, strict=True) if wide}
    return {
        name: size._replace(
            height=max(
                size.height,
                (_LABELLED_PORT if name in labelled else _LEAST_PORT) * (lefts[name] - 1) + 2 * _INSET,
                _LEAST_PORT * (rights[name] - 1) + 2 * _INSET,
            )
        )
        for name, size in sizes.items()
    }


def _ranks(
    names: Sequence[str], lines: Sequence[tuple[str, str]], least_rank: Mapping[str, int]
) -> tuple[dict[str, int], list[bool]]:
    """Return the column of each box, and which lines are turned round so that there is no cycle."""
    position = _first_visits(names, lines)
    group = {name: least_rank.get(name, 0) for name in names}
    backwards = [(group[begin], position[begin]) > (group[end], position[end]) for begin, end in lines]
    before: dict[str, list[str]] = {name: [] for name in names}
    for (begin, end), turned in zip(lines, backwards, strict=True):
        before[begin if turned else end].append(end if turned else begin)
    ranks: dict[str, int] = {}
    floor = 0
    for level in sorted(set(group.values())):
        here = sorted((name for name in names if group[name] == level), key=position.__getitem__)
        for name in here:
            ranks[name] = max([floor, *(ranks[other] + 1 for other in before[name])])
        floor = max((ranks[name] for name in here), default=floor - 1) + 1
    return ranks, backwards


def _first_visits(names: Sequence[str], lines: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return an order in which a box comes after those that lead to it, as far as cycles allow (reverse postorder)."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for begin, end in lines:
        after[begin].append(end)
    done: list[str] = []
    seen: set[str] = set()
    for root in names:
        waiting = [(root, iter(after[root]))] if root not in seen else []
        seen.add(root)
        while waiting:
            name, others = waiting[-1]
            other = next((one for one in others if one not in seen), None)
            if other is None:
                done.append(name)
                waiting.pop()
            else:
                seen.add(other)
                waiting.append((other, iter(after[other])))
    return {name: place for place, name in enumerate(reversed(done))}


def _chain(
    items: Mapping[str, _Item],
    columns: list[list[_Item]],
    line: tuple[str, str],
    turned: bool,  # noqa: FBT001
) -> list[_Item]:
    """Join two boxes by a slot in each column between them."""
    begin, end = (items[name] for name in (reversed(line) if turned else line))
    chain = [begin]
    for rank in range(begin.rank + 1, end.rank):
        slot = _Item("", Size(0.0, _SLOT_HEIGHT), rank, slot=True)
        columns[rank].append(slot)
        chain.append(slot)
    chain.append(end)
    for one, other in pairwise(chain):
        one.right.append(other)
        other.left.append(one)
    return chain


def _order(columns: list[list[_Item]]) -> None:
    """Order each column by the mean place of its neighbours, from both sides in turn; keep the best seen."""
    best = [list(column) for column in columns]
    least = _crossings(columns)
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for column in columns if forwards else list(reversed(columns)):
            places = {id(item): place for other in columns for place, item in enumerate(other)}
            means: dict[int, float] = {}
            for item in column:
                near = item.left if forwards else item.right
                means[id(item)] = sum(places[id(one)] for one in near) / len(near) if near else places[id(item)]
            column.sort(key=lambda item: means[id(item)])
        found = _crossings(columns)
        if found < least:
            best, least = [list(column) for column in columns], found
    for column, ordered in zip(columns, best, strict=True):
        column[:] = ordered


def _crossings(columns: list[list[_Item]]) -> int:
    count = 0
    for column, after in pairwise(columns):
        place = {id(item): index for index, item in enumerate(after)}
        ends = [sorted(place[id(other)] for other in item.right) for item in column]
        flat = [end for several in ends for end in several]
        count += sum(one > other for index, one in enumerate(flat) for other in flat[index + 1 :])
    return count


def _place(columns: list[list[_Item]]) -> None:
    for column in columns:
        _settle(column, [0.0] * len(column))
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for column in columns if forwards else list(reversed(columns)):
            wanted = []
            for item in column:
                near = (item.left if forwards else item.right) or item.right or item.left
                wanted.append(sum(one.middle for one in near) / len(near) if near else item.middle)
            _settle(column, wanted)


def _settle(column: list[_Item], wanted: list[float]) -> None:
    """Put each as near the height it wants as the order allows: least squares, by pooling adjacent violators."""
    offsets: list[float] = []
    below = 0.0
    for index, item in enumerate(column):
        if index:
            below += _between(column[index - 1], item)
        offsets.append(below + item.size.height / 2)
        below += item.size.height
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean, count = (mean * count + other * many) / (count + many), count + many
        pools.append((mean, count))
    index = 0
    for mean, count in pools:
        for item in column[index : index + count]:
            item.y = mean + offsets[index] - item.size.height / 2
            index += 1


def _between(one: _Item, other: _Item) -> float:
    return _SLOT_GAP if one.slot or other.slot else GAP


class _Drawn(NamedTuple):
    items: Mapping[str, _Item]
    columns: list[list[_Item]]
    chains: list[list[_Item]]
    backwards: list[bool]
    levels: list[float]  # how far lines run level before each column
    labelled: set[str]  # boxes at which lines with labels end


def _measured(drawn: _Drawn, gutter: float) -> Layout:
    every = [item for column in drawn.columns for item in column]
    top = min((item.y for item in every), default=0.0)
    for item in every:
        item.y -= top
    sides: list[tuple[float, float]] = []
    x = 0.0
    for rank, column in enumerate(drawn.columns):
        if rank:
            x += gutter + drawn.levels[rank]
        wide = max(item.size.width for item in column)
        sides.append((x, wide))
        x += wide
    boxes = {
        name: Placed(sides[item.rank][0], item.y, sides[item.rank][1], item.size.height, item.rank)
        for name, item in drawn.items.items()
    }
    routes = tuple(
        Route(tuple(_points(chain, sides, drawn)), turned)
        for chain, turned in zip(drawn.chains, drawn.backwards, strict=True)
    )
    return Layout(
        boxes,
        routes,
        tuple(sides),
        sum(sides[-1]) if sides else 0.0,
        max((item.y + item.size.height for item in every), default=0.0),
    )


def _points(chain: list[_Item], sides: list[tuple[float, float]], drawn: _Drawn) -> list[tuple[float, float]]:
    begin, end = chain[0], chain[-1]
    leaving = sorted((one for one in drawn.chains if one[0] is begin), key=lambda one: one[1].middle)
    coming = sorted((one for one in drawn.chains if one[-1] is end), key=lambda one: one[-2].middle)
    left, width = sides[begin.rank]
    step = _step(begin, len(leaving))
    points = [(left + width, _port(begin, chain, leaving, step))]
    for slot in chain[1:-1]:
        left, width = sides[slot.rank]
        points += [(left - drawn.levels[slot.rank], slot.middle), (left + width, slot.middle)]
    left, _ = sides[end.rank]
    step = _LABELLED_PORT if end.name in drawn.labelled else _step(end, len(coming))
    y = _port(end, chain, coming, step)
    return [*points, (left - drawn.levels[end.rank], y), (left, y)]


def _step(item: _Item, count: int) -> float:
    return min(_PORT, max(_LEAST_PORT, item.size.height * 0.6 / max(1, count - 1)))


def _port(item: _Item, chain: list[_Item], chains: list[list[_Item]], step: float) -> float:
    """Return at which height of a side a line ends, when several share it."""
    place = next(index for index, one in enumerate(chains) if one is chain)
    return item.middle + step * (place - (len(chains) - 1) / 2)
