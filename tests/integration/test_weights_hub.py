"""Weights from a model hub on the loopback interface: resumed, checked, and never trusted half-way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.weights_kit import HUB_FILE, Ask, Hub, catalogue_of, entry_for, serving

from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.catalogue import WeightsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENT = random.Random(2025).randbytes(4 << 20)
ENTRY = entry_for(CONTENT, [HUB_FILE])
HALF = len(CONTENT) // 2

FETCH = """
import sys, msgspec
from pathlib import Path
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.catalogue import Catalogue, parse_catalogue
catalogue = parse_catalogue(sys.stdin.buffer.read())
store = WeightsStore(Path(sys.argv[1]), catalogue)
store.fetch(catalogue.models[0], lambda done, total: print(done, flush=True), hub_base=sys.argv[2])
"""


def _ignore(done: int, total: int) -> None:
    assert 0 <= done <= total


def _store(folder: Path) -> WeightsStore:
    return WeightsStore(folder, catalogue_of(ENTRY))


def test_the_file_is_asked_at_its_commit_and_checked(tmp_path: Path) -> None:
    with Hub(serving(CONTENT)) as hub:
        path = _store(tmp_path).fetch(ENTRY, _ignore, hub_base=hub.base)
    assert path.read_bytes() == CONTENT
    assert [ask.path for ask in hub.asked] == [f"/essais/modele/resolve/{HUB_FILE.revision}/modele.gguf"]


def test_a_cut_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    good = serving(CONTENT)

    def cut_first(ask: Ask) -> None:
        if ask.offset:
            good(ask)
        else:
            ask.head(200, length=len(CONTENT))
            ask.body(CONTENT[:HALF])

    with Hub(cut_first) as hub:
        path = _store(tmp_path).fetch(ENTRY, _ignore, hub_base=hub.base)
    assert path.read_bytes() == CONTENT
    assert [ask.range for ask in hub.asked] == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize("status", [200, 206])
def test_a_hub_that_ignores_the_range_makes_us_start_again(tmp_path: Path, status: int) -> None:
    def cut_then_whole(ask: Ask) -> None:
        if not ask.offset:
            ask.head(200, length=len(CONTENT))
            ask.body(CONTENT[:HALF])
        else:
            ask.head(status, length=len(CONTENT), content_range=f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}")
            ask.body(CONTENT)

    with Hub(cut_then_whole) as hub:
        assert _store(tmp_path).fetch(ENTRY, _ignore, hub_base=hub.base).read_bytes() == CONTENT


def _status(code: int) -> Callable[[Ask], None]:
    return lambda ask: ask.head(code, length=0)


def _whole(content: bytes) -> Callable[[Ask], None]:
    def answer(ask: Ask) -> None:
        ask.head(200, length=len(content))
        ask.body(content)

    return answer


def _cut_at_once(ask: Ask) -> None:
    ask.head(200, length=len(CONTENT))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (_status(404), "HTTP answer 404"),
        (_status(503), "HTTP answer 503"),
        (_cut_at_once, "stopped at 0 bytes"),
        (lambda _: None, "cannot be reached"),
        (_whole(CONTENT[:-1]), "stopped at 4194303 bytes"),
        (_whole(CONTENT + b"x"), "sends more than"),
        (_whole(CONTENT[::-1]), "has not the catalogue's digest"),
    ],
)
def test_a_hub_that_fails_leaves_no_weights(tmp_path: Path, answer: Callable[[Ask], None], reason: str) -> None:
    store = _store(tmp_path)
    with Hub(answer) as hub, pytest.raises(WeightsError, match=reason):
        store.fetch(ENTRY, _ignore, hub_base=hub.base)
    assert store.path_of(ENTRY) is None
    assert not (tmp_path / ENTRY.file).exists()


def test_bytes_with_another_digest_are_deleted(tmp_path: Path) -> None:
    store = _store(tmp_path)
    with Hub(_whole(CONTENT[::-1])) as hub, pytest.raises(WeightsError):
        store.fetch(ENTRY, _ignore, hub_base=hub.base)
    assert store.bytes_present() == 0


def test_a_hub_in_clear_text_elsewhere_than_on_this_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not HTTPS"):
        _store(tmp_path).fetch(ENTRY, _ignore, hub_base="http://hub.example.org")


def test_a_store_that_may_not_use_the_hub_does_not_ask_it(tmp_path: Path) -> None:
    with Hub(serving(CONTENT)) as hub:
        store = WeightsStore(tmp_path, catalogue_of(ENTRY), use_hub=False)
        with pytest.raises(WeightsError, match="none is allowed"):
            store.fetch(ENTRY, _ignore, hub_base=hub.base)
    assert not hub.asked


def test_killing_a_fetch_leaves_nothing_trusted_and_loses_nothing_received(tmp_path: Path) -> None:
    good = serving(CONTENT)
    killed = threading.Event()

    def stall_half_way(ask: Ask) -> None:
        if ask.offset:
            good(ask)
        else:
            ask.head(200, length=len(CONTENT))
            ask.body(CONTENT[:HALF])
            killed.wait()

    with Hub(stall_half_way) as hub:
        child = subprocess.Popen(
            [sys.executable, "-c", FETCH, str(tmp_path), hub.base], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(msgspec.json.encode(catalogue_of(ENTRY)))
            child.stdin.close()
            while int(child.stdout.readline()) < HALF:
                pass
            os.kill(child.pid, signal.SIGKILL)
        killed.set()
        store = _store(tmp_path)
        assert store.path_of(ENTRY) is None
        assert store.fetch(ENTRY, _ignore, hub_base=hub.base).read_bytes() == CONTENT
        assert [ask.range for ask in hub.asked] == [None, f"bytes={HALF}-"]


def test_two_that_want_the_same_weights_fetch_them_once(tmp_path: Path) -> None:
    good = serving(CONTENT)
    other_asks = threading.Event()

    def wait_for_the_other(ask: Ask) -> None:
        if len(hub.asked) > 1:
            other_asks.set()
        other_asks.wait(timeout=1.0)  # long enough for a second fetch to ask, were it not waiting for the lock
        good(ask)

    with Hub(wait_for_the_other) as hub, ThreadPoolExecutor(2) as pool:
        fetches = [pool.submit(_store(tmp_path).fetch, ENTRY, _ignore, hub_base=hub.base) for _ in range(2)]
        assert {fetch.result().read_bytes() for fetch in fetches} == {CONTENT}
    assert len(hub.asked) == 1
