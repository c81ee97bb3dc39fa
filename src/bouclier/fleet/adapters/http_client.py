"""OpenAI-compatible deployments over HTTP, each with its own pool of connections."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bouclier.fleet.adapters.http_connection import (
    ConnectionCutError,
    ConnectionSilentError,
    HttpConnection,
    LastHeard,
    NotHttpError,
)
from bouclier.terms.errors import (
    Bilingual,
    StreamInterrupted,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

# Dropped before the 5 s after which common servers close an idle connection: a request sent on a connection that the
# other side is closing is lost, and a chat completion may not be sent twice unasked.
_KEEP_IDLE_S = 4.0
_FAILURES = (ConnectionCutError, ConnectionSilentError, NotHttpError)
_RETRY = Bilingual("Réessayez, ou choisissez un autre modèle.", "Try again, or choose another model.")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a deployment is called.

    Attributes:
        base_url: Up to and including `/v1`.
        api_key: Its bearer token, if any; never printed.
        connect_timeout_s: Longest wait for a connection.
        idle_timeout_s: Longest silence while waiting for the head of an answer or its next piece.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    connect_timeout_s: float = 10.0
    idle_timeout_s: float = 300.0


class HttpAnswer:
    """`UpstreamAnswer` over one connection."""

    __slots__ = ("_closed", "_connection", "_name", "headers", "status")

    def __init__(self, connection: HttpConnection, name: str) -> None:
        self._connection = connection
        self._closed = False
        self._name = name
        self.status = connection.status
        self.headers: Mapping[str, str] = connection.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """See `UpstreamAnswer.chunks`."""
        next_piece = self._connection.piece
        try:
            while piece := await next_piece():
                yield piece
        except _FAILURES as failure:
            raise _translated(failure, self._name, begun=True) from failure

    async def read(self, max_bytes: int) -> bytes:
        """See `UpstreamAnswer.read`."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self.chunks():
            size += len(piece)
            if size > max_bytes:
                raise UpstreamProtocolError(
                    Bilingual(
                        f"La réponse de « {self._name} » dépasse {max_bytes} octets.",
                        f'The answer of "{self._name}" is larger than {max_bytes} bytes.',
                    ),
                    _RETRY,
                )
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """See `UpstreamAnswer.close`; once it is let go, the connection is not ours to touch."""
        if not self._closed:
            self._closed = True
            self._connection.let_go()


class HttpUpstream:
    """One deployment called over HTTP. Retries nothing; the journey decides what a failure means."""

    def __init__(self, name: str, endpoint: Endpoint, *, tls: ssl.SSLContext | None = None) -> None:
        """Describe a deployment; nothing is opened yet.

        Args:
            name: For error messages.
            endpoint: Where and how it is called.
            tls: Whom to trust when the address is https; the machine's own authorities by default.
        """
        self._name = name
        self._endpoint = endpoint
        url = urlsplit(endpoint.base_url.rstrip("/") + "/chat/completions")
        self._secure = url.scheme == "https"
        self._host = url.hostname or ""
        self._port = url.port or (443 if self._secure else 80)
        self._tls = (tls or ssl.create_default_context()) if self._secure else None
        ours = f"host: {url.netloc}\r\naccept-encoding: identity\r\nuser-agent: bouclier\r\n"
        if endpoint.api_key is not None:
            ours += f"authorization: Bearer {endpoint.api_key}\r\n"
        self._ours = ours.encode("ascii")
        self._head = (
            f"POST {url.path} HTTP/1.1\r\ncontent-type: application/json\r\n"
            f"accept: application/json, text/event-stream\r\n{ours}"
        ).encode("ascii")
        self._v1 = url.path.removesuffix("/chat/completions")
        self._idle: list[HttpConnection] = []
        self.last_heard = LastHeard()
        self.state = "unknown"
        self.progress: float | None = None
        self.available = True
        self.full = False  # never known from here

    async def chat(self, body: bytes, *, exchange_id: str) -> HttpAnswer:
        """See `Upstream.chat`. The exchange id goes along so that an operator's records can be reconciled."""
        connection = self._reused() or await self._opened()
        head = b"%sx-bouclier-exchange: %s\r\ncontent-length: %d\r\n\r\n" % (
            self._head,
            exchange_id.encode(),
            len(body),
        )
        return await self._answered(connection, head + body)

    async def get(self, path: str) -> HttpAnswer:
        """Ask a deployment about itself, and return once the head of its answer is here; a redirect is an answer.

        Args:
            path: From the root of the server if it begins with `/` (the root of `https://host/a/v1` is
                `https://host/a`), else from the deployment's base address.

        Raises:
            UpstreamUnreachable: No connection, or it was lost before the head of the answer.
            UpstreamTimeout: No head of an answer within the deployment's idle time-out.
            UpstreamProtocolError: What came is not HTTP.
        """
        full = f"{self._v1.removesuffix('/v1')}{path}" if path.startswith("/") else f"{self._v1}/{path}"
        request = b"GET %s HTTP/1.1\r\n%s\r\n" % (full.encode("ascii"), self._ours)
        reused = self._reused()
        if reused is not None:
            # It may have been closed at the other end meanwhile. A question may be asked twice, unlike an exchange.
            with suppress(UpstreamUnreachable):
                return await self._answered(reused, request)
        return await self._answered(await self._opened(), request)

    async def _answered(self, connection: HttpConnection, request: bytes) -> HttpAnswer:
        try:
            await connection.request(request, on_idle=self._idle.append)
        except _FAILURES as failure:
            raise _translated(failure, self._name, begun=False) from failure
        return HttpAnswer(connection, self._name)

    def close(self) -> None:
        """Close what is idle; connections in use end with their answers."""
        while self._idle:
            self._idle.pop().close()

    def _reused(self) -> HttpConnection | None:
        """Return the connection used last, if it is fresh enough; close those that are not."""
        oldest = asyncio.get_running_loop().time() - _KEEP_IDLE_S
        while self._idle and self._idle[0].idle_since <= oldest:
            self._idle.pop(0).close()  # left over from a busier time
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def _opened(self) -> HttpConnection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._endpoint.connect_timeout_s):
                _, connection = await loop.create_connection(
                    lambda: HttpConnection(
                        loop, idle_timeout_s=self._endpoint.idle_timeout_s, last_heard=self.last_heard
                    ),
                    self._host,
                    self._port,
                    ssl=self._tls,
                    server_hostname=self._host if self._secure else None,
                )
        except OSError as error:  # time-outs, TLS failures and names that do not resolve are OSErrors too
            raise _unreachable(self._name) from error
        return connection


def _unreachable(name: str) -> UpstreamUnreachable:
    return UpstreamUnreachable(
        Bilingual(f"Le déploiement « {name} » est injoignable.", f'The deployment "{name}" cannot be reached.'), _RETRY
    )


def _translated(failure: Exception, name: str, *, begun: bool) -> UpstreamError:
    """Turn a connection's failure into an error that names the deployment and never what was sent."""
    if isinstance(failure, ConnectionSilentError):
        return UpstreamTimeout(
            Bilingual(
                f"Le déploiement « {name} » n'a pas répondu à temps.",
                f'The deployment "{name}" did not answer in time.',
            ),
            _RETRY,
        )
    if isinstance(failure, NotHttpError):
        return UpstreamProtocolError(
            Bilingual(
                f"Le déploiement « {name} » a répondu autre chose que du HTTP simple.",
                f'The deployment "{name}" answered something else than plain HTTP.',
            ),
            _RETRY,
        )
    if begun:
        return StreamInterrupted(
            Bilingual(
                f"La réponse de « {name} » s'est interrompue avant sa fin.",
                f'The answer of "{name}" stopped before its end.',
            ),
            _RETRY,
        )
    return _unreachable(name)
