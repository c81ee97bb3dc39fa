"""Which name was meant: the nearest spelling, for hints and for look-ups. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.registry.model import Registry


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one; None if none does.

    >>> nearest("ovh", ["outscale", "ovhcloud"])
    'ovhcloud'
    """
    asked = word.strip().lower()
    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    beginnings = sorted((name for name in by_lower if asked and name.startswith(asked)), key=len)
    close = get_close_matches(asked, by_lower, n=1) or beginnings
    return by_lower[close[0]] if close else None


def suggest(registry: Registry, asked: str) -> str | None:
    """Return the entity whose id looks most like this one, for a hint; None if none does."""
    return nearest(asked, registry.entities)


def find(registry: Registry, asked: str) -> str | None:
    """Return the id of whatever is meant by an id, a name, or one of a model's other names; None if nothing is.

    Spelling must be right, but for capitals: who is almost named is a hint (`suggest_any`), never an answer.
    """
    if asked in ids_of(registry):
        return asked
    wanted = asked.strip().casefold()
    matches = {identifier for name, identifier in _names_of(registry) if name.casefold() == wanted}
    return matches.pop() if len(matches) == 1 else None


def suggest_any(registry: Registry, asked: str) -> str | None:
    """Return the id of what is almost named so, by its id or its name; None if nothing is."""
    near = nearest(asked, ids_of(registry))
    if near is not None:
        return near
    by_name = dict(_names_of(registry))
    near = nearest(asked, by_name)
    return None if near is None else by_name[near]


def ids_of(registry: Registry) -> frozenset[str]:
    """Return the ids of all that has one."""
    return frozenset().union(
        registry.entities,
        registry.services,
        registry.sites,
        registry.laws,
        registry.models,
        registry.deployments,
    )


def _names_of(registry: Registry) -> Iterable[tuple[str, str]]:
    """Yield each name with the id of what bears it; of an entity and its service, the service is named last."""
    for model in registry.models.values():
        yield model.name, model.id
        for name in model.names:
            yield name, model.id
    for law in registry.laws.values():
        yield law.title.fr, law.id
        yield law.title.en, law.id
    for kind in (registry.sites, registry.entities, registry.services):
        for fact in kind.values():
            yield fact.name, fact.id
    for identifier in ids_of(registry):
        yield identifier, identifier
