"""Where a database is; apart from what speaks to it, so that a configuration is read without the driver installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the database is.

    Attributes:
        host: A name, an IP address, or the folder of a Unix socket.
        port: Its port.
        user: The account.
        database: The database.
        password_file: The file of the account's password; None if the server asks for none.
        is_encrypted: Whether TLS is spoken; a server that does not is then refused.
        roots: Certificates that the server's has to descend from; None for the system's.
    """

    host: str
    port: int
    user: str
    database: str
    password_file: Path | None = None
    is_encrypted: bool = False
    roots: Path | None = None
