"""Drawing numbers, digits and letters under a conversation's key: alike for the same thing, anew at each attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.pseudonyms import ConversationKey

_T = TypeVar("_T")
_BITS = 200


class Draw:
    """An endless supply of choices, the same for the same key and parts."""

    __slots__ = ("_counter", "_key", "_parts", "_pool", "_room")

    def __init__(self, key: ConversationKey, *parts: str) -> None:
        self._key = key
        self._parts = parts
        self._counter = 0
        self._pool = 0
        self._room = 1

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit - 1`; `limit` is at most a billion."""
        if self._room < limit << 40:
            self._pool = self._key.number("draw", *self._parts, str(self._counter)) % (1 << _BITS)
            self._room = 1 << _BITS
            self._counter += 1
        self._pool, drawn = divmod(self._pool, limit)
        self._room //= limit
        return drawn

    def one_of(self, choices: Sequence[_T]) -> _T:
        """Return one of these."""
        return choices[self.below(len(choices))]

    def digits(self, count: int) -> str:
        """Return this many decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))
