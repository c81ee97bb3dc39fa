"""An engine over weights that are here: how many exchanges at once, and how much memory, on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.engine import EmbeddedEngine, EngineDoor
from bouclier.fleet.adapters.gguf_files import metadata_of
from bouclier.fleet.adapters.resources import free_memory_bytes
from bouclier.fleet.sizing import fitting_slots, memory_allowed
from bouclier.fleet.supervision import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry

MEGABYTE = 1_000_000


def engine_for(
    path: Path,
    entry: ModelEntry,
    *,
    threads: int | None,
    context: int,
    slots: int | None = None,
    memory_mb: int | None = None,
    door: EngineDoor | None = None,
) -> EmbeddedEngine:
    """Return an engine that is not started yet.

    Args:
        path: Its weights, verified.
        entry: What is known of them.
        threads: Threads that compute; None for all cores but one.
        context: Longest exchange, in tokens.
        slots: Exchanges at once; None for what the cores and the memory of this machine bear.
        memory_mb: Memory it may hold, in millions of bytes, before it is started again; None for what its model needs,
            and half as much again.
        door: Where it listens and what callers present; by default any free port and a new key.

    Raises:
        ConfigurationError: A setting is out of bounds for this model.
    """
    cache = metadata_of(path).cache_bytes_per_token
    allowed = None if memory_mb is None else memory_mb * MEGABYTE
    if slots is None:
        slots = fitting_slots(
            cores=os.cpu_count() or 1,
            memory_bytes=free_memory_bytes() if allowed is None else allowed,
            base_bytes=entry.min_memory_bytes,
            cache_bytes_per_token=cache,
            context=context,
        )
    if allowed is None:
        allowed = memory_allowed(
            base_bytes=entry.min_memory_bytes, cache_bytes_per_token=cache, slots=slots, context=context
        )
    return EmbeddedEngine(
        path,
        entry,
        threads=threads,
        context=context,
        slots=slots,
        limits=Limits(memory_bytes=allowed),
        door=door,
    )
