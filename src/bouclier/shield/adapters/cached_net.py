"""The second net with a memory, so that a conversation's earlier turns cost nothing.

The memory holds ids of signals, never a text: its keys are BLAKE2b digests under a random key that dies with the
process.
"""

from __future__ import annotations

import asyncio
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from bouclier.shield.adapters.cached_detectors import LONG_TEXT_CHARS
from bouclier.shield.adapters.findings_memory import FindingsMemory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.shield.second_net import SecondNet

_SIGNALS_PER_ENTRY = 8


class CachedNet:
    """A second net that reads each text once."""

    def __init__(self, net: SecondNet, entries: int) -> None:
        """Remember nothing yet.

        Args:
            net: What reads.
            entries: Most texts remembered.
        """
        self._net = net
        self._memory: FindingsMemory[tuple[str, ...]] = FindingsMemory(entries, entries * _SIGNALS_PER_ENTRY, len)
        self._key = secrets.token_bytes(32)

    async def signals(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the signals of all texts together, sorted; each text is read apart."""
        found: set[str] = set()
        for text in texts:
            digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()
            signals = self._memory.get(digest)
            if signals is None:
                if len(text) > LONG_TEXT_CHARS:
                    signals = await asyncio.to_thread(self._net.signals, [text])  # the loop has its turns meanwhile
                else:
                    signals = self._net.signals([text])
                self._memory.put(digest, signals)
            found.update(signals)
        return tuple(sorted(found))
