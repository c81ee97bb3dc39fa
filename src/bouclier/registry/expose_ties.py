"""What a report rests on, whether a foreign law reaches or none: who runs and controls, seats, places, labels. Pure.

No foreign law is a verdict that needs its proof as much as the other: each step told here has its fact.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from bouclier.registry.expose_laws import way_of_place
from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Node, Step, Way

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator

    from bouclier.registry.agreed import Registry
    from bouclier.registry.expose_walk import Walked
    from bouclier.registry.model import Qualification


def ties_of(registry: Registry, walked: Walked, members: Collection[str]) -> tuple[Step, ...]:
    """Return each step by which somebody was found, each seat and each place, once, nearest first.

    Args:
        registry: The facts.
        walked: What was found.
        members: The states of the legal area that day.
    """
    # Each entity and each service is found once, by one step: only places may be told twice.
    once = {(step.begin, step.end, step.way): step for step in reversed([*_on_places(walked, members)])}
    return (*_found_by(walked), *_seats(registry, walked), *reversed(once.values()))


def labels_of(registry: Registry, services: Iterable[str], day: dt.date) -> tuple[Qualification, ...]:
    """Return what services are qualified for at a day, or claim to be; what may have ended by then is left out."""
    found = (
        label
        for service in services
        for label in registry.qualifications.get(service, ())
        if holds_on(label, day, favourable=True)
    )
    return tuple(sorted(found, key=lambda label: (label.service, label.status != "held", label.name)))


def _found_by(walked: Walked) -> list[Step]:
    """Return the last step of the way to each service and entity, nearest first."""
    paths = [path for path in (*walked.services.values(), *walked.entities.values()) if path is not None]
    paths.sort(key=attrgetter("length"))
    return [path.last for path in paths]


def _seats(registry: Registry, walked: Walked) -> Iterator[Step]:
    facts, seat_of, states = registry.entities, Way.SEAT, dict[str, Node]()
    for name, path in walked.entities.items():
        fact = facts.get(name)
        if fact is not None and fact.seat is not None and fact.kind != "dispersed" and name != SELF:
            state = states.get(fact.seat) or states.setdefault(fact.seat, _state(fact.seat))
            node = path.last.end if path is not None else Node("entity", name, fact.name)
            yield Step(node, state, seat_of, (fact,))


def _on_places(walked: Walked, members: Collection[str]) -> Iterator[Step]:
    said = {place.state for place in walked.stated}
    by_node: dict[Node, set[str]] = {}
    for place in walked.places:
        by_node.setdefault(place.node, set()).add(place.state)
    for place in walked.stated:
        yield Step(place.node, _state(place.state), Way.STANDS_IN, place.facts)
    for place in walked.places:
        way = way_of_place(place, by_node[place.node], members)
        if place.own and said:
            way = Way.STANDS_IN if place.state in said else Way.ALSO_STANDS_IN
        if place.path is not None and place.node.kind == "site":
            yield place.path.last
        yield Step(place.node, _state(place.state), way, place.facts)
    for place in walked.staff:
        yield Step(place.node, _state(place.state), Way.STAFF_IN, place.facts)


def _state(code: str) -> Node:
    return Node("state", code, code)
