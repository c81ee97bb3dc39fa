"""Callers who hang up at any moment: what was decided for them is concluded all the same."""

from __future__ import annotations

import json
import random
import select
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.conftest import configuration
from tests.servers import Deployment, serve

from bouclier.compose.recording import entries
from bouclier.oversight import DecisionEntry, OutcomeEntry, parse_entry

if TYPE_CHECKING:
    from pathlib import Path

CALLERS = 150


def test_every_decision_that_let_something_leave_has_an_outcome(deployment: Deployment, tmp_path: Path) -> None:
    gateway = serve(tmp_path, config=configuration(deployment))
    address = urlsplit(gateway.url)
    body = json.dumps({"model": "echo", "messages": [{"role": "user", "content": "Bonjour"}]}).encode()
    request = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer {gateway.key}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body
    chance = random.Random(7)

    for _ in range(CALLERS):
        with socket.create_connection((address.hostname, address.port), timeout=10) as caller:
            caller.sendall(request)
            # Until then, or until it is answered: an exchange takes a few milliseconds, most of them in the log.
            select.select([caller], [], [], chance.uniform(0.0005, 0.012))
    assert gateway.stop() == 0

    chose: set[int] = set()
    concluded: dict[int, str] = {}
    for one in entries(gateway.data):
        entry = parse_entry(one.entry)
        if isinstance(entry, DecisionEntry) and entry.chosen is not None:
            chose.add(one.index)
        elif isinstance(entry, OutcomeEntry):
            concluded[entry.decision_index] = entry.ending
    assert chose == concluded.keys()
    assert "caller-gone" in concluded.values()
