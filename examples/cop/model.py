"""A model's server that anyone can read: OpenAI's interface, two models that repeat, one word at a time if asked.

It prints its address and serves until it is ended. What it was asked is in `received`, for nobody else.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONG = "longuement"
"""A question with this word has an answer that lasts."""
_WORDS = 3_000
_PAUSE_S = 0.05


class Model(BaseHTTPRequestHandler):
    """Answers `POST /v1/chat/completions`."""

    def do_POST(self) -> None:
        """Repeat the last message."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = str(body["messages"][-1]["content"])
        self.send_response(200)
        if not body.get("stream"):
            answer = json.dumps(_event(body, "message", {"role": "assistant", "content": text})).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            return
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        words = ["encore "] * _WORDS if LONG in text else text.split(" ")
        try:
            for word in words:
                self._send(json.dumps(_event(body, "delta", {"content": word})))
                time.sleep(_PAUSE_S)
            self._send("[DONE]")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the gateway hung up: what it was told is forbidden now

    def _send(self, event: str) -> None:
        self.wfile.write(f"data: {event}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _event(body: dict[str, Any], key: str, said: dict[str, str]) -> dict[str, Any]:
    choice = {"index": 0, key: said, "finish_reason": "stop" if key == "message" else None}
    kind = "chat.completion" if key == "message" else "chat.completion.chunk"
    return {"id": "example", "object": kind, "created": 0, "model": body["model"], "choices": [choice]}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
