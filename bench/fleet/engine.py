"""A simulated engine that works on several exchanges at once, and fails as sites fail.

The first token comes after the way there, a place among `slots`, the prompts before it, and the prompt itself: reading
is bound by computing, one prompt after the other, and grows linearly with tokens (Splitwise, ISCA 2024, section 3.3).
Written tokens come slower the more exchanges are worked on: EcoLogits' regression of ML.ENERGY's measures, whose
constants are the packaged ones. How many are there is looked at when writing begins, and not again: a simplification.
The beginning of a conversation that is still held is not read again. Beyond four times its slots an engine answers "too
many".

A site can refuse connections, hang (a partition, or a stuck card), fail while its health page says it is well, be slow,
or close as its operator announced.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bench.fleet.traffic import Asked
    from bench.fleet.world import Served

LIMIT_S: Final = 20.0
"""Whoever waits longer for a first token, or between tokens, gives up: the same for all strategies."""
_QUEUE: Final = 4
_HELD: Final = 64
_REFUSING_S: Final = 0.06


class Fault(StrEnum):
    """How a site is."""

    NONE = "none"
    REFUSES = "refuses"
    HANGS = "hangs"
    LIES = "lies"
    CLOSED = "closed"


class Failed(Exception):
    """An exchange failed.

    Attributes:
        status: HTTP status, or 0 without one.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TimedOut(Failed):
    """Nothing came for `LIMIT_S`."""

    def __init__(self) -> None:
        super().__init__(408)


class SiteState:
    """How a site is now; its engines look here.

    Attributes:
        fault: What is wrong.
        slower: How many times slower than it should be.
    """

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self.slower = 1.0
        self.engines: list[Engine] = []

    def becomes(self, fault: Fault) -> None:
        """Change; whatever is worked on feels it at once."""
        self.fault = fault
        for engine in self.engines:
            engine.feel(fault)


class Engine:
    """One deployment.

    Attributes:
        running: Exchanges it works on.
    """

    def __init__(self, served: Served, site: SiteState) -> None:
        self.served = served
        self.site = site
        self.running = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._held: OrderedDict[str, int] = OrderedDict()
        self._reading_until = 0.0
        self._timers: dict[asyncio.Future[None], asyncio.TimerHandle] = {}
        site.engines.append(self)

    @property
    def waiting(self) -> int:
        """Exchanges in its queue."""
        return len(self._queue)

    @property
    def can_serve(self) -> bool:
        """Whether an exchange that came now would be worked on at once, and well."""
        return self.site.fault is Fault.NONE and self.running < self.served.slots and not self._queue

    async def first_token(self, asked: Asked) -> None:
        """Return when the first token is there; a place is held until `last_token`, or until this raises.

        Raises:
            Failed: It failed.
        """
        loop = asyncio.get_running_loop()
        gives_up = loop.time() + LIMIT_S
        await self._reached()
        if self.running >= self.served.slots:
            if len(self._queue) >= _QUEUE * self.served.slots:
                raise Failed(429)
            await self._turn(gives_up)
        else:
            self.running += 1
        try:
            held = min(self._held.pop(asked.conversation, 0), asked.prompt_tokens)
            begins = max(loop.time(), self._reading_until)
            reading_s = (asked.prompt_tokens - held) / self.served.read_tokens_s + self.served.write_s
            self._reading_until = begins + reading_s * self.site.slower
            await self._until(self._reading_until, gives_up)
        except (Failed, asyncio.CancelledError):  # it failed, or its caller lost patience
            self._leave()
            raise

    async def last_token(self, asked: Asked) -> None:
        """Return when the answer is whole.

        Raises:
            Failed: It was cut.
        """
        loop = asyncio.get_running_loop()
        token_s = self.served.write_s + self.served.crowd_s * (self.running - 1)
        ends = loop.time() + asked.answer_tokens * token_s * self.site.slower
        try:
            await self._until(ends, ends)
        finally:
            self._leave()
        self._held[asked.conversation] = asked.prompt_tokens + asked.answer_tokens
        if len(self._held) > _HELD:
            self._held.popitem(last=False)

    def feel(self, fault: Fault) -> None:
        """Let all that is worked on, or waits, feel a change of the site."""
        if fault is Fault.NONE or fault is Fault.CLOSED:
            return
        loop = asyncio.get_running_loop()
        for waiting, timer in list(self._timers.items()):
            if waiting.done():
                continue
            timer.cancel()
            if fault is Fault.HANGS:
                self._timers[waiting] = loop.call_later(LIMIT_S, _fail, waiting, TimedOut())
            else:
                _fail(waiting, Failed(502))

    async def _reached(self) -> None:
        match self.site.fault:
            case Fault.REFUSES:
                await asyncio.sleep(_REFUSING_S)
                raise Failed(0)
            case Fault.HANGS:
                await asyncio.sleep(LIMIT_S)
                raise TimedOut
            case Fault.LIES:
                await asyncio.sleep(self.served.near_s)
                raise Failed(500)
            case Fault.CLOSED:
                await asyncio.sleep(self.served.near_s)
                raise Failed(503)
            case _:
                await asyncio.sleep(self.served.near_s)

    async def _turn(self, gives_up: float) -> None:
        """Wait in the engine's own queue; whoever leaves hands its place to the next."""
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        self._timers[turn] = asyncio.get_running_loop().call_at(gives_up, _fail, turn, TimedOut())
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise
        finally:
            self._timers.pop(turn).cancel()
            if turn in self._queue:
                self._queue.remove(turn)

    async def _until(self, at: float, gives_up: float) -> None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        if self.site.fault is Fault.HANGS:
            timer = loop.call_later(LIMIT_S, _fail, waiting, TimedOut())
        elif at <= gives_up:
            timer = loop.call_at(at, _done, waiting)
        else:
            timer = loop.call_at(gives_up, _fail, waiting, TimedOut())
        self._timers[waiting] = timer
        try:
            await waiting
        finally:
            self._timers.pop(waiting).cancel()

    def _leave(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


def _done(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _fail(waiting: asyncio.Future[None], failed: Failed) -> None:
    if not waiting.done():
        waiting.set_exception(failed)
