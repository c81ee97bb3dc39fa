"""Many logs: what each address publishes is verified, and handed to the follower of the log it is of.

One log may be given at several addresses; they share a follower, so that two histories shown at two of them meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.monitor.alarm import CODES, Remark, Severity, alarm_of
from bouclier.oversight.monitor.follow import Follower, FollowState, Published, Untrusted, published_at, trouble_of
from bouclier.oversight.monitor.ports import LogUnreachableError, Observed
from bouclier.tlog import TileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.oversight.monitor.ports import Keeper, LogSource, Teller
    from bouclier.oversight.monitor.replay import Replayer
    from bouclier.oversight.monitor.watch import WatchSettings
    from bouclier.tlog import WitnessPolicy


class Monitor:
    """Follows the logs at some addresses."""

    def __init__(
        self,
        logs: Mapping[str, LogSource],
        *,
        policy: WitnessPolicy,
        replayer: Replayer,
        settings: WatchSettings,
        states: Iterable[FollowState],
        keeper: Keeper,
        teller: Teller,
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
        """
        self._logs = logs
        self._policy = policy
        self._replayer = replayer
        self._settings = settings
        self._keeper = keeper
        self._teller = teller
        self._followers = {state.origin: self._follower(state) for state in states}
        self._strangers: dict[str, Observed] = {}  # troubles at addresses whose log is not known yet

    @property
    def is_troubled(self) -> bool:
        """Whether something is wrong now with one of these logs: their trees, their addresses or their silence."""
        severities = [CODES[trouble.alarm.code][0] for trouble in self._strangers.values()]
        return Severity.ALARM in severities or any(one.is_troubled for one in self._followed().values())

    def look(self, *, now_s: int) -> None:
        """Look at every address once, read what is new, and tell what is wrong.

        Args:
            now_s: The monitor's clock, seconds since 1970-01-01 UTC.

        Raises:
            StorageError: What was read cannot be remembered.
        """
        for url, source in self._logs.items():
            self._look_at(url, source, now_s)
        for url, follower in self._followed().items():
            follower.listen(self._logs[url], now_s=now_s)

    def states(self) -> list[FollowState]:
        """Return what is remembered of the logs at these addresses."""
        return [follower.state for follower in self._followed().values()]

    def _look_at(self, url: str, source: LogSource, now_s: int) -> None:
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
        if origin not in self._followers:
            self._followers[origin] = self._follower(FollowState(origin))
        self._followers[origin].look(url, source, published, now_s=now_s)

    def _trouble(self, url: str, source: LogSource, origin: str, remark: Remark, note: bytes) -> None:
        observed = Observed(alarm_of(remark, origin=origin), (note,) if note else ())
        follower = self._followers.get(origin)
        if follower is not None:
            follower.troubled(url, observed, source)
            return
        before = self._strangers.get(url)
        self._strangers[url] = observed
        if before is None or before.alarm.key != observed.alarm.key:
            self._teller.tell([observed], source)

    def _followed(self) -> dict[str, Follower]:
        """Return the followers of the logs at these addresses, each once, with one of its addresses."""
        followed: dict[str, Follower] = {}
        for origin, follower in self._followers.items():
            here = [url for url in self._logs if url in follower.state.urls]
            if here and origin:
                followed[here[0]] = follower
        return followed

    def _origin_at(self, url: str) -> str:
        """Return the origin of the log last seen at an address; empty if none was."""
        seen = [origin for origin, follower in self._followers.items() if url in follower.state.urls]
        return seen[0] if seen else ""

    def _follower(self, state: FollowState) -> Follower:
        return Follower(state, self._replayer, self._settings, keeper=self._keeper, teller=self._teller)
