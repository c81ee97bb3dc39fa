"""OpenAI-compatible deployments over HTTP, through one pooled client per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

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

_RETRY = Bilingual(
    "Réessayez, ou choisissez un autre modèle.",
    "Try again, or choose another model.",
)

# aiohttp's time-outs are `TimeoutError`s, which are `OSError`s; so are lost connections.
_CLIENT_ERRORS = (aiohttp.ClientError, OSError)


def new_session() -> aiohttp.ClientSession:
    """Return the process's only HTTP client; must be called inside the event loop and closed at the end.

    Idle connections are dropped after 4 s, before the 5 s after which common servers close them: a request sent on a
    connection that the other side is closing would be lost, and a chat completion may not be sent twice unasked.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        auto_decompress=True,
    )


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
    """`UpstreamAnswer` over one aiohttp response."""

    __slots__ = ("_name", "_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, name: str) -> None:
        self._response = response
        self._name = name
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers  # case-insensitive

    async def chunks(self) -> AsyncIterator[bytes]:
        """See `UpstreamAnswer.chunks`."""
        readany = self._response.content.readany
        try:
            while piece := await readany():
                yield piece
        except _CLIENT_ERRORS as error:
            raise _translated(error, self._name, begun=True) from error

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
        """See `UpstreamAnswer.close`: a connection whose answer was read to its end goes back to the pool."""
        self._response.close()


class HttpUpstream:
    """One deployment called over HTTP. Retries nothing; the journey decides what a failure means."""

    def __init__(self, session: aiohttp.ClientSession, name: str, endpoint: Endpoint) -> None:
        self._session = session
        self._name = name
        self._url = URL(endpoint.base_url.rstrip("/") + "/chat/completions")
        self._headers = {"content-type": "application/json", "user-agent": "bouclier", "accept-encoding": "identity"}
        if endpoint.api_key is not None:
            self._headers["authorization"] = f"Bearer {endpoint.api_key}"
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=endpoint.connect_timeout_s, sock_read=endpoint.idle_timeout_s
        )
        self.state = "unknown"
        self.progress: float | None = None
        self.available = True

    async def chat(self, body: bytes, *, exchange_id: str) -> HttpAnswer:
        """See `Upstream.chat`. The exchange id goes along so that an operator's records can be reconciled."""
        try:
            response = await self._session.post(
                self._url,
                data=body,
                headers={**self._headers, "x-bouclier-exchange": exchange_id},
                timeout=self._timeout,
                allow_redirects=False,  # a redirection would take content where nothing decided it may go
            )
        except _CLIENT_ERRORS as error:
            raise _translated(error, self._name, begun=False) from error
        return HttpAnswer(response, self._name)


def _translated(error: Exception, name: str, *, begun: bool) -> UpstreamError:
    """Turn the client's exception into ours, which names the deployment and never what was sent."""
    if isinstance(error, TimeoutError):
        return UpstreamTimeout(
            Bilingual(
                f"Le déploiement « {name} » n'a pas répondu à temps.",
                f'The deployment "{name}" did not answer in time.',
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
    return UpstreamUnreachable(
        Bilingual(
            f"Le déploiement « {name} » est injoignable.",
            f'The deployment "{name}" cannot be reached.',
        ),
        _RETRY,
    )
