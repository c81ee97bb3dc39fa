"""Make, fill, show and serve a witness."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import uvloop

from bouclier.compose.http_server import address_of, bound_socket, run_server
from bouclier.compose.standard_error import log_to_standard_error
from bouclier.oversight.adapters.witness_app import WitnessApp
from bouclier.oversight.adapters.witness_folder import (
    add_log_key,
    create_witness,
    open_memory,
    read_cosigned,
    read_split_views,
    read_witness_keys,
)
from bouclier.oversight.adapters.witness_store import WitnessStore
from bouclier.tlog.note import render_vkey

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.oversight.adapters.witness_folder import CosignedLog, SplitView

DEFAULT_PORT: Final = 8788


@dataclass(frozen=True, slots=True)
class WitnessShown:
    """What is public about a witness.

    Attributes:
        vkeys: Its public keys, for the policies of others.
        logs: What it cosigned last for each log it knows.
        split_views: Where a log signed two trees of one size.
    """

    vkeys: tuple[str, ...]
    logs: tuple[CosignedLog, ...]
    split_views: tuple[SplitView, ...]


def create(folder: Path, *, name: str, ml_dsa: bool) -> tuple[str, ...]:
    """Make a witness, and return its public keys.

    Raises:
        ConfigurationError: The name is not one.
        StorageError: There is one already, or the folder cannot be written.
    """
    return tuple(render_vkey(key.verifier_key) for key in create_witness(folder, name=name, ml_dsa=ml_dsa))


def add_log(folder: Path, vkey: str, *, origin: str | None) -> str:
    """Make a witness know a log, and return the log's origin.

    Raises:
        ConfigurationError: It is no key of a log, or the origin is not one.
        StorageError: There is no witness, or its memory cannot be written.
    """
    return add_log_key(folder, vkey, origin=origin)


def show(folder: Path) -> WitnessShown:
    """Return what is public about a witness, whether or not it is being served.

    Raises:
        StorageError: There is none, or it cannot be read.
    """
    keys = tuple(key.verifier_key for key in read_witness_keys(folder))
    with contextlib.closing(open_memory(folder, keys)) as memory:
        return WitnessShown(
            tuple(render_vkey(key) for key in keys), tuple(read_cosigned(memory)), tuple(read_split_views(memory))
        )


def serve(folder: Path, *, host: str, port: int) -> int:
    """Serve a witness until interrupted; return the exit code.

    Raises:
        BouclierError: It cannot start, and says why.
    """
    # A crash dump would hold the private keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    log_to_standard_error()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(folder, host, port))
    return 0


async def _serve(folder: Path, host: str, port: int) -> None:
    with contextlib.closing(WitnessStore.open(folder, clock=lambda: int(time.time()))) as store:
        listener = bound_socket(host, port)
        try:
            listening = asyncio.Event()
            serving = asyncio.create_task(run_server(WitnessApp(store), listener, listening))
            waiting = asyncio.create_task(listening.wait())
            await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            print(f"Bouclier witness: {address_of(listener)}", flush=True)  # noqa: T201 -- what the command is for
            await serving
        finally:
            listener.close()
