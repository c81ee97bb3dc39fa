"""SecNumCloud 3.2, 19.6 (a) and (b): how much of an operator is held from outside the Union, through chains. Pure.

1. The operator has its seat in a Member State of the Union (not merely of the EEA).
2. A holder from outside holds at most 24 %, and all of them together at most 39 %, of the capital and of the votes,
   directly or through others: percentages are multiplied along a chain, and chains are added. What goes in a circle
   counts once.
3. None of them controls the operator, can block its decisions, or appoints the majority of its board.
4. A block that one hand from outside commands is also read whole: an operator that passes only while percentages are
   multiplied through it does not pass, and is unknown.
5. What no fact attributes may be anyone's: it bounds what each may hold and, as it may come with rights, the test is
   then not passed. Many small holders (`dispersed`) each hold little, but may all be from outside.

Shares are exact fractions. The rules (c) to (f), on subcontractors, autonomy, values and notification, are not
computed. ADR 0040 says what can be contested.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.control import ALL, NONE
from bouclier.registry.model import SELF
from bouclier.registry.report_model import Bounds, Ground, Holder, HoldersTest, Node, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from bouclier.registry.control import Holding, Ownership
    from bouclier.registry.model import Registry
    from bouclier.registry.report_model import Verdict

    Measure = Callable[[Holding], tuple[Fraction, Fraction]]

SINGLE_LIMIT: Final = Fraction(24)
TOGETHER_LIMIT: Final = Fraction(39)
_OWNERLESS: Final = frozenset({"state", "people", "public-body", "non-profit", "institution"})
_FINE: Final = 10**12
_NEGLIGIBLE: Final = Fraction(1, 10**12)
# How much is looked at: what lies beyond may be anyone's, and is told so.
_FLOW_VISITS: Final = 1000
_VISITS: Final = 8000
_TOLD: Final = 100


class Flow(NamedTuple):
    """Where the capital of an entity, or its votes, ends up, in percent.

    Attributes:
        reached: What came to each holder, by id; counted once where it stops.
        crowd: What many small holders hold together.
        unattributed: What no fact attributes to anyone for certain.
        left: What still goes in circles, and may be anyone's.
    """

    reached: dict[str, Fraction]
    crowd: Fraction
    unattributed: Fraction
    left: Fraction

    def open(self) -> Fraction:
        """Return what may be anyone's."""
        return min(self.unattributed + self.left, ALL)


def holders_test(registry: Registry, ownership: Ownership, operator: str) -> HoldersTest:
    """Return whether an operator passes 19.6 (a) and (b), by whom and how much it is held from outside the Union.

    Args:
        registry: The facts.
        ownership: Its holdings at the day asked about.
        operator: Id of whoever runs the subject; empty if nobody is known to.
    """
    if operator not in registry.entities and operator != SELF:
        anything = Bounds(NONE, ALL)
        return HoldersTest(
            operator, "unknown", None, (), anything, anything, ALL, (Ground("facts", "unknown", operator),)
        )
    return _Testing(registry, ownership, operator).result()


def _capital(holding: Holding) -> tuple[Fraction, Fraction]:
    return holding.capital or NONE, holding.sure_capital


def _votes(holding: Holding) -> tuple[Fraction, Fraction]:
    return holding.votes or NONE, holding.sure_votes


def _short(amount: Fraction, *, up: bool) -> Fraction:
    """Return an amount whose denominator does not grow link by link, rounded so that no bound is better than true."""
    if amount.denominator <= _FINE:
        return amount
    scaled = amount.numerator * _FINE
    return Fraction(-(-scaled // amount.denominator) if up else scaled // amount.denominator, _FINE)


class _Testing:
    def __init__(self, registry: Registry, ownership: Ownership, operator: str) -> None:
        self._registry = registry
        self._ownership = ownership
        self._operator = operator
        self._union = {member.code for member in registry.area.members if member.through == "EU"}
        self._budget = _VISITS
        # Where no fact tells votes from capital, what is true of the one is true of the other.
        apart = any(
            holding.votes != holding.capital or holding.sure_votes != holding.sure_capital
            for name in ownership.ancestors(operator)
            for holding in ownership.holdings(name)
        )
        self._measures: tuple[Measure, ...] = (_capital, _votes) if apart else (_capital,)

    def result(self) -> HoldersTest:
        """Return the test."""
        reached = defaultdict[str, Fraction](Fraction)
        for measure in self._measures:
            for name, amount in self._flow(measure, (), sure=False).reached.items():
                reached[name] = max(reached[name], amount)
        known = (self._ownership.closure(self._operator).keys() | reached.keys()) - {self._operator}
        foreign = [name for name in known if self._weight(name) is not None]
        foreign.sort(key=lambda name: (-reached[name], name))
        capital = self._together(_capital, foreign)
        votes = self._together(_votes, foreign) if len(self._measures) > 1 else capital
        # Whoever stands unnamed behind a holder from outside has no other rights than that holder's, told with it.
        unnamed = max(self._flow(measure, foreign, sure=False).open() for measure in self._measures)
        holders = sorted(
            (self._holder(name, capital.high, votes.high) for name in foreign[:_TOLD]),
            key=lambda one: (-max(one.capital.low, one.votes.low), -max(one.capital.high, one.votes.high), one.node),
        )
        grounds = (
            *self._on_seat(),
            *(ground for holder in holders for ground in _on_single(holder)),
            *_on_together(capital, votes),
            *self._on_rights(),
            *([Ground("unattributed", "unknown", "", Bounds(NONE, unnamed))] if unnamed else ()),
            *([Ground("single", "unknown", "", Bounds(NONE, capital.high))] if len(foreign) > _TOLD else ()),
        )
        # Percentages multiply; a block commanded from outside may also be read whole. Who passes, passes both ways.
        grounds = grounds or tuple(self._on_blocks())
        verdict: Verdict = "pass"
        if grounds:
            verdict = "fail" if any(ground.verdict == "fail" for ground in grounds) else "unknown"
        return HoldersTest(
            self._operator, verdict, self._seat(self._operator), tuple(holders), capital, votes, unnamed, grounds
        )

    def _holder(self, name: str, most_capital: Fraction, most_votes: Fraction) -> Holder:
        fact = self._registry.entities.get(name)
        node = Node("entity", name, fact.name if fact is not None else name)
        capital = self._one(_capital, name, most_capital)
        votes = self._one(_votes, name, most_votes) if len(self._measures) > 1 else capital
        return Holder(node, self._seat(name), capital, votes)

    def _one(self, measure: Measure, name: str, together: Fraction) -> Bounds:
        """Return what one holder has: never more than all those from outside together, whom it is among."""
        least = self._flow(measure, {name}, sure=True)
        most = self._flow(measure, {name}, sure=False)
        low, high = least.reached.get(name, NONE), most.reached.get(name, NONE) + most.open()
        return Bounds(min(low, ALL), min(high, together))

    def _together(self, measure: Measure, foreign: list[str]) -> Bounds:
        sure = {name for name in foreign if self._weight(name) == "fail"}
        least = self._flow(measure, sure, sure=True)
        # Whoever may be from outside adds to what may be; who is above them is counted in it already.
        most = self._flow(measure, set(foreign), sure=False)
        low = sum((least.reached.get(name, NONE) for name in sure), NONE)
        high = sum((most.reached.get(name, NONE) for name in foreign), NONE) + most.crowd + most.open()
        return Bounds(min(low, ALL), min(high, ALL))

    def _on_seat(self) -> Iterator[Ground]:
        seat = self._seat(self._operator)
        if self._operator != SELF and seat not in self._union:
            yield Ground("seat", "unknown" if seat is None else "fail", self._operator)

    def _on_rights(self) -> list[Ground]:
        """Return who from outside controls the operator, or has rights over it or over those who control it."""
        closure = self._ownership.closure(self._operator)
        found: dict[tuple[Rule, str], Verdict] = {}
        for name in self._ownership.unsettled(self._operator):
            found["control", name] = "unknown"
        for name in closure:
            weight = self._weight(name) if name != self._operator else None
            if weight is not None:
                found["control", name] = weight
        outside = self._under_outside()
        for holding in (holding for held in closure for holding in self._ownership.holdings(held)):
            weight = outside.get(holding.holder)
            for rule, known in _rights(holding) if weight is not None else ():
                about = (rule, holding.holder)
                if found.get(about) != "fail":
                    found[about] = "fail" if known and weight == "fail" else "unknown"
        return [Ground(rule, verdict, about) for (rule, about), verdict in sorted(found.items())]

    def _on_blocks(self) -> Iterator[Ground]:
        """Yield what those who hold the operator and are commanded from outside would hold, were their blocks whole."""
        outside = self._under_outside()
        flows = [self._flow(measure, outside, sure=False).reached for measure in self._measures]
        blocks = {name: max(flow.get(name, NONE) for flow in flows) for name in outside}
        for holder, amount in sorted(blocks.items()):
            if amount > SINGLE_LIMIT:
                yield Ground("single", "unknown", holder, Bounds(amount, amount))
        together = sum(blocks.values(), NONE)
        if together > TOGETHER_LIMIT:
            yield Ground("together", "unknown", "", Bounds(together, together))

    def _under_outside(self) -> dict[str, Verdict]:
        """Return who is from outside or controlled from there, and who may be, among all who hold the operator."""
        found: dict[str, Verdict] = {}
        above = {name: self._ownership.controllers(name) for name in self._ownership.ancestors(self._operator)}
        below = defaultdict[str, list[str]](list)
        for held, holders in above.items():
            for holder in holders:
                below[holder].append(held)
        weights: tuple[Verdict, ...] = ("fail", "unknown")
        for weight in weights:
            waiting = [name for name in above if name not in found and self._weight(name) == weight]
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found[name] = weight
                    waiting.extend(below[name])
        return found

    def _flow(self, measure: Measure, stops: Collection[str], *, sure: bool) -> Flow:
        """Follow what the operator is made of up to whoever holds it; it goes no further than `stops`.

        Args:
            measure: Of capital or of votes.
            stops: Ids.
            sure: Whether only what holds for certain is followed; what no fact attributes for certain is told anyway.
        """
        reached = defaultdict[str, Fraction](Fraction)
        crowd = unattributed = lost = NONE
        moving = {self._operator: ALL}
        visits = min(self._budget, _FLOW_VISITS)
        while moving and visits >= len(moving):
            visits -= len(moving)
            self._budget -= len(moving)
            arriving = defaultdict[str, Fraction](Fraction)
            for held, mass in moving.items():
                named = NONE
                for holding in self._ownership.holdings(held):
                    most, least = measure(holding)
                    named += least
                    amount = _short(mass * (least if sure else most) / ALL, up=not sure)
                    if holding.crowd:
                        crowd += amount
                        continue
                    reached[holding.holder] += amount
                    if amount and holding.holder not in stops:
                        arriving[holding.holder] += amount
                if named < ALL and not self._is_own_master(held):
                    unattributed += mass * (ALL - named) / ALL
            moving = {name: mass for name, mass in arriving.items() if mass >= _NEGLIGIBLE}
            lost += sum((mass for mass in arriving.values() if mass < _NEGLIGIBLE), NONE)
        return Flow(dict(reached), crowd, unattributed, lost + sum(moving.values(), NONE))

    def _is_own_master(self, name: str) -> bool:
        """Return whether what nobody holds of an entity is nobody's: a state, a person, a body without capital."""
        fact = self._registry.entities.get(name)
        return name == SELF or (fact is not None and fact.kind in _OWNERLESS)

    def _seat(self, name: str) -> str | None:
        fact = self._registry.entities.get(name)
        return fact.seat if fact is not None else None

    def _weight(self, name: str) -> Verdict | None:
        """Return what a holder weighs: `fail` from outside, `unknown` if that is not known, None from inside."""
        fact = self._registry.entities.get(name)
        if name == SELF or (fact is not None and fact.kind == "dispersed"):
            return None
        if fact is None or fact.seat is None:
            return "unknown"
        return None if fact.seat in self._union else "fail"


def _rights(holding: Holding) -> Iterator[tuple[Rule, bool]]:
    """Yield the rights that come with a holding, and whether a fact states them or leaves them open."""
    if any(edge.veto for edge in holding.facts):
        yield "veto", True
    boards = {edge.board for edge in holding.facts}
    if "majority" in boards:
        yield "board", True
    elif "unknown" in boards and not holding.crowd:
        yield "board", False


def _on_single(holder: Holder) -> Iterator[Ground]:
    low, high = max(holder.capital.low, holder.votes.low), max(holder.capital.high, holder.votes.high)
    if high > SINGLE_LIMIT:
        sure = holder.seat is not None and low > SINGLE_LIMIT
        yield Ground("single", "fail" if sure else "unknown", holder.node.id, Bounds(low, high))


def _on_together(capital: Bounds, votes: Bounds) -> Iterator[Ground]:
    low, high = max(capital.low, votes.low), max(capital.high, votes.high)
    if high > TOGETHER_LIMIT:
        yield Ground("together", "fail" if low > TOGETHER_LIMIT else "unknown", "", Bounds(low, high))
