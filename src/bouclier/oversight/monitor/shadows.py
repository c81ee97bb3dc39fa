"""What a charter on trial would have decided: held to stand after its decision, never to be right.

The decision an entry of that kind names must be one of the latest `MAX_DECISIONS` of this log, and of the same
exchange; for one older than these there is nothing to say. What it says is nobody's obligation, and is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.monitor.alarm import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.entries_model import DecisionEntry, ShadowEntry

MAX_DECISIONS: Final = 256


class ShadowsState(msgspec.Struct):
    """What is kept between entries: the latest decisions' exchanges by index."""

    decided: dict[int, str] = msgspec.field(default_factory=dict)


class Shadows:
    """Checks where the trials of a charter stand in one log."""

    def __init__(self, state: ShadowsState) -> None:
        """Go on from a state, which is changed in place."""
        self._decided = state.decided

    def decided(self, index: int, entry: DecisionEntry) -> None:
        """Take a decision."""
        decided = self._decided
        decided[index] = entry.exchange
        if len(decided) > MAX_DECISIONS:
            del decided[next(iter(decided))]

    def tried(self, index: int, entry: ShadowEntry) -> Iterator[Remark]:
        """Take a trial at some place of the log, and yield that it does not follow its decision."""
        oldest = next(iter(self._decided), index)
        if entry.decision_index < oldest and len(self._decided) == MAX_DECISIONS:
            return
        exchange = self._decided.get(entry.decision_index)
        if exchange is None:
            yield Remark("shadow-unknown", field="$.decision_index", found=str(entry.decision_index))
        elif exchange != entry.exchange:
            yield Remark("shadow-unknown", field="$.exchange", expected=exchange, found=entry.exchange)
