"""A deployment to put behind the real gateway: an OpenAI-compatible endpoint that replies by rote, streamed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.journeys.local_server import serving
from tests.journeys.replies import pieces, reply_to

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Deployment(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        self.send_error(404)  # somebody is there, who lists no models

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for piece in pieces(reply_to(body["messages"][-1]["content"])):
            self._event({"content": piece}, None)
        self._event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, delta: dict[str, str], finish_reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")


@contextmanager
def upstream() -> Iterator[str]:
    """Serve on a free loopback port; yield the address."""
    with serving(_Deployment) as address:
        yield address
