"""Serve a gateway over HTTP until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from bouclier.compose import data_folder
from bouclier.compose.building import fetch_and_start, gateway
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bouclier.compose.building import Gateway
    from bouclier.compose.configuration import Configuration

_BACKLOG = 2048
_GRACE_S = 5


class _Server(uvicorn.Server):
    """uvicorn's server, that says when it listens and leaves signals to us.

    Its own handlers raise the signal again once it has stopped, which would end the process before the log, the
    engine and the detectors are closed.
    """

    def __init__(self, config: uvicorn.Config, listening: asyncio.Event) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # They stay until the loop ends: a second signal must not cut short the closing of the log.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(configuration: Configuration) -> int:
    """Serve until interrupted; return the exit code.

    Raises:
        BouclierError: It cannot start, and says why.
    """
    # A crash dump would hold what is in memory: texts, pseudonyms, keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    # Libraries' warnings could quote what they were given; only ours are written to quote nothing.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(configuration))
    return 0


async def _serve(configuration: Configuration) -> None:
    listener = bound_socket(configuration.host, configuration.port)
    try:
        async with gateway(configuration) as built:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{port}/"
            listening = asyncio.Event()
            serving = asyncio.create_task(run_server(built, listener, listening))
            waiting = asyncio.create_task(listening.wait())
            await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            note = configuration.data / "serving"
            _note(note, address)
            _say(configuration, address)
            eager = not configuration.deployments
            preparing = asyncio.create_task(fetch_and_start(built, eager=eager))
            try:
                await serving
            finally:
                preparing.cancel()
                _forget(note)
    finally:
        listener.close()


async def run_server(built: Gateway, listener: socket.socket, listening: asyncio.Event) -> None:
    """Serve on a socket that is already bound."""
    config = uvicorn.Config(
        built.app,
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


def _say(configuration: Configuration, address: str) -> None:
    key = data_folder.first_key(configuration.data)
    print(f"Bouclier: {address}", flush=True)  # noqa: T201 -- what the command is for
    if key is not None:
        print(f"API key: {key}", flush=True)  # noqa: T201


def _note(note: Path, address: str) -> None:
    """Leave the address for `bouclier ask`; a full disk is no reason not to serve."""
    with suppress(OSError):
        note.write_text(address, encoding="ascii")


def _forget(note: Path) -> None:
    with suppress(OSError):
        note.unlink()
