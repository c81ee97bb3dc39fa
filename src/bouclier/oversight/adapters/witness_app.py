"""A witness over HTTP: three routes, as a bare ASGI callable.

    POST /add-checkpoint                          cosign, or say why not (c2sp.org/tlog-witness)
    GET  /<hex SHA-256 of an origin>/checkpoint   the latest checkpoint cosigned for that log
    GET  /health                                  whether it can cosign

Anything else is 404.

Nobody is authenticated, as the protocol has it: what counts is the signature of the log. A body is read up to
`MAX_SUBMISSION_BYTES`; a longer one is 413. Nothing of a request is logged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bouclier.oversight.adapters.witness_store import Answer
from bouclier.terms.errors import Bilingual
from bouclier.tlog.witness import MAX_SUBMISSION_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from bouclier.oversight.adapters.witness_store import WitnessStore

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_SHOWN: Final = re.compile(r"/([0-9a-f]{64}/checkpoint)")
_DRAIN_FACTOR: Final = 8
_FAILED: Final = Bilingual("la mémoire du témoin a failli", "the witness's memory failed")
_NEVER: Final = Bilingual("rien n'a été cosigné pour ce journal", "nothing was cosigned for this log")
_NOWHERE: Final = Bilingual("il n'y a rien à cette adresse", "there is nothing at this address")


class WitnessApp:
    """Serves one witness."""

    def __init__(self, store: WitnessStore) -> None:
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (answer := await self._answer(scope, receive)) is not None:
            headers = [
                (b"content-type", answer.content_type.encode()),
                (b"content-length", b"%d" % len(answer.body)),
                (b"cache-control", b"no-store"),
            ]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer, or None when nobody waits for it any more."""
        match scope["method"], scope["path"]:
            case "POST", "/add-checkpoint":
                return await self._cosigned(receive)
            case "GET", "/health":
                return Answer(200, b"ok\n") if self._store.usable else _said(503, _FAILED)
            case "GET", path if shown := _SHOWN.fullmatch(path):
                note = self._store.cosigned(shown[1])
                return _said(404, _NEVER) if note is None else Answer(200, note)
        return _said(404, _NOWHERE)

    async def _cosigned(self, receive: Receive) -> Answer | None:
        pieces: list[bytes] = []
        size = 0
        more = True
        # A body somewhat too long is read and dropped: who is still sending would see the connection reset instead of
        # the answer.
        while more and size <= _DRAIN_FACTOR * MAX_SUBMISSION_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece = message.get("body", b"")
            size += len(piece)
            if size <= MAX_SUBMISSION_BYTES:
                pieces.append(piece)
            more = message.get("more_body", False)
        if size > MAX_SUBMISSION_BYTES:
            return _said(
                413,
                Bilingual(
                    f"la demande dépasse {MAX_SUBMISSION_BYTES} octets",
                    f"the request is larger than {MAX_SUBMISSION_BYTES} bytes",
                ),
            )
        return await self._store.add_checkpoint(b"".join(pieces))


def _said(status: int, message: Bilingual) -> Answer:
    return Answer(status, f"{message}\n".encode())
