"""What the shield asks of the outside: what scans patterns, what knows names, what an institution adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding


class Scanner(Protocol):
    """Finds what has a shape: identifiers, keys, addresses, markings.

    Pure computation: same text, same findings. Not to be shared between threads.
    """

    def scan(self, text: str) -> list[Finding]:
        """Return the findings of a text, sorted by start and never overlapping."""
        ...


class TextDetector(Protocol):
    """An institution's own detector, in Python: what it finds is added to what the shield found, never taken from it.

    It runs in a process of its own. Whatever it gets wrong (an error, an offset out of its text, no answer in time) is
    a broken detector, and nothing leaves.
    """

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the findings of each text, in any order; offsets are code points."""
        ...


class NameFinder(Protocol):
    """Finds names of persons, places and organisations. May be called concurrently."""

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text, sorted by start and never overlapping.

        Raises:
            DetectorError: The names cannot be found now; the texts must be considered uninspected.
        """
        ...
