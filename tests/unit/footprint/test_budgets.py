"""What an application may spend, and how far it is."""

from __future__ import annotations

import pytest

from bouclier.footprint.budgets import Account, Allowance, BudgetBook, ends_on, oldest_kept, periods_of
from bouclier.terms.law import Budget

MORNING = 1_795_334_400_000  # 2026-11-22 08:00 UTC
A_DAY = 86_400_000
A_HUNDRED = Allowance("guichet", "day", 100)


def test_an_application_goes_through_the_stages_as_it_spends() -> None:
    book = BudgetBook([A_HUNDRED])
    seen = []
    for number, ug in enumerate((79, 1, 20, 20)):
        book.reserve("guichet", f"x{number}", ug, now_ms=MORNING)
        spending = book.spending("guichet", now_ms=MORNING)
        assert spending is not None
        seen.append(spending.stage)
    assert seen == [Budget.WITHIN, Budget.WARN, Budget.LIGHTEN, Budget.REFUSE]


def test_a_settlement_takes_the_place_of_the_reservation_once() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("guichet", "x", 90, now_ms=MORNING)
    book.settle("x", 5)
    book.settle("x", 5)
    assert spent(book) == 5


def test_an_exchange_that_moves_to_another_deployment_is_reserved_once() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("guichet", "x", 90, now_ms=MORNING)
    book.reserve("guichet", "x", 40, now_ms=MORNING)
    assert spent(book) == 40
    book.settle("x", 0)
    assert spent(book) == 0


def test_an_exchange_counts_in_the_day_it_began_in() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("guichet", "x", 90, now_ms=MORNING)
    book.settle("x", 60)
    assert spent(book) == 60
    tomorrow = book.spending("guichet", now_ms=MORNING + A_DAY)
    assert tomorrow is not None
    assert (tomorrow.spent_ug, tomorrow.period) == (0, "2026-11-23")


def test_a_month_counts_all_its_days() -> None:
    book = BudgetBook([Allowance("guichet", "month", 100)])
    book.reserve("guichet", "x", 50, now_ms=MORNING - 21 * A_DAY)
    book.reserve("guichet", "y", 20, now_ms=MORNING)
    assert spent(book) == 70


def test_an_application_without_allowance_is_not_counted() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("autre", "x", 1_000, now_ms=MORNING)
    assert book.spending("autre", now_ms=MORNING) is None
    assert book.batch() is None


def test_the_allowance_of_everyone_is_each_ones_own() -> None:
    book = BudgetBook([Allowance("*", "day", 100), Allowance("guichet", "day", 1_000)])
    for application in ("a", "b", "guichet"):
        book.reserve(application, application, 130, now_ms=MORNING)
    stages = [book.spending(application, now_ms=MORNING) for application in ("a", "b", "guichet")]
    assert [one.stage for one in stages if one] == [Budget.REFUSE, Budget.REFUSE, Budget.WITHIN]
    assert book.stages(now_ms=MORNING) == {
        Budget.WITHIN: 1,
        Budget.WARN: 0,
        Budget.LIGHTEN: 0,
        Budget.REFUSE: 2,
    }
    counted = book.stages(now_ms=MORNING)
    assert book.batch() is not None
    assert book.stages(now_ms=MORNING) == counted, "while the ledger writes, too"


def test_no_exchange_makes_an_account_grow_beyond_a_ledger_s_integers() -> None:
    book = BudgetBook([A_HUNDRED])
    for number in range(1000):
        book.reserve("guichet", str(number), 2**63, now_ms=MORNING)
    assert 100 < spent(book) < 2**63
    for number in range(1000):
        book.settle(str(number), 2**63 if number else 0)
    assert 100 < spent(book) < 2**63
    for number in range(1000):
        book.settle(str(number), 0)
    batch = book.batch()
    assert batch is not None
    assert sum(batch.changes.values()) == spent(book)


def test_the_ledger_is_told_the_same_batch_until_it_kept_it() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("guichet", "x", 90, now_ms=MORNING)
    first = book.batch()
    book.settle("x", 60)
    assert book.batch() == first
    assert spent(book) == 60
    account = Account("guichet", "2026-11-22")
    book.kept({account: 90})
    second = book.batch()
    assert second is not None
    assert (second.number, second.changes) == (2, {account: -30})
    book.kept({account: 60})
    assert book.batch() is None
    assert spent(book) == 60


def test_what_other_gateways_spent_is_counted() -> None:
    book = BudgetBook([A_HUNDRED])
    book.reserve("guichet", "x", 10, now_ms=MORNING)
    assert book.batch() is not None
    book.kept({Account("guichet", "2026-11-22"): 95})
    assert spent(book) == 95
    book.heard({Account("guichet", "2026-11-22"): 130})
    spending = book.spending("guichet", now_ms=MORNING)
    assert spending is not None
    assert spending.stage is Budget.REFUSE


def test_days_and_months_are_in_utc_and_sort() -> None:
    assert periods_of(MORNING) == ("2026-11-22", "2026-11")
    assert oldest_kept(MORNING) == "2025-10"
    assert min([*periods_of(MORNING), oldest_kept(MORNING)]) == "2025-10"


def spent(book: BudgetBook) -> int:
    spending = book.spending("guichet", now_ms=MORNING)
    assert spending is not None
    return spending.spent_ug


@pytest.mark.parametrize(
    ("period", "after"),
    [
        ("2026-11", "2026-12-01"),
        ("2026-12", "2027-01-01"),
        ("2027-02", "2027-03-01"),
        ("2026-11-30", "2026-12-01"),
        ("2028-02-28", "2028-02-29"),
    ],
)
def test_a_period_ends_on_the_first_day_after_it(period: str, after: str) -> None:
    assert ends_on(period) == after
