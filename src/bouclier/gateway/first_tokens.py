"""Who waits for a first token, and where: so that nobody goes on waiting for a deployment that is gone."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class FirstTokens:
    """Exchanges that wait for their first token and could be served elsewhere, by deployment."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: dict[str, dict[str, tuple[asyncio.Timeout, tuple[str, ...]]]] = {}

    @contextmanager
    def awaited(
        self, name: str, exchange_id: str, patience: asyncio.Timeout, *, spares: Sequence[str]
    ) -> Iterator[None]:
        """Let an exchange wait at a deployment: its patience ends early if the deployment is given up.

        Args:
            name: The deployment.
            exchange_id: The exchange.
            patience: Entered, and left only after this.
            spares: Where else it may go; nowhere, and nobody gives up on its behalf.
        """
        if spares:
            self._waiting.setdefault(name, {})[exchange_id] = patience, tuple(spares)
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

    def give_up(self, name: str, can_take: Callable[[str], bool]) -> None:
        """End the patience of those who wait at a deployment and can be taken elsewhere now; the others wait on."""
        for exchange_id, (patience, spares) in list(self._waiting.get(name, {}).items()):
            if any(map(can_take, spares)):
                self.came(name, exchange_id)
                if not patience.expired():  # it may be ending just now by itself
                    patience.reschedule(asyncio.get_running_loop().time())
