"""Engines that can be asked how they are, for tests: one process, which plays one at each address.

    python tests/integration/engines_child.py RECORD [PORT]

It prints its port, then serves until its standard input closes; each request is a line of RECORD. The first part of the
path chooses what is played:

    llama       /health, /props, /metrics, /v1/models as llama.cpp
    vllm        the same as vLLM
    ollama      /api/version, /api/tags, /v1/models as Ollama
    plain       /v1/models alone
    loading     llama.cpp that loads its model
    hang        never answers
    trickle     announces a body and sends a byte of it every 20 ms, without end
    huge        answers with more bytes than anybody should read
    redirect    sends elsewhere
    once        closes each connection after its answer, without saying so
    broken      500
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web

MODELS = {"object": "list", "data": [{"id": "open-model-7b", "object": "model", "created": 1, "owned_by": "test"}]}
VLLM = 'vllm:num_requests_running{engine="0"} 3.0\nvllm:num_requests_waiting{engine="0"} 1.0\n'
LLAMA = "# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing 1\nllamacpp:requests_deferred 0\n"
ANSWERS: dict[str, object] = {
    "llama/health": {"status": "ok"},
    "llama/props": {"total_slots": 4, "chat_template": ""},
    "llama/metrics": LLAMA,
    "llama/v1/models": MODELS,
    "vllm/health": "",
    "vllm/metrics": VLLM,
    "vllm/v1/models": MODELS,
    "ollama/api/version": {"version": "0.12.6"},
    "ollama/api/tags": {"models": [{"name": "open:7b", "model": "open:7b"}]},
    "plain/v1/models": MODELS,
    "once/v1/models": MODELS,
}


class Engines:
    def __init__(self, record: Path) -> None:
        self.record = record.open("ab", buffering=0)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        line = {"method": request.method, "path": request.path, "headers": dict(request.headers)}
        self.record.write(json.dumps(line).encode() + b"\n")
        kind = request.path.split("/")[1]
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "redirect":
            raise web.HTTPTemporaryRedirect("/plain/v1/models")
        if kind == "broken":
            return web.Response(status=500)
        if kind == "loading":
            said = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
            return web.json_response(said, status=503)
        if kind == "huge":
            return web.Response(body=b" " * 2_000_000)
        if kind == "trickle":
            return await self._trickle(request)
        found = ANSWERS.get(request.path.removeprefix("/"))
        if found is None:
            return web.Response(status=404)
        response = web.Response(text=found) if isinstance(found, str) else web.json_response(found)
        if kind == "once":
            await response.prepare(request)
            await response.write_eof()
            assert request.transport is not None
            request.transport.close()
        return response

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "1000000"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)


async def main(record: Path, port: int) -> None:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Engines(record).answer)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
