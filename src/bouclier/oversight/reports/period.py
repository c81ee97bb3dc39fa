"""The days a report is about, in UTC, and the months they fall in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from bouclier.terms.errors import Bilingual, ConfigurationError

DAY_MS: Final = 86_400_000
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH: Final = date(1970, 1, 1)
_LAST_MS: Final = (date.max - _EPOCH).days * DAY_MS


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included; None where there is no bound.

    Attributes:
        first: The first day.
        last: The last day.
        start_ms: Its first millisecond since 1970-01-01 UTC.
        end_ms: The first millisecond after it.
    """

    first: date | None = None
    last: date | None = None

    @property
    def start_ms(self) -> int:
        """The first millisecond of the period."""
        return 0 if self.first is None else _ms(self.first)

    @property
    def end_ms(self) -> int:
        """The first millisecond after the period."""
        return _LAST_MS if self.last is None else _ms(self.last) + DAY_MS


def parse_period(first: str | None, last: str | None) -> Period:
    """Return the period two options name.

    Raises:
        ConfigurationError: One is not a day, or they are in the wrong order; `param` names the option.
    """
    period = Period(_parse_day(first, "--from"), _parse_day(last, "--to"))
    if period.first is not None and period.last is not None and period.last < period.first:
        raise _wrong("--to", Bilingual("la période finit avant de commencer", "the period ends before it begins"))
    return period


def whole_months(period: Period, *, today: date) -> Period:
    """Return the period if it is made of whole months that are over; its end is the last such month by default.

    Two public reports that differ by a day would tell what happened on that day, whatever each of them withholds.

    Raises:
        ConfigurationError: It is not; `param` names the option.
    """
    over = today.replace(day=1) - timedelta(days=1)
    last = period.last or over
    if period.first is not None and period.first.day != 1:
        raise _not_whole("--from", Bilingual("le premier jour d'un mois", "the first day of a month"))
    if (last + timedelta(days=1)).day != 1:
        raise _not_whole("--to", Bilingual("le dernier jour d'un mois", "the last day of a month"))
    if last > over or (period.first is not None and period.first > last):
        option = "--to" if last > over else "--from"
        raise _not_whole(option, Bilingual("un mois écoulé", "a month that is over"))
    return Period(period.first, last)


@lru_cache(maxsize=8192)
def month_of_day(day: int) -> str:
    """Return the month, such as `2026-11`, of a day counted from 1970-01-01."""
    return (_EPOCH + timedelta(days=day)).isoformat()[:7] if day * DAY_MS < _LAST_MS else "9999-12"


def month_of(time_ms: int) -> str:
    """Return the month of a time, such as `2026-11`, in UTC."""
    return month_of_day(time_ms // DAY_MS)


def day_of(time_ms: int) -> date:
    """Return the day of a time, in UTC; the last day dates know for times beyond it."""
    return _EPOCH + timedelta(milliseconds=min(time_ms, _LAST_MS))


def written(time_ms: int) -> str:
    """Return a time as people write it in UTC, to the second."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(time_ms, _LAST_MS))
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month if it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _ms(day: date) -> int:
    return (day - _EPOCH).days * DAY_MS


def _parse_day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    not_a_day = Bilingual("ce n'est pas un jour", "this is not a day")
    if not _DAY.fullmatch(text):  # Python also reads other spellings of ISO 8601
        raise _wrong(option, not_a_day)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong(option, not_a_day) from None
    if not _EPOCH <= day < date.max:
        raise _wrong(option, Bilingual("ce jour est hors du calendrier du journal", "no log has this day"))
    return day


def _wrong(option: str, reason: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{option} : {reason.fr}.", f"{option}: {reason.en}."),
        Bilingual(
            "Écrivez un jour UTC ainsi : 2026-01-31 ; les deux jours sont compris.",
            "Write a UTC day as 2026-01-31; both days are included.",
        ),
        param=option,
    )


def _not_whole(option: str, expected: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{option} : il faut {expected.fr}.", f"{option}: it must be {expected.en}."),
        Bilingual(
            "Un rapport public couvre des mois entiers écoulés : la différence de deux rapports dirait le reste.",
            "A public report covers whole months that are over: the difference of two reports would tell the rest.",
        ),
        param=option,
    )
