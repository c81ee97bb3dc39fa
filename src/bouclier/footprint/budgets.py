"""What an application may spend of carbon in a day or a month, and how far it is.

    within -> warn -> lighten -> refuse

The rules: what is charged is the upper bound of an exchange, so that what is not known never makes room; an exchange is
reserved before it begins and settled when it is over, by its id, so that doing either twice changes nothing; the stage
is that of what is spent and reserved already, so a budget is overrun by one exchange at most. Days and months are in
UTC; an exchange counts in the period it began in.

What is kept is the ledger's; here is what a gateway knows of it, without files and clocks. Nothing here decides what is
lawful: a charter caps an exchange (`carbon-cap`), a budget is the institution's own measure (ADR 0047).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from bouclier.terms.law import Budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVERYONE: Final = "*"
"""In place of an application's name: each of those that have no allowance of their own."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT: Final = timedelta(days=400)
_HUNDRED: Final = 100
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an application may spend in a period, and when it is told, held back and stopped.

    Attributes:
        application: Name of a key; `*` for each application that has no allowance of its own.
        period: A day or a month, in UTC.
        limit_ug: Millionths of a gram of CO2e.
        warn_percent: Of the limit, from where callers are warned.
        lighten_percent: From where lighter models serve.
        refuse_percent: From where nothing begins.
    """

    application: str
    period: Literal["day", "month"]
    limit_ug: int
    warn_percent: int = 80
    lighten_percent: int = 100
    refuse_percent: int = 120


_MOST_UG: Final = 2**50
"""Of one exchange, a thousand tonnes: no account may grow beyond what a ledger's integers hold."""


class Account(NamedTuple):
    """Where an exchange is counted.

    Attributes:
        application: Whose.
        period: Such as `2026-11-22` or `2026-11`.
    """

    application: str
    period: str


class Spending(NamedTuple):
    """How far an application is.

    Attributes:
        stage: What follows from it.
        spent_ug: Spent and reserved, millionths of a gram of CO2e.
        allowance: What it may spend.
        period: In which day or month.
    """

    stage: Budget
    spent_ug: int
    allowance: Allowance
    period: str


class Batch(NamedTuple):
    """What the ledger is to be told.

    Attributes:
        number: Of the batch: the same until the ledger is known to have kept it.
        changes: What to add to accounts, millionths of a gram.
    """

    number: int
    changes: Mapping[Account, int]


class _Reserved(NamedTuple):
    account: Account
    ug: int


def stage(allowance: Allowance, spent_ug: int) -> Budget:
    """Return what follows from what was spent; it never goes back as that grows."""
    for percent, reached in (
        (allowance.refuse_percent, Budget.REFUSE),
        (allowance.lighten_percent, Budget.LIGHTEN),
        (allowance.warn_percent, Budget.WARN),
    ):
        if spent_ug * _HUNDRED >= percent * allowance.limit_ug:
            return reached
    return Budget.WITHIN


def periods_of(now_ms: int) -> tuple[str, str]:
    """Return the day and the month of a time, milliseconds since 1970-01-01 UTC."""
    return _day_and_month(now_ms // _DAY_MS)


@lru_cache(maxsize=4)
def _day_and_month(days: int) -> tuple[str, str]:
    day = (_EPOCH + timedelta(days=days)).strftime("%Y-%m-%d")
    return day, day[:7]


def ends_on(period: str) -> str:
    """Return the first day after a day or a month, as `periods_of` names them.

    >>> ends_on("2026-12"), ends_on("2026-11-30")
    ('2027-01-01', '2026-12-01')
    """
    is_month = len(period) == len("2026-11")
    begins = date.fromisoformat(f"{period}-01" if is_month else period)
    # 31 days from the first of a month is in the next one, and not beyond it.
    after = (begins + timedelta(days=31)).replace(day=1) if is_month else begins + timedelta(days=1)
    return after.isoformat()


def oldest_kept(now_ms: int) -> str:
    """Return the month before which no account is asked for any more."""
    return (_EPOCH + timedelta(milliseconds=now_ms) - _KEPT).strftime("%Y-%m")


class BudgetBook:
    """What a gateway knows of what its applications spent. No method waits; each takes microseconds.

    A total is what the ledger last said, and what it has not been told yet.
    """

    def __init__(self, allowances: Iterable[Allowance]) -> None:
        self._allowances = {one.application: one for one in allowances}
        self._known: dict[Account, int] = {}
        self._told: Batch | None = None
        self._untold: dict[Account, int] = {}
        self._open: dict[str, _Reserved] = {}
        self._number = 0

    def spending(self, application: str, *, now_ms: int) -> Spending | None:
        """Return how far an application is; None when it has no allowance.

        Args:
            application: The name of its key.
            now_ms: Milliseconds since 1970-01-01 UTC.
        """
        allowance = self._allowance(application)
        if allowance is None:
            return None
        account = _account(allowance, application, now_ms)
        spent = self._total(account)
        return Spending(stage(allowance, spent), spent, allowance, account.period)

    def reserve(self, application: str, exchange: str, ug: int, *, now_ms: int) -> None:
        """Count what an exchange may cost, in place of what was reserved for it before.

        Args:
            application: The name of its key; one without an allowance is not counted.
            exchange: The exchange's id.
            ug: Upper bound, millionths of a gram of CO2e.
            now_ms: Milliseconds since 1970-01-01 UTC.
        """
        allowance = self._allowance(application)
        if allowance is None:
            return
        before = self._open.get(exchange) or _Reserved(_account(allowance, application, now_ms), 0)
        reserved = _Reserved(before.account, min(ug, _MOST_UG))
        self._open[exchange] = reserved
        self._add(before.account, reserved.ug - before.ug)

    def settle(self, exchange: str, ug: int) -> None:
        """Count what an exchange cost at most, in place of what was reserved; nothing without a reservation."""
        reserved = self._open.pop(exchange, None)
        if reserved is not None:
            self._add(reserved.account, min(ug, _MOST_UG) - reserved.ug)

    def batch(self) -> Batch | None:
        """Return what the ledger is to be told: the last batch until it is `kept`; None when it knows all."""
        if self._told is None and self._untold:
            self._number += 1
            self._told, self._untold = Batch(self._number, self._untold), {}
        return self._told

    def kept(self, totals: Mapping[Account, int]) -> None:
        """Take the totals with which the ledger kept the batch."""
        self._told = None
        self._known.update(totals)

    def heard(self, totals: Mapping[Account, int]) -> None:
        """Take the totals the ledger has of all accounts in use, while no batch is on its way; forget the others."""
        self._known = dict(totals)

    def stages(self, *, now_ms: int) -> Mapping[Budget, int]:
        """Return how many applications are at each stage, of those that spent something; they are not named."""
        counted: Counter[Budget] = Counter()
        told = () if self._told is None else self._told.changes
        for application in {account.application for account in (*self._known, *told, *self._untold)}:
            spending = self.spending(application, now_ms=now_ms)
            if spending is not None:
                counted[spending.stage] += 1
        return {one: counted[one] for one in Budget}

    def _allowance(self, application: str) -> Allowance | None:
        return self._allowances.get(application) or self._allowances.get(EVERYONE)

    def _total(self, account: Account) -> int:
        told = 0 if self._told is None else self._told.changes.get(account, 0)
        return self._known.get(account, 0) + told + self._untold.get(account, 0)

    def _add(self, account: Account, ug: int) -> None:
        if ug:
            self._untold[account] = self._untold.get(account, 0) + ug


def _account(allowance: Allowance, application: str, now_ms: int) -> Account:
    day, month = periods_of(now_ms)
    return Account(application, day if allowance.period == "day" else month)
