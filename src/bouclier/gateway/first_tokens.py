"""Who waits for a first token, and where: so that nobody goes on waiting for a deployment that is gone."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class FirstTokens:
    """Exchanges that wait for their first token and could be served elsewhere, by deployment."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: dict[str, dict[str, asyncio.Timeout]] = {}

    @contextmanager
    def awaited(self, name: str, exchange_id: str, patience: asyncio.Timeout) -> Iterator[None]:
        """Let an exchange wait at a deployment; its patience ends early if the deployment is given up."""
        self._waiting.setdefault(name, {})[exchange_id] = patience
        try:
            yield
        finally:
            self.came(name, exchange_id)

    def came(self, name: str, exchange_id: str) -> None:
        """An answer began: it is not waited for any more, and may take its time."""
        waiting = self._waiting.get(name, {})
        waiting.pop(exchange_id, None)
        if not waiting:
            self._waiting.pop(name, None)

    def give_up(self, name: str) -> None:
        """End the patience of all who wait at a deployment, now."""
        for patience in self._waiting.pop(name, {}).values():
            patience.reschedule(asyncio.get_running_loop().time())
