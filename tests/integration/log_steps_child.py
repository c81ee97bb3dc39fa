"""Kill the process that keeps a record before each of its dealings with the disk, and see what is left.

Run by path with a scratch folder. For every step a copy of this process runs the same scene on a fresh log and kills
itself there, really; then the log is opened again, as the next start would. One line of JSON a step says what was
found. Two threads deal with the disk, so that the order of steps varies a little: each run says where it died, and the
runs end with one that came to its end.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

_REAL = {name: getattr(os, name) for name in ("pwrite", "fdatasync", "fsync", "ftruncate", "rename", "replace")}


class Killer:
    """Counts the dealings with the disk, and kills the process before one of them, or in the middle of a write."""

    def __init__(self, at: int | None, *, half: bool) -> None:
        self.at = at
        self.half = half
        self.told = -1
        self.count = 0
        for name in _REAL:
            setattr(os, name, self._wrapped(name))

    def _wrapped(self, name: str) -> Any:
        real = _REAL[name]

        def call(first: Any, *rest: Any, **named: Any) -> Any:
            if self.count == self.at:
                halved = self.half and name == "pwrite"
                if halved:
                    data, offset = rest
                    real(first, bytes(data)[: len(data) // 2], offset)
                where = f"{'in the middle of' if halved else 'before'} {name} {_named(first)}"
                os.write(self.told, f"died {where.replace(' ', '_')}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1
            return real(first, *rest, **named)

        return call


def _named(what: Any) -> str:
    path = Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else Path(what)
    return "the folder" if path.is_dir() else path.name


# The library binds some of these at import, so it comes after.
KILLER = Killer(None, half=False)

from bouclier.oversight import OutcomeEntry, Standing, render_entry  # noqa: E402
from bouclier.oversight.adapters import file_log  # noqa: E402
from bouclier.oversight.adapters.log_check import fsck  # noqa: E402
from bouclier.oversight.adapters.log_folder import create_folder, read_signing_keys  # noqa: E402
from bouclier.oversight.adapters.log_reader import read_entries  # noqa: E402
from bouclier.oversight.adapters.record_keeper import RecordKeeper  # noqa: E402
from bouclier.oversight.entries_model import Law  # noqa: E402
from bouclier.terms.law import LawStamp  # noqa: E402
from bouclier.tlog import (  # noqa: E402
    EMPTY_ROOT,
    PolicyWitness,
    SignatureType,
    SigningKey,
    VerifierKey,
    WitnessPolicy,
    root_of,
    sign_checkpoint,
)
from bouclier.tlog.witness import (  # noqa: E402
    Accepted,
    LastCosigned,
    Rejected,
    examine,
    judge,
    render_cosignatures,
)

ORIGIN = "log.example.fr/steps"
STAMP = LawStamp(charter="11" * 32, orders="33" * 32, root=1, timestamp=1, registry="22" * 32)
STANDING = Standing(version="1", law=lambda: STAMP, policy=None, interval_s=600)
WITNESS = SigningKey("witness.example/steps", SignatureType.COSIGNATURE, b"w" * 32)


class WitnessSimulator(ThreadingHTTPServer):
    """A witness over HTTP that remembers in memory: it outlives the process that is killed."""

    def __init__(self, key: VerifierKey) -> None:
        self.logs = {ORIGIN: [key]}
        self.last = LastCosigned(0, EMPTY_ROOT)
        super().__init__(("127.0.0.1", 0), _Answer)
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """The caller is killed in the middle: that is what the test is about."""

    def answer(self, body: bytes) -> tuple[int, str, bytes]:
        submission = examine(body, self.logs)
        verdict = submission if isinstance(submission, Rejected) else judge(submission, self.last)
        if isinstance(verdict, Rejected):
            return verdict.status, verdict.content_type, verdict.body
        assert isinstance(verdict, Accepted)
        self.last = LastCosigned(verdict.checkpoint.size, verdict.checkpoint.root)
        signature = sign_checkpoint(verdict.checkpoint, WITNESS, timestamp_s=1_790_000_000)
        return 200, "text/plain; charset=utf-8", render_cosignatures([signature])


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WitnessSimulator
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        status, content_type, body = self.server.answer(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def outcome(number: int) -> bytes:
    return render_entry(
        OutcomeEntry(
            answer_commitment="ab" * 32,
            completion_tokens=number,
            decision_index=0,
            ending="complete",
            exchange=f"{number:032x}",
            finish_reasons=(),
            first_token_ms=None,
            footprint=None,
            law=Law(
                charter=STAMP.charter,
                orders=STAMP.orders,
                registry=STAMP.registry,
                root=STAMP.root,
                timestamp=STAMP.timestamp,
            ),
            prompt_tokens=None,
            restored=0,
            status=200,
            time=1_790_000_000_000,
        )
    )


def kept(folder: Path, url: str) -> RecordKeeper:
    policy = WitnessPolicy(witnesses=(PolicyWitness("w", WITNESS.verifier_key, url),), quorum="w")
    return RecordKeeper(folder, STANDING, policy, now_ms=lambda: 1_790_000_000_000, pooling_s=0.001)


async def scene(folder: Path, url: str, told: int) -> None:
    """Three batches, each published; what callers are told goes down a pipe, line by line."""
    keeper = kept(folder, url)
    await keeper.begin()
    for batch in range(3):
        numbers = range(batch * 3, batch * 3 + 3)
        positions = await asyncio.gather(*(keeper.append(outcome(number)) for number in numbers))
        for position in positions:
            os.write(told, f"durable {position.index} {position.leaf_hash.hex()}\n".encode())
        published = await keeper.publisher.covered(positions[-1].index + 1)
        os.write(told, f"shown {published.checkpoint.size} {published.checkpoint.root.hex()}\n".encode())
    await keeper.close()


def run(folder: Path, url: str, *, at: int, half: bool) -> list[list[str]]:
    """Run the scene in a process of its own, up to its death or its end; return what its callers were told."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        file_log.MARK_EVERY_ENTRIES = 4  # type: ignore[misc]
        KILLER.count, KILLER.at, KILLER.half, KILLER.told = 0, at, half, writing
        asyncio.run(scene(folder, url, writing))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "r") as pipe:
        told = [line.split() for line in pipe]
    _, status = os.waitpid(child, 0)
    died = any(words[0] == "died" for words in told)
    assert os.waitstatus_to_exitcode(status) == (-signal.SIGKILL if died else 0), (at, status)
    return told


async def afterwards(folder: Path, url: str, told: list[list[str]]) -> dict[str, Any]:
    """Open the log as the next start would; return what does not hold."""
    wrong: list[str] = []
    keeper = kept(folder, url)
    found = [one.leaf_hash for one in read_entries(folder)]
    if keeper.log.root != root_of(found):
        wrong.append("root")
    reports = [words for words in told if words[0] != "died"]
    for kind, number, digest in reports:
        if kind == "durable" and (int(number) >= len(found) or found[int(number)].hex() != digest):
            wrong.append(f"lost entry {number}")
        if kind == "shown" and (int(number) > len(found) or root_of(found[: int(number)]).hex() != digest):
            wrong.append(f"shown tree {number} is not ours")
    shown = max((int(number) for kind, number, _ in reports if kind == "shown"), default=0)
    if keeper.size < shown:
        wrong.append("published less than was shown")
    await keeper.begin()
    position = await keeper.append(outcome(99))
    await asyncio.wait_for(keeper.publisher.covered(position.index + 1), 20)
    await keeper.close()
    report = fsck(folder)
    if keeper.publisher.problems:
        wrong.append(f"witness: {keeper.publisher.problems}")
    return {"wrong": wrong, "size": report.size, "published": report.published, "found": len(found)}


def main() -> None:
    scratch = Path(sys.argv[1])
    template = scratch / "template"
    create_folder(template, origin=ORIGIN)
    key = read_signing_keys(template, ORIGIN)[0].verifier_key
    at, half, step = 0, False, "before"
    while step != "none":
        folder = scratch / f"at-{at}-{half}"
        folder.mkdir()
        for name in ("entries.log", "log.key", "signing.key", "public.keys"):
            (folder / name).write_bytes((template / name).read_bytes())
        witness = WitnessSimulator(key)
        url = f"http://127.0.0.1:{witness.server_address[1]}"
        told = run(folder, url, at=at, half=half)
        found = asyncio.run(afterwards(folder, url, told))
        step = next((words[1].replace("_", " ") for words in told if words[0] == "died"), "none")
        print(json.dumps({"step": step, "told": len(told), **found}), flush=True)
        witness.shutdown()
        witness.server_close()
        half = step.startswith("before pwrite")
        at += not half


if __name__ == "__main__":
    main()
