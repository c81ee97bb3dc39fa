"""The fast scanner: hyperscan says where a match may start, on bytes; Python decides there.

It finds what `re_scanner` finds, because every start of an exact match is the start of a rough one (see `detector`)
and the same code decides. The text is read once whatever the number of detectors; Python works only where a rough
expression matched, so plain prose costs little more than its length.

Not to be shared between threads: a database has one scratch space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import hyperscan

from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.detector import Detector, Rough
    from bouclier.terms.content import Finding

_CONTINUATION_MASK, _CONTINUATION = 0xC0, 0x80


class HyperscanScanner:
    """Tries a detector only where one of its rough expressions starts.

    Attributes:
        database_bytes: Size of the compiled expressions.
    """

    def __init__(self, detectors: Sequence[Detector] = DETECTORS) -> None:
        self._detectors = tuple(detectors)
        owned = [(number, rough) for number, one in enumerate(self._detectors) for rough in one.rough]
        self._owner = [number for number, _ in owned]
        # A match whose rough expression asks for a byte before it starts one byte later.
        self._shift = [1 if rough.after else 0 for _, rough in owned]
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[_expression(rough) for _, rough in owned],
            ids=list(range(len(owned))),
            elements=len(owned),
            flags=[_flags(rough) for _, rough in owned],
        )
        self.database_bytes: int = self._database.size()

    def scan(self, text: str) -> list[Finding]:
        """Return the findings of a text, sorted by start and never overlapping."""
        starts = self.starts(text)
        return resolve_overlaps(text, self._candidates(text, starts)) if starts else []

    def starts(self, text: str) -> list[tuple[int, int]]:
        """Return where which detector is to be tried: code point and number of the detector, sorted, unique."""
        data = text.encode("utf-8", "surrogatepass")
        hits: list[tuple[int, int]] = []

        def collect(number: int, start: int, _end: int, _flags: int, _context: object) -> None:
            hits.append((start, number))

        self._database.scan(data, match_event_handler=collect)
        if not hits:
            return []
        places = self._places(data, hits)
        if len(data) == len(text):
            return places
        return _in_code_points(data, places)

    def _places(self, data: bytes, hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
        shift, owner = self._shift, self._owner
        places = {(start + shift[number], owner[number]) for start, number in hits}
        # At the very beginning of the text, a match may have no byte before it.
        for start, number in hits:
            if start == 0 and shift[number]:
                places.add((0, owner[number]))
                if len(data) == 1 or data[1] & _CONTINUATION_MASK == _CONTINUATION:
                    places.discard((1, owner[number]))
        return sorted(places)

    def _candidates(self, text: str, starts: list[tuple[int, int]]) -> Iterator[Finding]:
        for start, number in starts:
            detector = self._detectors[number]
            match = detector.exact.match(text, start)
            if match is not None:
                yield from detector.examine(text, match)


def _in_code_points(data: bytes, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn byte offsets, sorted, into code points by decoding what lies between them, once."""
    converted = []
    byte = point = 0
    for start, owner in places:
        if start != byte:
            point += len(data[byte:start].decode("utf-8", "surrogatepass"))
            byte = start
        converted.append((point, owner))
    return converted


def _expression(rough: Rough) -> bytes:
    context = f"(?:^|{rough.after})" if rough.after else ""
    return f"{context}(?:{rough.expression})".encode()


def _flags(rough: Rough) -> int:
    flags: int = hyperscan.HS_FLAG_SOM_LEFTMOST | hyperscan.HS_FLAG_DOTALL
    return flags | (hyperscan.HS_FLAG_CASELESS if rough.caseless else 0)
