"""Read the facts of a registry strictly, and check that they agree with each other.

A registry is either whole or an error: an unknown field, an id used twice, an end that is missing, a day that does not
exist, two facts that contradict each other, all stop the start. Nothing is guessed and nothing is skipped. All that is
wrong is reported together, with file, line and field.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from bouclier.registry.agreed import Registry
from bouclier.registry.model import FORMAT, Entity, Fact, Facts, Law, LegalArea, Model, Served, Service, Site
from bouclier.registry.parse_contradictions import check_contradictions, identity_of
from bouclier.registry.parse_flaws import Place, error_of
from bouclier.registry.parse_links import check_area, check_links
from bouclier.registry.parse_own import check_own
from bouclier.registry.parse_shapes import Gathered
from bouclier.registry.stakes import stakes_of
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bouclier.registry.parse_flaws import Flaw

_T = TypeVar("_T", bound=Fact)
_Named = TypeVar("_Named", Entity, Site, Service, Law, Model, Served)
_NO_FILES: Final[Mapping[str, bytes]] = MappingProxyType({})


def parse_registry(files: Mapping[str, bytes], extra: Mapping[str, bytes] = _NO_FILES) -> Registry:
    """Return the registry made of these facts, all checked.

    Args:
        files: Files of facts by name, such as those that come with Bouclier, or the signed one. One of them, and only
            one, says the legal area.
        extra: An institution's own, likewise. They add to the others and never redefine them.

    Raises:
        ConfigurationError: A fact is malformed, or contradicts another; the message lists the first twenty problems,
            `param` names the first.
    """
    gathered, flaws = _gathered(files, extra)
    if flaws:
        raise error_of(flaws)
    return _registry_of(gathered)


def flaws_of(files: Mapping[str, bytes], extra: Mapping[str, bytes] = _NO_FILES) -> tuple[Flaw, ...]:
    """Return all that is wrong in these facts, by file and line; nothing if `parse_registry` accepts them."""
    return _gathered(files, extra)[1]


def _gathered(files: Mapping[str, bytes], extra: Mapping[str, bytes]) -> tuple[Gathered, tuple[Flaw, ...]]:
    own = apart(extra, files)
    everything = {**files, **own}
    gathered = Gathered()
    for file, data in everything.items():
        gathered.read(file, data)
    dated = check_links(gathered)
    check_own(gathered, frozenset(own))
    if dated:
        check_contradictions(gathered)
    _check_areas(gathered, next(iter(everything), ""), frozenset(own))
    return gathered, gathered.flaws.located(everything) if gathered.flaws else ()


def apart(files: Mapping[str, bytes], others: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return files under names that no other has: a file named as another adds to it, and never takes its place."""
    named = dict[str, bytes]()
    for name, data in files.items():
        free = name
        while free in others or free in named:
            free = f"./{free}"
        named[free] = data
    return named


def _check_areas(gathered: Gathered, first_file: str, own_files: frozenset[str]) -> None:
    said = [(area, place) for area, place in gathered.areas if place.file not in own_files]
    for area, place in gathered.areas:
        check_area(area, place, gathered.flaws)
    for _, place in said[1:]:
        gathered.flaws.at(
            place,
            Bilingual("la zone juridique est déjà dite ailleurs", "the legal area is said elsewhere already"),
            Bilingual(
                f"Gardez celle de {said[0][1].file}, ou celle-ci.", f"Keep that of {said[0][1].file}, or this one."
            ),
        )
    if not gathered.areas and not gathered.flaws:
        gathered.flaws.at(
            Place(first_file, ()),
            Bilingual("aucun fichier ne dit la zone juridique", "no file says the legal area"),
            Bilingual("Un fichier du registre a un champ `area`.", "One file of a registry has a field `area`."),
            line=1,
        )


def _registry_of(gathered: Gathered) -> Registry:
    facts = merged(gathered.facts, gathered.areas[0][0])
    canonical = canonical_bytes(facts)
    assert facts.area is not None
    entities, held_by = _by_id(facts.entities), _by(facts.edges, lambda edge: edge.held)
    return Registry(
        entities=entities,
        held_by=held_by,
        stakes=stakes_of(entities, held_by),
        holds=_by(facts.edges, lambda edge: edge.holder),
        sites=_by_id(facts.sites),
        services=_by_id(facts.services),
        services_of=_by(facts.services, lambda service: service.operator),
        supplies=_by(facts.supplies, lambda supply: supply.service),
        qualifications=_by(facts.qualifications, lambda held: held.service),
        assessments=_by(facts.assessments, lambda found: found.service),
        laws=_by_id(facts.laws),
        reaches=_by(facts.reaches, lambda reach: reach.whom),
        models=_by_id(facts.models),
        deployments=_by_id(facts.deployments),
        area=facts.area,
        canonical=canonical,
        digest=hashlib.sha256(canonical).hexdigest(),
    )


def merged(facts: Mapping[str, Iterable[Any]], area: LegalArea | None) -> Facts:
    """Return facts as one file's, sorted: by what they are about, then by what they say."""
    return Facts(format=FORMAT, area=area, **{kind: _sorted(kind, listed) for kind, listed in facts.items()})


def _sorted(kind: str, facts: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(facts, key=lambda fact: (identity_of(kind, fact), canonical_bytes(fact))))


def canonical_bytes(fact: Fact) -> bytes:
    """Return the one spelling of a fact, or of a file of facts: what it says does not depend on how it was laid out."""
    return msgspec.json.encode(fact, order="sorted")


def _by_id(facts: Iterable[_Named]) -> Mapping[str, _Named]:
    return MappingProxyType({fact.id: fact for fact in facts})


def _by(facts: Iterable[_T], key: Callable[[_T], str]) -> Mapping[str, tuple[_T, ...]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return MappingProxyType({name: tuple(group) for name, group in groups.items()})
