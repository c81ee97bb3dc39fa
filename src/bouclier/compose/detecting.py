"""The shield's detectors, composed for a gateway or for a command that calls no model."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bouclier.shield.adapters.cached_detectors import Detectors
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.scan_process import ScanProcess
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.terms.errors import Bilingual, ConfigurationError

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
        ConfigurationError: A detector that was asked for is not installed.
    """
    async with AsyncExitStack() as stack:
        long_texts = ScanProcess()
        stack.push_async_callback(long_texts.stop)
        names = None
        if names_model != OFF:
            _check_installed(names_model)
            names = NamesProcess(names_model)
            stack.push_async_callback(names.stop)
            await names.start()
        yield Detectors(make_scanner(), names, cache_entries, long_texts=long_texts)


def _check_installed(package: str) -> None:
    if find_spec("spacy") is None or find_spec(package) is None:
        raise ConfigurationError(
            Bilingual(
                f"Le paquet {package}, qui trouve les noms, n'est pas installé.",
                f"The package {package}, which finds names, is not installed.",
            ),
            Bilingual(
                "Installez « bouclier[names] », ou écrivez « shield: {names: off} » : les noms ne seront plus vus.",
                "Install `bouclier[names]`, or write `shield: {names: off}`: names will no longer be seen.",
            ),
            param="shield.names",
        )
