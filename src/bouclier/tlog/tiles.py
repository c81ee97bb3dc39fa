"""The tiles of a tree and the bundles of its entries: their paths, their widths, and what is in them.

A tile holds 256 consecutive hashes of one level. Level 0 holds leaf hashes; a hash of level l + 1 is the root of a full
tile of level l, so no partial tile is ever hashed into the level above. A bundle holds the 256 entries whose leaf
hashes are in the tile of level 0 with the same index. The last tile of a level may be partial, 1 to 255 wide; an empty
one does not exist.

Paths have one spelling each: no leading zero but those that fill a group of three digits, no group of zeros in front.

What is not done here: storing and serving tiles, and computing proofs from them (`tile_proofs`).

Source: c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import TileError
from bouclier.tlog.hashing import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TILE_WIDTH: Final = 256
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
MAX_ENTRY_BYTES: Final = 0xFFFF

_LEVEL_BITS: Final = 8
_MAX_LEVEL: Final = 63
_LENGTH_BYTES: Final = 2
# Six groups are more tiles than a tree of 2**64 leaves has.
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class HashTile:
    """Which hashes of a tree are meant: `width` of them on a level, from `index * 256` on.

    Attributes:
        level: 0 for leaf hashes; 0 to 63.
        index: Zero-based index of the tile within its level.
        width: Number of hashes, 1 to 256; fewer than 256 make a partial tile.
    """

    level: int
    index: int
    width: int = TILE_WIDTH


@dataclass(frozen=True, slots=True)
class EntryBundle:
    """Which entries of a log are meant: `width` of them, from `index * 256` on.

    Attributes:
        index: Zero-based index of the bundle.
        width: Number of entries, 1 to 256; fewer than 256 make a partial bundle.
    """

    index: int
    width: int = TILE_WIDTH


def render_tile_path(tile: HashTile | EntryBundle) -> str:
    """Return where a tile or a bundle is served, relative to the prefix of its log.

    >>> render_tile_path(HashTile(0, 1234067, 112))
    'tile/0/x001/x234/067.p/112'
    >>> render_tile_path(EntryBundle(5))
    'tile/entries/005'
    """
    level = "entries" if isinstance(tile, EntryBundle) else str(tile.level)
    rest, last = divmod(tile.index, 1000)
    groups = f"{last:03d}"
    while rest:
        rest, group = divmod(rest, 1000)
        groups = f"x{group:03d}/{groups}"
    return f"tile/{level}/{groups}" if tile.width == TILE_WIDTH else f"tile/{level}/{groups}.p/{tile.width}"


def parse_tile_path(path: str) -> HashTile | EntryBundle:
    """Return the tile or the bundle that a path, relative to the prefix of its log, stands for.

    Raises:
        TileError: It is no such path, or another spelling of one.

    >>> parse_tile_path("tile/entries/x001/234.p/7")
    EntryBundle(index=1234, width=7)
    """
    match = _PATH.fullmatch(path)
    if match is None or match["index"].startswith("x000"):
        raise _no_path()
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    if match["width"] is not None and width >= TILE_WIDTH:
        raise _no_path()
    if match["level"] == "entries":
        return EntryBundle(index, width)
    level = int(match["level"])
    if level > _MAX_LEVEL:
        raise _no_path()
    return HashTile(level, index, width)


def tile_width(tree_size: int, level: int, index: int) -> int:
    """Return how many hashes a tile has in the tree of this size; 0 where there is no such tile.

    The bundle with some index is as wide as the tile of level 0 with that index.

    >>> tile_width(70_000, 0, 273), tile_width(70_000, 1, 0), tile_width(256, 0, 1)
    (112, 256, 0)
    """
    return min(max((tree_size >> _LEVEL_BITS * level) - index * TILE_WIDTH, 0), TILE_WIDTH)


def tiles_of(tree_size: int, *, since: int = 0) -> Iterator[HashTile]:
    """Yield the tiles of a tree, lowest level first; with `since`, those an earlier tree of that size had not.

    A tile that was partial and is wider now, or full, is another tile.

    >>> [render_tile_path(tile) for tile in tiles_of(257, since=256)]
    ['tile/0/001.p/1']
    """
    level = 0
    while (hashes := tree_size >> _LEVEL_BITS * level) > 0:
        for index, width in _widths(hashes, since >> _LEVEL_BITS * level):
            yield HashTile(level, index, width)
        level += 1


def bundles_of(tree_size: int, *, since: int = 0) -> Iterator[EntryBundle]:
    """Yield the bundles of a tree; with `since`, those an earlier tree of that size had not."""
    for index, width in _widths(tree_size, since):
        yield EntryBundle(index, width)


def _widths(count: int, since: int) -> Iterator[tuple[int, int]]:
    if count > since:
        for index in range(since // TILE_WIDTH, -(-count // TILE_WIDTH)):
            yield index, min(count - index * TILE_WIDTH, TILE_WIDTH)


def split_tile(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile, 32 bytes each.

    Raises:
        TileError: The data are not that many hashes.
    """
    if len(data) != width * HASH_BYTES:
        raise TileError(
            Bilingual(
                f"une tuile de {width} empreintes fait {width * HASH_BYTES} octets, pas {len(data)}",
                f"a tile of {width} hashes is {width * HASH_BYTES} bytes long, not {len(data)}",
            )
        )
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def tile_root(data: bytes) -> bytes:
    """Return the hash that stands for a full tile in the level above.

    Raises:
        TileError: The tile is not full.
    """
    return perfect_root(split_tile(data, TILE_WIDTH))


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the perfect subtree over these hashes; their number is a power of two."""
    nodes = hashes
    while len(nodes) > 1:
        pairs = iter(nodes)
        # Inlined, because whole logs are hashed here.
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return nodes[0]


def render_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of 1 to 256 entries, each preceded by its length.

    Raises:
        ValueError: There are none or too many, or one is longer than 65,535 bytes.

    >>> render_bundle([b"a", b"bc"])
    b'\\x00\\x01a\\x00\\x02bc'
    """
    if not 0 < len(entries) <= TILE_WIDTH:
        raise ValueError(f"{len(entries)} entries do not make a bundle")
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"an entry of {len(entry)} bytes does not fit a bundle")
        parts += (len(entry).to_bytes(_LENGTH_BYTES, "big"), entry)
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle, `width` of them and nothing else.

    Raises:
        TileError: There are fewer entries or more, or the last one is cut.
    """
    entries = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    # A length or an entry that is cut short ends beyond the data.
    if at != len(data) or len(entries) != width:
        raise TileError(
            Bilingual(
                f"ces {len(data)} octets ne sont pas un lot de {width} entrées",
                f"these {len(data)} bytes are not a bundle of {width} entries",
            )
        )
    return entries


def _no_path() -> TileError:
    return TileError(Bilingual("ce n'est pas le chemin d'une tuile", "this is not the path of a tile"))
