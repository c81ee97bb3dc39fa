"""When a fact holds, where its dates are only as precise as its source. Pure.

A date is a year, a month or a day. What exposes counts from the first day it may have begun to the last day it may have
held; what favours counts only on the days on which it held for certain. So nobody gains from a date left vague.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bouclier.registry.model import Lasting, Member

_YEAR: Final = 4
_MONTH: Final = 7
_REMEMBERED: Final = 8192


@lru_cache(maxsize=_REMEMBERED)
def earliest(when: str) -> dt.date:
    """Return the first day a year, a month or a day may mean.

    Raises:
        ValueError: There is no such day, such as 2026-02-31.

    >>> earliest("2026-02")
    datetime.date(2026, 2, 1)
    """
    if len(when) == _YEAR:
        return dt.date(int(when), 1, 1)
    if len(when) == _MONTH:
        return dt.date(int(when[:4]), int(when[5:]), 1)
    return dt.date.fromisoformat(when)


@lru_cache(maxsize=_REMEMBERED)
def latest(when: str) -> dt.date:
    """Return the last day a year, a month or a day may mean.

    Raises:
        ValueError: There is no such day, such as 2026-02-31.

    >>> latest("2026-02")
    datetime.date(2026, 2, 28)
    """
    if len(when) == _YEAR:
        return dt.date(int(when), 12, 31)
    if len(when) == _MONTH:
        first = earliest(when)
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return dt.date.fromisoformat(when)


def holds_on(fact: Lasting, day: dt.date, *, favourable: bool) -> bool:
    """Return whether a fact counts on a day.

    Args:
        fact: A fact that `parse_registry` accepted.
        day: The day asked about.
        favourable: True for what would lower an exposure or improve a score: it counts only if it held for certain,
            and without a known beginning only from the day the fact dates from. False for what exposes: it counts if
            it may have held, and without a known beginning always.
    """
    if favourable:
        begun = day >= latest(fact.as_of if fact.since is None else fact.since)
        return begun and (fact.until is None or day < earliest(fact.until))
    if fact.since is not None and day < earliest(fact.since):
        return False
    return fact.until is None or day < latest(fact.until)


def belongs_on(member: Member, day: dt.date) -> bool:
    """Return whether a state is for certain of a legal area on a day; without a first day it always was."""
    begun = member.since is None or day >= latest(member.since)
    return begun and (member.until is None or day < earliest(member.until))


def sure_period(fact: Lasting) -> tuple[dt.date, dt.date]:
    """Return the first day on which a fact holds for certain, and the day from which it may hold no more.

    What has no known beginning began before everything. The first may come after the second: there is no certain day.
    """
    begins = dt.date.min if fact.since is None else latest(fact.since)
    return begins, dt.date.max if fact.until is None else earliest(fact.until)


def surely_overlap(one: Lasting, other: Lasting) -> bool:
    """Return whether there is a day on which two facts hold for certain, however their dates are read."""
    (begins, ends), (other_begins, other_ends) = sure_period(one), sure_period(other)
    return max(begins, other_begins) < min(ends, other_ends)
