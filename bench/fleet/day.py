"""One simulated day: sites that work and fail, requests that come, and what became of each of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bench.fleet.clock import run_skipping
from bench.fleet.engine import Engine, Fault, SiteState
from bench.fleet.law import Judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.fleet.faults import Plan, Trouble
    from bench.fleet.law import Laws
    from bench.fleet.traffic import Asked
    from bench.fleet.world import World
    from bouclier.charter import InForce

_GRACE_S = 60.0
"""Between a drain that is announced, and the site closing."""


@dataclass(slots=True)
class Told:
    """What became of a request.

    Attributes:
        asked: The request.
        ending: `served`, `cut` after its first token, `refused` by law, or `unavailable`.
        reason: Why, unless it was served.
        sent: To which deployments it was sent, by which law each, in order; the last served it if it was served.
        first_s: When its first token came, after it was asked; None if none did.
        whole_s: When it was whole, likewise.
        writing_s: From the call that served it to its end.
        lost: It was not served, and a permitted deployment of what it asked for could have, when it gave up.
        permitted: Whether the law permitted it anywhere when it came.
    """

    asked: Asked
    ending: str = ""
    reason: str = ""
    sent: list[tuple[str, InForce]] = field(default_factory=list)
    first_s: float | None = None
    whole_s: float | None = None
    writing_s: float = 0.0
    lost: bool = False
    permitted: bool = True


class Strategy(Protocol):
    """Something that places requests.

    Attributes:
        name: In the tables.
        deciding_s: What each choice took, seconds of this machine.
    """

    name: str
    deciding_s: list[float]

    async def take(self, asked: Asked, told: Told, day: Day) -> None:
        """Carry a request out, and set what became of it."""
        ...

    def begin(self, day: Day) -> list[asyncio.Task[None]]:
        """Begin what goes on beside requests."""
        ...

    def announced(self, trouble: Trouble) -> None:
        """Take note that an operator drains a site."""
        ...


class Day:
    """A day that is under way.

    Attributes:
        world: The fleet.
        law: By what is decided now.
        engines: By deployment.
        sites: By name.
        judge: Of what truly is permitted.
    """

    def __init__(self, world: World, laws: Laws, plan: Plan) -> None:
        self.world = world
        self.law = laws.before
        self._laws = laws
        self._plan = plan
        self.judge = Judge()
        names = {one.deployment.site for one in world.served.values()}
        self.sites: Mapping[str, SiteState] = {name: SiteState() for name in sorted(names)}
        self.engines = {
            name: Engine(served, self.sites[served.deployment.site]) for name, served in world.served.items()
        }

    def play(self, requests: Sequence[Asked], strategy: Strategy) -> list[Told]:
        """Return what became of each request."""
        told = [Told(asked) for asked in requests]
        run_skipping(self._play(told, strategy))
        return told

    def now_s(self) -> float:
        """Seconds since the day began."""
        return asyncio.get_running_loop().time()

    def could_serve(self, told: Told) -> bool:
        """Tell whether something permitted, that has not just failed it, would serve a request now."""
        gone = {name for name, _ in told.sent}
        return any(
            self.engines[one.name].can_serve and one.name not in gone and self.judge.permits(told.asked, one, self.law)
            for one in self.world.named(told.asked.model)
        )

    async def _play(self, every: Sequence[Told], strategy: Strategy) -> None:
        loop = asyncio.get_running_loop()
        beside = [
            *strategy.begin(self),
            *(loop.create_task(self._happens(one, strategy)) for one in self._plan.troubles),
        ]
        beside.append(loop.create_task(self._suspends()))
        taken: list[asyncio.Task[None]] = []
        for told in every:
            wait_s = told.asked.at_s - loop.time()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            told.permitted = any(
                self.judge.permits(told.asked, one, self.law) for one in self.world.named(told.asked.model)
            )
            taken.append(loop.create_task(strategy.take(told.asked, told, self)))
        await asyncio.gather(*taken)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    async def _happens(self, trouble: Trouble, strategy: Strategy) -> None:
        await asyncio.sleep(trouble.at_s)
        site = self.sites.get(trouble.site)
        if site is None:
            return
        if trouble.announced:
            strategy.announced(trouble)
            await asyncio.sleep(_GRACE_S)
        if trouble.fault is not Fault.NONE:
            site.becomes(trouble.fault)
        site.slower = max(site.slower, trouble.slower)
        await asyncio.sleep(trouble.for_s)
        if trouble.fault is not Fault.NONE:
            site.becomes(Fault.NONE)
        if trouble.slower > 1:
            site.slower = 1.0

    async def _suspends(self) -> None:
        await asyncio.sleep(self._plan.suspended_at_s)
        self.law = self._laws.after
