"""Simulated time: an asyncio loop that skips to the next timer instead of waiting for it.

What is written for a real loop, such as the gateway's waiting room, runs in it unchanged. Nothing may come from
outside: no socket, no thread. The same calls give the same order of events.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine


class _Skipping(selectors.SelectSelector):
    """Nobody writes to what it watches: a wait is time gone by."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.now_s += max(timeout, 0.0)
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, skipping: _Skipping) -> None:
        super().__init__(skipping)
        self._skipping = skipping

    def time(self) -> float:
        return self._skipping.now_s


def run_skipping(work: Coroutine[None, None, None]) -> None:
    """Run something to its end in simulated time, which begins at 0."""
    loop = _Loop(_Skipping())
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()
