"""Other ways of choosing, in the simulation, each as it is or restricted to what the law permits.

A peer retries as LiteLLM documents it: at most three attempts, before the first token only, at once where another
healthy deployment is left and after half a second where none is; a deployment rests for five seconds when it timed out
or said "too many", or when more than half of its requests in a minute failed, of five at least. One gateway, which
knows all of its own exchanges: the best case for all of them. They know neither slots nor announcements, as LiteLLM
does not, unless slots serve as weights; what is too many waits in the engine's own queue.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final, Protocol

from bench.fleet.engine import Failed, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.fleet.day import Day, Told
    from bench.fleet.faults import Trouble
    from bench.fleet.traffic import Asked
    from bench.fleet.world import World
    from bouclier.terms.law import Deployment

_ATTEMPTS: Final = 3
_RESTS_S: Final = 5.0
_BACKS_OFF_S: Final = 0.5
_WINDOW_S: Final = 60.0
_LATENCIES: Final = 10


class Chooser(Protocol):
    """A strategy, as far as it differs from the others."""

    def choose(self, group: str, names: Sequence[str], now_s: float) -> tuple[str | None, float]:
        """Return one of the names, or None, and what choosing took, seconds of this machine."""
        ...

    def began(self, group: str, name: str, now_s: float) -> None:
        """Take note that an exchange begins."""
        ...

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        """Take note that it ended."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Ended:
    """How an exchange ended, as a peer sees it.

    Attributes:
        served: It was served.
        timed_out: It timed out.
        first_s: From the call to the first token.
        whole_s: From the call to the end.
        prompt_tokens: Length of the prompt.
        answer_tokens: Length of the answer.
    """

    __slots__ = ("answer_tokens", "first_s", "prompt_tokens", "served", "timed_out", "whole_s")

    def __init__(self, asked: Asked, *, served: bool, timed_out: bool, first_s: float, whole_s: float) -> None:
        self.served = served
        self.timed_out = timed_out
        self.first_s = first_s
        self.whole_s = whole_s
        self.prompt_tokens = asked.prompt_tokens
        self.answer_tokens = asked.answer_tokens


class _Simple:
    """What the choosers of this module share: they are timed, and remember nothing unless they say so."""

    def choose(self, group: str, names: Sequence[str], now_s: float) -> tuple[str | None, float]:
        began = time.process_time()
        chosen = self.pick(group, names, now_s)
        return chosen, time.process_time() - began

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        raise NotImplementedError

    def began(self, group: str, name: str, now_s: float) -> None:
        """Remember nothing."""

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        """Remember nothing."""

    def close(self) -> None:
        """Hold nothing."""


class Random(_Simple):
    """Any one, the likelier the more its weight; LiteLLM's `simple-shuffle` with slots as weights."""

    def __init__(self, seed: int, weights: Mapping[str, int] | None = None) -> None:
        self._drawn = random.Random(seed)
        self._weights = weights

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del group, now_s
        if self._weights is None:
            return self._drawn.choice(names)
        return self._drawn.choices(names, [self._weights[name] for name in names])[0]


class RoundRobin(_Simple):
    """Each in turn, for each name that is asked for."""

    def __init__(self) -> None:
        self._turn: dict[str, int] = defaultdict(int)

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del now_s
        self._turn[group] += 1
        return names[self._turn[group] % len(names)]


class LeastBusy(_Simple):
    """The one with the fewest exchanges; `of_slots` counts them by its slots, which LiteLLM's does not know."""

    def __init__(self, seed: int, slots: Mapping[str, int] | None = None) -> None:
        self._drawn = random.Random(seed)
        self._slots = slots
        self._busy: dict[str, int] = defaultdict(int)

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del group, now_s
        slots = self._slots
        if slots is None:
            return min(names, key=lambda name: (self._busy[name], self._drawn.random()))
        return min(names, key=lambda name: (self._busy[name] / slots[name], self._drawn.random()))

    def began(self, group: str, name: str, now_s: float) -> None:
        del group, now_s
        self._busy[name] += 1

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        del group, told, now_s
        self._busy[name] -= 1


class LowestLatency(_Simple):
    """LiteLLM's `latency-based-routing` after its documentation: the mean of the last ten times to a first token."""

    def __init__(self, seed: int) -> None:
        self._drawn = random.Random(seed)
        self._seen: dict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=_LATENCIES))

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del now_s

        def mean(name: str) -> float:
            seen = self._seen.get((group, name))
            return sum(seen) / len(seen) if seen else 0.0

        return min(names, key=lambda name: (mean(name), self._drawn.random()))

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        del now_s
        if told.served or told.timed_out:
            self._seen[group, name].append(told.first_s if told.served else 1000.0)


class LowestCost(_Simple):
    """LiteLLM's `cost-based-routing` after its documentation: the lowest price; none that is known is the highest."""

    def __init__(self, prices: Mapping[str, float]) -> None:
        self._prices = prices

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del group, now_s
        return min(names, key=lambda name: self._prices[name])


class LowestUsage(_Simple):
    """LiteLLM's `usage-based-routing-v2` after its documentation: the fewest tokens in this minute."""

    def __init__(self, seed: int) -> None:
        self._drawn = random.Random(seed)
        self._used: dict[tuple[str, int], int] = defaultdict(int)

    def pick(self, group: str, names: Sequence[str], now_s: float) -> str:
        del group
        minute = int(now_s // 60)
        return min(names, key=lambda name: (self._used[name, minute], self._drawn.random()))

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        del group
        if told.served:
            self._used[name, int(now_s // 60)] += told.prompt_tokens + told.answer_tokens


class Peer:
    """A gateway that chooses otherwise."""

    def __init__(self, name: str, chooser: Chooser, world: World, *, lawful: bool) -> None:
        self.name = name
        self.deciding_s: list[float] = []
        self._chooser = chooser
        self._lawful = lawful
        self._world = world
        self._pools: dict[str, tuple[Deployment, ...]] = {}
        self._rests_until: dict[str, float] = {}
        self._recent: dict[str, deque[tuple[float, bool]]] = defaultdict(deque)

    def begin(self, day: Day) -> list[asyncio.Task[None]]:
        """Do nothing beside requests."""
        del day
        return []

    def announced(self, trouble: Trouble) -> None:
        """Hear nothing: there is no such message."""

    async def take(self, asked: Asked, told: Told, day: Day) -> None:
        """Carry a request out."""
        for number in range(_ATTEMPTS):
            names = self._healthy(asked, day)
            if names is None:
                told.ending, told.reason = "refused", "charter"
                return
            chosen, took_s = self._chooser.choose(asked.model, names, day.now_s()) if names else (None, 0.0)
            self.deciding_s.append(took_s)
            if chosen is not None:
                told.sent.append((chosen, day.law))
                if await self._called(chosen, told, day):
                    return
            if number < _ATTEMPTS - 1 and not self._healthy(asked, day):
                await asyncio.sleep(_BACKS_OFF_S)
        told.ending = "unavailable"
        told.reason = "failed" if told.sent else "none-healthy"
        told.lost = day.could_serve(told)

    def _healthy(self, asked: Asked, day: Day) -> list[str] | None:
        """Return what may be chosen; None if the law permits nothing, and the peer asks it."""
        pool = self._pools.get(asked.model)
        if pool is None:
            pool = self._pools[asked.model] = self._world.named(asked.model)
        if self._lawful:
            pool = tuple(one for one in pool if day.judge.permits(asked, one, day.law))
            if not pool:
                return None
        now_s = day.now_s()
        return [one.name for one in pool if self._rests_until.get(one.name, 0.0) <= now_s]

    async def _called(self, name: str, told: Told, day: Day) -> bool:
        engine, asked, began = day.engines[name], told.asked, day.now_s()
        self._chooser.began(asked.model, name, began)
        try:
            await engine.first_token(asked)
        except Failed as failed:
            self._failed(name, failed, day.now_s())
            self._ended(name, told, day, began, failed)
            return False
        first_s = day.now_s() - began
        told.first_s = day.now_s() - asked.at_s
        try:
            await engine.last_token(asked)
        except Failed as failed:
            self._failed(name, failed, day.now_s())
            self._ended(name, told, day, began, failed)
            told.ending, told.reason = "cut", str(failed.status)
            return True
        self._noted(name, day.now_s(), bad=False)
        self._ended(name, told, day, began, None, first_s)
        told.ending, told.whole_s = "served", day.now_s() - asked.at_s
        told.writing_s = day.now_s() - began
        return True

    def _ended(
        self, name: str, told: Told, day: Day, began: float, failed: Failed | None, first_s: float = 0.0
    ) -> None:
        now_s = day.now_s()
        ended = Ended(
            told.asked,
            served=failed is None,
            timed_out=isinstance(failed, TimedOut),
            first_s=first_s,
            whole_s=now_s - began,
        )
        self._chooser.ended(told.asked.model, name, ended, now_s)

    def _failed(self, name: str, failed: Failed, now_s: float) -> None:
        share = self._noted(name, now_s, bad=True)
        if failed.status in {408, 429} or share > 0.5:
            self._rests_until[name] = now_s + _RESTS_S

    def _noted(self, name: str, now_s: float, *, bad: bool) -> float:
        """Remember an outcome; return the share of bad ones within a minute, of five at least."""
        recent = self._recent[name]
        recent.append((now_s, bad))
        while recent[0][0] < now_s - _WINDOW_S:
            recent.popleft()
        return sum(one for _, one in recent) / len(recent) if len(recent) >= 5 else 0.0
