"""One model over an OpenAI-compatible endpoint on the loopback interface, by itself: a site of another gateway's fleet.

What answers is llama.cpp's own server in its child process, supervised as in the gateway: `/v1/chat/completions` and
the rest behind a key, `/health` for anybody on this machine. Nothing is inspected, decided or recorded here: that is
for the gateway in front, which is why only the loopback interface is listened on. When the child is started again it
has the same port and the same key.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import secrets
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.compose.http_server import bound_socket
from bouclier.compose.models_engine import engine_for
from bouclier.compose.settings import cache_folder
from bouclier.compose.weights import plan_weights
from bouclier.fleet.adapters.engine import EngineDoor
from bouclier.terms.errors import Bilingual, ConfigurationError, DeploymentUnavailable, OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.fleet.adapters.engine import EmbeddedEngine

DEFAULT_PORT = 8790
MOST_PORT = 65_535
LOOPBACK = "127.0.0.1"
KEY_FILE = "serve.key"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is served, for whoever configures the gateway in front.

    Attributes:
        model: Its name in requests.
        base_url: Up to and including `/v1`.
        key_file: The file that holds the key callers present.
        slots: Exchanges served at once.
        context: Longest exchange, in tokens.
    """

    model: str
    base_url: str
    key_file: Path
    slots: int
    context: int


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How a model is served; None stands for what the configuration or the machine says.

    Attributes:
        name: A model of the catalogue or one that was added; None for the configured one.
        port: Where to listen; 0 for any free port, kept while it serves.
        slots: Exchanges at once.
        memory_mb: Memory the engine may hold, in millions of bytes.
        key_file: The file that holds the key; made if it does not exist.
    """

    name: str | None = None
    port: int = DEFAULT_PORT
    slots: int | None = None
    memory_mb: int | None = None
    key_file: Path | None = None


def serve_model(
    configuration: Configuration,
    settings: ServeSettings,
    *,
    ready: Callable[[Offer], None],
    told: Callable[[str], None],
) -> int:
    """Serve until interrupted; return the exit code.

    Args:
        configuration: Where weights are, and how engines are run here.
        settings: What to serve, and how.
        ready: Called once, when the model answers for the first time.
        told: Called with the engine's state whenever it changes after that.

    Raises:
        ConfigurationError: There is no such model, a setting is out of bounds, or the port is taken.
        DeploymentUnavailable: The weights are not here, or cannot be loaded.
        OperatorError: The key cannot be read or written.
    """
    # A crash dump would hold what is in memory: texts and the key.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    plan = plan_weights(configuration, name=settings.name)
    path = None if plan is None else plan.path()
    if plan is None or path is None:
        raise _not_here(settings.name if plan is None else plan.entry.name)
    port = _free_port(settings.port)
    key_file = settings.key_file or cache_folder(configuration) / KEY_FILE
    context = min(plan.context, plan.entry.context_length)
    engine = engine_for(
        path,
        plan.entry,
        threads=plan.threads,
        context=context,
        slots=settings.slots if settings.slots is not None else plan.slots,
        memory_mb=settings.memory_mb if settings.memory_mb is not None else plan.memory_mb,
        door=EngineDoor(port=port, api_key=_key_in(key_file)),
    )
    offer = Offer(
        model=plan.entry.name,
        base_url=f"http://{LOOPBACK}:{port}/v1",
        key_file=key_file,
        slots=engine.slots,
        context=context,
    )
    asyncio.run(_serve(engine, offer, ready=ready, told=told))
    return 0


async def _serve(
    engine: EmbeddedEngine, offer: Offer, *, ready: Callable[[Offer], None], told: Callable[[str], None]
) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    work = asyncio.ensure_future(_watch(engine, offer, ready=ready, told=told))
    stop = asyncio.ensure_future(ending.wait())
    try:
        await engine.start()
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        for task in (work, stop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await engine.stop()


async def _watch(
    engine: EmbeddedEngine, offer: Offer, *, ready: Callable[[Offer], None], told: Callable[[str], None]
) -> None:
    """Tell what becomes of the engine, until trying again would change nothing."""
    state = await engine.changed("stopped")
    offered = False
    while True:
        if state == "ready" and not offered:
            ready(offer)
            offered = True
        elif offered or state != "starting":
            told(state)
        if engine.given_up:
            raise engine.unavailable()
        state = await engine.changed(state)


def _free_port(port: int) -> int:
    """Return a port that can be listened on; says which one is taken, better than the engine would."""
    if not 0 <= port <= MOST_PORT:
        raise ConfigurationError(
            Bilingual(f"--port doit être entre 0 et {MOST_PORT}.", f"--port must be between 0 and {MOST_PORT}."),
            Bilingual(f"Par défaut : {DEFAULT_PORT}.", f"By default: {DEFAULT_PORT}."),
            param="--port",
        )
    with bound_socket(LOOPBACK, port) as listener:
        return int(listener.getsockname()[1])


def _key_in(path: Path) -> str:
    """Return the key a file holds; make both if there is no such file, readable by its owner alone."""
    try:
        with contextlib.suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{secrets.token_urlsafe(32)}\n")
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad_key(path) from error
    if not key or any(character.isspace() for character in key):
        raise _bad_key(path)
    return key


def _bad_key(path: Path) -> OperatorError:
    return OperatorError(
        Bilingual(f"La clé ne peut pas être lue dans {path}.", f"The key cannot be read from {path}."),
        Bilingual(
            "Ce fichier doit contenir la clé, seule, sur une ligne ; effacez-le pour qu'il soit refait.",
            "That file must hold the key, alone, on one line; delete it to have it made again.",
        ),
        param="--key-file",
    )


def _not_here(name: str | None) -> ConfigurationError | DeploymentUnavailable:
    if name is None:
        return ConfigurationError(
            Bilingual(
                "Aucun modèle à servir : engine.model vaut « off ».", "No model to serve: engine.model is `off`."
            ),
            Bilingual("Nommez-en un.", "Name one."),
            param="NAME",
        )
    return DeploymentUnavailable(
        Bilingual(f"Les poids de {name} ne sont pas là.", f"The weights of {name} are not here."),
        Bilingual(f"Lancez d'abord « bouclier models pull {name} ».", f"Run `bouclier models pull {name}` first."),
        param="NAME",
    )
