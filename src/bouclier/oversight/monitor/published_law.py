"""The law that a log cites, held against what was published: the charter, its root, the facts, and authorities' orders.

A monitor that follows the charter's repository remembers each state of it and when it was seen. A gateway in good order
refreshes at least once a minute, so that what it cites at a time *t* was current, and what it carries out was in force,
at some moment of the minute before *t*. If it did not run then, that minute begins when it stopped: it had no occasion
to refresh before its start. From this:

* what was never published must not be cited (`charter-unsigned`, `orders-unknown`);
* what was current at no moment of that minute must not be cited (`charter-stale`, `registry-stale`);
* an order in force throughout it must be carried out (`order-ignored`); one in force at no moment of it is outdated;
* an order that is valid must not be set aside, and no later expiry be said than the one published.

A state was published between the look that first showed it and the look before, and superseded by the look that first
showed the next one: of these moments the one counts that is in the gateway's favour. What is said of a time at which
this monitor did not look (before its first look, after its last, or of a timestamp it never saw) is a warning.

A gateway that ignores an order and one that could not reach the repository may enter the same: an order that is not
carried out. They are told apart by the timestamp cited: with one as new as the order's, the gateway says that it knew.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import msgspec

from bouclier.oversight.entries_model import AdoptionEntry, DecisionEntry, MarkEntry
from bouclier.oversight.monitor.alarm import Remark, Severity
from bouclier.oversight.monitor.law import GRACE_MS
from bouclier.oversight.monitor.recorded import recorded_case, recorded_deployment
from bouclier.terms.errors import CharterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bouclier.oversight.entries_model import Entry, Law
    from bouclier.oversight.monitor.law import LawState
    from bouclier.oversight.monitor.replayer import Replayer

_NONE: Final = "-"
_MOST: Final = 64
"""Remarks of one entry at most: an adoption may list any number of orders."""
_CLOCKS_APART_MS: Final = 5_000
"""By how much a gateway's clock may be behind this monitor's before what it cites too soon is not asked for."""


class Publication(NamedTuple):
    """A state of the repository.

    Attributes:
        since_ms: The last look that did not show it yet; the first look of all for the first state.
        seen_ms: The first look that showed it.
        until_ms: The first look that showed the next one; None for the latest.
        charter: SHA-256 of the charter's bundle, hexadecimal.
        root: Version of the root.
        timestamps: First and last version of the timestamp that stood for it.
        expires_ms: The latest expiry that was published for it. All times in milliseconds since 1970-01-01 UTC.
    """

    since_ms: int
    seen_ms: int
    until_ms: int | None
    charter: str
    root: int
    timestamps: tuple[int, int]
    expires_ms: int


class LawBook(Protocol):
    """What was published, as far as a monitor saw it. Read by several threads."""

    @property
    def version(self) -> int:
        """Another number whenever more is known."""
        ...

    @property
    def looked_ms(self) -> int | None:
        """When the repository was last seen, milliseconds since 1970-01-01 UTC; None if none is followed."""
        ...

    def look(self, *, after_ms: int) -> bool:
        """See the repository as it is after some time, milliseconds since 1970-01-01 UTC; tell whether it was seen.

        A time that is still to come, or a repository that was silent a moment ago, is no occasion.
        """
        ...

    def publications(self) -> Sequence[Publication]:
        """Return the states seen, oldest first."""
        ...

    def in_force(
        self, number: int, *, since_ms: int, until_ms: int, territory: str | None
    ) -> Sequence[Mapping[str, str]]:
        """Return the sets of orders that a state puts in force between two times, each as ids by digest."""
        ...

    def orders_of(self, number: int) -> Mapping[str, str | None]:
        """Return what a state publishes as orders, by digest: the id of each within its mandate, None for others."""
        ...

    def registries_of(self, number: int) -> frozenset[str] | None:
        """Return the digests of the facts that a state puts in force; None if it publishes none, and any may be."""
        ...

    def knows_order(self, digest: str) -> bool:
        """Tell whether an order of this digest was ever published."""
        ...


class _Window(NamedTuple):
    """What a gateway in good order may have seen last when it made an entry.

    Attributes:
        since_ms: Between when
        until_ms: and when.
        states: Numbers of the states that were current then.
        severity: How much matters what is said of it; None for as much as the code says.
    """

    since_ms: int
    until_ms: int
    states: tuple[int, ...]
    severity: Severity | None


class PublishedLaw:
    """Checks the law of one log against what was published."""

    def __init__(self, state: LawState, book: LawBook, *, grace_ms: int = GRACE_MS) -> None:
        """Go on from a state, which is changed in place.

        Args:
            state: What the log adopted.
            book: What was published.
            grace_ms: How long what is superseded may still be cited, milliseconds.
        """
        self._state = state
        self._book = book
        self._grace_ms = grace_ms
        self._checked: tuple[object, ...] = ()

    def passed(self, entry: Entry) -> Iterator[Remark]:
        """Take an entry that `LawWatch` has taken, and yield where its law is not what was published."""
        if self._book.looked_ms is None or not _is_ruling(entry):
            return
        adopts = isinstance(entry, AdoptionEntry)
        # A second has one answer: nothing that is checked here changes from one entry to the next within it.
        checked = (entry.law, self._state.territory, entry.time // 1000, self._state.started_ms, self._book.version)
        if checked == self._checked and not adopts:
            return
        remarks = self._remarks(entry)
        looked_ms = self._book.looked_ms
        if remarks and entry.time > looked_ms - _CLOCKS_APART_MS and self._book.look(after_ms=entry.time):
            remarks = self._remarks(entry)  # what it cites may have been published since the last look
        self._checked = checked
        said = {_key(remark): remark for remark in remarks[:_MOST]}
        news = [remark for key, remark in said.items() if key not in self._state.going_on]
        self._state.going_on = tuple(said)
        yield from news

    def disobeyed(self, entry: DecisionEntry, replayer: Replayer) -> Iterator[Remark]:
        """Take a decision that `passed` has taken, and yield the orders that forbade what it chose."""
        chosen = next((one for one in entry.candidates if one.deployment == entry.chosen), None)
        ignores = any(key.startswith("order-ignored") for key in self._state.going_on)
        if chosen is None or not ignores or entry.law != self._state.law:
            return
        window = self._window(entry.time)
        due = self._due(window)
        law = msgspec.structs.replace(entry.law, orders=replayer.orders_digest(due))
        if not replayer.knows_charter(law.charter) or not replayer.knows_orders(law.charter, law.orders):
            return
        try:
            verdict = replayer.verdict(law, recorded_case(entry), recorded_deployment(chosen))
        except CharterError:
            return  # then it is for the replay to say
        forbidding = {policy.id for policy in verdict.policies}
        for digest, name in due.items():
            if not self._state.may_hold(digest, name) and not verdict.permitted and _policy_of(name) in forbidding:
                yield Remark(
                    "order-ignored",
                    field="$.chosen",
                    policy=_policy_of(name),
                    expected=name,
                    found=chosen.deployment,
                    severity=window.severity,
                )

    def _remarks(self, entry: Entry) -> list[Remark]:
        window = self._window(entry.time)
        remarks = [*self._charter(entry.law, window), *self._facts(entry.law, window)]
        if entry.law == self._state.law:
            remarks += self._orders(entry.law, window)
        if isinstance(entry, AdoptionEntry):
            remarks += self._adoption(entry, window)
        return remarks

    def _window(self, time_ms: int) -> _Window:
        state, since_ms = self._state, time_ms - self._grace_ms
        if state.started_ms > since_ms:
            since_ms = min(since_ms, state.down_ms)
        publications = self._book.publications()
        states = tuple(
            number
            for number, one in enumerate(publications)
            if one.since_ms <= time_ms and (one.until_ms is None or one.until_ms >= since_ms)
        )
        looked = self._book.looked_ms or 0
        unseen = not publications or not publications[0].seen_ms <= time_ms <= looked
        return _Window(since_ms, time_ms, states, Severity.WARNING if unseen else None)

    def _charter(self, law: Law, window: _Window) -> Iterator[Remark]:
        publications = self._book.publications()
        severity = window.severity or self._unless_seen(law)
        if not any(one.charter == law.charter for one in publications):
            yield Remark("charter-unsigned", field="$.law.charter", found=law.charter, severity=severity)
            return
        for name, most in (
            ("root", max(one.root for one in publications)),
            ("timestamp", max(one.timestamps[1] for one in publications)),
        ):
            if getattr(law, name) > most:
                found = str(getattr(law, name))
                yield Remark(
                    "charter-unsigned", field=f"$.law.{name}", expected=f"<= {most}", found=found, severity=severity
                )
        current = [publications[number] for number in window.states]
        if current and not any(one.charter == law.charter for one in current):
            yield Remark(
                "charter-stale",
                field="$.law.charter",
                expected=current[-1].charter,
                found=law.charter,
                severity=window.severity,
            )
        if current and law.root < min(one.root for one in current):
            least = min(one.root for one in current)
            yield Remark(
                "charter-stale",
                field="$.law.root",
                expected=f">= {least}",
                found=str(law.root),
                severity=window.severity,
            )

    def _facts(self, law: Law, window: _Window) -> Iterator[Remark]:
        """Yield where facts are cited that were in force before, or elsewhere; unknown ones are told by the replay."""
        published = [self._book.registries_of(number) for number in window.states]
        current = [digests for digests in published if digests is not None]
        if current and len(current) == len(published) and not any(law.registry in digests for digests in current):
            yield Remark(
                "registry-stale",
                field="$.law.registry",
                expected=min(current[-1], default=_NONE),
                found=law.registry,
                severity=window.severity,
            )

    def _orders(self, law: Law, window: _Window) -> Iterator[Remark]:
        adopted = self._state.orders
        for digest, name in adopted.items():
            if not self._book.knows_order(digest):
                severity = window.severity or self._unless_seen(law)
                yield Remark("orders-unknown", field="$.law.orders", expected=name, found=digest, severity=severity)
        if not window.states:
            return
        for digest, name in self._due(window).items():
            if not self._state.may_hold(digest, name):
                yield Remark(
                    "order-ignored",
                    field="$.law.orders",
                    policy=_policy_of(name),
                    expected=name,
                    found=self._excuse(law, digest),
                    severity=window.severity,
                )
        allowed = self._allowed(window)
        for digest, name in adopted.items():
            if digest not in allowed and self._book.knows_order(digest):
                yield Remark("order-outdated", field="$.law.orders", policy=_policy_of(name), found=name)

    def _adoption(self, entry: AdoptionEntry, window: _Window) -> Iterator[Remark]:
        publications = self._book.publications()
        of_charter = [number for number, one in enumerate(publications) if one.charter == entry.law.charter]
        latest = max((publications[number].expires_ms for number in of_charter), default=None)
        if latest is not None and (entry.expires is None or entry.expires > latest):
            yield Remark(
                "expiry-differs",
                field="$.expires",
                expected=f"<= {latest}",
                found=_NONE if entry.expires is None else str(entry.expires),
                severity=window.severity or self._unless_seen(entry.law),
            )
        if not entry.refused:
            return
        listed = [self._book.orders_of(number) for number in window.states if number in of_charter]
        for digest in entry.refused:
            names = {orders[digest] for orders in listed if digest in orders}
            name = next(iter(names), None)
            if name is not None and len(names) == 1:
                yield Remark(
                    "order-refused-wrongly",
                    field="$.refused",
                    policy=_policy_of(name),
                    expected=name,
                    found=digest,
                    severity=window.severity,
                )

    def _due(self, window: _Window) -> Mapping[str, str]:
        """Return the orders in force throughout a window: whenever it was that the gateway refreshed."""
        sets = [one for number in window.states for one in self._sets(number, window)]
        common = set(sets[0]).intersection(*sets[1:]) if sets else set()
        return {digest: sets[0][digest] for digest in sorted(common)}

    def _allowed(self, window: _Window) -> set[str]:
        return {digest for number in window.states for one in self._sets(number, window) for digest in one}

    def _sets(self, number: int, window: _Window) -> Sequence[Mapping[str, str]]:
        since_ms, until_ms, _, _ = window
        return self._book.in_force(number, since_ms=since_ms, until_ms=until_ms, territory=self._state.territory)

    def _excuse(self, law: Law, digest: str) -> str:
        """Return how far behind a gateway says it is that does not carry an order out; `-` if it says it knew."""
        publications = enumerate(self._book.publications())
        first = next((one.timestamps[0] for number, one in publications if digest in self._book.orders_of(number)), 0)
        return _NONE if law.timestamp >= first else f"timestamp {law.timestamp} < {first}"

    def _unless_seen(self, law: Law) -> Severity | None:
        """Return a warning if a timestamp was published between two looks: this monitor never saw what it stood for."""
        publications = self._book.publications()
        spans = [one.timestamps for one in publications]
        between = any(one[1] < law.timestamp < two[0] for one, two in pairwise(spans))
        return Severity.WARNING if between else None


def _is_ruling(entry: Entry) -> bool:
    """Tell whether it is decided by the law an entry cites: openings, erasures, endings only say how things stood."""
    if isinstance(entry, MarkEntry):
        return entry.what == "alive"
    return isinstance(entry, DecisionEntry | AdoptionEntry)


def _policy_of(name: str) -> str:
    """Return the id of the policy that an order becomes."""
    return f"order-{name.replace('/', '-')}"


def _key(remark: Remark) -> str:
    severity = remark.severity or ""
    return "\x1f".join((remark.code, severity, remark.field or "", remark.expected or "", remark.found or ""))
