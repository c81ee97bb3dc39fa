"""Server-sent events, sans-I/O: bytes in, whole events out. Source: HTML Standard, § 9.2.6.

Each event comes without its final empty line and with `\\n` line ends; nothing else of its spelling is changed.
"""

from __future__ import annotations

from codecs import BOM_UTF8

_MAX_EVENT_BYTES = 4_000_000


class EventSplitter:
    """Cuts a stream into events, in time linear in its length whatever the pieces.

    Attributes:
        overflown: Whether an event without end was met; nothing more comes out then.
    """

    __slots__ = ("_after_cr", "_begun", "_held", "_mark", "overflown")

    def __init__(self) -> None:
        self._held = bytearray()
        self._after_cr = False
        self._begun = False
        self._mark = b""
        self.overflown = False

    @property
    def pending(self) -> bool:
        """Whether part of an event is held."""
        return bool(self._held.strip())

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the events they complete."""
        if not self._begun:
            data = self._mark + data
            if len(data) < len(BOM_UTF8) and BOM_UTF8.startswith(data):
                self._mark = data
                return []
            # One byte order mark may begin a stream and is no part of it; readers drop it, and so do we.
            self._begun = True
            data = data.removeprefix(BOM_UTF8)
        if self._after_cr or b"\r" in data:
            data = self._with_line_feeds(data)
        held = self._held
        if held:
            # An end may be astride; what was searched before holds none.
            start = max(0, len(held) - 1)
            held += data
            if held.find(b"\n\n", start) < 0:
                self.overflown = self.overflown or len(held) > _MAX_EVENT_BYTES
                return []
            data = bytes(held)
            held.clear()
        elif b"\n\n" not in data:
            held += data
            return []
        *events, rest = data.split(b"\n\n")
        held += rest
        self.overflown = self.overflown or len(rest) > _MAX_EVENT_BYTES
        return events

    def _with_line_feeds(self, data: bytes) -> bytes:
        """Spell line ends as `\\n`; a line feed after a carriage return that ended the last piece is part of it."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        self._after_cr = self._after_cr or data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def data_of(event: bytes) -> bytes | None:
    """Return the data of an event, its lines joined, or None if it has none that is not empty."""
    if event.startswith(b"data: ") and b"\n" not in event:
        return event[6:].strip() or None
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines).strip() or None


def with_data(event: bytes, data: bytes) -> bytes:
    """Return an event with other data, JSON on one line, and its other fields as they were."""
    line = b"data: " + data.replace(b"\n", b" ")
    if b"\n" not in event:
        return line
    return b"\n".join([*(other for other in event.split(b"\n") if not other.startswith(b"data:")), line])
