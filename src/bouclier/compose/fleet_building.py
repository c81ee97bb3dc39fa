"""Build the fleet of a gateway: what is known of its deployments, who keeps that current, and what exchanges cost."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.compose.budgeting import Budgets, allowances_of, file_ledger
from bouclier.compose.deployments import EMBEDDED
from bouclier.compose.fleet_share_address import share_address
from bouclier.compose.fleet_sharing import driver_missing, fleet_sharing, monotonic_ms
from bouclier.compose.footprint_data import (
    counters_for,
    counters_here,
    declared_by,
    footprint_data,
    runs_on_cards_here,
    sizes_of,
)
from bouclier.compose.footprint_metering import Metering
from bouclier.compose.footprint_warnings import warn_of_footprints
from bouclier.fleet.adapters.prober import Prober, Target
from bouclier.fleet.book import FleetBook
from bouclier.fleet.book_model import DeploymentSettings as BookedSettings
from bouclier.fleet.book_model import FleetSettings as BookSettings
from bouclier.fleet.probes import Engine
from bouclier.footprint import ModelSize
from bouclier.gateway.facts import day_of
from bouclier.gateway.first_tokens import FirstTokens
from bouclier.gateway.fleet import Fleet
from bouclier.gateway.pools import Pools
from bouclier.gateway.waiting_room import WaitingRoom

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from bouclier.compose.configuration_model import Configuration
    from bouclier.compose.fleet_sharing import FleetSharing
    from bouclier.compose.footprint_metering import Machine
    from bouclier.compose.law_keeping import LawKeeping
    from bouclier.fleet.adapters.http_client import HttpUpstream
    from bouclier.fleet.adapters.server_address import ServerAddress
    from bouclier.fleet.book import Names
    from bouclier.fleet.book_model import Probe
    from bouclier.fleet.ports import Upstream
    from bouclier.footprint.ports import Ledger
    from bouclier.terms.law import Deployment

_log = logging.getLogger("bouclier.compose")
LOCAL_SITE: Final = "local"


class ModelSizes:
    """The sizes of models, by the facts in force."""

    def __init__(self, law: LawKeeping) -> None:
        """Ask this law for its facts."""
        self._law = law
        self._known: tuple[str, Mapping[str, ModelSize]] = ("", {})

    def of(self, model: str) -> ModelSize:
        """Return a model's size, by a name it is served under; unknown if the registry does not know that name."""
        registry = self._law.registry
        if self._known[0] != registry.digest:
            self._known = registry.digest, sizes_of(registry.models.values())
        return self._known[1].get(model.lower(), ModelSize())


@dataclass(frozen=True, slots=True)
class BuiltFleet:
    """A fleet that is ready.

    Attributes:
        fleet: What the journey walks through.
        sites: Names of the deployments by site.
        sharing: What is announced, told and heard.
        budgets: What applications have spent.
        ended: What no longer goes on beside exchanges, by a defect of ours: `probes`, `budgets`, `energy`.
    """

    fleet: Fleet
    sites: Mapping[str, tuple[str, ...]]
    sharing: FleetSharing
    budgets: Budgets
    ended: Sequence[str]


@asynccontextmanager
async def fleet(
    configuration: Configuration,
    law: LawKeeping,
    *,
    remote: Mapping[str, HttpUpstream],
    upstreams: Mapping[str, Upstream],
    machine: Machine | None,
    now_ms: Callable[[], int],
) -> AsyncIterator[BuiltFleet]:
    """Build a fleet, keep it current, and take it apart at the end.

    Args:
        configuration: The gateway's settings.
        law: By what law, and from what facts, it decides.
        remote: Deployments that are asked how they are, by name.
        upstreams: All deployments, by name.
        machine: What the embedded engine computes with; None without one.
        now_ms: Unix time, milliseconds.

    Raises:
        ConfigurationError: The database through which gateways share cannot be spoken to.
    """
    settings = configuration.fleet
    booked = {
        one.name: BookedSettings(site=one.site, slots=one.slots, model=one.model) for one in configuration.deployments
    }
    if machine is not None:
        booked[EMBEDDED] = BookedSettings(site=LOCAL_SITE, slots=configuration.engine.slots)
    sites = _by_site(booked)
    book = FleetBook(booked, BookSettings(seed=os.urandom(16).hex()))
    line = WaitingRoom(book, monotonic_ms, limit=settings.queue_length, wait_ms=round(settings.queue_wait_s * 1000))
    aliases = {alias.name: alias.models for alias in configuration.aliases}
    pools = Pools(law.facts, aliases, settings.weights)
    sizes = ModelSizes(law)

    def deployment_of(name: str) -> Deployment:
        return pools.known(law.stamp.registry, day_of(now_ms()))[name]

    metering = Metering(
        footprint_data(),
        deployment_of=deployment_of,
        size_of=sizes.of,
        machines={} if machine is None else {EMBEDDED: machine},
        counters=counters_for(
            counters_here(),
            on_processors=() if machine is None else (EMBEDDED,),
            on_cards=tuple(one.name for one in configuration.deployments if runs_on_cards_here(one)),
        ),
        declared=declared_by(configuration.deployments),
    )
    allowances = allowances_of(configuration.budgets)
    warn_of_footprints(configuration, allowances, metering, deployment_of=deployment_of, size_of=sizes.of)
    address = _address(configuration)
    budgets = Budgets(allowances, _ledger(configuration.data, address))
    await budgets.begin()

    first_tokens = FirstTokens()

    def freed(names: Names) -> None:
        line.freed(names)

    def told(name: str, probe: Probe) -> None:
        now = monotonic_ms()
        freed(book.probed(name, probe, now_ms=now))
        if book.gone(name, now_ms=now):
            first_tokens.give_up(name, lambda other: book.takes(other, now_ms=now))

    targets = {one.name: Target(Engine(one.engine), remote[one.name]) for one in configuration.deployments}
    prober = Prober(targets, told, interval_s=settings.probe_interval_s)
    async with fleet_sharing(book, sites, data=configuration.data, address=address, on_free=freed) as sharing:
        ended: list[str] = []
        tasks = [
            asyncio.create_task(one, name=name)
            for name, one in (("probes", prober.run()), ("budgets", budgets.run()), ("energy", metering.watch()))
        ]
        for task in tasks:
            task.add_done_callback(lambda done: _note_end(done, ended))
        try:
            yield BuiltFleet(
                Fleet(
                    pools=pools,
                    book=book,
                    upstreams=upstreams,
                    line=line,
                    spending=budgets,
                    meter=metering,
                    clock_ms=monotonic_ms,
                    max_attempts=settings.max_attempts,
                    patience_ms=settings.patience_ms or None,
                    first_tokens=first_tokens,
                ),
                sites,
                sharing,
                budgets,
                ended,
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await budgets.close()


def _note_end(task: asyncio.Task[None], ended: list[str]) -> None:
    """Tell of a task that ended by itself: exchanges go on without it, and somebody has to know."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        ended.append(task.get_name())
        _log.critical("%s ended: %s", task.get_name(), type(error).__name__)


def _by_site(booked: Mapping[str, BookedSettings]) -> dict[str, tuple[str, ...]]:
    sites: dict[str, tuple[str, ...]] = {}
    for name, settings in booked.items():
        sites[settings.site] = (*sites.get(settings.site, ()), name)
    return sites


def _address(configuration: Configuration) -> ServerAddress | None:
    settings = configuration.fleet
    if settings.share is None:
        return None
    base = configuration.source.parent if configuration.source is not None else Path()
    return share_address(settings.share, password_file=settings.share_password_file, base=base)


def _ledger(data: Path, address: ServerAddress | None) -> Ledger:
    """Return where what is spent is kept: in the data folder of a gateway alone, or where several meet."""
    if address is None:
        return file_ledger(data)
    try:
        from bouclier.compose.shared_ledger import SharedLedger  # noqa: PLC0415 -- its driver is an extra
    except ModuleNotFoundError as error:
        raise driver_missing() from error
    return SharedLedger(address, gateway=os.urandom(16).hex())
