"""Hand the texts of documents to the detectors, enough at a time to keep them busy, in constant memory."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from bouclier.compose.documents.formats import TABLES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator

    from bouclier.compose.documents.model import Block, Document
    from bouclier.shield.adapters.cached_detectors import Detectors
    from bouclier.terms.content import Finding

    Inspected = tuple[Block, list[tuple[Finding, ...]]]

AHEAD = 4
"""How many windows, or documents, are under way at once: patterns of one are scanned while names of another are."""

_TABLE_CHARS = 32_000
_TABLE_TEXTS = 256
_DOCUMENT_CHARS = 500_000
_DOCUMENT_TEXTS = 10_000

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


async def inspect_blocks(found: Detectors, document: Document) -> AsyncGenerator[Inspected, None]:
    """Yield the blocks of a document, each with the findings of its segments, in order.

    A document is one exchange for the detectors: a name found once is found wherever it stands. A table is read by
    stretches of rows.

    Raises:
        DetectorError: A detector is broken.
        RequestError: The document cannot be read to its end.
    """
    table = document.format in TABLES
    windows = _windows(
        document.blocks, _TABLE_CHARS if table else _DOCUMENT_CHARS, _TABLE_TEXTS if table else _DOCUMENT_TEXTS
    )

    async def read(window: list[Block]) -> list[Inspected]:
        texts = [segment.text for block in window for segment in block.segments]
        findings = iter(await found.find(texts))
        return [(block, [next(findings) for _ in block.segments]) for block in window]

    async with aclosing(ahead(windows, read)) as inspected:
        async for window in inspected:
            for one in window:
                yield one


async def inspect_names(found: Detectors, names: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
    """Return what is found in each name of a file or folder: underscores are spaces, its end is no word.

    Raises:
        DetectorError: A detector is broken.
    """
    distinct = sorted(set(names))
    findings = await found.find([name[: name_length(name)].replace("_", " ") for name in distinct])
    return dict(zip(distinct, findings, strict=True))


def name_length(name: str) -> int:
    """Return how much of a file's name is words: all but its end, in code points."""
    return len(PurePath(name).stem)


async def ahead(
    given: Iterable[_Given], make: Callable[[_Given], Awaitable[_Made]], count: int = AHEAD
) -> AsyncGenerator[_Made, None]:
    """Yield what is made of each, in order, while what is made of the next ones is under way."""
    waiting: deque[asyncio.Future[_Made]] = deque()
    try:
        for one in given:
            waiting.append(asyncio.ensure_future(make(one)))
            await asyncio.sleep(0)  # it begins now
            if len(waiting) >= count:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _windows(blocks: Iterator[Block], most_chars: int, most_texts: int) -> Iterator[list[Block]]:
    window: list[Block] = []
    chars = texts = 0
    for block in blocks:
        window.append(block)
        chars += sum(len(segment.text) for segment in block.segments)
        texts += len(block.segments)
        if chars >= most_chars or texts >= most_texts:
            yield window
            window, chars, texts = [], 0, 0
    if window:
        yield window
