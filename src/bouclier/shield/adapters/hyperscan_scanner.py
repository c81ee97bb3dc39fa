"""The fast scanner: hyperscan says where a match may start, on bytes; Python decides there.

It finds what `re_scanner` finds, because every start of an exact match is the start of a rough one (see `detector`)
and the same code decides. The text is read once whatever the number of detectors; Python works only where a rough
expression matched, so plain prose costs little more than its length.

Compiled expressions may be kept on disk (see `compiled_cache`).

Not to be shared between threads: a database has one scratch space.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import hyperscan

from bouclier.shield.adapters.compiled_cache import key_of
from bouclier.shield.adapters.rough_literals import literals_of
from bouclier.shield.adapters.starts_scanner import StartsScanner
from bouclier.shield.adapters.utf8_places import in_code_points
from bouclier.shield.detector import WORD_END
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.adapters.compiled_cache import CompiledCache
    from bouclier.shield.detector import Detector, Rough

_PLACE_BITS = 12
_PLACE = 1 << _PLACE_BITS  # more than there are detectors
# Each with its width: where a match starts follows from where it ends.
_WORD_ENDS = (("[^A-Za-z\\xc3-\\xc5]", 1), ("\\xc3[\\x97\\xb7]", 2), ("$", 0))
_CONTINUATION_MASK, _CONTINUATION, _ASCII = 0xC0, 0x80, 0x80


class HyperscanScanner(StartsScanner):
    """Tries a detector only where one of its rough expressions starts.

    Attributes:
        database_bytes: Size of the compiled expressions.
        was_kept: Whether they were compiled before and kept.
    """

    def __init__(self, detectors: Sequence[Detector] = DETECTORS, *, cache: CompiledCache | None = None) -> None:
        super().__init__(detectors)
        compiled = dict.fromkeys(
            (expression, number)
            for number, one in enumerate(detectors)
            for rough in one.rough
            for expression in _expressions(rough)
        )
        # Literals first: their matches are told by their ends, the others' by their starts.
        ordered = sorted(compiled, key=lambda one: one[0][2] <= 0)
        self._literals = sum(width > 0 for (_, _, width), _ in ordered)
        self._shifts = [number - (width if width > 0 else min(width, 0)) * _PLACE for (_, _, width), number in ordered]
        self._database, self.was_kept = _database([(expression, flags) for (expression, flags, _), _ in ordered], cache)
        self.database_bytes: int = self._database.size()

    def starts(self, text: str) -> list[tuple[int, int]]:
        """Return where which detector is to be tried: code point and number of the detector, sorted, unique."""
        data = text.encode("utf-8", "surrogatepass")
        places: set[int] = set()
        literals, shifts, place = self._literals, self._shifts, places.add

        def collect(number: int, start: int, end: int, _flags: int, _context: object) -> None:
            # A literal's end says its start; before another match stands a byte, and the shift passes over it.
            place((end if number < literals else start) * _PLACE + shifts[number])

        self._database.scan(data, match_event_handler=collect)
        if not places:
            return []
        ordered = sorted(places)
        if ordered[0] < 2 * _PLACE:
            ordered = _at_the_beginning(data, ordered)
        if len(data) == len(text):
            return [(one >> _PLACE_BITS, one & _PLACE - 1) for one in ordered]
        return in_code_points(data, ordered, _PLACE_BITS)


def _at_the_beginning(data: bytes, places: list[int]) -> list[int]:
    """Return places, those at the second byte of a text also at its first: a match there has no byte before it."""
    second = data[1:2]
    within = bool(second) and second[0] & _CONTINUATION_MASK == _CONTINUATION
    early = [one for one in places if one < 2 * _PLACE]
    kept = {one & _PLACE - 1 for one in early} | {one for one in early if one < _PLACE or not within}
    return [*sorted(kept), *places[len(early) :]]


def _database(expressions: list[tuple[bytes, int]], cache: CompiledCache | None) -> tuple[hyperscan.Database, bool]:
    """Return the compiled expressions, and whether they were kept."""
    key = key_of(f"hyperscan {version('hyperscan')}", expressions) if cache is not None else ""
    kept = cache.get(key) if cache is not None else None
    if kept is not None and cache is not None:
        try:
            database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
        except hyperscan.error:
            cache.forget(key)
        else:
            return database, True
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[expression for expression, _ in expressions],
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[flags for _, flags in expressions],
    )
    if cache is not None:
        cache.put(key, hyperscan.dumpb(database))
    return database, False


def _expressions(rough: Rough) -> list[tuple[bytes, int, int]]:
    """Return (expression, flags, width): the bytes of a literal and its end, -1 after a byte of context, or 0."""
    context = f"(?:^|{rough.after})" if rough.after else ""
    flags: int = hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if rough.caseless else 0)
    plain = rough.expression.removesuffix(WORD_END)
    literals = literals_of(plain)
    if literals is not None:
        ends = (("", 0),) if plain == rough.expression else _WORD_ENDS
        return [
            (context.encode() + _escaped(one) + end.encode(), flags, len(one) + width)
            for one in literals
            for end, width in ends
        ]
    expression = f"{context}(?:{rough.expression})".encode()
    return [(expression, flags | hyperscan.HS_FLAG_SOM_LEFTMOST, -1 if context else 0)]


def _escaped(literal: bytes) -> bytes:
    return b"".join(
        b"\\x%02x" % byte if not chr(byte).isalnum() or byte >= _ASCII else bytes([byte]) for byte in literal
    )
