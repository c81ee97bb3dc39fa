"""Laws of budgets: the stage never goes back as more is spent, and an exchange counts once, whatever is done twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bouclier.footprint.budgets import Account, Allowance, BudgetBook, stage
from bouclier.terms.law import Budget

MORNING = 1_795_334_400_000
ACCOUNT = Account("guichet", "2026-11-22")
ORDER = list(Budget)


@st.composite
def allowances(draw: st.DrawFn) -> Allowance:
    warn, lighten, refuse = sorted(draw(st.tuples(*[st.integers(1, 1000)] * 3)))
    return Allowance("guichet", "day", draw(st.integers(1, 10**15)), warn, lighten, refuse)


@given(allowances(), st.integers(0, 10**16), st.integers(0, 10**16))
def test_the_stage_never_goes_back_as_more_is_spent(allowance: Allowance, spent: int, more: int) -> None:
    assert ORDER.index(stage(allowance, spent + more)) >= ORDER.index(stage(allowance, spent))


@given(allowances())
def test_a_stage_is_reached_exactly_at_its_threshold(allowance: Allowance) -> None:
    reached = -(-allowance.limit_ug * allowance.refuse_percent // 100)
    assert stage(allowance, reached) is Budget.REFUSE
    assert stage(allowance, reached - 1) is not Budget.REFUSE


class Spending(RuleBasedStateMachine):
    """A book beside a plain sum, with a ledger that fails now and then and answers late."""

    def __init__(self) -> None:
        super().__init__()
        self.book = BudgetBook([Allowance("guichet", "day", 1_000_000)])
        self.open: dict[str, int] = {}
        self.settled = 0
        self.ledger = 0
        self.number = 0

    @rule(exchange=st.sampled_from("abc"), ug=st.integers(0, 1000))
    def reserve(self, exchange: str, ug: int) -> None:
        self.book.reserve("guichet", exchange, ug, now_ms=MORNING)
        self.open[exchange] = ug

    @rule(exchange=st.sampled_from("abc"), ug=st.integers(0, 1000))
    def settle(self, exchange: str, ug: int) -> None:
        self.book.settle(exchange, ug)
        if self.open.pop(exchange, None) is not None:
            self.settled += ug

    @rule(kept=st.booleans(), answered=st.booleans())
    def tell(self, *, kept: bool, answered: bool) -> None:
        """The ledger keeps a batch or not, and says so or not; what it kept twice it keeps once."""
        batch = self.book.batch()
        if batch is not None and kept:
            if batch.number == self.number + 1:
                self.number = batch.number
                self.ledger += batch.changes.get(ACCOUNT, 0)
            if answered:
                self.book.kept({ACCOUNT: self.ledger})

    @rule(ug=st.integers(0, 1000))
    def another_gateway_spends(self, ug: int) -> None:
        self.ledger += ug
        self.settled += ug
        if self.book.batch() is None:
            self.book.heard({ACCOUNT: self.ledger})
        else:
            self.tell(kept=True, answered=True)

    @invariant()
    def what_is_known_is_what_was_spent_and_reserved(self) -> None:
        spending = self.book.spending("guichet", now_ms=MORNING)
        assert spending is not None
        assert spending.spent_ug == self.settled + sum(self.open.values())


TestSpending = Spending.TestCase
