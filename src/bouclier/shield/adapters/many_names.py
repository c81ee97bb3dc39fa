"""Several models of names, read as one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bouclier.shield.overlaps import resolve_overlaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.ports import NameFinder
    from bouclier.terms.content import Finding


class ManyNames:
    """A `NameFinder` that asks several at once; if one is broken, so is the whole."""

    def __init__(self, finders: Sequence[NameFinder]) -> None:
        self._finders = tuple(finders)

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return what any of them finds in each text, sorted by start and never overlapping.

        Raises:
            DetectorError: One of them cannot find names now.
        """
        answers = await asyncio.gather(*(one.find(texts) for one in self._finders))
        return [
            resolve_overlaps(text, [finding for found in together for finding in found])
            for text, *together in zip(texts, *answers, strict=True)
        ]
