"""A machine whose clock was set back: nothing is dated earlier than what is recorded, and nothing leaves."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.conftest import configuration
from tests.integration.log_child import LAW
from tests.servers import Deployment, run, serve

from bouclier.compose.recording import checked, entries
from bouclier.oversight import MarkEntry, parse_entry, render_entry
from bouclier.oversight.adapters.file_log import FileLog

if TYPE_CHECKING:
    from pathlib import Path


def record_a_mark_of(data: Path, *, in_s: float) -> None:
    """Record that the gateway was alive at a time of the future, as if the clock had been set back since."""

    async def record() -> None:
        log = FileLog.open(data / "log")
        mark = MarkEntry(
            interval_s=600,
            law=LAW,
            policy=None,
            time=int((time.time() + in_s) * 1000),
            version="0.1.0",
            what="alive",
        )
        await log.append(render_entry(mark))
        await log.close()

    asyncio.run(record())


def test_a_gateway_whose_clock_is_behind_its_log_does_not_start_and_says_why(
    deployment: Deployment, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert run("log", "create", "--data", str(data)).returncode == 0
    record_a_mark_of(data, in_s=3600)

    with pytest.raises(RuntimeError, match=r"The clock is 3[56]\d\d\.\d s behind the last recorded time"):
        serve(tmp_path, config=configuration(deployment), data=data)

    assert len(list(entries(data))) == 1


def test_a_small_step_back_is_held_and_times_never_go_back(deployment: Deployment, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("log", "create", "--data", str(data)).returncode == 0
    record_a_mark_of(data, in_s=1.5)

    # Started within the second and a half, or after it: both must do.
    gateway = serve(tmp_path, config=configuration(deployment), data=data)
    body = json.dumps({"model": "echo", "messages": [{"role": "user", "content": "Bonjour"}]}).encode()
    headers = {"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{gateway.base_url}/chat/completions", body, headers), timeout=30
    ) as answer:
        assert answer.status == 200
    assert gateway.stop() == 0

    times = [parse_entry(one.entry).time for one in entries(data)]
    assert times == sorted(times)
    kinds = checked(data, size=None, root=None, policy=None).kinds
    assert kinds == {"mark": 3, "adoption": 1, "decision": 1, "outcome": 1}
