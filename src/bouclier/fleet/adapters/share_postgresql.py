"""What gateways share, in the institution's PostgreSQL: two small tables.

Rules this module keeps:
  * every lease and every end is counted by the database's clock (`clock_timestamp()`): a gateway whose clock is wrong
    harms nobody, and what a killed gateway told ends with its lease;
  * every value is a parameter of a statement, never a part of its text;
  * what is read is checked like anything from outside: a row that is not ours is left out, and counted.

An announcement wakes the others (`NOTIFY`); they ask now and then all the same, so that a pool in between that swallows
notifications only makes them slower. Tables: `specs/fleet-share-v1.md`; why no ORM: ADR 0044.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bouclier.fleet.adapters.postgresql import Connection
from bouclier.fleet.adapters.share_tables import LOCK, ready
from bouclier.fleet.sharing import SharingError, aged, line_of, merged, parse_shared, render_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import asyncpg

    from bouclier.fleet.adapters.server_address import ServerAddress
    from bouclier.fleet.book_model import Shared
    from bouclier.fleet.sharing import Line

_CHANNEL: Final = "bouclier_fleet"
_MOST: Final = 10_000
_GOODBYE_S: Final = 1.0

_PUBLISH: Final = """
    INSERT INTO bouclier.fleet_gateways (gateway, shared, said, ends)
    VALUES ($1, $2, clock_timestamp(), clock_timestamp() + $3::interval)
    ON CONFLICT (gateway) DO UPDATE SET shared = excluded.shared, said = excluded.said, ends = excluded.ends
"""
_HEARD: Final = """
    SELECT gateway, shared,
           (extract(epoch FROM moment - said) * 1000)::bigint AS age_ms,
           (extract(epoch FROM ends - moment) * 1000)::bigint AS lease_ms
    FROM bouclier.fleet_gateways, (SELECT clock_timestamp() AS moment) AS now
    WHERE gateway <> $1 AND ends > moment
    LIMIT $2
"""
_FORGET: Final = "DELETE FROM bouclier.fleet_gateways WHERE ends < clock_timestamp() - $1::interval"
_GOODBYE: Final = "DELETE FROM bouclier.fleet_gateways WHERE gateway = $1"
# What was said of the whole site ends what was said before of its deployments...
_END_BEFORE: Final = """
    DELETE FROM bouclier.fleet_announcements
    WHERE site = $1 AND deployment <> '' AND id <> $2 AND (said, id) < ($3, $2)
"""
# ... and what was said before it, but comes later, changes nothing.
_ANNOUNCE: Final = """
    INSERT INTO bouclier.fleet_announcements AS known (site, deployment, id, state, slots, "by", said, ends)
    SELECT $1::text, $2::text, $3::text, $4::text, $5::integer, $6::text, $7::timestamptz, $8::timestamptz
    WHERE NOT EXISTS (
        SELECT FROM bouclier.fleet_announcements
        WHERE site = $1 AND deployment = '' AND id <> $3 AND (said, id) > ($7, $3)
    )
    ON CONFLICT (site, deployment) DO UPDATE SET
        id = excluded.id, state = excluded.state, slots = excluded.slots,
        "by" = excluded."by", said = excluded.said, ends = excluded.ends
    WHERE (known.said, known.id) < (excluded.said, excluded.id)
"""
_ANNOUNCED: Final = """
    SELECT id, site, deployment, state, slots, "by",
           greatest((extract(epoch FROM moment - said) * 1000)::bigint, 0) AS age_ms,
           (extract(epoch FROM ends - moment) * 1000)::bigint AS for_ms
    FROM bouclier.fleet_announcements, (SELECT clock_timestamp() AS moment) AS now
    WHERE ends IS NULL OR ends > moment
    ORDER BY said DESC
    LIMIT $1
"""
_KEPT: Final = timedelta(hours=1)


class PostgreSQLShare:
    """`FleetShare` in a PostgreSQL that the institution runs.

    Attributes:
        unread: Rows that were left out at the last reading because they cannot be read.
    """

    def __init__(self, address: ServerAddress, *, gateway: str, on_announced: Callable[[], None]) -> None:
        """Connect to nothing yet.

        Args:
            address: Where the database is.
            gateway: Id of this gateway's process; random, never used by another.
            on_announced: Called when the database tells that something was announced.
        """
        self.unread = 0
        self._gateway = gateway
        self._on_announced = on_announced
        self._connection = Connection(address, on_open=self._opened)

    async def publish(self, shared: Shared) -> None:
        """Tell the others what this gateway knows, under a lease by the database's clock."""
        async with self._connection.use() as connection:
            lease = timedelta(milliseconds=shared.lease_ms)
            await connection.execute(_PUBLISH, self._gateway, render_shared(shared), lease)

    async def heard(self) -> Mapping[str, Shared]:
        """Return what the others told whose lease is not over."""
        async with self._connection.use() as connection:
            rows = await connection.fetch(_HEARD, self._gateway, _MOST)
        heard: dict[str, Shared] = {}
        for row in rows:
            await asyncio.sleep(0)  # milliseconds for each, with hundreds of deployments: exchanges go between
            with suppress(SharingError):
                said = parse_shared(row["shared"])
                heard[row["gateway"]] = aged(said, max(row["age_ms"], 0), lease_ms=row["lease_ms"])
        self.unread = len(rows) - len(heard)
        return heard

    async def announce(self, lines: Sequence[Line]) -> None:
        """Keep announcements, all or none, and wake the others."""
        async with self._connection.use() as connection, connection.transaction():
            # One at a time, so that each sees what was kept before it.
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            now = await connection.fetchval("SELECT clock_timestamp()")
            for line in lines:
                said = now - timedelta(milliseconds=line.age_ms)
                ends = None if line.for_ms is None else now + timedelta(milliseconds=line.for_ms)
                if not line.deployment:
                    await connection.execute(_END_BEFORE, line.site, line.id, said)
                told = (line.site, line.deployment, line.id, line.state.value, line.slots, line.by, said, ends)
                await connection.execute(_ANNOUNCE, *told)
            # Heard by the others when this transaction is done, and by nobody if it is not.
            await connection.execute("SELECT pg_notify($1, '')", _CHANNEL)

    async def announced(self) -> Sequence[Line]:
        """Return the announcements that hold by the database's clock."""
        async with self._connection.use() as connection:
            rows = await connection.fetch(_ANNOUNCED, _MOST)
        lines: list[Line] = []
        for row in rows:
            with suppress(SharingError):
                lines.append(line_of(dict(row)))
        return merged(lines)

    async def close(self) -> None:
        """Take back what was told, if the database is at hand; its lease ends otherwise."""
        if self._connection.is_open:
            with suppress(SharingError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S), self._connection.use() as connection:
                    await connection.execute(_GOODBYE, self._gateway)
        self._connection.drop()

    async def _opened(self, connection: asyncpg.Connection) -> None:
        await ready(connection)
        await connection.execute(_FORGET, _KEPT)
        await connection.add_listener(_CHANNEL, lambda *_: self._on_announced())
