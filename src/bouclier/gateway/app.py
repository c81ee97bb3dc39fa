"""The HTTP data plane: a bare ASGI callable. It reads requests, knows who asks, and maps errors to answers.

Nothing of a user's content is ever logged here: a line says an exchange id, a code and a status, no more.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.http_errors import (
    DeploymentAnsweredError,
    internal_error,
    openai_error,
    problem,
    status_of,
)
from bouclier.gateway.journey import AUTO, travel
from bouclier.gateway.present import deployment_shown
from bouclier.terms.content import DataClass
from bouclier.terms.errors import (
    AuthenticationError,
    Bilingual,
    BouclierError,
    InternalError,
    MethodNotAllowedError,
    NotFoundError,
    RequestError,
    RequestTooLargeError,
    UnknownModelError,
)
from bouclier.terms.exchange import Received
from bouclier.terms.law import Principal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bouclier.gateway.journey import Rooms
    from bouclier.gateway.ports import KeyRing, Page

    Scope = Mapping[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Headers = dict[bytes, bytes]

_log = logging.getLogger("bouclier.gateway")
_JSON = b"application/json"
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SESSION = "bouclier_session"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_PROXY_HEADERS = frozenset({b"forwarded", b"via", b"x-real-ip"})
_SINGLE_HEADERS = frozenset({b"authorization", b"x-api-key", b"host", b"origin", b"sec-fetch-site"})
_DRAIN_FACTOR = 8
_STOPS = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may weigh.

    Attributes:
        max_body_bytes: Longest body.
        max_text_chars: Most characters of text in a request, all parts together.
    """

    max_body_bytes: int = 8_000_000
    max_text_chars: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Front:
    """What the data plane serves beside the journey. Built once by the composition root.

    Attributes:
        keys: Who holds which key.
        limits: What a request may weigh.
        session: Token of the page's session on a loopback server; None when the page needs a key.
        page: The chat page for an `Accept-Language` value.
        asset: An asset of the page by name, or None.
        abouts: What `/v1/models` says of a deployment beside its facts, by name.
        health: What `/health` says.
    """

    keys: KeyRing
    limits: Limits
    session: str | None
    page: Callable[[str | None], Page]
    asset: Callable[[str], Page | None]
    abouts: Mapping[str, Mapping[str, str]]
    health: Callable[[], dict[str, object]]


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
        if scope["method"] != method and not (method == "GET" and scope["method"] == "HEAD"):
            raise MethodNotAllowedError(
                Bilingual(f"Cette adresse se demande par {method}.", f"This address takes {method}."),
                Bilingual(f"Renvoyez la requête par {method}.", f"Send the request again with {method}."),
            )
        await handler(scope, receive, caller)

    async def _answer_error(self, error: BouclierError, path: str, caller: HttpCaller) -> None:
        if caller.ended:
            return
        if caller.begun:
            await caller.send(b"data: " + msgspec.json.encode(openai_error(error)) + b"\n\n", more=False)
            return
        more: tuple[tuple[bytes, bytes], ...] = ()
        if isinstance(error, DeploymentAnsweredError) and error.retry_after is not None:
            more = ((b"retry-after", error.retry_after.encode("latin-1", "replace")),)
        if isinstance(error, AuthenticationError):
            more = ((b"www-authenticate", b"Bearer"),)
        if path.startswith("/v1/"):
            body, content_type = msgspec.json.encode(openai_error(error)), _JSON
        else:
            body, content_type = problem(error), b"application/problem+json"
        await caller.whole(status_of(error), content_type, body, exchange_id=error.exchange_id, more_headers=more)

    # The API ---------------------------------------------------------------------------------------------------------

    async def _chat(self, scope: Scope, receive: Receive, caller: HttpCaller) -> None:
        headers = _headers_of(scope)
        # Who asks is known before anything is read, so that a stranger cannot make us read much.
        principal = self._principal(scope, headers)
        raw = await _read_body(receive, headers, self._front.limits.max_body_bytes)
        request = parse_chat_request(raw)
        _check_text_size(sum(len(part.text) for part in request.parts), self._front.limits.max_text_chars)
        received = Received(
            exchange_id=self._rooms.random_bytes(16).hex(),
            principal=principal,
            purpose=_purpose(headers),
            declared_class=_declared_class(headers),
            request=request,
        )
        journey = asyncio.current_task()
        assert journey is not None
        # When the caller hangs up, the journey is cancelled and with it the call to the deployment.
        watcher = asyncio.get_running_loop().create_task(_disconnected(receive))
        watcher.add_done_callback(lambda done: None if done.cancelled() or caller.ended else journey.cancel())
        try:
            await travel(received, self._rooms, caller)
        except asyncio.CancelledError:
            if not watcher.done():
                raise  # not the caller: the server is stopping
        finally:
            watcher.cancel()

    async def _models(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        self._principal(scope, _headers_of(scope))
        listed = [self._model_shown(name) for name in (AUTO, *self._rooms.deployments)]
        await caller.whole(200, _JSON, msgspec.json.encode({"object": "list", "data": listed}))

    async def _model(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        self._principal(scope, _headers_of(scope))
        name = scope["path"].removeprefix("/v1/models/")
        if name != AUTO and name not in self._rooms.deployments:
            raise UnknownModelError(
                Bilingual("Ce modèle n'existe pas ici.", "This model does not exist here."),
                Bilingual("Voir GET /v1/models.", "See GET /v1/models."),
                param="model",
            )
        await caller.whole(200, _JSON, msgspec.json.encode(self._model_shown(name)))

    def _model_shown(self, name: str) -> dict[str, Any]:
        if name == AUTO:
            return {"id": AUTO, "object": "model", "created": 0, "owned_by": "bouclier", "bouclier": {"kind": "auto"}}
        deployment = self._rooms.deployments[name]
        upstream = self._rooms.upstreams[name]
        ours = {"kind": "deployment", **deployment_shown(deployment)}
        ours |= {"state": upstream.state, "progress": upstream.progress, "about": self._front.abouts.get(name)}
        return {"id": name, "object": "model", "created": 0, "owned_by": deployment.operator, "bouclier": ours}

    # The rest --------------------------------------------------------------------------------------------------------

    async def _health(self, _scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        await caller.whole(200, _JSON, msgspec.json.encode(self._front.health()))

    async def _page(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        headers = _headers_of(scope)
        language = headers.get(b"accept-language")
        page = self._front.page(language.decode("latin-1") if language is not None else None)
        more = page.headers
        if self._front.session is not None and _is_direct_loopback(scope, headers):
            cookie = f"{_SESSION}={self._front.session}; Path=/; HttpOnly; SameSite=Strict"
            more = (*more, (b"set-cookie", cookie.encode()))
        await _serve_page(caller, page.body, more)

    async def _asset(self, scope: Scope, _receive: Receive, caller: HttpCaller) -> None:
        page = self._front.asset(scope["path"].removeprefix("/assets/"))
        if page is None:
            raise NotFoundError(
                Bilingual("Ce fichier n'existe pas.", "No such file."),
                Bilingual("Rechargez la page.", "Reload the page."),
            )
        await _serve_page(caller, page.body, page.headers)

    # Who asks --------------------------------------------------------------------------------------------------------

    def _principal(self, scope: Scope, headers: Headers) -> Principal:
        bearer = headers.get(b"authorization")
        key = None
        if bearer is not None and bearer[:7].lower() == b"bearer ":
            key = bearer[7:].strip().decode("latin-1")
        elif b"x-api-key" in headers:
            key = headers[b"x-api-key"].decode("latin-1")
        if key is not None:
            principal = self._front.keys.principal_of(key)
            if principal is not None:
                return principal
        elif self._is_own_page(scope, headers):
            return Principal(name="console")
        raise AuthenticationError(
            Bilingual("Clé d'API absente ou inconnue.", "API key missing or unknown."),
            Bilingual(
                "Envoyez « Authorization: Bearer <clé> » ; « bouclier keys create NOM » en crée une.",
                "Send `Authorization: Bearer <key>`; `bouclier keys create NAME` makes one.",
            ),
            param="Authorization",
        )

    def _is_own_page(self, scope: Scope, headers: Headers) -> bool:
        """Tell whether the request comes from our own page, opened on this very machine.

        SameSite=Strict is not enough: another program's page on another port of localhost is the same site. Browsers
        say with `Sec-Fetch-Site` or `Origin` which page a request comes from, and pages cannot forge them.
        """
        if self._front.session is None or not _is_direct_loopback(scope, headers):
            return False
        host = headers.get(b"host", b"")
        same_origin = headers.get(b"sec-fetch-site") == b"same-origin" or headers.get(b"origin") == b"http://" + host
        try:
            cookie = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(_SESSION)
        except CookieError:
            return False
        return same_origin and cookie is not None and cookie.value == self._front.session


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


def _headers_of(scope: Scope) -> Headers:
    """Return the headers by name; of those that say who asks and for what, there may be one only.

    Raises:
        RequestError: One of ours, `Authorization` or `Host` is there twice: which one counts would be a guess.
    """
    listed = scope["headers"]
    headers = dict(listed)
    if len(headers) != len(listed):
        seen: set[bytes] = set()
        for name, _ in listed:
            if name in seen and (name.startswith(b"x-bouclier-") or name in _SINGLE_HEADERS):
                raise RequestError(
                    Bilingual("Un en-tête est donné deux fois.", "A header is given twice."),
                    Bilingual("Gardez-en un seul.", "Keep only one."),
                    param=name.decode("latin-1"),
                )
            seen.add(name)
    return headers


def _is_direct_loopback(scope: Scope, headers: Headers) -> bool:
    """Tell whether a request comes straight from this machine: not by a proxy, not for another host name.

    The host name is checked because a foreign site can make its own name point at 127.0.0.1 (DNS rebinding).
    """
    client = scope.get("client")
    host = headers.get(b"host", b"").decode("latin-1")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    local = client is not None and client[0] in {"127.0.0.1", "::1"}
    forwarded = any(header in _PROXY_HEADERS or header.startswith(b"x-forwarded-") for header in headers)
    return local and name in _LOOPBACK_NAMES and not forwarded


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """Return the body, or say that it is too large.

    A body somewhat over the limit is read and dropped first: a client that is still sending would otherwise see its
    connection reset instead of our answer. One far over the limit is cut.
    """
    declared = headers.get(b"content-length", b"")
    too_large = declared.isdigit() and int(declared) > limit
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError(
                Bilingual(
                    "La connexion s'est fermée avant la fin de la requête.", "The connection closed mid-request."
                ),
                Bilingual("Renvoyez la requête.", "Send the request again."),
            )
        piece = message.get("body", b"")
        size += len(piece)
        too_large = too_large or size > limit
        if not too_large:
            pieces.append(piece)
        elif size > _DRAIN_FACTOR * limit:
            break
        if not message.get("more_body"):
            break
    if too_large:
        raise RequestTooLargeError(
            Bilingual(f"La requête dépasse {limit} octets.", f"The request is larger than {limit} bytes."),
            Bilingual(
                "Envoyez moins de texte à la fois ; la limite est limits.max_body_bytes dans bouclier.yaml.",
                "Send less at a time; the limit is limits.max_body_bytes in bouclier.yaml.",
            ),
        )
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _check_text_size(size: int, limit: int) -> None:
    if size > limit:
        raise RequestTooLargeError(
            Bilingual(
                f"La requête contient {size} caractères de texte ; le maximum est {limit}.",
                f"The request holds {size} characters of text; the most is {limit}.",
            ),
            Bilingual(
                "Envoyez moins de texte à la fois ; la limite est limits.max_text_chars dans bouclier.yaml.",
                "Send less text at a time; the limit is limits.max_text_chars in bouclier.yaml.",
            ),
            param="messages",
        )


def _purpose(headers: Headers) -> str:
    declared = headers.get(b"x-bouclier-purpose")
    if declared is None:
        return "unspecified"
    purpose = declared.decode("latin-1")
    if not _PURPOSE.fullmatch(purpose):
        raise RequestError(
            Bilingual("La finalité déclarée n'est pas un identifiant.", "The declared purpose is not an identifier."),
            Bilingual(
                "1 à 64 minuscules, chiffres ou tirets, par exemple « aide-sociale ».",
                "1 to 64 lower-case letters, digits or dashes, such as `social-aid`.",
            ),
            param="X-Bouclier-Purpose",
        )
    return purpose


def _declared_class(headers: Headers) -> DataClass | None:
    declared = headers.get(b"x-bouclier-data-class")
    if declared is None:
        return None
    try:
        return DataClass.from_slug(declared.decode("latin-1"))
    except KeyError:
        slugs = ", ".join(one.slug for one in DataClass)
        raise RequestError(
            Bilingual("Classe de données inconnue.", "Unknown data class."),
            Bilingual(f"Une de : {slugs}.", f"One of: {slugs}."),
            param="X-Bouclier-Data-Class",
        ) from None
