"""Where exchanges wait for a slot: who is next is `fleet.waiting`'s, waking them is here.

A slot that comes free is held for whoever is next, so that nobody who comes later takes it; whoever is woken decides
anew, by the law of that moment, and takes the slot or lets it go. A caller who hangs up leaves the line.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bouclier.fleet.book_model import Outcome
from bouclier.fleet.waiting import Waiting, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bouclier.fleet.book import FleetBook
    from bouclier.fleet.waiting import Priority

_LOOK_AGAIN_S: Final = 0.25
"""Other gateways' exchanges end, and breakers close, without anybody here being told."""
_HELD_MS: Final = 5_000


class WaitingRoom:
    """Exchanges that wait, in the order in which they will be served."""

    def __init__(self, book: FleetBook, clock_ms: Callable[[], int], *, limit: int, wait_ms: int) -> None:
        """Begin empty.

        Args:
            book: What is known of the deployments.
            clock_ms: Milliseconds of a clock that never goes back.
            limit: Most exchanges that wait.
            wait_ms: How long one may.
        """
        self._book = book
        self._clock_ms = clock_ms
        self._line = WaitingLine(limit=limit)
        self._woken: dict[str, asyncio.Future[str | None]] = {}
        self.wait_ms = wait_ms

    def __len__(self) -> int:
        return len(self._line)

    @property
    def retry_after_ms(self) -> int:
        """When somebody who is refused now should come again."""
        return self._line.retry_after_ms()

    async def wait(
        self, exchange_id: str, names: frozenset[str], *, priority: Priority, arrived_ms: int, left_ms: int
    ) -> bool:
        """Wait until one of these deployments may take the exchange; False if the time is up, or the line is full.

        Args:
            exchange_id: The exchange.
            names: Deployments that may serve it.
            priority: How urgent it is.
            arrived_ms: When it first came to wait: whoever was woken in vain has not come anew.
            left_ms: How long it may still wait.
        """
        now_ms = self._clock_ms()
        woken = self._woken[exchange_id] = asyncio.get_running_loop().create_future()
        out = self._line.join(Waiting(exchange_id, priority, arrived_ms, now_ms + left_ms, names), now_ms=now_ms)
        if out is not None:
            self._wake(out.exchange_id, None)
        try:
            await self._until(woken, names, now_ms + left_ms)
        except asyncio.CancelledError:
            self._left(exchange_id, woken)
            self.freed(self._let_go(exchange_id, woken))  # a caller who leaves as it is woken: to the next one
            raise
        self._left(exchange_id, woken)
        # Let go in the same breath in which whoever was woken decides: nobody comes between.
        self._let_go(exchange_id, woken)
        return woken.done() and woken.result() is not None

    def _left(self, exchange_id: str, woken: asyncio.Future[str | None]) -> None:
        self._line.leave(exchange_id)
        if self._woken.get(exchange_id) is woken:
            del self._woken[exchange_id]

    def _let_go(self, exchange_id: str, woken: asyncio.Future[str | None]) -> Iterable[str]:
        name = woken.result() if woken.done() and not woken.cancelled() else None
        if name is None:
            return ()
        return self._book.end(name, exchange_id, now_ms=self._clock_ms(), outcome=Outcome.LEFT)

    async def _until(self, woken: asyncio.Future[str | None], names: frozenset[str], deadline_ms: int) -> None:
        while not woken.done():
            left_s = (deadline_ms - self._clock_ms()) / 1000
            if left_s <= 0:
                return
            await asyncio.wait((woken,), timeout=min(left_s, _LOOK_AGAIN_S))
            if not woken.done():
                self.freed(sorted(names))

    def freed(self, names: Iterable[str]) -> None:
        """Wake whoever is next for each of these deployments, as far as they can take an exchange."""
        if not len(self._line):
            return
        for name in names:
            self._freed(name)

    def _freed(self, name: str) -> None:
        while self._book.opens_in_ms(name, now_ms=(now_ms := self._clock_ms())) == 0:
            following = self._line.next_for(name, now_ms=now_ms)
            if following is None:
                return
            self._book.begin(name, following.exchange_id, now_ms=now_ms, deadline_ms=now_ms + _HELD_MS)
            self._wake(following.exchange_id, name)

    def _wake(self, exchange_id: str, name: str | None) -> None:
        woken = self._woken.get(exchange_id)
        if woken is not None and not woken.done():
            woken.set_result(name)
