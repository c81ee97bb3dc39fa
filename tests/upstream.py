"""A real OpenAI-compatible deployment for tests: a process of its own, which records all it receives.

    python tests/upstream.py RECORD

It prints its port, then serves until its standard input closes. What it does is chosen by the model asked for:

    echo            answers with the last user message, streamed in pieces of one character if asked to stream
    tool            answers with a call of the first tool, whose arguments quote the last user message
    logprobs        as echo, with log-probabilities
    status-NNN      answers with that status and an error that quotes the last user message
    hang            never answers
    slow            answers after `x-test-delay`... of half a second, piece by piece
    endless         streams without end
    cut             streams a little, then cuts the connection
    cut-plain       announces a long body, sends a little, cuts
    garbage         answers 200 with something that is not JSON
    garbage-stream  streams a chunk, then something that is not JSON
    not-a-stream    answers JSON when asked to stream
    silent-end      ends the stream without [DONE] and without finish_reason
    redirect        answers 307 to another place
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import web


class Upstream:
    def __init__(self, record: Path) -> None:
        self.record = record.open("ab", buffering=0)
        self.gone = 0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/gone", self.show_gone)
        return app

    async def show_gone(self, _request: web.Request) -> web.Response:
        return web.json_response({"gone": self.gone})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        headers = {name.lower(): value for name, value in request.headers.items()}
        line = {"exchange": headers.get("x-bouclier-exchange"), "headers": headers, "body": body}
        # One write: what was received is on record whatever happens next.
        self.record.write(json.dumps(line).encode() + b"\n")
        kind = body["model"]
        if kind.startswith("status-"):
            said = {"error": {"message": f"no: {_last(body)}", "type": "test_error", "code": "test_code"}}
            retry = {"retry-after": "7"} if kind.endswith("429") else {}
            return web.json_response(said, status=int(kind.removeprefix("status-")), headers=retry)
        if kind == "hang":
            return await self._until_gone()
        if kind == "redirect":
            raise web.HTTPTemporaryRedirect("/elsewhere")
        if kind in {"garbage", "not-a-stream"}:
            text = "<html>not json</html>" if kind == "garbage" else json.dumps(_whole(body, _last(body)))
            return web.Response(text=text, content_type="application/json")
        if kind == "cut-plain":
            return await _cut_plain(request)
        if not body.get("stream"):
            return web.json_response(_tool_answer(body) if kind == "tool" else _whole(body, _last(body)))
        return await self._stream(request, body, kind)

    async def _until_gone(self) -> web.StreamResponse:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.gone += 1
            raise
        raise AssertionError

    async def _stream(self, request: web.Request, body: dict[str, Any], kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)

        async def send(event: object) -> None:
            text = event if isinstance(event, str) else json.dumps(event)
            await response.write(f"data: {text}\n\n".encode())

        await send(_chunk(body, {"role": "assistant", "content": ""}))
        if kind == "cut":
            await send(_chunk(body, {"content": "début"}))
            assert request.transport is not None
            request.transport.abort()
            return response
        if kind == "garbage-stream":
            await send("{not json")
            return response
        if kind == "endless":
            try:
                while True:
                    await send(_chunk(body, {"content": "encore "}))
                    await asyncio.sleep(0.01)
            except (asyncio.CancelledError, ConnectionError):
                self.gone += 1
                raise
        if kind == "tool":
            for delta in _tool_deltas(body):
                await send(_chunk(body, delta))
        else:
            for character in _last(body):
                await send(_chunk(body, {"content": character}, logprobs=kind == "logprobs"))
                if kind == "slow":
                    await asyncio.sleep(0.02)
        if kind == "silent-end":
            await response.write_eof()
            return response
        await send(_chunk(body, {}, finish="tool_calls" if kind == "tool" else "stop"))
        if (body.get("stream_options") or {}).get("include_usage"):
            await send({**_chunk(body, {}), "choices": [], "usage": _USAGE})
        await send("[DONE]")
        await response.write_eof()
        return response


_USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def _last(body: dict[str, Any]) -> str:
    content = [message for message in body["messages"] if message["role"] == "user"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _whole(body: dict[str, Any], text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    if body["model"] == "logprobs":
        choice["logprobs"] = {"content": [{"token": text[:3], "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "system_fingerprint": "fp_test",
        "choices": [choice],
        "usage": _USAGE,
        "x_unknown": {"kept": True},
    }


def _arguments(body: dict[str, Any]) -> str:
    return json.dumps({"text": _last(body), "again": [_last(body)]})  # ASCII: accents become \u escapes


def _tool_answer(body: dict[str, Any]) -> dict[str, Any]:
    answer = _whole(body, "")
    function = {"name": body["tools"][0]["function"]["name"], "arguments": _arguments(body)}
    call = {"id": "call_1", "type": "function", "function": function}
    answer["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer["choices"][0]["finish_reason"] = "tool_calls"
    return answer


def _tool_deltas(body: dict[str, Any]) -> list[dict[str, Any]]:
    name = body["tools"][0]["function"]["name"]
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [{"tool_calls": [{"index": 0, "function": {"arguments": one}}]} for one in _arguments(body)]
    return [{"tool_calls": [first]}, *pieces]


def _chunk(
    body: dict[str, Any], delta: dict[str, Any], *, finish: str | None = None, logprobs: bool = False
) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    if logprobs:
        choice["logprobs"] = {"content": [{"token": delta["content"], "logprob": -0.1}]}
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": body["model"],
        "x_unknown": "kept",
        "choices": [choice],
    }


async def _cut_plain(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "application/json", "content-length": "100000"})
    await response.prepare(request)
    await response.write(b'{"id":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def main(record: Path) -> None:
    runner = web.AppRunner(Upstream(record).app(), handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
