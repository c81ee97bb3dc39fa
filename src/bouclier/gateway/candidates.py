"""Which deployments an exchange could run on, what the law says of them, and what is known of them now.

Deployments are looked at from the cheapest on (`fleet.placement`), a few at a time, until none that is left could cost
less than one that can serve: a fleet of hundreds costs hardly more than one of ten, and the choice is the same. Nothing
here waits: what is known of the loads is still so when the choice is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bouclier.fleet import costed, costs, fulfilling
from bouclier.gateway.asked import means_of
from bouclier.gateway.facts import day_of
from bouclier.terms.exchange import Permitted
from bouclier.terms.law import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.fleet.placement import Cost
    from bouclier.gateway.fleet import Attempt
    from bouclier.gateway.rooms import Rooms
    from bouclier.gateway.ruling import Ruling
    from bouclier.terms.exchange import Inspected
    from bouclier.terms.law import Load, Verdict

AT_ONCE: Final = 16
MAX_LOOKED: Final = 128
"""Deployments the charter is asked about for the sake of spares alone."""
MAX_LISTED: Final = 64
"""What a decision names: with more, its entry would not fit the log."""


def weigh(inspected: Inspected, ruling: Ruling, rooms: Rooms, attempt: Attempt) -> Permitted:
    """Return what the law permits of the deployments that could serve, as far as it had to be asked.

    Raises:
        UnknownModelError: Nothing here has the name that was asked for.
        CharterError: The charter cannot answer.
    """
    received, law, fleet = inspected.received, ruling.law, rooms.fleet
    budget = fleet.spending.stage(received.principal.name)
    # The day is that of this attempt: facts end at midnight, however long an exchange has waited.
    case = law.refine(replace(inspected.case, day=day_of(rooms.held_clock_ms())))
    pool = fleet.pools.of(received.request.model, budget, registry=law.stamp.registry, day=case.day)
    if ruling.own_only:
        pool = tuple(ranked for ranked in pool if ranked.deployment.own)
    terms = Terms(exchange=received.exchange_id, weights=fleet.pools.weights, budget=budget, tried=attempt.tried)
    means = means_of(received)
    permitted: list[Verdict] = []
    refused: list[Verdict] = []
    loads: dict[str, Load] = {}
    cheapest: Cost | None = None
    able_so_far = 0
    for start in range(0, len(pool), AT_ONCE):
        batch = [ranked.deployment for ranked in pool[start : start + AT_ONCE]]
        found: list[Verdict] = []
        for verdict in law.decide_all(case, batch):
            (found if verdict.permitted else refused).append(verdict)
        loads |= fleet.loads_of([one.name for one in batch], attempt.conversation, received.request.tokens)
        permitted += found
        if start + AT_ONCE < len(pool):
            able = costs(fulfilling(found, means), loads, terms)
            able_so_far += len(able)
            cheapest = min(able if cheapest is None else (cheapest, *able), default=None)
            looked = start + AT_ONCE >= MAX_LOOKED or able_so_far > fleet.max_attempts
            if cheapest is not None and looked and cheapest <= pool[start + AT_ONCE].least:
                break  # and there is somewhere to go if it fails, or it was looked for
    kept = _listed(permitted, loads, terms)
    return Permitted(
        inspected=inspected,
        case=case,
        law=law.stamp,
        warnings=law.warnings,
        candidates=kept,
        refused=tuple(refused[: MAX_LISTED - len(kept)]),
        loads=loads,
        terms=terms,
        considered=len(pool),
        waited_ms=attempt.waited_ms,
    )


def _listed(permitted: list[Verdict], loads: Mapping[str, Load], terms: Terms) -> tuple[Verdict, ...]:
    """Return what a decision names of the permitted: all of them, or those that can serve first."""
    if len(permitted) <= MAX_LISTED:
        return tuple(permitted)
    able = [one.verdict for one in costed(permitted, loads, terms)]
    named = {verdict.deployment.name for verdict in able}
    others = [verdict for verdict in permitted if verdict.deployment.name not in named]
    return tuple((*able, *others)[:MAX_LISTED])
