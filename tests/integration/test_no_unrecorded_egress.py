"""Invariant 1: kill the process at any moment; no deployment has received a request that the log lacks."""

from __future__ import annotations

import json
import random
import threading
from typing import TYPE_CHECKING

import httpx2 as httpx
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 8
CALLERS = 8


def _ask_until_it_dies(served: Served, progress: threading.Semaphore) -> None:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Pour zoe.vasseur@example.fr"}]}
    with httpx.Client(headers={"authorization": f"Bearer {served.key}"}, timeout=60) as client:
        while True:
            try:
                client.post(f"{served.base_url}/chat/completions", json=body)
            except httpx.HTTPError:
                return
            progress.release()


def test_every_request_a_deployment_received_is_in_the_log_whenever_the_gateway_was_killed(tmp_path: Path) -> None:
    randomness = random.Random(2026)
    data = tmp_path / "data"
    with Deployment(tmp_path) as deployment:
        for _ in range(ROUNDS):
            served = serve(tmp_path, config=configuration(deployment), data=data)
            progress = threading.Semaphore(0)
            callers = [threading.Thread(target=_ask_until_it_dies, args=(served, progress)) for _ in range(CALLERS)]
            for caller in callers:
                caller.start()
            for _ in range(randomness.randrange(1, 120)):
                assert progress.acquire(timeout=30)
            served.kill()
            for caller in callers:
                caller.join(timeout=30)
            assert served.process.stdout is not None
            served.process.stdout.close()
        received = [one["exchange"] for one in deployment.seen()]
    export = run("log", "export", "--data", str(data))
    assert export.returncode == 0, export.stderr
    entries = [json.loads(line)["entry"] for line in export.stdout.splitlines()]
    decided = {entry["exchange"] for entry in entries if entry["kind"] == "decision" and entry["chosen"]}
    assert len(received) > ROUNDS
    assert set(received) <= decided
    assert "zoe.vasseur" not in export.stdout
    verified = run("log", "fsck", "--data", str(data))
    assert verified.returncode == 0, verified.stderr


def test_a_full_disk_refuses_and_nothing_leaves_and_service_resumes_when_space_returns(tmp_path: Path) -> None:
    """The data folder is a small file system of its own, in a mount namespace that dies with the process."""
    mount = tmp_path / "small"
    mount.mkdir()
    script = f'mount -t tmpfs -o size=1m none "{mount}" && exec "$@"'
    with Deployment(tmp_path) as deployment:
        served = serve(
            tmp_path,
            config=configuration(deployment),
            data=mount / "data",
            wrapper=("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"),
        )
        inside = f"/proc/{served.process.pid}/root{mount}"
        try:
            with open(f"{inside}/ballast", "wb", buffering=0) as ballast:  # noqa: PTH123
                try:
                    while True:
                        ballast.write(b"\0" * 1024)
                except OSError:
                    pass
            statuses = [_ask(served).status_code for _ in range(20)]
            assert 503 in statuses
            received = len(deployment.seen())
            refused = _ask(served)
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "log_unavailable"
            assert len(deployment.seen()) == received == statuses.count(200)
            with open(f"{inside}/ballast", "wb"):  # noqa: PTH123
                pass
            assert _ask(served).status_code == 200
            assert "vasseur" not in served.said()
        finally:
            assert served.stop() == 0


def _ask(served: Served) -> httpx.Response:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Pour zoe.vasseur@example.fr"}]}
    return httpx.post(
        f"{served.base_url}/chat/completions", json=body, headers={"authorization": f"Bearer {served.key}"}, timeout=60
    )
