"""Share what a counter of energy measured among the exchanges that a machine worked on meanwhile.

Between two readings, the energy belongs to the exchanges under way. It is shared in two ways: evenly, and by how fast
each wrote (tokens per second, where the others' are known); an exchange's share is the range between the two, so the
lower bounds never add up to more than was measured, nor the upper ones to less. What is used while nothing is under way
is nobody's, and is told apart. Readings and times are arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bouclier.footprint.model import Range


@dataclass(slots=True)
class _Exchange:
    began_s: float
    rate: float | None = None
    parts: list[_Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Energy used between two readings, and for whom."""

    uj: int
    members: tuple[_Exchange, ...]


class EnergyShares:
    """Who used what a counter counts. Every method takes a reading, or None when the counter is silent.

    Attributes:
        idle_uj: What was used while nothing was under way, millionths of a joule.
    """

    def __init__(self) -> None:
        self.idle_uj = 0
        self._last_uj: int | None = None
        self._open: dict[str, _Exchange] = {}
        self._blind: set[str] = set()

    def read(self, reading_uj: int | None) -> None:
        """Take a reading between two events, so that a counter that wraps around is not lost."""
        if reading_uj is None or self._last_uj is None:
            # Whoever was under way while nothing could be read cannot be told their share.
            self._blind.update(self._open)
        else:
            used = reading_uj - self._last_uj
            members = tuple(self._open.values())
            if members:
                part = _Part(used, members)
                for member in members:
                    member.parts.append(part)
            else:
                self.idle_uj += used
        self._last_uj = reading_uj

    def begin(self, exchange: str, reading_uj: int | None, *, now_s: float) -> None:
        """Note that an exchange is under way; once."""
        self.read(reading_uj)
        if exchange not in self._open:
            self._open[exchange] = _Exchange(now_s)
            if reading_uj is None:
                self._blind.add(exchange)

    def end(self, exchange: str, reading_uj: int | None, *, now_s: float, tokens: int | None) -> Range | None:
        """Note that it is over, and return its share; None if it was not measured all along.

        Args:
            exchange: Its id.
            reading_uj: The counter.
            now_s: Seconds of the clock `begin` was told by.
            tokens: What it wrote; None if unknown: then it wrote as fast as the others.
        """
        self.read(reading_uj)
        mine = self._open.pop(exchange, None)
        blind = exchange in self._blind
        self._blind.discard(exchange)
        if mine is None or blind:
            return None
        if tokens is not None and now_s > mine.began_s:
            mine.rate = tokens / (now_s - mine.began_s)
        even = sum(part.uj / len(part.members) for part in mine.parts)
        by_rate = sum(part.uj * _weight(mine, part.members) for part in mine.parts)
        return Range(min(even, by_rate), max(even, by_rate))


def _weight(mine: _Exchange, members: tuple[_Exchange, ...]) -> float:
    rate = mine.rate
    if rate is None:
        return 1 / len(members)
    total = sum(rate if member.rate is None else member.rate for member in members)
    return rate / total if total else 1 / len(members)
