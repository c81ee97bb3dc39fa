"""`fleet.share`: where the database is through which gateways share, from its address.

The address is PostgreSQL's own: `postgresql://user@host:5432/database`, or `postgresql://user@/database?host=/folder`
for a Unix socket. It never holds a password: that is in a file (`fleet.share_password_file`). Off this machine, TLS is
spoken and the server's certificate checked, unless the address says `sslmode=disable`; modes that encrypt without
checking with whom are refused, for a password that goes to whoever answers is no secret.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from bouclier.fleet.adapters.server_address import ServerAddress

_PORT: Final = 5432
_KNOWN: Final = {"host", "sslmode", "sslrootcert"}
_WRONG: Final = "not an address of a database, or one that holds a password or an unknown option"
_CHECKED, _NEVER = "verify-full", "disable"


def share_address(text: str, *, password_file: Path | None = None, base: Path = Path()) -> ServerAddress:
    """Return where the database is.

    Args:
        text: The address.
        password_file: The file of the account's password.
        base: The folder that a relative `sslrootcert` starts from.

    Raises:
        ValueError: It is no such address, holds a password, or asks for something else than is done here.
    """
    parts = urlsplit(text)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)) if parts.query else {}
    host = query.get("host") or unquote(parts.hostname or "")
    user, database = unquote(parts.username or ""), unquote(parts.path.removeprefix("/"))
    if parts.scheme not in {"postgresql", "postgres"} or parts.password is not None or parts.fragment:
        raise ValueError(_WRONG)
    if not (user and database and host) or "/" in database or query.keys() - _KNOWN or "\0" in host + user + database:
        raise ValueError(_WRONG)
    mode = query.get("sslmode", _NEVER if _is_here(host) else _CHECKED)
    if mode not in {_CHECKED, _NEVER}:
        raise ValueError(_WRONG)
    roots = query.get("sslrootcert")
    return ServerAddress(
        host=host,
        port=parts.port or _PORT,
        user=user,
        database=database,
        password_file=password_file,
        is_encrypted=mode == _CHECKED,
        roots=None if not roots else base / Path(roots).expanduser(),
    )


def _is_here(host: str) -> bool:
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
