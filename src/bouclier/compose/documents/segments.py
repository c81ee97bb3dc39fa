"""Build segments, and find the stretches of raw text that a finding covers."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.documents.model import Piece, Place, Segment, Unit
from bouclier.shield.kinds import stays_in_the_text
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.compose.documents.model import Block

_MOST_CHARS = 8_000
_NAMED = "named"
_COLUMN = EntityType.IDENTIFIER


class Mark(NamedTuple):
    """A finding where it stands in the raw text: one stretch, or several where formatting lies between.

    Attributes:
        finding: What was found; its offsets are those of the segment.
        value: The words, as a person reads them.
        spans: Stretches of raw text, in order.
        unit: The unit they are in.
    """

    finding: Finding
    value: str
    spans: tuple[tuple[int, int], ...]
    unit: Unit

    @property
    def is_ordered(self) -> bool:
        """Whether it is replaced whatever it is: a cell of a column that was named."""
        return self.finding.validated_by == _NAMED and self.unit.whole is _COLUMN


class SegmentBuilder:
    """Collects pieces into segments that are long enough to give context and short enough to be read at once."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pieces: list[Piece] = []
        self._units: list[Unit] = []
        self._length = 0
        self._segments: list[Segment] = []

    @property
    def is_long(self) -> bool:
        """Whether the segment should end where a unit does."""
        return self._length >= _MOST_CHARS

    def unit(self, unit: Unit | None = None) -> None:
        """Begin a unit."""
        self._units.append(unit if unit is not None else Unit())

    def add(self, text: str, raw_start: int, raw_end: int) -> None:
        """Add what stands in the raw text."""
        if not text:
            return
        if not self._units:
            self.unit()
        end = self._length + len(text)
        self._pieces.append(Piece(self._length, end, raw_start, raw_end, len(self._units) - 1))
        self._texts.append(text)
        self._length = end

    def context(self, text: str) -> None:
        """Add what is nowhere in the raw text."""
        self._texts.append(text)
        self._length += len(text)

    def cut(self) -> None:
        """End the segment."""
        if self._pieces:
            self._segments.append(Segment("".join(self._texts), tuple(self._pieces), tuple(self._units)))
        self._texts, self._pieces, self._units, self._length = [], [], [], 0

    def build(self) -> tuple[Segment, ...]:
        """End the last segment and return them all."""
        self.cut()
        return tuple(self._segments)


def plain_segment(text: str) -> Segment:
    """Return the segment of a text that is read as it is written."""
    return Segment(text, (Piece(0, len(text), 0, len(text), 0),) if text else (), (Unit(),))


def marks_of(segment: Segment, findings: Sequence[Finding]) -> Iterator[Mark]:
    """Yield what was found in a segment, unit by unit, in order.

    A unit that has a type as a whole is one finding, and what was found inside it is part of it.
    """
    named = [(number, unit) for number, unit in enumerate(segment.units) if unit.whole is not None]
    if named:
        findings = list(_with_named(segment, findings, [number for number, _ in named]))
    for finding in findings:
        yield from _marks(segment, finding)


def place_of(block: Block, mark: Mark) -> Place:
    """Return where a mark stands."""
    start, end = mark.spans[0]
    unit = mark.unit.place
    known = {
        name: getattr(unit, name) or getattr(block.place, name)
        for name in ("page", "paragraph", "row", "cell", "attachment")
    }
    if block.first_line is None:
        return Place(**known)
    raw = block.raw
    line = block.first_line + raw.count("\n", 0, start)
    end_line = line + raw.count("\n", start, end)
    return replace(
        Place(**known),
        line=line,
        column=start - raw.rfind("\n", 0, start),
        end_line=end_line,
        end_column=end - raw.rfind("\n", 0, end),
    )


def _with_named(segment: Segment, findings: Sequence[Finding], named: list[int]) -> Iterator[Finding]:
    wholes: list[Finding] = []
    for number in named:
        pieces = [piece for piece in segment.pieces if piece.unit == number]
        unit = segment.units[number]
        if not pieces or unit.whole is None:
            continue
        start, end = pieces[0].start, pieces[-1].end
        words = segment.text[start:end]
        start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
        if start >= end:
            continue
        inside = [
            found
            for found in findings
            if found.start <= start and end <= found.end and not stays_in_the_text(found.type)
        ]
        kind = inside[0].type if inside else unit.whole
        wholes.append(Finding(start, end, kind, 1.0, _NAMED))
    others = [
        found for found in findings if not any(whole.start < found.end and found.start < whole.end for whole in wholes)
    ]
    yield from sorted([*others, *wholes], key=attrgetter("start"))


def _marks(segment: Segment, finding: Finding) -> Iterator[Mark]:
    pieces = segment.pieces
    first = max(0, bisect_right(pieces, finding.start, key=attrgetter("start")) - 1)
    by_unit: dict[int, list[tuple[int, int, int, int]]] = {}
    for index in range(first, len(pieces)):
        piece = pieces[index]
        if piece.start >= finding.end:
            break
        start, end = max(piece.start, finding.start), min(piece.end, finding.end)
        if start >= end:
            continue
        if segment.units[piece.unit].quoted:
            start, end = piece.start, piece.end  # a number of which only a part were replaced would be none
        raw_start, raw_end = piece.raw_start, piece.raw_end
        if raw_end - raw_start == piece.end - piece.start:
            raw_start, raw_end = raw_start + start - piece.start, raw_start + end - piece.start
        by_unit.setdefault(piece.unit, []).append((start, end, raw_start, raw_end))
    several = len(by_unit) > 1
    for number, parts in by_unit.items():
        unit = segment.units[number]
        value = segment.text[parts[0][0] : parts[-1][1]]
        if several and (unit.key or not any(map(str.isalnum, value))):
            continue
        yield Mark(finding, value, tuple(_joined([(start, end) for _, _, start, end in parts])), unit)


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start != end:
            yield start, end
            start = next_start
        end = next_end
    yield start, end
