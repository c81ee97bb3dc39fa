"""The shield's detectors, composed for a gateway or for a command that calls no model."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bouclier.shield.adapters.cached_detectors import Detectors
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.scan_process import ScanProcess
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
    async with AsyncExitStack() as stack:
        long_texts = ScanProcess()
        stack.push_async_callback(long_texts.stop)
        names = None
        if names_model != OFF:
            names = NamesProcess(names_model)
            stack.push_async_callback(names.stop)
            await names.start()
        yield Detectors(make_scanner(), names, cache_entries, long_texts=long_texts)
