"""The embedded engine as a deployment: weights first, then the engine, then plain HTTP to it like to any other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.terms.errors import Bilingual, BouclierError, DeploymentUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.fleet.adapters.engine import EmbeddedEngine, EngineAddress
    from bouclier.fleet.adapters.http_client import HttpAnswer

LOAD_TIMEOUT_S = 120.0


class EmbeddedUpstream:
    """`Upstream` over the embedded engine, which is started when first needed.

    Attributes:
        progress: How much of the weights has been fetched, 0 to 1; None when nothing is being fetched.
    """

    def __init__(
        self,
        *,
        name: str,
        weights: Callable[[], Path | None],
        engine_of: Callable[[Path], EmbeddedEngine],
    ) -> None:
        self._name = name
        self._weights = weights
        self._engine_of = engine_of
        self._engine: EmbeddedEngine | None = None
        self._starting = asyncio.Lock()
        self._called: tuple[EngineAddress, HttpUpstream] | None = None
        self.progress: float | None = None

    @property
    def state(self) -> str:
        """`missing` without weights; `stopped` until first needed; then what the engine says."""
        if self._engine is not None:
            return {"starting": "loading"}.get(self._engine.state, self._engine.state)
        return "missing" if self._weights() is None else "stopped"

    @property
    def available(self) -> bool:
        """Whether a call can be served: weights are here and the engine has not given up."""
        return self.state not in {"missing", "failed"}

    async def start(self) -> None:
        """Start the engine if weights are here and it is not started yet.

        Raises:
            DeploymentUnavailable: There are no weights.
        """
        async with self._starting:
            if self._engine is not None:
                return
            path = self._weights()
            if path is None:
                raise self._missing()
            engine = self._engine_of(path)
            await engine.start()
            self._engine = engine

    async def chat(self, body: bytes, *, exchange_id: str) -> HttpAnswer:
        """See `Upstream.chat`; waits while the model loads."""
        await self.start()
        assert self._engine is not None
        address = await self._engine.ready(LOAD_TIMEOUT_S)
        if self._called is None or self._called[0] != address:
            # A restarted engine has another port and another key.
            endpoint = Endpoint(base_url=address.base_url, api_key=address.api_key)
            self._called = (address, HttpUpstream(self._name, endpoint))
        return await self._called[1].chat(body, exchange_id=exchange_id)

    async def stop(self) -> None:
        """Stop the engine, if it was started."""
        async with self._starting:
            if self._engine is not None:
                await self._engine.stop()

    async def start_quietly(self) -> str | None:
        """Start the engine ahead of need; return what went wrong, if anything, for whoever runs the gateway."""
        try:
            await self.start()
        except BouclierError as error:
            return str(error.message)
        return None

    def _missing(self) -> DeploymentUnavailable:
        done = "" if self.progress is None else f" ({self.progress:.0%})"
        return DeploymentUnavailable(
            Bilingual(
                f"Les poids du modèle embarqué ne sont pas encore là{done}.",
                f"The weights of the embedded model are not here yet{done}.",
            ),
            Bilingual(
                "Attendez la fin du téléchargement, ou lancez « bouclier models pull ».",
                "Wait for the download to end, or run `bouclier models pull`.",
            ),
            param="model",
        )
