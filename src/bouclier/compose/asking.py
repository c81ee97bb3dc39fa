"""One exchange from the terminal: through the gateway that runs here, or through one of our own while it takes."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.request
from typing import TYPE_CHECKING, Any, Final

import msgspec
import uvloop

from bouclier.compose import data_folder
from bouclier.compose.building import gateway
from bouclier.compose.http_server import address_of, bound_socket, run_server
from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.terms.errors import Bilingual, UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bouclier.compose.configuration import Configuration
    from bouclier.fleet.adapters.http_client import HttpAnswer

_OK = 200
_AGAIN: Final = Bilingual("Réessayez.", "Try again.")
_NOT_AGAIN: Final = Bilingual(
    "La même demande aurait la même réponse : changez ce que dit le message.",
    "The same request would have the same answer: change what the message says.",
)
_MAY_PASS: Final = frozenset((408, 425, 429))
"""Of the answers that say it is the caller's, those that another time may be others."""
_HEALTH_TIMEOUT_S = 5
_MAX_ERROR_BYTES = 1_000_000


class AnsweredError(UpstreamError):
    """The gateway answered with an error; it is said again as it was said."""

    code = "answered"

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        ours = error.get("bouclier") or {}
        message = str(error.get("message", status))
        lasting = 400 <= status < 500 and status not in _MAY_PASS  # noqa: PLR2004 -- the caller's
        hint = _NOT_AGAIN if lasting else _AGAIN
        super().__init__(
            Bilingual(ours.get("message_fr", message), ours.get("message_en", message)),
            Bilingual(ours.get("hint_fr", hint.fr), ours.get("hint_en", hint.en)),
        )
        self.said = error


def ask(configuration: Configuration, question: str, *, model: str, on_text: Callable[[str], None]) -> dict[str, Any]:
    """Do one exchange and return its `bouclier` object, with outcome and details.

    Args:
        configuration: The settings of the gateway.
        question: What the user asks.
        model: A deployment, or `auto`.
        on_text: Called with each piece of the answer as it comes.

    Raises:
        BouclierError: It was refused, or failed.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_ask(configuration, question, model=model, on_text=on_text))


async def _ask(
    configuration: Configuration, question: str, *, model: str, on_text: Callable[[str], None]
) -> dict[str, Any]:
    data_folder.prepare(configuration)
    key = data_folder.terminal_key(configuration.keys_folder)
    body = {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "bouclier": {"detail": True, "receipt": "final"},
    }
    async with gateway_address(configuration) as address:
        gateway_here = HttpUpstream("bouclier", Endpoint(base_url=f"{address}v1", api_key=key))
        answer = await gateway_here.chat(msgspec.json.encode(body), exchange_id="-")
        try:
            return await _read(answer, on_text)
        finally:
            answer.close()


@contextlib.asynccontextmanager
async def gateway_address(configuration: Configuration) -> AsyncIterator[str]:
    """Give the address of the gateway that runs on this data folder, or of one of our own while it takes."""
    running = await asyncio.to_thread(_running, configuration)
    if running is not None:
        yield running
        return
    listener = bound_socket("127.0.0.1", 0)
    async with gateway(configuration) as built:
        listening = asyncio.Event()
        serving = asyncio.create_task(run_server(built.app, listener, listening))
        await listening.wait()
        try:
            yield address_of(listener)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            listener.close()


def _running(configuration: Configuration) -> str | None:
    """Return the address of the gateway that runs on this data folder, if it answers."""
    if not data_folder.is_held(configuration.data):
        return None
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        address = (configuration.data / "serving").read_text(encoding="ascii").strip()
        with direct.open(f"{address}health", timeout=_HEALTH_TIMEOUT_S) as answer:
            return address if answer.status == _OK else None
    except (OSError, ValueError):
        return None


async def _read(answer: HttpAnswer, on_text: Callable[[str], None]) -> dict[str, Any]:
    if answer.status != _OK:
        said = msgspec.json.decode(await answer.read(_MAX_ERROR_BYTES))
        raise AnsweredError(answer.status, said.get("error", {}))
    ours: dict[str, Any] = {}
    rest = b""
    async for piece in answer.chunks():
        *events, rest = (rest + piece).split(b"\n\n")
        for event in events:
            if event.startswith(b"data: {"):
                _take(msgspec.json.decode(event[6:]), answer.status, ours, on_text)
    return ours


def _take(event: dict[str, Any], status: int, ours: dict[str, Any], on_text: Callable[[str], None]) -> None:
    """Say what an event says, and add what it tells of the exchange to `ours`."""
    if "error" in event:
        raise AnsweredError(status, event["error"])
    for choice in event.get("choices", ()):
        text = (choice.get("delta") or {}).get("content")
        if text:
            on_text(text)
    for key, value in (event.get("bouclier") or {}).items():
        if isinstance(value, dict) and isinstance(ours.get(key), dict):
            ours[key] |= value
        else:
            ours[key] = value
