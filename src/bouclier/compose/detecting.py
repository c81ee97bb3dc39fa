"""The shield's detectors, composed for a gateway or for a command that calls no model."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bouclier.shield.adapters.cached_detectors import Detectors
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.scanners import make_scanner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OFF = "off"


@asynccontextmanager
async def detectors(names_model: str, *, cache_entries: int) -> AsyncIterator[Detectors]:
    """Start the detectors, and stop them at the end.

    Args:
        names_model: The package that finds names of persons, places and organisations, or `off`.
        cache_entries: How many texts' findings are remembered.

    Raises:
        DetectorError: A detector that was asked for cannot start.
    """
    names = None if names_model == OFF else NamesProcess(names_model)
    if names is not None:
        await names.start()
    found = Detectors(make_scanner(), names, cache_entries=cache_entries)
    try:
        yield found
    finally:
        await found.stop()
        if names is not None:
            await names.stop()
