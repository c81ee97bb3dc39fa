"""The tables of what gateways share, and how they come to be: numbered steps of plain SQL, each done once.

The steps run in one transaction under a lock of the database's, so that of gateways that begin at once one makes the
tables and the others find them. Where they are up to date no right to make anything is needed. A gateway that finds a
newer version than its own does not touch it: it goes on alone until it is upgraded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.fleet.sharing import SharingError, Trouble

if TYPE_CHECKING:
    import asyncpg

LOCK: Final = 4_044_620_261
"""Number of the advisory lock under which tables change and announcements are kept; any, but for all the same."""

_STEPS: Final = (
    # 1. Soft state is not logged: after a crash of the database it is empty, and full again a beat later.
    """
    CREATE SCHEMA IF NOT EXISTS bouclier;
    CREATE TABLE bouclier.fleet_version (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        version integer NOT NULL
    );
    INSERT INTO bouclier.fleet_version (version) VALUES (0);
    CREATE UNLOGGED TABLE bouclier.fleet_gateways (
        gateway text PRIMARY KEY,
        shared text NOT NULL,
        said timestamptz NOT NULL,
        ends timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE bouclier.fleet_announcements (
        site text NOT NULL,
        deployment text NOT NULL,
        id text NOT NULL,
        state text NOT NULL,
        slots integer,
        "by" text NOT NULL,
        said timestamptz NOT NULL,
        ends timestamptz,
        PRIMARY KEY (site, deployment)
    );
    """,
    # 2. What applications spent of their carbon budgets, all gateways together.
    """
    CREATE TABLE bouclier.spent (
        period text NOT NULL,
        application text NOT NULL,
        ug bigint NOT NULL,
        PRIMARY KEY (period, application)
    );
    CREATE TABLE bouclier.spent_batches (
        gateway text PRIMARY KEY,
        number bigint NOT NULL,
        begun timestamptz NOT NULL
    );
    """,
)
_EXISTS: Final = """
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'bouclier' AND tablename = 'fleet_version'
    )
"""
VERSION: Final = len(_STEPS)


async def ready(connection: asyncpg.Connection) -> None:
    """Make the tables what this version of Bouclier needs.

    Raises:
        SharingError: A newer version of Bouclier has changed them.
    """
    if await _version(connection) == VERSION:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        # Asked again: another gateway may have made them while this one waited for the lock.
        for step in _STEPS[await _version(connection) :]:
            await connection.execute(step)
        await connection.execute("UPDATE bouclier.fleet_version SET version = $1", VERSION)


async def _version(connection: asyncpg.Connection) -> int:
    # Read as rows: a name that was not there a moment ago may be remembered as missing by the server's own cache.
    if not await connection.fetchval(_EXISTS):
        return 0
    version = int(await connection.fetchval("SELECT version FROM bouclier.fleet_version") or 0)
    if version > VERSION:
        raise SharingError(Trouble.NEWER, f"{version} > {VERSION}")
    return version
