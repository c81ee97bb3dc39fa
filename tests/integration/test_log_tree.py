"""A log opened again: tree files are believed as far as they can be, and what was published is continued or refused."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.integration.log_child import outcome
from tests.log_kit import LAW

from bouclier.oversight import MarkEntry, Standing, parse_entry
from bouclier.oversight.adapters.file_log import MARK_EVERY_ENTRIES, FileLog
from bouclier.oversight.adapters.log_check import fsck
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.oversight.clock import ClockError
from bouclier.terms.errors import StorageError, VerificationError
from bouclier.tlog import (
    EntryBundle,
    HashTile,
    WitnessPolicy,
    hash_leaf,
    parse_bundle,
    root_from_tiles,
    root_of,
    split_tile,
)

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "log.example.fr/tree"
STANDING = Standing(version="0.1.0", law=lambda: LAW.stamp, policy=None, interval_s=600)
NOW_MS = 1_790_000_000_000


def add(folder: Path, first: int, count: int) -> None:
    async def append() -> None:
        log = FileLog.open(folder)
        await asyncio.gather(*(log.append(outcome(number)) for number in range(first, first + count)))
        await log.close()

    asyncio.run(append())


def leaves(count: int) -> list[bytes]:
    return [hash_leaf(outcome(number)) for number in range(count)]


def opened_root(folder: Path) -> bytes:
    """Open for writing and close again; what the tree files then say is the tree of the entries."""
    log = FileLog.open(folder)
    root = log.root
    assert root_from_tiles(log.tree, log.size) == root
    asyncio.run(log.close())
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of 600 entries: two full tiles and a partial one."""
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    add(folder, 0, 300)
    add(folder, 300, 300)
    return folder


def test_what_the_mark_covers_is_not_read_again(folder: Path) -> None:
    entries = folder / "entries.log"
    sound = entries.read_bytes()
    changed = bytearray(sound)
    changed[200] ^= 1
    entries.write_bytes(changed)

    assert opened_root(folder) == root_of(leaves(600))
    with pytest.raises(StorageError, match="damaged"):
        fsck(folder)
    assert fsck_of(folder, sound) == 600 + 2


def fsck_of(folder: Path, entries: bytes) -> int:
    """How many hashes of the tree files are those of the entries."""
    (folder / "entries.log").write_bytes(entries)
    return fsck(folder).hashes


@pytest.mark.parametrize("name", ["level-0", "level-1", "offsets", "synced", "all of them"])
def test_tree_files_that_are_lost_are_computed_again(folder: Path, name: str) -> None:
    if name == "all of them":
        shutil.rmtree(folder / "tree")
    else:
        (folder / "tree" / name).unlink()

    assert opened_root(folder) == root_of(leaves(600))
    assert fsck(folder).hashes == 602


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("level-0", b""),
        ("level-1", bytes(64)),
        ("level-1", b""),
        ("offsets", bytes(16)),
        ("synced", b""),
        ("synced", bytes(52)),
    ],
)
def test_tree_files_that_are_not_of_these_entries_are_computed_again(folder: Path, name: str, content: bytes) -> None:
    (folder / "tree" / name).write_bytes(content)

    assert opened_root(folder) == root_of(leaves(600))
    assert fsck(folder).hashes == 602


def test_another_logs_tree_files_are_not_believed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    create_folder(other, origin=ORIGIN)
    add(other, 1000, 600)
    shutil.rmtree(folder / "tree")
    shutil.copytree(other / "tree", folder / "tree")

    assert opened_root(folder) == root_of(leaves(600))
    assert fsck(folder).hashes == 602


def test_what_a_crash_left_after_the_mark_is_computed_again(folder: Path) -> None:
    mark = (folder / "tree" / "synced").read_bytes()
    add(folder, 600, 300)
    (folder / "tree" / "synced").write_bytes(mark)
    level = folder / "tree" / "level-0"
    level.write_bytes(level.read_bytes()[: 600 * 32] + b"\xff" * 5_000)

    assert opened_root(folder) == root_of(leaves(900))
    assert fsck(folder).hashes == 903


def test_what_was_read_back_once_need_not_be_again(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    add(folder, 0, 5000)
    mark = folder / "tree" / "synced"
    mark.unlink()  # as if it had been killed before it was closed

    log = FileLog.open(folder)

    assert int.from_bytes(mark.read_bytes()[32:40], "big") == 5000, "before it is closed, which may never be"
    asyncio.run(log.close())


def test_a_mark_is_written_while_a_log_lives(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)

    async def life() -> int:
        log = FileLog.open(folder)
        for _ in range(-(-MARK_EVERY_ENTRIES // 8192)):
            await asyncio.gather(*(log.append(b"x") for _ in range(8192)))
        await log.settled()
        marked = int.from_bytes((folder / "tree" / "synced").read_bytes()[32:40], "big")
        await log.close()
        return marked

    assert asyncio.run(life()) == MARK_EVERY_ENTRIES


def test_a_log_behind_what_it_published_is_refused(folder: Path) -> None:
    old = (folder / "entries.log").read_bytes()

    async def publish() -> None:
        keeper = RecordKeeper(folder, STANDING, WitnessPolicy(), now_ms=lambda: NOW_MS)
        await keeper.begin()
        await keeper.close()

    asyncio.run(publish())
    (folder / "entries.log").write_bytes(old)

    with pytest.raises(StorageError, match="is not the one whose checkpoint"):
        FileLog.open(folder)


def test_a_log_without_its_signing_keys_or_with_anothers_does_not_open(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    create_folder(other, origin="log.example.fr/other")
    keys = folder / "signing.key"
    sound = keys.read_bytes()
    for wrong in (b"", sound * 2, sound[:-9] + b"\n", (other / "signing.key").read_bytes(), b"\xff"):
        keys.write_bytes(wrong)
        for _ in range(2):  # the second time shows that the first one let go of the lock
            with pytest.raises(StorageError, match="not those of the log"):
                FileLog.open(folder)
    keys.unlink()
    with pytest.raises(StorageError, match=r"signing\.key"):
        FileLog.open(folder)
    keys.write_bytes(sound)
    assert opened_root(folder) == root_of(leaves(600))


def test_only_what_is_published_is_shown(folder: Path) -> None:
    async def scenario() -> None:
        keeper = RecordKeeper(folder, STANDING, WitnessPolicy(), now_ms=lambda: NOW_MS)
        try:
            assert (keeper.size, keeper.checkpoint, keeper.entry(0), keeper.proof(0)) == (0, None, None, None)
            assert keeper.tile(HashTile(0, 0, 1)) is None
            assert keeper.bundle(EntryBundle(0, 1)) is None
            await keeper.begin()
            await keeper.covered(600)
            assert keeper.size == 601
            tile, bundle = keeper.tile(HashTile(0, 1, 256)), keeper.bundle(EntryBundle(1, 256))
            assert tile is not None
            assert bundle is not None
            assert split_tile(tile, 256) == leaves(512)[256:]
            assert parse_bundle(bundle, 256) == [outcome(number) for number in range(256, 512)]
            assert keeper.entry(601) is None
            assert keeper.entry(-1) is None
        finally:
            await keeper.close()

    asyncio.run(scenario())


def test_a_clock_behind_the_last_entry_keeps_the_record_from_beginning(folder: Path) -> None:
    async def scenario(now_ms: int) -> None:
        keeper = RecordKeeper(folder, STANDING, WitnessPolicy(), now_ms=lambda: now_ms)
        try:
            await keeper.begin()
        finally:
            await keeper.close()

    asyncio.run(scenario(NOW_MS))
    asyncio.run(scenario(NOW_MS - 1_500))
    with pytest.raises(ClockError):
        asyncio.run(scenario(NOW_MS - 3_000))
    asyncio.run(scenario(NOW_MS + 1))
    assert fsck(folder).kinds == {"outcome": 600, "mark": 6}


def test_an_idle_gateway_shows_that_it_is_alive_before_the_interval_it_promised_is_over(folder: Path) -> None:
    async def scenario() -> None:
        keeper = RecordKeeper(folder, replace(STANDING, interval_s=1), WitnessPolicy(), now_ms=lambda: NOW_MS)
        await keeper.begin()
        await keeper.covered(602)
        await keeper.close()

    asyncio.run(scenario())

    marks = [parse_entry(one.entry) for one in list(read_entries(folder))[600:]]
    first, *between, last = [mark.what for mark in marks if isinstance(mark, MarkEntry)]
    assert (first, last, set(between)) == ("start", "stop", {"alive"})
    assert len(between) >= 2


def test_what_does_not_continue_the_last_life_never_begins_and_leaves_the_log_to_others(folder: Path) -> None:
    (folder / "checkpoint").write_bytes(b"no checkpoint")
    with pytest.raises(VerificationError):
        FileLog.open(folder)
    (folder / "checkpoint").unlink()
    assert opened_root(folder) == root_of(leaves(600))


def test_public_keys_that_are_not_those_of_the_private_ones_are_refused(folder: Path, tmp_path: Path) -> None:
    create_folder(tmp_path / "other", origin=ORIGIN)
    public = folder / "public.keys"
    sound = public.read_bytes()

    public.write_bytes((tmp_path / "other" / "public.keys").read_bytes())
    with pytest.raises(StorageError, match=r"public\.keys"):
        FileLog.open(folder)
    public.unlink()
    with pytest.raises(StorageError, match=r"lacks public\.keys"):
        FileLog.open(folder)
    public.write_bytes(sound)
    assert opened_root(folder) == root_of(leaves(600))
