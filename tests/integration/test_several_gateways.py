"""Several gateways of one institution: a log each, callers who need not care, and a monitor that follows them all."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

from bouclier.compose.recording import entries
from bouclier.oversight import DecisionEntry, OutcomeEntry, parse_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GATEWAYS = 3
CALLERS = 6
EACH = 10


@pytest.fixture
def gateways(deployment: Deployment, tmp_path: Path) -> Iterator[list[Served]]:
    config = configuration(deployment, more=f"shared: {tmp_path / 'shared'}\n")
    running = []
    for number in range(GATEWAYS):
        folder = tmp_path / f"gateway-{number}"
        folder.mkdir()
        running.append(serve(folder, config=config, keys=tmp_path / "shared"))
    yield running
    for one in running:
        assert one.stop() == 0


def ask(gateway: Served, key: str, text: str) -> str:
    body = json.dumps({"model": "echo", "messages": [{"role": "user", "content": text}]}).encode()
    request = urllib.request.Request(
        f"{gateway.base_url}/chat/completions",
        body,
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        exchange: str = json.load(answer)["bouclier"]["exchange"]
        return exchange


def test_every_exchange_is_in_one_log_and_a_monitor_of_all_finds_nothing_amiss(
    gateways: list[Served], deployment: Deployment, tmp_path: Path
) -> None:
    # One key, as a proxy in front of them would pass it to any of them.
    key = gateways[0].key
    asked: list[str] = []

    def caller(number: int) -> None:
        for turn in range(EACH):
            gateway = gateways[(number + turn) % GATEWAYS]
            asked.append(ask(gateway, key, f"Appelez le 01 99 00 12 {number}{turn}, s'il vous plaît."))

    # A conversation keeps its pseudonyms, whichever gateway answers.
    before = len(deployment.seen())
    asked += [ask(gateway, key, "Mon numéro est le 06 39 98 44 21.") for gateway in gateways]
    left = {one["body"]["messages"][0]["content"] for one in deployment.seen()[before:]}
    assert len(left) == 1
    assert "06 39 98 44 21" not in left.pop()

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # An outcome is recorded after its answer was handed over: stopping waits for the last ones.
    assert [gateway.stop() for gateway in gateways] == [0] * GATEWAYS

    decided: dict[str, int] = {}
    ended: set[str] = set()
    for number, gateway in enumerate(gateways):
        for one in entries(gateway.data):
            entry = parse_entry(one.entry)
            if isinstance(entry, DecisionEntry):
                assert entry.exchange not in decided
                decided[entry.exchange] = number
            elif isinstance(entry, OutcomeEntry):
                assert decided[entry.exchange] == number
                ended.add(entry.exchange)
    assert len(asked) == CALLERS * EACH + GATEWAYS
    assert decided.keys() == ended == set(asked)
    assert set(decided.values()) == set(range(GATEWAYS))

    logs = [run("log", "show", "--data", str(gateway.data)).stdout.splitlines()[0] for gateway in gateways]
    assert len(set(logs)) == GATEWAYS
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*logs, "quorum none", ""]))
    addresses = []
    for number, gateway in enumerate(gateways):
        static = tmp_path / f"static-{number}"
        assert run("log", "publish", str(static), "--data", str(gateway.data)).returncode == 0
        addresses.append(static.as_uri())
    charter = str(deployment.record.parent / "charter")
    state = str(tmp_path / "state")
    watched = run(
        "monitor", *addresses, "--policy", str(policy), "--state", state, "--charter", charter, "--once", "--json"
    )
    assert (watched.returncode, watched.stdout) == (0, ""), watched.stderr
