"""The HTTP data plane: a bare ASGI callable. It reads requests, knows who asks, and maps errors to answers.

Nothing of a user's content is ever logged here: a line says an exchange id, a code and a status, no more.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.gateway.charter_routes import CHARTER, REVIEWS
from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.conversation import conversation_of
from bouclier.gateway.exposure_routes import EXPOSURE
from bouclier.gateway.facts import day_of
from bouclier.gateway.fleet_routes import FLEET
from bouclier.gateway.http_errors import (
    DeploymentAnsweredError,
    internal_error,
    openai_error,
    problem,
    status_of,
)
from bouclier.gateway.incoming import (
    check_method,
    check_text_size,
    declared_class_of,
    disconnected,
    headers_of,
    max_wait_of,
    priority_of,
    purpose_of,
    read_body,
    review_of,
)
from bouclier.gateway.journey import travel
from bouclier.gateway.log_routes import PREFIX as LOG_PREFIX
from bouclier.gateway.metrics_route import PATH as METRICS
from bouclier.gateway.pools import AUTO
from bouclier.gateway.present import deployment_shown
from bouclier.terms.errors import (
    AuthenticationError,
    Bilingual,
    BouclierError,
    DeploymentUnavailable,
    InternalError,
    NotFoundError,
    UnknownModelError,
)
from bouclier.terms.exchange import Received

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bouclier.gateway.access import Access
    from bouclier.gateway.charter_routes import CharterRoutes
    from bouclier.gateway.exposure_routes import ExposureRoutes
    from bouclier.gateway.fleet_routes import FleetRoutes
    from bouclier.gateway.incoming import Limits, Receive, Scope, Send
    from bouclier.gateway.log_routes import LogRoutes
    from bouclier.gateway.metrics_route import MetricsRoute
    from bouclier.gateway.ports import Page
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.law import Deployment

_log = logging.getLogger("bouclier.gateway")
_JSON = b"application/json"
_STOPS = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)


@dataclass(frozen=True, slots=True)
class Front:
    """What the data plane serves beside the journey. Built once by the composition root.

    Attributes:
        access: Who asks.
        limits: What a request may weigh.
        page: The chat page for an `Accept-Language` value.
        asset: An asset of the page by name, or None.
        log: The log, for whoever checks it.
        charter: The law, for anyone, and reviews.
        fleet: How deployments are, and what operators announce.
        abouts: What `/v1/models` says of a deployment beside its facts, by name.
        health: What `/health` says.
        metrics: What Prometheus reads.
        exposure: Who can be compelled; None where nobody may ask.
    """

    access: Access
    limits: Limits
    page: Callable[[str | None], Page]
    asset: Callable[[str], Page | None]
    log: LogRoutes
    charter: CharterRoutes
    fleet: FleetRoutes
    abouts: Mapping[str, Mapping[str, str]]
    health: Callable[[], dict[str, object]]
    metrics: MetricsRoute
    exposure: ExposureRoutes | None = None


class HttpCaller:
    """`Caller` over one ASGI exchange."""

    __slots__ = ("_send", "begun", "ended")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.ended = False

    async def begin(
        self,
        status: int,
        content_type: bytes,
        *,
        exchange_id: str | None = None,
        length: int | None = None,
        more_headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        """Send the head of the answer."""
        self.begun = True
        headers = [(b"content-type", content_type), *more_headers]
        if not any(name == b"cache-control" for name, _ in more_headers):
            headers.append((b"cache-control", b"no-store"))
        if exchange_id is not None:
            headers.append((b"x-bouclier-exchange", exchange_id.encode()))
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        self.ended = not more
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    async def whole(
        self,
        status: int,
        content_type: bytes,
        body: bytes,
        *,
        exchange_id: str | None = None,
        more_headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        """Send an answer in one piece."""
        await self.begin(status, content_type, exchange_id=exchange_id, length=len(body), more_headers=more_headers)
        await self.send(body, more=False)


class App:
    """The ASGI application."""

    def __init__(self, rooms: Rooms, front: Front) -> None:
        self._rooms = rooms
        self._front = front
        self._routes: dict[str, tuple[str, Callable[[Scope, Receive, HttpCaller], Awaitable[None]]]] = {
            "/v1/chat/completions": ("POST", self._chat),
            "/v1/models": ("GET", self._models),
            "/health": ("GET", self._health),
            METRICS: ("GET", self._metrics),
            "/": ("GET", self._page),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http":
            return
        caller = HttpCaller(send)
        path: str = scope["path"]
        try:
            await self._serve(path, scope, receive, caller)
        except BouclierError as error:
            if error.status >= 500:  # noqa: PLR2004
                exchange = error.exchange_id or "-"
                where = f" at {_places(error.__cause__)}" if isinstance(error, InternalError) else ""
                _log.warning("%s %s exchange=%s%s", error.code, status_of(error), exchange, where)
            await self._answer_error(error, path, caller)
        except BaseException as error:
            # The outermost handler fails closed, native libraries' panics included: they are no `Exception`s.
            if isinstance(error, _STOPS):
                raise
            _log.error("internal_error 500 at %s", _places(error))
            await self._answer_error(internal_error(), path, caller)

    async def _serve(self, path: str, scope: Scope, receive: Receive, caller: HttpCaller) -> None:
        handler: Callable[[Scope, Receive, HttpCaller], Awaitable[None]]
        if path in {CHARTER, REVIEWS} or path.startswith((f"{CHARTER}/", f"{REVIEWS}/")):
            await self._front.charter.serve(path, scope, receive, caller)
            return
        if path == FLEET or path.startswith(f"{FLEET}/"):
            await self._front.fleet.serve(path, scope, receive, caller)
            return
        if path.startswith(f"{EXPOSURE}/") and self._front.exposure is not None:
            await self._front.exposure.serve(path, scope, caller)
            return
        if path.startswith(LOG_PREFIX):
            await self._front.log.serve(path.removeprefix(LOG_PREFIX), scope, receive, caller)
            return
        if path.startswith("/assets/"):
            method, handler = "GET", self._asset
        elif path.startswith("/v1/models/"):
            method, handler = "GET", self._model
        elif path in self._routes:
            method, handler = self._routes[path]
        else:
            raise NotFoundError(
                Bilingual("Cette adresse n'existe pas.", "No such address."),
                Bilingual(
                    "Voir docs/reference/api.md ; l'API est sous /v1.",
                    "See docs/reference/api.md; the API is under /v1.",
                ),
            )
        check_method(scope, method)
        await handler(scope, receive, caller)

    async def _answer_error(self, error: BouclierError, path: str, caller: HttpCaller) -> None:
        if path.startswith("/v1/"):
            self._rooms.metrics.error(error.code)
        if caller.ended:
            return
        if caller.begun:
            await caller.send(b"data: " + msgspec.json.encode(openai_error(error)) + b"\n\n", more=False)
            return
        more: tuple[tuple[bytes, bytes], ...] = ()
        if isinstance(error, DeploymentAnsweredError) and error.retry_after is not None:
            more = ((b"retry-after", error.retry_after.encode("latin-1", "replace")),)
        if isinstance(error, DeploymentUnavailable) and error.retry_after_s is not None:
            more = ((b"retry-after", b"%d" % error.retry_after_s),)
        if isinstance(error, AuthenticationError):
            more = ((b"www-authenticate", b"Bearer"),)
        if path.startswith("/v1/"):
            body, content_type = msgspec.json.encode(openai_error(error)), _JSON
        else:
            body, content_type = problem(error), b"application/problem+json"
        await caller.whole(status_of(error), content_type, body, exchange_id=error.exchange_id, more_headers=more)

    # The API ---------------------------------------------------------------------------------------------------------

    async def _chat(self, scope: Scope, receive: Receive, caller: HttpCaller) -> None:
        headers = headers_of(scope)
        # Who asks is known before anything is read, so that a stranger cannot make us read much.
        principal = self._front.access.agent_of(scope, headers)
        raw = await read_body(receive, headers, self._front.limits.max_body_bytes)
        request = parse_chat_request(raw)
        check_text_size(sum(len(part.text) for part in request.parts), self._front.limits.max_text_chars)
        received = Received(
            exchange_id=self._rooms.random_bytes(16).hex(),
            principal=principal,
            purpose=purpose_of(headers),
            declared_class=declared_class_of(headers),
            request=request,
            review=review_of(headers),
            priority=priority_of(headers),
            max_wait_ms=max_wait_of(headers),
        )
        conversation = conversation_of(headers)
        journey = asyncio.current_task()
        assert journey is not None
        # When the caller hangs up, the journey is cancelled and with it the call to the deployment.
        watcher = asyncio.get_running_loop().create_task(disconnected(receive))
        watcher.add_done_callback(lambda done: None if done.cancelled() or caller.ended else journey.cancel())
        try:
            await travel(received, self._rooms, caller, conversation=conversation)
        except asyncio.CancelledError:
            if not watcher.done():
                raise  # not the caller: the server is stopping
        finally:
            watcher.cancel()

    async def _models(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        self._front.access.principal_of(scope, headers_of(scope))
        known, aliases = self._known(), self._rooms.fleet.pools.aliases
        listed = [self._model_shown(name, known) for name in (AUTO, *aliases, *known)]
        await caller.whole(200, _JSON, msgspec.json.encode({"object": "list", "data": listed}))

    async def _model(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        self._front.access.principal_of(scope, headers_of(scope))
        name, known = scope["path"].removeprefix("/v1/models/"), self._known()
        is_served = name in known or any(one.model == name for one in known.values())
        if name != AUTO and not is_served and name not in self._rooms.fleet.pools.aliases:
            raise UnknownModelError(
                Bilingual("Ce modèle n'existe pas ici.", "This model does not exist here."),
                Bilingual("Voir GET /v1/models.", "See GET /v1/models."),
                param="model",
            )
        await caller.whole(200, _JSON, msgspec.json.encode(self._model_shown(name, known)))

    def _known(self) -> Mapping[str, Deployment]:
        """All deployments, as the facts in force know them today."""
        day = day_of(self._rooms.held_clock_ms())
        return self._rooms.fleet.pools.known(self._rooms.law.stamp.registry, day)

    def _model_shown(self, name: str, known: Mapping[str, Deployment]) -> dict[str, Any]:
        if name not in known:
            served = self._rooms.fleet.pools.aliases.get(name)
            ours: dict[str, Any] = {"kind": "auto"}
            if served is not None:
                ours = {"kind": "alias", "models": served, "about": self._front.abouts.get(name)}
            elif name != AUTO:
                ours = {"kind": "model", "deployments": [one.name for one in known.values() if one.model == name]}
            return {"id": name, "object": "model", "created": 0, "owned_by": "bouclier", "bouclier": ours}
        deployment = known[name]
        upstream = self._rooms.fleet.upstreams[name]
        shown = {"kind": "deployment", **deployment_shown(deployment)}
        shown |= {"state": upstream.state, "progress": upstream.progress, "about": self._front.abouts.get(name)}
        return {"id": name, "object": "model", "created": 0, "owned_by": deployment.operator, "bouclier": shown}

    # The rest --------------------------------------------------------------------------------------------------------

    async def _health(self, _scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        await caller.whole(200, _JSON, msgspec.json.encode(self._front.health()))

    async def _metrics(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        await self._front.metrics.serve(scope, caller)

    async def _page(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        headers = headers_of(scope)
        language = headers.get(b"accept-language")
        page = self._front.page(language.decode("latin-1") if language is not None else None)
        more = (*page.headers, *self._front.access.cookie_for(scope, headers))
        await _serve_page(caller, page.body, more)

    async def _asset(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        page = self._front.asset(scope["path"].removeprefix("/assets/"))
        if page is None:
            raise NotFoundError(
                Bilingual("Ce fichier n'existe pas.", "No such file."),
                Bilingual("Rechargez la page.", "Reload the page."),
            )
        await _serve_page(caller, page.body, page.headers)


def _places(error: BaseException | None) -> str:
    """The type of an error and where in the code it arose: a message or a source line could quote what a user sent."""
    if error is None:
        return "-"
    frames = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__))
    return " ".join((type(error).__qualname__, *frames))


async def _serve_page(caller: HttpCaller, body: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    content_type = next(value for name, value in headers if name == b"content-type")
    rest = tuple((name, value) for name, value in headers if name not in {b"content-type", b"content-length"})
    await caller.whole(200, content_type, body, more_headers=rest)
