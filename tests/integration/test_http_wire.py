"""Whatever a deployment sends over the wire: one of our errors or its answer, and never somebody else's answer."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.terms.errors import StreamInterrupted, UpstreamError, UpstreamTimeout, UpstreamUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"words": "Vasseur"}'


@dataclass
class Wire:
    """A server that answers each request with given bytes, then closes, keeps silent, or waits for the next one.

    Attributes:
        answer: What it sends; None to send the request's own body back.
        then: `close`, `silent` or `next`.
    """

    answer: bytes | None
    then: str = "close"
    received: list[bytes] = field(default_factory=list)
    connections: list[asyncio.Task[None]] = field(default_factory=list)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await self.talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            body = await reader.readexactly(length)
            self.received.append(body)
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % length + body if self.answer is None else self.answer)
            if self.then == "silent":
                await reader.read()  # until the caller lets go
            if self.then != "next":
                return


@contextlib.asynccontextmanager
async def wired(wire: Wire) -> AsyncIterator[HttpUpstream]:
    server = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/"
    upstream = HttpUpstream(
        "name", Endpoint(url, connect_timeout_s=30, idle_timeout_s=0.5 if wire.then == "silent" else 30)
    )
    try:
        yield upstream
    finally:
        upstream.close()
        server.close()
        async with asyncio.timeout(30):  # a connection that nobody uses any more and nobody closed would wait for ever
            await asyncio.gather(*wire.connections)


async def said(upstream: HttpUpstream, body: bytes) -> bytes:
    answer = await upstream.chat(body, exchange_id="e" * 32)
    try:
        return await answer.read(1_000_000)
    finally:
        answer.close()


async def once(wire: Wire) -> bytes:
    async with wired(wire) as upstream:
        return await said(upstream, BODY)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", UpstreamUnreachable),
        (b"garbage\r\n\r\n", UpstreamError),
        (b"HTTP/1.1 200", UpstreamError),
        (b"HTTP/9.9 xyz ?\r\n\r\n", UpstreamError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", UpstreamError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", UpstreamError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", UpstreamError),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", UpstreamError),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, UpstreamError),
        (HEAD + b"Content-Length: 10\r\n\r\nabc", StreamInterrupted),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", StreamInterrupted),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", UpstreamError),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", UpstreamError),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_deployment_and_nothing_else(
    answer: bytes, error: type[UpstreamError]
) -> None:
    with pytest.raises(error) as raised:
        asyncio.run(once(Wire(answer)))
    for text in (raised.value.message.fr, raised.value.message.en):
        assert "name" in text
        assert "Vasseur" not in text
    assert raised.value.hint.fr != raised.value.hint.en


@pytest.mark.parametrize(
    "part", [b"", HEAD, HEAD + b"Content-Length: 10\r\n\r\n", HEAD + b"Content-Length: 9\r\n\r\na"]
)
def test_silence_is_a_time_out_before_the_head_and_after_it(part: bytes) -> None:
    with pytest.raises(UpstreamTimeout):
        asyncio.run(once(Wire(part, then="silent")))


def test_an_interim_answer_is_not_the_answer() -> None:
    interim = b"HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"
    assert asyncio.run(once(Wire(interim + HEAD + b"Content-Length: 2\r\n\r\nok"))) == b"ok"


@pytest.mark.parametrize(
    "more", [HEAD + b"Content-Length: 4\r\n\r\nmore", b"more", b"\r\n\r\n" + HEAD + b"Content-Length: 4\r\n\r\nmore"]
)
def test_what_comes_in_the_same_piece_after_an_answer_is_no_part_of_it(more: bytes) -> None:
    assert asyncio.run(once(Wire(HEAD + b"Content-Length: 2\r\n\r\nok" + more))) == b"ok"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_answer_that_is_here_but_not_read_yet_is_never_mixed_with_another(order: tuple[int, int]) -> None:
    async def call() -> None:
        async with wired(Wire(None, then="next")) as upstream:
            first = await upstream.chat(b"of Zoe", exchange_id="a" * 32)
            second = await upstream.chat(b"of Marc", exchange_id="b" * 32)
            read = {at: await asyncio.wait_for((first, second)[at].read(100), 5) for at in order}
            assert read == {0: b"of Zoe", 1: b"of Marc"}
            first.close()
            second.close()

    asyncio.run(call())


def test_letting_go_of_an_answer_twice_does_not_cut_the_next_one() -> None:
    async def call() -> None:
        async with wired(Wire(None, then="next")) as upstream:
            first = await upstream.chat(b"of Zoe", exchange_id="a" * 32)
            assert await first.read(100) == b"of Zoe"
            second = await upstream.chat(b"of Marc", exchange_id="b" * 32)
            first.close()
            assert await second.read(100) == b"of Marc"
            second.close()

    asyncio.run(call())


def test_many_callers_at_once_each_get_their_own_answers_one_after_the_other() -> None:
    async def caller(upstream: HttpUpstream, number: int) -> None:
        for turn in range(20):
            body = b"%d of %d " % (turn, number) * 100
            assert await said(upstream, body) == body

    async def call() -> None:
        async with wired(Wire(None, then="next")) as upstream:
            await asyncio.gather(*(caller(upstream, number) for number in range(64)))

    asyncio.run(call())
