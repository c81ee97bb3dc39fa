"""Complete states that were verified, one in a file: what a gateway works from while the repository is silent.

    held.json     the last that was verified
    usable.json   the last that whoever follows could use: the same one, unless what was published since is of no use

A file is replaced whole, so it is either the old state or the new one. It is trusted no more than a mirror is:
whoever reads it verifies it again, from the trusted root on. Roots are not in it: they lie beside, each under its
number, and the newest one known judges what is held.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec
from tuf.api.exceptions import DownloadHTTPError

from bouclier.charter.adapters.follow_client import HISTORY
from bouclier.charter.adapters.tuf_fetch import BoundedFetcher, Source
from bouclier.charter.adapters.tuf_files import read_file, write_file
from bouclier.charter.followed import CharterNotFollowedError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HELD_NAME: Final = "held.json"
USABLE_NAME: Final = "usable.json"
_FORMAT: Final = "bouclier-held-charter/v1"
_ROOT_FILE: Final = re.compile(r"metadata/([1-9][0-9]*\.root\.json)")
_NOT_FOUND: Final = 404


class HeldRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authority's metadata.

    Attributes:
        data: The last that were verified; empty if today's delegation accepts none.
        reason: Why they are not those that the list of versions names, or why there are none; None if all is well.
    """

    data: bytes
    reason: Reason | None = None


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A complete state, as it was served.

    Attributes:
        timestamp: Metadata.
        snapshot: Metadata.
        targets: Metadata.
        roles: Of the authorities, by role; one that has no valid metadata has an entry without data.
        files: The targets, by path.
    """

    format: str
    timestamp: bytes
    snapshot: bytes
    targets: bytes
    roles: dict[str, HeldRole]
    files: dict[str, bytes]


_DECODER: Final = msgspec.json.Decoder(Held)


def new_held(
    timestamp: bytes, snapshot: bytes, targets: bytes, roles: Mapping[str, HeldRole], files: Mapping[str, bytes]
) -> Held:
    """Return a state that was verified."""
    return Held(_FORMAT, timestamp, snapshot, targets, dict(roles), dict(files))


def write_held(folder: Path, held: Held, name: str = HELD_NAME) -> None:
    """Hold a state, durably, in place of the one held before under that name.

    Raises:
        StorageError: It cannot be written; the one before is still held.
    """
    write_file(folder / name, msgspec.json.encode(held))


def read_held(folder: Path, name: str = HELD_NAME) -> Held | None:
    """Return the state that is held under a name; None when there is none.

    Raises:
        CharterNotFollowedError: The file is not one of ours.
        StorageError: It cannot be read.
    """
    data = read_file(folder / name)
    if data is None:
        return None
    try:
        held = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise CharterNotFollowedError(Reason.STATE, name) from error
    if held.format != _FORMAT:
        raise CharterNotFollowedError(Reason.STATE, name)
    return held


def held_source(held: Held, metadata: Path) -> Source:
    """Return a repository that serves what is held, and the roots kept in a metadata folder."""
    return Source(_HeldFetcher(held, metadata / HISTORY), "metadata/", "targets/")


class _HeldFetcher(BoundedFetcher):
    def __init__(self, held: Held, roots: Path) -> None:
        self._held = held
        self._roots = roots

    def _fetch(self, url: str) -> Iterator[bytes]:
        held = self._held
        root = _ROOT_FILE.fullmatch(url)
        if root is not None:
            data = read_file(self._roots / root[1])
        else:
            name = url.rpartition("/")[2]
            top = {"timestamp.json": held.timestamp, "snapshot.json": held.snapshot, "targets.json": held.targets}
            data = top.get(name) or top.get(name.partition(".")[2])
        if data is None:
            raise DownloadHTTPError("not held", _NOT_FOUND)
        return iter((data,))
