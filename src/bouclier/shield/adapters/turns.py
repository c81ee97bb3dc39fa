"""Long work done in short turns, so that the event loop serves others in between."""

from __future__ import annotations

import asyncio
import time

_TURN_S = 0.01


class Turns:
    """Counts the time of a turn; `pause` costs nothing until it is over.

    >>> turns = Turns()
    >>> asyncio.run(turns.pause())
    """

    def __init__(self) -> None:
        self._until = time.monotonic() + _TURN_S

    async def pause(self) -> None:
        """Let others run if some 10 ms have passed since they last could."""
        if time.monotonic() >= self._until:
            await asyncio.sleep(0)
            self._until = time.monotonic() + _TURN_S
