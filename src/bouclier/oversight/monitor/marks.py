"""What marks announce, held against the entries that follow: that the gateway runs, and by which registry.

Rules:

1. A decision stands between a `start` and a `stop`: nothing is decided by a gateway that does not run.
2. Decisions and marks cite the registry of the last `start` or `alive`: a gateway reads it when it starts. Only a
   `start` may name another.

By which law it is decided may change while a gateway runs: that is in `law`. What goes on is said when it begins, not
again at each entry.
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
        registry: What the last mark cites; empty before the first.
        outside: Whether it was said that decisions are made though nothing runs.
        differing: The registry cited that was said to differ from the last mark's, and still does.
    """

    runs: bool = False
    registry: str = ""
    outside: bool = False
    differing: str = ""


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
            yield from self._cited(entry)
            return
        if entry.what != "start":
            yield from self._cited(entry)
        state.registry, state.differing = entry.registry, ""
        # An `alive` does not make what runs without a `start` run.
        state.runs = entry.what == "start" or (state.runs and entry.what == "alive")
        state.outside = state.outside and not state.runs

    def _cited(self, entry: DecisionEntry | MarkEntry) -> Iterator[Remark]:
        state = self._state
        if not state.registry or entry.registry == state.registry:
            state.differing = ""
        elif entry.registry != state.differing:
            state.differing = entry.registry
            yield Remark("standing-differs", field="$.registry", expected=state.registry, found=entry.registry)
