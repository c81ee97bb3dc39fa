"""One exchange from the terminal: through the gateway that runs here, or through one of our own while it takes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
import uvloop

from bouclier.compose import data_folder
from bouclier.compose.building import gateway
from bouclier.compose.serving import bound_socket, run_server
from bouclier.terms.errors import Bilingual, UpstreamError, UpstreamUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bouclier.compose.configuration import Configuration


_MAX_LINE_BYTES = 64_000_000


class AnsweredError(UpstreamError):
    """The gateway answered with an error; it is said again as it was said."""

    code = "answered"

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        ours = error.get("bouclier") or {}
        message = str(error.get("message", status))
        super().__init__(
            Bilingual(ours.get("message_fr", message), ours.get("message_en", message)),
            Bilingual(ours.get("hint_fr", "Réessayez."), ours.get("hint_en", "Try again.")),
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
    data_folder.prepare(configuration.data)
    key = data_folder.terminal_key(configuration.data)
    body = {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "bouclier": {"detail": True},
    }
    async with (
        # An event holds all that left, on one line, and a line must fit the reading buffer.
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), read_bufsize=_MAX_LINE_BYTES) as session,
        _address(configuration, session) as address,
    ):
        headers = {"authorization": f"Bearer {key}"}
        try:
            async with session.post(f"{address}v1/chat/completions", json=body, headers=headers) as answer:
                return await _read(answer, on_text)
        except aiohttp.ClientError as error:
            raise UpstreamUnreachable(
                Bilingual("Le bouclier ne répond plus.", "The shield no longer answers."),
                Bilingual("Voyez ce que dit « bouclier serve ».", "See what `bouclier serve` says."),
            ) from error


@contextlib.asynccontextmanager
async def _address(configuration: Configuration, session: aiohttp.ClientSession) -> AsyncIterator[str]:
    running = await _running(configuration, session)
    if running is not None:
        yield running
        return
    listener = bound_socket("127.0.0.1", 0)
    async with gateway(configuration) as built:
        listening = asyncio.Event()
        serving = asyncio.create_task(run_server(built, listener, listening))
        await listening.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            listener.close()


async def _running(configuration: Configuration, session: aiohttp.ClientSession) -> str | None:
    """Return the address of the gateway that runs on this data folder, if it answers."""
    if not data_folder.is_held(configuration.data):
        return None
    try:
        address = (configuration.data / "serving").read_text(encoding="ascii").strip()
        async with session.get(f"{address}health", timeout=aiohttp.ClientTimeout(total=5)) as answer:
            return address if answer.status == 200 else None  # noqa: PLR2004
    except (OSError, UnicodeDecodeError, aiohttp.ClientError, TimeoutError, ValueError):
        return None


async def _read(answer: aiohttp.ClientResponse, on_text: Callable[[str], None]) -> dict[str, Any]:
    if answer.status != 200:  # noqa: PLR2004
        said = msgspec.json.decode(await answer.read())
        raise AnsweredError(answer.status, said.get("error", {}))
    ours: dict[str, Any] = {}
    async for line in answer.content:
        if not line.startswith(b"data: ") or line.strip() == b"data: [DONE]":
            continue
        event = msgspec.json.decode(line[6:])
        if "error" in event:
            raise AnsweredError(answer.status, event["error"])
        for choice in event.get("choices", ()):
            text = (choice.get("delta") or {}).get("content")
            if text:
                on_text(text)
        for key, value in (event.get("bouclier") or {}).items():
            if isinstance(value, dict) and isinstance(ours.get(key), dict):
                ours[key] |= value
            else:
                ours[key] = value
    return ours
