"""Bytes of a log file, format v1: a header, then batches, each closed by a trailer.

    header   magic (16) | log id (16) | u16 length | origin | u32 checksum
    batch    (u16 length | entry) ... | trailer (64)
    trailer  00 00 "batch" 0a | u32 frame bytes | u32 entries | u64 tree size | root (32) | u32 checksum of the
             frames | u32 checksum of the trailer

Integers are big-endian, checksums CRC-32. The frames of a batch are exactly a tlog-tiles entry bundle. An entry is
never empty, so the zero length at the head of a trailer cannot be taken for a frame. The checksums find accidents; the
roots find everything else. `specs/log-file-v1.md` is the specification.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_MAGIC: Final = b"bouclier-log/v1\n"
TRAILER_MAGIC: Final = b"\x00\x00batch\n"
LOG_ID_BYTES: Final = 16
_HEADER: Final = Struct(">16s16sH")
_U32: Final = Struct(">I")
_TRAILER: Final = Struct(">8sIIQ32sI")
TRAILER_BYTES: Final = _TRAILER.size + _U32.size
MAX_ORIGIN_BYTES: Final = 255
MAX_HEADER_BYTES: Final = _HEADER.size + MAX_ORIGIN_BYTES + _U32.size
# An origin also serves as a line of a checkpoint and as a key's name (c2sp.org/signed-note): visible ASCII, no `+`.
_ORIGIN: Final = re.compile(r"[!-*,-~]{1,255}")


class Header(NamedTuple):
    """Which log a file belongs to.

    Attributes:
        origin: The log's name, the same for its whole life.
        log_id: Random, 16 bytes: tells apart two logs made under one name.
        size: Bytes of the header: where the first batch begins.
    """

    origin: str
    log_id: bytes
    size: int


class Trailer(NamedTuple):
    """What closes a batch; see the module's drawing."""

    frame_bytes: int
    entries: int
    tree_size: int
    root: bytes
    frames_checksum: int


class Batch(NamedTuple):
    """Entries that became durable together.

    Attributes:
        entries: In order.
        tree_size: Size of the tree after them.
        root: Root of that tree, 32 bytes.
        end: Position after the trailer, in the buffer it was read from.
    """

    entries: list[bytes]
    tree_size: int
    root: bytes
    end: int


class MalformedBatchError(Exception):
    """Bytes that are long enough to be a batch, and are not one."""


def encode_header(origin: str, log_id: bytes) -> bytes:
    """Return the header of a new log.

    Args:
        origin: 1 to 255 visible ASCII characters without `+`, such as `log.example.fr/mairie`.
        log_id: Random, 16 bytes.

    Raises:
        ConfigurationError: The origin is something else.
    """
    if not _ORIGIN.fullmatch(origin):
        raise ConfigurationError(
            Bilingual("le nom d'origine du journal n'est pas valide", "the log's origin is not valid"),
            Bilingual(
                "1 à 255 caractères ASCII visibles, sans « + » ni espace : log.example.fr/mairie.",
                "1 to 255 visible ASCII characters, no `+`, no space: log.example.fr/town-hall.",
            ),
            param="origin",
        )
    name = origin.encode("ascii")
    head = _HEADER.pack(HEADER_MAGIC, log_id, len(name)) + name
    return head + _U32.pack(crc32(head))


def parse_header(data: bytes) -> Header | None:
    """Return the header at the start of a file, or None if there is none of this version."""
    if len(data) < _HEADER.size:
        return None
    magic, log_id, length = _HEADER.unpack_from(data)
    end = _HEADER.size + length
    if magic != HEADER_MAGIC or len(data) < end + _U32.size:
        return None
    if _U32.unpack_from(data, end)[0] != crc32(data[:end]):
        return None
    origin = data[_HEADER.size : end].decode("ascii", "replace")
    return Header(origin, log_id, end + _U32.size) if _ORIGIN.fullmatch(origin) else None


def encode_batch(entries: Sequence[bytes], *, tree_size: int, root: bytes) -> bytes:
    """Return the bytes of a batch.

    Args:
        entries: At least one, 1 to 65,535 bytes each.
        tree_size: Size of the tree after them.
        root: Root of that tree, 32 bytes.
    """
    frames = b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])
    trailer = _TRAILER.pack(TRAILER_MAGIC, len(frames), len(entries), tree_size, root, crc32(frames))
    return frames + trailer + _U32.pack(crc32(trailer))


def read_batch(buffer: bytes, start: int) -> Batch | None:
    """Return the batch that starts at a position of a buffer, or None if the buffer ends before the batch does.

    Raises:
        MalformedBatchError: The bytes there are not a batch.
    """
    entries: list[bytes] = []
    at, end = start, len(buffer)
    while True:
        if at + 2 > end:
            return None
        length = buffer[at] << 8 | buffer[at + 1]
        if not length:
            break
        at += 2
        entries.append(buffer[at : at + length])
        at += length
    if at + TRAILER_BYTES > end:
        return None
    trailer = parse_trailer(buffer, at)
    if (
        trailer is None
        or not entries
        or (trailer.frame_bytes, trailer.entries) != (at - start, len(entries))
        or trailer.frames_checksum != crc32(memoryview(buffer)[start:at])
    ):
        raise MalformedBatchError
    return Batch(entries, trailer.tree_size, trailer.root, at + TRAILER_BYTES)


def parse_trailer(buffer: bytes, at: int) -> Trailer | None:
    """Return the trailer at a position of a buffer, or None if there is no whole and sound one."""
    if at + TRAILER_BYTES > len(buffer):
        return None
    magic, frame_bytes, entries, tree_size, root, frames_checksum = _TRAILER.unpack_from(buffer, at)
    checksum = crc32(memoryview(buffer)[at : at + _TRAILER.size])
    if magic != TRAILER_MAGIC or _U32.unpack_from(buffer, at + _TRAILER.size)[0] != checksum:
        return None
    return Trailer(frame_bytes, entries, tree_size, root, frames_checksum)
