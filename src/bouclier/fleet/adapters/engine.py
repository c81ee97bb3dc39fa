"""The embedded engine: llama.cpp in a supervised child process, spoken to over HTTP on the loopback interface.

States: `stopped` → `starting` → `ready`; a child that dies is started again after a delay that doubles up to a minute,
during which the state is `starting`; after five deaths in a row without a quiet minute the state is `failed`, and it
still tries, at least once a minute. Weights that cannot be loaded, or a missing library, are `failed` for good: trying
again would change nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.engine_child import NOT_INSTALLED
from bouclier.fleet.adapters.engine_process import EngineAddress, EngineProcess, EngineShape
from bouclier.terms.errors import Bilingual, ConfigurationError, DeploymentUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry

CONTEXT_TOKENS = 4096
PARALLEL = 2
LOAD_TIMEOUT_S = 300.0
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 60.0
STEADY_AFTER_S = 60.0
DEATHS_BEFORE_FAILED = 5
MOST_DOUBLINGS = 16

_GGUF = b"GGUF"

__all__ = ["EmbeddedEngine", "EngineAddress", "default_threads"]


def default_threads() -> int:
    """Return how many threads should compute: all cores but one, at least one.

    Measured on two cores with a 1.5B model: two threads decode 28 tokens a second against 18 while the machine is idle,
    but 10 against 19 beside one busy core and 4 against 13 beside two; a gateway is that busy core.
    """
    return max(1, (os.cpu_count() or 1) - 1)


class EmbeddedEngine:
    """One model served by a child process that is started again when it dies. Belongs to one event loop."""

    def __init__(
        self,
        model_path: Path,
        entry: ModelEntry,
        *,
        threads: int | None = None,
        context: int = CONTEXT_TOKENS,
        parallel: int = PARALLEL,
        memory_limit_bytes: int | None = None,
        first_delay_s: float = FIRST_DELAY_S,
    ) -> None:
        """Describe the engine; nothing is started yet.

        Args:
            model_path: Weights whose digest was verified.
            entry: What the catalogue says of them.
            threads: Threads that compute; None for `default_threads()`.
            context: Longest exchange, prompt and answer together, in tokens.
            parallel: Exchanges served at once; others wait in the engine.
            memory_limit_bytes: Bound on the child's address space, if any.
            first_delay_s: Delay before the first restart, in seconds; it doubles with each death.

        Raises:
            ConfigurationError: The context is longer than the model's, or a number is not positive.
        """
        threads = default_threads() if threads is None else threads
        if min(threads, context, parallel) < 1 or context > entry.context_length:
            raise _bad_settings(entry)
        self._entry = entry
        self._shape = EngineShape(
            model_path=model_path,
            name=entry.name,
            threads=threads,
            context_tokens=context,
            parallel=parallel,
            memory_limit_bytes=memory_limit_bytes,
        )
        self._first_delay_s = first_delay_s
        self._deaths = 0
        self._changed = asyncio.Condition()
        self._supervisor: asyncio.Task[None] | None = None
        self._process: EngineProcess | None = None
        self._address: EngineAddress | None = None
        self.state = "stopped"
        self.failure: Bilingual | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Begin to load the model and return at once; does nothing if already started."""
        if self._supervisor is not None and not self._supervisor.done():
            return
        self._deaths = 0
        await self._become("starting")
        self._supervisor = asyncio.create_task(self._supervise())

    async def ready(self, timeout_s: float) -> EngineAddress:
        """Return where to call the engine, waiting while it loads.

        Args:
            timeout_s: Longest wait, in seconds.

        Raises:
            DeploymentUnavailable: It is stopped, has failed, or is still loading after that time.
        """
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self.state != "starting")
        except TimeoutError:
            raise self._unavailable() from None
        if self._address is None:
            raise self._unavailable()
        return self._address

    async def stop(self) -> None:
        """End the child and stop watching; may be started again."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervisor
        process, self._process = self._process, None
        if process is not None:  # ended here and not by whoever was cancelled: an ending must not be cut short
            await process.stop()
        await self._become("stopped")

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            failure = await asyncio.to_thread(_look_at_weights, self._shape.model_path, self._entry)
            if failure is not None:
                await self._become("failed", failure=failure)
                return
            steady_from = loop.time() + STEADY_AFTER_S
            if not await self._run_once():
                return
            self._deaths = 1 if loop.time() >= steady_from else self._deaths + 1
            if self._deaths >= DEATHS_BEFORE_FAILED:
                await self._become("failed", failure=_keeps_dying(self._deaths))
            else:
                await self._become("starting")
            doublings = min(self._deaths - 1, MOST_DOUBLINGS)
            await asyncio.sleep(min(LONGEST_DELAY_S, self._first_delay_s * 2**doublings))

    async def _run_once(self) -> bool:
        """Run one child to its end; return whether another may fare better."""
        try:
            process = await EngineProcess.launch(self._shape)
        except OSError:
            return True  # short of memory or processes, now
        self._process = process
        report = await process.report(LOAD_TIMEOUT_S)
        if report is not None and report.url is not None:
            await self._become("ready", address=process.address(report.url))
            await process.ended()
            await self._become("starting")
        elif report is not None:
            await self._become("failed", failure=_cannot_load(report.error, self._entry))
        await process.stop()
        self._process = None
        return report is None or report.url is not None

    async def _become(
        self, state: str, *, failure: Bilingual | None = None, address: EngineAddress | None = None
    ) -> None:
        async with self._changed:
            self.state, self.failure, self._address = state, failure, address
            self._changed.notify_all()

    def _unavailable(self) -> DeploymentUnavailable:
        why = self.failure or _WHY.get(self.state, _WHY["stopped"])
        return DeploymentUnavailable(
            Bilingual(
                f"Le modèle embarqué ne peut pas répondre : {why.fr}", f"The embedded model cannot answer: {why.en}"
            ),
            Bilingual(
                "Choisissez un autre modèle, ou voyez « bouclier models list ».",
                "Choose another model, or see `bouclier models list`.",
            ),
            param="model",
        )


_WHY = {
    "starting": Bilingual("il est encore en cours de chargement.", "it is still loading."),
    "stopped": Bilingual("il est arrêté.", "it is stopped."),
}


def _look_at_weights(path: Path, entry: ModelEntry) -> Bilingual | None:
    """Say what is plainly wrong with the file, which llama.cpp would not."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF))
        size = path.stat().st_size
    except OSError:
        return Bilingual(f"le fichier {path.name} est illisible.", f"the file {path.name} cannot be read.")
    if magic != _GGUF:
        return Bilingual(f"{path.name} n'est pas un fichier GGUF.", f"{path.name} is not a GGUF file.")
    if size != entry.size_bytes:
        return Bilingual(
            f"{path.name} fait {size} octets au lieu de {entry.size_bytes}.",
            f"{path.name} is {size} bytes instead of {entry.size_bytes}.",
        )
    return None


def _cannot_load(word: str | None, entry: ModelEntry) -> Bilingual:
    if word == NOT_INSTALLED:
        return Bilingual("le moteur xllamacpp n'est pas installé.", "the engine xllamacpp is not installed.")
    return Bilingual(
        f"{entry.file} n'a pas pu être chargé : fichier abîmé, ou mémoire insuffisante "
        f"(il faut {entry.min_memory_bytes // 1_000_000} Mo).",
        f"{entry.file} could not be loaded: damaged file, or not enough memory "
        f"({entry.min_memory_bytes // 1_000_000} MB are needed).",
    )


def _keeps_dying(deaths: int) -> Bilingual:
    return Bilingual(
        f"son processus s'est arrêté {deaths} fois de suite ; nouvel essai chaque minute au moins.",
        f"its process ended {deaths} times in a row; it is tried again at least once a minute.",
    )


def _bad_settings(entry: ModelEntry) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"Réglages du moteur hors limites : threads et contexte positifs, contexte ≤ {entry.context_length}.",
            f"Engine settings out of bounds: threads and context positive, context ≤ {entry.context_length}.",
        ),
        Bilingual("Corrigez engine.threads ou engine.context.", "Correct engine.threads or engine.context."),
        param="engine",
    )
