"""All the detectors behind one call, with a memory of what was found: a conversation's earlier turns cost nothing.

The memory holds spans, types and numbers, never a text: its keys are BLAKE2b digests under a random key that dies
with the process, so that they mean nothing outside it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING

from bouclier.shield.compose_findings import compose_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.ports import NameFinder, Scanner
    from bouclier.terms.content import Finding

LONG_TEXT_CHARS = 16 << 10
_FINDINGS_PER_ENTRY = 32


class Detectors:
    """Patterns and, if wanted, names; each text is read once.

    Attributes:
        hits: Texts whose findings were remembered.
        misses: Texts that had to be read.
    """

    def __init__(
        self,
        scanner: Scanner,
        names: NameFinder | None,
        cache_entries: int,
        *,
        long_texts: NameFinder | None = None,
    ) -> None:
        """Put the detectors together.

        Args:
            scanner: For patterns, in this thread.
            names: For names; None finds patterns only.
            cache_entries: Most texts remembered; their findings together are bounded too, to 32 times as many.
            long_texts: Scans patterns of texts above 16 K code points elsewhere; None scans them in this thread.
        """
        self._scanner = scanner
        self._names = names
        self._long_texts = long_texts
        self._most_entries = cache_entries
        self._most_findings = cache_entries * _FINDINGS_PER_ENTRY
        self._remembered: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._findings = 0
        self._key = secrets.token_bytes(32)
        self.hits = 0
        self.misses = 0

    async def find(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Return the findings of each text, sorted by start and never overlapping.

        Raises:
            DetectorError: A detector is broken; none of the texts may be considered inspected.
        """
        digests = [self._digest(text) for text in texts]
        known: dict[bytes, tuple[Finding, ...]] = {}
        unread: dict[bytes, str] = {}
        for digest, text in zip(digests, texts, strict=True):
            remembered = self._remembered.get(digest)
            if remembered is not None:
                self._remembered.move_to_end(digest)
                known[digest] = remembered
            else:
                unread[digest] = text
        self.misses += len(unread)
        self.hits += len(texts) - len(unread)
        if unread:
            for digest, found in zip(unread, await self._read(list(unread.values())), strict=True):
                known[digest] = found
                self._remember(digest, found)
        return [known[digest] for digest in digests]

    async def _read(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        patterns = [await self._scan(text) for text in texts]
        if self._names is None:
            return [tuple(found) for found in patterns]
        names = await self._names.find(texts)
        return [compose_findings(*one) for one in zip(texts, patterns, names, strict=True)]

    async def _scan(self, text: str) -> list[Finding]:
        if self._long_texts is None or len(text) <= LONG_TEXT_CHARS:
            return self._scanner.scan(text)
        return (await self._long_texts.find([text]))[0]

    def _digest(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()

    def _remember(self, digest: bytes, found: tuple[Finding, ...]) -> None:
        if digest in self._remembered:
            return
        self._remembered[digest] = found
        self._findings += len(found)
        while len(self._remembered) > self._most_entries or self._findings > self._most_findings:
            _, forgotten = self._remembered.popitem(last=False)
            self._findings -= len(forgotten)
