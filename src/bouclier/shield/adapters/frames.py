"""Messages between a gateway and its detector children: a length on four bytes, big-endian, then MessagePack."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import msgspec

from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

_LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 256 << 20

PackedFinding = tuple[int, int, str, float, str]


class Hello(msgspec.Struct, array_like=True):
    """First message of a child: it can work, or why it cannot.

    Attributes:
        error: What kind of error it met; empty if none.
        message: What is wrong, in French and in English, if it can be said to a person.
        hint: What to do, likewise.
    """

    error: str = ""
    message: tuple[str, str] | None = None
    hint: tuple[str, str] | None = None


class Request(msgspec.Struct, array_like=True):
    """Texts to read."""

    id: int
    texts: list[str]


class Answer(msgspec.Struct, array_like=True):
    """What was found in each text of the request with this id."""

    id: int
    findings: list[list[PackedFinding]]


_Message = TypeVar("_Message", Hello, Request, Answer)


class FrameError(Exception):
    """What was read is not a frame, or not the message expected."""


def pack_frame(message: Hello | Request | Answer) -> bytes:
    """Return the bytes of one frame."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


def pack_findings(findings: Sequence[Finding]) -> list[PackedFinding]:
    """Return findings as they travel."""
    return [(found.start, found.end, found.type.value, found.confidence, found.validated_by) for found in findings]


def unpack_findings(packed: Sequence[PackedFinding], *, offset: int = 0) -> list[Finding]:
    """Return findings that travelled, moved by an offset in code points."""
    return [
        Finding(start + offset, end + offset, EntityType(type_), confidence, validated_by)
        for start, end, type_, confidence, validated_by in packed
    ]


async def read_frame(stream: asyncio.StreamReader, kind: type[_Message]) -> _Message:
    """Read one message.

    Raises:
        FrameError: The stream holds something else.
        asyncio.IncompleteReadError: It ended.
    """
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    if length > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {length} bytes")
    return _decode(await stream.readexactly(length), kind)


def read_frame_blocking(stream: BinaryIO, kind: type[_Message]) -> _Message | None:
    """Read one message; None at the end of the stream.

    Raises:
        FrameError: The stream holds something else.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return _decode(body, kind) if len(body) == length else None


def _decode(body: bytes, kind: type[_Message]) -> _Message:
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.DecodeError:
        # Without the cause: it may quote what was read.
        raise FrameError(f"a frame of {len(body)} bytes is not a {kind.__name__}") from None
