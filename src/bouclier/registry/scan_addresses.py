"""Find the hosts of addresses in a text, without letting out anything else of it.

An address may carry a password, and a password may hold any character: when it cannot be told for sure which part is
the host, there is none, and the caller says so. Hosts of the institution's own network are left out: names without a
dot, loopback, private addresses and the suffixes kept for such use.

Source: RFC 3986 §3.2; RFC 6761; RFC 1918.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://(?P<rest>[^\s\"'<>`|\\^]*)")
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\.?")
_BARE: Final = re.compile(rf"(?<![\w.@/:-]){_LABEL}(?:\.{_LABEL})+(?=(?::[0-9]{{1,5}})?(?:/|[\s,;\"']|$))")
_PORT: Final = re.compile(r"(?::[0-9]{0,5})?")
_OWN_SUFFIXES: Final = (
    ".local", ".localhost", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".invalid",
)  # fmt: skip
_MAX_HOST: Final = 253


class Hosts(NamedTuple):
    """Hosts found in a text.

    Attributes:
        found: Hosts of addresses with a scheme, in lower case, each once.
        bare: What stands alone and may be a host, or anything with dots: a version, a key.
        unclear: Whether there was an address of which the host cannot be told.
    """

    found: tuple[str, ...]
    bare: tuple[str, ...]
    unclear: bool


def hosts_in(text: str) -> Hosts:
    """Return the hosts of other people's machines named in a text.

    >>> hosts_in("postgres://user:pass@db.example.eu:5432/x,http://cache:6379")
    Hosts(found=('db.example.eu',), bare=(), unclear=False)
    >>> hosts_in("postgres://user:p@ss.word/1@db.example.eu/x")
    Hosts(found=(), bare=(), unclear=True)
    """
    found: dict[str, None] = {}
    unclear = False
    without = []
    end = 0
    for match in _URL.finditer(text):
        without.append(text[end : match.start()])
        end = match.end()
        for part in _addresses(match["rest"]):
            host = _host_of(part)
            if host is None:
                unclear = True
            elif not is_own(host):
                found[host] = None
    without.append(text[end:])
    bare = {match[0].lower(): None for match in _BARE.finditer(" ".join(without)) if not is_own(match[0].lower())}
    return Hosts(tuple(found), tuple(bare), unclear)


def known_shape(text: str) -> str | None:
    """Return a text that is a host name and nothing else, in lower case, or None.

    A leading `*.` is taken off, a final dot too, and letters outside ASCII are written as DNS does.
    """
    host = text.strip().lower().removeprefix("*.").removesuffix(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return None
    return host if len(host) <= _MAX_HOST and _HOST.fullmatch(host) and not is_address(host) else None


def is_own(host: str) -> bool:
    """Return whether a host is on the institution's own network by its very name."""
    if "." not in host and ":" not in host:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(_OWN_SUFFIXES)
    return address.is_private or address.is_loopback or address.is_link_local or address.is_unspecified


def _addresses(rest: str) -> list[str]:
    """Cut `a:1,b:2/path` as clients of several servers do; a comma after the path is the path's."""
    authority, slash, path = rest.partition("/")
    user, at, hosts = authority.rpartition("@")
    first, *others = hosts.split(",")
    if not others or "@" in path:
        return [rest]
    return [f"{user}{at}{first}", *others[:-1], f"{others[-1]}{slash}{path}"]


def _host_of(rest: str) -> str | None:
    """Return the host after `scheme://`; empty if it is a variable or nothing, None if it cannot be told."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    after = rest[len(authority) :]
    user, at, host_port = authority.rpartition("@")
    if "@" in user or "@" in after:
        # `user:p/ss@host`, `user:p?ss@host`, `user:p@ss@host`: what stands before the last @ may be a password.
        return None
    host_port = host_port.rstrip(").,;]}")
    if host_port.startswith("["):
        host, _, port = host_port[1:].partition("]")
        return host.lower() if _PORT.fullmatch(port) else None
    if not host_port or "$" in host_port or "{" in host_port or "%" in host_port:
        return None
    host, colon, port = host_port.partition(":")
    if not _PORT.fullmatch(f"{colon}{port}") or (not at and colon and not port):
        return None
    shaped = known_shape(host)
    if shaped is not None:
        return shaped
    return host.lower() if re.fullmatch(_LABEL, host) or is_address(host) else None


def is_address(host: str) -> bool:
    """Return whether a text is an address of the Internet Protocol, and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
