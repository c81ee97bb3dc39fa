"""What applications spent outlives the gateway, and a ledger that fails stops nobody."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.budgeting import FILE, Budgets, file_ledger
from bouclier.footprint.adapters.ledger import SqliteLedger
from bouclier.footprint.budgets import Account, Allowance
from bouclier.terms.errors import StorageError
from bouclier.terms.law import Budget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

MORNING = 1_795_334_400_000
TODAY = Account("guichet", "2026-11-22")
A_HUNDRED = (Allowance("guichet", "day", 100),)


def in_a_loop(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(_awaited(work), 30))


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def test_totals_are_there_again_after_a_restart(tmp_path: Path) -> None:
    async def first() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(tmp_path), now_ms=lambda: MORNING)
        await budgets.begin()
        budgets.reserve("x", "guichet", 90)
        budgets.settle("x", 85)
        await budgets.close()

    async def second() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(tmp_path), now_ms=lambda: MORNING)
        await budgets.begin()
        assert budgets.stage("guichet") is Budget.WARN
        await budgets.close()

    in_a_loop(first)
    in_a_loop(second)


def test_a_batch_written_twice_counts_once(tmp_path: Path) -> None:
    async def work() -> None:
        ledger = SqliteLedger(tmp_path / "ledger")
        await ledger.begin("2025-01")
        assert await ledger.write(1, {TODAY: 5}) == {TODAY: 5}
        assert await ledger.write(1, {TODAY: 5}) == {TODAY: 5}
        assert await ledger.write(2, {TODAY: -2}) == {TODAY: 3}
        assert await ledger.totals(["2026-11-22", "2026-11"]) == {TODAY: 3}
        await ledger.close()

    in_a_loop(work)


def test_a_write_whose_caller_is_cancelled_is_written_once_and_harms_no_other(tmp_path: Path) -> None:
    async def work() -> None:
        ledger = SqliteLedger(tmp_path / "ledger")
        await ledger.begin("2025-01")
        other = sqlite3.connect(tmp_path / "ledger", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # what is written waits in its thread
        writings = [asyncio.create_task(ledger.write(1, {TODAY: 1})) for _ in range(4)]
        await asyncio.sleep(0)
        writings[0].cancel()
        other.execute("COMMIT")
        other.close()
        told = await asyncio.gather(*writings, return_exceptions=True)
        assert isinstance(told[0], asyncio.CancelledError)
        assert told[1:] == [{TODAY: 1}] * 3
        await ledger.close()

    in_a_loop(work)


def test_accounts_nobody_asks_for_any_more_are_forgotten(tmp_path: Path) -> None:
    async def work() -> None:
        ledger = SqliteLedger(tmp_path / "ledger")
        await ledger.begin("2025-01")
        await ledger.write(1, {Account("guichet", "2025-09-30"): 1, Account("guichet", "2025-10"): 2})
        await ledger.begin("2025-10")
        assert await ledger.totals(["2025-09-30"]) == {}
        assert await ledger.totals(["2025-10"]) == {Account("guichet", "2025-10"): 2}
        await ledger.close()

    in_a_loop(work)


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    async def work() -> None:
        ledger = file_ledger(tmp_path)
        await ledger.begin("2025-01")
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
        await ledger.close()

    in_a_loop(work)


def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE precious (word TEXT)")
    database.close()

    async def work() -> None:
        with pytest.raises(StorageError, match="not a ledger"):
            await SqliteLedger(other).begin("2025-01")

    in_a_loop(work)
    with sqlite3.connect(other) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("precious",)]
    database.close()


def test_a_ledger_that_fails_stops_nobody_and_catches_up(tmp_path: Path) -> None:
    blocked = tmp_path / "gone"

    async def work() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(blocked), now_ms=lambda: MORNING)
        await budgets.begin()
        states = [budgets.state]
        budgets.reserve("x", "guichet", 150)
        assert budgets.stage("guichet") is Budget.REFUSE
        blocked.mkdir()
        await budgets.close()
        states.append(budgets.state)
        assert states == ["unkept", "kept"]
        ledger = file_ledger(blocked)
        await ledger.begin("2025-01")
        assert await ledger.totals(["2026-11-22"]) == {TODAY: 150}
        await ledger.close()

    in_a_loop(work)


def test_the_task_tells_the_ledger_without_being_asked(tmp_path: Path) -> None:
    async def work() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(tmp_path), now_ms=lambda: MORNING)
        await budgets.begin()
        running = asyncio.create_task(budgets.run())
        budgets.reserve("x", "guichet", 70)
        with sqlite3.connect(tmp_path / FILE) as database:
            while database.execute("SELECT ug FROM accounts").fetchall() != [(70,)]:
                await asyncio.sleep(0)
        database.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await budgets.close()

    in_a_loop(work)


CHILD = """
import asyncio, sys
from pathlib import Path
from bouclier.compose.budgeting import Budgets, file_ledger
from bouclier.footprint.budgets import Allowance

async def main():
    allowances = (Allowance("guichet", "day", 100),)
    budgets = Budgets(allowances, file_ledger(Path(sys.argv[1])), now_ms=lambda: int(sys.argv[2]))
    await budgets.begin()
    running = asyncio.create_task(budgets.run())
    budgets.reserve("spent", "guichet", 90)
    budgets.settle("spent", 20)
    budgets.reserve("in flight", "guichet", 40)
    print("reserved", flush=True)
    await running

asyncio.run(main())
"""


def test_a_gateway_that_is_killed_leaves_what_was_in_flight_counted(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), str(MORNING)], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"reserved\n"
    try:
        with sqlite3.connect(tmp_path / FILE, timeout=5) as database:
            while not database.execute("SELECT ug FROM accounts").fetchall():
                pass
        database.close()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()

    async def work() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(tmp_path), now_ms=lambda: MORNING)
        await budgets.begin()
        spending = budgets.spending("guichet")
        assert spending is not None
        assert spending.spent_ug == 60
        await budgets.close()

    in_a_loop(work)


def test_the_ledger_names_applications_and_nothing_else(tmp_path: Path) -> None:
    async def work() -> None:
        budgets = Budgets(A_HUNDRED, file_ledger(tmp_path), now_ms=lambda: MORNING)
        await budgets.begin()
        budgets.reserve("exchange-4f2a", "guichet", 70)
        await budgets.close()

    in_a_loop(work)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"guichet" in held
    assert b"exchange-4f2a" not in held
    assert json.dumps(A_HUNDRED[0].application).encode() not in held
