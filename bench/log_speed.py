"""What the record costs: durable, signed and witnessed entries a second, and how long each step takes.

    python -m bench.log_speed [--seconds N] [--entries N] [--rows disk,rate,quiet,curve,fsck,receipt,replay]

Witnesses are real `bouclier witness serve` processes, asked over HTTP on loopback; the log is in `--folder`, on a real
disk. The limit beside each figure is the disk's own: the same bytes appended and synchronised by a bare loop in the
same run. Load stays on this machine, and stops by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import uvloop
from tests.log_kit import recorded

from bouclier.compose.replaying import replayer_from
from bouclier.oversight import (
    Candidate,
    DecisionEntry,
    OutcomeEntry,
    Standing,
    parse_receipt,
    receipt_of,
    render_entry,
    verify_receipt,
)
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_check import fsck
from bouclier.oversight.adapters.log_folder import create_folder
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.oversight.entries_model import CandidateLoad, Law, PlacementWeights
from bouclier.oversight.monitor import Bounds, LogWatch, WatchSettings
from bouclier.terms.law import LawStamp
from bouclier.tlog import WitnessPolicy, parse_policy, render_vkey

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).resolve().parent / "results"
ORIGIN = "log.example.fr/bench"
STAMP = LawStamp(charter="11" * 32, orders="33" * 32, root=1, timestamp=1, registry="22" * 32)
LAW = Law(
    charter=STAMP.charter,
    orders=STAMP.orders,
    registry=STAMP.registry,
    root=STAMP.root,
    timestamp=STAMP.timestamp,
)
STANDING = Standing(law=lambda: STAMP, version="0", policy=None, interval_s=600)


def decision(number: int) -> bytes:
    """A decision on two deployments, as a town hall's gateway records them: 1.9 kB, no two alike."""
    digits = f"{number:032x}"
    candidates = tuple(
        Candidate(
            capabilities=(),
            carbon_mg=None,
            contested=(),
            control=("FR",),
            country="FR",
            deployment=f"site-{place}",
            duties=("pseudonymise",),
            evaluations=(),
            foreign_laws=(),
            load=CandidateLoad(in_flight=number % 7, slots=8, wait_ms=40 * (number % 7), warm=False),
            known=True,
            model="qwen2.5-7b",
            openness="open",
            operator="ovhcloud",
            own=False,
            permitted=True,
            policies=("elsewhere-pseudonymised",),
            price_ueur=None,
            qualifications=(),
            service="",
            site="fr-gra",
        )
        for place in range(2)
    )
    return render_entry(
        DecisionEntry(
            budget="within",
            candidates=candidates,
            capabilities=(),
            chosen="site-0",
            considered=2,
            data_class="personal",
            day=20260921,
            declared=None,
            exchange=digits,
            findings={"PERSON": 2, "PHONE": 1},
            labels=(),
            law=LAW,
            markings=(),
            modalities=("text",),
            principal=digits[:16],
            purpose="etat-civil",
            request_commitment=digits + digits,
            review=None,
            role="agent",
            safeguards=(),
            sealed=None,
            signals=(),
            sourced=False,
            spares=("site-1",),
            time=1_790_000_000_000 + number,
            tokens=340,
            tried=(),
            uninspected=0,
            waited_ms=0,
            weights=PlacementWeights(carbon_ms=500, exposure_ms=None, price_ms=0),
        )
    )


def outcome(number: int) -> bytes:
    """What became of it: 0.5 kB."""
    digits = f"{number:032x}"
    return render_entry(
        OutcomeEntry(
            answer_commitment=digits + digits,
            completion_tokens=120,
            decision_index=number,
            ending="complete",
            exchange=digits,
            finish_reasons=("stop",),
            first_token_ms=None,
            footprint=None,
            law=LAW,
            prompt_tokens=340,
            restored=2,
            status=200,
            time=1_790_000_000_000 + number,
        )
    )


def entries(count: int) -> list[bytes]:
    return [decision(number) if number % 2 == 0 else outcome(number) for number in range(count)]


class Witness:
    """A witness in a process of its own."""

    def __init__(self, folder: Path, name: str, log_vkey: str) -> None:
        self.folder, self.name = folder / name, name
        bouclier = [sys.executable, "-m", "bouclier", "witness"]
        subprocess.run(
            [*bouclier, "create", str(self.folder), "--name", f"witness.example/{name}"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        subprocess.run([*bouclier, "add-log", str(self.folder), log_vkey], check=True, stdout=subprocess.DEVNULL)
        shown = subprocess.run(
            [*bouclier, "show", str(self.folder)], check=True, capture_output=True, text=True
        ).stdout.split()
        self.vkey = shown[0]
        self.process = subprocess.Popen(
            [*bouclier, "serve", str(self.folder), "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split(" ")[-1].strip()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(median(values) * 1000, 2),
        "p99_ms": round(percentile(values, 0.99) * 1000, 2),
        "max_ms": round(max(values) * 1000, 2),
    }


def disk(folder: Path, seconds: float) -> dict[str, Any]:
    """The limit: batches of the same bytes appended and synchronised by a bare loop."""
    rows = {}
    for batch in (1, 64, 256, 512):
        data = b"".join(entries(batch))
        descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        took, end = [], time.perf_counter() + seconds / 4
        while time.perf_counter() < end:
            began = time.perf_counter()
            os.write(descriptor, data)
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - began)
        os.close(descriptor)
        rows[f"batch_{batch}"] = {"entries_per_s": round(batch * len(took) / sum(took)), **spread(took)}
    (folder / "bare").unlink()
    return rows


async def rate(folder: Path, policy: WitnessPolicy, seconds: float, *, appenders: int = 512) -> dict[str, Any]:
    """As many appenders as a busy gateway has exchanges, each waiting for its entry to be durable."""
    keeper = RecordKeeper(folder, STANDING, policy, now_ms=lambda: time.time_ns() // 1_000_000)
    await keeper.begin()
    ready = entries(4096)
    durable: list[float] = []
    final: list[float] = []
    end = time.perf_counter() + seconds
    before, began, cpu = keeper.log.size, time.perf_counter(), time.process_time()

    async def appender(first: int) -> None:
        number = first
        while time.perf_counter() < end:
            start = time.perf_counter()
            await keeper.append(ready[number % len(ready)])
            durable.append(time.perf_counter() - start)
            number += appenders

    async def holder() -> None:
        while time.perf_counter() < end:
            start = time.perf_counter()
            position = await keeper.append(ready[0])
            await keeper.covered(position.index)
            final.append(time.perf_counter() - start)

    await asyncio.gather(*(appender(number) for number in range(appenders)), *(holder() for _ in range(8)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    count = keeper.log.size - before
    await keeper.covered(keeper.log.size - 1)
    row = {
        "entries_per_s": round(count / took),
        "cpu_us_per_entry": round(cpu / count * 1e6, 1),
        "durable": spread(durable),
        "final_receipt": spread(final),
        "witnessed_all": keeper.size == keeper.log.size,
    }
    await keeper.close()
    return row


async def quiet(folder: Path, policy: WitnessPolicy, seconds: float) -> dict[str, Any]:
    """One exchange at a time, twenty a second: what recording adds before anything leaves."""
    keeper = RecordKeeper(folder, STANDING, policy, now_ms=lambda: time.time_ns() // 1_000_000)
    await keeper.begin()
    durable, final = [], []
    for number in range(int(seconds * 20)):
        start = time.perf_counter()
        position = await keeper.append(decision(number))
        durable.append(time.perf_counter() - start)
        await keeper.covered(position.index)
        final.append(time.perf_counter() - start)
        await asyncio.sleep(0.05)
    await keeper.close()
    return {"durable": spread(durable), "final_receipt": spread(final)}


async def curve(folder: Path, sizes: list[int]) -> dict[str, Any]:
    """What an entry costs as the log grows, and how long opening it takes; without witnesses, to see the log alone."""
    create_folder(folder, origin=ORIGIN)
    ready = entries(4096)
    rows = {}
    size = 0
    for target in sizes:
        log = FileLog.open(folder)
        while size < target - 20_000:
            await asyncio.gather(
                *(log.append(ready[(size + i) % 4096]) for i in range(min(16_000, target - 20_000 - size)))
            )
            size = log.size
        began, cpu, first = time.perf_counter(), time.process_time(), log.size
        while log.size < target:
            await asyncio.gather(
                *(log.append(ready[(log.size + i) % 4096]) for i in range(min(512, target - log.size)))
            )
        count = log.size - first
        row = {
            "cpu_us_per_entry": round((time.process_time() - cpu) / count * 1e6, 1),
            "entries_per_s": round(count / (time.perf_counter() - began)),
        }
        await log.close()
        began = time.perf_counter()
        log = FileLog.open(folder)
        row["open_ms"] = round((time.perf_counter() - began) * 1000, 1)
        size = log.size
        await log.close()
        rows[str(target)] = row
        print(target, row, flush=True)
    return rows


def check(folder: Path) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    report = fsck(folder)
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    return {
        "entries": report.size,
        "s": round(took, 2),
        "s_per_million_entries": round(cpu / report.size * 1e6, 2),
    }


async def receipts(folder: Path, policy: WitnessPolicy) -> dict[str, Any]:
    keeper = RecordKeeper(folder, STANDING, policy, now_ms=lambda: time.time_ns() // 1_000_000)
    await keeper.begin()
    entry = decision(1)
    position = await keeper.append(entry)
    await keeper.covered(position.index)
    proof = keeper.proof(position.index)
    assert proof is not None
    text = receipt_of(entry, index=proof.index, proof=proof.hashes, checkpoint=proof.checkpoint, salt=bytes(range(32)))
    log_line = f"log {render_vkey(keeper.log.keys[0].verifier_key)}\n"
    await keeper.close()
    witnesses = "".join(f"witness {one.name} {render_vkey(one.key)}\n" for one in policy.witnesses)
    quorum = " ".join(one.name for one in policy.witnesses)
    trusted = parse_policy(f"{log_line}{witnesses}group all all {quorum}\nquorum all\n")
    took = []
    for _ in range(2000):
        began = time.perf_counter()
        verify_receipt(parse_receipt(text), trusted)
        took.append(time.perf_counter() - began)
    return {"verify": spread(took), "bytes": len(text), "tree_size": position.tree_size}


def replay(count: int) -> dict[str, Any]:
    """A monitor's work on entries it has verified: every check, every decision decided again."""
    entries = recorded(count)
    watch = LogWatch("bouclier.local/bench", replayer_from([], []), WatchSettings())
    bounds = Bounds(None, None, 2_000_000_000)
    began, cpu = time.perf_counter(), time.process_time()
    alarms = sum(len(list(watch.feed(entry, bounds))) for entry in entries)
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    return {
        "entries": len(entries),
        "alarms": alarms,
        "entries_per_s": round(len(entries) / took),
        "s_per_million_entries": round(cpu / len(entries) * 1e6),
    }


def measured(options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    rows = options.rows.split(",")
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch, ExitStack() as stack:
        folder = Path(scratch)
        if "disk" in rows:
            yield "disk", disk(folder, options.seconds)
        create_folder(folder / "log", origin=ORIGIN)
        log = FileLog.open(folder / "log")
        vkey = render_vkey(log.keys[0].verifier_key)
        asyncio.run(log.close())
        policy = WitnessPolicy()
        if options.witnesses:
            witnesses = [Witness(folder, f"w{number}", vkey) for number in range(options.witnesses)]
            for witness in witnesses:
                stack.callback(witness.stop)
            lines = "".join(f"witness {one.name} {one.vkey} {one.url}\n" for one in witnesses)
            names = " ".join(one.name for one in witnesses)
            policy = parse_policy(f"{lines}group all all {names}\nquorum all\n")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if "quiet" in rows:
                yield "quiet", runner.run(quiet(folder / "log", policy, options.seconds))
            if "rate" in rows:
                yield "rate", runner.run(rate(folder / "log", policy, options.seconds))
            if "receipt" in rows:
                yield "receipt", runner.run(receipts(folder / "log", policy))
            if "curve" in rows:
                sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= options.entries]
                yield "curve", runner.run(curve(folder / "grown", sizes))
            if "replay" in rows:
                yield "replay", replay(50_000)
            if "fsck" in rows:
                yield "fsck", check(folder / ("grown" if "curve" in rows else "log"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--witnesses", type=int, default=2)
    parser.add_argument("--rows", default="disk,quiet,rate,receipt,curve,fsck,replay")
    parser.add_argument("--folder", type=Path, default=RESULTS.parent / "bin", help="on a real disk")
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    options.folder.mkdir(exist_ok=True)
    results: dict[str, Any] = {"machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"}
    for name, row in measured(options):
        results[name] = row
        print(name, json.dumps(row, indent=1), flush=True)
    (RESULTS / "log_speed.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
