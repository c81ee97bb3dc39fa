"""`bouclier log publish`: the log as static files, from which anyone rebuilds the tree without asking the gateway."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.integration.log_child import outcome
from tests.log_kit import LAW

from bouclier.cli import main
from bouclier.compose.configuration import configuration_of
from bouclier.compose.data_folder import prepare
from bouclier.compose.recording import entries, identity
from bouclier.oversight import Standing
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.tlog import (
    TILE_WIDTH,
    Checkpoint,
    EntryBundle,
    HashTile,
    WitnessPolicy,
    bundles_of,
    hash_leaf,
    open_checkpoint,
    parse_bundle,
    parse_vkey,
    render_tile_path,
    root_from_tiles,
    root_of,
)

if TYPE_CHECKING:
    from pathlib import Path

import asyncio

STANDING = Standing(version="0.1.0", law=lambda: LAW.stamp, policy=None, interval_s=600)


class StaticFiles:
    """A log of which only the static files are at hand: a `TileReader`."""

    def __init__(self, folder: Path, vkey: str) -> None:
        self.folder = folder
        self.checkpoint: Checkpoint = open_checkpoint(
            (folder / "checkpoint").read_bytes(), [parse_vkey(vkey)]
        ).checkpoint

    def tile(self, level: int, index: int, width: int) -> bytes:
        return (self.folder / render_tile_path(HashTile(level, index, width))).read_bytes()

    def entries(self) -> list[bytes]:
        found: list[bytes] = []
        for bundle in bundles_of(self.checkpoint.size):
            data = (self.folder / render_tile_path(EntryBundle(bundle.index, bundle.width))).read_bytes()
            found += parse_bundle(data, bundle.width)
        return found


def record(data: Path, count: int) -> None:
    """Keep a record as a gateway does: a start, so many entries, a stop, and a checkpoint."""

    async def keep() -> None:
        keeper = RecordKeeper(data / "log", STANDING, WitnessPolicy(), now_ms=lambda: 1_790_000_000_000)
        await keeper.begin()
        await asyncio.gather(*(keeper.append(outcome(number)) for number in range(count)))
        await keeper.close()

    asyncio.run(keep())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    folder = tmp_path / "data"
    prepare(configuration_of("", source=None, environment={}, overrides={"data": str(folder)}))
    return folder


def publish(data: Path, folder: Path) -> int:
    return main(["log", "publish", str(folder), "--data", str(data)])


def vkey(data: Path) -> str:
    return identity(data)[0].removeprefix("log ")


def test_the_static_files_alone_rebuild_the_tree(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(data, 600)
    folder = tmp_path / "public" / "log"

    assert publish(data, folder) == 0

    log = StaticFiles(folder, vkey(data))
    assert log.checkpoint.size == 602
    published = log.entries()
    assert published == [one.entry for one in entries(data)]
    assert log.checkpoint.root == root_of([hash_leaf(entry) for entry in published]) == root_from_tiles(log, 602)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert capsys.readouterr().out == f"entries published: 602; files written: {len(files)}\n"
    assert not [file for file in files if file.name.endswith(".new")]


def test_published_again_it_adds_what_is_new_and_changes_nothing_else(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    record(data, 300)
    assert publish(data, folder) == 0
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}
    record(data, 300)
    assert publish(data, folder) == 0

    log = StaticFiles(folder, vkey(data))
    assert log.checkpoint.size == 604
    assert log.checkpoint.root == root_of([hash_leaf(entry) for entry in log.entries()]) == root_from_tiles(log, 604)
    for file, (content, written_ns) in before.items():
        if file.name != "checkpoint":
            assert file.read_bytes() == content, "a tile never changes"
            if ".p" not in str(file):
                assert file.stat().st_mtime_ns == written_ns, "nor is it written twice"
    # A reader who had read the old checkpoint still finds all it promises.
    assert root_from_tiles(log, 302) == root_of([hash_leaf(entry) for entry in log.entries()[:302]])
    assert len(log.entries()) > 2 * TILE_WIDTH
    assert publish(data, folder) == 0, "with nothing new it is the same"
    assert StaticFiles(folder, vkey(data)).checkpoint == log.checkpoint


def test_another_log_or_a_later_state_in_the_folder_is_refused_and_kept(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(data, 3)
    old = shutil.copytree(data, tmp_path / "old")
    record(data, 3)
    folder = tmp_path / "public"
    assert publish(data, folder) == 0
    held = (folder / "checkpoint").read_bytes()
    other = tmp_path / "other"
    prepare(configuration_of("", source=None, environment={}, overrides={"data": str(other)}))
    record(other, 20)
    forked = shutil.copytree(old, tmp_path / "forked")
    record(forked, 30)
    capsys.readouterr()
    for wrong in (other, old, forked):
        assert publish(wrong, folder) == 1, wrong
        assert "another log, or a later state" in capsys.readouterr().err
    assert (folder / "checkpoint").read_bytes() == held
    assert len(StaticFiles(folder, vkey(data)).entries()) == 10


def test_a_log_that_published_nothing_has_nothing_to_publish(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(data, tmp_path / "public") == 2
    assert "published nothing yet" in capsys.readouterr().err
    assert publish(tmp_path / "nowhere", tmp_path / "public") == 2
    record(data, 1)
    (tmp_path / "file").write_text("x")
    assert publish(data, tmp_path / "file") == 2


def test_tree_files_behind_what_was_published_are_not_published_from(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(data, 300)
    folder = tmp_path / "public"
    level = data / "log" / "tree" / "level-0"
    sound = level.read_bytes()

    # As after a power cut: the checkpoint is durable, the tree files are not.
    level.write_bytes(sound[: 100 * 32] + bytes(len(sound) - 100 * 32))
    assert publish(data, folder) == 1
    assert "tree files do not lead to what the log published" in capsys.readouterr().err
    assert not folder.exists()

    level.write_bytes(sound)
    assert publish(data, folder) == 0
    assert StaticFiles(folder, vkey(data)).checkpoint.size == 302
