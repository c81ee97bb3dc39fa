"""Deployments are asked how they are, each by itself: real sockets, a real process that plays engines."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bouclier.fleet.adapters.http_client import Endpoint, HttpUpstream
from bouclier.fleet.adapters.prober import Prober, Target
from bouclier.fleet.book_model import Probe
from bouclier.fleet.probes import Engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

CHILD = Path(__file__).with_name("engines_child.py")
TIMEOUT_S = 60.0
HASTY_S = {"hang": 0.4, "trickle": 3.0}


class Engines:
    """The process that plays engines."""

    def __init__(self, record: Path, *, port: int = 0) -> None:
        self.record = record
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), str(record), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def target(self, kind: str, engine: Engine = Engine.OPENAI, *, key: str | None = None) -> Target:
        endpoint = Endpoint(f"http://127.0.0.1:{self.port}/{kind}/v1", api_key=key)
        return Target(engine, HttpUpstream(kind, endpoint))

    def seen(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    made = Engines(tmp_path_factory.mktemp("engines") / "received.jsonl")
    yield made
    made.stop()


class Told:
    """What a prober tells, and a way to wait for it."""

    def __init__(self) -> None:
        self.probes: list[tuple[str, Probe]] = []
        self._more = asyncio.Event()

    def __call__(self, name: str, probe: Probe) -> None:
        self.probes.append((name, probe))
        self._more.set()

    def of(self, name: str) -> list[Probe]:
        return [probe for one, probe in self.probes if one == name]

    async def until(self, *, alive: bool) -> Probe:
        """Wait for the next that says so."""
        async with asyncio.timeout(20):
            while not self.probes or self.probes[-1][1].alive != alive:
                self._more.clear()
                await self._more.wait()
        return self.probes[-1][1]

    async def at_least(self, count: int, name: str) -> None:
        async with asyncio.timeout(20):
            while len(self.of(name)) < count:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def probing(
    targets: Mapping[str, Target], *, interval_s: float = 0.02, timeout_s: float = TIMEOUT_S
) -> AsyncIterator[Told]:
    """Ask them again and again meanwhile."""
    told = Told()
    running = asyncio.create_task(Prober(targets, told, interval_s=interval_s, timeout_s=timeout_s).run())
    try:
        yield told
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for target in targets.values():
            assert isinstance(target.upstream, HttpUpstream)
            target.upstream.close()
        assert running.cancelled()


def ask(target: Target, *, timeout_s: float = TIMEOUT_S) -> Probe:
    async def asked() -> Probe:
        prober = Prober({"d": target}, lambda _name, _probe: None, timeout_s=timeout_s)
        probe = await prober.ask("d")
        assert isinstance(target.upstream, HttpUpstream)
        target.upstream.close()
        return probe

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("kind", "engine", "expected"),
    [
        ("llama", Engine.LLAMA_CPP, Probe(alive=True, slots=4, running=1, waiting=0, models=("open-model-7b",))),
        ("vllm", Engine.VLLM, Probe(alive=True, running=3, waiting=1, models=("open-model-7b",))),
        ("ollama", Engine.OLLAMA, Probe(alive=True, models=("open:7b",))),
        ("plain", Engine.OPENAI, Probe(alive=True, models=("open-model-7b",))),
        ("loading", Engine.LLAMA_CPP, Probe(alive=True, loading=True)),
        ("broken", Engine.VLLM, Probe(alive=False, code="status-500")),
        ("redirect", Engine.OPENAI, Probe(alive=False, code="status-307")),
        ("hang", Engine.OPENAI, Probe(alive=False, code="timed-out")),
        ("trickle", Engine.OPENAI, Probe(alive=False, code="busy")),
        ("huge", Engine.OPENAI, Probe(alive=True)),
    ],
)
def test_each_engine_is_asked_in_its_own_way(engines: Engines, kind: str, engine: Engine, expected: Probe) -> None:
    assert ask(engines.target(kind, engine), timeout_s=HASTY_S.get(kind, TIMEOUT_S)) == expected


def test_nobody_at_the_address_is_unreachable(unused_port: int) -> None:
    endpoint = Endpoint(f"http://127.0.0.1:{unused_port}/v1")
    assert ask(Target(Engine.VLLM, HttpUpstream("d", endpoint))) == Probe(alive=False, code="unreachable")


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is ours, so that nobody else can listen there, and that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_question_holds_a_key_and_nothing_of_any_exchange(engines: Engines) -> None:
    before = len(engines.seen())
    ask(engines.target("llama", Engine.LLAMA_CPP, key="secret"))
    asked = engines.seen()[before:]
    assert [(one["method"], one["path"]) for one in asked] == [
        ("GET", f"/llama{path}") for path in ("/health", "/props", "/metrics", "/v1/models")
    ]
    for one in asked:
        assert {name.lower() for name in one["headers"]} == {"host", "accept-encoding", "user-agent", "authorization"}


def test_a_redirect_is_not_followed(engines: Engines) -> None:
    before = len(engines.seen())
    ask(engines.target("redirect"))
    assert [one["path"] for one in engines.seen()[before:]] == ["/redirect/v1/models"]


def test_one_that_hangs_delays_no_other(engines: Engines) -> None:
    targets = {"hung": engines.target("hang"), "well": engines.target("plain"), "slow": engines.target("trickle")}

    async def watched() -> Told:
        async with probing(targets, timeout_s=60) as told:
            await told.at_least(10, "well")
        return told

    told = asyncio.run(watched())
    assert told.of("hung") == told.of("slow") == []
    assert set(told.of("well")) == {Probe(alive=True, models=("open-model-7b",))}


def test_a_connection_that_was_closed_meanwhile_is_not_an_absence(engines: Engines) -> None:
    async def watched() -> Told:
        async with probing({"d": engines.target("once")}, interval_s=0.01) as told:
            await told.at_least(10, "d")
        return told

    assert all(probe.alive for probe in asyncio.run(watched()).of("d"))


def test_one_that_dies_and_comes_back_is_noticed(tmp_path: Path) -> None:
    async def watched(first: Engines) -> None:
        async with probing({"d": first.target("plain")}) as told:
            await told.until(alive=True)
            first.process.kill()
            first.process.wait(timeout=20)
            assert await told.until(alive=False) == Probe(alive=False, code="unreachable")
            again = Engines(tmp_path / "again.jsonl", port=first.port)
            try:
                await told.until(alive=True)
            finally:
                again.stop()

    engines = Engines(tmp_path / "received.jsonl")
    try:
        asyncio.run(watched(engines))
    finally:
        engines.stop()


def test_it_stops_while_it_waits_for_an_answer(engines: Engines) -> None:
    async def stopped() -> None:
        before = len(engines.seen())
        async with asyncio.timeout(20), probing({"hung": engines.target("hang")}, interval_s=60, timeout_s=60) as told:
            while len(engines.seen()) == before:
                await asyncio.sleep(0.005)
        assert told.probes == []

    asyncio.run(stopped())
