"""One log, watched entry by entry: every check of the monitor in the order of the entries.

`LogWatch` is given entries that stand in a tree already verified, in order and without gaps, and returns alarms. It
reads no clock and keeps nothing outside itself: `saved` returns all it must remember as bytes, and a watch made from
them goes on as if nothing had happened. What it remembers is bounded (see `lifecycle`, `seals`, `totals`); it is some
kilobytes for a log in good order, plus a row for each day and deployment.

What is not done here: verifying the tree (`tree`), fetching, and telling anyone.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from bouclier.oversight.entries import EntryError, parse_entry
from bouclier.oversight.entries_model import (
    DecisionEntry,
    Entry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReviewEntry,
    ShadowEntry,
)
from bouclier.oversight.monitor.alarm import Alarm, Remark, alarm_of
from bouclier.oversight.monitor.alone import exchange_of, malformed
from bouclier.oversight.monitor.clocks import Clock, ClockState
from bouclier.oversight.monitor.law import GRACE_MS, LawState, LawWatch
from bouclier.oversight.monitor.lifecycle import Lives, LivesState
from bouclier.oversight.monitor.marks import Marks, MarksState
from bouclier.oversight.monitor.published_law import PublishedLaw
from bouclier.oversight.monitor.replay import replay
from bouclier.oversight.monitor.reviews import Reviews, ReviewsState
from bouclier.oversight.monitor.seals import Seals, SealsState
from bouclier.oversight.monitor.shadows import Shadows, ShadowsState
from bouclier.oversight.monitor.totals import Totals, Used, UsedBy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.oversight.monitor.clocks import Bounds
    from bouclier.oversight.monitor.lifecycle import OpenDecision
    from bouclier.oversight.monitor.published_law import LawBook
    from bouclier.oversight.monitor.replayer import Replayer

_MAX_SAID: Final = 4_096
_DIGITS: Final = 32
_SAID_ONCE: Final = frozenset(
    {
        "charter-unknown",
        "orders-unknown",
        "registry-unknown",
        "deployment-unregistered",
        "finding-unknown",
        "promise-absurd",
    }
)


class WatchSettings(NamedTuple):
    """What a monitor holds logs to.

    Attributes:
        outcome_within_s: Longest time between a decision and its outcome.
        silence_s: Longest silence; None for what the log promises, a day at the most.
        law_within_s: How long a charter or orders that were superseded may still be cited.
    """

    outcome_within_s: int = 3_600
    silence_s: int | None = None
    law_within_s: int = GRACE_MS // 1000


class WatchState(msgspec.Struct):
    """All that a watch remembers.

    Attributes:
        size: How many entries it has seen.
        lives: Exchanges under way.
        seals: Sealed records.
        clock: Times and marks.
        marks: What the marks announce.
        law: What was adopted.
        reviews: What a second person approved.
        shadows: What a charter on trial may be about.
        said: Digests of what is said once, and was.
        totals: What was used.
    """

    size: int = 0
    lives: LivesState = msgspec.field(default_factory=LivesState)
    seals: SealsState = msgspec.field(default_factory=SealsState)
    clock: ClockState = msgspec.field(default_factory=ClockState)
    marks: MarksState = msgspec.field(default_factory=MarksState)
    law: LawState = msgspec.field(default_factory=LawState)
    reviews: ReviewsState = msgspec.field(default_factory=ReviewsState)
    shadows: ShadowsState = msgspec.field(default_factory=ShadowsState)
    said: dict[str, None] = msgspec.field(default_factory=dict)
    totals: list[tuple[UsedBy, Used]] = msgspec.field(default_factory=list)


class LogWatch:
    """Checks one log, entry after entry.

    Attributes:
        origin: Which log.
    """

    def __init__(
        self,
        origin: str,
        replayer: Replayer,
        settings: WatchSettings | None = None,
        *,
        book: LawBook | None = None,
        state: WatchState | None = None,
    ) -> None:
        """Begin with the first entry of a log, or go on from a state, which the watch then owns.

        Args:
            origin: Which log.
            replayer: The other rooms, to decide again.
            settings: What to hold the log to.
            book: What the charter's repository published; None if none is followed.
            state: What is remembered.
        """
        self.origin = origin
        self._settings = settings or WatchSettings()
        self._replayer = replayer
        self._state = state or WatchState()
        self._lives = Lives(self._state.lives, outcome_within_ms=self._settings.outcome_within_s * 1000)
        self._seals = Seals(self._state.seals)
        self._clock = Clock(self._state.clock)
        self._marks = Marks(self._state.marks)
        self._law = LawWatch(self._state.law, replayer)
        self._published = None
        if book is not None:
            self._published = PublishedLaw(self._state.law, book, grace_ms=self._settings.law_within_s * 1000)
        self._reviews = Reviews(self._state.reviews)
        self._shadows = Shadows(self._state.shadows)
        self._totals = Totals(self._state.totals)

    @property
    def size(self) -> int:
        """How many entries it has seen: the index of the next one."""
        return self._state.size

    @property
    def is_troubled(self) -> bool:
        """Whether something that was said goes on: silence, decisions that no mark announces, crashes.

        A charter or a registry in force that is not held here is said once, and goes on too.
        """
        state, replayer = self._state, self._replayer
        law = state.law.law
        unknown = law is not None and not replayer.knows_registry(law.registry)
        if law is not None and self._published is None:
            known = replayer.knows_charter(law.charter) and replayer.knows_orders(law.charter, law.orders)
            unknown = unknown or not known
        goes_on = state.clock.silent or state.marks.outside or state.lives.losing or self._law.is_troubled
        return unknown or goes_on

    def feed(self, data: bytes, bounds: Bounds) -> list[Alarm]:
        """Take the next entry of the log, and return what is wrong with it.

        Args:
            data: The entry's bytes, already shown to stand in the log at index `size`.
            bounds: Between which times it was added.
        """
        index = self._state.size
        self._state.size = index + 1
        try:
            entry = parse_entry(data)
        except EntryError as error:
            return [alarm_of(malformed(error), origin=self.origin, index=index)]
        alarms = [
            alarm_of(remark, origin=self.origin, index=index, exchange=exchange_of(entry))
            for remark in self._checked(index, entry, bounds)
            if self._is_news(remark)
        ]
        # An entry that says it is of the future does not make those before it late.
        alarms += self._overdue(min(self._state.clock.latest_ms, bounds.now_s * 1000))
        return alarms

    def listen(self, *, alive_s: int, now_s: int) -> list[Alarm]:
        """Return what is wrong though no entry came: silence, and decisions that wait for their outcome.

        Args:
            alive_s: The log's last sign of life, in seconds since 1970-01-01 UTC.
            now_s: The monitor's clock, likewise.
        """
        silence = self._clock.listened(alive_s=alive_s, now_s=now_s, silence_s=self._settings.silence_s)
        alarms = [alarm_of(remark, origin=self.origin) for remark in silence]
        return alarms + self._overdue(now_s * 1000)

    def state(self) -> WatchState:
        """Return all that must be remembered; it changes with the next entry, so it is to be saved before."""
        self._state.totals = self._totals.rows()
        return self._state

    def _checked(self, index: int, entry: Entry, bounds: Bounds) -> Iterable[Remark]:
        yield from self._clock.passed(entry, bounds)
        yield from self._law.passed(entry)
        if self._published is not None:
            yield from self._published.passed(entry)
        yield from self._known(entry)
        if isinstance(entry, DecisionEntry | MarkEntry):
            yield from self._marks.passed(entry)
        if isinstance(entry, DecisionEntry):
            yield from self._decided(index, entry)
        elif isinstance(entry, OutcomeEntry):
            decision, remarks = self._lives.ended(entry)
            if decision is not None:
                self._totals.add(decision, entry)
            yield from remarks
        elif isinstance(entry, MarkEntry):
            yield from self._clock.marked(entry)
            yield from self._marked(entry)
        else:
            yield from self._beside(index, entry)

    def _beside(self, index: int, entry: Entry) -> Iterable[Remark]:
        """Take what is entered beside decisions, outcomes and marks."""
        if isinstance(entry, OpeningEntry):
            return self._seals.opened(entry)
        if isinstance(entry, ErasureEntry):
            return self._seals.erased(entry)
        if isinstance(entry, ReviewEntry):
            return self._reviews.reviewed(entry)
        if isinstance(entry, ShadowEntry):
            return self._shadows.tried(index, entry)
        return ()

    def _decided(self, index: int, entry: DecisionEntry) -> Iterator[Remark]:
        yield from self._lives.decided(index, entry)
        yield from self._seals.decided(entry)
        yield from self._reviews.decided(entry)
        self._shadows.decided(index, entry)
        yield from replay(entry, self._replayer)
        if self._published is not None:
            yield from self._published.disobeyed(entry, self._replayer)

    def _known(self, entry: Entry) -> Iterator[Remark]:
        """Yield what an entry cites that is not held here; where a repository is followed, that says more."""
        charter, orders = entry.law.charter, entry.law.orders
        if not self._replayer.knows_charter(charter):
            if self._published is None:
                yield Remark("charter-unknown", field="$.law.charter", found=charter)
        elif not self._replayer.knows_orders(charter, orders) and self._published is None:
            yield Remark("orders-unknown", field="$.law.orders", found=orders)
        if not self._replayer.knows_registry(entry.law.registry):
            yield Remark("registry-unknown", field="$.law.registry", found=entry.law.registry)

    def _marked(self, entry: MarkEntry) -> Iterator[Remark]:
        left: list[OpenDecision] = []
        remarks: list[Remark] = []
        if entry.what == "start":
            left, remarks = self._lives.started(entry.time)
        elif entry.what == "stop":
            left, remarks = self._lives.stopped()
        for decision in left:
            self._totals.add(decision, None)
        yield from remarks

    def _overdue(self, now_ms: int) -> list[Alarm]:
        return [alarm_of(remark, origin=self.origin, index=index) for index, remark in self._lives.overdue(now_ms)]

    def _is_news(self, remark: Remark) -> bool:
        """Tell whether a remark is to be made: some are made once, whatever the number of entries."""
        if remark.code not in _SAID_ONCE:
            return True
        said = self._state.said
        # A digest, for a log may hold anything, and much of it.
        what = sha256(f"{remark.code} {remark.found} {remark.severity or ''}".encode()).hexdigest()[:_DIGITS]
        if what in said:
            return False
        said[what] = None
        if len(said) > _MAX_SAID:
            del said[next(iter(said))]
        return True
