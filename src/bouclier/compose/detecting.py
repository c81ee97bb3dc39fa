"""The shield's detectors, composed for a gateway or for a command that calls no model."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bouclier.compose.settings import user_cache
from bouclier.shield.adapters.cached_detectors import Detectors
from bouclier.shield.adapters.many_names import ManyNames
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.names_spec import check_names, names_spec
from bouclier.shield.adapters.own_process import OwnProcess
from bouclier.shield.adapters.scan_process import ScanProcess
from bouclier.shield.adapters.scanners import make_scanner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bouclier.compose.configuration_model import ShieldSettings


@asynccontextmanager
async def detectors(shield: ShieldSettings) -> AsyncIterator[Detectors]:
    """Start the detectors, and stop them at the end.

    Args:
        shield: What to look for, and with what.

    Raises:
        ConfigurationError: A model that was asked for is not there.
    """
    cache = user_cache("patterns")
    specs = [names_spec(one.model, dict(one.labels)) for one in shield.names]
    for spec in specs:
        check_names(spec)
    async with AsyncExitStack() as stack:
        long_texts = ScanProcess(shield.identifiers, cache=cache)
        stack.push_async_callback(long_texts.stop)
        names = [NamesProcess(spec) for spec in specs]
        own = [OwnProcess(one.python, one.folder) for one in shield.detectors]
        for child in (*names, *own):
            stack.push_async_callback(child.stop)
            await child.start()
        yield Detectors(
            make_scanner(shield.identifiers, cache=cache),
            ManyNames(names) if len(names) > 1 else names[0] if names else None,
            shield.cache_entries,
            long_texts=long_texts,
            own=own,
        )
