"""What applications spent of their carbon budgets, kept in the database that an institution's gateways share.

A `footprint.ports.Ledger`. It stands here because a budget is of one room and the way to the database of another. The
tables hold names of keys and sums, nothing of an exchange; what `write` returned from is as durable as the database.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bouclier.fleet.adapters.postgresql import Connection
from bouclier.fleet.adapters.share_tables import ready
from bouclier.fleet.sharing import SharingError
from bouclier.footprint.budgets import Account
from bouclier.terms.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    import asyncpg

    from bouclier.fleet.adapters.server_address import ServerAddress

# A batch that is written again is not the next one: it changes nothing.
_NEXT: Final = """
    UPDATE bouclier.spent_batches SET number = $2::bigint WHERE gateway = $1 AND number = $2::bigint - 1
"""
_ADD: Final = """
    INSERT INTO bouclier.spent AS known (period, application, ug) VALUES ($1, $2, $3)
    ON CONFLICT (period, application) DO UPDATE SET ug = known.ug + excluded.ug
"""
_TOTALS: Final = "SELECT application, period, ug FROM bouclier.spent WHERE period = ANY($1::text[])"
_BEGIN: Final = """
    INSERT INTO bouclier.spent_batches VALUES ($1, 0, clock_timestamp())
    ON CONFLICT (gateway) DO UPDATE SET number = 0, begun = excluded.begun
"""
# Whatever the collation of the database, periods are ordered as their bytes are.
_FORGET: Final = 'DELETE FROM bouclier.spent WHERE period COLLATE "C" < $1'
_FORGET_BATCHES: Final = "DELETE FROM bouclier.spent_batches WHERE begun < clock_timestamp() - interval '400 days'"


class SharedLedger:
    """A ledger of all gateways, used by one of them."""

    def __init__(self, address: ServerAddress, *, gateway: str) -> None:
        """Connect to nothing yet.

        Args:
            address: Where the database is.
            gateway: Id of this gateway's process; random, never used by another.
        """
        self._gateway = gateway
        self._connection = Connection(address, on_open=ready)

    async def begin(self, oldest: str) -> None:
        """Number this gateway's batches from 1, and forget accounts before a period."""
        async with self._transaction() as connection:
            await connection.execute(_BEGIN, self._gateway)
            await connection.execute(_FORGET, oldest)
            await connection.execute(_FORGET_BATCHES)

    async def write(self, number: int, changes: Mapping[Account, int]) -> Mapping[Account, int]:
        """Add to accounts, all or none, once; return their totals over all gateways."""
        async with self._transaction() as connection:
            if await connection.execute(_NEXT, self._gateway, number) == "UPDATE 1":
                # In one order everywhere, so that two gateways never wait for each other.
                for account, ug in sorted(changes.items()):
                    await connection.execute(_ADD, account.period, account.application, ug)
            totals = await self._totals(connection, {account.period for account in changes})
        return {account: totals.get(account, 0) for account in changes}

    async def totals(self, periods: Collection[str]) -> Mapping[Account, int]:
        """Return the totals of all accounts of some periods, over all gateways."""
        async with self._transaction() as connection:
            return await self._totals(connection, periods)

    async def close(self) -> None:
        """Let go of the database."""
        self._connection.drop()

    @staticmethod
    async def _totals(connection: asyncpg.Connection, periods: Collection[str]) -> dict[Account, int]:
        rows = await connection.fetch(_TOTALS, sorted(periods))
        return {Account(row["application"], row["period"]): int(row["ug"]) for row in rows}

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            async with self._connection.use() as connection, connection.transaction():
                yield connection
        except SharingError as error:
            raise StorageError(error.message, error.hint, param="fleet.share") from error
