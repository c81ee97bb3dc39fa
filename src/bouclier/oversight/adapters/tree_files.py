"""The tree of a log in flat files: every tile, of every width it ever had, is a run of bytes in one of them.

    tree/level-0   leaf hashes, 32 bytes each, in order
    tree/level-1   roots of the full tiles of level 0; and so on upwards (c2sp.org/tlog-tiles)
    tree/offsets   for each bundle of 256 entries, where its first frame begins in `entries.log`, 8 bytes big-endian
    tree/synced    up to which entry the other files are durable

Tile n of level l, w hashes wide, is `level-l[n * 8192 : n * 8192 + w * 32]`, so no partial tile is ever stored,
replaced or collected: a log of ten million entries is a handful of files.

Nothing here is a source: all of it follows from `entries.log`. So it is written without synchronising. What a crash
leaves after the mark is not believed: opening computes it again from the entries. The mark is written only after the
rest is durable, and is at the end of a batch, whose root is then compared. `bouclier log fsck` compares every hash.
"""

from __future__ import annotations

import contextlib
import os
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from bouclier.terms.errors import Bilingual, VerificationError
from bouclier.tlog import HASH_BYTES, TILE_WIDTH
from bouclier.tlog.tiles import perfect_root

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER_NAME: Final = "tree"
_OFFSET: Final = Struct(">Q")
_MARK: Final = Struct(">16s16sQQ")
_CHECKSUM: Final = Struct(">I")
_MAGIC: Final = b"bouclier-tree/1\n"
_MARK_NAME: Final = "synced"


class Mark(NamedTuple):
    """Up to where the files are durable.

    Attributes:
        size: Number of entries.
        end: Position after the batch of the last of them, in `entries.log`.
    """

    size: int
    end: int


class TreeFiles:
    """The files of one log's tree. One thread appends; any number read what `size` covers.

    Attributes:
        size: Number of leaves whose hashes can be read.
    """

    def __init__(self, folder: Path, log_id: bytes) -> None:
        """Open the files, made if missing; nothing in them is believed before `start_at`.

        Args:
            folder: The log's folder.
            log_id: Whose tree it is, 16 bytes: another log's files are not believed.

        Raises:
            OSError: They cannot be opened or made.
        """
        self.size = 0
        self._folder = folder / FOLDER_NAME
        self._log_id = log_id
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._levels: list[int] = []
        self._edges: list[list[bytes]] = []  # the hashes of each level's last, partial tile
        self._waiting: list[bytes] = []  # hashes that could not be written yet
        self._offsets: list[int] = []  # of bundles, likewise
        self._offset_file = self._open("offsets")

    def mark(self) -> Mark | None:
        """Return the mark, or None if there is none that is whole and of this log.

        Raises:
            OSError: It cannot be read.
        """
        return _read_mark(self._folder, self._log_id)

    def start_at(self, size: int) -> None:
        """Believe the files up to a size, and forget what is after it.

        Raises:
            OSError: They cannot be read, or are shorter than that.
        """
        self._waiting, self._offsets, self._edges = [], [], []
        if os.fstat(self._offset_file).st_size < -(-size // TILE_WIDTH) * _OFFSET.size:
            raise OSError("offsets is too short")
        count, level = size, 0
        while count:
            descriptor = self._level(level)
            full, rest = divmod(count, TILE_WIDTH)
            edge = os.pread(descriptor, rest * HASH_BYTES, full * TILE_WIDTH * HASH_BYTES)
            if len(edge) != rest * HASH_BYTES:
                raise OSError(f"level {level} is too short")
            self._edges.append([edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES)])
            count, level = full, level + 1
        self.size = size

    def append(self, hashes: Sequence[bytes], offsets: Sequence[int]) -> None:
        """Write the hashes of the next leaves, after those an earlier failure left over.

        After a failure `size` stays where it was: the next call tries again.

        Args:
            hashes: Leaf hashes in order.
            offsets: Of the bundles that begin with one of them, where they begin in `entries.log`.

        Raises:
            OSError: They cannot be written.
        """
        self._waiting += hashes
        self._offsets += offsets
        first_bundle = -(-self.size // TILE_WIDTH)
        _write(self._offset_file, b"".join(map(_OFFSET.pack, self._offsets)), first_bundle * _OFFSET.size)
        new, count, level = self._waiting, self.size, 0
        edges: list[list[bytes]] = []
        while new:
            _write(self._level(level), b"".join(new), count * HASH_BYTES)
            edge = [*(self._edges[level] if level < len(self._edges) else ()), *new]
            new = [
                perfect_root(edge[at : at + TILE_WIDTH])
                for at in range(0, len(edge) - len(edge) % TILE_WIDTH, TILE_WIDTH)
            ]
            edges.append(edge[len(new) * TILE_WIDTH :])
            count, level = count // TILE_WIDTH, level + 1
        # Only now is any of it believed: a failure above changes nothing that is read.
        self._edges = edges + self._edges[len(edges) :]
        self.size += len(self._waiting)
        self._waiting, self._offsets = [], []

    def synchronise(self, end: int) -> None:
        """Make all that is written durable, then say so.

        Args:
            end: Position in `entries.log` after the batch that ends with the last entry written here.

        Raises:
            OSError: It may not be durable; the old mark is still true.
        """
        for descriptor in (*self._levels, self._offset_file):
            os.fsync(descriptor)
        mark = _MARK.pack(_MAGIC, self._log_id, self.size, end)
        path, new = self._folder / _MARK_NAME, self._folder / f"{_MARK_NAME}.new"
        with new.open("wb") as file:
            file.write(mark + _CHECKSUM.pack(crc32(mark)))
            file.flush()
            os.fsync(file.fileno())
        # A crash before the rename leaves the old mark, which is true of the same files.
        new.replace(path)

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first hashes of a tile; see `TileReader`. Fewer than asked for where the tree ends before."""
        known = self.size >> (8 * level)
        width = min(width, known - index * TILE_WIDTH)
        if width <= 0 or level >= len(self._levels):
            return b""
        return os.pread(self._levels[level], width * HASH_BYTES, index * TILE_WIDTH * HASH_BYTES)

    def bundle_offset(self, index: int) -> int:
        """Return where a bundle's first frame begins in `entries.log`.

        Raises:
            ValueError: There is no such bundle.
        """
        if not 0 <= index * TILE_WIDTH < self.size:
            raise ValueError(f"no bundle {index}")
        offset: int = _OFFSET.unpack(os.pread(self._offset_file, _OFFSET.size, index * _OFFSET.size))[0]
        return offset

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in (*self._levels, self._offset_file):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _level(self, level: int) -> int:
        while len(self._levels) <= level:
            self._levels.append(self._open(f"level-{len(self._levels)}"))
        return self._levels[level]

    def _open(self, name: str) -> int:
        return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


class TreeImage:
    """The files of a log's tree as they are on disk, for those who do not write them.

    Only what the mark covers is compared with the entries: what is after it was perhaps never written. What a published
    checkpoint covers was written before it was published.
    """

    def __init__(self, folder: Path, log_id: bytes) -> None:
        self._folder = folder / FOLDER_NAME
        mark = _read_mark(self._folder, log_id)
        self._size = mark.size if mark is not None else 0

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first hashes of a tile; see `TileReader`.

        Raises:
            OSError: The file cannot be read.
        """
        return self._read(f"level-{level}", width * HASH_BYTES, index * TILE_WIDTH * HASH_BYTES)

    def bundle_offset(self, index: int) -> int:
        """Return where a bundle's first frame begins in `entries.log`.

        Raises:
            OSError: The file cannot be read, or does not reach that far.
        """
        written = self._read("offsets", _OFFSET.size, index * _OFFSET.size)
        if len(written) != _OFFSET.size:
            raise OSError("offsets is too short")
        offset: int = _OFFSET.unpack(written)[0]
        return offset

    def check_hashes(self, level: int, first: int, hashes: bytes) -> int:
        """Compare hashes of a level with the file; return how many the mark covers.

        Args:
            level: 0 for leaf hashes.
            first: Index of the first of them within its level.
            hashes: 32 bytes each.

        Raises:
            VerificationError: One differs.
            OSError: The file cannot be read.
        """
        count = min(len(hashes) // HASH_BYTES, (self._size >> (8 * level)) - first)
        if count <= 0:
            return 0
        written = self._read(f"level-{level}", count * HASH_BYTES, first * HASH_BYTES)
        if written != hashes[: count * HASH_BYTES]:
            raise _altered(f"level-{level}", first)
        return count

    def check_offsets(self, entries: Sequence[bytes], *, first: int, start: int) -> None:
        """Compare where the bundles that begin in a batch begin; see `bundle_offsets`.

        Raises:
            VerificationError: One differs.
            OSError: The file cannot be read.
        """
        expected = bundle_offsets(entries, first=first, start=start)
        bundle = -(-first // TILE_WIDTH)
        expected = expected[: max(0, -(-self._size // TILE_WIDTH) - bundle)]
        if not expected:
            return
        written = self._read("offsets", len(expected) * _OFFSET.size, bundle * _OFFSET.size)
        if written != b"".join(map(_OFFSET.pack, expected)):
            raise _altered("offsets", bundle)

    def _read(self, name: str, count: int, offset: int) -> bytes:
        with (self._folder / name).open("rb", buffering=0) as file:
            return os.pread(file.fileno(), count, offset)


def _read_mark(folder: Path, log_id: bytes) -> Mark | None:
    try:
        data = (folder / _MARK_NAME).read_bytes()
    except FileNotFoundError:
        return None
    if len(data) != _MARK.size + _CHECKSUM.size:
        return None
    magic, owner, size, end = _MARK.unpack_from(data)
    if magic != _MAGIC or owner != log_id or _CHECKSUM.unpack_from(data, _MARK.size)[0] != crc32(data[: _MARK.size]):
        return None
    return Mark(size, end)


def _altered(name: str, first: int) -> VerificationError:
    return VerificationError(
        Bilingual(
            f"{FOLDER_NAME}/{name} n'est pas ce que disent les entrées, à partir de {first}",
            f"{FOLDER_NAME}/{name} is not what the entries say, from {first} on",
        ),
        Bilingual(
            f"Les entrées font foi : la passerelle arrêtée, supprimez {FOLDER_NAME}/ ; l'ouverture le recalcule.",
            f"The entries decide: with the gateway stopped, delete {FOLDER_NAME}/; opening computes it again.",
        ),
    )


def bundle_offsets(entries: Sequence[bytes], *, first: int, start: int) -> list[int]:
    """Return where the bundles that begin in a batch begin in the file.

    Args:
        entries: The batch's.
        first: Index of the first of them.
        start: Where the batch begins in the file.
    """
    offsets = []
    to_next = -first % TILE_WIDTH
    for number, entry in enumerate(entries):
        if number == to_next:
            offsets.append(start)
            to_next += TILE_WIDTH
        start += 2 + len(entry)
    return offsets


def _write(descriptor: int, data: bytes, offset: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, memoryview(data)[written:], offset + written)
