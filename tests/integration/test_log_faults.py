"""The log against death, full and read-only disks, damage, and a second writer: real processes and files."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.log_child import outcome

import bouclier
from bouclier.oversight.adapters.durable_file import DurableFile, WriteFailure
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_check import fsck
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.terms.errors import StorageError

CHILD = Path(__file__).with_name("log_child.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(bouclier.__file__).parents[1])}
ORIGIN = "log.example.fr/faults"


def start(*arguments: str | Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT | (environment or {}),
        text=True,
    )


def finish(child: subprocess.Popen[str]) -> list[list[str]]:
    output, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    return [line.split(" ") for line in output.splitlines()]


def append_batches(folder: Path, *batches: list[bytes]) -> list[int]:
    """Append each batch at once; return the file's length after each."""

    async def append() -> list[int]:
        log = FileLog.open(folder)
        lengths = []
        for batch in batches:
            await asyncio.gather(*(log.append(entry) for entry in batch))
            lengths.append((folder / "entries.log").stat().st_size)
        await log.close()
        return lengths

    return asyncio.run(append())


def open_and_close(folder: Path) -> tuple[int, bytes, int]:
    """Open a log for writing; return its size, its root and what was torn off."""
    log = FileLog.open(folder)
    found = log.size, log.root, log.torn_bytes
    asyncio.run(log.close())
    return found


def forget_tree(folder: Path) -> None:
    """Make the next opening read every entry: it believes what the tree files say of those before their mark."""
    shutil.rmtree(folder / "tree", ignore_errors=True)


@pytest.fixture
def two_batches(tmp_path: Path) -> tuple[Path, int]:
    """A log of two batches, of three and of two entries, and the position where the second begins."""
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    first_end, _ = append_batches(folder, [outcome(i) for i in range(3)], [outcome(i) for i in (3, 4)])
    return folder, first_end


def test_what_was_acknowledged_survives_kill_9_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    chance = random.Random(20261121)
    acknowledged: dict[int, str] = {}

    for _ in range(25):
        with start("append-forever", folder, chance.choice(["1", "5", "40"])) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randint(1, 150))]
            child.kill()
            # Through the same buffer as the first lines: `communicate` would pass it by, and lose acknowledgements.
            lines += child.stdout.readlines()
        acks = [line.split() for line in lines]
        for index, leaf_hash, _size, _root in acks:
            assert int(index) not in acknowledged, "one index was given to two entries"
            acknowledged[int(index)] = leaf_hash

        size, root, _ = open_and_close(folder)
        held = {entry.index: entry.leaf_hash.hex() for entry in read_entries(folder)}
        assert acknowledged.items() <= held.items()
        assert size == len(held)
        _, _, last_size, last_root = max(acks, key=lambda ack: int(ack[2]))
        fsck(folder, size=int(last_size), root=bytes.fromhex(last_root))
        fsck(folder, size=size, root=root)


def test_a_batch_cut_anywhere_gives_the_state_before_it_or_after_it(two_batches: tuple[Path, int]) -> None:
    folder, first_end = two_batches
    entries = folder / "entries.log"
    whole = entries.read_bytes()
    after = fsck(folder)
    before_root = None

    for cut in range(first_end, len(whole) + 1):
        entries.write_bytes(whole[:cut])
        size, root, torn_bytes = open_and_close(folder)
        if cut == len(whole):
            assert (size, root, torn_bytes) == (5, after.root, 0)
            continue
        before_root = before_root or root
        assert (size, root, torn_bytes) == (3, before_root, cut - first_end)
        assert entries.read_bytes() == whole[:first_end]


def test_after_a_cut_the_same_entry_gives_the_same_tree_again(two_batches: tuple[Path, int]) -> None:
    folder, first_end = two_batches
    entries = folder / "entries.log"
    whole = entries.read_bytes()
    entries.write_bytes(whole[: first_end + 400])

    append_batches(folder, [outcome(3), outcome(4)])

    assert entries.read_bytes() == whole


def test_a_torn_batch_is_not_an_entry_for_readers_either(two_batches: tuple[Path, int]) -> None:
    folder, first_end = two_batches
    entries = folder / "entries.log"
    entries.write_bytes(entries.read_bytes()[: first_end + 100])

    report = fsck(folder)

    assert (report.size, report.torn_bytes) == (3, 100)
    assert len(list(read_entries(folder))) == 3


def test_one_changed_byte_anywhere_is_refused_with_its_place(two_batches: tuple[Path, int]) -> None:
    folder, first_end = two_batches
    entries = folder / "entries.log"
    whole = entries.read_bytes()

    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        entries.write_bytes(changed)
        forget_tree(folder)
        with pytest.raises(StorageError, match=r"damaged at byte (\d+)") as caught:
            # Both read through the same reader; opening costs much more.
            (FileLog.open if at % 16 == 0 else fsck)(folder)
        named = int(str(caught.value).rsplit(" ", 1)[1])
        assert named <= at
        assert named in {0, first_end} or at < first_end
        assert entries.read_bytes() == changed, "nothing may be repaired silently"


def test_damage_before_the_mark_of_the_tree_is_found_by_checking_not_by_opening(two_batches: tuple[Path, int]) -> None:
    folder, first_end = two_batches
    entries = folder / "entries.log"
    whole = entries.read_bytes()

    for at in (first_end - 100, first_end + 100):
        changed = bytearray(whole)
        changed[at] ^= 1
        entries.write_bytes(changed)
        assert open_and_close(folder)[0] == 5
        with pytest.raises(StorageError, match="damaged at byte"):
            fsck(folder)


def test_a_batch_whose_sectors_were_never_written_is_torn(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    first_end, second_end = append_batches(folder, [outcome(0)], [outcome(i) for i in range(1, 9)])
    entries = folder / "entries.log"
    whole = entries.read_bytes()
    sectors = [start for start in range(0, second_end, 512) if first_end < start < second_end - 512]

    for sector in sectors:
        # What a machine's loss of power leaves when the end of a batch reached the disk before its middle.
        entries.write_bytes(whole[:sector] + bytes(512) + whole[sector + 512 :])
        forget_tree(folder)
        assert open_and_close(folder)[0] == 1

    # The same zeros in a batch that another one follows were written once: that is damage.
    entries.write_bytes(whole)
    append_batches(folder, [outcome(9)])
    longer = entries.read_bytes()
    entries.write_bytes(longer[: sectors[0]] + bytes(512) + longer[sectors[0] + 512 :])
    forget_tree(folder)
    with pytest.raises(StorageError, match=f"damaged at byte {first_end}"):
        FileLog.open(folder)


def test_a_batch_taken_out_of_the_middle_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)
    first_end, second_end, _ = append_batches(folder, [outcome(0)], [outcome(1)], [outcome(2)])
    entries = folder / "entries.log"
    whole = entries.read_bytes()
    entries.write_bytes(whole[:first_end] + whole[second_end:])

    with pytest.raises(StorageError, match=f"damaged at byte {first_end}"):
        FileLog.open(folder)


def namespaces_available() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and not subprocess.run([unshare, "-rm", "true"], check=False).returncode


needs_namespaces = pytest.mark.skipif(
    not namespaces_available(), reason="this system does not let a process have its own mounts"
)


def in_namespace(script: str, *arguments: str | Path) -> list[list[str]]:
    """Run a shell script that may mount file systems of its own, gone with it."""
    shell = ["unshare", "-rm", "sh", "-ec", script, "sh", *map(str, arguments)]
    done = subprocess.run(shell, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [line.split(" ") for line in done.stdout.splitlines()]


def assert_full_then_well(lines: list[list[str]], reason: str) -> None:
    refused, full, again = lines
    assert refused[0] == "refused"
    assert reason in " ".join(refused)
    recorded = int(full[1])
    assert recorded > 10
    assert full == ["full", str(recorded), str(recorded), str(recorded)]
    assert again[2:] == ["10", "True", "0"]


@needs_namespaces
def test_a_full_disk_refuses_loses_nothing_and_is_recovered_from(tmp_path: Path) -> None:
    lines = in_namespace(
        'mount -t tmpfs -o size=256k tmpfs "$1"; exec "$2" "$3" fill-disk "$1/log"', tmp_path, sys.executable, CHILD
    )

    assert_full_then_well(lines, "No space left")


def test_a_file_at_its_size_limit_refuses_loses_nothing_and_is_recovered_from(tmp_path: Path) -> None:
    lines = finish(start("limit-file-size", tmp_path / "log", "30000"))

    assert_full_then_well(lines, "File too large")


@needs_namespaces
def test_a_read_only_folder_is_refused_at_opening(two_batches: tuple[Path, int]) -> None:
    folder, _ = two_batches
    script = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; exec "$2" "$3" report-opening "$1"'

    ((verdict, *words),) = in_namespace(script, folder, sys.executable, CHILD)

    assert verdict == "refused"
    assert "Read-only file system" in " ".join(words)


def test_a_second_process_is_refused_and_told_who_holds_the_log(two_batches: tuple[Path, int]) -> None:
    folder, _ = two_batches
    holder = start("hold", folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"

    with pytest.raises(StorageError, match=f"held by another process \\({holder.pid}\\)"):
        FileLog.open(folder)
    assert fsck(folder).size == 5  # reading needs no leave
    (folder / "lock").unlink()
    with pytest.raises(StorageError, match="held by another process"):
        FileLog.open(folder)

    holder.kill()
    holder.communicate(timeout=60)
    assert open_and_close(folder)[0] == 5


def test_appends_that_come_together_share_one_synchronisation(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, int]:
        log = FileLog.create(tmp_path / "log", origin=ORIGIN)
        await asyncio.gather(*(log.append(outcome(i)) for i in range(200)))
        size, syncs = log.size, log.syncs
        await log.close()
        return size, syncs

    size, syncs = asyncio.run(scenario())

    assert size == 200
    assert syncs <= 3


FAULTY_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
static int syncs;
int fdatasync(int fd) {
    const char *at = getenv("FAIL_SYNC");
    if (at && ++syncs == atoi(at)) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
ssize_t pwrite64(int fd, const void *data, size_t count, off_t offset) {
    if (getenv("SHORT_WRITES") && count > 7) count = 7;
    return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, data, count, offset);
}
ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) { return pwrite64(fd, data, count, offset); }
"""


@pytest.fixture(scope="module")
def faulty_disk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library put between a process and its disk."""
    folder = tmp_path_factory.mktemp("faulty")
    source, library = folder / "faulty.c", folder / "faulty.so"
    source.write_text(FAULTY_DISK, "ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return str(library)


def test_after_a_failed_synchronisation_the_log_refuses_until_reopened(tmp_path: Path, faulty_disk: str) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)

    lines = finish(start("append-some", folder, "6", environment={"LD_PRELOAD": faulty_disk, "FAIL_SYNC": "4"}))

    assert [line[0] for line in lines] == ["recorded"] * 3 + ["refused"] * 3
    assert all("Input/output error" in " ".join(line) for line in lines[3:])
    held = [entry.leaf_hash.hex() for entry in read_entries(folder)]
    assert held == [line[2] for line in lines[:3]]
    assert open_and_close(folder)[0] == 3


def test_writes_cut_short_by_the_system_are_finished(tmp_path: Path, faulty_disk: str) -> None:
    folder = tmp_path / "log"
    create_folder(folder, origin=ORIGIN)

    lines = finish(start("append-some", folder, "3", environment={"LD_PRELOAD": faulty_disk, "SHORT_WRITES": "1"}))

    assert [line[0] for line in lines] == ["recorded"] * 3
    assert fsck(folder).size == 3


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_a_file_that_cannot_be_taken_back_or_synchronised_is_given_up(device: str) -> None:
    # /dev/full refuses the write and the truncation; /dev/null takes the write and refuses the synchronisation.
    async def scenario() -> WriteFailure | None:
        loop = asyncio.get_running_loop()
        landing: asyncio.Future[WriteFailure | None] = loop.create_future()
        file = DurableFile(descriptor)
        file.submit(
            b"data",
            0,
            loop=loop,
            landed=landing.set_result,
            sign=lambda: done.append("signed"),
            follow=lambda: done.append("followed"),
        )
        failure = await landing
        file.stop()
        return failure

    done: list[str] = []
    descriptor = os.open(device, os.O_RDWR)
    failure = asyncio.run(scenario())
    os.close(descriptor)

    assert failure is not None
    assert failure.final
    assert done == [], "what is not durable is neither signed nor followed"
