"""A site of a fleet, in a process of its own: an engine that speaks OpenAI's API, behaves as told, and can be killed.

Run as a program, it serves; imported, it starts one. It is told how to behave over its own port:

    POST /behave {"chat": "ok" | "status-503" | ..., "models": "ok" | "status-500", "first_ms": 0, "token_ms": 0}

    ok            answers with its own name, token by token
    hang          takes the request, says nothing
    status-N      answers that status; `retry_after` and `code` as told
    cut-before    sends a role, then cuts
    cut-after     sends two tokens, then cuts
    garbage       sends what is no chunk of a completion
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

if TYPE_CHECKING:
    from types import TracebackType

_WORDS = ("Réponse", " de ")


class Engine:
    """The program."""

    def __init__(self, name: str, model: str) -> None:
        self.name = name
        self.model = model
        self.behaviour: dict[str, Any] = {"chat": "ok", "models": "ok", "first_ms": 0, "token_ms": 0}
        self.seen: list[dict[str, Any]] = []
        self.exchanges: list[str | None] = []
        self.asked = 0
        self.most_at_once = 0
        self.at_once = 0
        self.released = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/v1/models", self.models)
        app.router.add_post("/behave", self.behave)
        app.router.add_get("/seen", self.show)
        return app

    async def behave(self, request: web.Request) -> web.Response:
        self.behaviour |= await request.json()
        self.released.set()
        self.released = asyncio.Event()
        return web.Response()

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "seen": self.seen,
                "exchanges": self.exchanges,
                "asked": self.asked,
                "at_once": self.at_once,
                "most_at_once": self.most_at_once,
            }
        )

    async def models(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.behaviour["models"] != "ok":
            return web.Response(status=int(self.behaviour["models"].removeprefix("status-")))
        return web.json_response({"object": "list", "data": [{"id": self.model, "object": "model"}]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.seen.append(body)
        self.exchanges.append(request.headers.get("x-bouclier-exchange"))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._answer(request, body)
        finally:
            self.at_once -= 1

    async def _answer(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        chat = self.behaviour["chat"]
        if chat == "hang":
            await self.released.wait()  # until it is told otherwise
        if chat.startswith("status-"):
            headers = {"retry-after": str(self.behaviour["retry_after"])} if "retry_after" in self.behaviour else {}
            error = {"message": "no", "type": "error", "code": self.behaviour.get("code")}
            return web.json_response({"error": error}, status=int(chat.removeprefix("status-")), headers=headers)
        await asyncio.sleep(self.behaviour["first_ms"] / 1000)
        usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join((*_WORDS, self.name))}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return web.json_response({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await self._send(response, _chunk({"role": "assistant"}))
        if chat == "cut-before":
            return _cut(request, response)
        if chat == "garbage":
            await response.write(b'data: {"choices": 7}\n\n')
            return response
        for number, word in enumerate((*_WORDS, self.name)):
            if chat == "cut-after" and number == 2:
                return _cut(request, response)
            await self._send(response, _chunk({"content": word}))
            await asyncio.sleep(self.behaviour["token_ms"] / 1000)
        await self._send(response, _chunk({}, finish="stop"))
        if (body.get("stream_options") or {}).get("include_usage"):
            await self._send(response, {**_chunk({}), "choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _send(self, response: web.StreamResponse, event: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps(event)}\n\n".encode())


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return response


async def main(name: str, model: str, host: str, port: int) -> None:
    runner = web.AppRunner(Engine(name, model).app(), handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


class Site:
    """A site that a test started."""

    def __init__(self, name: str, *, model: str = "m", host: str = "127.0.0.1", wrapper: tuple[str, ...] = ()) -> None:
        self.name = name
        self.model = model
        self.host = host
        self.wrapper = wrapper
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it, or start it again at the same port."""
        program = [*self.wrapper, sys.executable, str(Path(__file__)), self.name, self.model, self.host, str(self.port)]
        for _ in range(100):
            self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            port = self.process.stdout.readline()
            if port:
                self.port = int(port)
                return
            # Somebody else has the port for a moment: it was free while this site was down.
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait(timeout=20)
        raise RuntimeError(f"port {self.port} stays taken")

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}/v1"

    def entry(self, *, operator: str = "ovhcloud", site: str | None = None, more: str = "") -> str:
        """The line of `deployments` that names it."""
        place = site or f"site-{self.name}"
        return (
            f"  - {{name: {self.name}, base_url: '{self.base_url}', model: {self.model}, operator: {operator}, "
            f"site: {place}, country: FR{more}}}\n"
        )

    def behave(self, chat: str = "ok", **more: Any) -> None:
        self._ask("/behave", {"chat": chat, **more})

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._ask("/seen")
        return shown

    @property
    def seen(self) -> int:
        """How many requests reached it."""
        return len(self.shown()["seen"])

    def kill(self) -> None:
        """End it at once; `start` begins it again, with nothing seen."""
        self.process.kill()
        self._bury()

    def suspend(self) -> None:
        """Stop it without ending it: connections are taken by the system, nothing answers."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.host}:{self.port}{path}", data)
        with urllib.request.urlopen(request, timeout=20) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()  # it may be suspended
        self._bury()

    def _bury(self) -> None:
        self.process.wait(timeout=20)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
