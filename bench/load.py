"""What a request and a streamed event cost in CPU, beside the bare pass-through, on this machine.

    python bench/load.py [--kit DIR] [--seconds N] [--rows bare,raw,warm,cold]

The kit (C mock upstream and load generator, harness that reads CPU time) is beside the repository, in `shared/bench`;
its README explains how to read the figures. The system under test is pinned on core 0, upstream and load on core 1.
Everything of Bouclier is on but the recognition of names: keys, detection, class, charter, cloaking, the log with its
fsync, restoration, accounting. `warm` sees the same messages again, as a conversation does; `cold` remembers none.
Load goes to loopback only, and stops by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = REPOSITORY / "bench" / "bin"
RESULTS = REPOSITORY / "bench" / "results"
BARE = {"bare": "aiohttp", "raw": "raw"}
CONFIG = """
deployments:
  - {{name: mock, base_url: 'http://127.0.0.1:9001/v1', model: mock, operator: ovhcloud, site: fr-gra}}
  - {{name: mockp, base_url: 'http://127.0.0.1:9002/v1', model: mock, operator: ovhcloud, site: fr-gra}}
engine: {{model: off}}
shield: {{names: off, cache_entries: {cache_entries}}}
"""


def main() -> None:
    options = _options()
    BIN.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    kit: Path = options.kit
    subprocess.run(["bash", str(kit / "build.sh"), str(BIN)], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.jsonl"
        environment = {
            **os.environ,
            "BENCH_BIN": str(BIN),
            "BENCH_RESULTS": str(results),
            "PYTHON": sys.executable,
            "DUR": str(options.seconds),
            "STREAMS": str(options.streams),
        }
        upstreams = subprocess.run(
            ["bash", str(kit / "up.sh"), str(BIN)], check=True, capture_output=True, text=True
        ).stdout.split()
        try:
            for row in options.rows.split(","):
                if row in BARE:
                    _bare(row, kit, environment, Path(scratch))
                else:
                    _bouclier(row, kit, environment, Path(scratch), options)
        finally:
            for pid in upstreams:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
        rows = [json.loads(line) for line in results.read_text().splitlines()]
    (RESULTS / "load.json").write_text(json.dumps(rows, indent=1) + "\n")
    _print(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kit", type=Path, default=REPOSITORY.parent / "shared" / "bench")
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--rows", default="bare,raw,warm,cold")
    options = parser.parse_args()
    if not (options.kit / "harness.py").exists():
        parser.error(f"no load kit in {options.kit}: give --kit DIR")
    return options


def _bare(row: str, kit: Path, environment: dict[str, str], scratch: Path) -> None:
    # The script's last act is to wait for what it has ended, so its exit code says nothing.
    subprocess.run(
        ["bash", str(kit / "baseline.sh"), f"bare uvicorn+{BARE[row]}", "uvicorn", BARE[row], "none"],
        check=False,
        cwd=scratch,
        env=environment,
    )


def _bouclier(row: str, kit: Path, environment: dict[str, str], scratch: Path, options: argparse.Namespace) -> None:
    config = scratch / f"{row}.yaml"
    config.write_text(CONFIG.format(cache_entries=4096 if row == "warm" else 1))
    data = scratch / f"data-{row}"
    paced_body = scratch / "paced.json"
    paced_body.write_text((kit / "body_stream.json").read_text().replace('"model": "mock"', '"model": "mockp"'))
    arguments = ["--config", str(config), "--data", str(data), "--port", "9401"]
    command = [sys.executable, "-m", "bouclier", "serve", *arguments]
    process = subprocess.Popen(["taskset", "-c", "0", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Bouclier:")
        key = (data / "terminal.key").read_text().strip()
        harness = [
            sys.executable, str(kit / "harness.py"), f"bouclier {row}", "9401", "--pid", str(process.pid),
            "-H", f"authorization: Bearer {key}", "--paced-port", "9401", "--psbody", str(paced_body),
            "--modes", "ns,burst,paced", "--dur", str(options.seconds), "--streams", str(options.streams),
        ]  # fmt: skip
        subprocess.run(harness, check=True, cwd=scratch, env=environment)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _print(rows: list[dict[str, dict[str, float] | float | str]]) -> None:
    heads = ("ms/request", "µs/event burst", "µs/event paced", "MB idle", "MB load", "ttft p99 ms")
    print(f"\n{'':24}" + "".join(f"{head:>16}" for head in heads))
    for row in rows:
        plain, burst, paced = row["ns"], row["burst"], row["paced"]
        assert isinstance(plain, dict)
        assert isinstance(burst, dict)
        assert isinstance(paced, dict)
        values = (
            f"{plain['cpu_ms_per_req']:.3f}",
            f"{burst['us_per_event']:.1f}",
            f"{paced['us_per_event']:.1f}",
            row["pss_idle_mb"],
            row["pss_load_mb"],
            paced.get("ttft_p99_ms", 0),
        )
        print(f"{row['name']!s:24}" + "".join(f"{value!s:>16}" for value in values))


if __name__ == "__main__":
    main()
