"""All that the registry knows of one thing, fact by fact, with where each comes from and who vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.registry import find, suggest_any
from bouclier.registry.expose_words import source_kind
from bouclier.registry.free_text import in_both
from bouclier.registry.model import FORMAT, Facts, Vouched
from bouclier.registry.parse import canonical_bytes, merged
from bouclier.registry.parse_shapes import KINDS
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.registry import Registry

_MOST: Final = 4_000
"""Characters of a line; a note may be of any length."""
_SOURCED: Final = frozenset({"source", "as_of", "confidence", "signer", "notes"})
_NAMED: Final = ("holder", "held", "operator", "service", "supplier", "whom", "maker", "model", "site", "law")
"""Fields in which a fact names another."""

KINDS_FR: Final = {
    "entities": "entité",
    "edges": "détention",
    "sites": "site",
    "services": "service",
    "supplies": "dépendance",
    "qualifications": "qualification",
    "assessments": "évaluation",
    "laws": "loi",
    "reaches": "portée",
    "models": "modèle",
    "deployments": "déploiement",
}
KINDS_EN: Final = {
    "entities": "entity",
    "edges": "holding",
    "sites": "site",
    "services": "service",
    "supplies": "dependency",
    "qualifications": "qualification",
    "assessments": "assessment",
    "laws": "law",
    "reaches": "reach",
    "models": "model",
    "deployments": "deployment",
}
_CONFIDENCE_FR: Final = {"high": "haute", "medium": "moyenne", "low": "faible", "unverified": "aucune vérification"}


def facts_of(registry: Registry) -> Iterator[tuple[str, Vouched]]:
    """Yield all facts with the name of their list, in the order of the format."""
    grouped = {
        "edges": registry.held_by,
        "supplies": registry.supplies,
        "qualifications": registry.qualifications,
        "assessments": registry.assessments,
        "reaches": registry.reaches,
    }
    for kind in KINDS:
        if kind in grouped:
            listed: Iterable[Vouched] = (fact for facts in grouped[kind].values() for fact in facts)
        else:
            listed = getattr(registry, kind).values()
        for fact in listed:
            yield kind, fact


def concerning(registry: Registry, name: str) -> Facts:
    """Return all facts on what an id or a name means: itself, and those that name it or one of its services.

    Raises:
        ConfigurationError: Nothing is called so; the hint says what almost is.
    """
    identifier = find(registry, name)
    if identifier is None:
        near = suggest_any(registry, name)
        raise ConfigurationError(
            Bilingual(f"Le registre ne connaît pas « {name} ».", f"The registry knows nothing called '{name}'."),
            Bilingual(
                f"Vouliez-vous dire « {near} » ?" if near else "« bouclier registry show » liste ce qu'il connaît.",
                f"Did you mean '{near}'?" if near else "`bouclier registry show` lists what it knows.",
            ),
            param="NAME",
        )
    wanted = {identifier, *(service.id for service in registry.services_of.get(identifier, ()))}
    found: dict[str, list[Vouched]] = {kind: [] for kind in KINDS}
    for kind, fact in facts_of(registry):
        if getattr(fact, "id", None) in wanted or any(getattr(fact, field, None) in wanted for field in _NAMED):
            found[kind].append(fact)
    return merged(found, None)


def as_json(facts: Facts) -> str:
    """Return facts as a file of the format."""
    return canonical_bytes(facts).decode()


def shown_lines(facts: Facts, *, french: bool) -> Iterator[str]:
    """Yield facts as people read them: what each says, then where it comes from."""
    words = KINDS_FR if french else KINDS_EN
    for kind in KINDS:
        for fact in getattr(facts, kind):
            yield f"{words[kind]}  {clean(_said(fact, french=french), _MOST)}"
            yield f"    {clean(_sourced(fact, french=french), _MOST)}"
            if fact.notes:
                said = in_both(fact.notes)
                yield f"    {clean(said.fr if french else said.en, _MOST)}"


def overview_lines(registry: Registry, *, french: bool) -> Iterator[str]:
    """Yield how many facts of each kind there are, and the ids of what can be asked about."""
    facts = list(facts_of(registry))
    words = KINDS_FR if french else KINDS_EN
    yield f"{FORMAT}  {registry.digest}"
    name = registry.area.name.fr if french else registry.area.name.en
    members = sum(member.until is None for member in registry.area.members)
    yield f"{'zone juridique' if french else 'legal area'}  {clean(name)} ({members})"
    for kind in KINDS:
        ids = sorted(fact.id for listed, fact in facts if listed == kind and hasattr(fact, "id"))
        yield f"{words[kind]}  {sum(listed == kind for listed, _ in facts)}"
        if ids:
            yield f"    {' '.join(ids)}"


def _said(fact: Vouched, *, french: bool) -> str:
    """Return what a fact says, field by field; what it does not say is not known."""
    said: dict[str, object] = msgspec.to_builtins(fact)  # without what is not said
    period = {name: said.pop(name) for name in ("from", "to") if name in said}
    parts = [str(said.pop("id"))] if "id" in said else []
    for name, value in (said | period).items():
        if name not in _SOURCED:
            parts.append(f"{name}: {_spelled(value, french=french)}")
    return "; ".join(parts)


def _spelled(value: object, *, french: bool) -> str:
    if isinstance(value, bool):
        return ("oui" if value else "non") if french else ("yes" if value else "no")
    if isinstance(value, dict):
        return str(value["fr" if french else "en"])
    if isinstance(value, list | tuple):
        return ", ".join(_spelled(one, french=french) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sourced(fact: Vouched, *, french: bool) -> str:
    ref, kind = in_both(fact.source.ref), source_kind(fact.source.kind)
    if french:
        vouched = f"garant : {fact.signer}" if fact.signer else "sans garant"
        trusted = _CONFIDENCE_FR[fact.confidence]
        return f"source : {kind.fr}, {ref.fr} ; au {fact.as_of} ; confiance : {trusted} ; {vouched}"
    vouched = f"vouched for by {fact.signer}" if fact.signer else "vouched for by nobody"
    return f"source: {kind.en}, {ref.en}; as of {fact.as_of}; confidence: {fact.confidence}; {vouched}"
