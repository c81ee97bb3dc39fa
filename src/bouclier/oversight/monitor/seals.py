"""Sealed content: sealed when the charter asks and only then, opened and erased only if it was sealed.

Remembers every sealed record until its erasure, at most `MAX_SEALED`, some hundred bytes each. What was forgotten may
be opened without an alarm of it being unknown, only a warning.

A duty `retain:<min>-<max>` bounds the day from which a record is to be erased: so many days after the decision at
least, and at most. That a record is erased at all is not checked: a log that ends says nothing of what comes after.

Two things that crashes do are in order. A gateway seals, then records the decision: a crash between the two leaves a
record that no decision cites, whose erasure is a warning. It records an erasure, then destroys: a crash between these
two makes it record the same erasure again, which is none while the first is remembered (`MAX_ERASED`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.monitor.alarm import Remark, Severity
from bouclier.terms.duties import is_duty, retention_of
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.oversight.entries_model import DecisionEntry, ErasureEntry, OpeningEntry

MAX_SEALED: Final = 100_000
MAX_ERASED: Final = 10_000
_NONE: Final = "-"
_DAY_MS: Final = 86_400_000


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A sealed record.

    Attributes:
        exchange: Whose it is.
        least: First day on which it may be erased; empty if no duty says.
        most: Last day from which it may be due; empty likewise.
    """

    exchange: str
    least: str = ""
    most: str = ""


class SealsState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        sealed: Sealed records, by their digests.
        erased: Exchanges of the latest records erased, likewise.
        forgotten: How many had to be forgotten.
    """

    sealed: dict[str, Kept] = msgspec.field(default_factory=dict)
    erased: dict[str, str] = msgspec.field(default_factory=dict)
    forgotten: int = 0


class Seals:
    """Checks what is sealed, opened and erased in one log."""

    def __init__(self, state: SealsState) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state

    def decided(self, entry: DecisionEntry) -> Iterator[Remark]:
        """Take a decision, and yield where its seal is not what the chosen candidate's duties ask."""
        chosen = [candidate for candidate in entry.candidates if candidate.deployment == entry.chosen]
        asked = any(Duty.SEAL in candidate.duties for candidate in chosen)
        policies = ", ".join(chosen[0].policies) if chosen else None
        if asked and entry.sealed is None:
            yield Remark("seal-missing", field="$.sealed", policy=policies, expected=Duty.SEAL, found=_NONE)
        if not asked and entry.sealed is not None:
            yield Remark("seal-unasked", field="$.sealed", policy=policies, expected=_NONE, found=entry.sealed)
        if entry.sealed is not None:
            sealed = self._state.sealed
            # A fallback cites the record again: the first decision's retention was the one told to the authorities.
            sealed.setdefault(entry.sealed, _kept(entry, chosen[0].duties if chosen else ()))
            if len(sealed) > MAX_SEALED:
                del sealed[next(iter(sealed))]
                self._state.forgotten += 1
                yield Remark("memory-full", expected=f"<= {MAX_SEALED}")

    def opened(self, entry: OpeningEntry) -> Iterator[Remark]:
        """Take an opening, and yield what is wrong with it."""
        severity = Severity.WARNING if self._state.forgotten else None
        yield from self._known("opening-unknown", entry.record, entry.exchange, severity)

    def erased(self, entry: ErasureEntry) -> Iterator[Remark]:
        """Take an erasure, and yield what is wrong with it."""
        state, record = self._state, entry.record
        if record is None:
            # Of a damaged file the digest is not known; the exchange still says which record it was.
            known = (*((one, kept.exchange) for one, kept in state.sealed.items()), *state.erased.items())
            record = next((one for one, exchange in known if exchange == entry.exchange), _NONE)
        if record in state.sealed or state.erased.get(record) != entry.exchange:
            yield from self._known("erasure-unknown", record, entry.exchange, Severity.WARNING)
        kept = state.sealed.pop(record, None)
        if kept is not None:
            state.erased[record] = entry.exchange
            if len(state.erased) > MAX_ERASED:
                del state.erased[next(iter(state.erased))]
        day, least = day_of(entry.time), entry.due if kept is None else max(entry.due, kept.least)
        if day < least:
            yield Remark("erasure-early", field="$.time", expected=f">= {least}", found=day)
        if kept is not None and kept.most and entry.due > kept.most:
            yield Remark("erasure-late", field="$.due", expected=f"<= {kept.most}", found=entry.due)

    def _known(self, code: str, record: str, exchange: str, severity: Severity | None) -> Iterator[Remark]:
        """Yield that a record was not sealed, which matters as much as is said, or for another exchange."""
        kept = self._state.sealed.get(record)
        if kept is None:
            yield Remark(code, field="$.record", found=record, severity=severity)
        elif kept.exchange != exchange:
            yield Remark(code, field="$.exchange", expected=kept.exchange, found=exchange)


def _kept(entry: DecisionEntry, duties: Iterable[str]) -> Kept:
    try:
        # A log may hold anything; that its duties are none is for the replay to say.
        retention = retention_of(filter(is_duty, duties))
    except CharterError:
        retention = None
    if retention is None:
        return Kept(entry.exchange)
    return Kept(entry.exchange, *(day_of(entry.time + days * _DAY_MS) for days in retention))


def day_of(time_ms: int) -> str:
    """Return the day of a time, UTC; the last day there is for times beyond it.

    >>> day_of(1_790_000_000_000)
    '2026-09-21'
    """
    try:
        return dt.datetime.fromtimestamp(time_ms // 1000, dt.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return dt.date.max.isoformat()
