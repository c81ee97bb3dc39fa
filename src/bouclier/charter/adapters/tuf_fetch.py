"""Where a published charter is fetched from: HTTP(S), or a folder carried across an air gap.

Every answer is bounded in size by who asks and in time here, however slowly it drips; so is a whole refresh. One
connection is kept open for a refresh. Redirections are not followed, and a host on this machine is never asked through
a proxy. What is fetched is believed by nobody before it is verified. An address with credentials is refused, so none
can be printed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import string
import time
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient import FetcherInterface

from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

TIMEOUT_S: Final = 10.0
"""For one answer, connection included."""
PATIENCE_S: Final = 45.0
"""For all that one refresh asks: it ends within the minute in which an order must be in force."""
_CHUNK_BYTES: Final = 65536
_OK: Final = 200
_NOT_FOUND: Final = 404
_SAFE: Final = string.punctuation.replace("#", "").replace('"', "")


class Source(NamedTuple):
    """A repository to fetch from.

    Attributes:
        fetcher: Fetches from it.
        metadata: Prefix of its metadata.
        targets: Prefix of its targets.
    """

    fetcher: BoundedFetcher
    metadata: str
    targets: str


class BoundedFetcher(FetcherInterface):
    """Fetches within the time that a refresh has."""

    def begin(self) -> None:
        """Begin another refresh: there is time for it again."""

    def close(self) -> None:
        """Let go of what is open; it is opened again when something is asked."""


def source_at(place: str | Path, *, timeout_s: float = TIMEOUT_S, patience_s: float = PATIENCE_S) -> Source:
    """Return a repository published at an address or in a folder; nothing is asked yet.

    Args:
        place: `http(s)://` or `file://` prefix, or a folder's path, under which `metadata/` and `targets/` are.
        timeout_s: Longest wait for a whole answer, connection included, in seconds.
        patience_s: Longest time for all that one refresh asks, in seconds.

    Raises:
        ConfigurationError: It is no such address.
    """
    if isinstance(place, Path):
        return Source(FolderFetcher(place), "metadata/", "targets/")
    try:
        parts = urlsplit(place if place.isascii() and place.isprintable() and " " not in place else "")
        _ = parts.port
    except ValueError as error:
        raise _wrong_address() from error
    if parts.scheme == "file" and not parts.netloc:
        return Source(FolderFetcher(Path(unquote(parts.path))), "metadata/", "targets/")
    if parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment or "@" in place):
        prefix = place.rstrip("/")
        return Source(WebFetcher(timeout_s, patience_s), f"{prefix}/metadata/", f"{prefix}/targets/")
    raise _wrong_address()


class FolderFetcher(BoundedFetcher):
    """Reads a published folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        # Opened by who reads the first chunk, and so closed with it: nobody may read any.
        try:
            with (self._folder / url).open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DownloadHTTPError("no such file", _NOT_FOUND) from error
        except OSError as error:
            raise DownloadError(error.strerror or type(error).__name__) from error
        except ValueError as error:  # a name that can be no file's
            raise DownloadHTTPError("no such name", _NOT_FOUND) from error


class WebFetcher(BoundedFetcher):
    """Asks over HTTP(S), one answer after the other."""

    def __init__(self, timeout_s: float = TIMEOUT_S, patience_s: float = PATIENCE_S) -> None:
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._until_s = time.monotonic() + patience_s
        self._at: tuple[str, str] | None = None
        self._kept: http.client.HTTPConnection | None = None
        self._reading: Generator[bytes, None, None] | None = None

    def begin(self) -> None:
        """See `BoundedFetcher.begin`."""
        self._until_s = time.monotonic() + self._patience_s

    def close(self) -> None:
        """See `BoundedFetcher.close`."""
        if self._reading is not None:
            # Whoever stops reading, because it is too much, leaves an answer open.
            self._reading.close()
            self._reading = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _fetch(self, url: str) -> Iterator[bytes]:
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        if self._reading is not None:
            self._reading.close()
        # Not kept while an answer is being read: what is left of an answer that was too long must not be the next one.
        kept, self._kept = self._kept, None
        until_s = min(time.monotonic() + self._timeout_s, self._until_s)
        begins = len(parts.scheme) + len("://") + len(parts.netloc)
        target = quote(url[begins:], safe=_SAFE)
        if kept is not None and self._at != place:
            kept.close()
        elif kept is not None:
            # The other side may have closed a connection we kept: a reading is asked again, once.
            with contextlib.suppress(_ClosedError):
                self._reading = self._answer(kept, place, target, until_s)
                return self._reading
        self._reading = self._answer(_connection(parts), place, target, until_s)
        return self._reading

    def _answer(
        self, connection: http.client.HTTPConnection, place: tuple[str, str], target: str, until_s: float
    ) -> Generator[bytes, None, None]:
        """Ask, and return what is answered, chunk by chunk.

        Raises:
            DownloadError: No answer, or one that is not a file.
        """
        watch = _Watch(connection, until_s)
        try:
            connection.request("GET", _asked(connection, place, target), headers=_HEADERS)
            watch.socket = connection.sock
            response = connection.getresponse()
            if response.status == _OK:
                return self._chunks(connection, response, place, watch)
            response.read(_CHUNK_BYTES)  # usually a short page that says so
        except (OSError, http.client.HTTPException) as error:
            watch.stop()
            connection.close()
            raise _failed(error, until_s) from error
        self._leave(connection, response, place, watch)
        raise DownloadHTTPError(f"HTTP {response.status}", response.status)

    def _chunks(
        self,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
        place: tuple[str, str],
        watch: _Watch,
    ) -> Generator[bytes, None, None]:
        try:
            while chunk := response.read(_CHUNK_BYTES):
                yield chunk
            if watch.is_over:
                raise TimeoutError  # what looks like the end of the answer is our own doing
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise _failed(error, watch.until_s) from error
        finally:
            self._leave(connection, response, place, watch)

    def _leave(
        self,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
        place: tuple[str, str],
        watch: _Watch,
    ) -> None:
        """Keep a connection whose answer was read to its end; close any other."""
        watch.stop()
        if response.isclosed() and not response.length and not response.will_close:
            self._at = place
            self._kept = connection
        else:
            response.close()
            connection.close()


class _Watch:
    """Shuts a connection at a time, whatever waits for it then.

    The time-out of a socket is for each reading from it: an answer that drips would never meet it.

    Attributes:
        socket: What the answer comes by, once it is open; the connection itself lets go of it before the answer ends.
        until_s: When, by the monotonic clock, in seconds.
        is_over: Whether that time has come.
    """

    def __init__(self, connection: http.client.HTTPConnection, until_s: float) -> None:
        left_s = max(until_s - time.monotonic(), 0.001)
        connection.timeout = left_s
        if connection.sock is not None:
            connection.sock.settimeout(left_s)
        self.until_s = until_s
        self.is_over = False
        self.socket: socket.socket | None = connection.sock
        self._connection = connection
        self._timer = Timer(left_s, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _shut(self) -> None:
        self.is_over = True
        open_one = self.socket or self._connection.sock  # while it connects and shakes hands, the connection has it
        if open_one is not None:
            with contextlib.suppress(OSError):  # closed in the meantime
                open_one.shutdown(socket.SHUT_RDWR)


_HEADERS: Final = {"User-Agent": "bouclier", "Accept-Encoding": "identity"}


class _ClosedError(DownloadError):
    """No answer: the connection was closed, or could not be made."""


def _failed(error: Exception, until_s: float) -> DownloadError:
    if isinstance(error, TimeoutError) or time.monotonic() >= until_s:
        return SlowRetrievalError("too slow")
    # What was received is not quoted.
    return _ClosedError((error.strerror if isinstance(error, OSError) else None) or type(error).__name__)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
    proxy = _proxy(parts.scheme, host)
    at, at_port = (host, port) if proxy is None else (proxy.hostname or "", proxy.port or 80)
    if not secure:
        return http.client.HTTPConnection(at, at_port)
    connection = http.client.HTTPSConnection(at, at_port, context=ssl.create_default_context())
    if proxy is not None:
        connection.set_tunnel(host, port)
    return connection


def _asked(connection: http.client.HTTPConnection, place: tuple[str, str], target: str) -> str:
    """Return what to ask for: a proxy without tunnel is told the whole address."""
    scheme, netloc = place
    direct = scheme == "https" or connection.host == (urlsplit(f"//{netloc}").hostname or "")
    return target if direct else f"{scheme}://{netloc}{target}"


def _proxy(scheme: str, host: str) -> SplitResult | None:
    """Return the proxy to go through, as the environment says; none for this machine."""
    if _is_here(host) or proxy_bypass(host):
        return None
    named = getproxies().get(scheme)
    return None if not named else urlsplit(named if "//" in named else f"//{named}")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong_address() -> ConfigurationError:
    return ConfigurationError(
        Bilingual("L’adresse de la charte est incorrecte.", "The address of the charter is wrong."),
        Bilingual(
            "Donnez son préfixe, en ASCII et sans mot de passe : « https://charte.exemple.fr », ou "
            "« file:///chemin/du/dossier ».",
            "Give its prefix, in ASCII and without password: `https://charter.example.org`, or "
            "`file:///path/of/the/folder`.",
        ),
        param="URL",
    )
