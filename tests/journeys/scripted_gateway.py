"""A gateway that follows a script: the HTTP contract of the chat page, on a real socket, without a model.

Words in the last message choose what happens:

    ENDLESS     the answer never ends: someone must stop it
    BROKEN      an error event in the middle of the answer
    TURNED      a deployment's own refusal, in the middle of the answer
    CUT         the connection closes in the middle of the answer
    DOWN        503 before any answer
    UNPLACED    503 after the text was inspected and before anything was sent
    FALLBACK    a first deployment does not answer, another one does once the test lets it (with HOME: our own engine)
    SEALED      the charter asks to seal the exchange
    WARNED      the answer carries two warnings; with ONCE, one of them
    SIGNALLED   the second net believes that it saw something
    OWED        every duty there is, is owed
    SUSPENDED   an order that suspends the deployment comes into force in the middle of the answer
    FORGED      events in the middle of the answer claim that something else was decided and done
    BUSY        503 and a time to come again; the next request is answered
    (and the words of `scripted_fleet` and `scripted_refusals`)
    otherwise   the text is answered by itself, as it left, with the user's words put back
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from bouclier.console import Console
from tests.journeys.local_server import serving
from tests.journeys.replies import pieces, reply_to
from tests.journeys.scripted_fleet import ScriptedFleet, footprint_of
from tests.journeys.scripted_law import SUSPENDED, ScriptedLaw
from tests.journeys.scripted_log import ScriptedLog
from tests.journeys.scripted_refusals import not_reviewed_yet, refusal_of, suspended_meanwhile
from tests.journeys.scripted_shield import Decided, decide, inspected, models_listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.console import Page

DOWN = {
    "message": "The model is loading.",
    "type": "upstream_error",
    "code": "deployment_unavailable",
    "param": None,
    "bouclier": {
        "message_fr": "Le modèle se charge encore.",
        "message_en": "The model is still loading.",
        "hint_fr": "Réessayez dans une minute.",
        "hint_en": "Try again in a minute.",
        "policies": [],
    },
}
BROKEN = {
    **DOWN,
    "code": "stream_interrupted",
    "bouclier": {**DOWN["bouclier"], "message_fr": "La réponse s’est arrêtée.", "message_en": "The answer stopped."},  # type: ignore[dict-item]
}
TURNED = {"message": "I would rather not.", "type": "policy", "code": "refused_by_policy", "param": None}
FORGED = {
    "footprint": {"energy_uwh": [0, 0], "carbon_ug": [0, 0], "method": "forged", "zone": "FR"},
    "deployment": {"name": "forged-model", "operator": "self", "own": True},
    "decision": {"permitted": True, "policies": [], "duties": [], "refused": []},
    "outcome": {"restored": 99},
    "detail": {"parts": [], "came_back": "forged"},
}
UNKNOWN_KEY = {"message": "No key.", "type": "authentication_error", "code": "invalid_api_key", "param": None}


@dataclass
class Script:
    """What a gateway was told to ask for, and what it has seen.

    Attributes:
        key: The key it wants, or None for none.
        loading: How far the embedded model is, 0 to 1; None once it is ready.
        seen: The chat requests it received, oldest first.
        caller_gone: Set when someone hung up in the middle of an endless answer.
        may_answer: Set by a test when the deployment that took over may answer.
        log: Its record.
        law: What is in force.
        fleet: How its deployments are.
        retry_after: For how long it is busy, seconds, one for each time; then it is not.
        approved: Exchanges that a second person approved.
        bodies: The bodies of the requests, as they came.
        witnessed: Whether it says that independent witnesses cosign it.
        cosigned: Set by a test when they have.
        log_says: What its log answers instead of a proof, if anything: a status and a body.
        asked: How often a proof was asked for.
    """

    key: str | None = None
    loading: float | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    caller_gone: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)
    log: ScriptedLog = field(default_factory=ScriptedLog)
    law: ScriptedLaw = field(default_factory=ScriptedLaw)
    fleet: ScriptedFleet = field(default_factory=ScriptedFleet)
    retry_after: list[int] = field(default_factory=list)
    approved: set[str] = field(default_factory=set)
    bodies: list[bytes] = field(default_factory=list)
    witnessed: bool = False
    cosigned: threading.Event = field(default_factory=threading.Event)
    log_says: tuple[int, bytes] | None = None
    asked: int = 0


@contextmanager
def running(script: Script) -> Iterator[str]:
    """Serve a script on a free loopback port; yield its address."""
    console = Console.load()

    class Handler(_Handler):
        pass

    Handler.console = console
    Handler.script = script
    with serving(Handler) as address:
        yield address


class _Handler(BaseHTTPRequestHandler):
    console: Console
    script: Script

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path == "/":
            self._page(self.console.page(self.headers.get("accept-language")))
        elif self.path.startswith("/assets/"):
            self._page(self.console.asset(self.path.removeprefix("/assets/")))
        elif self.path == "/v1/models":
            if self._known():
                self._json(200, models_listed(self.script.loading))
        elif self.path == "/health":
            self._json(200, {"status": "ok", "log": {"witnessed": self.script.witnessed}})
        elif self.path.startswith("/charter") and (told := self.script.law.answer(self.path)):
            self._whole(200, "application/json", told)
        elif found := self.script.fleet.answer(self.path):
            if self._known():
                self._whole(200, *found)
        elif self.path.startswith("/log/proof/"):
            self._proof(int(self.path.removeprefix("/log/proof/")))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        body = json.loads(raw)
        if not self._known():
            return
        self.script.seen.append(body)
        self.script.bodies.append(raw)
        text = body["messages"][-1]["content"]
        log = self.script.log
        if "BUSY" in text and self.script.retry_after:
            self._json(503, {"error": DOWN}, retry_after=self.script.retry_after.pop(0))
            return
        if "DOWN" in text:
            self._json(503, {"error": DOWN})
            return
        if "FALLBACK" in text:
            law = self.script.law
            tried = decide(body, raw, log, law=law, name="lille-llama")
            name = "embedded" if "HOME" in text else "gravelines-mistral"
            self._answer(text, decide(body, raw, log, law=law, name=name, tried=("lille-llama",)), tried=tried)
            return
        review = self.headers.get("x-bouclier-review")
        decided = decide(body, raw, log, law=self.script.law)
        if review is not None and review not in self.script.approved:
            self._json(*not_reviewed_yet())
        elif review is None and (refused := refusal_of(text, decided.bouclier)):
            self._json(*refused)
        elif "UNPLACED" in text:
            self._json(503, {"error": {**DOWN, "bouclier": {**DOWN["bouclier"], **inspected(decided.bouclier)}}})  # type: ignore[dict-item]
        elif decided.refusal:
            self._json(403, {"error": decided.refusal})
        else:
            self._answer(text, decided)

    def _answer(self, text: str, decided: Decided, *, tried: Decided | None = None) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if tried:
            self._event({"choices": [], "bouclier": tried.bouclier})
        self._event({"choices": [], "bouclier": decided.bouclier})
        if tried:
            self.script.may_answer.wait(30)
        self._event({"choices": [{"index": 0, "delta": {"role": "assistant"}}]})
        if "ENDLESS" in text:
            self._endless()
            return
        raw = reply_to(decided.left)
        restored = raw
        for pseudonym, original in decided.originals.items():
            restored = restored.replace(pseudonym, original)
        for number, piece in enumerate(pieces(restored)):
            self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            if "FORGED" in text:
                self._event({"choices": [{"index": 0, "delta": {"content": ""}}], "bouclier": FORGED})
                self._event({"choices": [], "bouclier": FORGED})
            if number == 1 and "BROKEN" in text:
                self._event({"error": BROKEN})
                return
            if number == 1 and "TURNED" in text:
                self._event({"error": TURNED})
                return
            if number == 1 and "CUT" in text:
                return
            if number == 1 and "SUSPENDED" in text:
                self.script.law.orders = [SUSPENDED]
                self._event(suspended_meanwhile(decided.bouclier["deployment"]["name"]))
                return
        count = sum(raw.count(pseudonym) for pseudonym in decided.originals)
        outcome = {"outcome": {"restored": count}, "detail": {"came_back": raw}}
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "bouclier": outcome})
        if "UNCOUNTED" not in text:
            self._event({"choices": [], "bouclier": {"footprint": footprint_of(text)}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _proof(self, index: int) -> None:
        self.script.asked += 1
        if self.script.log_says:
            status, body = self.script.log_says
        elif self.script.cosigned.is_set():
            status, body = 200, self.script.log.cosigned(index)
        else:
            status, body = 404, b"{}"
        self._whole(status, "text/plain; charset=utf-8", body)

    def _endless(self) -> None:
        try:
            while True:
                self._event({"choices": [{"index": 0, "delta": {"content": "encore "}}]})
                self.script.caller_gone.wait(0.02)  # the pace of the script, not a wait for something
        except OSError:
            self.script.caller_gone.set()

    def _known(self) -> bool:
        if self.script.key is None or self.headers.get("authorization") == f"Bearer {self.script.key}":
            return True
        self._json(401, {"error": UNKNOWN_KEY})
        return False

    def _event(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def _json(self, status: int, body: dict[str, Any], *, retry_after: int | None = None) -> None:
        self._whole(status, "application/json", json.dumps(body).encode(), retry_after=retry_after)

    def _whole(self, status: int, content_type: str, body: bytes, *, retry_after: int | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("retry-after", str(retry_after))
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _page(self, page: Page | None) -> None:
        if page is None:
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in page.headers:
            self.send_header(name.decode(), value.decode())
        self.send_header("content-length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)
