"""The fast scanner: hyperscan says where a match may start, on bytes; Python decides there.

It finds what `re_scanner` finds, because every start of an exact match is the start of a rough one (see `detector`)
and the same code decides. The text is read once whatever the number of detectors; Python works only where a rough
expression matched, so plain prose costs little more than its length.

Not to be shared between threads: a database has one scratch space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import hyperscan

from bouclier.shield.invisible import holds_invisible, scan_as_shown
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.detector import Detector, Rough
    from bouclier.terms.content import Finding

_PLACE = 1 << 12  # more than there are detectors
_CONTINUATION_MASK, _CONTINUATION = 0xC0, 0x80


class HyperscanScanner:
    """Tries a detector only where one of its rough expressions starts.

    Attributes:
        database_bytes: Size of the compiled expressions.
    """

    def __init__(self, detectors: Sequence[Detector] = DETECTORS) -> None:
        self._detectors = tuple(detectors)
        owned = [(number, rough) for number, one in enumerate(self._detectors) for rough in one.rough]
        # A place is one number: a byte offset, then a detector. A match whose rough expression asks for a byte
        # before it starts one byte later.
        self._base = [(_PLACE if rough.after else 0) + number for number, rough in owned]
        self._tries = [(one.exact.match, one.examine) for one in self._detectors]
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
        return scan_as_shown(text, self._scan) if holds_invisible(text) else self._scan(text)

    def _scan(self, text: str) -> list[Finding]:
        starts = self.starts(text)
        return resolve_overlaps(text, self._candidates(text, starts)) if starts else []

    def starts(self, text: str) -> list[tuple[int, int]]:
        """Return where which detector is to be tried: code point and number of the detector, sorted, unique."""
        data = text.encode("utf-8", "surrogatepass")
        places: list[int] = []
        at_zero: list[int] = []
        base, place = self._base, places.append

        def collect(number: int, start: int, _end: int, _flags: int, _context: object) -> None:
            place(start * _PLACE + base[number])
            if not start:
                at_zero.append(base[number])

        self._database.scan(data, match_event_handler=collect)
        if not places:
            return []
        unique = set(places)
        for number in at_zero:
            # At the very beginning of a text, a match may have no byte before it.
            if number >= _PLACE:
                unique.add(number - _PLACE)
                if data[1:2] and data[1] & _CONTINUATION_MASK == _CONTINUATION:
                    unique.discard(number)
        ordered = [divmod(one, _PLACE) for one in sorted(unique)]
        return ordered if len(data) == len(text) else _in_code_points(data, ordered)

    def _candidates(self, text: str, starts: list[tuple[int, int]]) -> Iterator[Finding]:
        tries = self._tries
        for start, number in starts:
            match_at, examine = tries[number]
            match = match_at(text, start)
            if match is not None:
                yield from examine(text, match)


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
