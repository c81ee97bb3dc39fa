"""Our HTTP client against real sockets that behave, and that do not."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from bouclier.fleet.adapters import http_client
from bouclier.fleet.adapters.http_client import Endpoint, HttpAnswer, HttpUpstream
from bouclier.terms.errors import (
    StreamInterrupted,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bouclier.fleet.adapters.http_connection import HttpConnection

    Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\ntrailer: x\r\n\r\n"
)
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\nhello"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"


async def request_read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return head, await reader.readexactly(length)


@asynccontextmanager
async def server(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def run() -> None:
            try:
                await behaviour(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.transport.abort()

        task = asyncio.get_running_loop().create_task(run())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(*pieces: bytes, times: int = 1) -> Behaviour:
    """Answer each request with these pieces, each sent by itself, then close."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(times):
            await request_read(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    return behave


def upstream(port: int, *, scheme: str = "http", tls: ssl.SSLContext | None = None, idle_s: float = 20) -> HttpUpstream:
    endpoint = Endpoint(f"{scheme}://127.0.0.1:{port}/v1", api_key="sk-test", idle_timeout_s=idle_s)
    return HttpUpstream("test", endpoint, tls=tls)


async def asked(called: HttpUpstream) -> bytes:
    answer = await called.chat(b"{}", exchange_id="e")
    try:
        return await answer.read(10_000_000)
    finally:
        answer.close()


async def _unusable(connection: HttpConnection) -> None:
    """Return once the other side's close has arrived: each turn of the loop lets it."""
    while connection.usable:
        await asyncio.sleep(0)


def outcome(behaviour: Behaviour, *, idle_s: float = 20) -> bytes:
    async def go() -> bytes:
        async with server(behaviour) as port:
            return await asked(upstream(port, idle_s=idle_s))

    return asyncio.run(go())


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED, UNTIL_CLOSE, INTERIM + PLAIN, INTERIM + CHUNKED])
def test_a_body_is_read_whole_however_it_is_framed_and_cut(answer: bytes) -> None:
    assert outcome(saying(answer)) == b"hello"
    assert outcome(saying(*(answer[at : at + 1] for at in range(len(answer))))) == b"hello"


def test_a_request_says_what_it_must_and_no_more() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_read(reader))
        writer.write(PLAIN)
        await writer.drain()

    async def go() -> None:
        async with server(behave) as port:
            await asked(upstream(port))

    asyncio.run(go())
    head, body = seen[0]
    lines = head.decode().strip().split("\r\n")
    assert lines[0] == "POST /v1/chat/completions HTTP/1.1"
    assert {line.split(":")[0] for line in lines[1:]} == {
        "host",
        "content-type",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "x-bouclier-exchange",
        "content-length",
    }
    assert body == b"{}"


def test_a_connection_serves_many_requests_and_one_that_was_closed_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_client, "_KEEP_IDLE_S", 60.0)
    connections = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await saying(PLAIN, times=3)(reader, writer)

    async def go() -> None:
        async with server(behave) as port:
            called = upstream(port)
            for _ in range(3):
                assert await asked(called) == b"hello"
            assert connections == 1
            (idle,) = called._idle
            await asyncio.wait_for(_unusable(idle), 20)
            assert await asked(called) == b"hello"
            assert connections == 2
            called.close()

    asyncio.run(go())


@pytest.mark.parametrize("extra", [b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen", b"garbage", b"\x00" * 100])
def test_bytes_after_an_answer_never_become_the_next_one(extra: bytes) -> None:
    async def go() -> None:
        connections = 0

        async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await request_read(reader)
            writer.write(PLAIN if connections == 2 else PLAIN + extra)
            await writer.drain()
            await reader.read()

        async with server(behave) as port:
            called = upstream(port)
            with suppress(UpstreamProtocolError):  # what is no HTTP may end the answer it came with
                assert await asked(called) == b"hello"
            assert await asked(called) == b"hello"
            assert connections == 2
            called.close()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (saying(), UpstreamUnreachable),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-le"), UpstreamUnreachable),
        (saying(b"SSH-2.0-OpenSSH_9\r\n"), UpstreamProtocolError),
        (
            saying(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            UpstreamProtocolError,
        ),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000), UpstreamProtocolError),
        (saying(PLAIN[:-2]), StreamInterrupted),
        (saying(CHUNKED[:-20]), StreamInterrupted),
        (saying(CHUNKED.replace(b"2;ext=1", b"zz")), UpstreamProtocolError),
        (saying(PLAIN.replace(b"content-type: application/json", b"content-encoding: gzip")), UpstreamProtocolError),
    ],
)
def test_what_breaks_is_told_apart(behaviour: Behaviour, error: type[UpstreamError]) -> None:
    with pytest.raises(error):
        outcome(behaviour)


@pytest.mark.parametrize("before", [b"", PLAIN[:-2], UNTIL_CLOSE])
def test_silence_ends_a_request_after_its_idle_time(before: bytes) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_read(reader)
        writer.write(before)
        await reader.read()

    with pytest.raises(UpstreamTimeout):
        outcome(behave, idle_s=0.2)


def test_a_slow_reader_stops_the_sender_instead_of_filling_the_memory() -> None:
    sent = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await request_read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n")
        for _ in range(2000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000
        writer.close()  # all of it must be sent before the connection is cut
        await writer.wait_closed()

    async def go() -> None:
        async with server(behave) as port:
            answer: HttpAnswer = await upstream(port).chat(b"{}", exchange_id="e")
            transport = answer._connection._transport
            assert transport is not None
            while transport.is_reading():  # each turn of the loop lets some more in
                await asyncio.sleep(0)
            assert sent < 50_000_000
            size = 0
            async for piece in answer.chunks():
                size += len(piece)
            assert size == 200_000_000

    asyncio.run(go())


def test_an_answer_that_is_let_go_is_cut_at_once() -> None:
    async def go() -> None:
        gone = asyncio.Event()

        async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_read(reader)
            writer.write(CHUNKED[:-20])
            await writer.drain()
            await reader.read()
            gone.set()

        async with server(behave) as port:
            answer = await upstream(port).chat(b"{}", exchange_id="e")
            answer.close()
            await asyncio.wait_for(gone.wait(), 20)
            waiting = asyncio.create_task(upstream(port).chat(b"{}", exchange_id="e"))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(go())


def test_https_is_spoken_only_with_who_can_prove_the_name() -> None:
    authority = trustme.CA()
    mine, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(mine)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    another = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.org").configure_cert(another)

    async def go() -> None:
        async with server(saying(PLAIN), tls=theirs) as port:
            assert await asked(upstream(port, scheme="https", tls=mine)) == b"hello"
            with pytest.raises(UpstreamUnreachable):
                await asked(upstream(port, scheme="https"))  # an authority this machine does not know
        async with server(saying(PLAIN), tls=another) as port:
            with pytest.raises(UpstreamUnreachable):
                await asked(upstream(port, scheme="https", tls=mine))

    asyncio.run(go())
