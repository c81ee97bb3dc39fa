"""Where the labels of lines stand: on their line, in a gutter, off one another where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]

_PLACES: Final = (0.48, 0.6, 0.4, 0.7, 0.32, 0.78, 0.26)
_SPARE: Final = 2.0


def place_labels(wanted: Sequence[tuple[Sequence[Point], float, float]]) -> list[Point]:
    """Return the middle of each label.

    Args:
        wanted: For each, the points of its line, its width and its height. The strongest last: they are placed first.
    """
    taken: list[tuple[float, float, float, float]] = []
    placed: list[Point] = []
    for points, width, height in reversed(wanted):
        best: tuple[float, float, float, float] | None = None
        least = float("inf")
        for x, y in _candidates(points):
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            overlap = sum(_overlap(box, other) for other in taken)
            if overlap < least:
                best, least = box, overlap
            if not overlap:
                break
        assert best is not None
        taken.append(best)
        placed.append(((best[0] + best[2]) / 2, (best[1] + best[3]) / 2))
    return placed[::-1]


def _candidates(points: Sequence[Point]) -> list[Point]:
    """Return places along the curves of a line, those in its last gutter first: there lines are apart."""
    gutters = [(points[place], points[place + 1]) for place in range(0, len(points) - 1, 2)]
    found: list[Point] = []
    for (x1, y1), (x2, y2) in reversed(gutters):
        for part in _PLACES:
            # The curve of `_route`: a cubic whose handles are level, at the middle of the gutter.
            across = 3 * part * (1 - part) * 0.5 + part**3
            down = 3 * part**2 * (1 - part) + part**3
            found.append((x1 + (x2 - x1) * across, y1 + (y2 - y1) * down))
    return found


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0]) + _SPARE
    high = min(one[3], other[3]) - max(one[1], other[1]) + _SPARE
    return wide * high if wide > 0 and high > 0 else 0.0
