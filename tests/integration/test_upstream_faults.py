"""Deployments that are down, slow, cut, or speak garbage; callers who go away."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import openai
import pytest
from tests.conftest import configuration, ordinary_charter
from tests.servers import Deployment, Served, concluded, serve

if TYPE_CHECKING:
    from pathlib import Path

MESSAGES: Any = [{"role": "user", "content": "Pour zoe.vasseur@example.fr"}]


def client_of(served: Served) -> openai.OpenAI:
    return openai.OpenAI(base_url=served.base_url, api_key=served.key, max_retries=0, timeout=60)


def outcomes(served: Served) -> list[dict[str, Any]]:
    return [entry for entry in concluded(served.data) if entry["kind"] == "outcome"]


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("garbage", 502, "upstream_protocol_error"),
        ("cut-plain", 502, "stream_interrupted"),
        ("redirect", 502, "upstream_said"),
    ],
)
def test_a_whole_answer_that_is_wrong_is_an_error_with_a_code(
    served: Served, model: str, status: int, code: str
) -> None:
    with client_of(served) as client, pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model=model, messages=MESSAGES)
    body: Any = raised.value.body
    assert (raised.value.status_code, body["code"]) == (status, code)
    assert outcomes(served)[-1]["ending"] == code


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("cut", "stream_interrupted"),
        ("silent-end", "stream_interrupted"),
    ],
)
def test_a_stream_that_breaks_ends_with_an_error_the_client_raises(served: Served, model: str, code: str) -> None:
    with client_of(served) as client:
        stream = client.chat.completions.create(model=model, messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIError) as raised:
            list(stream)
    body: Any = raised.value.body
    assert body["code"] == code
    assert outcomes(served)[-1]["ending"] == code


def test_a_stream_that_breaks_before_its_first_token_is_an_error_before_anything_is_sent(served: Served) -> None:
    with client_of(served) as client, pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="garbage-stream", messages=MESSAGES, stream=True)
    body: Any = raised.value.body
    assert (raised.value.status_code, body["code"]) == (502, "upstream_protocol_error")
    assert outcomes(served)[-1]["ending"] == "upstream_protocol_error"


def test_a_stream_that_is_no_stream_is_an_error_before_anything_is_sent(served: Served) -> None:
    with client_of(served) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="not-a-stream", messages=MESSAGES, stream=True)


def test_a_slow_stream_is_handed_on_as_it_comes(served: Served) -> None:
    with client_of(served) as client:
        stream = client.chat.completions.create(model="slow", messages=MESSAGES, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text == MESSAGES[0]["content"]


def _gone(deployment: Deployment) -> int:
    return int(httpx.get(f"http://127.0.0.1:{deployment.port}/gone", timeout=60).json()["gone"])


def _wait_until_gone(deployment: Deployment, more_than: int) -> None:
    """Ask until the deployment says that its caller went away; each question is one event for it to notice."""
    for _ in range(3000):
        if _gone(deployment) > more_than:
            return
    raise AssertionError


@pytest.mark.parametrize(("model", "stream"), [("endless", True), ("hang", True), ("hang", False)])
def test_when_the_caller_hangs_up_the_deployment_is_let_go_at_once(
    served: Served, deployment: Deployment, model: str, *, stream: bool
) -> None:
    before, seen = _gone(deployment), len(deployment.seen())
    body = json.dumps({"model": model, "messages": MESSAGES, "stream": stream}).encode()
    host, port = served.url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port))) as caller:
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {served.key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        caller.sendall(head.encode() + body)
        if model == "endless":
            caller.recv(1)
        else:
            while len(deployment.seen()) == seen:
                time.sleep(0.01)  # until it reached the deployment; the test's time-out bounds it
    _wait_until_gone(deployment, before)
    assert outcomes(served)[-1]["ending"] == "caller-gone"


def test_a_deployment_that_is_down_is_said_to_be_unreachable(deployment: Deployment, tmp_path: Path) -> None:
    unused = socket.socket()
    unused.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else may
    port = unused.getsockname()[1]
    config = (
        # The first in the list is asked at once whether it is well, the other in half an hour: it is down unnoticed.
        f"fleet: {{probe_interval_s: 3600}}\n"
        f"deployments:\n"
        f"  - {{name: up, base_url: '{deployment.base_url}', model: echo, operator: openai}}\n"
        f"  - {{name: down, base_url: 'http://127.0.0.1:{port}/v1', model: echo, operator: scaleway}}\n"
        "engine: {model: off}\nshield: {names: off}\n" + ordinary_charter(deployment)
    )
    served = serve(tmp_path, config=config)
    try:
        with client_of(served) as client:
            with pytest.raises(openai.InternalServerError) as raised:
                client.chat.completions.create(model="down", messages=MESSAGES)
            body: Any = raised.value.body
            assert body["code"] == "upstream_unreachable"
            # `auto` prefers the less exposed, finds it down, and decides again for the next.
            raw = client.chat.completions.with_raw_response.create(model="auto", messages=MESSAGES)
            assert json.loads(raw.text)["bouclier"]["deployment"]["name"] == "up"
            with pytest.raises(openai.InternalServerError):
                client.chat.completions.create(
                    model="auto", messages=MESSAGES, extra_headers={"x-bouclier-data-class": "sensitive"}
                )
        decisions = [entry for entry in concluded(served.data) if entry["kind"] == "decision"]
        assert [(entry["chosen"], entry["spares"], entry["tried"]) for entry in decisions] == [
            ("down", [], []),
            ("down", ["up"], []),
            ("up", [], ["down"]),
            ("down", [], []),
        ]
    finally:
        unused.close()
        assert served.stop() == 0


def test_stopping_the_server_lets_running_answers_end_within_their_grace(
    deployment: Deployment, tmp_path: Path
) -> None:
    served = serve(tmp_path, config=configuration(deployment))
    with client_of(served) as client:
        stream = client.chat.completions.create(model="slow", messages=MESSAGES, stream=True)
        iterator = iter(stream)
        next(iterator)
        served.process.terminate()
        rest = list(iterator)
    assert rest[-1].choices[0].finish_reason == "stop"
    served.process.wait(60)  # it was told once already
    assert served.stop() == 0
