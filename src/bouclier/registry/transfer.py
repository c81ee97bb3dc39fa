"""On what basis personal data may go where they go (GDPR chapter V). Pure.

For each state where machines stand, and each from which people with access work (reading from afar is a transfer too):

1. inside the European Economic Area: no transfer;
2. under an adequacy decision in force that day: one for the whole state, or one that covers only whoever holds a
   qualification (such as `dpf`), when the service holds it that day for certain;
3. else with appropriate safeguards (article 46), to be assessed;
4. where nobody says in which state: unknown.

The basis of a transfer is not protection from a law that compels: that is what the exposure tells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from bouclier.registry.free_text import in_both
from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Destination, Transfer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from bouclier.registry.agreed import Registry
    from bouclier.registry.expose_walk import Walked
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.report_model import Basis

_EEA: Final = frozenset({"EU", "EEA"})
_WEAKEST: Final[tuple[Basis, ...]] = ("unknown", "safeguards", "adequacy", "inside")


@dataclass(frozen=True, slots=True)
class Decision:
    """An adequacy decision of the Commission (GDPR article 45).

    Attributes:
        state: Whose law it finds adequate.
        since: First day.
        until: First day on which it no longer holds; None while nobody set one.
        needs: Name of the qualification whoever receives the data must hold; empty when it covers all.
        basis: The decision: a free text.
        source: Where to read it.
    """

    state: str
    since: dt.date
    until: dt.date | None
    needs: str
    basis: str | BilingualText
    source: str

    def in_force(self, day: dt.date) -> bool:
        """Return whether it is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions, and where none is needed.

    Attributes:
        union: Codes of states and territories where data move freely; empty for those of the registry's area.
        adequacy: The decisions.
    """

    union: frozenset[str] = field(default=frozenset())
    adequacy: tuple[Decision, ...] = ()


NO_DECISIONS: Final = Decisions()


def transfer_of(registry: Registry, walked: Walked, decisions: Decisions, day: dt.date) -> Transfer:
    """Return on what basis personal data may be where the subject's machines stand and people reach them.

    Args:
        registry: The facts.
        walked: What a walk found.
        decisions: The adequacy decisions.
        day: The day asked about.
    """
    judge = _Judge(registry, decisions, tuple(walked.asked), day)
    said = {place.state for place in walked.stated}
    stand = said or {place.state for place in walked.places}
    if said and not said <= {place.state for place in walked.places if place.own}:
        stand = said | {place.state for place in walked.places}
    stand |= {place.state for place in walked.places if not place.own and said}
    people = {place.state for place in walked.staff}
    staffed = {name for name in walked.services if registry.services[name].staff}
    own = set(walked.operators) == {SELF}
    machines = [judge.destination(state, "machines") for state in sorted(stand)]
    readers = [judge.destination(state, "people") for state in sorted(people)]
    all_told = bool(walked.services) and staffed == set(walked.services)
    return Transfer(
        machines=_weakest(machines, complete=bool(machines)) if machines or not own else "inside",
        people=_weakest(readers, complete=all_told or own) if readers or not own else "inside",
        destinations=(*machines, *readers),
    )


class _Judge:
    def __init__(self, registry: Registry, decisions: Decisions, services: Sequence[str], day: dt.date) -> None:
        self._day = day
        self._decisions = decisions
        self._union = decisions.union or frozenset[str]().union(
            *(registry.members_on(day, through=treaty) for treaty in _EEA)
        )
        held = [
            {
                fact.name
                for fact in registry.qualifications.get(service, ())
                if fact.status == "held" and holds_on(fact, day, favourable=True)
            }
            for service in services
        ]
        self._held = frozenset[str]().union(*held[:1]).intersection(*held) if held else frozenset[str]()

    def destination(self, state: str, by: Literal["machines", "people"]) -> Destination:
        """Return on what basis data may be in a state."""
        if state in self._union:
            return Destination(state, by, "inside")
        in_force = [one for one in self._decisions.adequacy if one.state == state and one.in_force(self._day)]
        in_force.sort(
            key=lambda one: (bool(one.needs) and one.needs not in self._held, one.since, in_both(one.basis).en)
        )
        if not in_force:
            return Destination(state, by, "safeguards")
        best = in_force[0]
        covered = not best.needs or best.needs in self._held
        basis: Basis = "adequacy" if covered else "safeguards"
        return Destination(state, by, basis, best.basis, best.source, best.needs)


def _weakest(destinations: Iterable[Destination], *, complete: bool) -> Basis:
    found = {destination.basis for destination in destinations}
    if not complete:
        found.add("unknown")
    return next(basis for basis in _WEAKEST if basis in found)
