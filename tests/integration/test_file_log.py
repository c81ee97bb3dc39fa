"""The log in a folder, in ordinary life."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest
from tests.integration.log_child import outcome

from bouclier.oversight.adapters.file_log import MAX_WAITING_ENTRIES, FileLog
from bouclier.oversight.adapters.log_check import fsck
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.oversight.log_file import encode_batch, encode_header
from bouclier.terms.errors import ConfigurationError, StorageError, VerificationError
from bouclier.tlog import Frontier, hash_leaf, root_of, verify_inclusion

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.terms.exchange import Position

ORIGIN = "log.example.fr/mairie"


async def append_all(log: FileLog, entries: list[bytes]) -> list[Position]:
    return list(await asyncio.gather(*(log.append(entry) for entry in entries)))


def filled(folder: Path, count: int = 20) -> list[Position]:
    """Make a log of so many entries, in two batches."""

    async def fill() -> list[Position]:
        log = FileLog.create(folder, origin=ORIGIN)
        entries = [outcome(i) for i in range(count)]
        positions = await append_all(log, entries[: count // 2]) + await append_all(log, entries[count // 2 :])
        await log.close()
        return positions

    return asyncio.run(fill())


def test_every_position_proves_its_entry_in_a_tree_that_is_the_logs(tmp_path: Path) -> None:
    positions = filled(tmp_path)

    assert [position.index for position in positions] == list(range(20))
    for position in positions:
        assert position.leaf_hash == hash_leaf(outcome(position.index))
        verify_inclusion(
            position.leaf_hash,
            leaf_index=position.index,
            tree_size=position.tree_size,
            proof=position.proof,
            root_hash=position.root_hash,
        )
        fsck(tmp_path, size=position.tree_size, root=position.root_hash)


def test_a_reopened_log_goes_on_where_it_was(tmp_path: Path) -> None:
    filled(tmp_path)

    async def go_on() -> tuple[Position, bytes, int]:
        log = FileLog.open(tmp_path)
        position = await log.append(outcome(20))
        found = position, log.root, log.size
        await log.close()
        return found

    position, root, size = asyncio.run(go_on())

    assert (position.index, size) == (20, 21)
    assert root == position.root_hash == root_of([hash_leaf(outcome(i)) for i in range(21)])
    assert [entry.entry for entry in read_entries(tmp_path)] == [outcome(i) for i in range(21)]


def test_a_log_is_never_made_anew_and_never_made_by_opening(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no log"):
        FileLog.open(tmp_path)
    assert not (tmp_path / "entries.log").exists()
    with pytest.raises(StorageError, match="there is no log"):
        FileLog.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()

    create_folder(tmp_path, origin=ORIGIN)
    with pytest.raises(StorageError, match="there is a log"):
        create_folder(tmp_path, origin=ORIGIN)


def test_two_logs_of_one_name_have_different_ids_and_keys(tmp_path: Path) -> None:
    logs = [FileLog.create(tmp_path / name, origin=ORIGIN) for name in ("a", "b")]

    assert logs[0].header.origin == logs[1].header.origin == ORIGIN
    assert logs[0].header.log_id != logs[1].header.log_id
    assert logs[0].principal_key != logs[1].principal_key
    for log in logs:
        asyncio.run(log.close())


def test_a_log_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        create_folder(tmp_path / "log", origin="mairie d'Évian")
    assert not (tmp_path / "log").exists()


def test_the_key_and_the_entries_are_for_their_owner_only(tmp_path: Path) -> None:
    filled(tmp_path / "log")

    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    for name in ("log.key", "signing.key", "entries.log", "tree/level-0", "tree/offsets"):
        assert (tmp_path / "log" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", [None, b"", b"k" * 31])
def test_a_log_without_its_key_does_not_open(tmp_path: Path, key: bytes | None) -> None:
    create_folder(tmp_path, origin=ORIGIN)
    (tmp_path / "log.key").unlink()
    if key is not None:
        (tmp_path / "log.key").write_bytes(key)

    for _ in range(2):  # the second time shows that the first one let go of the lock
        with pytest.raises(StorageError, match=r"key|No such file"):
            FileLog.open(tmp_path)


def test_an_entry_that_is_empty_or_too_long_is_refused_and_the_log_goes_on(tmp_path: Path) -> None:
    async def scenario() -> Position:
        log = FileLog.create(tmp_path, origin=ORIGIN)
        for wrong in (b"", b"x" * 65_536):
            with pytest.raises(StorageError):
                await log.append(wrong)
        position = await log.append(b"x" * 65_535)
        await log.close()
        return position

    assert asyncio.run(scenario()).index == 0


def test_more_waiting_than_a_log_holds_is_refused(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, int]:
        log = FileLog.create(tmp_path, origin=ORIGIN)
        appends = [log.append(b"x") for _ in range(MAX_WAITING_ENTRIES + 5)]
        results = await asyncio.gather(*appends, return_exceptions=True)
        size = log.size
        await log.close()
        return size, sum(isinstance(result, StorageError) for result in results)

    assert asyncio.run(scenario()) == (MAX_WAITING_ENTRIES, 5)


@pytest.mark.parametrize(("turns", "kept"), [(1, [0]), (2, [99, 0])])
def test_an_append_given_up_disturbs_nobody(tmp_path: Path, turns: int, kept: list[int]) -> None:
    """Given up before its batch is made, an entry is not written; later, it is."""

    async def scenario() -> Position:
        log = FileLog.create(tmp_path, origin=ORIGIN)
        given_up = asyncio.ensure_future(log.append(outcome(99)))
        other = asyncio.ensure_future(log.append(outcome(0)))
        for _ in range(turns):
            await asyncio.sleep(0)
        given_up.cancel()
        position = await other
        await log.close()
        return position

    position = asyncio.run(scenario())

    assert [entry.entry for entry in read_entries(tmp_path)] == [outcome(number) for number in kept]
    assert position.leaf_hash == hash_leaf(outcome(0))
    assert position.index == kept.index(0)


def test_closing_answers_everyone_and_lets_another_process_write(tmp_path: Path) -> None:
    async def scenario() -> int:
        log = FileLog.create(tmp_path, origin=ORIGIN)
        appends = [asyncio.ensure_future(log.append(outcome(i))) for i in range(2000)]
        await asyncio.sleep(0)
        await log.close()
        results = await asyncio.gather(*appends, return_exceptions=True)
        await log.close()
        with pytest.raises(StorageError, match="closed"):
            await log.append(outcome(1))
        refused = [result for result in results if isinstance(result, BaseException)]
        assert all(isinstance(result, StorageError) for result in refused)
        return len(results) - len(refused)

    recorded = asyncio.run(scenario())

    reopened = FileLog.open(tmp_path)
    assert reopened.size == recorded
    asyncio.run(reopened.close())


def test_a_reader_beside_a_writer_always_sees_a_whole_log(tmp_path: Path) -> None:
    create_folder(tmp_path, origin=ORIGIN)
    done = threading.Event()
    sizes: list[int] = []

    def read() -> None:
        while not done.is_set():
            sizes.append(fsck(tmp_path).size)

    async def write() -> None:
        log = FileLog.open(tmp_path)
        for start in range(0, 600, 6):
            await append_all(log, [outcome(i) for i in range(start, start + 6)])
        await log.close()

    reader = threading.Thread(target=read)
    reader.start()
    asyncio.run(write())
    done.set()
    reader.join()

    assert sizes == sorted(sizes)
    assert fsck(tmp_path).size == 600


def test_a_batch_that_ends_between_two_looks_of_a_reader_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path)
    file = tmp_path / "entries.log"
    whole = file.read_bytes()
    file.write_bytes(whole[:-10])
    pread = os.pread

    def then_written(descriptor: int, count: int, offset: int) -> bytes:
        read = pread(descriptor, count, offset)
        if not read:
            file.write_bytes(whole)  # the writer goes on just after we came to the end
        return read

    monkeypatch.setattr(os, "pread", then_written)
    assert fsck(tmp_path).size < 20
    assert fsck(tmp_path).size == 20


def test_a_head_noted_elsewhere_shows_a_log_written_anew(tmp_path: Path) -> None:
    noted = filled(tmp_path)[7]
    entries = [outcome(i) for i in range(20)]
    entries[3] = outcome(1003)  # one entry of the past is replaced, and everything recomputed
    root = root_of([hash_leaf(entry) for entry in entries])
    forged = encode_header(ORIGIN, bytes(16)) + encode_batch(entries, tree_size=20, root=root)
    (tmp_path / "entries.log").write_bytes(forged)

    assert fsck(tmp_path).size == 20  # it agrees with itself
    with pytest.raises(VerificationError, match=f"tree of {noted.tree_size} entries"):
        fsck(tmp_path, size=noted.tree_size, root=noted.root_hash)


def test_a_head_noted_elsewhere_shows_a_log_cut_short(tmp_path: Path) -> None:
    filled(tmp_path)

    with pytest.raises(VerificationError, match="has 20 entries; it used to have 21"):
        fsck(tmp_path, size=21, root=bytes(32))


def test_any_earlier_size_can_be_checked_within_a_batch_too(tmp_path: Path) -> None:
    filled(tmp_path)
    hashes = [hash_leaf(outcome(i)) for i in range(20)]

    for size in range(21):
        report = fsck(tmp_path, size=size, root=root_of(hashes[:size]))
        assert (report.size, report.root, report.kinds) == (20, root_of(hashes), {"outcome": 20})
    with pytest.raises(VerificationError):
        fsck(tmp_path, root=root_of(hashes[:19]))


def test_a_wrong_root_in_the_middle_is_found_by_verifying(tmp_path: Path) -> None:
    filled(tmp_path)
    first = Frontier().extended([hash_leaf(outcome(0))])
    second = first.extended([hash_leaf(outcome(1))])
    (tmp_path / "entries.log").write_bytes(
        encode_header(ORIGIN, bytes(16))
        + encode_batch([outcome(0)], tree_size=1, root=bytes(32))
        + encode_batch([outcome(1)], tree_size=2, root=second.root())
    )

    with pytest.raises(VerificationError, match="tree of 1 entries"):
        fsck(tmp_path)


def test_a_last_root_that_is_not_that_of_the_entries_is_refused_at_opening(tmp_path: Path) -> None:
    filled(tmp_path)
    forged = encode_header(ORIGIN, bytes(16)) + encode_batch([outcome(0)], tree_size=1, root=bytes(32))
    (tmp_path / "entries.log").write_bytes(forged)

    with pytest.raises(StorageError, match="damaged"):
        FileLog.open(tmp_path)


def test_an_entry_of_another_format_is_found_with_its_index(tmp_path: Path) -> None:
    async def scenario() -> None:
        log = FileLog.create(tmp_path, origin=ORIGIN)
        await log.append(outcome(0))
        await log.append(b'{"text":"Mme Perrichon"}')
        await log.close()

    asyncio.run(scenario())

    with pytest.raises(VerificationError, match="entry 1: ") as caught:
        fsck(tmp_path)
    assert "Perrichon" not in str(caught.value)
