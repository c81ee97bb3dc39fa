"""Announcements in a data folder: they outlive a restart, end when they should, and a file that is not ours is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.fleet_kit import eventually, fleet

from bouclier.fleet.adapters.share_file import AnnouncementFile
from bouclier.fleet.book_model import Announcement, Standing
from bouclier.fleet.sharing import Line, SharingError, lines_of
from bouclier.terms.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

HOUR_MS = 3_600_000
NOW_MS = 1_795_000_000_000
LINES = lines_of(Announcement("lyon", (), Standing.JOINED, {"echo": 2}, HOUR_MS, "operations@lyon"), "1" * 32)


class Clock:
    def __init__(self) -> None:
        self.ms = NOW_MS

    def __call__(self) -> int:
        return self.ms


def test_what_was_announced_is_there_after_a_restart_for_as_long_as_it_was_said(tmp_path: Path) -> None:
    clock = Clock()
    file = AnnouncementFile(tmp_path / "announcements.json", clock)
    assert file.read() == ()
    file.write(LINES)
    clock.ms += HOUR_MS // 2
    assert AnnouncementFile(tmp_path / "announcements.json", clock).read() == tuple(
        line.later(HOUR_MS // 2) for line in LINES
    )
    clock.ms += HOUR_MS // 2
    assert file.read() == ()


def test_a_clock_that_went_back_makes_nothing_hold_longer(tmp_path: Path) -> None:
    clock = Clock()
    file = AnnouncementFile(tmp_path / "announcements.json", clock)
    file.write(LINES)
    clock.ms -= 400 * 24 * HOUR_MS
    assert file.read() == LINES


def test_its_owner_alone_reads_it_and_no_other_file_is_left(tmp_path: Path) -> None:
    AnnouncementFile(tmp_path / "announcements.json", Clock()).write(LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["announcements.json"]
    assert (tmp_path / "announcements.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{}", "\xff", "[" * 100_000, "x" * 1_500_000])
def test_a_file_that_is_not_ours_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "announcements.json").write_text(text, encoding="latin-1")
    with pytest.raises(SharingError):
        AnnouncementFile(tmp_path / "announcements.json", Clock()).read()


def test_what_cannot_be_kept_is_an_error_and_leaves_what_was_kept(tmp_path: Path) -> None:
    file = AnnouncementFile(tmp_path / "announcements.json", Clock())
    file.write(LINES)
    (tmp_path / "announcements.new").mkdir()
    with pytest.raises(StorageError):
        file.write(())
    assert file.read() == LINES


async def _alone(data: Path) -> None:
    async with fleet(data) as one:
        assert one.health == {"shared": None}
        assert await one.drain("lyon", for_ms=HOUR_MS) is None
        assert await one.join("nice", other=4) is None
        assert await one.drain("elsewhere") is None  # not a site of this gateway: nothing to count
    async with fleet(data) as again:
        assert [again.state(name).draining for name in ("echo", "mistral", "other")] == [True, True, False]
        assert again.state("other").slots == 4
        left = again.state("echo").drained_for_ms
        assert left is not None
        assert HOUR_MS - 60_000 < left <= HOUR_MS


def test_a_gateway_alone_remembers_what_was_announced(tmp_path: Path) -> None:
    asyncio.run(_alone(tmp_path))


async def _held_again(data: Path) -> None:
    async with fleet(data) as one:
        await one.drain("lyon", for_ms=HOUR_MS)
        await one.say(Announcement("lyon", ("echo",), Standing.JOINED, {}, 1_000, "operations@lyon"))
        assert [one.state(name).draining for name in ("echo", "mistral")] == [False, True]
        await eventually(lambda: one.state("echo").draining)
        await one.say(Announcement("lyon", (), Standing.DRAINING, {}, 150, "operations@lyon"))
        one.freed.clear()
        await eventually(lambda: not one.state("echo").draining)
        await eventually(lambda: {"echo", "mistral"} <= set(one.freed) or not one.sharing.announced())


def test_when_a_word_on_one_deployment_ends_what_was_said_of_its_site_holds_again(tmp_path: Path) -> None:
    asyncio.run(_held_again(tmp_path))


async def _not_kept(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with fleet(data) as one:
        assert "forgotten" in caplog.text
        await asyncio.to_thread((data / "announcements.new").mkdir)
        with pytest.raises(StorageError):
            await one.drain("lyon")
        assert not one.state("echo").draining
        await asyncio.to_thread((data / "announcements.new").rmdir)
        await one.drain("lyon")
        assert one.state("echo").draining


def test_an_announcement_that_cannot_be_kept_does_not_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "announcements.json").write_text("not ours", encoding="ascii")
    asyncio.run(_not_kept(tmp_path, caplog))


async def _many(data: Path) -> tuple[Line, ...]:
    async with fleet(data) as one:
        await asyncio.gather(*(one.join("lyon", echo=number) for number in range(1, 9)), one.drain("nice"))
        return one.sharing.announced()


def test_announcements_that_come_at_once_are_all_kept_and_one_of_each_site_counts(tmp_path: Path) -> None:
    held = asyncio.run(_many(tmp_path))
    kept = AnnouncementFile(tmp_path / "announcements.json", lambda: 0).read()
    assert {(line.place, line.id) for line in kept} == {(line.place, line.id) for line in held}
    assert sorted(line.place for line in held) == [("lyon", ""), ("lyon", "echo"), ("nice", "")]
