"""The embedded engine's process killed, hung, too large: what its callers see, and that another one takes over."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.engine_kit import HASTY, LOAD_S, TINY, endless, request, tiny_engine, tiny_weights, with_upstream

from bouclier.fleet.adapters.engine_asking import ask, memory_of
from bouclier.fleet.supervision import Cause, Limits
from bouclier.terms.errors import ConfigurationError, DeploymentUnavailable, StreamInterrupted, UpstreamError

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.adapters.embedded import EmbeddedUpstream
    from bouclier.fleet.adapters.engine import EmbeddedEngine

ALERT = replace(HASTY, answer_ms=250, misses_before_hung=2)


def _pid(engine: EmbeddedEngine) -> int:
    assert engine.pid is not None
    return engine.pid


async def _answers_again(upstream: EmbeddedUpstream, engine: EmbeddedEngine, *, after: int) -> None:
    async with asyncio.timeout(LOAD_S):
        while True:
            while engine.state != "ready" or engine.pid == after:
                await engine.changed(engine.state)
            try:
                answer = await upstream.chat(request("Hello", max_tokens=1), exchange_id="again")
            except UpstreamError:  # so busy a machine that it was taken for hung once more
                await asyncio.sleep(0.1)
            else:
                break
    assert answer.status == 200
    answer.close()


def test_an_answer_cut_by_a_kill_says_so_and_the_next_one_is_whole() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        before = _pid(engine)
        answer = await upstream.chat(endless(), exchange_id="cut")
        pieces = answer.chunks()
        await anext(pieces)
        os.kill(before, signal.SIGKILL)
        with pytest.raises(StreamInterrupted):
            async for _ in pieces:
                pass
        answer.close()
        await _answers_again(upstream, engine, after=before)
        assert engine.last_cause is Cause.CRASHED
        assert upstream.turns.taken == 0

    with_upstream(story)


def test_an_engine_that_hangs_while_idle_is_ended_and_replaced() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        before = _pid(engine)
        os.kill(before, signal.SIGSTOP)
        await _answers_again(upstream, engine, after=before)
        assert engine.last_cause is Cause.HUNG
        assert not psutil.pid_exists(before)

    with_upstream(story, limits=ALERT)


def test_whoever_waits_for_a_hung_engine_is_told_before_the_first_token_and_may_go_elsewhere() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        before = _pid(engine)
        os.kill(before, signal.SIGSTOP)
        with pytest.raises(UpstreamError) as caught:
            await upstream.chat(request("Hello", max_tokens=1), exchange_id="waiting")
        assert not isinstance(caught.value, StreamInterrupted)
        assert upstream.turns.taken == 0
        await _answers_again(upstream, engine, after=before)

    with_upstream(story, limits=ALERT)


def test_an_engine_that_works_is_not_taken_for_a_hung_one() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        before = _pid(engine)
        answer = await upstream.chat(request("word " * 60, max_tokens=10, ignore_eos=True), exchange_id="long")
        assert (await answer.read(100_000)).count(b"completion_tokens") == 1
        answer.close()
        assert engine.pid == before
        assert engine.deaths == 0

    with_upstream(story, limits=replace(HASTY, answer_ms=20_000, stalled_ms=5_000))


def test_what_the_engine_says_of_itself_advances_with_its_work_and_holds_no_words() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        address = await engine.ready(LOAD_S)
        idle = await ask(address, pid=_pid(engine), timeout_s=10)
        answer = await upstream.chat(endless("Zanzibar"), exchange_id="busy")
        pieces = answer.chunks()
        await anext(pieces)
        busy = await ask(address, pid=_pid(engine), timeout_s=10)
        answer.close()
        assert idle is not None
        assert busy is not None
        assert (idle.working, busy.working) == (0, 1)
        assert busy.steps > idle.steps
        assert busy.memory_bytes is not None
        assert TINY.size_bytes < busy.memory_bytes < 2 * TINY.min_memory_bytes
        wrong = replace(address, api_key="another")
        assert await ask(wrong, pid=_pid(engine), timeout_s=10) is None

    with_upstream(story)


def test_an_engine_that_holds_too_much_memory_is_ended_and_the_reason_is_told() -> None:
    async def run() -> None:
        engine = tiny_engine(
            limits=Limits(
                first_pause_ms=20, longest_pause_ms=60_000, ask_every_ms=50, deaths_before_failed=2,
                memory_bytes=TINY.size_bytes,
            )
        )  # fmt: skip
        await engine.start()
        try:
            async with asyncio.timeout(LOAD_S):
                while engine.state != "failed":
                    await engine.changed(engine.state)
            assert engine.last_cause is Cause.MEMORY
            with pytest.raises(DeploymentUnavailable, match="held more memory than allowed"):
                await engine.ready(1)
        finally:
            await engine.stop()

    asyncio.run(run())


def test_memory_that_would_not_hold_the_weights_is_refused_before_anything_starts() -> None:
    with pytest.raises(ConfigurationError, match="alone are 99 MB"):
        tiny_engine(limits=Limits(memory_bytes=50_000_000))


def test_what_grows_faster_than_the_watch_looks_is_stopped_by_the_system() -> None:
    program = (
        "from bouclier.fleet.adapters.engine_child import contain\n"
        "contain(100_000_000)\n"
        "bytearray(400_000_000)\n"
        "try:\n    bytearray(700_000_000)\nexcept MemoryError:\n    print('stopped')\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "stopped\n"


def test_a_failed_engine_is_tried_again_and_serves_again() -> None:
    async def story(upstream: EmbeddedUpstream, engine: EmbeddedEngine) -> None:
        seen: set[int] = set()
        while len(seen) < 2:
            if engine.pid is not None and engine.pid not in seen:
                seen.add(engine.pid)
                os.kill(engine.pid, signal.SIGKILL)
            await asyncio.sleep(0)
        async with asyncio.timeout(LOAD_S):
            while engine.state != "failed":
                await engine.changed(engine.state)
        assert not upstream.available
        await _answers_again(upstream, engine, after=max(seen))
        assert upstream.available

    with_upstream(story, limits=replace(HASTY, deaths_before_failed=2, longest_pause_ms=200))


def test_memory_is_the_share_of_a_process_and_unknown_where_the_system_does_not_tell(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "smaps_rollup").write_text("[rollup]\nRss: 900 kB\nPss: 300 kB\nPss_Anon: 5 kB\nSwapPss: 20 kB\n")
    assert memory_of(7, proc=tmp_path) == 320 * 1024
    assert memory_of(8, proc=tmp_path) is None


def test_stopping_leaves_no_process_even_while_it_loads() -> None:
    async def run() -> None:
        engine = tiny_engine()
        await engine.start()
        while engine.pid is None:
            await asyncio.sleep(0)
        pid = engine.pid
        await engine.stop()
        assert not psutil.pid_exists(pid)

    assert tiny_weights().exists()
    asyncio.run(run())
