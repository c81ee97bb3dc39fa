"""From a subject to everyone who can reach its data and everyone who controls them. Pure.

The walk, nearest first, so that every chain is the shortest:

1. A deployment leads to its service; a service to its operator; an entity asked about is an operator, and any of its
   services may be meant.
2. Suppliers with access lead on: a service to its operator and suppliers, an entity to itself. Whoever hosts,
   supports or staffs has access unless a fact says no; a technology or a network only if a fact says yes. Who runs a
   site for somebody else hosts.
3. Each of these leads up to whoever controls it (`control.py`).
4. Machines stand where the caller says, else where the facts say: all of those places. Other places of the same service
   are kept apart. Where a host's machines stand counts only if the service does not say where its own do.
5. The weights of an open model lead to nobody: whoever hosts them is the operator. A closed model, or one of which
   this is not known, leads to its maker and to the services known to serve it.

Which law reaches whom, and what weighs without compelling, is not told here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Influence, Node, Path, Step, Unknown, Way

if TYPE_CHECKING:
    import datetime as dt

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Ownership
    from bouclier.registry.model import Entity, Model, Served, Service, Site, Supply, Vouched
    from bouclier.registry.report_model import Subject, Weight

_WAYS: Final = {
    "hosting": Way.HOSTED_BY,
    "support": Way.SUPPORTED_BY,
    "staff": Way.STAFFED_BY,
    "technology": Way.RELIES_ON,
    "network": Way.CONNECTED_BY,
}
_PRESUMED_ACCESS: Final = frozenset({"hosting", "support", "staff"})


@dataclass(frozen=True, slots=True)
class Place:
    """A state in which machines stand or people with access work.

    Attributes:
        state: Its code.
        node: Whose machines or people.
        path: How to get there; None at the subject itself.
        facts: What says so; empty if the caller does.
        own: Whether it is a place of the subject itself, not of one of its suppliers.
    """

    state: str
    node: Node
    path: Path | None
    facts: tuple[Vouched, ...]
    own: bool


@dataclass(slots=True)
class Walked:
    """What a walk found.

    Attributes:
        start: The subject.
        entities: Everyone who can reach data or controls somebody who can, nearest first, with the way to them.
        services: The subject's services and those of suppliers, likewise.
        operators: Who runs the subject: ids, in the order found.
        suppliers: Who else can reach data, likewise.
        places: Where machines stand, as facts say.
        staff: Where people with access work.
        stated: Where machines stand, as the caller or the site of a deployment says.
        asked: Services that are the subject or may be meant by it.
        operated: Whoever runs the subject, each with the ways to whoever controls it, itself included.
        weighing: What somebody else provides without being able to reach data: the way there, and the last step.
        origins: Where a model comes from.
        unknowns: What is not known.
        served_by: Ids of the services that serve a model.
        placed: Services of which a fact says where machines stand, their own or a supplier's that can reach data.
    """

    start: Node
    entities: dict[str, Path | None] = field(default_factory=dict)
    services: dict[str, Path | None] = field(default_factory=dict)
    operators: dict[str, None] = field(default_factory=dict)
    suppliers: dict[str, None] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    staff: list[Place] = field(default_factory=list)
    stated: list[Place] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)
    operated: list[tuple[str, dict[str, Path | None]]] = field(default_factory=list)
    weighing: list[tuple[Weight, Path | None, Step]] = field(default_factory=list)
    origins: list[Influence] = field(default_factory=list)
    unknowns: set[Unknown] = field(default_factory=set)
    served_by: tuple[str, ...] = ()
    placed: set[str] = field(default_factory=set)


def node_of(registry: Registry, subject: Subject) -> Node:
    """Return the subject with its name; its id stands for the name of what the registry does not hold."""
    fact: Entity | Service | Model | None = None
    if subject.kind == "entity":
        fact = registry.entities.get(subject.id)
    elif subject.kind == "service":
        fact = registry.services.get(subject.id)
    elif subject.kind == "model":
        fact = registry.models.get(subject.id)
    return Node(subject.kind, subject.id, fact.name if fact is not None else subject.id)


class Walk:
    """One walk: make it, then ask for what it `found`."""

    def __init__(self, registry: Registry, ownership: Ownership, subject: Subject, day: dt.date) -> None:
        """Walk.

        Args:
            registry: The facts.
            ownership: Its holdings at that day.
            subject: Where to begin.
            day: The day.
        """
        self._registry = registry
        self._ownership = ownership
        self._day = day
        self.found = Walked(node_of(registry, subject))
        # Entities and services still to visit; a service's places count or not, as rule 4 says.
        self._waiting: deque[tuple[str, str, Path | None, bool]] = deque()
        self._seen: set[tuple[str, str, bool]] = set()
        self._supplied: dict[str, list[str]] = {}
        if subject.kind == "entity":
            self._begin_at_entity(subject.id)
        elif subject.kind == "service":
            self._begin_at_service(subject.id)
        elif subject.kind == "deployment":
            self._begin_at_deployment(subject.id)
        else:
            self._begin_at_model(subject.id)
        self._go()

    def _begin_at_entity(self, entity: str, path: Path | None = None) -> None:
        self.found.operators[entity] = None
        self._await("entity", entity, path)
        node = self._entity(entity)
        for service in sorted(self._registry.services_of.get(entity, ()), key=lambda service: service.id):
            if self._may_hold(service):
                self._ask(service, self._on(path, Step(node, _service(service), Way.OFFERS, (service,))))

    def _begin_at_service(self, service: str) -> None:
        fact = self._registry.services.get(service)
        if fact is None:
            self.found.unknowns.add(Unknown("facts", service, service))
            return
        self._ask(fact, None)

    def _begin_at_deployment(self, deployment: str) -> None:
        fact = self._registry.deployments.get(deployment)
        if fact is None:
            self.found.unknowns.add(Unknown("facts", deployment, deployment))
            return
        service = self._registry.services[fact.service]
        path = self._on(None, Step(self.found.start, _service(service), Way.SERVED_BY, (fact,)))
        self._ask(service, path)
        site = self._registry.sites.get(fact.site) if fact.site is not None else None
        if site is not None:
            node = Node("site", site.id, site.name)
            at = self._on(None, Step(self.found.start, node, Way.STANDS_IN, (fact,)))
            self.found.stated.append(Place(site.country, node, at, (site,), own=True))
            self._landlord(service, site, path)
        self._weights(fact, service)

    def _begin_at_model(self, model: str) -> None:
        fact = self._registry.models.get(model)
        if fact is None:
            self.found.unknowns.add(Unknown("facts", model, model))
            return
        serving = [
            served for served in self._registry.deployments.values() if served.model == model and self._may_hold(served)
        ]
        self.found.served_by = tuple(sorted({served.service for served in serving}))
        for state in sorted(fact.origin):
            origin = Step(self.found.start, Node("state", state, state), Way.MADE_BY, (fact,))
            self.found.origins.append(Influence("origin", (origin,), (state,)))
        if fact.weights == "open":
            self.found.unknowns.add(Unknown("host", model, fact.name))
            return
        if fact.maker is None:
            self.found.unknowns.add(Unknown("maker", model, fact.name))
        else:
            self._begin_at_entity(
                fact.maker, self._on(None, Step(self.found.start, self._entity(fact.maker), Way.MADE_BY, (fact,)))
            )
        for served in sorted(serving, key=lambda served: served.id):
            service = self._registry.services[served.service]
            self._ask(service, self._on(None, Step(self.found.start, _service(service), Way.SERVED_BY, (served,))))
        if not self.found.operators and not self.found.asked:
            self.found.unknowns.add(Unknown("facts", model, fact.name))

    def _weights(self, served: Served, service: Service) -> None:
        """Note on whom a closed model depends, when somebody else serves it."""
        model = self._registry.models.get(served.model)
        if model is None or model.weights == "open" or model.maker in {None, service.operator}:
            return
        maker = self._entity(str(model.maker))
        at = Node("model", model.id, model.name)
        path = self._on(None, Step(self.found.start, at, Way.RELIES_ON, (served,)))
        self.found.weighing.append(("technology", path, Step(at, maker, Way.MADE_BY, (model,))))

    def _ask(self, service: Service, path: Path | None) -> None:
        self.found.asked[service.id] = None
        self._await("service", service.id, path)

    def _await(self, kind: str, name: str, path: Path | None, *, places: bool = True) -> None:
        if (kind, name, places) not in self._seen:
            self._seen.add((kind, name, places))
            self._waiting.append((kind, name, path, places))

    def _go(self) -> None:
        while self._waiting:
            kind, name, path, places = self._waiting.popleft()
            if kind == "service":
                self._visit_service(self._registry.services[name], path, places=places)
            else:
                self._visit_entity(name, path)
        self._place()

    def _place(self) -> None:
        """Carry what is known of places from suppliers to whoever they supply."""
        waiting = list(self.found.placed)
        while waiting:
            for supplied in self._supplied.get(waiting.pop(), ()):
                if supplied not in self.found.placed:
                    self.found.placed.add(supplied)
                    waiting.append(supplied)

    def _visit_service(self, service: Service, path: Path | None, *, places: bool) -> None:
        here, own = _service(service), service.id in self.found.asked
        self.found.services.setdefault(service.id, path)
        roots = self.found.operators if own else self.found.suppliers
        roots[service.operator] = None
        operator = self._entity(service.operator)
        self._await("entity", service.operator, self._on(path, Step(here, operator, Way.RUN_BY, (service,))))

        sites = [site for name in service.sites if (site := self._registry.sites.get(name)) and self._may_hold(site)]
        if places or own:
            for site in sorted(sites, key=lambda site: site.id):
                node = Node("site", site.id, site.name)
                at = self._on(path, Step(here, node, Way.STANDS_IN, (service,)))
                self.found.places.append(Place(site.country, node, at, (site,), own))
            self.found.places.extend(
                Place(state, here, path, (service,), own) for state in sorted(set(service.countries))
            )
        for site in sites:
            self._landlord(service, site, path)
        self.found.staff.extend(Place(state, here, path, (service,), own) for state in sorted(set(service.staff)))
        if not service.staff and service.operator != SELF:
            self.found.unknowns.add(Unknown("staff", service.id, service.name))
        says_where = bool(sites or service.countries)
        if says_where:
            self.found.placed.add(service.id)
        for supply in sorted(self._registry.supplies.get(service.id, ()), key=_supply_order):
            if self._may_hold(supply):
                self._visit_supply(supply, here, path, places=not says_where or supply.role != "hosting")

    def _visit_supply(self, supply: Supply, here: Node, path: Path | None, *, places: bool) -> None:
        compels = supply.access == "yes" or (supply.access == "unknown" and supply.role in _PRESUMED_ACCESS)
        presumed = compels and supply.access == "unknown"
        node = self._party(supply.supplier)
        step = Step(here, node, _WAYS[supply.role], (supply,), presumed=presumed)
        if not compels:
            self.found.weighing.append(("technology" if supply.role == "technology" else "supplier", path, step))
            return
        if presumed:
            self.found.unknowns.add(Unknown("access", supply.supplier, node.name))
        if node.kind == "service":
            self._supplied.setdefault(node.id, []).append(here.id)
            self._await("service", node.id, self._on(path, step), places=places)
        else:
            self.found.suppliers[node.id] = None
            self._await("entity", node.id, self._on(path, step))

    def _landlord(self, service: Service, site: Site, path: Path | None) -> None:
        """Follow who runs a site for somebody else: a host, whose access is unknown unless a fact tells."""
        if site.operator == service.operator:
            return
        for supply in self._registry.supplies.get(service.id, ()):
            supplier = self._registry.services.get(supply.supplier)
            who = supplier.operator if supplier is not None else supply.supplier
            if who == site.operator and supply.role == "hosting" and holds_on(supply, self._day, favourable=True):
                return  # told by that fact: see _visit_supply
        node = self._entity(site.operator)
        self.found.unknowns.add(Unknown("access", site.operator, node.name))
        self.found.suppliers[site.operator] = None
        step = Step(_service(service), node, Way.HOSTED_BY, (site,), presumed=True)
        self._await("entity", site.operator, self._on(path, step))

    def _visit_entity(self, entity: str, path: Path | None) -> None:
        """Note an entity and whoever controls it; those above are nearest by construction of the closure."""
        found = self.found.entities
        ways: dict[str, Path | None] = {entity: path}
        for name, controls in self._ownership.closure(entity).items():
            way = ways[name]
            length = way.length if way is not None else 0
            if name not in found or length < _length(found[name]):
                found[name] = way
            for control in controls:
                if control.holder not in ways:
                    ways[control.holder] = Path(control.step, way, length + 1)
        if entity in self.found.operators:
            self.found.operated.append((entity, ways))

    def _party(self, name: str) -> Node:
        service = self._registry.services.get(name)
        return _service(service) if service is not None else self._entity(name)

    def _entity(self, name: str) -> Node:
        fact = self._registry.entities.get(name)
        return Node("entity", name, fact.name if fact is not None else name)

    def _may_hold(self, fact: Service | Site | Served | Supply) -> bool:
        return holds_on(fact, self._day, favourable=False)

    @staticmethod
    def _on(path: Path | None, step: Step) -> Path:
        return Path(step, path, path.length + 1 if path is not None else 1)


def _service(service: Service) -> Node:
    return Node("service", service.id, service.name)


def _length(path: Path | None) -> int:
    return path.length if path is not None else 0


def _supply_order(supply: Supply) -> tuple[str, ...]:
    return (supply.supplier, supply.role, supply.access, supply.since or "", supply.until or "", supply.as_of)
