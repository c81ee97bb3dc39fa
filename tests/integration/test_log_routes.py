"""The log over HTTP: whoever reaches the gateway can rebuild its tree, and only monitors read what was decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

from bouclier.oversight import MarkEntry, parse_entry
from bouclier.tlog import (
    TILE_WIDTH,
    Checkpoint,
    EntryBundle,
    HashTile,
    NoteSignature,
    VerifierKey,
    hash_leaf,
    inclusion_from_tiles,
    open_checkpoint,
    parse_bundle,
    parse_tlog_proof,
    parse_vkey,
    render_tile_path,
    root_from_tiles,
    root_of,
    split_tile,
    verify_inclusion,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REFUSED = {"model": "us", "messages": [{"role": "user", "content": "NIR 2 85 05 78 006 084 91, Vasseur"}]}
ENTRIES = 300
LOCAL = httpx.Limits(max_keepalive_connections=1)


class OverHttp:
    """What the gateway serves of its log."""

    def __init__(self, served: Served) -> None:
        self.client = httpx.Client(base_url=f"{served.url}log/", timeout=20, limits=LOCAL)
        shown = run("log", "show", "--data", str(served.data)).stdout.splitlines()
        self.keys: list[VerifierKey] = [parse_vkey(shown[0].removeprefix("log "))]

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def body(self, path: str) -> bytes:
        answer = self.get(path)
        assert answer.status_code == 200, path
        return answer.content

    def checkpoint(self) -> Checkpoint:
        return open_checkpoint(self.body("checkpoint"), self.keys).checkpoint

    def tile(self, level: int, index: int, width: int) -> bytes:
        """As a `TileReader`."""
        return self.body(render_tile_path(HashTile(level, index, width)))


def fill(served: Served, count: int) -> None:
    """Have the gateway record so many entries, refusals: each is one entry."""
    with httpx.Client(headers={"authorization": f"Bearer {served.key}"}, timeout=60) as client:
        for _ in range(count):
            assert client.post(f"{served.base_url}/chat/completions", json=REFUSED).status_code == 403


@pytest.fixture(scope="module")
def keyed(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway whose page needs a key, with more entries than fit one tile."""
    folder = tmp_path_factory.mktemp("keyed")
    config = configuration(deployment, more="console: {open_on_loopback: false}\nlog: {pooling_ms: 20}\n")
    served = serve(folder, config=config)
    try:
        fill(served, ENTRIES)
        yield served
    finally:
        assert served.stop() == 0


@pytest.fixture(scope="module")
def keys(keyed: Served) -> dict[str, str]:
    """A key of each role."""
    made = {}
    for role in ("monitor", "agent"):
        done = run("keys", "create", role, "--role", role, "--data", str(keyed.data))
        assert done.returncode == 0, done.stderr
        made[role] = done.stdout.strip()
    return made


@pytest.fixture(scope="module")
def over_http(keyed: Served, keys: dict[str, str]) -> Iterator[OverHttp]:
    log = OverHttp(keyed)
    with log.client:
        log.client.headers["authorization"] = f"Bearer {keys['monitor']}"
        while log.checkpoint().size < ENTRIES + 2:
            pass  # until the last entries are published; the test's time-out bounds it
        yield log


def test_the_checkpoint_is_the_logs_own_and_is_not_kept_by_caches(over_http: OverHttp, keyed: Served) -> None:
    answer = over_http.get("checkpoint")

    opened = open_checkpoint(answer.content, over_http.keys)
    assert opened.checkpoint.origin == over_http.keys[0].name
    assert opened.checkpoint.origin.startswith("bouclier.local/")
    assert opened.checkpoint.size == ENTRIES + 2  # and the start, and by what law
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    health = httpx.get(f"{keyed.url}health", timeout=60).json()["log"]
    assert health == {
        "origin": opened.checkpoint.origin,
        "size": ENTRIES + 2,
        "published": ENTRIES + 2,
        "behind_s": 0.0,
        "witnessed": False,
        "witness_problems": {},
    }


def test_the_tree_can_be_rebuilt_from_the_tiles_and_is_that_of_the_entries(over_http: OverHttp) -> None:
    checkpoint = over_http.checkpoint()
    entries = every_entry(over_http, checkpoint.size)
    leaves = [hash_leaf(entry) for entry in entries]

    assert root_from_tiles(over_http, checkpoint.size) == checkpoint.root == root_of(leaves)
    first = parse_entry(entries[0])
    assert isinstance(first, MarkEntry)
    assert first.what == "start"
    assert all(parse_entry(entry).kind == "decision" for entry in entries[2:])
    for index in (0, 1, 255, 256, checkpoint.size - 1):
        verify_inclusion(
            leaves[index],
            leaf_index=index,
            tree_size=checkpoint.size,
            proof=inclusion_from_tiles(over_http, index, checkpoint.size),
            root_hash=checkpoint.root,
        )


def every_entry(log: OverHttp, size: int) -> Sequence[bytes]:
    entries: list[bytes] = []
    for index in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - index * TILE_WIDTH)
        entries += parse_bundle(log.body(render_tile_path(EntryBundle(index, width))), width)
    return entries


def test_tiles_and_bundles_are_there_in_every_width_they_ever_had_and_in_no_other(over_http: OverHttp) -> None:
    size = over_http.checkpoint().size
    entries = every_entry(over_http, size)
    leaves = [hash_leaf(entry) for entry in entries]
    last = size - TILE_WIDTH

    for index, widths in ((0, (1, 2, 100, 255, 256)), (1, (1, last - 1, last))):
        for width in widths:
            tile = over_http.get(render_tile_path(HashTile(0, index, width)))
            assert split_tile(tile.content, width) == leaves[index * TILE_WIDTH :][:width]
            assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
            bundle = over_http.get(render_tile_path(EntryBundle(index, width)))
            assert parse_bundle(bundle.content, width) == entries[index * TILE_WIDTH :][:width]
            assert bundle.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert over_http.body("tile/1/000.p/1") == root_of(leaves[:TILE_WIDTH])
    for tile_beyond in (
        HashTile(0, 1, last + 1),
        HashTile(0, 1, TILE_WIDTH),
        HashTile(0, 2, 1),
        HashTile(1, 0, 2),
        HashTile(1, 0, TILE_WIDTH),
        HashTile(1, 1, 1),
        HashTile(2, 0, 1),
        HashTile(0, 10**6, 1),
        EntryBundle(1, last + 1),
        EntryBundle(1, TILE_WIDTH),
        EntryBundle(2, 1),
    ):
        answer = over_http.get(render_tile_path(tile_beyond))
        assert answer.status_code == 404, tile_beyond
        assert answer.json()["code"] == "not_found"


def test_an_entry_and_its_proof_are_served_up_to_the_published_size(over_http: OverHttp) -> None:
    checkpoint = over_http.checkpoint()
    for index in (0, 255, 256, checkpoint.size - 1):
        entry = over_http.get(f"entry/{index}")
        assert entry.headers["content-type"] == "application/json"
        proof = parse_tlog_proof(over_http.body(f"proof/{index}"))
        opened = open_checkpoint(proof.checkpoint, over_http.keys)
        assert (proof.index, proof.extra) == (index, None)
        verify_inclusion(
            hash_leaf(entry.content),
            leaf_index=index,
            tree_size=opened.checkpoint.size,
            proof=proof.hashes,
            root_hash=opened.checkpoint.root,
        )
    for beyond in (checkpoint.size, checkpoint.size + 1, 10**15):
        assert over_http.get(f"entry/{beyond}").status_code == 404
        assert over_http.get(f"proof/{beyond}").status_code == 404


@pytest.mark.parametrize("path", ["entry/1", "tile/entries/000", "tile/entries/001.p/1"])
def test_entries_are_for_monitors_where_the_page_needs_a_key(keyed: Served, keys: dict[str, str], path: str) -> None:
    def status(**headers: str) -> int:
        return httpx.get(f"{keyed.url}log/{path}", headers=headers, timeout=60).status_code

    assert status() == 401
    assert status(authorization="Bearer bcl_wrong") == 401
    assert status(authorization=f"Bearer {keys['agent']}") == 403
    assert status(authorization=f"Bearer {keyed.key}") == 403  # the terminal's
    assert status(authorization=f"Bearer {keys['monitor']}") == 200
    refused = httpx.get(f"{keyed.url}log/{path}", headers={"authorization": f"Bearer {keys['agent']}"}, timeout=60)
    assert refused.json()["code"] == "not_allowed"
    assert "--role monitor" in json.dumps(refused.json())


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "proof/1"])
def test_hashes_and_signatures_are_for_anyone(keyed: Served, over_http: OverHttp, path: str) -> None:
    assert httpx.get(f"{keyed.url}log/{path}", timeout=60).content == over_http.body(path)


@pytest.mark.parametrize("path", ["entry/0", "tile/entries/000.p/1"])
def test_this_machines_own_programs_need_no_key_where_the_page_needs_none(served: Served, path: str) -> None:
    while httpx.get(f"{served.url}log/{path}", timeout=60).status_code == 404:
        pass  # until the start is published; the test's time-out bounds it
    assert httpx.get(f"{served.url}log/{path}", timeout=60).status_code == 200
    for headers in ({"x-forwarded-for": "203.0.113.9"}, {"host": "attacker.example"}, {"via": "1.1 proxy"}):
        assert httpx.get(f"{served.url}log/{path}", headers=headers, timeout=60).status_code == 401


def test_an_institution_may_open_its_log_to_all(deployment: Deployment, tmp_path: Path) -> None:
    config = configuration(deployment, more="console: {open_on_loopback: false}\nlog: {open: true, pooling_ms: 20}\n")
    served = serve(tmp_path, config=config)
    try:
        while (
            answer := httpx.get(f"{served.url}log/entry/0", headers={"via": "1.1 proxy"}, timeout=60)
        ).status_code == 404:
            pass  # until the start is published; the test's time-out bounds it
        assert parse_entry(answer.content).kind == "mark"
    finally:
        assert served.stop() == 0


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint/",
        "checkpoints",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000/000/000",
        "tile/entries/0",
        "tile/entries/000.p/257",
        "tile/data/000",
        "entry/",
        "entry/-1",
        "entry/01",
        "entry/+1",
        "entry/1.0",
        "entry/1/",
        "entry/%D9%A1",
        "entry/99999999999999999999",
        "proof/",
        "proof/00",
        "proof/x",
        "proof/99999999999999999999",
    ],
)
def test_an_address_that_is_spelt_otherwise_is_none(over_http: OverHttp, path: str) -> None:
    answer = over_http.get(path)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/000", "entry/0", "proof/0"])
def test_reading_takes_get_or_head_and_nothing_else(over_http: OverHttp, path: str) -> None:
    got, head = over_http.get(path), over_http.client.head(path)

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = over_http.client.request(method, path)
        assert answer.status_code == 405, method
        assert answer.json()["code"] == "method_not_allowed"


OPENING = {
    "exchange": "0f" * 16,
    "record": "ab" * 32,
    "request": "cd" * 32,
    "requester": "tribunal-judiciaire",
    "basis": "judicial-order-2026-17",
}


def test_an_opening_is_recorded_for_the_gateways_own_terminal_alone(
    keyed: Served, keys: dict[str, str], over_http: OverHttp
) -> None:
    url = f"{keyed.url}log/openings"
    for key, status in ((keys["monitor"], 403), (keys["agent"], 403), ("bcl_wrong", 401)):
        assert (
            httpx.post(url, json=OPENING, headers={"authorization": f"Bearer {key}"}, timeout=60).status_code == status
        )
    mine = {"authorization": f"Bearer {keyed.key}"}
    assert httpx.get(url, headers=mine, timeout=60).status_code == 405
    wrong_ones: list[object] = [
        {},
        OPENING | {"basis": "Affaire Vasseur"},
        OPENING | {"record": "ab"},
        OPENING | {"more": 1},
        {name: value for name, value in OPENING.items() if name != "request"},
        [],
    ]
    for wrong in wrong_ones:
        refused = httpx.post(url, json=wrong, headers=mine, timeout=60)
        assert refused.status_code == 400, wrong
        assert "vasseur" not in refused.text.lower()
    assert httpx.post(url, content=b"[" * 4000, headers=mine, timeout=60).status_code == 400
    assert httpx.post(url, content=b" " * 5000, headers=mine, timeout=60).status_code == 413
    before = over_http.checkpoint().size

    answer = httpx.post(url, json=OPENING, headers=mine, timeout=60)

    assert answer.status_code == 200
    proof = parse_tlog_proof(answer.content)
    assert proof.index == before
    assert proof.extra is not None
    entry = json.loads(json.loads(proof.extra)["entry"])
    assert entry == OPENING | {"kind": "opening", "law": entry["law"], "time": entry["time"], "v": 4}
    opened = open_checkpoint(proof.checkpoint, over_http.keys)
    assert opened.checkpoint.size > before
    assert isinstance(opened.note.signatures[0], NoteSignature)


def test_a_monitors_key_asks_no_questions(keyed: Served, keys: dict[str, str]) -> None:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Bonjour"}]}
    headers = {"authorization": f"Bearer {keys['monitor']}"}

    refused = httpx.post(f"{keyed.base_url}/chat/completions", json=body, headers=headers, timeout=60)

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
