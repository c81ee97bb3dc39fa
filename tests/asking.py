"""Ask a running gateway something, and wait for what it will do, with a deadline."""

from __future__ import annotations

import io
import json
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx2 as httpx

from bouclier.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import Served

T = TypeVar("T")
_DEADLINE_S = 40.0


def ask(
    served: Served,
    content: str = "Bonjour",
    *,
    model: str = "auto",
    purpose: str | None = None,
    key: str | None = None,
    review: str | None = None,
    **body: object,
) -> httpx.Response:
    """Send a chat request and return the whole answer."""
    headers = {"authorization": f"Bearer {key or served.key}"}
    if purpose is not None:
        headers["x-bouclier-purpose"] = purpose
    if review is not None:
        headers["x-bouclier-review"] = review
    asked = {"model": model, "messages": [{"role": "user", "content": content}], **body}
    return httpx.post(
        f"{served.base_url}/chat/completions", content=json.dumps(asked).encode(), headers=headers, timeout=30
    )


class Said(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> Said:
    """Run a command in this process: it only reads and writes files, or asks a gateway."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the error of an answer, which must be one."""
    assert answer.status_code >= 400, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def policies_of(answer: httpx.Response) -> set[str]:
    """Return the ids of the policies that refused."""
    return {one["id"] for one in error_of(answer)["bouclier"]["policies"]}


def events_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the events of a stream, but for its end mark."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def got(served: Served, path: str, **headers: str) -> Any:
    """Return what a gateway says under a path, as JSON."""
    answer = httpx.get(f"{served.url}{path}", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def eventually(seen: Callable[[], T | None], what: str) -> T:
    """Return what is seen at last; fail if it is not seen in time."""
    until = time.monotonic() + _DEADLINE_S
    while True:
        found = seen()
        if found:
            return found
        assert time.monotonic() < until, f"never seen: {what}"
        time.sleep(0.03)
