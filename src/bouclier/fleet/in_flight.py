"""Exchanges a deployment works on, as members of a set that each leave by themselves at a deadline.

A counter that is incremented and decremented is wrong for ever after one crash between the two; a member that expires
is wrong until its deadline at most. Counts of other gateways are leased in the same way. Time is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEVER = 1 << 62


class Member(NamedTuple):
    """An exchange in flight.

    Attributes:
        begun_ms: When it began.
        deadline_ms: When it is counted out, if nobody said that it ended.
        conversation: The conversation it belongs to, if any.
        prompt_tokens: Length of its prompt.
        held_tokens: How many of them the deployment may hold already.
        before: Exchanges that were there when it began.
        first_ms: When its answer began; None if it did not yet.
    """

    begun_ms: int
    deadline_ms: int
    conversation: str | None
    prompt_tokens: int
    held_tokens: int
    before: int
    first_ms: int | None = None


class InFlight:
    """The exchanges of one deployment: ours by name, others' by count.

    Attributes:
        earliest: Nobody is to be counted out before; may be too early after a removal, never too late.
    """

    __slots__ = ("_elsewhere", "_elsewhere_until", "_members", "earliest")

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self.earliest = _NEVER
        self._elsewhere: dict[str, tuple[int, int]] = {}
        self._elsewhere_until = _NEVER

    def add(self, exchange_id: str, member: Member) -> None:
        """Count an exchange; one that is counted already is counted once, as told last."""
        self._members[exchange_id] = member
        self.earliest = min(self.earliest, member.deadline_ms)

    def get(self, exchange_id: str) -> Member | None:
        """Return an exchange that is counted."""
        return self._members.get(exchange_id)

    def began(self, exchange_id: str, now_ms: int) -> None:
        """Take note that an answer began."""
        self._members[exchange_id] = self._members[exchange_id]._replace(first_ms=now_ms)

    def remove(self, exchange_id: str) -> Member | None:
        """Count an exchange no more; None if it was not, or not any more."""
        return self._members.pop(exchange_id, None)

    def expired(self, now_ms: int) -> Iterable[str]:
        """Count out, and return, the exchanges whose deadline has passed."""
        if now_ms < self.earliest:
            return ()
        gone = [name for name, member in self._members.items() if member.deadline_ms <= now_ms]
        for name in gone:
            del self._members[name]
        self.earliest = min((member.deadline_ms for member in self._members.values()), default=_NEVER)
        return gone

    def __len__(self) -> int:
        return len(self._members)

    def hear(self, gateway: str, count: int, *, until_ms: int) -> None:
        """Count another gateway's exchanges until a moment, instead of what it told before."""
        if count > 0:
            self._elsewhere[gateway] = (count, until_ms)
            self._elsewhere_until = min(self._elsewhere_until, until_ms)
        else:
            self._elsewhere.pop(gateway, None)

    def next_expiry(self) -> int | None:
        """Return when one of them may be counted out, at the earliest; None if none will."""
        until = min(self.earliest, self._elsewhere_until)
        return until if until < _NEVER else None

    def elsewhere(self, now_ms: int) -> int:
        """How many exchanges of other gateways are there, as far as they told lately."""
        elsewhere = self._elsewhere
        if not elsewhere:
            return 0
        if now_ms >= self._elsewhere_until:
            self._elsewhere = elsewhere = {name: told for name, told in elsewhere.items() if told[1] > now_ms}
            self._elsewhere_until = min((until for _, until in elsewhere.values()), default=_NEVER)
        return sum(count for count, _ in elsewhere.values())
