"""Who holds and who controls whom at a day, through chains and several hands. Pure.

An entity controls another when

1. it does so alone, by majority, right or statement (`stakes.py`); or when
2. those it controls have, together with it, more than half of the votes: two holders of 30 % in one hand are one of
   60 %.

Control of what controls is control; a circle of holdings ends where it began. An edge counts from the first day it may
have held to the last, and settles the question of who controls only on days on which it held for certain.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from bouclier.registry.amounts import HALF
from bouclier.registry.stakes import OPEN_ALONE, SETTLED_ALONE, Control, control_of, is_master

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.stakes import Holding, Stakes, Standing

    Direct = dict[str, tuple[Control, ...]]


class Whole(NamedTuple):
    """An entity and all who hold it, however little and through whomever.

    Attributes:
        direct: Each of them, with those who control it directly.
        split: Whether some holder of theirs has another part of the votes than of the capital.
    """

    direct: Direct
    split: bool


class Ownership:
    """The holdings of a registry at one day; it remembers what it was asked, and answers depend on nothing else."""

    def __init__(self, registry: Registry, day: dt.date) -> None:
        """Remember of which registry and which day.

        Args:
            registry: The facts.
            day: The day asked about.
        """
        self._registry = registry
        self.day = day
        self._stakes: Mapping[str, Stakes] = registry.stakes
        self._standings: dict[str, Standing] = {}
        self._closures: dict[str, Direct] = {}
        self._wholes: dict[str, Whole] = {}
        self._settled: dict[str, bool] = {}
        self._unsettled: dict[str, tuple[str, ...]] = {}
        self._sure: dict[str, tuple[Control, ...]] = {}

    def standing(self, held: str) -> Standing:
        """Return how an entity stands that day, as far as its own holders tell."""
        found = self._standings.get(held)
        if found is None:
            stakes = self._stakes.get(held)
            if stakes is None:
                found = SETTLED_ALONE if is_master(held, self._registry.entities) else OPEN_ALONE
            elif self.day >= stakes.last:
                found = stakes.afterwards
            else:
                found = stakes.before(self.day, held, self._registry.entities)
            self._standings[held] = found
        return found

    def holdings(self, held: str) -> tuple[Holding, ...]:
        """Return who may hold an entity that day, each once, by id."""
        return self.standing(held).holdings

    def closure(self, entity: str) -> Direct:
        """Return everyone who controls an entity, itself first, each with those who control it directly."""
        found = self._closures.get(entity)
        if found is None:
            found = self._closures[entity] = self._closed(entity)
        return found

    def whole(self, entity: str) -> Whole:
        """Return an entity and all who hold it, however little and through whomever."""
        found = self._wholes.get(entity)
        if found is None:
            found = self._wholes[entity] = self._whole(entity)
        return found

    def settled(self, entity: str) -> bool:
        """Return whether the facts tell who controls an entity directly, or that nobody does."""
        alone = self.standing(entity).settled
        if alone is not None:
            return alone
        found = self._settled.get(entity)
        if found is None:
            found = self._settled[entity] = self._surely_in_one_hand(entity)
        return found

    def unsettled(self, entity: str) -> tuple[str, ...]:
        """Return who, among an entity and those who control it, may be controlled by somebody no fact names; sorted.

        That is whoever is not settled, and whoever is controlled in circles only: a circle without anybody at its top
        hides somebody, or is not a fact.
        """
        found = self._unsettled.get(entity)
        if found is None:
            closure = self.closure(entity)
            loose, tops = set[str](), set[str]()
            for name, controls in closure.items():
                standing = self._standings[name]
                if not (self.settled(name) if standing.settled is None else standing.settled):
                    loose.add(name)
                elif not controls or standing.master:
                    tops.add(name)
            in_circles = closure.keys() - _grounded(tops | loose, closure)
            found = self._unsettled[entity] = tuple(sorted(loose | in_circles))
        return found

    def _closed(self, entity: str) -> Direct:
        """Return whoever controls an entity, nearest first."""
        found: dict[str, tuple[Control, ...]] = {}
        seen = {entity}
        waiting = [entity]
        standings = self._standings
        for name in waiting:  # grows while it is gone through
            standing = standings.get(name) or self.standing(name)
            if standing.shared:
                direct = self.whole(entity).direct
                return {name: direct[name] for name in upwards(entity, direct.__getitem__)}
            found[name] = standing.controls
            for control in standing.controls:
                if control.holder not in seen:
                    seen.add(control.holder)
                    waiting.append(control.holder)
        return found

    def _whole(self, entity: str) -> Whole:
        direct: dict[str, tuple[Control, ...]] = {entity: ()}
        lent: set[str] = set()
        split = False
        standings, waiting = self._standings, [entity]
        while waiting:
            name = waiting.pop()
            standing = standings.get(name) or self.standing(name)
            direct[name] = standing.controls
            split = split or standing.split
            if standing.shared:
                lent.add(name)
            for holder in standing.holders:
                if holder not in direct:
                    direct[holder] = ()
                    waiting.append(holder)
        if lent:
            self._join_hands(direct, [name for name in direct if name in lent])
        return Whole(direct, split)

    def _join_hands(self, direct: Direct, shared: list[str]) -> None:
        """Add who controls an entity through several; `shared` are those of whom that may be."""
        pending = set(shared)
        lenders = _Lenders(direct, {name: self.holdings(name) for name in shared})
        # Who is found to control through several may lend votes further down: those who may change are looked at again.
        while pending:
            for name in shared:
                if name in pending:
                    pending.discard(name)
                    several = self._together(name, direct)
                    if several:
                        direct[name] = (*direct[name], *several)
                        pending |= lenders.concerned(name, several)

    def _together(self, held: str, direct: Direct) -> list[Control]:
        """Return who controls an entity only through several, lowest first, beyond what is known already."""
        # Whoever is above a holder that controls the entity is known: only votes of the others may come together anew.
        known_already = {control.holder for control in direct[held]}
        lent = [
            holding
            for holding in self.standing(held).holdings
            if holding.most_votes and not holding.crowd and holding.holder not in known_already
        ]
        if sum([holding.most_votes for holding in lent]) <= HALF or not any(direct[one.holder] for one in lent):
            return []  # too little, or each has its own votes only
        above = direct.__getitem__
        behind = [upwards(holding.holder, above) for holding in lent]
        votes: dict[str, int] = {}
        for holding, hands in zip(lent, behind, strict=True):
            amount = holding.most_votes
            for name in hands:
                votes[name] = votes.get(name, 0) + amount
        majorities = [name for name, amount in votes.items() if amount > HALF]
        known = upwards(held, above) if majorities else {}
        found = sorted(name for name in majorities if name not in known)
        reach = {name: upwards(name, above) for name in found}

        def is_above_another(name: str) -> bool:
            # Whoever controls one of them controls by that already; of a circle of equals, the first stands for all.
            others = (other for other in found if other != name and name in reach[other])
            return any(other not in reach[name] or other < name for other in others)

        def control(name: str) -> Control:
            parts = [holding for holding, hands in zip(lent, behind, strict=True) if name in hands]
            percent = sum((holding.votes for holding in parts if holding.votes is not None), Fraction())
            facts = tuple(edge for holding in parts for edge in holding.facts)
            return control_of(held, name, "together", percent, facts, self._registry.entities)

        return [control(name) for name in found if not is_above_another(name)]

    def _surely_in_one_hand(self, entity: str) -> bool:
        """Return whether one hand has a majority of an entity for certain."""
        hands: dict[str, int] = {}
        for holding in self.standing(entity).holdings:
            if holding.least_votes and not holding.crowd:
                for name in upwards(holding.holder, self._surely_alone):
                    hands[name] = hands.get(name, 0) + holding.least_votes
        return max(hands.values(), default=0) > HALF

    def _surely_alone(self, held: str) -> tuple[Control, ...]:
        """Return who controls an entity that day for certain, leaving vetoes aside."""
        found = self._sure.get(held)
        if found is None:
            standing = self.standing(held)
            sure = {one.holder for one in standing.holdings if one.sure_facts == one.facts} if standing.controls else ()
            found = tuple(one for one in standing.controls if one.right != "veto" and one.holder in sure)
            self._sure[held] = found
        return found


def upwards(entity: str, above: Callable[[str], tuple[Control, ...]]) -> dict[str, None]:
    """Return an entity and whoever controls it, nearest first.

    Args:
        entity: The entity.
        above: Tells who controls an entity directly.
    """
    found: dict[str, None] = {entity: None}
    waiting = [entity]
    for name in waiting:  # grows while it is gone through
        for control in above(name):
            if control.holder not in found:
                found[control.holder] = None
                waiting.append(control.holder)
    return found


def _grounded(tops: set[str], closure: Direct) -> set[str]:
    """Return whom some of these tops control, and themselves."""
    found = set(tops)
    # Those above come last: in most registries one pass from there finds all.
    for name in reversed(closure):
        if name not in found:
            for control in closure[name]:
                if control.holder in found:
                    found.add(name)
                    break
    return found if len(found) == len(closure) else _downwards(found, _below(closure))


def _below(direct: Direct) -> defaultdict[str, list[str]]:
    """Return whom each one controls directly."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    for held, controls in direct.items():
        for control in controls:
            below[control.holder].append(held)
    return below


def _downwards(tops: Iterable[str], below: Mapping[str, list[str]]) -> set[str]:
    """Return whom some of these tops control through any chain, and themselves."""
    found = set(tops)
    waiting = list(found)
    while waiting:
        for held in below.get(waiting.pop(), ()):
            if held not in found:
                found.add(held)
                waiting.append(held)
    return found


class _Lenders:
    """Whose votes are lent to whom, to find out who is concerned when somebody turns out to be controlled."""

    def __init__(self, direct: Direct, shared: Mapping[str, tuple[Holding, ...]]) -> None:
        self._direct = direct
        self._shared = shared
        self._below: defaultdict[str, list[str]] | None = None
        self._held: defaultdict[str, list[str]] = defaultdict(list)

    def concerned(self, name: str, several: list[Control]) -> set[str]:
        """Return whose holders are an entity, or controlled by it, once several turn out to control it."""
        below = self._prepared()
        for control in several:
            below[control.holder].append(name)
        return {held for lender in _downwards([name], below) for held in self._held[lender]}

    def _prepared(self) -> defaultdict[str, list[str]]:
        if self._below is None:
            self._below = _below(self._direct)
            for held, holdings in self._shared.items():
                for holding in holdings:
                    if holding.most_votes and not holding.crowd:
                        self._held[holding.holder].append(held)
        return self._below
