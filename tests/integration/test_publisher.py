"""What the gateway makes of a witness that holds another checkpoint, and of tree files that are not its own."""

from __future__ import annotations

import asyncio
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.integration.log_child import STAMP, outcome

from bouclier.oversight import Standing
from bouclier.oversight.adapters import publisher
from bouclier.oversight.adapters.checkpoint_file import write_checkpoint
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.publisher import AlteredTreeError
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.terms.errors import StorageError
from bouclier.tlog import (
    EMPTY_ROOT,
    Note,
    PolicyWitness,
    SignatureType,
    SigningKey,
    VerifierKey,
    WitnessPolicy,
    consistency_from_tiles,
    render_checkpoint,
    render_note,
    sign_checkpoint,
)
from bouclier.tlog.witness import (
    Accepted,
    AddCheckpoint,
    LastCosigned,
    Rejected,
    examine,
    judge,
    monitoring_path,
    render_add_checkpoint,
    render_cosignatures,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ORIGIN = "log.example.fr/published"
STANDING = Standing(version="0.1.0", law=lambda: STAMP, policy=None, interval_s=600)
KEY = SigningKey("witness.example/simulated", SignatureType.COSIGNATURE, b"w" * 32)
NOW_S = 1_790_000_000


class WitnessSimulator(ThreadingHTTPServer):
    """A witness whose memory tests can reach, and that can be made to wait before it answers."""

    disable_nagle_algorithm = True

    def __init__(self) -> None:
        self.key: VerifierKey | None = None
        self.last = LastCosigned(0, EMPTY_ROOT)
        self.note = b""
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def policy(self) -> WitnessPolicy:
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return WitnessPolicy(witnesses=(PolicyWitness("w", KEY.verifier_key, url),), quorum="w")

    def submit(self, body: bytes) -> tuple[int, str, bytes]:
        assert self.key is not None
        submission = examine(body, {ORIGIN: [self.key]})
        verdict = submission if isinstance(submission, Rejected) else judge(submission, self.last)
        if isinstance(verdict, Rejected):
            return verdict.status, verdict.content_type, verdict.body
        assert isinstance(verdict, Accepted)
        self.last = LastCosigned(verdict.checkpoint.size, verdict.checkpoint.root)
        self.note = render_note(verdict.note)
        signature = sign_checkpoint(verdict.checkpoint, KEY, timestamp_s=NOW_S)
        return 200, "text/plain; charset=utf-8", render_cosignatures([signature])


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: WitnessSimulator

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.set()
        self.server.may_answer.wait(30)
        self._answer(*self.server.submit(body))

    def do_GET(self) -> None:
        found = self.path == f"/{monitoring_path(ORIGIN)}"
        self._answer(200 if found else 404, "text/plain; charset=utf-8", self.server.note)

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def witness() -> Iterator[WitnessSimulator]:
    server = WitnessSimulator()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, witness: WitnessSimulator) -> Path:
    create_folder(tmp_path / "log", origin=ORIGIN)

    async def read_key() -> None:
        log = FileLog.open(tmp_path / "log")
        witness.key = log.keys[0].verifier_key
        await log.close()

    asyncio.run(read_key())
    return tmp_path / "log"


@pytest.fixture
def opened(folder: Path, witness: WitnessSimulator) -> Callable[[], RecordKeeper]:
    began_s = time.monotonic()

    def now_ms() -> int:  # it goes on: a witness that was late is asked again after a rest
        return NOW_S * 1000 + int((time.monotonic() - began_s) * 1000)

    def make() -> RecordKeeper:
        return RecordKeeper(folder, STANDING, witness.policy, now_ms=now_ms, pooling_s=0.01)

    return make


def test_a_receipt_that_somebody_submits_before_the_log_does_is_no_fork(
    opened: Callable[[], RecordKeeper], witness: WitnessSimulator
) -> None:
    async def scenario() -> None:
        keeper = opened()
        await keeper.begin()
        witness.asked.clear()
        witness.may_answer.clear()
        await keeper.append(outcome(1))
        # The log's round for this entry is on its way; meanwhile another entry is recorded, and its receipt handed out.
        await asyncio.to_thread(witness.asked.wait, 30)
        position = await keeper.append(outcome(2))
        await keeper.log.settled()
        old = witness.last.size
        proof = tuple(consistency_from_tiles(keeper.log.tree, old, position.tree_size))
        stranger = render_add_checkpoint(AddCheckpoint(old, proof, position.checkpoint))
        assert (await asyncio.to_thread(witness.submit, stranger))[0] == 200
        witness.may_answer.set()

        third = await keeper.append(outcome(3))
        await asyncio.wait_for(keeper.covered(third.index), 60)
        assert keeper.publisher.problems == {}
        await keeper.close()

    asyncio.run(scenario())


def test_a_larger_checkpoint_of_our_own_key_that_we_do_not_hold_stops_the_log(
    opened: Callable[[], RecordKeeper], folder: Path, tmp_path: Path
) -> None:
    async def scenario() -> None:
        keeper = opened()
        await keeper.begin()
        await keeper.close()
        old = tmp_path / "old"
        old.mkdir()
        names = ("entries.log", "checkpoint")
        for name in names:
            (old / name).write_bytes((folder / name).read_bytes())
        keeper = opened()
        await keeper.begin()
        await keeper.close()
        for name in names:
            (folder / name).write_bytes((old / name).read_bytes())
        (folder / "tree" / "synced").unlink()

        keeper = opened()
        with pytest.raises(StorageError, match="do not continue"):
            await keeper.begin()
        with pytest.raises(StorageError, match="do not continue"):
            await keeper.append(outcome(9))
        await keeper.close()

    asyncio.run(scenario())


def test_tree_files_that_were_altered_are_never_signed_nor_proved_from(
    opened: Callable[[], RecordKeeper], folder: Path
) -> None:
    async def scenario() -> None:
        keeper = opened()
        await keeper.begin()
        position = await keeper.append(outcome(1))
        await asyncio.wait_for(keeper.covered(position.index), 60)
        assert keeper.proof(position.index) is not None
        published = keeper.checkpoint

        level = folder / "tree" / "level-0"
        hashes = bytearray(level.read_bytes())
        hashes[40] ^= 1
        level.write_bytes(hashes)

        with pytest.raises(AlteredTreeError):
            keeper.proof(position.index)
        await keeper.append(outcome(2))
        while not keeper.log.is_refusing:
            await asyncio.sleep(0)
        assert keeper.checkpoint == published
        with pytest.raises(StorageError, match="do not lead to the root"):
            await keeper.append(outcome(3))
        await keeper.close()

    asyncio.run(scenario())


def test_two_checkpoints_are_never_written_at_once_even_at_the_end(
    opened: Callable[[], RecordKeeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, begun, met = threading.Lock(), threading.Event(), threading.Event()

    def held(folder: Path, note: bytes) -> None:
        if not writing.acquire(blocking=False):
            met.set()
            writing.acquire()
        try:
            begun.set()
            met.wait(0.3)  # as a slow disk would, unless somebody else comes to write
            write_checkpoint(folder, note)
        finally:
            writing.release()

    async def scenario() -> None:
        keeper = opened()
        await keeper.begin()
        monkeypatch.setattr(publisher, "write_checkpoint", held)
        await keeper.append(outcome(1))
        assert await asyncio.to_thread(begun.wait, 60)
        await keeper.close()
        assert not met.is_set()
        assert keeper.publisher.published is not None
        assert keeper.publisher.published.checkpoint.size == keeper.log.size

    asyncio.run(scenario())


def test_a_checkpoint_signed_by_a_stranger_stops_nothing(
    opened: Callable[[], RecordKeeper], witness: WitnessSimulator
) -> None:
    async def scenario() -> None:
        keeper = opened()
        await keeper.begin()
        await keeper.append(outcome(1))
        stranger = SigningKey(ORIGIN, SignatureType.ED25519, b"s" * 32)
        later = keeper.publisher.published
        assert later is not None
        lie = later.checkpoint._replace(size=1000)
        witness.last = LastCosigned(1000, b"r" * 32)
        witness.note = render_note(Note(render_checkpoint(lie), (sign_checkpoint(lie, stranger),)))

        await keeper.append(outcome(2))
        while keeper.publisher.problems != {"w": "409 1000"}:
            await asyncio.sleep(0.01)
        await keeper.append(outcome(3))
        assert not keeper.log.is_refusing
        await keeper.close()

    asyncio.run(scenario())
