"""One HTTP/1.1 connection to a deployment: httptools parses, asyncio moves bytes, nothing is copied that need not be.

Written by hand because it is on the path of every streamed event (ADR 0008 has the measurement). Kept small on purpose:
one request at a time, no redirects, no cookies, no compression (we ask for none, and an answer that is compressed all
the same is an error), no proxy.

What a connection promises: an answer's pieces come in order, each as it arrived; when the reader is slow, the
connection stops reading; silence longer than the idle time-out, a cut before the end of the body, and bytes that are
not HTTP each end the answer with their own error; a connection that is not clean is never used again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable

_HIGH_WATER_BYTES = 256 << 10
_MAX_HEADER_BYTES = 64 << 10
_FINAL = 200
_NO_BODY = frozenset({204, 304})


class ConnectionCutError(Exception):
    """The other side closed, or the network did, before the end."""


class ConnectionSilentError(Exception):
    """Nothing came for longer than the idle time-out."""


class NotHttpError(Exception):
    """What came is not an HTTP answer, or one we did not ask for."""


class LastHeard:
    """When anything came last over any of a deployment's connections, seconds of the loop's clock."""

    __slots__ = ("at_s",)

    def __init__(self) -> None:
        self.at_s = -1.0


class HttpConnection(asyncio.Protocol):
    """An `asyncio.Protocol` that sends one request at a time and hands out its answer.

    Attributes:
        status: HTTP status of the answer, once `head` returned.
        headers: Its headers, by lower-case name; several of one name are joined by a comma.
    """

    __slots__ = (
        "_failure",
        "_finished",
        "_head",
        "_header_bytes",
        "_heard_at",
        "_idle_timeout_s",
        "_keep_alive",
        "_last_heard",
        "_loop",
        "_on_idle",
        "_parser",
        "_pieces",
        "_queued",
        "_timer",
        "_transport",
        "_until_close",
        "_waiter",
        "headers",
        "idle_since",
        "status",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, idle_timeout_s: float, last_heard: LastHeard | None = None
    ) -> None:
        self._loop = loop
        self._last_heard = last_heard or LastHeard()
        self._idle_timeout_s = idle_timeout_s
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._on_idle: Callable[[HttpConnection], None] | None = None
        self.idle_since = 0.0
        self._begin()
        self._finished = True

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head: asyncio.Future[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._pieces: deque[bytes] = deque()
        self._queued = 0
        self._header_bytes = 0
        self._failure: Exception | None = None
        self._finished = False
        self._keep_alive = False
        self._until_close = False
        self.status = 0
        self.headers: dict[str, str] = {}

    # For the client --------------------------------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        transport = self._transport
        return self._finished and self._failure is None and transport is not None and not transport.is_closing()

    async def request(self, data: bytes, *, on_idle: Callable[[HttpConnection], None]) -> None:
        """Send a request and return once the head of its answer is here.

        Args:
            data: Head and body of the request.
            on_idle: Called when the answer is let go and the connection may be used again.

        Raises:
            ConnectionCutError: The connection was lost first.
            ConnectionSilentError: Nothing came in time.
            NotHttpError: What came is not HTTP.
        """
        assert self._transport is not None
        self._begin()
        self._on_idle = on_idle
        self._head = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(self._idle_timeout_s, self._check_silence)
        self._transport.write(data)
        try:
            await self._head
        except asyncio.CancelledError:
            self.let_go()
            raise

    async def piece(self) -> bytes:
        """Return the next bytes of the body, all that are here; empty at its end.

        Raises:
            ConnectionCutError: The connection was lost before the end of the body.
            ConnectionSilentError: Nothing came in time.
            NotHttpError: What came is not HTTP.
        """
        while not self._pieces:
            if self._failure is not None:
                raise self._failure
            if self._finished:
                return b""
            self._waiter = self._loop.create_future()
            await self._waiter
        pieces = self._pieces
        data = pieces.popleft() if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._queued > _HIGH_WATER_BYTES and self._transport is not None:
            self._transport.resume_reading()
            self._heard_at = self._loop.time()  # the silence was ours
        self._queued = 0
        return data

    def let_go(self) -> None:
        """Say that the answer is not read any more: the connection goes back to its pool, or is cut if more would come.

        Not before: an answer that is here but not read yet would be lost to whoever uses the connection next, or read
        what was meant for them.
        """
        if not self._finished:
            self._fail(ConnectionCutError())
            self._abort_transport()
            return
        if self._queued > _HIGH_WATER_BYTES and self._transport is not None:
            self._transport.resume_reading()
        self._pieces.clear()
        self._queued = 0
        on_idle, self._on_idle = self._on_idle, None
        if on_idle is not None and self._keep_alive and self.usable:
            self.idle_since = self._loop.time()
            on_idle(self)

    def close(self) -> None:
        """Close a connection that is idle."""
        if self._transport is not None:
            self._transport.close()

    # For asyncio -----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its base class

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._finished:
            # Bytes nobody asked for: whatever they are, they must not become part of the next answer.
            self._abort_transport()
            return
        self._heard_at = self._last_heard.at_s = self._loop.time()
        if not self.status:
            self._header_bytes += len(data)
            if self._header_bytes > _MAX_HEADER_BYTES + len(data):
                self._fail(NotHttpError())
                self._abort_transport()
                return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._finished:  # what follows a whole answer takes nothing from it
                self._fail(NotHttpError())
            self._abort_transport()
            return
        waiter = self._waiter
        if waiter is not None and not waiter.done() and (self._pieces or self._finished):
            waiter.set_result(None)
        if self._queued > _HIGH_WATER_BYTES and self._transport is not None:
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        if not self._finished and self._failure is None:
            if self._until_close and error is None:
                self._finish()
            else:
                self._fail(ConnectionCutError())

    # For httptools ---------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """See httptools. A second answer to one request is not ours to read: it would pass for the next one."""
        if self._finished:
            self._abort_transport()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        if self._finished or self.status:
            return  # a second answer, or trailers: nothing of ours is there
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """See httptools."""
        if self._finished:
            return
        status = self._parser.get_status_code()
        if status < _FINAL:
            self.headers = {}  # an interim answer: the real one follows
            return
        self.status = status
        if self.headers.get("content-encoding", "identity") != "identity":
            self._fail(NotHttpError())
            self._abort_transport()
            return
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        self._until_close = not framed and status not in _NO_BODY
        self._keep_alive = self._parser.should_keep_alive() and not self._until_close
        if self.headers.get("server") == "llama.cpp" and "transfer-encoding" in self.headers:
            self._keep_alive = False  # it says that it stays open, and closes some milliseconds later
        if self._head is not None and not self._head.done():
            self._head.set_result(None)

    def on_body(self, piece: bytes) -> None:
        """See httptools."""
        if not self._finished:
            self._pieces.append(piece)
            self._queued += len(piece)

    def on_message_complete(self) -> None:
        """See httptools."""
        if self.status and not self._until_close and not self._finished:
            self._finish()

    # ------------------------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        self._finished = True
        self._stop_timer()
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if not self._keep_alive:
            self.close()

    def _fail(self, failure: Exception) -> None:
        if self._failure is not None:
            return
        self._failure = failure
        self._stop_timer()
        for future in (self._head, self._waiter):
            if future is not None and not future.done():
                future.set_exception(failure)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _abort_transport(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _check_silence(self) -> None:
        """One timer a request, not one a piece: it looks when it last heard something, and waits for the rest."""
        left = self._heard_at + self._idle_timeout_s - self._loop.time()
        if left > 0 or self._queued:
            self._timer = self._loop.call_later(max(left, 0.05), self._check_silence)
            return
        self._fail(ConnectionSilentError())
        self._abort_transport()
