"""What marks announce, held against the entries that follow: a decision stands between a `start` and a `stop`.

Nothing is decided by a gateway that does not run. By which law it is decided, and from which facts, is in `law`. What
goes on is said when it begins, not again at each entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bouclier.oversight.entries_model import DecisionEntry
from bouclier.oversight.monitor.alarm import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.entries_model import MarkEntry


class MarksState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        runs: Whether there was a `start` since the last `stop`.
        outside: Whether it was said that decisions are made though nothing runs.
    """

    runs: bool = False
    outside: bool = False


class Marks:
    """Checks the entries of one log against its marks."""

    def __init__(self, state: MarksState) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state

    def passed(self, entry: DecisionEntry | MarkEntry) -> Iterator[Remark]:
        """Take an entry, and yield where it is not what the marks before it announce."""
        state = self._state
        if isinstance(entry, DecisionEntry):
            if not state.runs and not state.outside:
                yield Remark("decision-outside-run")
            state.outside = not state.runs
            return
        # An `alive` does not make what runs without a `start` run.
        state.runs = entry.what == "start" or (state.runs and entry.what == "alive")
        state.outside = state.outside and not state.runs
