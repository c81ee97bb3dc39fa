"""Who holds and who controls whom at a day, from edges. Pure.

An entity controls another when, of it, it

1. has more than half of the votes; where votes are not known, of the capital;
2. can block its decisions, or appoints the majority of its board;
3. is said to, where amounts are not known; or when
4. those it controls have, together with it, more than half of the votes: two holders of 30 % in one hand are one of
   60 %.

Control of what controls is control; a circle of holdings ends where it began. Many small holders together (`dispersed`)
never act as one. An edge counts from the first day it may have held to the last, and settles the question of who
controls only on days on which it held for certain. Of several edges between the same two, the one that exposes more
counts; what they settle is the least they agree on.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from bouclier.registry.model import Edge, Registry

Right = Literal["votes", "veto", "board", "stated", "together"]

NONE: Final = Fraction()
ALL: Final = Fraction(100)
_HALF: Final = 50
_OWN_MASTERS: Final = frozenset({"state", "people", "dispersed"})
_REMEMBERED: Final = 4096


class Holding(NamedTuple):
    """What one entity holds of another.

    Attributes:
        holder: Who.
        facts: The edges that may hold that day.
        capital: Percent of the capital, at most; None if unknown.
        votes: Percent of the votes, at most, as the capital where votes are not stated; None if unknown.
        sure_facts: The edges that hold for certain.
        sure_capital: Percent of the capital, at least.
        sure_votes: Percent of the votes, at least.
        crowd: Whether the holder is many small ones together.
    """

    holder: str
    facts: tuple[Edge, ...]
    capital: Fraction | None
    votes: Fraction | None
    sure_facts: tuple[Edge, ...]
    sure_capital: Fraction
    sure_votes: Fraction
    crowd: bool


class Control(NamedTuple):
    """That one entity controls another, by itself or through several that it controls.

    Attributes:
        holder: Who.
        right: By what; the first that applies of votes, board, statement, veto, then several together.
        percent: Of the votes, or of the capital where they are not known; None if unknown.
        facts: The edges that say so.
    """

    holder: str
    right: Right
    percent: Fraction | None
    facts: tuple[Edge, ...]


Direct = dict[str, tuple[Control, ...]]


@lru_cache(maxsize=_REMEMBERED)
def exact(percent: float) -> Fraction:
    """Return a percent as its source wrote it: 24.1 is 241/10, whatever binary fractions make of it.

    >>> exact(24.1)
    Fraction(241, 10)
    """
    return Fraction(repr(percent))


class Ownership:
    """The holdings of a registry at one day; it remembers what it was asked, and answers depend on nothing else."""

    def __init__(self, registry: Registry, day: dt.date) -> None:
        """Remember of which registry and which day.

        Args:
            registry: The facts.
            day: The day asked about.
        """
        self._registry = registry
        self._day = day
        self._holdings: dict[str, tuple[Holding, ...]] = {}
        self._single: Direct = {}
        self._closures: dict[str, Mapping[str, tuple[Control, ...]]] = {}
        self._settled: dict[str, bool] = {}

    def holdings(self, held: str) -> tuple[Holding, ...]:
        """Return who may hold an entity that day, each once, by id."""
        found = self._holdings.get(held)
        if found is None:
            by_holder: dict[str, list[Edge]] = {}
            for edge in self._registry.held_by.get(held, ()):
                if edge.holder != held and holds_on(edge, self._day, favourable=False):
                    by_holder.setdefault(edge.holder, []).append(edge)
            found = tuple(self._holding(holder, by_holder[holder]) for holder in sorted(by_holder))
            self._holdings[held] = found
        return found

    def closure(self, entity: str) -> Mapping[str, tuple[Control, ...]]:
        """Return everyone who controls an entity, itself first, each with those who control it directly."""
        found = self._closures.get(entity)
        if found is None:
            found = self._closures[entity] = self._closed(entity)
        return found

    def ancestors(self, entity: str) -> list[str]:
        """Return an entity and all who hold it, however little and through whomever."""
        found = {entity: None}
        waiting = [entity]
        while waiting:
            for holding in self.holdings(waiting.pop()):
                if holding.holder not in found:
                    found[holding.holder] = None
                    waiting.append(holding.holder)
        return list(found)

    def controllers(self, entity: str) -> tuple[str, ...]:
        """Return who controls an entity directly, by itself or through several.

        For entities met on the way from another, ask `closure` of that one: here each is looked at on its own.
        """
        if self._may_be_held_together(entity):
            return tuple(control.holder for control in self.closure(entity)[entity])
        return tuple(control.holder for control in self._alone(entity))

    def settled(self, entity: str) -> bool:
        """Return whether the facts tell who controls an entity directly, or that nobody does.

        They do for a state, for people, for the institution itself, for what is said to be controlled by nobody, for
        what somebody holds by majority, by its board or by statement, and where what no fact attributes is too little
        to give anybody more than half. A veto alone does not: somebody else may have the majority.
        """
        found = self._settled.get(entity)
        if found is None:
            found = self._settled[entity] = self._is_settled(entity)
        return found

    def is_master(self, entity: str) -> bool:
        """Return whether an entity is said to be controlled by nobody, or is of a kind that nobody controls."""
        fact = self._registry.entities.get(entity)
        return entity == SELF or (fact is not None and (fact.ultimate or fact.kind in _OWN_MASTERS))

    def unsettled(self, entity: str) -> tuple[str, ...]:
        """Return who, among an entity and those who control it, may be controlled by somebody no fact names; sorted.

        That is whoever is not settled, and whoever is controlled in circles only: a circle without anybody at its top
        hides somebody, or is not a fact.
        """
        closure = self.closure(entity)
        loose = {name for name in closure if not self.settled(name)}
        below = defaultdict[str, list[str]](list)
        for held, controls in closure.items():
            for control in controls:
                below[control.holder].append(held)
        grounded = {name for name in closure if name in loose or self.is_master(name) or not closure[name]}
        waiting = list(grounded)
        while waiting:
            for held in below[waiting.pop()]:
                if held not in grounded:
                    grounded.add(held)
                    waiting.append(held)
        return tuple(sorted(loose | (closure.keys() - grounded)))

    def _holding(self, holder: str, edges: Sequence[Edge]) -> Holding:
        sure = tuple(edge for edge in edges if holds_on(edge, self._day, favourable=True))
        fact = self._registry.entities.get(holder)
        return Holding(
            holder=holder,
            facts=tuple(edges),
            capital=max((exact(edge.share) for edge in edges if edge.share is not None), default=None),
            votes=max((exact(votes) for votes in map(_votes, edges) if votes is not None), default=None),
            sure_facts=sure,
            sure_capital=min((exact(edge.share) for edge in sure if edge.share is not None), default=NONE),
            sure_votes=min((exact(votes) for votes in map(_votes, sure) if votes is not None), default=NONE),
            crowd=fact is not None and fact.kind == "dispersed",
        )

    def _closed(self, entity: str) -> Direct:
        by_one = self._by_one(entity)
        if not any(self._may_be_held_together(name) for name in by_one):
            return by_one
        direct = {name: self._alone(name) for name in self.ancestors(entity)}
        split = [name for name in direct if self._may_be_held_together(name)]
        growing = True
        while growing:
            growing = False
            for name in split:
                several = self._together(name, direct)
                if several:
                    direct[name] = (*direct[name], *several)
                    growing = True
        return {name: direct[name] for name in _upwards(entity, direct)}

    def _by_one(self, entity: str) -> Direct:
        """Return whoever controls an entity through chains in which each link is one holder."""
        found: Direct = {entity: self._alone(entity)}
        nearest = [entity]
        while nearest:
            above = [control.holder for name in nearest for control in found[name]]
            nearest = []
            for name in above:
                if name not in found:
                    found[name] = self._alone(name)
                    nearest.append(name)
        return found

    def _alone(self, held: str) -> tuple[Control, ...]:
        found = self._single.get(held)
        if found is None:
            controls = (_control(holding) for holding in self.holdings(held) if not holding.crowd)
            found = self._single[held] = tuple(control for control in controls if control is not None)
        return found

    def _may_be_held_together(self, held: str) -> bool:
        votes = [holding.votes or NONE for holding in self.holdings(held) if not holding.crowd]
        most = max(votes, default=NONE)
        # Where one has the majority, others together have one only if the facts contradict each other.
        return len(votes) > 1 and sum(votes, NONE) - (most if most > _HALF else NONE) > _HALF

    def _together(self, held: str, direct: Direct) -> list[Control]:
        """Return who controls an entity only through several, lowest first, beyond what is known already."""
        votes = defaultdict[str, Fraction](Fraction)
        behind: dict[str, list[Edge]] = {}
        for holding in self.holdings(held):
            if holding.votes and not holding.crowd:
                for name in _upwards(holding.holder, direct):
                    votes[name] += holding.votes
                    behind.setdefault(name, []).extend(holding.facts)
        known = _upwards(held, direct)
        found = sorted(name for name, percent in votes.items() if percent > _HALF and name not in known)
        reach = {name: _upwards(name, direct) for name in found}

        def is_above_another(name: str) -> bool:
            # Whoever controls one of them controls by that already; of a circle of equals, the first stands for all.
            others = (other for other in found if other != name and name in reach[other])
            return any(other not in reach[name] or other < name for other in others)

        return [
            Control(name, "together", votes[name], tuple(behind[name])) for name in found if not is_above_another(name)
        ]

    def _is_settled(self, entity: str) -> bool:
        if self.is_master(entity):
            return True
        if entity not in self._registry.entities:
            return False
        holdings = self.holdings(entity)
        named = [holding for holding in holdings if not holding.crowd]
        if any(edge.controls or edge.board == "majority" for holding in named for edge in holding.sure_facts):
            return True
        if any(holding.sure_votes > _HALF for holding in named):
            return True
        unnamed = max(ALL - sum((holding.sure_votes for holding in holdings), NONE), NONE)
        return unnamed <= _HALF and self._nobody_else(entity, named, unnamed)

    def _nobody_else(self, entity: str, named: Sequence[Holding], unnamed: Fraction) -> bool:
        """Return whether what no fact attributes gives nobody a majority, or one hand has it already for certain."""
        # Holders whose own masters no fact excludes may be in one hand, with what nobody attributes.
        apart = [holding.votes or NONE for holding in named if self.is_master(holding.holder)]
        loose = sum((holding.votes or NONE for holding in named if not self.is_master(holding.holder)), NONE)
        if max(apart, default=NONE) + loose + unnamed <= _HALF:
            return True
        ancestors = self.ancestors(entity)
        surely = {name: self._surely_alone(name) for name in ancestors}
        return _largest([(holding.holder, holding.sure_votes) for holding in named], surely) > _HALF

    def _surely_alone(self, held: str) -> tuple[Control, ...]:
        """Return who controls an entity that day for certain, leaving vetoes aside."""
        by_holder = {holding.holder: holding for holding in self.holdings(held)}
        return tuple(
            control
            for control in self._alone(held)
            if control.right != "veto" and by_holder[control.holder].sure_facts == by_holder[control.holder].facts
        )


def _votes(edge: Edge) -> float | None:
    return edge.share if edge.votes is None else edge.votes


def _control(holding: Holding) -> Control | None:
    """Return by what a holding makes its holder control, or None if it does not."""
    right: Right
    if holding.votes is not None and holding.votes > _HALF:
        right = "votes"
    elif any(edge.board == "majority" for edge in holding.facts):
        right = "board"
    elif any(edge.controls for edge in holding.facts):
        right = "stated"
    elif any(edge.veto for edge in holding.facts):
        right = "veto"
    else:
        return None
    return Control(holding.holder, right, holding.votes, holding.facts)


def _upwards(entity: str, direct: Mapping[str, tuple[Control, ...]]) -> dict[str, None]:
    """Return an entity and whoever controls it, nearest first."""
    found: dict[str, None] = {entity: None}
    nearest = [entity]
    while nearest:
        above: dict[str, None] = {}
        for name in nearest:
            for control in direct.get(name, ()):
                if control.holder not in found:
                    found[control.holder] = above[control.holder] = None
        nearest = list(above)
    return found


def _largest(votes: Sequence[tuple[str, Fraction]], direct: Direct) -> Fraction:
    """Return the most votes that come together in one hand."""
    hands = defaultdict[str, Fraction](Fraction)
    for holder, percent in votes:
        for name in _upwards(holder, direct):
            hands[name] += percent
    return max(hands.values(), default=NONE)
