"""What is held of each entity, and by whom it is controlled alone: prepared once, when facts are read. Pure.

Nothing here looks beyond an entity and those who hold it; what follows through several is in `control.py`.

1. From the last day that its edges name on, nothing changes any more: an edge that has an end does not hold, one that
   has none holds for certain. How an entity stands from then on is prepared for every entity, since most registries
   are asked about a day after the last they name; before it, `Stakes.before` tells.
2. An edge counts from the first day it may have held to the last, and for certain only on days on which it did. Of
   several edges between the same two, the one that exposes more counts; what is certain is the least they agree on.
3. An entity is controlled alone by whoever has more than half of its votes (where those are not known, of its capital),
   appoints the majority of its board, is said to control it, or can block its decisions. Many small holders together
   (`dispersed`) never act as one.
4. Who controls an entity is *settled* for a state, for people, for the institution itself, for what is said to be
   controlled by nobody, for what somebody holds by majority, and where what no fact attributes is too little to give
   anybody more than half. A board or a statement settles too, unless somebody else holds an amount that is not stated,
   may be more than half, and is not said to control nothing. A veto alone does not settle: somebody else may have the
   majority.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from bouclier.registry.amounts import ALL, HALF, at_least, at_most, exact
from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on, latest
from bouclier.registry.report_model import Node, Step, Way

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from fractions import Fraction

    from bouclier.registry.model import Edge, Entity

Right = Literal["votes", "veto", "board", "stated", "together"]

Rights = tuple[tuple[Literal["veto", "board"], bool], ...]

_OWN_MASTERS: Final = frozenset({"state", "people", "dispersed"})
_VETO: Final[Rights] = (("veto", True),)
_BOARD: Final[Rights] = (("board", True),)
_PERHAPS_BOARD: Final[Rights] = (("board", False),)


class Holding(Struct, frozen=True, gc=False):
    """What one entity holds of another; amounts are units of `amounts.py`.

    Attributes:
        holder: Who.
        facts: The edges that may hold that day.
        sure_facts: Those that hold for certain.
        votes: Percent of the votes, at most, as the capital where votes are not stated; None if unknown.
        most_capital: Of the capital, at most; 0 if unknown.
        most_votes: Of the votes, at most; 0 if unknown.
        least_capital: Of the capital, at least.
        least_votes: Of the votes, at least.
        crowd: Whether the holder is many small ones together.
        rights: That come with it, and whether a fact states them or leaves them open.
    """

    holder: str
    facts: tuple[Edge, ...]
    sure_facts: tuple[Edge, ...]
    votes: Fraction | None
    most_capital: int
    most_votes: int
    least_capital: int
    least_votes: int
    crowd: bool
    rights: Rights


class Control(Struct, frozen=True, gc=False):
    """That one entity controls another, by itself or through several that it controls.

    Attributes:
        holder: Who.
        right: By what; the first that applies of votes, board, statement, veto, then several together.
        percent: Of the votes, or of the capital where they are not known; None if unknown.
        facts: The edges that say so.
        step: The same as a step of a chain, from whom it controls.
    """

    holder: str
    right: Right
    percent: Fraction | None
    facts: tuple[Edge, ...]
    step: Step


class Standing(Struct, frozen=True, gc=False):
    """How an entity stands at a day, as far as its own holders tell.

    Attributes:
        holdings: Who may hold it, each once, by id.
        holders: Their ids, likewise.
        controls: Who controls it alone.
        shared: Whether several together may have a majority of it.
        settled: Whether facts tell who controls it directly; None where that depends on who is behind its holders.
        master: Whether it is said to be controlled by nobody, or is of a kind that nobody controls.
        split: Whether some holder has another part of the votes than of the capital.
    """

    holdings: tuple[Holding, ...]
    holders: tuple[str, ...]
    controls: tuple[Control, ...]
    shared: bool
    settled: bool | None
    master: bool
    split: bool


class Stakes(Struct, frozen=True, gc=False):
    """The edges on one entity, and how it stands once all their days are past.

    Attributes:
        edges: On the entity, from others than itself.
        last: The last day they name.
        afterwards: How it stands from that day on.
    """

    edges: tuple[Edge, ...]
    last: dt.date
    afterwards: Standing

    def before(self, day: dt.date, held: str, entities: Mapping[str, Entity]) -> Standing:
        """Return how the entity stands at a day before the last.

        Args:
            day: The day.
            held: The entity.
            entities: Of the registry, by id.
        """
        facts = [edge for edge in self.edges if holds_on(edge, day, favourable=False)]
        sure = [edge for edge in facts if holds_on(edge, day, favourable=True)]
        return _standing(held, facts, sure, entities)


SETTLED_ALONE: Final = Standing((), (), (), shared=False, settled=True, master=True, split=False)
"""Of whom nobody is known to hold anything, and nobody else can."""
OPEN_ALONE: Final = Standing((), (), (), shared=False, settled=False, master=False, split=False)
"""Of whom nobody is known to hold anything, and anybody may."""


def stakes_of(entities: Mapping[str, Entity], held_by: Mapping[str, Sequence[Edge]]) -> Mapping[str, Stakes]:
    """Return what is held of each entity that another holds, by its id.

    Args:
        entities: By id.
        held_by: Edges by the id of whom they hold.
    """
    found: dict[str, Stakes] = {}
    for held, all_edges in held_by.items():
        edges = tuple(edge for edge in all_edges if edge.holder != held)
        if edges:
            lasting = [edge for edge in edges if edge.until is None]
            found[held] = Stakes(edges, _last_day(edges), _standing(held, lasting, lasting, entities))
    return MappingProxyType(found)


def is_master(entity: str, entities: Mapping[str, Entity]) -> bool:
    """Return whether an entity is said to be controlled by nobody, or is of a kind that nobody controls."""
    fact = entities.get(entity)
    return entity == SELF or (fact is not None and (fact.ultimate or fact.kind in _OWN_MASTERS))


def control_of(
    held: str,
    holder: str,
    right: Right,
    percent: Fraction | None,
    facts: tuple[Edge, ...],
    entities: Mapping[str, Entity],
) -> Control:
    """Return a control with the step that tells it.

    Args:
        held: Who is controlled.
        holder: By whom.
        right: By what.
        percent: Of the votes; None if unknown.
        facts: What says so.
        entities: Of the registry, by id.
    """
    way = Way.TOGETHER if right == "together" else Way.HELD_BY
    step = Step(_node(held, entities), _node(holder, entities), way, facts, right, percent)
    return Control(holder, right, percent, facts, step)


def _node(name: str, entities: Mapping[str, Entity]) -> Node:
    fact = entities.get(name)
    return Node("entity", name, fact.name if fact is not None else name)


def _last_day(edges: Sequence[Edge]) -> dt.date:
    days = {edge.as_of if edge.since is None else edge.since for edge in edges}
    days.update(edge.until for edge in edges if edge.until is not None)
    return max(latest(when) for when in days)


def _standing(held: str, facts: Sequence[Edge], sure: Sequence[Edge], entities: Mapping[str, Entity]) -> Standing:
    by_holder: dict[str, list[Edge]] = {}
    for edge in facts:
        by_holder.setdefault(edge.holder, []).append(edge)
    sure_by_holder = by_holder
    if sure is not facts:
        sure_by_holder = {}
        for edge in sure:
            sure_by_holder.setdefault(edge.holder, []).append(edge)
    split = False
    holdings: list[Holding] = []
    for holder in sorted(by_holder):
        holding, differs = _holding(holder, by_holder[holder], sure_by_holder.get(holder, ()), entities)
        holdings.append(holding)
        split = split or differs
    named = [holding for holding in holdings if not holding.crowd]
    controls = tuple(control for holding in named if (control := _control(held, holding, entities)) is not None)
    master = is_master(held, entities)
    settled = master or _settled(holdings, named, entities)
    holders = tuple([holding.holder for holding in holdings])
    return Standing(tuple(holdings), holders, controls, _may_be_shared(named, controls), settled, master, split)


def _holding(
    holder: str, edges: Sequence[Edge], sure: Sequence[Edge], entities: Mapping[str, Entity]
) -> tuple[Holding, bool]:
    """Return what a holder has, and whether its part of the votes is another than of the capital."""
    capital, votes = _amounts(edges, max)
    sure_capital, sure_votes = (capital, votes) if len(edges) == len(sure) == 1 else _amounts(sure, min)
    facts = tuple(edges)
    fact = entities.get(holder)
    crowd = fact is not None and fact.kind == "dispersed"
    holding = Holding(
        holder,
        facts,
        facts if len(facts) == len(sure) else tuple(sure),
        exact(votes) if votes is not None else None,
        at_most(capital or 0.0),
        at_most(votes or 0.0),
        at_least(sure_capital or 0.0),
        at_least(sure_votes or 0.0),
        crowd,
        _rights(edges, crowd=crowd),
    )
    return holding, votes != capital or (sure_votes or 0.0) != (sure_capital or 0.0)


def _amounts(edges: Sequence[Edge], choose: Callable[[list[float]], float]) -> tuple[float | None, float | None]:
    """Return percents of the capital and of the votes; votes that are not stated are as the capital."""
    if len(edges) == 1:
        (edge,) = edges
        return edge.share, edge.share if edge.votes is None else edge.votes
    capital = [edge.share for edge in edges if edge.share is not None]
    votes = [amount for edge in edges if (amount := edge.share if edge.votes is None else edge.votes) is not None]
    return choose(capital) if capital else None, choose(votes) if votes else None


def _rights(edges: Sequence[Edge], *, crowd: bool) -> Rights:
    boards = [edge.board for edge in edges]
    board = _BOARD if "majority" in boards else _PERHAPS_BOARD if "unknown" in boards and not crowd else ()
    return (*_VETO, *board) if any(edge.veto for edge in edges) else board


def _control(held: str, holding: Holding, entities: Mapping[str, Entity]) -> Control | None:
    """Return by what a holding makes its holder control, or None if it does not."""
    right: Right
    if holding.most_votes > HALF:
        right = "votes"
    elif any(edge.board == "majority" for edge in holding.facts):
        right = "board"
    elif any(edge.controls for edge in holding.facts):
        right = "stated"
    elif any(edge.veto for edge in holding.facts):
        right = "veto"
    else:
        return None
    return control_of(held, holding.holder, right, holding.votes, holding.facts, entities)


def _may_be_shared(named: Sequence[Holding], controls: Sequence[Control]) -> bool:
    """Return whether holders may have a majority together; who is above one that controls alone is known by that."""
    alone = {control.holder for control in controls}
    return sum([holding.most_votes for holding in named if holding.holder not in alone]) > HALF


def _settled(holdings: Sequence[Holding], named: Sequence[Holding], entities: Mapping[str, Entity]) -> bool | None:
    """Return whether facts tell who controls an entity; None if that depends on who is behind those who hold it."""
    for holding in named:
        if holding.least_votes > HALF:
            return True
    unnamed = max(ALL - sum([holding.least_votes for holding in holdings]), 0)
    if _governed(named, unnamed):
        return True
    if unnamed > HALF:
        return False
    # Holders whose own masters no fact excludes may be in one hand, with what nobody attributes.
    apart = [holding.most_votes for holding in named if is_master(holding.holder, entities)]
    loose = sum([holding.most_votes for holding in named if not is_master(holding.holder, entities)])
    if max(apart, default=0) + loose + unnamed <= HALF:
        return True
    # One hand may have a majority already for certain: not if all of them together have none.
    return None if sum([holding.least_votes for holding in named]) > HALF else False


def _governed(named: Sequence[Holding], unnamed: int) -> bool:
    """Return whether a board or a statement tells who controls, and no amount left unstated may say otherwise."""
    governing, others = False, list[Holding]()
    for holding in named:
        if any(edge.controls or edge.board == "majority" for edge in holding.sure_facts):
            governing = True
        elif not any(edge.controls is False for edge in holding.sure_facts):
            others.append(holding)
    if not governing or all(holding.votes is not None for holding in others):
        return governing
    return sum(holding.most_votes for holding in others) + unnamed <= HALF
