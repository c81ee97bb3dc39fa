"""Serve a gateway over HTTP until told to stop."""

from __future__ import annotations

import asyncio
import logging
import resource
from contextlib import suppress
from typing import TYPE_CHECKING

import uvloop

from bouclier.compose import data_folder
from bouclier.compose.building import fetch_and_start, gateway
from bouclier.compose.http_server import address_of, bound_socket, run_server
from bouclier.compose.law_keeping import law_standing
from bouclier.compose.settings import speaks_french
from bouclier.compose.standard_error import log_to_standard_error

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.compose.law_keeping import LawKeeping


def serve(configuration: Configuration) -> int:
    """Serve until interrupted; return the exit code.

    Raises:
        BouclierError: It cannot start, and says why.
    """
    # A crash dump would hold what is in memory: texts, pseudonyms, keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    log_to_standard_error()
    # Libraries' warnings could quote what they were given; only ours are written to quote nothing.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(configuration))
    return 0


async def _serve(configuration: Configuration) -> None:
    listener = bound_socket(configuration.host, configuration.port)
    try:
        async with gateway(configuration) as built:
            address = address_of(listener)
            listening = asyncio.Event()
            serving = asyncio.create_task(run_server(built.app, listener, listening))
            waiting = asyncio.create_task(listening.wait())
            await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            note = configuration.data / "serving"
            _note(note, address)
            _say(configuration, address, built.law)
            eager = not configuration.deployments
            preparing = asyncio.create_task(fetch_and_start(built, eager=eager))
            try:
                await serving
            finally:
                preparing.cancel()
                _forget(note)
    finally:
        listener.close()


def _say(configuration: Configuration, address: str, keeping: LawKeeping) -> None:
    key = data_folder.first_key(configuration.keys_folder)
    print(f"Bouclier: {address}", flush=True)  # noqa: T201 -- what the command is for
    if key is not None:
        print(f"API key: {key}", flush=True)  # noqa: T201
    law = keeping.law
    name, parties = law.charter.about.name, ", ".join(law.adoption.adopted_by)
    adopted = (parties or "personne", parties or "nobody")
    text = (
        f"Charte : {name.fr} {law.charter.about.version}, adoptée par {adopted[0]}"
        if speaks_french()
        else f"Charter: {name.en} {law.charter.about.version}, adopted by {adopted[1]}"
    )
    if law_standing(keeping)["expired"]:
        text += (
            " ; elle a expiré, rien ne sort de l'institution"
            if speaks_french()
            else "; it has expired, nothing leaves the institution"
        )
    print(text, flush=True)  # noqa: T201 -- what the command is for


def _note(note: Path, address: str) -> None:
    """Leave the address for `bouclier ask`; a full disk is no reason not to serve."""
    with suppress(OSError):
        note.write_text(address, encoding="ascii")


def _forget(note: Path) -> None:
    with suppress(OSError):
        note.unlink()
