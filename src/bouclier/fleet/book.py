"""What this gateway knows of its deployments now: breaker, measures, exchanges in flight, announcements, hearsay.

One book per gateway. Its methods are synchronous and take microseconds; time is an argument (`now_ms`, one monotonic
clock) and there is no randomness. Rules kept here:

- `begin` takes the place it is asked for, or says no: between a `load` and a `begin` others may have come.
- What is in flight leaves by `end` or at its deadline, whichever comes first; an `end` for what is not there changes
  nothing but what the outcome says of the deployment.
- Whoever waits for a deployment is told by what the methods return: the names that can take an exchange since then.
  Time frees too: `opens_in_ms` says when to look again.
- Nothing is written and nothing is asked over a network here: see `adapters/prober.py` and `FleetShare`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.fleet.affinity import Affinity
from bouclier.fleet.book_model import Outcome, Shared, SharedDeployment, Standing, State, Why
from bouclier.fleet.breaker import Opened
from bouclier.fleet.estimates import Typical
from bouclier.fleet.in_flight import Member
from bouclier.fleet.known import Known, least
from bouclier.terms.law import Load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.fleet.book_model import Announcement, DeploymentSettings, FleetSettings, Probe

Names = tuple[str, ...]
_TYPICAL_PROMPT_TOKENS = 500
_NONE: Final[Names] = ()
LONGEST_LEASE_MS: Final = 60_000


class FleetBook:
    """The state of a fleet, as one gateway knows it."""

    def __init__(self, deployments: Mapping[str, DeploymentSettings], settings: FleetSettings) -> None:
        """Begin with nothing known but what is configured.

        Args:
            deployments: By name: all that may be asked about.
            settings: What holds for all of them.
        """
        typical = Typical(settings.half_life_ms)
        self._known = {name: Known(name, own, settings, typical) for name, own in deployments.items()}
        self._affinity = Affinity(limit=settings.conversations, forget_ms=settings.conversation_ms)

    # For the journey -------------------------------------------------------------------------------------------------

    def load(self, name: str, *, now_ms: int, conversation: str | None = None, prompt_tokens: int = 0) -> Load:
        """Return what a placement may know of a deployment.

        Args:
            name: The deployment's; one of those the book was made with.
            now_ms: Now.
            conversation: The conversation of the exchange to place, if any.
            prompt_tokens: Length of its prompt.
        """
        return self.loads((name,), now_ms=now_ms, conversation=conversation, prompt_tokens=prompt_tokens)[name]

    def loads(
        self, names: Iterable[str], *, now_ms: int, conversation: str | None = None, prompt_tokens: int = 0
    ) -> dict[str, Load]:
        """Return what a placement may know of several deployments, by name; see `load`."""
        last = None if conversation is None else self._affinity.last(conversation, now_ms=now_ms)
        warm = None if last is None else last[0]
        held = 0 if last is None else min(last[1], prompt_tokens)
        return {name: _load(self._known[name], now_ms, prompt_tokens, held if name == warm else 0) for name in names}

    def begin(
        self,
        name: str,
        exchange_id: str,
        *,
        now_ms: int,
        deadline_ms: int,
        conversation: str | None = None,
        prompt_tokens: int = 0,
    ) -> bool:
        """Take a place for an exchange; False, and nothing is taken, if it cannot have one any more.

        One that has a place there keeps it, as told anew.

        Args:
            name: The deployment's.
            exchange_id: The exchange's.
            now_ms: Now.
            deadline_ms: When, on the same clock, it is counted out even if nobody says that it ended.
            conversation: The conversation it belongs to, if any.
            prompt_tokens: Length of its prompt.
        """
        known = self._known[name]
        refused = known.refuses(now_ms)
        has_place = known.flight.remove(exchange_id) is not None
        if refused and not has_place:
            return False
        held = 0 if conversation is None else self._held(name, conversation, prompt_tokens, now_ms)
        before = known.ahead(now_ms, known.here(now_ms))
        if not has_place:
            known.breaker.begins(exchange_id)
        known.flight.add(exchange_id, Member(now_ms, deadline_ms, conversation, prompt_tokens, held, before))
        return True

    def first_token(self, name: str, exchange_id: str, *, now_ms: int) -> Names:
        """Take note that an answer began. To be called for answers that stream: another one begins at its end.

        Returns:
            The deployment, if that shows that it can take exchanges again.
        """
        known = self._known[name]
        member = known.flight.get(exchange_id)
        if member is None or member.first_ms is not None:
            return _NONE
        known.flight.began(exchange_id, now_ms)
        known.estimates.began(
            prompt_tokens=member.prompt_tokens,
            held_tokens=member.held_tokens,
            ahead=member.before,
            took_ms=now_ms - member.begun_ms,
            now_ms=now_ms,
        )
        closed = known.breaker.answers(exchange_id, begun_ms=member.begun_ms)
        return self._free((known,), now_ms) if closed else _NONE

    def end(
        self,
        name: str,
        exchange_id: str,
        *,
        now_ms: int,
        outcome: Outcome,
        tokens: int | None = None,
        code: str = "",
        retry_after_ms: int | None = None,
    ) -> Names:
        """Give an exchange's place back, and take note of how it ended.

        Args:
            name: The deployment's.
            exchange_id: The exchange's.
            now_ms: Now.
            outcome: How it ended.
            tokens: How many tokens it wrote, if known.
            code: What a bad outcome is called, such as an error's code.
            retry_after_ms: How long an overloaded deployment asked to be left alone, if it said so.

        Returns:
            The deployment, if it can take an exchange now.
        """
        known = self._known[name]
        known.settle(now_ms)
        member = known.flight.remove(exchange_id)
        begun_ms = member.begun_ms if member is not None else now_ms
        known.breaker.ended(
            exchange_id, outcome, begun_ms=begun_ms, now_ms=now_ms, code=code, retry_after_ms=retry_after_ms
        )
        if outcome is Outcome.SERVED:
            known.served += 1
        elif outcome in {Outcome.FAILED, Outcome.TIMED_OUT}:
            known.failed += 1
        if member is not None:
            self._measure(known, member, outcome, tokens, now_ms)
        return self._free((known,), now_ms)

    # For whoever asks around -----------------------------------------------------------------------------------------

    def probed(self, name: str, probe: Probe, *, now_ms: int) -> Names:
        """Take note of what a deployment answered when asked how it is; returns it if it can take an exchange now."""
        known = self._known[name]
        known.settle(now_ms)
        known.breaker.probed(alive=probe.alive, code=probe.code, now_ms=now_ms)
        if probe.alive:  # a silent one takes back nothing of what it said: its breaker has the news
            known.probe, known.probed_at = probe, now_ms
            known.limit = least(known.settings.slots, probe.slots)
        return self._free((known,), now_ms)

    def gone(self, name: str, *, now_ms: int) -> bool:
        """Tell whether a deployment has been silent for so long that nobody should wait for a first token there."""
        return self._known[name].breaker.gone(now_ms)

    def takes(self, name: str, *, now_ms: int) -> bool:
        """Tell whether a deployment can take an exchange now."""
        return not self._known[name].refuses(now_ms)

    def announce(self, announcement: Announcement, *, now_ms: int) -> Names:
        """Take note of what an operator announces; returns those concerned that can take an exchange now.

        Names that this gateway does not have, or not at that site, are another gateway's business.
        """
        concerned = [
            known
            for known in self._known.values()
            if known.settings.site == announcement.site
            and (not announcement.deployments or known.name in announcement.deployments)
        ]
        for known in concerned:
            known.announced = announcement
            known.announced_until = None if announcement.for_ms is None else now_ms + announcement.for_ms
        return self._free(concerned, now_ms)

    def hear(self, gateway_id: str, shared: Shared, *, now_ms: int) -> Names:
        """Take note of what another gateway tells; returns those that can take an exchange now."""
        lease_ms = min(shared.lease_ms, LONGEST_LEASE_MS)  # whoever says more is not believed for longer
        for name, known in self._known.items():
            told = shared.deployments.get(name)
            known.flight.hear(gateway_id, told.in_flight if told else 0, until_ms=now_ms + lease_ms)
            open_ms, hold_ms = (told.open_ms, told.hold_ms) if told is not None else (0, 0)
            known.breaker.heard(gateway_id, open_ms=open_ms, hold_ms=hold_ms, now_ms=now_ms)
        return self._free(self._known.values(), now_ms)

    def shared(self, *, now_ms: int) -> Shared:
        """Return what the other gateways should know: what this one sees itself, never what it heard."""
        told = {}
        for name, known in self._known.items():
            known.settle(now_ms)
            open_ms, hold_ms = known.breaker.own_blocks(now_ms)
            if len(known.flight) or open_ms or hold_ms:
                told[name] = SharedDeployment(len(known.flight), open_ms, hold_ms)
        return Shared(told)

    # For people, metrics and timers ----------------------------------------------------------------------------------

    def opens_in_ms(self, name: str, *, now_ms: int) -> int | None:
        """How long until time alone may let a deployment take an exchange.

        Returns:
            0 if it can now; None if time alone changes nothing: it waits for an exchange to end, a probe, its operator.
        """
        known = self._known[name]
        why = known.refuses(now_ms)
        if not why:
            return 0
        expiry = known.flight.next_expiry()
        if why == Why.FULL:
            return None if expiry is None else max(1, expiry - now_ms)
        waits = known.breaker.opens_in_ms(now_ms)
        standing = known.standing(now_ms)
        if standing is not None and known.announced_until is not None and standing.state is Standing.DRAINING:
            waits = max(waits, known.announced_until - now_ms)
        return waits or None

    def state(self, name: str, *, now_ms: int) -> State:
        """Return how a deployment is, for people."""
        known = self._known[name]
        known.settle(now_ms)
        slots, breaker = known.slots(now_ms), known.breaker
        standing = known.standing(now_ms)
        draining = standing is not None and standing.state is Standing.DRAINING
        until = known.announced_until
        models = known.probe.models if known.probe is not None else None
        untouched = known.probe is None and not breaker.outcomes and not len(known.flight)
        rested = "down" if breaker.opened_by is Opened.PROBES else "trial"
        rested = "ready" if breaker.opened_by is None else rested
        return State(
            word=known.refuses(now_ms) or ("unknown" if untouched and rested == "ready" else rested),
            in_flight=len(known.flight),
            elsewhere=known.flight.elsewhere(now_ms),
            slots=slots,
            wait_ms=known.estimates.wait_ms(
                prompt_tokens=_TYPICAL_PROMPT_TOKENS,
                held_tokens=0,
                ahead=known.ahead(now_ms, known.here(now_ms)),
                slots=slots,
                now_ms=now_ms,
            ),
            token_us=known.estimates.token_us,
            breaker=breaker.word(now_ms),
            retry_in_ms=breaker.opens_in_ms(now_ms),
            failure=breaker.failure,
            failure_age_ms=None if breaker.failure_at is None else now_ms - breaker.failure_at,
            draining=draining,
            drained_for_ms=until - now_ms if draining and until is not None else None,
            listed=None if models is None or not known.settings.model else known.settings.model in models,
            served=known.served,
            failed=known.failed,
        )

    def states(self, *, now_ms: int) -> dict[str, State]:
        """Return how each deployment is, by name."""
        return {name: self.state(name, now_ms=now_ms) for name in self._known}

    # ------------------------------------------------------------------------------------------------------------------

    def _held(self, name: str, conversation: str, prompt_tokens: int, now_ms: int) -> int:
        """How many tokens of a prompt the deployment may hold: those it served the conversation last with."""
        last = self._affinity.last(conversation, now_ms=now_ms)
        return min(last[1], prompt_tokens) if last is not None and last[0] == name else 0

    def _measure(self, known: Known, member: Member, outcome: Outcome, tokens: int | None, now_ms: int) -> None:
        took_ms = now_ms - member.begun_ms
        first_ms = member.first_ms
        if first_ms is None and outcome in {Outcome.SERVED, Outcome.TIMED_OUT, Outcome.LEFT}:
            self._bound(known, member, outcome, took_ms, now_ms)
        if outcome is not Outcome.SERVED:
            return
        writing_ms = None if first_ms is None else now_ms - first_ms
        known.estimates.ended(took_ms=took_ms, writing_ms=writing_ms, tokens=tokens)
        if member.conversation is not None:
            holds = member.prompt_tokens + (tokens or 0)
            self._affinity.served(member.conversation, known.name, tokens=holds, now_ms=now_ms)

    def _bound(self, known: Known, member: Member, outcome: Outcome, took_ms: int, now_ms: int) -> None:
        """The first token was not seen: at the latest at the end, if there was one; later than that, if there was none.

        Either way it is news only if more, or less, was expected.
        """
        expected_ms = known.estimates.wait_ms(
            prompt_tokens=member.prompt_tokens,
            held_tokens=member.held_tokens,
            ahead=member.before,
            slots=None,
            now_ms=now_ms,
        )
        news = took_ms < expected_ms if outcome is Outcome.SERVED else took_ms > expected_ms
        if news:
            known.estimates.began(
                prompt_tokens=member.prompt_tokens,
                held_tokens=member.held_tokens,
                ahead=member.before,
                took_ms=took_ms,
                now_ms=now_ms,
            )

    def _free(self, concerned: Iterable[Known], now_ms: int) -> Names:
        free = tuple(known.name for known in concerned if not known.refuses(now_ms))
        return free or _NONE


def _load(known: Known, now_ms: int, prompt_tokens: int, held: int) -> Load:
    flight = known.flight
    if now_ms >= flight.earliest:
        known.settle(now_ms)
    slots = known.limit if known.announced is None else known.slots(now_ms)
    here = known.here(now_ms)
    why = known.why_not(now_ms, slots, here)
    ahead = here if known.probe is None else known.ahead(now_ms, here)
    wait_ms = known.estimates.wait_ms(
        prompt_tokens=prompt_tokens, held_tokens=held, ahead=ahead, slots=slots, now_ms=now_ms
    )
    return Load(ahead, not why, slots, wait_ms, held > 0, why)
