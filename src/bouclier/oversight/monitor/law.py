"""The law that a log says it stands by: adopted before it is decided by, cited by every entry, and never an older one.

Rules, of which the log alone is the evidence:

1. After each `start` an adoption says by what law it is decided, before anything else is entered of that run.
2. Every entry cites the law of the last adoption. What was under way when another law was adopted may still cite the
   one before, for `GRACE_MS`.
3. An adoption never cites an older root or timestamp than the one before it. So a charter that is read from a folder
   after one that was signed is said: nobody can tell that from an institution that left its signed charter.
4. An adoption lists the orders whose digest it cites.
5. Under a law that has expired nothing leaves the institution.

Openings and erasures are not held to the second rule: they may be entered while no gateway runs. What was published,
and whether the log's law is that, is in `published_law`. What goes on is said when it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.oversight.entries_model import (
    AdoptionEntry,
    DecisionEntry,
    ErasureEntry,
    Law,
    MarkEntry,
    OpeningEntry,
)
from bouclier.oversight.monitor.alarm import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.oversight.entries_model import Entry
    from bouclier.oversight.monitor.replayer import Replayer

GRACE_MS: Final = 60_000
"""An order is in force within a minute wherever the repository can be reached; what was under way has ended by then."""
RECORDED_WITHIN_MS: Final = 5_000
"""A decision is recorded a moment after it was taken: the disk may take its time."""
_MAX_RECENT: Final = 16


class LawState(msgspec.Struct):
    """What is kept between entries.

    Attributes:
        law: The one adopted; None before the first adoption.
        orders: The orders it lists: ids by digest.
        listed_until: The last id it lists, when more are in force than fit in an entry; None when it lists all.
        expires: Until when it may be decided by, milliseconds since 1970-01-01 UTC.
        territory: The state the institution says it belongs to.
        recent: Laws adopted before it, each with the time until which it may still be cited.
        awaited: Whether a run began and adopted nothing yet.
        unadopted: Whether that was said.
        differing: A law that was said to differ, and is still cited.
        started_ms: When the latest run began, by the log.
        down_ms: The last entry before it: between the two nothing ran.
        latest_ms: The last entry's time.
        going_on: What was said of published law, and goes on.
    """

    law: Law | None = None
    orders: dict[str, str] = msgspec.field(default_factory=dict)
    listed_until: str | None = None
    expires: int | None = None
    territory: str | None = None
    recent: list[tuple[Law, int]] = msgspec.field(default_factory=list)
    awaited: bool = False
    unadopted: bool = False
    differing: Law | None = None
    started_ms: int = 0
    down_ms: int = 0
    latest_ms: int = 0
    going_on: tuple[str, ...] = ()

    def may_hold(self, digest: str, name: str) -> bool:
        """Tell whether an order may be among those adopted: it is listed, or comes after where the list ends."""
        return digest in self.orders or (self.listed_until is not None and name > self.listed_until)


class LawWatch:
    """Checks the law that one log cites against what it adopted."""

    def __init__(self, state: LawState, replayer: Replayer) -> None:
        """Go on from a state, which is changed in place."""
        self._state = state
        self._replayer = replayer

    @property
    def is_troubled(self) -> bool:
        """Whether something that was said goes on."""
        state = self._state
        return state.unadopted or state.differing is not None or bool(state.going_on)

    def passed(self, entry: Entry) -> Iterator[Remark]:
        """Take an entry, and yield where its law is not the one adopted."""
        state = self._state
        if isinstance(entry, AdoptionEntry):
            yield from self._adopted(entry)
        elif isinstance(entry, MarkEntry) and entry.what == "start":
            state.down_ms, state.started_ms = state.latest_ms, entry.time
            state.awaited, state.unadopted, state.differing = True, False, None
        elif (entry.law != state.law or state.awaited or state.differing is not None) and not isinstance(
            entry, OpeningEntry | ErasureEntry
        ):
            yield from self._cited(entry)
        if state.expires is not None and isinstance(entry, DecisionEntry):
            yield from self._expired(entry, state.expires)
        state.latest_ms = entry.time

    def _adopted(self, entry: AdoptionEntry) -> Iterator[Remark]:
        state, law, before = self._state, entry.law, self._state.law
        if before is not None and law != before:
            for name in ("root", "timestamp"):
                least, found = getattr(before, name), getattr(law, name)
                if found < least:
                    yield Remark("law-back", field=f"$.law.{name}", expected=f">= {least}", found=str(found))
            still = [(old, until) for old, until in state.recent if until >= entry.time and old != law]
            state.recent = [*still, (before, entry.time + GRACE_MS)][-_MAX_RECENT:]
        listed = self._replayer.orders_digest(order.digest for order in entry.orders)
        is_whole = entry.orders_count == len(entry.orders)
        if is_whole and listed != law.orders:
            yield Remark("adoption-differs", field="$.orders", expected=law.orders, found=listed)
        state.law, state.expires, state.territory = law, entry.expires, entry.territory
        state.orders = {order.digest: order.id for order in entry.orders}
        state.listed_until = None if is_whole else entry.orders[-1].id
        state.awaited, state.unadopted, state.differing = False, False, None

    def _cited(self, entry: Entry) -> Iterator[Remark]:
        state, law = self._state, entry.law
        if state.awaited:
            if not state.unadopted:
                state.unadopted = True
                yield Remark("adoption-missing")
            return
        if state.law is None:
            return  # nothing runs yet, which is said of each decision
        if law == state.law or any(law == old and entry.time <= until for old, until in state.recent):
            state.differing = None if law == state.law else state.differing
            return
        if law != state.differing:
            state.differing = law
            for name in ("charter", "orders", "root", "timestamp"):
                expected, found = str(getattr(state.law, name)), str(getattr(law, name))
                if expected != found:
                    yield Remark("law-differs", field=f"$.law.{name}", expected=expected, found=found)

    def _expired(self, entry: DecisionEntry, expires: int) -> Iterator[Remark]:
        if entry.law != self._state.law or entry.time <= expires + RECORDED_WITHIN_MS:
            return
        chosen = [candidate for candidate in entry.candidates if candidate.deployment == entry.chosen]
        if chosen and not chosen[0].own:
            yield Remark("law-expired", field="$.time", expected=f"< {expires}", found=str(entry.time))
