"""Build a gateway from its configuration: every adapter is made here, and handed to the rooms."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bouclier import __version__
from bouclier.compose import data_folder
from bouclier.compose.deployments import EMBEDDED
from bouclier.compose.detecting import detectors
from bouclier.compose.exposure_pictures import ExposurePictures
from bouclier.compose.fleet_building import fleet
from bouclier.compose.keeping import destroy_when_due, log_health, record_keeper, sealer
from bouclier.compose.law_keeping import law_keeping, law_standing
from bouclier.compose.weights import WeightsPlan, plan_weights
from bouclier.console import Console
from bouclier.fleet.adapters.embedded import EmbeddedUpstream
from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.gateway.access import Access
from bouclier.gateway.app import App, Front
from bouclier.gateway.charter_routes import CharterRoutes
from bouclier.gateway.exposure_routes import ExposureRoutes
from bouclier.gateway.fleet_routes import FleetRoutes
from bouclier.gateway.incoming import Limits
from bouclier.gateway.log_routes import LogRoutes
from bouclier.gateway.metrics_exchanges import Now
from bouclier.gateway.metrics_route import MetricsRoute
from bouclier.gateway.present import law_shown
from bouclier.gateway.reviews import Reviews
from bouclier.gateway.rooms import Rooms
from bouclier.shield import CloakSettings
from bouclier.terms.errors import Bilingual, BouclierError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from bouclier.compose.configuration import Configuration, DeploymentSettings
    from bouclier.compose.fleet_building import BuiltFleet
    from bouclier.compose.law_keeping import LawKeeping
    from bouclier.fleet.book_model import State
    from bouclier.fleet.ports import Upstream
    from bouclier.oversight.adapters.record_keeper import RecordKeeper

_log = logging.getLogger("bouclier.compose")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that is ready to serve.

    Attributes:
        app: The ASGI application.
        embedded: The embedded engine, if it is not switched off.
        plan: Which weights it needs and where they are, likewise.
        law: By what law it decides.
    """

    app: App
    embedded: EmbeddedUpstream | None
    plan: WeightsPlan | None
    law: LawKeeping


@asynccontextmanager
async def gateway(configuration: Configuration) -> AsyncIterator[Gateway]:
    """Build a gateway, and take it apart at the end.

    Raises:
        BouclierError: Something it needs is wrong or missing; nothing was served.
    """
    async with AsyncExitStack() as stack:
        data_folder.prepare(configuration)
        opened: list[RecordKeeper] = []  # the law is older than the log, and asks its witnesses for the time
        law = await law_keeping(
            configuration, witness_time_s=lambda: opened[0].publisher.witness_time_s if opened else 0
        )
        # The log is opened before anything that could call a deployment exists.
        keeper = record_keeper(configuration, law=lambda: law.stamp)
        opened.append(keeper)
        stack.push_async_callback(keeper.close)
        remote = {settings.name: _upstream(settings) for settings in configuration.deployments}
        for upstream in remote.values():
            stack.callback(upstream.close)
        plan = plan_weights(configuration)
        embedded = _embedded(plan) if plan is not None else None
        upstreams: dict[str, Upstream] = {**remote}
        if embedded is not None:
            stack.push_async_callback(embedded.stop)
            upstreams[EMBEDDED] = embedded
        built = await stack.enter_async_context(
            fleet(
                configuration,
                law,
                remote=remote,
                upstreams=upstreams,
                machine=None if plan is None else plan.machine,
                now_ms=keeper.clock_ms.held,
            )
        )
        rooms = Rooms(
            detectors=await stack.enter_async_context(detectors(configuration.shield)),
            law=law,
            fleet=built.fleet,
            log=keeper,
            published=keeper,
            sealer=sealer(configuration, law.law.charter),
            principal_key=keeper.log.principal_key,
            pseudonym_secret=data_folder.pseudonym_secret(configuration.keys_folder),
            clock_ms=keeper.clock_ms,
            held_clock_ms=keeper.clock_ms.held,
            random_bytes=os.urandom,
            reviews=Reviews(os.urandom(32)),
            safeguards={one.purpose: tuple(sorted(what for what, _ in one.holds)) for one in configuration.safeguards},
            cloak_settings=CloakSettings(
                frozenset(configuration.shield.realistic), configuration.shield.max_shift_days
            ),
        )
        console = Console.load()
        session = os.urandom(24).hex() if configuration.is_loopback and configuration.open_on_loopback else None
        access = Access(
            data_folder.keys_of(configuration.keys_folder),
            session,
            open_log=configuration.log.open,
            terminal=data_folder.TERMINAL,
        )
        front = Front(
            access=access,
            limits=Limits(configuration.max_body_bytes, configuration.max_text_chars),
            page=console.page,
            asset=console.asset,
            log=LogRoutes(keeper, keeper, access, keeper.clock_ms, lambda: law.stamp),
            charter=CharterRoutes(
                rooms, access, lambda: law.law, lambda: law_standing(law), lambda: law.registry.canonical
            ),
            fleet=FleetRoutes(built.fleet.book, built.sharing, access, built.sites, built.fleet.clock_ms),
            abouts=_abouts(configuration, plan),
            metrics=MetricsRoute(rooms.metrics, lambda: _now(built, keeper), access),
            exposure=ExposureRoutes(access, ExposurePictures(law, keeper.clock_ms.held)),
            health=lambda: {
                "status": "ok",
                "version": __version__,
                "charter": {**law_shown(law.stamp), **law_standing(law)},
                "registry": law.stamp.registry,
                "log": log_health(keeper),
                "fleet": built.sharing.health(),
                "budgets": built.budgets.state,
                "waiting": len(built.fleet.line),
                "ended": built.ended,
                "deployments": {
                    name: upstream.state if not upstream.available or state.word == "unknown" else state.word
                    for (name, upstream), state in zip(upstreams.items(), _states(built, upstreams), strict=True)
                },
            },
        )
        stack.push_async_callback(_endings, rooms)
        await keeper.begin()
        await law.begin(keeper)
        following = asyncio.create_task(law.run(keeper))
        following.add_done_callback(law.ended)
        stack.callback(following.cancel)
        if rooms.sealer is not None or (configuration.data / "sealed").exists():
            destroying = asyncio.create_task(destroy_when_due(configuration.data, keeper, lambda: law.stamp))
            stack.callback(destroying.cancel)
        yield Gateway(app=App(rooms, front), embedded=embedded, plan=plan, law=law)


def _now(built: BuiltFleet, keeper: RecordKeeper) -> Now:
    """Return what `/metrics` says of the gateway as it is."""
    fleet, kept = built.fleet, built.budgets.state
    return Now(
        states=fleet.book.states(now_ms=fleet.clock_ms()),
        queued=len(fleet.line),
        log_entries=keeper.log.size,
        log_unfinished=keeper.log.size - keeper.size,
        budgets=built.budgets.stages(),
        budgets_kept=None if kept == "off" else kept == "kept",
    )


def _states(built: BuiltFleet, upstreams: Mapping[str, Upstream]) -> Iterator[State]:
    now_ms = built.fleet.clock_ms()
    return (built.fleet.book.state(name, now_ms=now_ms) for name in upstreams)


def _abouts(configuration: Configuration, plan: WeightsPlan | None) -> dict[str, dict[str, str]]:
    """Return what `/v1/models` says of deployments and aliases beside their facts."""
    abouts = {
        alias.name: {"fr": alias.title_fr or alias.title_en, "en": alias.title_en or alias.title_fr}
        for alias in configuration.aliases
        if alias.title_fr or alias.title_en
    }
    if plan is not None:
        abouts[EMBEDDED] = {"fr": plan.entry.about.fr, "en": plan.entry.about.en}
    return abouts


async def _endings(rooms: Rooms) -> None:
    """Let the outcomes that are still being recorded reach the log before it closes."""
    await asyncio.gather(*rooms.endings, return_exceptions=True)


def _upstream(settings: DeploymentSettings) -> HttpUpstream:
    parts = urlsplit(settings.base_url)
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        _log.warning('deployment "%s" is called without TLS: whoever is on the way can read it', settings.name)
    endpoint = Endpoint(
        base_url=settings.base_url,
        api_key=_secret(settings.api_key_file, settings.name) if settings.api_key_file is not None else None,
        connect_timeout_s=settings.connect_timeout_s,
        idle_timeout_s=settings.idle_timeout_s,
    )
    return HttpUpstream(settings.name, endpoint)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(path: Path, name: str) -> str:
    try:
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad_secret(path, name) from error
    if not secret or any(character.isspace() for character in secret):
        raise _bad_secret(path, name)
    return secret


def _bad_secret(path: Path, name: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"La clé du déploiement « {name} » ne peut pas être lue dans {path}.",
            f'The key of deployment "{name}" cannot be read from {path}.',
        ),
        Bilingual(
            "Ce fichier doit contenir la clé, seule, sur une ligne.", "That file must hold the key, alone, on one line."
        ),
        param="deployments.api_key_file",
    )


def _embedded(plan: WeightsPlan) -> EmbeddedUpstream:
    return EmbeddedUpstream(
        name=EMBEDDED,
        weights=plan.path,
        engine_of=plan.engine_over,
    )


async def fetch_and_start(built: Gateway, *, eager: bool) -> None:
    """Get the embedded engine ready in the background: weights if they are missing, then the engine if eager."""
    if built.embedded is None or built.plan is None:
        return
    plan, embedded = built.plan, built.embedded
    if await asyncio.to_thread(plan.path) is None:  # the first look at a file computes its digest

        def progressed(done: int, total: int) -> None:
            embedded.progress = done / total if total else None

        embedded.progress = 0.0
        try:
            await asyncio.to_thread(plan.fetch, progressed)
        except BouclierError as error:
            _log.warning("%s", error.message)
            return
        finally:
            embedded.progress = None
    if eager:
        wrong = await embedded.start_quietly()
        if wrong is not None:
            _log.warning("%s", wrong)
