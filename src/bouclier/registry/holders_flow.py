"""Where the capital of an entity, or its votes, ends up: percentages multiplied along chains, and chains added. Pure.

1. What goes in a circle counts once: it is followed as long as something of it is left, and as far as a budget allows.
   What is still on its way then may be anyone's.
2. What no fact attributes for certain may be anyone's too, except of a state, of people, of a body without capital.
3. Amounts are units of a percent (`amounts.py`), rounded link by link so that no bound is better than the truth.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from bouclier.registry.amounts import ALL, part_of
from bouclier.registry.model import SELF

if TYPE_CHECKING:
    from collections.abc import Collection

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Ownership

Measure = Literal["capital", "votes"]

_OWNERLESS: Final = frozenset({"state", "people", "public-body", "non-profit", "institution"})
# How many are looked at, and how many that hold them: what lies beyond may be anyone's, and is told so.
_FLOW_VISITS: Final = 1000
_VISITS: Final = 8000
_FLOW_LINKS: Final = 5 * _FLOW_VISITS
_LINKS: Final = 5 * _VISITS


class Flow(NamedTuple):
    """Where the capital of an entity, or its votes, ends up, in units of a percent.

    Attributes:
        reached: What came to each holder, by id; counted once where it stops.
        crowd: What many small holders hold together.
        unattributed: What no fact attributes to anyone for certain.
        left: What still goes in circles, and may be anyone's.
    """

    reached: dict[str, int]
    crowd: int
    unattributed: int
    left: int

    def open(self) -> int:
        """Return what may be anyone's."""
        return min(self.unattributed + self.left, ALL)


class _Parts(NamedTuple):
    """Into what an entity is shared out: holders and their shares, small ones together, and what is nobody's."""

    named: list[tuple[str, int]]
    crowds: list[int]
    unattributed: int


class Flows:
    """The flows of one entity; all of them together look at no more than a budget of holders."""

    def __init__(self, registry: Registry, ownership: Ownership, entity: str) -> None:
        """Remember whose.

        Args:
            registry: The facts.
            ownership: Its holdings at the day asked about.
            entity: What is shared out.
        """
        self._registry = registry
        self._ownership = ownership
        self._entity = entity
        self._visits = _VISITS
        self._links = _LINKS
        self._known: defaultdict[tuple[Measure, bool], dict[str, _Parts]] = defaultdict(dict)

    def follow(self, measure: Measure, stops: Collection[str], *, sure: bool) -> Flow:
        """Follow what the entity is made of up to whoever holds it.

        Args:
            measure: Of capital or of votes.
            stops: Ids; it goes no further than these.
            sure: Whether only what holds for certain is followed; what no fact attributes for certain is told anyway.
        """
        reached: dict[str, int] = {}
        crowd = unattributed = 0
        moving = {self._entity: ALL}
        visits, links = min(self._visits, _FLOW_VISITS), min(self._links, _FLOW_LINKS)
        standing, known = self._ownership.standing, self._known[measure, sure]
        while moving:
            holders = 0
            for held in moving:
                holders += len(standing(held).holders)
            visits -= len(moving)
            links -= holders
            if visits < 0 or links < 0:
                break
            self._visits -= len(moving)
            self._links -= holders
            going, moving = moving, {}
            for held, mass in going.items():
                parts = known.get(held)
                if parts is None:
                    parts = known[held] = self._shared_out(held, measure, sure=sure)
                for holder, share in parts.named:
                    amount = mass * share // ALL if sure else -(-mass * share // ALL)  # `part_of`, thousands of times
                    reached[holder] = reached.get(holder, 0) + amount
                    if amount and holder not in stops:
                        moving[holder] = moving.get(holder, 0) + amount
                for share in parts.crowds:
                    crowd += part_of(mass, share, up=not sure)
                unattributed += mass * parts.unattributed
        return Flow(reached, crowd, -(-unattributed // ALL), sum(moving.values()))

    def _shared_out(self, held: str, measure: Measure, *, sure: bool) -> _Parts:
        named: list[tuple[str, int]] = []
        crowds: list[int] = []
        unattributed = ALL
        for holding in self._ownership.holdings(held):
            most, least = holding.most_capital, holding.least_capital
            if measure == "votes":
                most, least = holding.most_votes, holding.least_votes
            unattributed -= least
            if holding.crowd:
                crowds.append(least if sure else most)
            else:
                named.append((holding.holder, least if sure else most))
        return _Parts(named, crowds, 0 if unattributed < 0 or self._is_own_master(held) else unattributed)

    def _is_own_master(self, name: str) -> bool:
        """Return whether what nobody holds of an entity is nobody's: a state, a person, a body without capital."""
        fact = self._registry.entities.get(name)
        return name == SELF or (fact is not None and fact.kind in _OWNERLESS)
