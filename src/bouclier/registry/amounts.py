"""Percentages as whole numbers of a fine unit, so that following them through chains costs no fractions. Pure.

1. The unit is a millionth of a millionth of a percent. A share as its source wrote it is exact, up to twelve decimals.
2. Whatever does not come out even is rounded so that no bound is better than the truth: what is held *at most* up,
   what is held *at least* down.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final

UNIT: Final = 10**12
ALL: Final = 100 * UNIT
HALF: Final = 50 * UNIT
_REMEMBERED: Final = 4096


@lru_cache(maxsize=_REMEMBERED)
def exact(percent: float) -> Fraction:
    """Return a percent as its source wrote it: 24.1 is 241/10, whatever binary fractions make of it.

    >>> exact(24.1)
    Fraction(241, 10)
    """
    return Fraction(repr(percent))


@lru_cache(maxsize=_REMEMBERED)
def at_least(percent: float) -> int:
    """Return a percent in units, rounded down.

    >>> at_least(24.1)
    24100000000000
    """
    return int(exact(percent) * UNIT // 1)


@lru_cache(maxsize=_REMEMBERED)
def at_most(percent: float) -> int:
    """Return a percent in units, rounded up.

    >>> at_most(33.33333333333333) - at_least(33.33333333333333)
    1
    """
    return int(-(-exact(percent) * UNIT // 1))


def part_of(mass: int, share: int, *, up: bool) -> int:
    """Return a share of a mass, both in units: 60 % of 40 % are 24 %.

    Args:
        mass: How much is shared out.
        share: Of it, in units of a percent.
        up: Whether to round up what does not come out even, or down.

    >>> part_of(40 * UNIT, 60 * UNIT, up=True) // UNIT
    24
    """
    return -(-mass * share // ALL) if up else mass * share // ALL


def in_percent(amount: int) -> Fraction:
    """Return units as a percentage, exactly.

    >>> in_percent(241 * UNIT // 10)
    Fraction(241, 10)
    """
    return Fraction(amount, UNIT)
