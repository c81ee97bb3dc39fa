"""Which deployment served a conversation last, and how much of it that deployment may hold in its prefix cache.

A preference and no more: it lowers the wait that is expected there, never decides who may serve, and is forgotten.
Names of conversations are kept in memory alone, as given; they are never shown, shared or logged. Bounded: the
conversation used longest ago is forgotten first. Time is an argument.
"""

from __future__ import annotations

from collections import OrderedDict


class Affinity:
    """A bounded memory of conversations."""

    __slots__ = ("_forget_ms", "_last", "_limit")

    def __init__(self, *, limit: int, forget_ms: int) -> None:
        """Remember nothing yet.

        Args:
            limit: Conversations remembered.
            forget_ms: How long an unused one is remembered.
        """
        self._last: OrderedDict[str, tuple[str, int, int]] = OrderedDict()
        self._limit = limit
        self._forget_ms = forget_ms

    def served(self, conversation: str, deployment: str, *, tokens: int, now_ms: int) -> None:
        """Remember that a deployment served a conversation last, and holds so many tokens of it."""
        self._last[conversation] = (deployment, tokens, now_ms)
        self._last.move_to_end(conversation)
        if len(self._last) > self._limit:
            self._last.popitem(last=False)

    def last(self, conversation: str, *, now_ms: int) -> tuple[str, int] | None:
        """Return the deployment that served it last and the tokens it holds of it; None if forgotten."""
        known = self._last.get(conversation)
        if known is None:
            return None
        deployment, tokens, at_ms = known
        if now_ms - at_ms >= self._forget_ms:
            del self._last[conversation]
            return None
        return deployment, tokens

    def __len__(self) -> int:
        return len(self._last)
