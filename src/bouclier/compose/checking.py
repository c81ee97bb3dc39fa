"""Find what is personal or sensitive in texts, without calling any model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvloop

from bouclier.compose.detecting import detectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bouclier.compose.configuration import Configuration
    from bouclier.terms.content import Finding

_BATCH_TEXTS = 64


def check(
    configuration: Configuration,
    texts: Iterable[tuple[str, str]],
    report: Callable[[str, str, tuple[Finding, ...]], None],
) -> None:
    """Inspect texts in order.

    Args:
        configuration: Which detectors.
        texts: Pairs of an id and a text; read as they are needed.
        report: Called for each, with its id, its text and its findings.

    Raises:
        DetectorError: A detector is broken.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_check(configuration, texts, report))


async def _check(
    configuration: Configuration,
    texts: Iterable[tuple[str, str]],
    report: Callable[[str, str, tuple[Finding, ...]], None],
) -> None:
    async with detectors(configuration.names_model, cache_entries=configuration.cache_entries) as found:
        batch: list[tuple[str, str]] = []

        async def flush() -> None:
            for (name, text), findings in zip(batch, await found.find([text for _, text in batch]), strict=True):
                report(name, text, findings)
            batch.clear()

        for pair in texts:
            batch.append(pair)
            if len(batch) >= _BATCH_TEXTS:
                await flush()
        await flush()
