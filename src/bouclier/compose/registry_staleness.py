"""Which facts need a look: too old, not looked up, dated ahead or about to end; first those on which most depends."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.registry_showing import facts_of
from bouclier.registry.model import Lasting
from bouclier.registry.parse_contradictions import identity_of
from bouclier.registry.parse_days import is_ahead
from bouclier.registry.periods import earliest, holds_on, latest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.configuration import Configuration
    from bouclier.compose.configuration_model import DeploymentSettings
    from bouclier.registry import Registry
    from bouclier.registry.model import Vouched


class Stale(NamedTuple):
    """A fact that needs a look.

    Attributes:
        kind: The list it is in.
        about: What it is about: an id, or the ids that it joins.
        reasons: `old`, `future` (it dates from after the day), `unverified`, `ends` with the day from which it may hold
            no more.
        as_of: From when it dates.
        deployments: How many configured deployments rest on it.
        services: How many services of the registry do.
    """

    kind: str
    about: str
    reasons: tuple[str, ...]
    as_of: str
    deployments: int
    services: int


def stale_facts(
    registry: Registry, configuration: Configuration, *, day: dt.date, older_than: dt.timedelta
) -> list[Stale]:
    """Return the facts that need a look on a day, those first on which most depends.

    Args:
        registry: The facts.
        configuration: The settings: what rests on facts is what is deployed.
        day: The day, UTC.
        older_than: A fact that dates from longer ago is old; one that ends within as long is about to end.
    """
    services = {name: _rests_on(registry, name, day) for name in registry.services}
    by_service = Counter(fact for facts in services.values() for fact in facts)
    by_deployment = Counter(
        fact
        for settings in configuration.deployments
        for fact in _above(registry, settings.operator, day).union(
            *(services[name] for name in _services_of(settings, registry))
        )
    )
    found = []
    for kind, fact in facts_of(registry):
        reasons = tuple(_reasons(fact, day, older_than))
        if reasons:
            key = identity_of(kind, fact)
            about = " ".join(key[1:])
            found.append(Stale(kind, about, reasons, fact.as_of, by_deployment[key], by_service[key]))
    return sorted(found, key=lambda one: (-one.deployments, -one.services, one.kind, one.about))


def _services_of(settings: DeploymentSettings, registry: Registry) -> list[str]:
    """Return the services that a deployment may be of: the one that is named, else all of its operator's."""
    if settings.service in registry.services:
        return [settings.service]
    return [service.id for service in registry.services_of.get(settings.operator, ())]


def _reasons(fact: Vouched, day: dt.date, older_than: dt.timedelta) -> Iterator[str]:
    if isinstance(fact, Lasting) and fact.until is not None:
        if day >= latest(fact.until):
            # Over for certain: it says what was, and nobody needs to look at it again.
            return
        if earliest(fact.until) <= _later(day, older_than):
            yield f"ends {fact.until}"
    if earliest(fact.as_of) < _later(day, -older_than):
        yield "old"
    if is_ahead(fact, day):
        yield "future"
    if fact.confidence == "unverified":
        yield "unverified"


def _later(day: dt.date, by: dt.timedelta) -> dt.date:
    """Return a day moved by some time, the first or the last of the calendar where that is outside of it."""
    try:
        return day + by
    except OverflowError:
        return dt.date.min if by < dt.timedelta() else dt.date.max


_Key = tuple[str, ...]


def _rests_on(registry: Registry, service: str, day: dt.date) -> frozenset[_Key]:
    """Return the facts that say who can be compelled through a service, and what it is qualified for."""
    found = set[_Key]()
    waiting, seen = [service], {service}
    while waiting:
        name = waiting.pop()
        fact = registry.services.get(name)
        if fact is None:
            found |= _above(registry, name, day)
            continue
        found.add(identity_of("services", fact))
        found |= _about(registry, name, day)
        found |= _above(registry, fact.operator, day)
        for site in fact.sites:
            found.add(("sites", site))
            found |= _above(registry, registry.sites[site].operator, day)
        for supply in registry.supplies.get(name, ()):
            if supply.supplier not in seen and holds_on(supply, day, favourable=False):
                seen.add(supply.supplier)
                waiting.append(supply.supplier)
    return frozenset(found)


def _about(registry: Registry, name: str, day: dt.date) -> set[_Key]:
    groups = {
        "supplies": registry.supplies,
        "qualifications": registry.qualifications,
        "assessments": registry.assessments,
        "reaches": registry.reaches,
    }
    return {
        identity_of(kind, fact)
        for kind, group in groups.items()
        for fact in group.get(name, ())
        if holds_on(fact, day, favourable=False)
    }


def _above(registry: Registry, entity: str, day: dt.date) -> frozenset[_Key]:
    """Return the facts on an entity and on whoever holds a part of it, all the way up."""
    found = set[_Key]()
    waiting, seen = [entity], {entity}
    while waiting:
        name = waiting.pop()
        fact = registry.entities.get(name)
        if fact is None:
            continue
        found.add(identity_of("entities", fact))
        found |= _about(registry, name, day)
        for edge in registry.held_by.get(name, ()):
            if holds_on(edge, day, favourable=False):
                found.add(identity_of("edges", edge))
                if edge.holder not in seen:
                    seen.add(edge.holder)
                    waiting.append(edge.holder)
    return frozenset(found)
