"""Sealed content is destroyed when it is due, whatever else lies in its folder, and the log says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.integration.log_child import STAMP

from bouclier.compose.keeping import destroy_when_due
from bouclier.oversight import ErasureEntry, Standing, parse_entry
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.tlog import WitnessPolicy

if TYPE_CHECKING:
    from pathlib import Path

STANDING = Standing(version="0.1.0", law=lambda: STAMP, policy=None, interval_s=600)


def test_a_stray_file_in_a_due_folder_stops_nothing_and_is_named_nowhere(tmp_path: Path) -> None:
    create_folder(tmp_path / "log")
    day = tmp_path / "sealed" / "2020-02-03"
    day.mkdir(parents=True)
    # A damaged record still is one; a copy somebody made by hand is none.
    (day / f"{'0f' * 16}.sealed").write_bytes(b"damaged")
    (day / "Dossier Vasseur copy.sealed").write_bytes(b"stray")

    async def scenario() -> None:
        # Nothing new may begin, as no quorum has seen the log: destroying goes on all the same.
        keeper = RecordKeeper(
            tmp_path / "log", STANDING, WitnessPolicy(), now_ms=lambda: 1_790_000_000_000, max_unwitnessed_s=0
        )
        await keeper.begin()
        destroying = asyncio.create_task(destroy_when_due(tmp_path, keeper, lambda: STAMP))
        while (day / f"{'0f' * 16}.sealed").exists():
            await asyncio.sleep(0.01)
        destroying.cancel()
        await asyncio.gather(destroying, return_exceptions=True)
        await keeper.close()

    asyncio.run(scenario())

    recorded = [parse_entry(one.entry) for one in read_entries(tmp_path / "log")]
    erasures = [entry for entry in recorded if isinstance(entry, ErasureEntry)]
    assert [(entry.exchange, entry.record, entry.due) for entry in erasures] == [("0f" * 16, None, "2020-02-03")]
    assert not any(b"Vasseur" in one.entry for one in read_entries(tmp_path / "log"))
