"""Which name was meant: the nearest spelling, for hints and for look-ups. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Final

from bouclier.registry.free_text import in_both, in_one
from bouclier.registry.signs import plain, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.registry.agreed import Registry


_NAME: Final = "name:"
_CLOSE: Final = 0.75
_VERY_CLOSE: Final = 0.85
"""From here on even the first letter may be another."""
_LEAST: Final = 2
"""Letters of a beginning that suggests the rest."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one; None if none does.

    A slip of the keyboard is what is sought: another word with some of the same letters is not one.

    >>> nearest("ovh", ["outscale", "ovhcloud"]), nearest("gemini", ["capgemini"])
    ('ovhcloud', None)
    """
    asked = word.strip().lower()
    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    beginnings = sorted((name for name in by_lower if len(asked) >= _LEAST and name.startswith(asked)), key=len)
    alike = get_close_matches(asked, by_lower, n=3, cutoff=_CLOSE)
    close = [name for name in alike if name[0] == asked[0] or _ratio(asked, name) >= _VERY_CLOSE] or beginnings
    return by_lower[close[0]] if close else None


def suggest(registry: Registry, asked: str) -> str | None:
    """Return the entity whose id looks most like this one, for a hint; None if none does."""
    return nearest(asked, registry.entities)


def find(registry: Registry, asked: str) -> str | None:
    """Return the id of whatever is meant by an id, a name, or another name it goes by; None if nothing is.

    Other names are those of models, those of `name:` signs, and what stands before brackets or beside a stroke in a
    name. Spelling must be right, but for capitals and accents: who is almost named is a hint (`suggest_any`), never an
    answer.
    """
    if asked in ids_of(registry):
        return asked
    wanted = asked.strip().casefold()
    matches = {identifier for name, identifier in _names_of(registry) if name.casefold() == wanted}
    if not matches and plain(asked):
        matches = {identifier for name, identifier in _other_names_of(registry) if plain(name) == plain(asked)}
    return _meant(registry, matches)


def _meant(registry: Registry, matches: set[str]) -> str | None:
    """Return the one that several matches come down to: of an operator and its service, the service says more."""
    services = {name for name in matches if name in registry.services}
    operators = {registry.services[name].operator for name in services}
    if matches - services <= operators and len(operators) == 1:
        matches = services if len(services) == 1 else operators
    return matches.pop() if len(matches) == 1 else None


def _other_names_of(registry: Registry) -> Iterable[tuple[str, str]]:
    for model in registry.models.values():
        for name in (model.name, *model.names):
            yield name, model.id
    for entity in registry.entities.values():
        for name in spellings(in_one(entity.name)):
            yield name, entity.id
    for service in registry.services.values():
        for name in spellings(in_one(service.name)):
            yield name, service.id
        for sign in service.signs:
            if sign.startswith(_NAME):
                name = sign.removeprefix(_NAME)
                # Whoever says a company's name for short means the company, not the one service that is found by it.
                of_company = service.operator.startswith(plain(name).replace(" ", "-"))
                yield name, service.operator if of_company else service.id


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


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
            said = in_both(fact.name)
            yield said.fr, fact.id
            yield said.en, fact.id
    for identifier in ids_of(registry):
        yield identifier, identifier
