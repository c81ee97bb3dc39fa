"""Serve an ASGI application on a socket until told to stop: what every server of ours has in common."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Application = Callable[[Any, Any, Any], Awaitable[None]]

_BACKLOG = 2048
_GRACE_S = 5


class _Server(uvicorn.Server):
    """uvicorn's server, that says when it listens and leaves signals to us.

    Its own handlers raise the signal again once it has stopped, which would end the process before what is being
    served is closed.
    """

    def __init__(self, config: uvicorn.Config, listening: asyncio.Event) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # They stay until the loop ends: a second signal must not cut short the closing of a log.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def run_server(app: Application, listener: socket.socket, listening: asyncio.Event) -> None:
    """Serve on a socket that is already bound, until SIGINT or SIGTERM.

    Args:
        app: What to serve.
        listener: From `bound_socket`; the caller closes it.
        listening: Set once requests are answered.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        # Who is at the other end is a fact of the connection; a header any client can write does not change it.
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_GRACE_S,
    )
    await _Server(config, listening).serve(sockets=[listener])


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Raises:
        ConfigurationError: The address is taken, not ours, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "unknown host"
        raise ConfigurationError(
            Bilingual(
                f"Impossible d'écouter sur {host}:{port} ({reason}).", f"Cannot listen on {host}:{port} ({reason})."
            ),
            Bilingual("Choisissez un autre port : --port N.", "Choose another port: --port N."),
            param="listen.port",
        ) from error
    listener.set_inheritable(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
