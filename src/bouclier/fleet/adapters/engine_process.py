"""Starting and ending the engine's child process, and hearing its one report."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from bouclier.fleet.adapters.engine_child import EngineReport, EngineSettings

if TYPE_CHECKING:
    from pathlib import Path

STOP_GRACE_S = 2.0

_PRIVATE = ("BOUCLIER_", "LLAMA_", "GGML_")


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where the engine answers.

    Attributes:
        base_url: Up to and including `/v1`; on the loopback interface.
        api_key: Made for this start of the engine; known to nobody else.
    """

    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EngineDoor:
    """How the engine is reached.

    Attributes:
        port: Where it listens on the loopback interface; 0 for any free port.
        api_key: What callers present; None to make one anew for each start.
    """

    port: int = 0
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EngineShape:
    """How the engine is run.

    Attributes:
        model_path: Weights, GGUF, already verified.
        name: What the engine calls its model.
        threads: Threads that compute.
        context_tokens: Longest exchange of each slot.
        slots: Exchanges served at once.
        memory_limit_bytes: Bound on the child's memory, if any.
        door: Where it listens, and what callers present.
    """

    model_path: Path
    name: str
    threads: int
    context_tokens: int
    slots: int
    memory_limit_bytes: int | None
    door: EngineDoor


class EngineProcess:
    """One run of the child process."""

    def __init__(self, process: asyncio.subprocess.Process, api_key: str) -> None:
        self._process = process
        self._api_key = api_key

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    async def launch(cls, shape: EngineShape) -> EngineProcess:
        """Start a child, which begins to load the model.

        The key goes through a pipe: an argument or a variable could be read by others on the machine. The child has its
        own session, so that Ctrl-C in a terminal reaches the gateway alone, which then ends the child in order.

        Raises:
            OSError: The process cannot be started.
        """
        api_key = shape.door.api_key or secrets.token_urlsafe(32)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "bouclier.fleet.adapters.engine_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)},
        )
        settings = EngineSettings(
            parent_pid=os.getpid(),
            model_path=str(shape.model_path.absolute()),
            name=shape.name,
            threads=shape.threads,
            context_tokens=shape.context_tokens,
            parallel=shape.slots,
            api_key=api_key,
            port=shape.door.port,
            memory_limit_bytes=shape.memory_limit_bytes,
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(settings) + b"\n")  # fits in the pipe: nothing to wait for
        return cls(process, api_key)  # no await since the start: whoever is cancelled meanwhile still gets to stop it

    async def report(self, timeout_s: float) -> EngineReport | None:
        """Wait for the child's report; None if it died, or said nothing in time."""
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), timeout_s)
            return msgspec.json.decode(line, type=EngineReport)
        except (TimeoutError, ValueError, msgspec.DecodeError):
            return None

    def address(self, url: str) -> EngineAddress:
        """Return how to call the engine that listens there."""
        return EngineAddress(base_url=f"{url}/v1", api_key=self._api_key)

    async def ended(self) -> int:
        """Wait until the process has ended; return its code, negative for a signal."""
        return await self._process.wait()

    async def stop(self, *, at_once: bool = False) -> None:
        """End the process: ask by closing its input, insist after a moment.

        Args:
            at_once: Do not ask: it is hung, or holds too much memory.
        """
        if self._process.returncode is not None:
            return
        if at_once:
            await self._kill()
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_GRACE_S)
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
