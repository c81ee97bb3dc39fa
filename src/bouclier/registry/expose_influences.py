"""What weighs on a subject without compelling it: small holders, technology, suppliers without access, origins. Pure.

Each is told with the chain to whoever has it and the seats of whoever is above. What such a one holds, and who holds
it, leads on to no law: that is in `expose_laws.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.registry.report_model import Influence, Node, Step, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Direct, Ownership
    from bouclier.registry.expose_walk import Walked
    from bouclier.registry.report_model import Path


def influences_of(registry: Registry, ownership: Ownership, walked: Walked) -> tuple[Influence, ...]:
    """Return what weighs on a subject, by kind and then along the chain.

    Args:
        registry: The facts.
        ownership: Its holdings at the day asked about.
        walked: What a walk found.
    """
    found = [*walked.origins, *_minorities(registry, ownership, walked), *_provided(registry, ownership, walked)]
    return tuple(sorted(found, key=_order))


def _minorities(registry: Registry, ownership: Ownership, walked: Walked) -> Iterator[Influence]:
    """Yield who holds a part of an operator, or of whoever controls it, without control."""
    for operator, ways in walked.operated:
        above: _SeatsAbove | None = None
        for name, way in ways.items():
            chain: tuple[Step, ...] | None = None
            for holding in ownership.holdings(name):
                if holding.holder in ways or holding.crowd:
                    continue
                above = above or _SeatsAbove(registry, ownership.whole(operator).direct)
                chain = _steps(way) if chain is None else chain
                begin, end = _entity(registry, name), _entity(registry, holding.holder)
                step = Step(begin, end, Way.HELD_BY, holding.facts, "", holding.votes)
                yield Influence("minority", (*chain, step), tuple(sorted(above.of(holding.holder))))


def _provided(registry: Registry, ownership: Ownership, walked: Walked) -> Iterator[Influence]:
    for kind, way, step in walked.weighing:
        service = registry.services.get(step.end.id) if step.end.kind == "service" else None
        above = ownership.closure(service.operator if service is not None else step.end.id)
        facts = (registry.entities.get(name) for name in above)
        states = {fact.seat for fact in facts if fact is not None and fact.seat is not None}
        yield Influence(kind, (*_steps(way), step), tuple(sorted(states)))


class _SeatsAbove:
    """The seats of an entity and of whoever controls it: each entity is gone through once, however many ask."""

    def __init__(self, registry: Registry, direct: Direct) -> None:
        self._registry = registry
        self._direct = direct
        self._found: dict[str, frozenset[str]] = {}

    def of(self, entity: str) -> frozenset[str]:
        """Return the states."""
        if entity not in self._found:
            self._explore(entity)
        return self._found[entity]

    def _explore(self, start: str) -> None:
        """Find the states of an entity and of all above it: those in one circle have the same (Tarjan, 1972)."""
        number, lowest = {start: 0}, {start: 0}
        seats = {start: self._own(start)}
        unfinished = [start]
        work = [(start, iter(self._direct[start]))]
        while work:
            name, controls = work[-1]
            for control in controls:
                holder = control.holder
                if holder in self._found:
                    seats[name] |= self._found[holder]
                elif holder in number:
                    lowest[name] = min(lowest[name], number[holder])
                else:
                    number[holder] = lowest[holder] = len(number)
                    seats[holder] = self._own(holder)
                    unfinished.append(holder)
                    work.append((holder, iter(self._direct[holder])))
                    break
            else:
                work.pop()
                if lowest[name] == number[name]:
                    self._finish(unfinished, name, seats)
                if work:
                    below = work[-1][0]
                    lowest[below] = min(lowest[below], lowest[name])
                    seats[below] |= seats[name]

    def _finish(self, unfinished: list[str], first: str, seats: dict[str, set[str]]) -> None:
        circle = [unfinished.pop()]
        while circle[-1] != first:
            circle.append(unfinished.pop())
        states = frozenset[str]().union(*(seats[name] for name in circle))
        for name in circle:
            self._found[name] = states
        seats[first] = set(states)

    def _own(self, entity: str) -> set[str]:
        fact = self._registry.entities.get(entity)
        return {fact.seat} if fact is not None and fact.seat is not None else set()


def _entity(registry: Registry, name: str) -> Node:
    fact = registry.entities.get(name)
    return Node("entity", name, fact.name if fact is not None else name)


def _steps(way: Path | None) -> tuple[Step, ...]:
    return way.steps() if way is not None else ()


def _order(influence: Influence) -> tuple[str, tuple[str, ...]]:
    return influence.kind, tuple([step.end.id for step in influence.chain])
