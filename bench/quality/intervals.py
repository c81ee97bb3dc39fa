"""How sure a figure is: 95 % intervals."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, NamedTuple

from bench.quality.score import Counts, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.quality.score import Score

_Z = 1.959964  # of the normal distribution, 95 % two-sided
_RESAMPLES = 400
_SEED = 7


class Interval(NamedTuple):
    """From, to."""

    low: float
    high: float


def wilson(tally: Tally) -> Interval:
    """Return the interval of a share, which stays honest when nothing, or all, was hit.

    Source: E. B. Wilson, 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(bound, 3) for bound in wilson(Tally(0, 100))]
    [0.0, 0.037]
    """
    count, share = tally.total, tally.share
    if not count:
        return Interval(0.0, 1.0)
    spread = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    middle, scale = share + _Z**2 / (2 * count), 1 + _Z**2 / count
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


class Intervals(NamedTuple):
    """Of the figures of a whole set."""

    precision: Interval
    recall: Interval
    f1: Interval
    mention_recall: Interval


def by_document(scores: Sequence[Score]) -> Intervals:
    """Return intervals by drawing whole documents again, with the same seed each time: mentions of one go together."""
    rows = [
        (one.characters.tp, one.characters.fp, one.characters.fn, one.mention_recall.hits, one.mention_recall.total)
        for one in scores
    ]
    draw = random.Random(_SEED)
    drawn = []
    for _ in range(_RESAMPLES):
        tp, fp, fn, hits, mentions = (sum(column) for column in zip(*draw.choices(rows, k=len(rows)), strict=True))
        counts = Counts(tp, fp, fn)
        drawn.append((counts.precision, counts.recall, counts.f1, Tally(hits, mentions).share))
    return Intervals(*(_middle(sorted(column)) for column in zip(*drawn, strict=True)))


def _middle(ordered: Sequence[float]) -> Interval:
    cut = len(ordered) // 40  # 2.5 % at each end
    return Interval(ordered[cut], ordered[-1 - cut])
