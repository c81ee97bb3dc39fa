"""Our placement in the simulation: the product's own code, but for the calls themselves and the record.

`weigh`, `place`, the book of what is known, the waiting room and what is shared between gateways are imported, not
copied. The loop here is `gateway.journey.travel`'s: decide, choose or wait, begin, call, and decide anew after a
failure before the first token. Nothing is logged, sealed or cloaked.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, cast

from bench.fleet.engine import Failed, Fault, TimedOut
from bench.fleet.law import NOW_MS, case_of, estimated
from bouclier.compose.fleet_sharing import Pace
from bouclier.fleet import place
from bouclier.fleet.book import FleetBook
from bouclier.fleet.book_model import Announcement, DeploymentSettings, FleetSettings, Outcome, Probe, Standing
from bouclier.gateway.asked import means_of
from bouclier.gateway.candidates import weigh
from bouclier.gateway.fleet import Attempt, Fleet
from bouclier.gateway.pools import Pools
from bouclier.gateway.refusals import unmet_refusal
from bouclier.gateway.ruling import Ruling
from bouclier.gateway.waiting_room import WaitingRoom
from bouclier.terms.errors import DeploymentUnavailable
from bouclier.terms.exchange import ChatRequest, Inspected, Received
from bouclier.terms.law import Budget, Deployment, Principal, Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bench.fleet.day import Day, Told
    from bench.fleet.faults import Trouble
    from bench.fleet.traffic import Asked
    from bench.fleet.world import World
    from bouclier.charter import InForce
    from bouclier.fleet.ports import Upstream
    from bouclier.gateway.ports import Meter, Spending
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Permitted, Placed

PATIENCE_MS: Final = {"interactive": 20_000, "normal": 30_000, "batch": 300_000}
"""How long requests may wait for a slot; the line's own limit is the longest."""
_LINE: Final = 256
_SHARE_S: Final = Pace().busy_ms / 1000
_PROBE_S: Final = 10.0
_PROBE_AGAIN_S: Final = 2.0 + 3.0
"""One that is silent is waited for, and asked again."""
_ATTEMPTS: Final = 3


class _NoNet:
    """No second net: the simulated requests have no words."""

    async def signals(self, texts: Iterable[str]) -> tuple[str, ...]:
        del texts
        return ()


@dataclass(frozen=True)
class _Facts:
    """The deployments, the same all day."""

    known: Mapping[str, Deployment]

    def deployments(self, registry: str, day: int) -> Mapping[str, Deployment]:
        del registry, day
        return self.known


class _NoBudget:
    """Nobody's carbon is bounded."""

    def stage(self, application: str) -> Budget:
        del application
        return Budget.WITHIN

    def resets_on(self, application: str) -> str | None:
        del application
        return None

    def reserve(self, exchange_id: str, application: str, carbon_ug: int) -> None:
        """Count nothing."""

    def settle(self, exchange_id: str, carbon_ug: int) -> None:
        """Count nothing."""


def fleet_of(world: World, weights: Weights, clock_ms: Callable[[], int], *, seed: str) -> Fleet:
    """Return a gateway's fleet, with the product's own parts where a choice depends on them."""
    settings = {
        name: DeploymentSettings(site=one.deployment.site, slots=one.slots) for name, one in world.served.items()
    }
    book = FleetBook(settings, FleetSettings(seed=seed))
    reachable = cast("Upstream", SimpleNamespace(available=True, state="ready", full=False))
    return Fleet(
        pools=Pools(_Facts({name: one.deployment for name, one in world.served.items()}), world.aliases, weights),
        book=book,
        upstreams=dict.fromkeys(world.served, reachable),
        line=WaitingRoom(book, clock_ms, limit=_LINE, wait_ms=max(PATIENCE_MS.values())),
        spending=cast("Spending", _NoBudget()),
        meter=cast("Meter", SimpleNamespace(began=_nothing, ended=_nothing, before=_nought)),
        clock_ms=clock_ms,
        max_attempts=_ATTEMPTS,
    )


def inspected_of(asked: Asked, *, seed: int) -> Inspected:
    """Return a request as the shield hands it on."""
    request = ChatRequest(
        model=asked.model,
        stream=True,
        raw=b"",
        body={},
        parts=(),
        uninspected=0,
        json_answer=False,
        detail=False,
        tokens=estimated(asked),
    )
    received = Received(
        exchange_id=f"{seed}-{asked.number}",
        principal=Principal("bench", asked.group.role),
        purpose=asked.group.purpose,
        declared_class=None,
        request=request,
        priority=asked.group.priority,
        max_wait_ms=PATIENCE_MS[asked.group.priority],
    )
    return Inspected(received=received, findings=(), case=case_of(asked.group), uninspected=0)


def weighed(inspected: Inspected, law: InForce, fleet: Fleet, attempt: Attempt) -> Permitted:
    """Call the product's `weigh`; of the rooms it needs the fleet, and the day."""
    rooms = cast("Rooms", SimpleNamespace(fleet=fleet, held_clock_ms=_today_ms))
    return weigh(inspected, Ruling(law, _NoNet()), rooms, attempt)


class Ours:
    """One gateway or several that share what they know."""

    def __init__(
        self,
        world: World,
        *,
        name: str,
        seed: int,
        gateways: int = 1,
        weights: Weights | None = None,
        patience_ms: int | None = None,
    ) -> None:
        self.name = name
        self._patience_s = None if patience_ms is None else patience_ms / 1000
        self.deciding_s: list[float] = []
        self._seed = seed
        self._fleets = [
            fleet_of(world, weights or Weights(), self._now_ms, seed=f"{seed}-{number}") for number in range(gateways)
        ]

    def begin(self, day: Day) -> list[asyncio.Task[None]]:
        """Begin to probe, and to tell the other gateways."""
        loop = asyncio.get_running_loop()
        beside = [loop.create_task(self._probe(fleet, day)) for fleet in self._fleets]
        if len(self._fleets) > 1:
            beside.append(loop.create_task(self._share()))
        return beside

    def announced(self, trouble: Trouble) -> None:
        """Hear an operator: a drain that ends by itself."""
        for_ms = round(1000 * (trouble.for_s + 60))
        announcement = Announcement(trouble.site, (), Standing.DRAINING, for_ms=for_ms)
        for fleet in self._fleets:
            fleet.line.freed(fleet.book.announce(announcement, now_ms=self._now_ms()))

    async def take(self, asked: Asked, told: Told, day: Day) -> None:
        """Carry a request out as the gateway's journey does."""
        fleet = self._fleets[hash_of(asked.conversation) % len(self._fleets)]
        inspected = inspected_of(asked, seed=self._seed)
        means = means_of(inspected.received)
        attempt = Attempt(asked.conversation)
        while True:
            began = time.process_time()
            law = day.law
            permitted = weighed(inspected, law, fleet, attempt)
            refused = not permitted.candidates or unmet_refusal(permitted.candidates, means) is not None
            try:
                placed = None if refused else place(permitted, means)
            except DeploymentUnavailable as error:
                self.deciding_s.append(time.process_time() - began)
                waiting_ms = self._now_ms()
                if await fleet.waited(permitted, attempt):
                    waited_ms = attempt.waited_ms + self._now_ms() - waiting_ms
                    attempt = replace(attempt, waited_ms=waited_ms)
                    continue
                told.ending, told.reason, told.lost = "unavailable", error.code, day.could_serve(told)
                return
            self.deciding_s.append(time.process_time() - began)
            if placed is None:
                told.ending, told.reason = "refused", "charter"
                return
            name = placed.chosen.deployment.name
            fleet.begin(placed, attempt)
            told.sent.append((name, law))
            last = len(attempt.tried) + 1 >= fleet.max_attempts
            if await self._called(placed, told, fleet, day, elsewhere=not last and bool(placed.spares)):
                return
            if last or len(permitted.candidates) <= len(attempt.tried) + 1:
                told.ending, told.reason, told.lost = "unavailable", "failed", day.could_serve(told)
                return
            attempt = attempt.failed(name)

    async def _called(self, placed: Placed, told: Told, fleet: Fleet, day: Day, *, elsewhere: bool) -> bool:
        """Call a deployment; False if it failed, or took too long, before its first token."""
        patience_s = self._patience_s if elsewhere else None
        spares = [spare.deployment.name for spare in placed.spares] if elsewhere else ()
        name, exchange_id = placed.chosen.deployment.name, placed.permitted.inspected.received.exchange_id
        engine, asked, began = day.engines[name], told.asked, day.now_s()
        try:
            async with asyncio.timeout(patience_s) as patience:
                with fleet.first_tokens.awaited(name, exchange_id, patience, spares=spares):
                    await engine.first_token(asked)
        except TimeoutError:
            fleet.end(name, exchange_id, Outcome.TIMED_OUT, code="patience")
            return False
        except Failed as failed:
            fleet.end(name, exchange_id, _outcome(failed), code=str(failed.status))
            return False
        told.first_s = day.now_s() - asked.at_s
        fleet.first_token(name, exchange_id)
        try:
            await engine.last_token(asked)
        except Failed as failed:
            fleet.end(name, exchange_id, _outcome(failed), code=str(failed.status))
            told.ending, told.reason = "cut", str(failed.status)
            return True
        told.ending, told.whole_s = "served", day.now_s() - asked.at_s
        told.writing_s = day.now_s() - began
        fleet.end(name, exchange_id, Outcome.SERVED, tokens=asked.answer_tokens)
        return True

    async def _probe(self, fleet: Fleet, day: Day) -> None:
        """Ask deployments how they are, spread over the interval; what a lying site answers is a lie."""
        names = sorted(day.engines)
        async with asyncio.TaskGroup() as group:
            for position, name in enumerate(names):
                group.create_task(self._rounds(fleet, day, name, _PROBE_S * position / len(names)))

    async def _rounds(self, fleet: Fleet, day: Day, name: str, delay_s: float) -> None:
        """Ask one again and again, as `fleet.adapters.prober` does: sooner if it is not well."""
        engine = day.engines[name]
        await asyncio.sleep(delay_s)
        while True:
            alive = engine.site.fault in {Fault.NONE, Fault.LIES}
            own = engine.served.deployment.own  # others do not tell strangers how busy they are
            probe = Probe(
                alive=alive,
                running=engine.running if own and alive else None,
                waiting=engine.waiting if own and alive else None,
                code="" if alive else "unreachable",
            )
            now_ms = self._now_ms()
            fleet.line.freed(fleet.book.probed(name, probe, now_ms=now_ms))
            if fleet.book.gone(name, now_ms=now_ms):
                fleet.first_tokens.give_up(name, lambda other: fleet.book.takes(other, now_ms=self._now_ms()))
            await asyncio.sleep(_PROBE_S if alive else _PROBE_AGAIN_S)

    async def _share(self) -> None:
        while True:
            await asyncio.sleep(_SHARE_S)
            for number, fleet in enumerate(self._fleets):
                shared = fleet.book.shared(now_ms=self._now_ms())
                for other in self._fleets:
                    if other is not fleet:
                        other.line.freed(other.book.hear(f"gateway-{number}", shared, now_ms=self._now_ms()))

    @staticmethod
    def _now_ms() -> int:
        return int(asyncio.get_running_loop().time() * 1000)


def hash_of(conversation: str) -> int:
    """Return which gateway a conversation comes to: a balancer in front of them keeps it there."""
    return int(conversation.rpartition("-")[2])


def _outcome(failed: Failed) -> Outcome:
    if isinstance(failed, TimedOut):
        return Outcome.TIMED_OUT
    return Outcome.OVERLOADED if failed.status in {429, 503} else Outcome.FAILED


def _today_ms() -> int:
    return NOW_MS


def _nothing(*_: object, **__: object) -> None:
    """Measure nothing."""


def _nought(*_: object, **__: object) -> int:
    return 0
