"""A socket whose answer must be whole by some time.

The time-out of a socket is for each reading from it: an answer that comes one byte at a time never meets it. Here it is
set anew before each reading, to what is left.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from _typeshed import ReadableBuffer, WriteableBuffer


class TimedSocket:
    """What `http.client` uses of a socket.

    Attributes:
        until_s: When all must be sent and read, by the monotonic clock, in seconds.
    """

    def __init__(self, connected: socket.socket) -> None:
        """Wrap a connected socket, which this then owns."""
        self.until_s = 0.0
        self._socket = connected

    def sendall(self, data: ReadableBuffer) -> None:
        """Send all of it in what is left of the time.

        Raises:
            TimeoutError: There is no time left.
            OSError: It cannot be sent.
        """
        self.hurry()
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 -- always "rb", by position
        """Return what reads from it."""
        return io.BufferedReader(_TimedReader(self, self._socket.makefile("rb", buffering=0)))

    def close(self) -> None:
        """Close it, once what reads from it is closed too."""
        self._socket.close()

    def hurry(self) -> None:
        """Let the next call take no longer than what is left.

        Raises:
            TimeoutError: Nothing is left.
        """
        left_s = self.until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._socket.settimeout(left_s)


class _TimedReader(io.RawIOBase):
    def __init__(self, timed: TimedSocket, raw: io.RawIOBase) -> None:
        self._timed = timed
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        self._timed.hurry()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
