"""Time: the entries' own, that of the witnesses' cosignatures, and the monitor's.

An entry says when it was made; nobody else signs that. Three others bound it: the entries around it, the cosignatures
of the trees it stands between, and the monitor's clock. An anomaly that goes on is said when it begins, not again at
each entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from bouclier.oversight.entries_model import MarkEntry
from bouclier.oversight.monitor.alarm import Remark, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.entries_model import Entry

MAX_BACKWARDS_MS: Final = 2_000
MAX_APART_MS: Final = 300_000
SILENCE_GRACE_S: Final = 30
"""On top of what the log promises: to cosign and to publish takes a moment."""
MAX_SILENCE_S: Final = 86_400
"""What a log is held to that promises nothing, or a longer silence."""


class Bounds(NamedTuple):
    """Between which times the entries of a stretch of a log were added, as far as witnesses tell.

    Attributes:
        since_s: When the tree before the stretch was still the largest, by the latest cosignature; None if unknown.
        until_s: When the stretch was there, by the earliest cosignature of a tree with it; None if unknown.
        now_s: The monitor's clock. All three in seconds since 1970-01-01 UTC.
    """

    since_s: int | None
    until_s: int | None
    now_s: int


class ClockState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        latest_ms: The time the next entry is compared with.
        outside: The anomaly going on, as the code of its alarm.
        interval_s: The longest silence promised by the last mark that promised any.
        stopped: Whether the last entry is a `stop`: silence is then in order.
        silent: Whether the silence going on was said.
    """

    latest_ms: int = 0
    outside: str | None = None
    interval_s: int | None = None
    stopped: bool = False
    silent: bool = False


class Clock:
    """Checks the times of one log."""

    def __init__(self, state: ClockState) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state

    def passed(self, entry: Entry, bounds: Bounds) -> Iterator[Remark]:
        """Take an entry, and yield what is wrong with its time."""
        state, time_ms = self._state, entry.time
        yield from self._gap(entry)
        if time_ms < state.latest_ms - MAX_BACKWARDS_MS:
            yield Remark("clock-backwards", field="$.time", expected=f">= {state.latest_ms}", found=str(time_ms))
            # Said once: what follows is compared with this entry, for the one before may have been ahead.
            state.latest_ms = time_ms
        else:
            state.latest_ms = max(state.latest_ms, time_ms)
        outside = _outside(time_ms, bounds)
        if outside is not None and outside.code != state.outside:
            yield outside
        state.outside = None if outside is None else outside.code
        state.stopped = False

    def _gap(self, entry: Entry) -> Iterator[Remark]:
        """Yield that the log was silent before this entry, though it had not stopped: nobody may have listened then."""
        state = self._state
        promised_s = _with_grace(state.interval_s)
        if not state.latest_ms or state.stopped or (isinstance(entry, MarkEntry) and entry.what == "start"):
            return  # before a `start`, nothing ran: that is no silence
        if entry.time - state.latest_ms > promised_s * 1000:
            yield Remark(
                "silence",
                field="$.time",
                expected=f"<= {state.latest_ms + promised_s * 1000}",
                found=str(entry.time),
                severity=Severity.WARNING,
            )

    def marked(self, entry: MarkEntry) -> Iterator[Remark]:
        """Take what a mark promises, and yield that it promises nothing to speak of."""
        if entry.interval_s > MAX_SILENCE_S:
            yield Remark(
                "promise-absurd", field="$.interval_s", expected=f"<= {MAX_SILENCE_S}", found=str(entry.interval_s)
            )
        self._state.interval_s = entry.interval_s
        self._state.stopped = entry.what == "stop"

    def listened(self, *, alive_s: int, now_s: int, silence_s: int | None = None) -> Iterator[Remark]:
        """Yield that the log is silent, once for each silence.

        Args:
            alive_s: The last sign of life: the newest cosignature, or when the tree was last seen to grow.
            now_s: The monitor's clock. Both in seconds since 1970-01-01 UTC.
            silence_s: What to hold the log to, instead of what it promises, or of `MAX_SILENCE_S` if that is shorter.
        """
        state = self._state
        promised_s = silence_s if silence_s is not None else _with_grace(state.interval_s)
        silent = not state.stopped and now_s - alive_s > promised_s
        if silent and not state.silent:
            yield Remark("silence", expected=f"<= {promised_s} s", found=f"> {alive_s}")
        state.silent = silent


def _with_grace(interval_s: int | None) -> int:
    return MAX_SILENCE_S if interval_s is None else min(interval_s + SILENCE_GRACE_S, MAX_SILENCE_S)


def _outside(time_ms: int, bounds: Bounds) -> Remark | None:
    """Return what bound a time is beyond, if it is."""
    since_s, until_s, now_s = bounds
    if time_ms > now_s * 1000 + MAX_APART_MS:
        return Remark("clock-future", field="$.time", expected=f"<= {now_s * 1000}", found=str(time_ms))
    if until_s is not None and time_ms > until_s * 1000 + MAX_APART_MS:
        return Remark("clock-outside-cosignatures", field="$.time", expected=f"<= {until_s * 1000}", found=str(time_ms))
    if since_s is not None and time_ms < since_s * 1000 - MAX_APART_MS:
        return Remark("clock-outside-cosignatures", field="$.time", expected=f">= {since_s * 1000}", found=str(time_ms))
    return None
