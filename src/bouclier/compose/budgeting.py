"""Carbon budgets of applications, kept: the book of a gateway, and the task that tells the ledger.

Nothing here makes an exchange wait. A budget is the institution's measure, not law: when the ledger fails, exchanges go
on by what this gateway knows, the log says so once, and `/health` until it is kept again (ADR 0047).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Final, Literal

from bouclier.footprint.adapters.ledger import SqliteLedger
from bouclier.footprint.budgets import Allowance, BudgetBook, ends_on, oldest_kept, periods_of
from bouclier.terms.errors import StorageError
from bouclier.terms.law import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from bouclier.compose.fleet_settings import BudgetSettings
    from bouclier.footprint.budgets import Spending
    from bouclier.footprint.ports import Ledger

FILE: Final = "footprint.sqlite3"
_UG_PER_G: Final = 1_000_000
_REFRESH_S: Final = 5.0
_RETRY_S: Final = 5.0
_log = logging.getLogger("bouclier.compose")


def allowances_of(settings: Iterable[BudgetSettings]) -> tuple[Allowance, ...]:
    """Return the allowances that are configured."""
    return tuple(
        Allowance(
            application=one.application,
            period="day" if one.period == "day" else "month",
            limit_ug=max(1, round(one.grams * _UG_PER_G)),
            warn_percent=one.warn_percent,
            lighten_percent=one.lighten_percent,
            refuse_percent=one.refuse_percent,
        )
        for one in settings
    )


def file_ledger(data: Path) -> SqliteLedger:
    """Return the ledger of a gateway that is alone, in its data folder."""
    return SqliteLedger(data / FILE)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Budgets:
    """What applications have spent of their carbon budgets; a `Spending`. Use `run` as a task beside it."""

    def __init__(self, allowances: Iterable[Allowance], ledger: Ledger, *, now_ms: Callable[[], int] = _now_ms) -> None:
        """Take the allowances, and where what is spent is kept."""
        known = tuple(allowances)
        self._book = BudgetBook(known)
        self._ledger = ledger
        self._now_ms = now_ms
        self._changed = asyncio.Event()
        self._begun = False
        self._state: Literal["off", "kept", "unkept"] = "kept" if known else "off"

    @property
    def state(self) -> Literal["off", "kept", "unkept"]:
        """`kept`; `unkept` while the ledger fails; `off` without any allowance."""
        return self._state

    def stage(self, application: str) -> Budget:
        """Return how far an application is with what it may spend."""
        spending = self.spending(application)
        return Budget.WITHIN if spending is None else spending.stage

    def resets_on(self, application: str) -> str | None:
        """Return the first day, UTC, on which it may spend anew; None without an allowance."""
        spending = self.spending(application)
        return None if spending is None else ends_on(spending.period)

    def spending(self, application: str) -> Spending | None:
        """Return the same with its numbers; None without an allowance."""
        return None if self._state == "off" else self._book.spending(application, now_ms=self._now_ms())

    def reserve(self, exchange_id: str, application: str, carbon_ug: int) -> None:
        """Count an exchange with what it may cost until it is settled; again, if it moves to another deployment."""
        if self._state != "off":
            self._book.reserve(application, exchange_id, carbon_ug, now_ms=self._now_ms())
            self._changed.set()

    def settle(self, exchange_id: str, carbon_ug: int) -> None:
        """Count what it cost instead; 0 if nothing was served."""
        self._book.settle(exchange_id, carbon_ug)
        self._changed.set()

    def stages(self) -> Mapping[Budget, int]:
        """Return how many applications are at each stage."""
        return self._book.stages(now_ms=self._now_ms())

    async def begin(self) -> None:
        """Read what was spent before, so that the first exchange is judged by it; if it cannot be read, say so."""
        if self._state != "off":
            with contextlib.suppress(StorageError):
                await self._keep()

    async def run(self) -> None:
        """Tell the ledger of what changes, until cancelled; and hear of other gateways now and then."""
        while self._state != "off":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _REFRESH_S)
            self._changed.clear()
            try:
                await self._keep()
            except StorageError:
                await asyncio.sleep(_RETRY_S)
                self._changed.set()

    async def close(self) -> None:
        """Tell the ledger of what it does not know yet, and let go of it."""
        if self._state != "off":
            with contextlib.suppress(StorageError):
                await self._keep()
            await self._ledger.close()

    async def _keep(self) -> None:
        try:
            if not self._begun:
                await self._ledger.begin(oldest_kept(self._now_ms()))
                self._begun = True
            told = False
            while (batch := self._book.batch()) is not None:
                # A crash before this returns: the batch is lost, at most what changed since the last one; the log has
                # each of its exchanges. Once it returned, what was reserved stays counted whatever happens to us.
                self._book.kept(await self._ledger.write(batch.number, batch.changes))
                told = True
            if not told:
                self._book.heard(await self._ledger.totals(periods_of(self._now_ms())))
        except StorageError as error:
            if self._state != "unkept":
                self._state = "unkept"
                _log.warning("%s %s", error.message.en, error.hint.en)
            raise
        if self._state == "unkept":
            self._state = "kept"
            _log.info("carbon budgets are kept again")
