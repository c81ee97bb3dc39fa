"""A published log over HTTP, or in a folder: c2sp.org/tlog-tiles, read by whoever monitors it.

One connection, kept open. Every answer is bounded in size and in time, however slowly it drips; so is each look, which
begins with a checkpoint. Redirections are not followed, and a host on this machine is never asked through a proxy. What
is returned is believed by nobody before it is verified.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from bouclier.oversight.adapters.timed_socket import TimedSocket
from bouclier.oversight.monitor.ports import AccessRefusedError, LogUnreachableError, NotServedError
from bouclier.terms.errors import Bilingual, ConfigurationError
from bouclier.tlog import (
    MAX_ENTRY_BYTES,
    TILE_BYTES,
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileError,
    parse_bundle,
    render_tile_path,
    split_tile,
)
from bouclier.tlog.note import MAX_NOTE_BYTES

TIMEOUT_S: Final = 20.0
PATIENCE_S: Final = 120.0
"""For all that is asked after a checkpoint, until the next one is asked for."""
_MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)
_OK: Final = 200
_GONE: Final = frozenset({404, 410})
_REFUSED: Final = frozenset({401, 403})


class _Getter(Protocol):
    def begin(self) -> None:
        """Begin another look: there is time for it again."""
        ...

    def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """Return what stands at a path, None if nothing does."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class FetchedLog:
    """A `LogSource` at an address."""

    def __init__(
        self, url: str, *, key: str | None = None, timeout_s: float = TIMEOUT_S, patience_s: float = PATIENCE_S
    ) -> None:
        """Prepare to ask; nothing is asked yet.

        Args:
            url: `http://`, `https://` or `file://` prefix of the log, such as `http://127.0.0.1:8787/log`.
            key: Bearer token, if the log asks for one; never printed.
            timeout_s: Longest wait for a whole answer, connection included.
            patience_s: Longest time for all that is asked in one look; it begins with `checkpoint`.

        Raises:
            ConfigurationError: It is no such address.
        """
        # Anything else in an address would be found out in the middle of a look.
        parts = urlsplit(url if url.isascii() and url.isprintable() and " " not in url else "")
        if parts.scheme == "file" and not parts.netloc:
            self._getter: _Getter = _Folder(Path(unquote(parts.path)))
        elif parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment or "@" in url):
            self._getter = _Web(url, key, timeout_s, patience_s)
        else:
            raise ConfigurationError(
                Bilingual("L'adresse d'un journal est incorrecte.", "The address of a log is wrong."),
                Bilingual(
                    "Donnez son préfixe, en ASCII (%C3%A9 pour « é ») : « https://bouclier.exemple.fr/log », ou "
                    "« file:///chemin/du/dossier ».",
                    "Give its prefix, in ASCII (%C3%A9 for `é`): `https://bouclier.example.org/log`, or "
                    "`file:///path/of/the/folder`.",
                ),
                param="URL",
            )

    def close(self) -> None:
        """Close the connection; it is made again when something is asked."""
        self._getter.close()

    def checkpoint(self) -> bytes:
        """See `LogSource.checkpoint`."""
        self._getter.begin()
        data = self._getter.get("checkpoint", max_bytes=MAX_NOTE_BYTES)
        if data is None:
            raise LogUnreachableError("checkpoint: 404")
        return data

    def tile(self, level: int, index: int, width: int) -> bytes:
        """See `LogSource.tile`."""
        data, width_served = self._either(HashTile(level, index, width), HashTile(level, index), TILE_BYTES)
        return b"".join(split_tile(data, width_served)[:width])

    def bundle(self, index: int, width: int) -> list[bytes]:
        """See `LogSource.bundle`."""
        data, width_served = self._either(EntryBundle(index, width), EntryBundle(index), _MAX_BUNDLE_BYTES)
        return parse_bundle(data, width_served)[:width]

    def _either(
        self, partial: HashTile | EntryBundle, full: HashTile | EntryBundle, max_bytes: int
    ) -> tuple[bytes, int]:
        """Return a tile or bundle and its width: a partial one may be gone once the full one exists."""
        data = self._getter.get(render_tile_path(partial), max_bytes=max_bytes)
        if data is not None:
            return data, partial.width
        if partial.width != TILE_WIDTH:
            data = self._getter.get(render_tile_path(full), max_bytes=max_bytes)
        if data is None:
            raise NotServedError(render_tile_path(partial))
        return data, TILE_WIDTH


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> None:
        """There is all the time there is."""

    def get(self, path: str, *, max_bytes: int) -> bytes | None:
        try:
            with (self._folder / path).open("rb") as file:
                return _bounded(file.read(max_bytes + 1), max_bytes)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LogUnreachableError(error.strerror or type(error).__name__) from error

    def close(self) -> None:
        """Nothing stays open."""


class _Web:
    def __init__(self, url: str, key: str | None, timeout_s: float, patience_s: float) -> None:
        parts = urlsplit(url)
        self._prefix = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._look_until_s = float("inf")
        self._asking = Lock()  # addresses of one log look at each other's
        self._connection: http.client.HTTPConnection | None = None
        self._timed: TimedSocket  # of that connection
        self._secure = parts.scheme == "https"
        try:
            self._host, self._port = parts.hostname or "", parts.port or (443 if self._secure else 80)
        except ValueError as error:
            raise ConfigurationError(
                Bilingual("Le port d'un journal est incorrect.", "The port of a log is wrong."),
                Bilingual("Donnez un port de 1 à 65535.", "Give a port from 1 to 65535."),
                param="URL",
            ) from error
        self._headers = {"User-Agent": "bouclier-monitor", "Accept-Encoding": "identity"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"

    def begin(self) -> None:
        self._look_until_s = time.monotonic() + self._patience_s

    def get(self, path: str, *, max_bytes: int) -> bytes | None:
        with self._asking:
            until_s = min(time.monotonic() + self._timeout_s, self._look_until_s)
            try:
                return self._got(path, max_bytes, until_s)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                over = time.monotonic() >= self._look_until_s
                raise LogUnreachableError(f"> {self._patience_s:g} s" if over else _reason(error)) from error

    def _got(self, path: str, max_bytes: int, until_s: float) -> bytes | None:
        kept = self._connection is not None
        try:
            return self._asked(path, max_bytes, until_s)
        except (OSError, http.client.HTTPException):
            self.close()
            if not kept:
                raise
        # The other side may have closed a connection we kept: a reading is asked again, once.
        return self._asked(path, max_bytes, until_s)

    def _asked(self, path: str, max_bytes: int, until_s: float) -> bytes | None:
        if time.monotonic() >= until_s:
            raise TimeoutError
        connection = self._connection or self._connected()
        self._connection = connection
        if connection.sock is None:
            connection.timeout = max(until_s - time.monotonic(), 0.001)
            connection.connect()
            connected: Any = connection.sock
            self._timed = TimedSocket(connected)
            connection.sock = cast("Any", self._timed)  # all of a socket that `http.client` uses
        self._timed.until_s = until_s
        connection.request("GET", self._target(f"{self._prefix}/{path}"), headers=self._headers)
        with connection.getresponse() as answer:
            data = answer.read(max_bytes + 1)
            if len(data) > max_bytes:
                self.close()  # what is left of it is not read
            elif answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
        if answer.status in _GONE:
            return None
        if answer.status in _REFUSED:
            raise AccessRefusedError(f"HTTP {answer.status}")
        if answer.status != _OK:
            raise LogUnreachableError(f"HTTP {answer.status}")
        return _bounded(data, max_bytes)

    def _connected(self) -> http.client.HTTPConnection:
        proxy = self._proxy()
        at, port = (proxy.hostname or "", proxy.port or 80) if proxy is not None else (self._host, self._port)
        if not self._secure:
            return http.client.HTTPConnection(at, port, timeout=self._timeout_s)
        secure = http.client.HTTPSConnection(at, port, timeout=self._timeout_s, context=ssl.create_default_context())
        if proxy is not None:
            secure.set_tunnel(self._host, self._port)
        return secure

    def _target(self, path: str) -> str:
        """Return what to ask for: a proxy without tunnel is told the whole address."""
        if self._secure or self._proxy() is None:
            return path
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{path}"

    def _proxy(self) -> SplitResult | None:
        """Return the proxy to go through, as the environment says; none for this machine."""
        if _is_here(self._host) or proxy_bypass(self._host):
            return None
        named = getproxies().get("https" if self._secure else "http")
        return None if not named else urlsplit(named if "//" in named else f"//{named}")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bounded(data: bytes, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise TileError(
            Bilingual(
                f"le journal sert plus de {max_bytes} octets là où il en faut moins",
                f"the log serves more than {max_bytes} bytes where there should be fewer",
            )
        )
    return data


def _reason(error: Exception) -> str:
    """Say what went wrong without quoting what was received."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
