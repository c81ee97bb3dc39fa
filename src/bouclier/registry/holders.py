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

Shares are whole numbers of a fine unit, and what does not come out even is rounded so that no bound is better than the
truth (`amounts.py`). The rules (c) to (f), on subcontractors, autonomy, values and notification, are not
computed. ADR 0040 says what can be contested.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.amounts import ALL, UNIT, in_percent
from bouclier.registry.holders_flow import Flows
from bouclier.registry.model import SELF
from bouclier.registry.report_model import Bounds, Ground, Holder, HoldersTest, Node, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Ownership
    from bouclier.registry.holders_flow import Measure
    from bouclier.registry.report_model import Verdict

SINGLE_LIMIT: Final = 24 * UNIT
TOGETHER_LIMIT: Final = 39 * UNIT
_TOLD: Final = 100
_FEW: Final = 4


def holders_test(registry: Registry, ownership: Ownership, operator: str) -> HoldersTest:
    """Return whether an operator passes 19.6 (a) and (b), by whom and how much it is held from outside the Union.

    Args:
        registry: The facts.
        ownership: Its holdings at the day asked about.
        operator: Id of whoever runs the subject; empty if nobody is known to.
    """
    if operator not in registry.entities and operator != SELF:
        anything = Bounds(in_percent(0), in_percent(ALL))
        ground = Ground("facts", "unknown", operator)
        return HoldersTest(operator, "unknown", None, (), anything, anything, anything.high, (ground,))
    return _Testing(registry, ownership, operator).result()


class Range(NamedTuple):
    """Two amounts between which the truth lies, in units of a percent."""

    low: int
    high: int

    def or_more(self, other: Range) -> Range:
        """Return the greater of both ends."""
        return Range(max(self.low, other.low), max(self.high, other.high))

    def bounds(self) -> Bounds:
        """Return it in percent."""
        return Bounds(in_percent(self.low), in_percent(self.high))


class _Share(NamedTuple):
    """What one holder has of the operator, through chains; who has most for certain sorts first, then who may."""

    less_low: int
    less_high: int
    name: str
    capital: Range
    votes: Range


class _Testing:
    def __init__(self, registry: Registry, ownership: Ownership, operator: str) -> None:
        self._registry = registry
        self._ownership = ownership
        self._operator = operator
        self._union = registry.members_on(ownership.day, through="EU")
        self._flows = Flows(registry, ownership, operator)
        # Everyone who holds the operator, however little, each with those who control it; and what some of them weigh.
        whole = ownership.whole(operator)
        self._above = whole.direct
        self._weights: dict[str, Verdict | None] = {}
        # Where no fact tells votes from capital, what is true of the one is true of the other.
        self._split = whole.split
        self._measures: tuple[Measure, ...] = ("capital", "votes") if self._split else ("capital",)

    def result(self) -> HoldersTest:
        """Return the test."""
        foreign = self._foreign()
        capital = self._together("capital", foreign)
        votes = self._together("votes", foreign) if self._split else capital
        # Whoever stands unnamed behind a holder from outside has no other rights than that holder's, told with it.
        stops = set(foreign)
        unnamed = max(self._flows.follow(measure, stops, sure=False).open() for measure in self._measures)
        shares = sorted(self._share(name, capital.high, votes.high) for name in foreign[:_TOLD])
        together = capital.or_more(votes)
        grounds = (
            *self._on_seat(),
            *(ground for share in shares for ground in self._on_single(share)),
            *_on_together(together),
            *self._on_rights(),
            *([Ground("unattributed", "unknown", "", Range(0, unnamed).bounds())] if unnamed else ()),
            *([Ground("single", "unknown", "", Range(0, capital.high).bounds())] if len(foreign) > _TOLD else ()),
        )
        # Percentages multiply; a block commanded from outside may also be read whole. Who passes, passes both ways.
        grounds = grounds or tuple(self._on_blocks())
        verdict: Verdict = "pass"
        if grounds:
            verdict = "fail" if any(ground.verdict == "fail" for ground in grounds) else "unknown"
        return HoldersTest(
            operator=self._operator,
            verdict=verdict,
            seat=self._seat(self._operator),
            holders=tuple(self._holder(share) for share in shares),
            capital=capital.bounds(),
            votes=votes.bounds(),
            unnamed=in_percent(unnamed),
            grounds=grounds,
        )

    def _foreign(self) -> list[str]:
        """Return who is from outside, or may be, of those above the operator: who has most comes first, then by id."""
        reached: dict[str, int] = {}
        for measure in self._measures:
            for name, amount in self._flows.follow(measure, (), sure=False).reached.items():
                reached[name] = max(reached.get(name, 0), amount)
        above = dict.fromkeys([*self._ownership.closure(self._operator), *reached])
        self._weigh(above)
        foreign = [name for name in above if self._weights[name] is not None and name != self._operator]
        some = sorted((name for name in foreign if reached.get(name)), key=lambda name: (-reached[name], name))
        return [*some, *sorted(name for name in foreign if not reached.get(name))]

    def _share(self, name: str, most_capital: int, most_votes: int) -> _Share:
        capital = self._one("capital", name, most_capital)
        votes = self._one("votes", name, most_votes) if self._split else capital
        most = capital.or_more(votes)
        return _Share(-most.low, -most.high, name, capital, votes)

    def _one(self, measure: Measure, name: str, together: int) -> Range:
        """Return what one holder has: never more than all those from outside together, whom it is among."""
        least = self._flows.follow(measure, {name}, sure=True)
        most = self._flows.follow(measure, {name}, sure=False)
        low, high = least.reached.get(name, 0), most.reached.get(name, 0) + most.open()
        return Range(min(low, ALL), min(high, together))

    def _together(self, measure: Measure, foreign: list[str]) -> Range:
        sure = {name for name in foreign if self._weights[name] == "fail"}
        least = self._flows.follow(measure, sure, sure=True).reached
        # Whoever may be from outside adds to what may be; who is above them is counted in it already.
        stops = set(foreign)
        most = self._flows.follow(measure, stops, sure=False)
        low = sum(amount for name, amount in least.items() if name in sure)
        high = sum(amount for name, amount in most.reached.items() if name in stops) + most.crowd + most.open()
        return Range(min(low, ALL), min(high, ALL))

    def _holder(self, share: _Share) -> Holder:
        fact = self._registry.entities.get(share.name)
        node = Node("entity", share.name, fact.name if fact is not None else share.name)
        return Holder(node, self._seat(share.name), share.capital.bounds(), share.votes.bounds())

    def _on_seat(self) -> Iterator[Ground]:
        seat = self._seat(self._operator)
        if self._operator != SELF and seat not in self._union:
            yield Ground("seat", "unknown" if seat is None else "fail", self._operator)

    def _on_single(self, share: _Share) -> Iterator[Ground]:
        most = share.capital.or_more(share.votes)
        if most.high > SINGLE_LIMIT:
            sure = most.low > SINGLE_LIMIT and self._weights[share.name] == "fail"
            yield Ground("single", "fail" if sure else "unknown", share.name, most.bounds())

    def _on_rights(self) -> list[Ground]:
        """Return who from outside controls the operator, or has rights over it or over those who control it."""
        closure, weights = self._ownership.closure(self._operator), self._weights
        found: dict[Rule, dict[str, Verdict]] = {"board": {}, "control": {}, "veto": {}}
        for name in self._ownership.unsettled(self._operator):
            found["control"][name] = "unknown"
        for name in closure:
            weight = weights[name]
            if weight is not None and name != self._operator:
                found["control"][name] = weight
        # From few, looking up is less work; from many, looking down from whoever is outside.
        few = len(closure) * _FEW < len(self._above)
        outside = self._outside_above(closure) if few else self._under_outside()
        for name in closure:
            for holding in self._ownership.holdings(name):
                holder = holding.holder
                weight = outside.get(holder)
                for rule, known in holding.rights if weight is not None else ():
                    about = found[rule]
                    if known and weight == "fail":
                        about[holder] = "fail"
                    else:
                        about.setdefault(holder, "unknown")
        return [Ground(rule, about[name], name) for rule, about in found.items() for name in sorted(about)]

    def _on_blocks(self) -> Iterator[Ground]:
        """Yield what those who hold the operator and are commanded from outside would hold, were their blocks whole."""
        outside = self._under_outside()
        flows = [self._flows.follow(measure, outside, sure=False).reached for measure in self._measures]
        blocks = {name: max(flow.get(name, 0) for flow in flows) for name in outside}
        for holder, amount in sorted(blocks.items()):
            if amount > SINGLE_LIMIT:
                yield Ground("single", "unknown", holder, Range(amount, amount).bounds())
        together = sum(blocks.values())
        if together > TOGETHER_LIMIT:
            yield Ground("together", "unknown", "", Range(together, together).bounds())

    def _outside_above(self, held: Iterable[str]) -> dict[str, Verdict]:
        """Return who of those who hold some is from outside or controlled from there, and who may be."""
        found: dict[str, Verdict] = {}
        left = len(self._above)
        for name in {holder for below in held for holder in self._ownership.standing(below).holders}:
            seen, waiting = {name}, [name]
            for above in waiting:  # grows while it is gone through
                if above not in self._weights:
                    self._weigh([above])
                weight = self._weights[above]
                if weight is not None:
                    found[name] = weight
                if weight == "fail":
                    break
                higher = {control.holder for control in self._above[above]} - seen
                seen |= higher
                waiting += higher
            left -= len(seen)
            if left < 0:
                return self._under_outside()
        return found

    def _under_outside(self) -> dict[str, Verdict]:
        """Return who is from outside or controlled from there, and who may be, among all who hold the operator."""
        self._weigh([name for name in self._above if name not in self._weights])
        weights = self._weights
        below = defaultdict[str, list[str]](list)
        for held, controls in self._above.items():
            if controls and weights[held] != "fail":  # who is from outside anyway needs nobody above
                for control in controls:
                    below[control.holder].append(held)
        found: dict[str, Verdict] = {}
        verdicts: tuple[Verdict, ...] = ("fail", "unknown")
        for verdict in verdicts:
            these = [name for name in self._above if weights[name] == verdict and name not in found]
            found.update(dict.fromkeys(these, verdict))
            waiting = [held for name in these if name in below for held in below[name]]
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found[name] = verdict
                    waiting.extend(below.get(name, ()))
        return found

    def _seat(self, name: str) -> str | None:
        fact = self._registry.entities.get(name)
        return fact.seat if fact is not None else None

    def _weigh(self, names: Iterable[str]) -> None:
        """Note what holders weigh: `fail` from outside, `unknown` if that is not known, None from inside."""
        entities, union, weights = self._registry.entities, self._union, self._weights
        for name in names:
            fact = entities.get(name)
            if name == SELF or (fact is not None and fact.kind == "dispersed"):
                weights[name] = None
            elif fact is None or fact.seat is None:
                weights[name] = "unknown"
            else:
                weights[name] = None if fact.seat in union else "fail"


def _on_together(most: Range) -> Iterator[Ground]:
    if most.high > TOGETHER_LIMIT:
        yield Ground("together", "fail" if most.low > TOGETHER_LIMIT else "unknown", "", most.bounds())
