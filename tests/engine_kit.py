"""The tiny model of the tests, and an engine over it that is stopped whatever happens."""

from __future__ import annotations

import asyncio
import functools
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.fleet.adapters.embedded import EmbeddedUpstream, Turns
from bouclier.fleet.adapters.engine import EmbeddedEngine
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.adapters.weights_catalogue import load_catalogue
from bouclier.fleet.supervision import Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

TINY = load_catalogue().find("smollm2-135m")
HASTY = Limits(first_pause_ms=20, ask_every_ms=100)
LOAD_S = 60.0


@functools.cache
def tiny_weights() -> Path:
    """SmolLM2, kept for all runs of all tests of this user, as `bouclier models pull` keeps it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bouclier" / "weights"
    return WeightsStore(cache, load_catalogue()).fetch(TINY, lambda _done, _total: None)


def tiny_engine(*, slots: int = 2, context: int = 512, limits: Limits = HASTY) -> EmbeddedEngine:
    """An engine that is not started."""
    return EmbeddedEngine(tiny_weights(), TINY, threads=1, context=context, slots=slots, limits=limits)


@asynccontextmanager
async def upstream_over(engine: EmbeddedEngine, turns: Turns | None = None) -> AsyncIterator[EmbeddedUpstream]:
    """A deployment over an engine, stopped at the end."""
    upstream = EmbeddedUpstream(
        name="embedded", weights=tiny_weights, engine_of=lambda _path: engine, turns=turns or Turns()
    )
    try:
        yield upstream
    finally:
        await upstream.stop()


def with_upstream(
    story: Callable[[EmbeddedUpstream, EmbeddedEngine], Awaitable[None]],
    *,
    slots: int = 2,
    context: int = 512,
    limits: Limits = HASTY,
    turns: Turns | None = None,
) -> None:
    """Run a story with a deployment whose engine answers."""

    async def run() -> None:
        engine = tiny_engine(slots=slots, context=context, limits=limits)
        async with upstream_over(engine, turns) as upstream:
            await upstream.start()
            await engine.ready(LOAD_S)
            await story(upstream, engine)

    asyncio.run(run())


def request(text: str = "Count.", **more: Any) -> bytes:
    """The body of a chat completion."""
    return msgspec.json.encode({"messages": [{"role": "user", "content": text}], "temperature": 0, **more})


def endless(text: str = "Count.", *, tokens: int = 400) -> bytes:
    """The body of a streamed completion that goes on for as many tokens as asked."""
    return request(text, stream=True, max_tokens=tokens, ignore_eos=True)
