"""What exchanges cost, for the journey: a gauge per deployment, and measured energy where this machine counts it.

A gauge is made when a deployment is first used, and again when its facts change. The embedded engine is counted by the
processors it computes with; other deployments as on graphics cards. What is declared of a deployment takes the place of
the estimated carbon; measured energy takes the place of both when the counter could be read from the beginning of the
exchange to its end, for it is of this exchange and of no other.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.footprint import Gauge, Hosting, ModelSize, Range, Work, carbon_mg, footprint, gauge_of, measured
from bouclier.footprint.power import EnergyShares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bouclier.compose.footprint_data import FootprintData
    from bouclier.footprint import Declared, Footprint
    from bouclier.footprint.ports import EnergyCounter
    from bouclier.gateway.ports import Usage
    from bouclier.terms.law import Deployment

POLL_S: Final = 5.0
"""Counters of processors wrap around in minutes at full power."""

_UNSTATED_TOKENS: Final = 4096
"""Reserved for an answer whose length nobody bounded; what it cost in truth is charged when it is over."""
_RESERVED_S: Final = 600.0
"""Reserved for an answer whose duration nobody knows yet, likewise."""
_MAX_LEFT: Final = 1024


class Machine(NamedTuple):
    """What the embedded engine computes with.

    Attributes:
        processors: Threads it computes with.
        slots: Exchanges it works on at once.
    """

    processors: int
    slots: int


class Metering:
    """What exchanges cost; a `Meter`. All methods take microseconds."""

    def __init__(
        self,
        data: FootprintData,
        *,
        deployment_of: Callable[[str], Deployment],
        size_of: Callable[[str], ModelSize],
        machines: Mapping[str, Machine],
        counters: Mapping[str, EnergyCounter],
        declared: Mapping[str, Declared] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where the facts are.

        Args:
            data: Constants and mixes.
            deployment_of: The facts on a deployment, as they are now.
            size_of: A model's size, by the name it is served under.
            machines: Deployments that compute without graphics cards, by name.
            counters: What measures a deployment, by name; one counter may measure several.
            declared: What is declared of a deployment, by name; of none by default.
            clock_s: Seconds of a clock that never goes back.
        """
        self._data = data
        self._deployment_of = deployment_of
        self._size_of = size_of
        self._machines = machines
        self._counters = counters
        self._declared = declared or {}
        self._shares: dict[int, EnergyShares] = {id(one): EnergyShares() for one in counters.values()}
        self._clock_s = clock_s
        self._gauges: dict[str, tuple[Deployment, Gauge]] = {}
        self._left: dict[tuple[str, str], Range] = {}

    def gauge(self, name: str) -> Gauge:
        """Return what every exchange with a deployment is counted with."""
        deployment = self._deployment_of(name)
        held = self._gauges.get(name)
        if held is None or held[0] is not deployment:
            held = deployment, self.gauge_of(deployment)
            self._gauges[name] = held
        return held[1]

    def gauge_of(self, deployment: Deployment) -> Gauge:
        """Return the same for facts that are not in use yet."""
        return replace(self.estimating(deployment), declared=self._declared.get(deployment.name))

    def estimating(self, deployment: Deployment) -> Gauge:
        """Return the same without what is declared: by what is known of its model, its place and its machine."""
        size, machine = self._size_of(deployment.model), self._machines.get(deployment.name)
        return deployment_gauge(self._data, deployment, size, machine)

    def before(self, deployment: str, *, prompt_tokens: int, answer_tokens: int | None) -> int:
        """Return what an exchange may cost at most, millionths of a gram of CO2e, before it is sent."""
        tokens = _UNSTATED_TOKENS if answer_tokens is None else answer_tokens
        work = Work(tokens, seconds=_RESERVED_S, read=prompt_tokens)
        return footprint(self.gauge(deployment), work).carbon_ug.high

    def began(self, deployment: str, exchange_id: str) -> None:
        """Note that a deployment works on an exchange: its energy is measured from here where it can be."""
        counter = self._counters.get(deployment)
        if counter is not None:
            # It may have begun there before, and been decided anew before anything was sent.
            self._left.pop((deployment, exchange_id), None)
            self._shares[id(counter)].begin(exchange_id, counter.read_uj(), now_s=self._clock_s())

    def ended(self, deployment: str, exchange_id: str, *, tokens: int | None) -> None:
        """Note that it works on it no more; `after` may be asked before or later."""
        counter, key = self._counters.get(deployment), (deployment, exchange_id)
        if counter is None or key in self._left:
            return
        share = self._shares[id(counter)].end(exchange_id, counter.read_uj(), now_s=self._clock_s(), tokens=tokens)
        if share is not None:
            if len(self._left) >= _MAX_LEFT:  # the oldest: long over, whoever asked
                del self._left[next(iter(self._left))]
            self._left[key] = share

    def after(self, deployment: str, usage: Usage, *, exchange_id: str) -> Footprint:
        """Return what an exchange cost: measured if it was, else declared, else estimated; it may be asked again."""
        gauge, work = self.gauge(deployment), _work(usage)
        self.ended(deployment, exchange_id, tokens=usage.completion_tokens)
        share = self._left.get((deployment, exchange_id))
        if share is None:
            return footprint(gauge, work)
        return measured(gauge, self._counters[deployment].method, share, work)

    def so_far(self, deployment: str, usage: Usage) -> Footprint:
        """Return what an exchange cost that goes on, declared or estimated, for who is told before it is over."""
        return footprint(self.gauge(deployment), _work(usage))

    async def watch(self) -> None:
        """Read the counters now and then, until cancelled: a counter that wraps around is followed, not lost."""
        while self._counters:
            for counter in {id(one): one for one in self._counters.values()}.values():
                self._shares[id(counter)].read(counter.read_uj())
            await asyncio.sleep(POLL_S)


_MOST_CHARS_PER_TOKEN: Final = 8
"""Of any text and model, and more: a deployment that counts fewer tokens than that is not believed."""
_ESTIMATED_CHARS_PER_TOKEN: Final = 2
"""What a prompt is estimated by, before anybody counts."""


def _work(usage: Usage) -> Work:
    written, read = usage.completion_tokens, usage.prompt_tokens
    if written is not None:
        written = max(written, usage.answer_chars // _MOST_CHARS_PER_TOKEN)
    least = usage.prompt_estimate * _ESTIMATED_CHARS_PER_TOKEN // _MOST_CHARS_PER_TOKEN
    read = usage.prompt_estimate if read is None else max(read, least)
    return Work(written, usage.answer_chars, usage.latency_ms / 1000, read)


def deployment_gauge(
    data: FootprintData, deployment: Deployment, size: ModelSize, machine: Machine | None = None
) -> Gauge:
    """Return what every exchange with a deployment is estimated with."""
    hosting = Hosting(
        mix=data.mixes.of(deployment.zone, deployment.country),
        pue=None if deployment.pue is None else (deployment.pue, deployment.pue),
        processors=None if machine is None else machine.processors,
        slots=1 if machine is None else machine.slots,
    )
    return gauge_of(data.method, size, hosting)


def deployment_carbon_mg(
    data: FootprintData, deployment: Deployment, size: ModelSize, machine: Machine | None = None
) -> int | None:
    """Return the upper estimate of a deployment, mg CO2e per 1,000 written tokens, where none is declared.

    None when it computes on cards and its model's size is unknown: the largest model there is bounds what an exchange
    may have cost, but is no figure of this deployment, by which a charter could cap or a placement compare it.
    """
    if machine is None and size.total_b is None:
        return None
    return carbon_mg(deployment_gauge(data, deployment, size, machine))
