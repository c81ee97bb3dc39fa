"""What a gateway's error says at a terminal: in one language, with a hint that helps."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.asking import AnsweredError
from bouclier.compose.reviewing import settle, waiting
from bouclier.gateway.http_errors import problem
from bouclier.terms.errors import AuthenticationError, Bilingual, BouclierError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFUSED = AuthenticationError(
    Bilingual("La clé est inconnue.", "The key is unknown."), Bilingual("Donnez-en une autre.", "Give another one.")
)


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # What a gateway answers; and, elsewhere, what somebody else's server might.
        body = problem(REFUSED) if self.path == "/reviews" else b"no"
        self.send_response(401 if self.path == "/reviews" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_text("invented\n")
    return file


def test_a_refusal_is_said_in_each_language_alone_with_the_gateway_s_own_hint(url: str, key: Path) -> None:
    with pytest.raises(BouclierError) as caught:
        waiting(url, key)
    assert (caught.value.message, caught.value.hint) == (REFUSED.message, REFUSED.hint)


def test_nobody_is_told_to_try_again_what_cannot_help(url: str, key: Path) -> None:
    with pytest.raises(BouclierError) as caught:
        settle(url, key, "x", approved=True)
    assert "404" in caught.value.message.en
    assert "again" not in caught.value.hint.en


@pytest.mark.parametrize(("status", "again"), [(400, False), (403, False), (408, True), (429, True), (503, True)])
def test_trying_again_is_advised_where_another_time_may_answer_otherwise(status: int, *, again: bool) -> None:
    hint = AnsweredError(status, json.loads("{}")).hint
    assert (hint.en == "Try again.") is again
    assert (hint.fr == "Réessayez.") is again
