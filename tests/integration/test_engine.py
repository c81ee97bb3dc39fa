"""The embedded engine: a real child process, real weights, and what happens when either breaks."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
import psutil
import pytest
from tests.engine_kit import HASTY, LOAD_S, TINY, tiny_weights

from bouclier.fleet.adapters.engine import EmbeddedEngine, EngineAddress, default_threads
from bouclier.terms.errors import ConfigurationError, DeploymentUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ENTRY = TINY
CONTEXT = 256

PARENT = """
import asyncio, sys
from pathlib import Path
from bouclier.fleet.adapters.engine import EmbeddedEngine
from bouclier.fleet.adapters.weights_catalogue import load_catalogue

async def main():
    engine = EmbeddedEngine(Path(sys.argv[1]), load_catalogue().find("smollm2-135m"), threads=1, context=512)
    await engine.start()
    await engine.ready(60)
    print(engine.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def weights() -> Path:
    """The tiny model."""
    return tiny_weights()


def _with_engine(
    weights: Path, story: Callable[[EmbeddedEngine], Awaitable[None]], *, slots: int = 2, context: int = CONTEXT
) -> None:
    """Run a story with an engine that is started and will be stopped."""

    async def run() -> None:
        engine = EmbeddedEngine(weights, ENTRY, threads=1, context=context, slots=slots, limits=HASTY)
        await engine.start()
        try:
            await story(engine)
        finally:
            await engine.stop()

    asyncio.run(run())


def _body(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "temperature": 0, **more}


async def _chat(address: EngineAddress, text: str, *, key: str | None = None, **more: Any) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {address.api_key if key is None else key}"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{address.base_url}/chat/completions", json=_body(text, **more), headers=headers) as answer,
    ):
        return answer.status, await answer.json()


def test_the_engine_loads_answers_under_its_catalogue_name_and_stops(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        assert engine.state == "starting"
        address = await engine.ready(LOAD_S)
        assert engine.state == "ready"
        status, answer = await _chat(address, "What is the capital of France?", max_tokens=16)
        assert status == 200
        assert answer["choices"][0]["message"]["content"].strip()
        assert answer["model"] == ENTRY.name
        assert str(weights) not in json.dumps(answer)
        pid = engine.pid
        assert pid is not None
        await engine.stop()
        assert engine.state == "stopped"
        assert not psutil.pid_exists(pid)
        with pytest.raises(DeploymentUnavailable, match="stopped"):
            await engine.ready(1)
        await engine.start()
        assert (await engine.ready(LOAD_S)).api_key != address.api_key

    _with_engine(weights, story)


def test_nobody_gets_an_answer_without_the_key_which_shows_nowhere(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        address = await engine.ready(LOAD_S)
        status, _ = await _chat(address, "Hello", key="another", max_tokens=1)
        assert status == 401
        assert engine.pid is not None
        child = psutil.Process(engine.pid)
        assert address.api_key not in " ".join(child.cmdline())
        assert address.api_key not in " ".join(child.environ().values())
        assert address.api_key not in repr(address)
        assert address.base_url.startswith("http://127.0.0.1:")
        assert {item.laddr.ip for item in child.net_connections() if item.status == psutil.CONN_LISTEN} == {"127.0.0.1"}

    _with_engine(weights, story)


def test_several_exchanges_are_served_at_once_each_with_the_whole_context(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        address = await engine.ready(LOAD_S)
        words = " ".join(["word"] * (CONTEXT * 5 // 8))
        answers = await asyncio.gather(*(_chat(address, f"{n} {words}", max_tokens=2) for n in range(2)))
        assert [status for status, _ in answers] == [200, 200]
        assert all(answer["usage"]["prompt_tokens"] > CONTEXT // 2 for _, answer in answers)

    _with_engine(weights, story)


def test_a_prompt_longer_than_the_context_is_a_clear_400(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        status, answer = await _chat(await engine.ready(LOAD_S), "word " * CONTEXT, max_tokens=2)
        assert status == 400
        assert answer["error"]["type"] == "exceed_context_size_error"
        assert answer["error"]["n_ctx"] == CONTEXT

    _with_engine(weights, story)


def test_a_stream_has_usage_and_ends_with_done(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        address = await engine.ready(LOAD_S)
        body = _body("Hello", stream=True, max_tokens=4, stream_options={"include_usage": True})
        async with (
            aiohttp.ClientSession(headers={"authorization": f"Bearer {address.api_key}"}) as client,
            client.post(f"{address.base_url}/chat/completions", json=body) as answer,
        ):
            events = [event for event in (await answer.text()).split("\n\n") if event.startswith("data: ")]
        assert events[-1] == "data: [DONE]"
        last = json.loads(events[-2].removeprefix("data: "))
        assert last["choices"] == []
        assert last["usage"]["completion_tokens"] == 4

    _with_engine(weights, story)


def test_a_killed_child_is_replaced_and_the_engine_answers_again(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        before = await engine.ready(LOAD_S)
        for _ in range(2):
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
            after = before
            while after == before:  # its end is not known here yet
                after = await engine.ready(LOAD_S)
                await asyncio.sleep(0)
            status, _ = await _chat(after, "Hello", max_tokens=1)
            assert status == 200
            before = after

    _with_engine(weights, story)


def test_a_child_that_keeps_dying_is_reported_and_tried_more_and_more_rarely(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        seen: set[int] = set()
        while engine.state != "failed":
            if engine.pid is not None and engine.pid not in seen:
                seen.add(engine.pid)
                os.kill(engine.pid, signal.SIGKILL)
            await asyncio.sleep(0)
        assert len(seen) == 5
        with pytest.raises(DeploymentUnavailable, match="5 times in a row"):
            await engine.ready(1)

    _with_engine(weights, story)


def test_a_killed_parent_takes_its_engine_with_it(weights: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(weights)], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            gone, _, _ = select.select([child], [], [], 20)
            assert gone, "the engine outlived the gateway"
        finally:
            os.close(child)


def test_a_file_that_is_not_a_model_fails_at_once_and_says_why(tmp_path: Path, weights: Path) -> None:
    cases = {
        "absent.gguf": (None, "cannot be read"),
        "text.gguf": (b"not a model", "is not a GGUF file"),
        "short.gguf": (weights.read_bytes()[:1_000_000], "1000000 bytes instead of"),
    }

    async def run() -> None:
        for name, (content, reason) in cases.items():
            if content is not None:
                (tmp_path / name).write_bytes(content)
            engine = EmbeddedEngine(tmp_path / name, ENTRY)
            await engine.start()
            with pytest.raises(DeploymentUnavailable, match=reason):
                await engine.ready(LOAD_S)
            assert engine.state == "failed"
            await engine.stop()

    asyncio.run(run())


def test_weights_llama_cpp_cannot_load_are_a_failure_and_not_a_restart_loop(tmp_path: Path, weights: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(weights.read_bytes()[:1_000_000])
    entry = msgspec.structs.replace(ENTRY, size_bytes=1_000_000)

    async def run() -> None:
        engine = EmbeddedEngine(damaged, entry, threads=1)
        await engine.start()
        with pytest.raises(DeploymentUnavailable, match="could not be loaded"):
            await engine.ready(LOAD_S)
        assert engine.state == "failed"
        await engine.stop()

    asyncio.run(run())


def test_waiting_for_an_engine_that_still_loads_ends_in_time(weights: Path) -> None:
    async def story(engine: EmbeddedEngine) -> None:
        with pytest.raises(DeploymentUnavailable, match="still loading"):
            await engine.ready(0.01)

    _with_engine(weights, story)


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"context": 0}, {"context": 8193}, {"slots": 0}])
def test_settings_out_of_bounds_are_refused(wrong: dict[str, int]) -> None:
    settings = {"threads": 1, "context": CONTEXT, "slots": 1, **wrong}
    with pytest.raises(ConfigurationError):
        EmbeddedEngine(
            Path("unused"),
            ENTRY,
            threads=settings["threads"],
            context=settings["context"],
            slots=settings["slots"],
        )


def test_one_core_is_left_to_the_gateway() -> None:
    assert default_threads() == max(1, (os.cpu_count() or 1) - 1)
