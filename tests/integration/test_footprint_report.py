"""`bouclier report carbon`: from the log of a gateway to a page, a table and JSON, in both languages."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.report_kit import DAY, JANUARY, candidate, decision, mark, outcome

from bouclier.oversight import render_entry
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.entries_exchange import OutcomeFootprint

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.oversight import Entry

COST = OutcomeFootprint(
    carbon_ug=(1_286_000, 5_115_000), energy_uwh=(25_695_000, 44_789_000), method="ecologits-0.11", zone="FR"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("carbon")
    entries: list[Entry] = [mark("start")]
    for day in range(4):
        entries.append(decision(candidate("paris"), time=JANUARY + day * DAY))
        entries.append(outcome(len(entries) - 1, time=JANUARY + day * DAY, footprint=COST))

    async def write() -> None:
        log = FileLog.create(place / "log", origin="log.example.fr/one")
        await asyncio.gather(*(log.append(render_entry(entry)) for entry in entries))
        await log.close()

    asyncio.run(write())
    return place


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "bouclier", "report", "carbon", "--data", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, cwd=folder)
    return done.stdout.decode()


def test_a_period_is_counted_in_three_forms_and_two_languages(folder: Path) -> None:
    chosen = ("--from", "2026-01-02", "--to", "2026-01-03")
    told = json.loads(run(folder, *chosen, "--format", "json", "--lang", "en"))
    facts = {fact["id"]: fact for fact in told["sections"][0]["facts"]}
    assert (facts["carbon-low"]["value"], facts["carbon-high"]["value"]) == (2_572, 10_230)
    assert facts["estimated"]["value"] == 2
    assert facts["carbon-high"]["entries"] == {"log.example.fr/one": "4,6"}
    read = list(csv.reader(io.StringIO(run(folder, *chosen, "--format", "csv"))))
    row = next(one for one in read if one[1:4] == ["places", "model", "carbon-high"])
    assert row[4:7] == ["operator=scaleway", "model=mistral-small", "deployment=paris"]
    assert row[10] == "10230"
    assert "CO2e, borne haute (mg)" in run(folder, *chosen, "--lang", "fr")
