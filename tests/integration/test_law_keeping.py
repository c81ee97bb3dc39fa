"""What keeps a law current, in this process: a defect of its own lets nothing leave, and says so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.configuration_model import CharterSettings, Configuration
from bouclier.compose.data_folder import prepare
from bouclier.compose.keeping import record_keeper
from bouclier.compose.law_keeping import LawKeeping, law_keeping, law_standing
from bouclier.terms.errors import CharterExpired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NO_TIME_S = 10**20
"""What no clock says, and no date holds: beyond what anybody foresaw."""


@asynccontextmanager
async def following(law: LawKeeping, configuration: Configuration) -> AsyncIterator[asyncio.Task[None]]:
    """Keep a law current, as a gateway does; it has ended, and whoever waits for that was told, on return."""
    await asyncio.to_thread(prepare, configuration)
    keeper = record_keeper(configuration, law=lambda: law.stamp)
    await keeper.begin()
    try:
        await law.begin(keeper)
        task = asyncio.create_task(law.run(keeper))
        task.add_done_callback(law.ended)
        yield task
        await asyncio.wait([task], timeout=20)
        assert task.done()
        await asyncio.sleep(0)
    finally:
        await keeper.close()


@pytest.mark.parametrize("when_expired", ["refuse", "own"])
def test_when_following_ends_by_a_defect_nothing_leaves_any_more_and_it_is_told(
    tmp_path: Path, when_expired: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(CharterSettings(), refresh_s=0, when_expired=when_expired)
    configuration = Configuration(data=tmp_path / "data", charter=settings)
    witnessed_s = [0]

    async def lived() -> LawKeeping:
        law = await law_keeping(configuration, witness_time_s=lambda: witnessed_s[0])
        async with following(law, configuration):
            assert law.ruling().law.stamp == law.stamp
            witnessed_s[0] = NO_TIME_S
        return law

    law = asyncio.run(lived())

    assert law.latest is None
    with pytest.raises(CharterExpired):
        law.ruling()
    shown = law_standing(law)
    assert (shown["expired"], shown["own_only"]) == (True, False)
    assert shown["problem"] == {"fr": "le suivi de la charte s'est arrêté", "en": "following the charter has ended"}
    assert "following the charter ended: OverflowError" in caplog.text


def test_whoever_stops_following_on_purpose_shuts_nothing(tmp_path: Path) -> None:
    configuration = Configuration(data=tmp_path / "data")

    async def lived() -> LawKeeping:
        law = await law_keeping(configuration)
        async with following(law, configuration) as task:
            await asyncio.sleep(0)
            task.cancel()
        return law

    law = asyncio.run(lived())

    assert law.ruling().law.stamp == law.stamp
    assert law_standing(law)["problem"] is None
