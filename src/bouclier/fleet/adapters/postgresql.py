"""One connection to the institution's PostgreSQL, and what its errors mean in our words.

Rules this module keeps:
  * the environment has no say (`PGHOST`, `~/.pgpass`...): the configuration alone tells where the database is, and its
    password is read anew from its file for each connection, so that it can be changed while the gateway runs;
  * off this machine, TLS with the server's certificate and name checked, unless the configuration says otherwise;
  * an error is told by kind and SQLSTATE, never by the server's message, which could quote anything;
  * any error closes the connection: the next call begins anew. Nothing is retried here.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import asyncpg

from bouclier.fleet.sharing import SharingError, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bouclier.fleet.adapters.server_address import ServerAddress

_CONNECT_S: Final = 3.0
_CALL_S: Final = 2.0
_CLOSE_S: Final = 1.0
_KINDS: Final = (
    ("28", Trouble.REFUSED),
    ("3D", Trouble.REFUSED),
    ("42501", Trouble.REFUSED),
    ("25006", Trouble.READ_ONLY),
    ("53", Trouble.FULL),
    ("57014", Trouble.TIMED_OUT),
    ("57P", Trouble.UNREACHABLE),
    ("08", Trouble.UNREACHABLE),
)


class Connection:
    """A connection that is opened when it is needed, and dropped at the first error."""

    def __init__(self, address: ServerAddress, *, on_open: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        """Connect to nothing yet.

        Args:
            address: Where the database is.
            on_open: Called with each new connection before it is used.
        """
        self._address = address
        self._on_open = on_open
        self._open: asyncpg.Connection | None = None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend the connection, opened if need be, for as long as a call may take.

        Raises:
            SharingError: The database cannot be reached, or does not do what was asked.
        """
        try:
            if self._open is None or self._open.is_closed():
                async with asyncio.timeout(_CONNECT_S):
                    self._open = await self._connected()
            async with asyncio.timeout(_CALL_S):
                yield self._open
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            self.drop()
            raise _in_our_words(error) from error
        except BaseException:
            # Ours, or cut short: what was under way is unknown, and the connection cannot be used again.
            self.drop()
            raise

    @property
    def is_open(self) -> bool:
        """Whether there is a connection now."""
        return self._open is not None and not self._open.is_closed()

    def drop(self) -> None:
        """Let go at once, without a word to the server."""
        if self._open is not None:
            self._open.terminate()
            self._open = None

    async def _connected(self) -> asyncpg.Connection:
        address = self._address
        connection: asyncpg.Connection = await asyncpg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            database=address.database,
            # An empty password rather than none: for want of one, the driver would look in the environment.
            password="" if address.password_file is None else _password(address.password_file),
            ssl=_tls(address.roots) if address.is_encrypted else False,
            target_session_attrs="any",
            timeout=_CONNECT_S,
            command_timeout=_CALL_S,
            statement_cache_size=0,  # a pool in between may hand each statement to another connection
            server_settings={"application_name": "bouclier"},
        )
        try:
            await self._on_open(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection


def _password(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SharingError(Trouble.REFUSED, "fleet.share_password_file", param="fleet.share_password_file") from error


def _tls(roots: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if roots is None else str(roots))
    except OSError as error:
        raise SharingError(Trouble.REFUSED, "sslrootcert", param="fleet.share") from error


def _in_our_words(error: Exception) -> SharingError:
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        kind = next((kind for start, kind in _KINDS if state.startswith(start)), Trouble.OTHER)
        return SharingError(kind, f"SQLSTATE {state}")
    if isinstance(error, TimeoutError):
        return SharingError(Trouble.TIMED_OUT)
    if isinstance(error, ssl.SSLError):
        return SharingError(Trouble.REFUSED, "TLS")
    return SharingError(Trouble.UNREACHABLE)
