"""The embedded engine as a deployment: weights first, then the engine, then plain HTTP to it like to any other.

It serves as many exchanges at once as it has slots. The next ones wait here rather than in llama.cpp, which would not
notice that a caller who waits has left; when the queue is full too, or the wait too long, the caller is told `full` and
may go elsewhere, for nothing was sent yet.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.engine_words import unavailable
from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.terms.errors import Bilingual, BouclierError, DeploymentUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from bouclier.fleet.adapters.engine import EmbeddedEngine
    from bouclier.fleet.adapters.http_client import HttpAnswer

LOAD_TIMEOUT_S = 120.0
WAITING_PER_SLOT = 4
LONGEST_WAIT_S = 60.0


class Turns:
    """Who may call now: so many at once, the others in the order they came."""

    def __init__(self, *, waiting_per_slot: int = WAITING_PER_SLOT, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        """Begin with nobody.

        Args:
            waiting_per_slot: Callers who may wait, for each slot there is.
            longest_wait_s: Longest wait.
        """
        self._waiting_per_slot = waiting_per_slot
        self._longest_wait_s = longest_wait_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._queue)

    def full(self, slots: int) -> bool:
        """Tell whether one more caller would be turned away."""
        return self.taken >= slots and self.waiting >= slots * self._waiting_per_slot

    async def take(self, slots: int) -> None:
        """Return once it is the caller's turn; `give_back` ends the turn.

        Raises:
            DeploymentUnavailable: The queue is full, or the wait too long.
        """
        if self.taken < slots and not self._queue:
            self.taken += 1
            return
        if self.full(slots):
            raise unavailable("full")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._longest_wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give_back()  # the turn came in the very moment its caller left: to the next one
            elif turn in self._queue:
                self._queue.remove(turn)
            if isinstance(error, TimeoutError):
                raise unavailable("full") from None
            raise

    def give_back(self) -> None:
        """End a turn: it goes to whoever waits longest."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():  # else its caller left, and has not run since
                turn.set_result(None)
                return
        self.taken -= 1


class TurnAnswer:
    """An answer that holds its turn, and a connection of its own, until it is let go."""

    __slots__ = ("_answer", "_caller", "_turns", "headers", "status")

    def __init__(self, answer: HttpAnswer, caller: HttpUpstream, turns: Turns) -> None:
        self._answer = answer
        self._caller = caller
        self._turns: Turns | None = turns
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers

    def chunks(self) -> AsyncIterator[bytes]:
        """See `UpstreamAnswer.chunks`."""
        return self._answer.chunks()

    async def read(self, max_bytes: int) -> bytes:
        """See `UpstreamAnswer.read`."""
        return await self._answer.read(max_bytes)

    def close(self) -> None:
        """See `UpstreamAnswer.close`; the turn goes to the next caller."""
        self._answer.close()
        self._caller.close()
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_back()


class EmbeddedUpstream:
    """`Upstream` over the embedded engine, which is started when first needed.

    Attributes:
        progress: How much of the weights has been fetched, 0 to 1; None when nothing is being fetched.
        turns: Who is being served and who waits.
    """

    def __init__(
        self,
        *,
        name: str,
        weights: Callable[[], Path | None],
        engine_of: Callable[[Path], EmbeddedEngine],
        turns: Turns | None = None,
    ) -> None:
        """Describe the deployment; nothing is started yet.

        Args:
            name: Its name, for errors.
            weights: Where verified weights are, or None.
            engine_of: The engine over them; may read the file.
            turns: How long callers may wait; by default, as this module says.
        """
        self._name = name
        self._weights = weights
        self._engine_of = engine_of
        self._engine: EmbeddedEngine | None = None
        self._starting = asyncio.Lock()
        self.turns = turns or Turns()
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

    @property
    def slots(self) -> int | None:
        """How many exchanges it serves at once; None until the engine was started, and so knows."""
        return None if self._engine is None else self._engine.slots

    @property
    def full(self) -> bool:
        """Whether one more caller would be turned away."""
        return self.slots is not None and self.turns.full(self.slots)

    @property
    def failure(self) -> Bilingual | None:
        """Why the engine has given up for now, if it has."""
        return None if self._engine is None else self._engine.failure

    async def start(self) -> None:
        """Start the engine if weights are here and it is not started yet.

        Raises:
            DeploymentUnavailable: There are no weights.
            ConfigurationError: The engine's settings do not fit this model.
        """
        async with self._starting:
            if self._engine is not None:
                return
            path = self._weights()
            if path is None:
                raise self._missing()
            engine = await asyncio.to_thread(self._engine_of, path)
            await engine.start()
            self._engine = engine

    async def chat(self, body: bytes, *, exchange_id: str) -> TurnAnswer:
        """See `Upstream.chat`; waits while the model loads, and for its turn."""
        await self.start()
        assert self._engine is not None
        await self.turns.take(self._engine.slots)
        try:
            address = await self._engine.ready(LOAD_TIMEOUT_S)
            # A connection for each exchange: after a stream llama.cpp says that it keeps the connection, and closes it
            # 10 ms later; a request sent meanwhile would be lost. On the loopback interface a new one costs nothing.
            caller = HttpUpstream(self._name, Endpoint(base_url=address.base_url, api_key=address.api_key))
            return TurnAnswer(await caller.chat(body, exchange_id=exchange_id), caller, self.turns)
        except BaseException:
            self.turns.give_back()
            raise

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
