"""The fleet as the journey uses it: who could serve, how they are now, who waits, and what it all costs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bouclier.fleet import fulfilling
from bouclier.fleet.book_model import Outcome, Why
from bouclier.fleet.waiting import Priority
from bouclier.gateway.asked import means_of
from bouclier.gateway.first_tokens import FirstTokens
from bouclier.gateway.http_errors import DeploymentAnsweredError
from bouclier.terms.errors import (
    BouclierError,
    DeploymentUnavailable,
    LawChanged,
    StreamInterrupted,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from bouclier.terms.law import Load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bouclier.fleet.book import FleetBook
    from bouclier.fleet.ports import Upstream
    from bouclier.gateway.pools import Pools
    from bouclier.gateway.ports import Meter, Spending
    from bouclier.gateway.waiting_room import WaitingRoom
    from bouclier.terms.exchange import Permitted, Placed

LONGEST_MS: Final = 3_600_000
"""An exchange that lasts longer is counted out."""
_SOON_MS: Final = 5_000
"""A deployment that failed, or asked to be left alone, is waited for no longer than this."""
_OVERLOADED: Final = frozenset({429, 503, 529})
_BROKEN: Final = frozenset({401, 402, 404, 405, 407, 408, 425, 500, 502, 504})
"""A revoked key, a model that is gone, a server in trouble: nothing of that is about the content."""
_REFUSALS: Final = ("content_filter", "content_policy", "safety", "moderation")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where an exchange stands between its attempts.

    Attributes:
        conversation: What it belongs to, as the fleet knows it; None for nothing.
        tried: Deployments that failed it, in order.
        waited_ms: How long it has waited for a slot.
        gave_up: Whether it waited in vain, or found the line full, and will wait no more.
    """

    conversation: str | None = None
    tried: tuple[str, ...] = ()
    waited_ms: int = 0
    gave_up: bool = False

    def number(self, exchange_id: str) -> str:
        """Return a name for this attempt of an exchange: each costs what it costs."""
        return f"{exchange_id}.{len(self.tried)}"

    def failed(self, deployment: str) -> Attempt:
        """Return where it stands after a deployment failed it."""
        return replace(self, tried=(*self.tried, deployment))


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the journey needs of the fleet. Built once by the composition root.

    Attributes:
        pools: Deployments by what a request may ask for.
        book: What is known of them.
        upstreams: How each is called, by name.
        line: Where exchanges wait for a slot.
        spending: What applications have spent of their carbon budgets.
        meter: What an exchange costs.
        clock_ms: Milliseconds of a clock that never goes back, and means nothing elsewhere.
        max_attempts: How many deployments an exchange may be sent to.
        patience_ms: How long a first token is waited for while another deployment could be asked; None for ever.
        first_tokens: Who waits for one.
    """

    pools: Pools
    book: FleetBook
    upstreams: Mapping[str, Upstream]
    line: WaitingRoom
    spending: Spending
    meter: Meter
    clock_ms: Callable[[], int]
    max_attempts: int = 3
    patience_ms: int | None = None
    first_tokens: FirstTokens = field(default_factory=FirstTokens)

    def loads_of(self, names: Sequence[str], conversation: str | None, prompt_tokens: int) -> dict[str, Load]:
        """Return what is known of deployments now, by name."""
        now_ms = self.clock_ms()
        loads = self.book.loads(names, now_ms=now_ms, conversation=conversation, prompt_tokens=prompt_tokens)
        for name in names:
            upstream = self.upstreams[name]
            if not upstream.available:
                loads[name] = _LOADING if upstream.state == "loading" else _DOWN
            elif upstream.full:
                loads[name] = _FULL
        return loads

    def begin(self, placed: Placed, attempt: Attempt) -> None:
        """Take a slot for an exchange, and count it with what it may cost at most."""
        received = placed.permitted.inspected.received
        name, now_ms = placed.chosen.deployment.name, self.clock_ms()
        tokens = received.request.tokens
        # Before anything is taken: what cannot be counted takes nothing.
        most = self.meter.before(name, prompt_tokens=tokens, answer_tokens=received.request.answer_tokens)
        self.book.begin(
            name,
            received.exchange_id,
            now_ms=now_ms,
            deadline_ms=now_ms + LONGEST_MS,
            conversation=attempt.conversation,
            prompt_tokens=tokens,
        )
        self.meter.began(name, received.exchange_id)
        self.spending.reserve(attempt.number(received.exchange_id), received.principal.name, most)

    def first_token(self, name: str, exchange_id: str) -> None:
        """Note that an answer begins."""
        self.first_tokens.came(name, exchange_id)
        self.line.freed(self.book.first_token(name, exchange_id, now_ms=self.clock_ms()))

    def end(
        self,
        name: str,
        exchange_id: str,
        outcome: Outcome,
        *,
        tokens: int | None = None,
        code: str = "",
        retry_after_ms: int | None = None,
    ) -> None:
        """Give a slot back, and note how it went: whoever waits for one there is next."""
        self.meter.ended(name, exchange_id, tokens=tokens)
        free = self.book.end(
            name,
            exchange_id,
            now_ms=self.clock_ms(),
            outcome=outcome,
            tokens=tokens,
            code=code,
            retry_after_ms=retry_after_ms,
        )
        self.line.freed(free)

    async def waited(self, permitted: Permitted, attempt: Attempt) -> Attempt | None:
        """Wait until a permitted deployment may take the exchange, or in vain; None if none is worth waiting for."""
        received, began_ms = permitted.inspected.received, self.clock_ms()
        most_ms = self.line.wait_ms if received.max_wait_ms is None else min(received.max_wait_ms, self.line.wait_ms)
        left_ms = most_ms - attempt.waited_ms
        awaited = frozenset(
            verdict.deployment.name
            for verdict in fulfilling(permitted.candidates, means_of(received))
            if verdict.deployment.name not in attempt.tried
            and self._is_worth_waiting(permitted.loads[verdict.deployment.name], verdict.deployment.name)
        )
        if not awaited or left_ms <= 0 or attempt.gave_up:
            return None
        priority = Priority[received.priority.upper()]
        came = await self.line.wait(
            received.exchange_id, awaited, priority=priority, arrived_ms=began_ms - attempt.waited_ms, left_ms=left_ms
        )
        waited_ms = attempt.waited_ms + self.clock_ms() - began_ms
        return replace(attempt, waited_ms=waited_ms, gave_up=not came)

    def _is_worth_waiting(self, load: Load, name: str) -> bool:
        """Tell whether a deployment that takes nothing now may soon: a slot comes free, a pause ends."""
        if load.available or load.why in {Why.FULL, Why.LOADING}:
            return True
        opens_in_ms = self.book.opens_in_ms(name, now_ms=self.clock_ms())
        if opens_in_ms is None:
            return load.why == Why.BREAKER  # another exchange is trying it just now
        return opens_in_ms <= _SOON_MS

    @property
    def retry_after_s(self) -> int:
        """When somebody who cannot be served now should come again, seconds."""
        return max(1, -(-self.line.retry_after_ms // 1000))


_DOWN: Final = Load(available=False, why=Why.DOWN)
_LOADING: Final = Load(available=False, why=Why.LOADING)
_FULL: Final = Load(available=False, why=Why.FULL)


def outcome_of(error: BouclierError) -> Outcome:
    """Return what an error says of the deployment."""
    if isinstance(error, DeploymentAnsweredError):
        if _refuses_content(error) or error.upstream_status not in _OVERLOADED | _BROKEN:
            return Outcome.REFUSED
        return Outcome.OVERLOADED if error.upstream_status in _OVERLOADED else Outcome.FAILED
    if isinstance(error, UpstreamTimeout):
        return Outcome.TIMED_OUT
    if isinstance(error, DeploymentUnavailable):
        return Outcome.OVERLOADED  # it says itself that it cannot just now: loading, or full
    return Outcome.FAILED if isinstance(error, UpstreamError) else Outcome.LEFT


def outcome_of_ending(ending: str) -> Outcome:
    """Return what the end of an answer that had begun says of the deployment."""
    return _ENDINGS.get(ending, Outcome.FAILED)


def ending_of(error: BouclierError) -> str:
    """Return how an answer is recorded that a deployment ended by saying itself that something went wrong."""
    return CONTENT_REFUSED if outcome_of(error) is Outcome.REFUSED else error.code


CONTENT_REFUSED: Final = "content-refused"


_ENDINGS: Final = {
    "complete": Outcome.SERVED,
    "caller-gone": Outcome.LEFT,
    LawChanged.code: Outcome.LEFT,
    CONTENT_REFUSED: Outcome.REFUSED,
    UpstreamTimeout.code: Outcome.TIMED_OUT,
}


def retry_after_of(error: BouclierError) -> int | None:
    """Return how long a deployment asked to be left alone, milliseconds, if it said so in seconds."""
    said = error.retry_after if isinstance(error, DeploymentAnsweredError) else None
    return int(said) * 1000 if said is not None and said.isascii() and said.isdigit() and len(said) < _DIGITS else None


_DIGITS: Final = 6


def may_fall_back(error: BouclierError) -> bool:
    """Tell whether another deployment may be asked: never after a refusal of the content, whoever refused it."""
    if isinstance(error, DeploymentAnsweredError):
        return error.upstream_status in _OVERLOADED | _BROKEN and not _refuses_content(error)
    return isinstance(error, _FALLS_BACK)


_FALLS_BACK: Final = (
    UpstreamUnreachable,
    UpstreamTimeout,
    DeploymentUnavailable,
    StreamInterrupted,
    UpstreamProtocolError,
    LawChanged,
)


def _refuses_content(error: DeploymentAnsweredError) -> bool:
    """Tell whether a deployment's own words say that it is the content it will not have, whatever its status says."""
    said = error.said or {}
    words = f"{said.get('code')} {said.get('type')}".lower()
    return any(word in words for word in _REFUSALS)
