"""Carbon budgets of several gateways in one real PostgreSQL: each batch counts once, however often it is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.postgresql import PostgreSQL

from bouclier.compose.shared_ledger import SharedLedger
from bouclier.fleet.adapters import postgresql
from bouclier.fleet.adapters.server_address import ServerAddress
from bouclier.footprint.budgets import Account
from bouclier.terms.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.footprint.ports import Ledger

TODAY, MONTH = Account("guichet", "2026-11-22"), Account("guichet", "2026-11")
OTHER = Account("'; DROP SCHEMA bouclier CASCADE; --", "2026-11-22")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a server that lives, however slow it is; one that is gone is known at once."""
    for name in ("_CALL_S", "_CONNECT_S"):
        monkeypatch.setattr(postgresql, name, 60.0)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL() as server:
        yield server


def ledger(server: PostgreSQL, gateway: str) -> Ledger:
    address = ServerAddress(str(server.socket), 5432, "bouclier", "bouclier", server.password_file)
    return SharedLedger(address, gateway=gateway)


async def _together(server: PostgreSQL) -> None:
    a, b = ledger(server, "a"), ledger(server, "b")
    await asyncio.gather(a.begin("2026-01"), b.begin("2026-01"))
    assert await a.write(1, {TODAY: 10, MONTH: 10}) == {TODAY: 10, MONTH: 10}
    assert await b.write(1, {TODAY: 5, OTHER: 7}) == {TODAY: 15, OTHER: 7}
    # Written again, because the answer was lost: it is told, and not counted twice.
    assert await b.write(1, {TODAY: 5, OTHER: 7}) == {TODAY: 15, OTHER: 7}
    assert await b.write(3, {TODAY: 99}) == {TODAY: 15}  # nor is one that is not the next
    assert await b.write(2, {TODAY: -5}) == {TODAY: 10}
    assert await a.totals(["2026-11-22"]) == {TODAY: 10, OTHER: 7}
    await asyncio.gather(*(one.close() for one in (a, b)))


async def _contended(server: PostgreSQL) -> None:
    several = [ledger(server, f"gateway-{number}") for number in range(6)]
    await asyncio.gather(*(one.begin("2026-01") for one in several))
    accounts = [Account(f"application-{number}", "2026-12") for number in range(5)]

    async def spend(one: Ledger, number: int) -> None:
        for batch in range(1, 11):
            await one.write(batch, dict.fromkeys(accounts if number % 2 else reversed(accounts), 1))

    await asyncio.gather(*(spend(one, number) for number, one in enumerate(several)))
    assert await several[0].totals(["2026-12"]) == dict.fromkeys(accounts, 60)
    # A new life of a gateway counts from 1 again; accounts of long ago are forgotten.
    await several[0].begin("2026-12-01")
    assert await several[0].totals(["2026-11", "2026-12"]) == {}
    await asyncio.gather(*(one.close() for one in several))


async def _interrupted(server: PostgreSQL) -> None:
    one = ledger(server, "interrupted")
    await one.begin("2026-01")
    await one.write(1, {TODAY: 1})
    server.kill()
    with pytest.raises(StorageError):
        await one.write(2, {TODAY: 1})
    with pytest.raises(StorageError):
        await one.totals(["2026-11-22"])
    await asyncio.to_thread(server.start)
    before = (await one.totals(["2026-11-22"]))[TODAY]
    assert await one.write(2, {TODAY: 1}) == {TODAY: before + 1}
    await one.close()


def test_gateways_count_together_and_each_batch_once(server: PostgreSQL) -> None:
    asyncio.run(_together(server))


def test_many_at_once_lose_nothing_and_do_not_lock_one_another_out(server: PostgreSQL) -> None:
    asyncio.run(_contended(server))


def test_a_database_that_went_away_is_an_error_and_what_was_kept_is_there_again(server: PostgreSQL) -> None:
    asyncio.run(_interrupted(server))
