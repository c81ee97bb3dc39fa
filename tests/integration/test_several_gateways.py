"""Several gateways of one institution: each keeps its own log, callers need not care, and a monitor follows them all."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.recording import entries
from bouclier.oversight import DecisionEntry, OutcomeEntry, parse_entry
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

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
    gateways: list[Served], tmp_path: Path
) -> None:
    # One key, as a proxy in front of them would pass it to any of them.
    key = gateways[0].key
    asked: list[str] = []

    def caller(number: int) -> None:
        for turn in range(EACH):
            gateway = gateways[(number + turn) % GATEWAYS]
            asked.append(ask(gateway, key, f"Appelez le 01 99 00 12 {number}{turn}, s'il vous plaît."))

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

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
    assert len(asked) == CALLERS * EACH
    assert decided.keys() == ended == set(asked)
    assert set(decided.values()) == set(range(GATEWAYS))

    logs = [run("log", "show", "--data", str(gateway.data)).stdout.splitlines()[0] for gateway in gateways]
    assert len(set(logs)) == GATEWAYS
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*logs, "quorum none", ""]))
    addresses = [f"{gateway.url}log" for gateway in gateways]
    watched = run(
        "monitor", *addresses, "--policy", str(policy), "--state", str(tmp_path / "state"), "--once", "--json"
    )
    assert (watched.returncode, watched.stdout) == (0, ""), watched.stderr


def test_a_conversation_keeps_its_pseudonyms_whichever_gateway_answers(
    gateways: list[Served], deployment: Deployment
) -> None:
    text = "Mon numéro est le 06 39 98 44 21."
    before = len(deployment.seen())
    for gateway in gateways:
        ask(gateway, gateways[0].key, text)

    left = {one["body"]["messages"][0]["content"] for one in deployment.seen()[before:]}
    assert len(left) == 1
    assert "06 39 98 44 21" not in left.pop()
