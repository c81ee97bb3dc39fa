"""Which foreign laws have a hold on whom a walk found, and how surely. Pure.

Of an entity that can reach the data, or controls one that can:

1. its **seat** in a foreign state brings that whole state's law (`law-of-XX`), named or not, and its laws by seat. Of
   who only controls, the trigger is `control`: laws by control are established, laws by seat alone contested, since
   whether the parent must hand over what its subsidiary holds is what such laws do not say;
2. its **listing** in a foreign state is contested, and no more;
3. a **stated** reach is as sure as its fact says.

Of the subject: **machines** in a foreign state, and **people** there with access, bring its whole law and its laws by
hosting or staff. Where whoever asks says in which of its states a service runs, the others are contested. Where nobody
says and some of its states are of the area, a foreign one is one in which machines *may* stand: it counts as any other,
and its last step (`may-stand-in`) says that it is open.

A law counts from the first day it may have been in force to the last; that nobody verified it takes nothing away. Laws
of the legal area are not foreign: only their states are noted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.model import IMPLICIT_LAW, Certainty
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Node, Path, Reached, Step, Unknown, Way

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    from bouclier.registry.expose_walk import Place, Walked
    from bouclier.registry.model import Entity, Law, Registry
    from bouclier.registry.report_model import Trigger

_SURE: Final = Certainty.ESTABLISHED
_DISPUTED: Final = Certainty.CONTESTED


class Laws:
    """The foreign laws of a registry that may be in force at one day."""

    def __init__(self, registry: Registry, day: dt.date) -> None:
        """Sort them by state.

        Args:
            registry: The facts.
            day: The day asked about.
        """
        self.in_force: dict[str, Law] = {}
        self._by_state: defaultdict[str, list[Law]] = defaultdict(list)
        for name, law in sorted(registry.laws.items()):
            if law.jurisdiction not in registry.members and holds_on(law, day, favourable=False):
                self.in_force[name] = law
                self._by_state[law.jurisdiction].append(law)

    def of(self, state: str, trigger: Trigger) -> list[Law]:
        """Return the laws of a state that reach by one trigger."""
        return [law for law in self._by_state.get(state, ()) if trigger in law.triggers]


class Hit(NamedTuple):
    """That a law has a hold on somebody, before the best of them are chosen.

    Attributes:
        law: Its id.
        state: Whose law it is.
        certainty: How sure.
        trigger: By what.
        path: From the subject to whom it has a hold on.
        step: From there to the state.
    """

    law: str
    state: str
    certainty: Certainty
    trigger: Trigger
    path: Path | None
    step: Step


class Laying:
    """Laws laid over what a walk found: `hits`, in the order of the walk, and the states of the legal area met."""

    def __init__(self, registry: Registry, walked: Walked, laws: Laws, day: dt.date) -> None:
        """Lay them.

        Args:
            registry: The facts.
            walked: What was found.
            laws: The laws in force.
            day: The day asked about.
        """
        self._registry = registry
        self._walked = walked
        self._laws = laws
        self._day = day
        self.home: set[str] = set()
        self.hits: list[Hit] = []
        for hit in self._all():
            if hit.state in registry.members:
                self.home.add(hit.state)
            else:
                self.hits.append(hit)

    def reached(self) -> tuple[Reached, ...]:
        """Return each law once for each trigger: the surest first, and of those the nearest."""
        groups = defaultdict[tuple[str, str], list[Hit]](list)
        for hit in self.hits:
            groups[hit.law, hit.trigger].append(hit)
        found = [_best(hits) for hits in groups.values()]
        return tuple(
            sorted(found, key=lambda one: (one.certainty is not _SURE, one.jurisdiction, one.law, one.trigger))
        )

    def unverified(self) -> Iterator[Unknown]:
        """Yield the laws that reach and of which nobody verified that they are still in force."""
        for name in {hit.law for hit in self.hits}:
            law = self._laws.in_force.get(name)
            if law is not None and law.status == "unverified":
                yield Unknown("status", name, law.title.en)

    def _all(self) -> Iterator[Hit]:
        holding = self._walked.operators.keys() | self._walked.suppliers.keys()
        for name, path in self._walked.entities.items():
            fact = self._registry.entities.get(name)
            if fact is not None:
                yield from self._of_entity(fact, path, holds_data=name in holding)
            yield from self._stated(Node("entity", name, fact.name if fact is not None else name), path)
        for name, path in self._walked.services.items():
            yield from self._stated(Node("service", name, self._registry.services[name].name), path)
        yield from self._of_machines()
        for place in self._walked.staff:
            yield from self._of_place(place, Way.STAFF_IN, "staff", _SURE)

    def _of_entity(self, entity: Entity, path: Path | None, *, holds_data: bool) -> Iterator[Hit]:
        node = Node("entity", entity.id, entity.name)
        if entity.seat is not None and entity.kind != "dispersed":
            state = entity.seat
            step = Step(node, _state(state), Way.SEAT, (entity,))
            trigger: Trigger = "seat" if holds_data else "control"
            yield Hit(f"{IMPLICIT_LAW}{state}", state, _SURE, trigger, path, step)
            by_control = self._laws.of(state, "control")
            for law in by_control:
                named: Trigger = "seat" if holds_data and "seat" in law.triggers else "control"
                yield Hit(law.id, state, _SURE, named, path, step)
            for law in self._laws.of(state, "seat"):
                if law not in by_control:
                    yield Hit(law.id, state, _SURE if holds_data else _DISPUTED, "seat", path, step)
        for state in sorted(set(entity.listed_in)):
            step = Step(node, _state(state), Way.LISTED_IN, (entity,))
            if state not in self._registry.members:  # a listing inside the area is no seat: nothing to note
                yield from self._whole(state, "listing", _DISPUTED, path, step)

    def _stated(self, node: Node, path: Path | None) -> Iterator[Hit]:
        for reach in self._registry.reaches.get(node.id, ()):
            if not holds_on(reach, self._day, favourable=False):
                continue
            if reach.law.startswith(IMPLICIT_LAW):
                state = reach.law.removeprefix(IMPLICIT_LAW)
            elif reach.law in self._laws.in_force:
                state = self._laws.in_force[reach.law].jurisdiction
            else:
                continue  # out of force that day, or a law of the legal area
            step = Step(node, _state(state), Way.STATED, (reach,), reach.through)
            yield Hit(reach.law, state, reach.certainty, "stated", path, step)

    def _of_machines(self) -> Iterator[Hit]:
        walked = self._walked
        own = {place.state for place in walked.places if place.own}
        said = {place.state for place in walked.stated}
        for place in walked.stated:
            yield from self._of_place(place, Way.STANDS_IN, "hosting", _SURE)
        for place in walked.places:
            if not place.own or not said:
                way = way_of_place(place, own, self._registry.members)
                yield from self._of_place(place, way, "hosting", _SURE)
            elif place.state not in said:
                # What is said agrees with what is known, or both count in full.
                sure = _DISPUTED if said <= own else _SURE
                yield from self._of_place(place, Way.ALSO_STANDS_IN, "hosting", sure)

    def _of_place(self, place: Place, way: Way, trigger: Trigger, certainty: Certainty) -> Iterator[Hit]:
        step = Step(place.node, _state(place.state), way, place.facts)
        yield from self._whole(place.state, trigger, certainty, place.path, step)

    def _whole(
        self, state: str, trigger: Trigger, certainty: Certainty, path: Path | None, step: Step
    ) -> Iterator[Hit]:
        yield Hit(f"{IMPLICIT_LAW}{state}", state, certainty, trigger, path, step)
        for law in self._laws.of(state, trigger):
            yield Hit(law.id, state, certainty, trigger, path, step)


def _best(hits: list[Hit]) -> Reached:
    """Return the surest and nearest of the ways in which one law reaches by one trigger, naming the others."""
    best = min(hits, key=_farness)
    chain = (*(best.path.steps() if best.path is not None else ()), best.step)
    others = {hit.step.begin.id for hit in hits} - {best.step.begin.id}
    return Reached(best.law, best.state, best.certainty, best.trigger, chain, tuple(sorted(others)))


def _farness(hit: Hit) -> tuple[bool, bool, int]:
    return hit.certainty is not _SURE, hit.step.way is Way.MAY_STAND_IN, hit.path.length if hit.path is not None else 0


def way_of_place(place: Place, own: Collection[str], members: Collection[str]) -> Way:
    """Return whether machines stand in a place that facts tell, or only may.

    Args:
        place: The place.
        own: The states in which the subject has machines by the facts.
        members: The states of the legal area.
    """
    # Where none of them is of the area, machines are abroad whichever it is: that is not an open possibility.
    return Way.MAY_STAND_IN if place.own and len(own) > 1 and not set(own).isdisjoint(members) else Way.STANDS_IN


def _state(code: str) -> Node:
    return Node("state", code, code)
