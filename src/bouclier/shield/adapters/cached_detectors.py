"""All the detectors behind one call, with a memory of what was found: a conversation's earlier turns cost nothing.

The memory holds spans, types and numbers, never a text: its keys are BLAKE2b digests under a random key that dies
with the process, so that they mean nothing outside it.
"""

from __future__ import annotations

import asyncio
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from bouclier.shield.adapters.findings_memory import FindingsMemory
from bouclier.shield.adapters.turns import Turns
from bouclier.shield.added_findings import add_findings
from bouclier.shield.compose_findings import compose_findings
from bouclier.shield.invisible import holds_invisible, in_given_places, without_invisible
from bouclier.shield.known_values import KnownValues
from bouclier.shield.name_spans import may_hold_name
from bouclier.shield.repeats import with_repeats

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
        own: Sequence[NameFinder] = (),
    ) -> None:
        """Put the detectors together.

        Args:
            scanner: For patterns, in this thread.
            names: For names; None finds patterns only.
            cache_entries: Most texts remembered, and most exchanges; the findings of each of the two together are
                bounded too, to 32 times as many.
            long_texts: Scans patterns of texts above 16 K code points elsewhere; None scans them in this thread.
            own: The institution's own detectors: they add to what the others found.
        """
        self._scanner = scanner
        self._names = names
        self._long_texts = long_texts
        self._own = tuple(own)
        most_findings = cache_entries * _FINDINGS_PER_ENTRY
        self._texts: FindingsMemory[tuple[Finding, ...]] = FindingsMemory(cache_entries, most_findings, len)
        self._exchanges: FindingsMemory[list[tuple[Finding, ...]]] = FindingsMemory(
            cache_entries, most_findings, lambda found: sum(map(len, found)) + len(found)
        )
        self._completed_texts: FindingsMemory[tuple[Finding, ...]] = FindingsMemory(cache_entries, most_findings, len)
        self._key = secrets.token_bytes(32)
        self.hits = 0
        self.misses = 0

    async def find(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Return the findings of each text, sorted by start and never overlapping.

        The texts are those of one exchange: what is found in one is looked for in all (see `shield.repeats`).

        Raises:
            DetectorError: A detector is broken; none of the texts may be considered inspected.
        """
        turns = Turns()
        digests = []
        known: dict[bytes, tuple[Finding, ...]] = {}
        unread: dict[bytes, str] = {}
        for text in texts:
            digest = self._digest(text.encode("utf-8", "surrogatepass"))
            digests.append(digest)
            remembered = self._texts.get(digest)
            if remembered is not None:
                known[digest] = remembered
            else:
                unread[digest] = text
                await turns.pause()
        self.misses += len(unread)
        self.hits += len(texts) - len(unread)
        if unread:
            for digest, found in zip(unread, await self._read(list(unread.values()), turns), strict=True):
                known[digest] = found
                self._texts.put(digest, found)
        if not any(known.values()):
            return [()] * len(digests)
        return await self._completed(texts, digests, [known[digest] for digest in digests], turns)

    async def _completed(
        self, texts: Sequence[str], digests: list[bytes], findings: list[tuple[Finding, ...]], turns: Turns
    ) -> list[tuple[Finding, ...]]:
        """Add what the texts of the exchange tell about one another."""
        exchange = digests[0] if len(digests) == 1 else self._digest(b"".join(digests))
        remembered = self._exchanges.get(exchange)
        if remembered is not None:
            return list(remembered)
        # What a text repeats depends on it and on the values known, not on the rest of the exchange: a turn that brings
        # no new value leaves the earlier ones as they were.
        values = dict.fromkeys(
            (found.type.value, found.confidence, text[found.start : found.end])
            for text, all_found in zip(texts, findings, strict=True)
            for found in all_found
        )
        fingerprint = self._digest(repr(list(values)).encode("utf-8", "surrogatepass"))
        known: KnownValues | None = None
        completed = []
        for text, digest, found in zip(texts, digests, findings, strict=True):
            key = self._digest(digest + fingerprint)
            complete = self._completed_texts.get(key)
            if complete is None:
                known = known if known is not None else await self._known(texts, findings, turns)
                complete = found
                if known and len(text) > LONG_TEXT_CHARS:  # a thread of its own: the loop has its turns meanwhile
                    complete = await asyncio.to_thread(with_repeats, text, found, known)
                elif known:
                    complete = with_repeats(text, found, known)
                    await turns.pause()
                self._completed_texts.put(key, complete)
            completed.append(complete)
        self._exchanges.put(exchange, completed)
        return list(completed)

    async def _known(self, texts: Sequence[str], findings: list[tuple[Finding, ...]], turns: Turns) -> KnownValues:
        known = KnownValues()
        for text, found in zip(texts, findings, strict=True):
            if len(text) > LONG_TEXT_CHARS:
                await asyncio.to_thread(known.learn, text, found)
            else:
                known.learn(text, found)
                await turns.pause()
        return known

    async def _read(self, texts: Sequence[str], turns: Turns) -> list[tuple[Finding, ...]]:
        patterns = []
        for text in texts:
            patterns.append(await self._scan(text))
            await turns.pause()
        names = await self._find_names(texts)
        added = await self._find_own(texts)
        composed = []
        for text, shaped, named, more in zip(texts, patterns, names, added, strict=True):
            if len(text) > LONG_TEXT_CHARS:
                composed.append(await asyncio.to_thread(_composed, text, shaped, named, more))
            else:
                composed.append(_composed(text, shaped, named, more))
                await turns.pause()
        return composed

    async def _find_own(self, texts: Sequence[str]) -> list[Sequence[Finding]]:
        """Have the institution's detectors read the texts as they were given."""
        if not self._own:
            return [()] * len(texts)
        answers = await asyncio.gather(*(one.find(texts) for one in self._own))
        return [[finding for found in together for finding in found] for together in zip(*answers, strict=True)]

    async def _find_names(self, texts: Sequence[str]) -> list[Sequence[Finding]]:
        """Have the model read what may hold a name, as a reader would see it."""
        found: list[Sequence[Finding]] = [()] * len(texts)
        if self._names is None:
            return found
        worth = [place for place, text in enumerate(texts) if may_hold_name(text)]
        if worth:
            named = await self._names.find([without_invisible(texts[place]) for place in worth])
            for place, names in zip(worth, named, strict=True):
                text = texts[place]
                found[place] = in_given_places(text, names) if names and holds_invisible(text) else names
        return found

    async def _scan(self, text: str) -> list[Finding]:
        if self._long_texts is None or len(text) <= LONG_TEXT_CHARS:
            return self._scanner.scan(text)
        return (await self._long_texts.find([text]))[0]

    def _digest(self, data: bytes) -> bytes:
        return blake2b(data, digest_size=16, key=self._key).digest()


def _composed(
    text: str, shaped: Sequence[Finding], named: Sequence[Finding], added: Sequence[Finding]
) -> tuple[Finding, ...]:
    return add_findings(text, compose_findings(text, shaped, named), added)
