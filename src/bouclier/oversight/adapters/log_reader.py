"""Reading a log file, while another process may be writing to it; no lock is taken.

What stands after the last sound batch is one of two things. A *torn* batch was being written when the process or the
machine stopped, and was never acknowledged: the file ends in the middle of it, or whole sectors of it were never
written and read as zeros. Anything else is *damage* to what was sound, and is refused with its position.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bouclier.oversight.adapters.log_folder import damaged, open_entries, unusable
from bouclier.oversight.log_file import (
    TRAILER_BYTES,
    TRAILER_MAGIC,
    Batch,
    Header,
    MalformedBatchError,
    parse_trailer,
    read_batch,
)
from bouclier.tlog import hash_leaf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK_BYTES: Final = 1 << 20
_FRAMES_BYTES: Final = 1 << 17
_SECTOR_BYTES: Final = 512
_TRAILER_ZEROS: Final = TRAILER_MAGIC[:2]
_TRAILER_WORD: Final = TRAILER_MAGIC[2:]


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry and where it stands."""

    index: int
    entry: bytes
    leaf_hash: bytes


class BatchReader:
    """Walks a file's batches, checking each one's checksums and count.

    After the walk, `end` is the position after the last sound batch, and `torn_bytes` what is left after it.
    """

    def __init__(self, descriptor: int, header: Header, *, tree_size: int = 0, start: int | None = None) -> None:
        """Begin at the first batch, or after the one that ends at a position with a tree of a size."""
        self.end = header.size if start is None else start
        self.tree_size = tree_size
        self.torn_bytes = 0
        self._descriptor = descriptor

    def __iter__(self) -> Iterator[Batch]:
        """Yield each batch in order.

        Raises:
            StorageError: The file is damaged at a position, which is named.
            OSError: It cannot be read.
        """
        buffer, at, read_again = b"", 0, False
        while True:
            try:
                batch = read_batch(buffer, at)
            except MalformedBatchError:
                if read_again:
                    self._judge(os.fstat(self._descriptor).st_size, cut_short=False)
                    return
                # A writer whose disk is full takes a batch back and writes another in its place: we may have read
                # half of each. What is damaged is still so when read again.
                buffer, at, read_again = os.pread(self._descriptor, _CHUNK_BYTES, self.end), 0, True
                continue
            if batch is None:
                left = buffer[at:]
                # Twice as much each time, so that a large batch is not read over and over.
                more = os.pread(self._descriptor, max(_CHUNK_BYTES, len(left)), self.end + len(left))
                if not more:
                    if left:
                        # By what was read: a writer beside us may have ended the batch since.
                        self._judge(self.end + len(left), cut_short=True)
                    return
                buffer, at = left + more, 0
                continue
            if batch.tree_size != self.tree_size + len(batch.entries):
                raise damaged(self.end)
            self.end += batch.end - at
            self.tree_size = batch.tree_size
            at, read_again = batch.end, False
            yield batch

    def _judge(self, size: int, *, cut_short: bool) -> None:
        """Tell a torn batch, which is counted, from damage, which is refused.

        Args:
            size: Of the file, bytes.
            cut_short: Whether the file ends in the middle of the batch.
        """
        closed_at = self._next_trailer(size)
        if closed_at is None:
            torn = cut_short or self._has_unwritten_sector(size)
        else:
            # A sound trailer follows. Only the very last batch can have been written in part with its end first.
            torn = closed_at == size and self._has_unwritten_sector(size)
        if not torn:
            raise damaged(self.end)
        self.torn_bytes = size - self.end

    def _next_trailer(self, size: int) -> int | None:
        """Return the position after the first sound trailer beyond the last sound batch, if there is one."""
        position, kept = self.end, b""
        while position < size:
            window = kept + os.pread(self._descriptor, min(_CHUNK_BYTES, size - position), position)
            base = position - len(kept)
            # Found by its word, with its two zeros taken for granted: damage to those must not hide it.
            at = window.find(_TRAILER_WORD, len(_TRAILER_ZEROS))
            while at >= 0:
                end = at - len(_TRAILER_ZEROS) + TRAILER_BYTES
                if parse_trailer(_TRAILER_ZEROS + window[at:end], 0) is not None:
                    return base + end
                at = window.find(_TRAILER_WORD, at + 1)
            kept = window[-(TRAILER_BYTES - 1) :]
            position += _CHUNK_BYTES
        return None

    def _has_unwritten_sector(self, size: int) -> bool:
        """Return whether a sector of the tail reads as zeros: file systems show unwritten parts of a file so.

        A sound part never does: entries hold no NUL, and a frame's length is not zero. The part of a sector before
        the tail is left out; one byte of it alone tells nothing, as the high byte of a length may be zero.
        """
        for start in range(self.end - self.end % _SECTOR_BYTES, size, _SECTOR_BYTES):
            first = max(start, self.end)
            part = os.pread(self._descriptor, min(start + _SECTOR_BYTES, size) - first, first)
            if len(part) > 1 and not any(part):
                return True
        return False


def read_frames(descriptor: int, offset: int, count: int) -> list[bytes]:
    """Return this many entries from a position of a log file on, passing over the trailers between them.

    What is read is what was durable and checked before: nothing is checked again here.

    Args:
        descriptor: Of a log file.
        offset: Where the first frame begins.
        count: How many entries are there at least.

    Raises:
        StorageError: The file ends before, so it is damaged.
        OSError: It cannot be read.
    """
    entries: list[bytes] = []
    buffer, at = b"", 0
    while len(entries) < count:
        end = at + TRAILER_BYTES if buffer[at : at + 2] == _TRAILER_ZEROS else at + 2
        if end - 2 == at and at + 2 <= len(buffer):
            end += int.from_bytes(buffer[at : at + 2], "big")
        if end > len(buffer):
            more = os.pread(descriptor, max(_FRAMES_BYTES, end - len(buffer)), offset + len(buffer))
            if not more:
                raise damaged(offset + at)
            buffer += more
            continue
        if end - at != TRAILER_BYTES or buffer[at : at + 2] != _TRAILER_ZEROS:
            entries.append(buffer[at + 2 : end])
        at = end
    return entries


def read_entries(folder: Path) -> Iterator[LoggedEntry]:
    """Yield every entry of a log in order, up to the last whole batch.

    Entries written a moment ago may not be durable yet; their writers have not been answered then.

    Raises:
        StorageError: No log there, unreadable, or damaged at a position.
    """
    descriptor, header = open_entries(folder, os.O_RDONLY)
    try:
        index = 0
        for batch in BatchReader(descriptor, header):
            for entry in batch.entries:
                yield LoggedEntry(index, entry, hash_leaf(entry))
                index += 1
    except OSError as error:
        raise unusable(folder, error) from error
    finally:
        os.close(descriptor)
