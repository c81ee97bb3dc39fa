"""A tree kept as tiles in memory, that counts what is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.tlog import tile_root

if TYPE_CHECKING:
    from collections.abc import Sequence


class TreeInTiles:
    """The tiles over all the leaves it was given, of which smaller trees read the beginning."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self.reads: list[tuple[int, int, int]] = []
        self._levels = [b"".join(leaf_hashes)]
        while len(below := self._levels[-1]) >= 8192:
            full = range(0, len(below) // 8192 * 8192, 8192)
            self._levels.append(b"".join(tile_root(below[start : start + 8192]) for start in full))

    def tile(self, level: int, index: int, width: int) -> bytes:
        self.reads.append((level, index, width))
        hashes = self._levels[level][index * 8192 :][: width * 32]
        assert len(hashes) == width * 32
        return hashes
