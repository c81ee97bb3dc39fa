"""Check that the facts of a registry do not contradict each other. Pure.

Holdings in a ring exist and are no error. Dates are read so that only what contradicts for certain is refused: two
facts must hold on one same day however their dates are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bouclier.registry.model import SELF, Edge, Lasting
from bouclier.registry.periods import earliest, latest, sure_period, surely_overlap
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping

    from bouclier.registry.model import Entity, Fact
    from bouclier.registry.parse_flaws import Flaws
    from bouclier.registry.parse_shapes import Gathered

_ALL: Final = 100.0
_MAJORITY: Final = 50.0
_ROUNDING: Final = 1e-6
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "edges": ("holder", "held"),
    "supplies": ("service", "supplier", "role"),
    "qualifications": ("service", "name"),
    "assessments": ("service", "objective"),
    "reaches": ("law", "whom"),
}
"""What makes two facts of a kind speak of the same thing."""

_AMOUNTS: Final = ("share", "votes", "controls")
_CLOSE: Final = Bilingual(
    "Donnez à l'un des deux une fin (`to`), ou n'en gardez qu'un.",
    "Give one of the two an end (`to`), or keep only one.",
)


def identity_of(kind: str, fact: Fact) -> tuple[str, ...]:
    """Return what a fact is about: two facts on the same thing complete, replace or contradict each other."""
    fields = _SAME.get(kind, ("id",))
    return (kind, *(getattr(fact, field) for field in fields))


def check_contradictions(gathered: Gathered) -> None:
    """Note facts that cannot both be true."""
    for kind in _SAME:
        _check_said_twice(kind, gathered)
    entities = {entity.id: entity for entity in gathered.facts["entities"]}
    for amount in ("share", "votes"):
        _check_sum(amount, gathered.facts["edges"], entities.keys() | gathered.broken_ids, gathered.flaws)
    for index, edge in enumerate(gathered.facts["edges"]):
        _check_held(edge, index, entities, gathered.flaws)
    _check_self(entities, gathered)
    _check_publishers(entities, gathered)
    _check_deployments(gathered)


def _check_said_twice(kind: str, gathered: Gathered) -> None:
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    facts = gathered.facts[kind]
    for index, fact in enumerate(facts):
        key = identity_of(kind, fact)
        for other in same[key]:
            if surely_overlap(facts[other], fact) and (field := _contradicted(kind, facts[other], fact)) is not None:
                place = gathered.flaws.places[kind][other]
                gathered.flaws.add(
                    kind,
                    index,
                    field,
                    fr=f"un autre fait sur {', '.join(key[1:])} vaut en même temps ({place.file})",
                    en=f"another fact on {', '.join(key[1:])} holds at the same time ({place.file})",
                    hint=_CLOSE,
                )
                break
        same[key].append(index)


def _contradicted(kind: str, one: Lasting, other: Lasting) -> str | None:
    """Return the field in which two facts on the same thing cannot stand together; None if they complete each other."""
    if kind != "edges":
        return ""
    said = [(name, getattr(one, name), getattr(other, name)) for name in _AMOUNTS]
    for name, here, there in said:
        if here is not None and there is not None:
            return name if here != there else ""
    completes = any((here is None) != (there is None) for _, here, there in said)
    return None if completes else ""


def _check_sum(amount: str, edges: list[Edge], known: Collection[str], flaws: Flaws) -> None:
    """Note holdings of one entity that make more than the whole of it on some day.

    One that is wrong already, of nobody or of the held itself, is not counted: the others would be blamed for it. Of
    those that make too much together the last read is told: signed facts are read first, and what is added last.
    """
    held: dict[str, list[int]] = defaultdict(list)
    for index, edge in enumerate(edges):
        if getattr(edge, amount) is not None and edge.holder != edge.held and edge.holder in known:
            held[edge.held].append(index)
    for name, indexes in held.items():
        total = 0.0
        together: set[int] = set()
        for _, begins, index in sorted(_turns(edges, indexes)):
            total += getattr(edges[index], amount) if begins else -getattr(edges[index], amount)
            together ^= {index}
            if begins and total > _ALL + _ROUNDING:
                flaws.add(
                    "edges",
                    max(together),
                    amount,
                    fr=f"les parts de {name} font {total:g} % en même temps",
                    en=f"the parts of {name} make {total:g} % at the same time",
                    hint=Bilingual(
                        "Corrigez une part, ou donnez une fin (`to`) à ce qui n'est plus détenu.",
                        "Correct a part, or give an end (`to`) to what is held no more.",
                    ),
                )
                break


def _turns(edges: list[Edge], indexes: list[int]) -> Iterator[tuple[dt.date, bool, int]]:
    """Yield the days on which holdings begin and end for certain; on one day, ends sort before beginnings."""
    for index in indexes:
        begins, ends = sure_period(edges[index])
        if begins < ends:
            yield begins, True, index
            yield ends, False, index


def _check_held(edge: Edge, index: int, entities: Mapping[str, Entity], flaws: Flaws) -> None:
    if edge.holder == edge.held:
        flaws.add("edges", index, "held", fr="une entité ne se détient pas elle-même", en="no entity holds itself")
    if edge.held == SELF:
        flaws.add(
            "edges",
            index,
            "held",
            fr="l'institution elle-même n'est détenue par personne",
            en="the institution itself is held by nobody",
        )
    if edge.controls is False and _majority(edge):
        flaws.add(
            "edges",
            index,
            "controls",
            fr="qui a la majorité contrôle",
            en="whoever has the majority controls",
            hint=Bilingual("Retirez `controls`, ou corrigez la part.", "Take `controls` out, or correct the part."),
        )
    held = entities.get(edge.held)
    if held is None or not held.ultimate:
        return
    over = edge.until is not None and earliest(edge.until) <= latest(held.as_of)
    if not over and (edge.controls or edge.veto or _majority(edge)):
        flaws.add(
            "edges",
            index,
            "held",
            fr=f"« {held.id} » est dite sans maître (`ultimate`), et ce fait lui en donne un",
            en=f"nobody is said to control '{held.id}' (`ultimate`), and this fact says who does",
            hint=Bilingual("Corrigez l'un des deux.", "Correct one of the two."),
        )


def _majority(edge: Edge) -> bool:
    return (edge.share or 0.0) > _MAJORITY or (edge.votes or 0.0) > _MAJORITY or edge.board == "majority"


def _check_self(entities: Mapping[str, Entity], gathered: Gathered) -> None:
    for index, entity in enumerate(gathered.facts["entities"]):
        if (entity.id == SELF) != (entity.kind == "institution"):
            gathered.flaws.add(
                "entities",
                index,
                "kind",
                fr="`self` est l'institution elle-même, et elle seule",
                en="`self` is the institution itself, and nothing else",
            )
    own = entities.get(SELF)
    for index, reach in enumerate(gathered.facts["reaches"]):
        if own is not None and reach.whom == SELF:
            gathered.flaws.add(
                "reaches",
                index,
                "whom",
                fr="rien ne dit que l'institution est atteinte : ses lois sont les siennes",
                en="nothing says that the institution is reached: its laws are its own",
            )


def _check_publishers(entities: Mapping[str, Entity], gathered: Gathered) -> None:
    for kind in ("services", "sites"):
        for index, fact in enumerate(gathered.facts[kind]):
            operator = entities.get(fact.operator)
            if operator is not None and operator.publishes_only:
                gathered.flaws.add(
                    kind,
                    index,
                    "operator",
                    fr=f"« {operator.id} » ne fait que publier (`publishes_only`) : elle n'exploite rien",
                    en=f"'{operator.id}' only publishes (`publishes_only`): it runs nothing",
                )


def _check_deployments(gathered: Gathered) -> None:
    services = {service.id: service for service in gathered.facts["services"]}
    for index, served in enumerate(gathered.facts["deployments"]):
        service = services.get(served.service)
        if service is not None and service.sites and served.site is not None and served.site not in service.sites:
            gathered.flaws.add(
                "deployments",
                index,
                "site",
                fr=f"« {served.site} » n'est pas un site du service « {service.id} »",
                en=f"'{served.site}' is no site of the service '{service.id}'",
                hint=gathered.flaws.near(served.site, service.sites),
            )
