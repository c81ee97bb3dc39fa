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

Thousands of entities may stand above a subject, under the laws of a few states: whom the same laws hold in the same way
is gathered (`Hold`), and a chain is made for the nearest of them only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.model import IMPLICIT_LAW, SELF, Certainty
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Node, Reached, Step, Unknown, Way

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence

    from bouclier.registry.agreed import Registry
    from bouclier.registry.expose_walk import Place, Walked
    from bouclier.registry.model import Entity, Law
    from bouclier.registry.report_model import Path, Trigger

_SURE: Final = Certainty.ESTABLISHED
_DISPUTED: Final = Certainty.CONTESTED
_NOBODY: Final = (True, 2**62)


class Laws:
    """The foreign laws of a registry that may be in force at one day."""

    def __init__(self, registry: Registry, day: dt.date) -> None:
        """Sort them by state.

        Args:
            registry: The facts.
            day: The day asked about.
        """
        self.members = registry.members_on(day)
        self.in_force: dict[str, Law] = {}
        self._by_state: defaultdict[str, list[Law]] = defaultdict(list)
        for name, law in sorted(registry.laws.items()):
            if law.jurisdiction not in self.members and holds_on(law, day, favourable=False):
                self.in_force[name] = law
                self._by_state[law.jurisdiction].append(law)

    def of(self, state: str, trigger: Trigger) -> list[Law]:
        """Return the laws of a state that reach by one trigger."""
        return [law for law in self._by_state.get(state, ()) if trigger in law.triggers]


class Grip(NamedTuple):
    """That a law has a hold by one trigger, and how surely.

    Attributes:
        law: Its id.
        certainty: How sure.
        trigger: By what.
    """

    law: str
    certainty: Certainty
    trigger: Trigger


@dataclass(slots=True)
class Hold:
    """Those on whom the same laws of one state have a hold in the same way: all companies of that state, say.

    Attributes:
        number: Which of the holds it is, in the order found.
        state: Whose laws.
        grips: The laws, and by what they reach.
        names: Ids of those held, in the order of the walk.
        farness: Of the nearest: whether its machines only may stand there, then how many steps away it is.
        met: When the nearest was met.
        path: From the subject to the nearest.
        step: From there to the state.
    """

    number: int
    state: str
    grips: tuple[Grip, ...]
    names: list[str] = field(default_factory=list)
    farness: tuple[bool, int] = _NOBODY
    met: int = 0
    path: Path | None = None
    step: Step | None = None


class Laying:
    """Laws laid over what a walk found: the foreign ones that reach, and the states of the legal area met (`home`)."""

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
        self._seatless: list[Entity] = []
        self._holds: dict[tuple[str, ...], Hold] = {}
        self._met = 0
        self._on_entities()
        for name, path in walked.services.items():
            if name in registry.reaches:
                self._on_stated(Node("service", name, registry.services[name].name), path)
        self._on_machines()
        for place in walked.staff:
            self._on_place(place, Way.STAFF_IN, "staff", _SURE)

    def established(self) -> frozenset[str]:
        """Return the ids of the laws that reach for certain."""
        return frozenset(grip.law for grip in self._grips() if grip.certainty is _SURE)

    def every(self) -> frozenset[str]:
        """Return the ids of the laws that reach, for certain or not."""
        return frozenset(grip.law for grip in self._grips())

    def reached(self) -> tuple[Reached, ...]:
        """Return each law once for each trigger: the surest first, and of those the nearest."""
        groups = defaultdict[tuple[str, str], list[tuple[Grip, Hold]]](list)
        for hold in self._holds.values():
            for grip in hold.grips:
                groups[grip.law, grip.trigger].append((grip, hold))
        held = dict[tuple[int, ...], list[str]]()  # by the holds they are of: several laws have the same
        found = list[Reached]()
        for reasons in groups.values():
            holds = tuple([hold.number for _, hold in reasons])
            if holds not in held:
                held[holds] = sorted({name for _, hold in reasons for name in hold.names})
            found.append(_best(reasons, held[holds]))
        return tuple(
            sorted(found, key=lambda one: (one.certainty is not _SURE, one.jurisdiction, one.law, one.trigger))
        )

    def unverified(self) -> Iterator[Unknown]:
        """Yield the laws that reach and of which nobody verified that they are still in force."""
        for name in self.every():
            law = self._laws.in_force.get(name)
            if law is not None and law.status == "unverified":
                yield Unknown("status", name, law.title.en)

    def seatless(self) -> Iterator[Unknown]:
        """Yield those who can reach data, or control somebody who can, and of whom no fact tells the seat."""
        return (Unknown("seat", entity.id, entity.name) for entity in self._seatless)

    def _grips(self) -> Iterator[Grip]:
        return (grip for hold in self._holds.values() for grip in hold.grips)

    def _on_entities(self) -> None:
        entities, reaches, holds = self._registry.entities, self._registry.reaches, self._holds
        holding = self._walked.operators.keys() | self._walked.suppliers.keys()
        for name, path in self._walked.entities.items():
            fact = entities.get(name)
            if fact is not None and fact.kind != "dispersed":
                if fact.seat is None:
                    if name != SELF:
                        self._seatless.append(fact)
                else:
                    hold = holds.get((fact.seat, "seat" if name in holding else "control"))
                    # Most are one more of many, and farther away: whom the same laws hold is then all there is to note.
                    if hold is not None and path is not None and path.length >= hold.farness[1]:
                        hold.names.append(name)
                    else:
                        self._on_seat(fact, fact.seat, path, holds_data=name in holding)
            if fact is not None and fact.listed_in:
                self._on_listing(fact, path)
            if name in reaches:
                self._on_stated(Node("entity", name, fact.name if fact is not None else name), path)

    def _on_seat(self, entity: Entity, state: str, path: Path | None, *, holds_data: bool) -> None:
        if state in self._laws.members:
            self.home.add(state)
            return
        key = (state, "seat" if holds_data else "control")
        hold = self._holds.get(key) or self._new(key, state, self._by_seat(state, holds_data=holds_data))
        if self._is_nearest(hold, entity.id, path):
            node = Node("entity", entity.id, entity.name)
            hold.step = Step(node, _state(state), Way.SEAT, (entity,))

    def _on_listing(self, entity: Entity, path: Path | None) -> None:
        for state in sorted(set(entity.listed_in)):
            if state not in self._laws.members:  # a listing inside the area is no seat: nothing to note
                step = Step(Node("entity", entity.id, entity.name), _state(state), Way.LISTED_IN, (entity,))
                self._on_whole(state, "listing", _DISPUTED, path, step)

    def _on_stated(self, node: Node, path: Path | None) -> None:
        for reach in self._registry.reaches[node.id]:
            if not holds_on(reach, self._day, favourable=False):
                continue
            if reach.law.startswith(IMPLICIT_LAW):
                state = reach.law.removeprefix(IMPLICIT_LAW)
            elif reach.law in self._laws.in_force:
                state = self._laws.in_force[reach.law].jurisdiction
            else:
                continue  # out of force that day, or a law of the legal area
            if state in self._laws.members:
                self.home.add(state)
                continue
            key = (reach.law, "stated", reach.certainty)
            hold = self._holds.get(key) or self._new(key, state, (Grip(reach.law, reach.certainty, "stated"),))
            if self._is_nearest(hold, node.id, path):
                hold.step = Step(node, _state(state), Way.STATED, (reach,), reach.through)

    def _on_machines(self) -> None:
        walked = self._walked
        own = {place.state for place in walked.places if place.own}
        said = {place.state for place in walked.stated}
        for place in walked.stated:
            self._on_place(place, Way.STANDS_IN, "hosting", _SURE)
        for place in walked.places:
            if not place.own or not said:
                way = way_of_place(place, own, self._laws.members)
                self._on_place(place, way, "hosting", _SURE)
            elif place.state not in said:
                # What is said agrees with what is known, or both count in full.
                sure = _DISPUTED if said <= own else _SURE
                self._on_place(place, Way.ALSO_STANDS_IN, "hosting", sure)

    def _on_place(self, place: Place, way: Way, trigger: Trigger, certainty: Certainty) -> None:
        step = Step(place.node, _state(place.state), way, place.facts)
        self._on_whole(place.state, trigger, certainty, place.path, step)

    def _on_whole(self, state: str, trigger: Trigger, certainty: Certainty, path: Path | None, step: Step) -> None:
        """Note that the whole law of a state has a hold by a trigger, and its laws that name the trigger."""
        if state in self._laws.members:
            self.home.add(state)
            return
        key = (state, trigger, certainty)
        hold = self._holds.get(key)
        if hold is None:
            laws = (f"{IMPLICIT_LAW}{state}", *(law.id for law in self._laws.of(state, trigger)))
            hold = self._new(key, state, tuple(Grip(law, certainty, trigger) for law in laws))
        if self._is_nearest(hold, step.begin.id, path, may_stand=step.way is Way.MAY_STAND_IN):
            hold.step = step

    def _by_seat(self, state: str, *, holds_data: bool) -> tuple[Grip, ...]:
        """Return what laws of a state have a hold on who has its seat there, and holds data or only controls."""
        trigger: Trigger = "seat" if holds_data else "control"
        by_control = self._laws.of(state, "control")
        by_seat_only = [law for law in self._laws.of(state, "seat") if law not in by_control]
        return (
            Grip(f"{IMPLICIT_LAW}{state}", _SURE, trigger),
            *(Grip(law.id, _SURE, trigger if "seat" in law.triggers else "control") for law in by_control),
            *(Grip(law.id, _SURE if holds_data else _DISPUTED, "seat") for law in by_seat_only),
        )

    def _new(self, key: tuple[str, ...], state: str, grips: tuple[Grip, ...]) -> Hold:
        hold = self._holds[key] = Hold(len(self._holds), state, grips)
        return hold

    def _is_nearest(self, hold: Hold, name: str, path: Path | None, *, may_stand: bool = False) -> bool:
        """Note that somebody is held, and return whether it is the nearest so far, whose step is then to be kept."""
        hold.names.append(name)
        farness = (may_stand, path.length if path is not None else 0)
        if farness >= hold.farness:
            return False
        self._met += 1
        hold.farness, hold.met, hold.path = farness, self._met, path
        return True


def _best(reasons: Sequence[tuple[Grip, Hold]], names: Sequence[str]) -> Reached:
    """Return the surest and nearest of the ways in which one law reaches by one trigger, naming the others."""
    grip, hold = min(reasons, key=lambda one: (one[0].certainty is not _SURE, one[1].farness, one[1].met))
    assert hold.step is not None
    chain = (*(hold.path.steps() if hold.path is not None else ()), hold.step)
    at = bisect_left(names, hold.step.begin.id)
    return Reached(grip.law, hold.state, grip.certainty, grip.trigger, chain, (*names[:at], *names[at + 1 :]))


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
