"""Many logs: what each address publishes is verified, and handed to the follower of the log it is of.

One log may be given at several addresses; they share a follower, so that two histories shown at two of them meet.

Every log of the policy is accounted for in each round: one that no address shows is told, as a warning if it was never
followed, as an alarm if it was. An address that shows another log than before is an alarm of the one it showed before.

Addresses may be looked at side by side, one thread each: a slow one then does not keep the others waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.monitor.alarm import CODES, Remark, Severity, alarm_of
from bouclier.oversight.monitor.follow import Follower, FollowState
from bouclier.oversight.monitor.ports import LogUnreachableError, Nowhere, Observed
from bouclier.oversight.monitor.published import Published, Untrusted, published_at, trouble_of
from bouclier.tlog import TileError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bouclier.oversight.monitor.ports import Keeper, LogSource, Teller
    from bouclier.oversight.monitor.published_law import LawBook
    from bouclier.oversight.monitor.replayer import Replayer
    from bouclier.oversight.monitor.watch import WatchSettings
    from bouclier.tlog import WitnessPolicy


class Monitor:
    """Follows the logs at some addresses."""

    def __init__(  # noqa: PLR0913 -- what it knows, what it holds logs to, who keeps and who is told
        self,
        logs: Mapping[str, LogSource],
        *,
        policy: WitnessPolicy,
        replayer: Replayer,
        settings: WatchSettings,
        states: Iterable[FollowState],
        keeper: Keeper,
        teller: Teller,
        book: LawBook | None = None,
    ) -> None:
        """Go on from what is remembered.

        Args:
            logs: By address.
            policy: Which logs to believe, and with which witnesses.
            replayer: The other rooms, to decide again.
            settings: What to hold the logs to.
            states: What is remembered; the monitor then owns it.
            keeper: Where it is kept.
            teller: Who is told.
            book: What the charter's repository published; None if none is followed.
        """
        self._logs = logs
        self._policy = policy
        self._replayer = replayer
        self._settings = settings
        self._keeper = keeper
        self._teller = teller
        self._book = book
        self._followers = {state.origin: self._follower(state) for state in states}
        self._strangers: dict[str, Observed] = {}  # troubles at addresses whose log is not known yet
        self._here: dict[str, str] = {}  # which log each address is accounted to, in this round
        self._unseen: set[str] = set()  # logs that were said to be at no address

    @property
    def is_troubled(self) -> bool:
        """Whether something is wrong now with a log of the policy: its trees, its addresses or its silence."""
        severities = [CODES[trouble.alarm.code][0] for trouble in self._strangers.values()]
        return Severity.ALARM in severities or any(follower.is_troubled for _, follower in self._followed())

    @property
    def is_blind(self) -> bool:
        """Whether an address shows no log now, or never did: what is there is not watched."""
        return bool(self._strangers)

    @property
    def is_behind(self) -> bool:
        """Whether entries are still unread of trees that were verified: the next look reads on."""
        return any(follower.is_behind for _, follower in self._followed())

    def look(self, *, now_s: int) -> None:
        """Look at every address once, read what is new, and tell what is wrong.

        Args:
            now_s: The monitor's clock, seconds since 1970-01-01 UTC.

        Raises:
            StorageError: What was read cannot be remembered.
        """
        for url in self._logs:
            self.look_at(url, now_s=now_s)
        self.conclude(now_s=now_s)

    def look_at(self, url: str, *, now_s: int) -> None:
        """Look at one address of a round.

        Raises:
            StorageError: As `look`.
        """
        source = self._logs[url]
        note = b""
        try:
            note = source.checkpoint()
            published: Published | Untrusted = published_at(url, note, self._policy)
        except LogUnreachableError as error:
            published = Untrusted("", trouble_of(error))
        except TileError:  # longer than a note can be
            published = Untrusted("", Remark("checkpoint-malformed"))
        if isinstance(published, Untrusted):
            self._trouble(url, source, published.origin or self._origin_at(url), published.remark, note)
            return
        self._strangers.pop(url, None)
        origin = published.checkpoint.origin
        self._here[url] = origin
        with self._keeper.hold(origin):
            if origin not in self._followers:
                self._followers[origin] = self._follower(FollowState(origin))
            self._followers[origin].look(url, source, published, now_s=now_s)
        self._changed(url, source, origin, published.note)

    def conclude(self, *, now_s: int, but: Collection[str] = ()) -> None:
        """End a round: listen to every log of the policy, and tell of those that no address shows.

        Args:
            now_s: The monitor's clock, seconds since 1970-01-01 UTC.
            but: Addresses still being looked at; their logs wait for another round.

        Raises:
            StorageError: As `look`.
        """
        for origin, follower in self._followed():
            if any(self._here.get(url) == origin or url in follower.state.urls for url in but):
                continue
            with self._keeper.hold(origin):
                source = self._source_of(follower)
                if not but:
                    follower.ended(self._logs.keys(), source)
                follower.listen(source, now_s=now_s)
        if not but:
            self._tell_unseen()
            self._here.clear()

    def states(self) -> list[FollowState]:
        """Return what is remembered of the logs of the policy."""
        return [follower.state for _, follower in self._followed()]

    def _trouble(self, url: str, source: LogSource, origin: str, remark: Remark, note: bytes) -> None:
        self._here[url] = origin
        observed = Observed(alarm_of(remark, origin=origin), (note,) if note else ())
        follower = self._followers.get(origin)
        if follower is not None:
            with self._keeper.hold(origin):
                follower.troubled(url, observed, source)
            return
        before = self._strangers.get(url)
        self._strangers[url] = observed
        if before is None or before.alarm.key != observed.alarm.key:
            self._teller.tell([observed], source)

    def _changed(self, url: str, source: LogSource, origin: str, note: bytes) -> None:
        """Tell the logs that an address showed before that it now shows another."""
        for other, follower in self._followed():
            if other != origin and url in follower.state.urls:
                remark = Remark("origin-changed", field=url, expected=other, found=origin)
                notes = tuple(filter(None, (follower.state.checkpoint, note)))
                with self._keeper.hold(other):
                    follower.troubled(url, Observed(alarm_of(remark, origin=other), notes), source)

    def _tell_unseen(self) -> None:
        followed = {origin for origin, follower in self._followed() if follower.state.checkpoint}
        seen = followed | self._unseen | set(self._here.values())
        unseen = [origin for origin in dict.fromkeys(log.key.name for log in self._policy.logs) if origin not in seen]
        # An address where something else is wrong may be that of one of them: that was told.
        if len(unseen) > len(self._strangers):
            self._unseen.update(unseen)
            alarms = [alarm_of(Remark("log-unseen"), origin=origin) for origin in unseen]
            self._teller.tell([Observed(alarm) for alarm in alarms], Nowhere())

    def _followed(self) -> Iterator[tuple[str, Follower]]:
        """Yield the followers of the logs of the policy: what it does not name any more is nobody's concern."""
        origins = {log.key.name for log in self._policy.logs}
        # A copy: others may begin to follow a log meanwhile.
        return iter([one for one in list(self._followers.items()) if one[0] in origins])

    def _source_of(self, follower: Follower) -> LogSource:
        here = [url for url in self._logs if url in follower.state.urls]
        return self._logs[here[0]] if here else Nowhere()

    def _origin_at(self, url: str) -> str:
        """Return the origin of the log last seen at an address, or which the policy has there; empty if none."""
        seen = [
            origin
            for origin, follower in self._followed()
            if url in follower.state.urls and follower.state.urls[url].code != "origin-changed"
        ]
        meant = [log.key.name for log in self._policy.logs if log.url is not None and log.url.rstrip("/") == url]
        return next(iter(seen + meant), "")

    def _follower(self, state: FollowState) -> Follower:
        return Follower(
            state, self._replayer, self._settings, keeper=self._keeper, teller=self._teller, book=self._book
        )
