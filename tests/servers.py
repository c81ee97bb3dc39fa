"""Start and stop the real processes tests need: `bouclier serve` and a deployment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bouclier.oversight.adapters.log_reader import read_entries
from tests.asking import eventually

if TYPE_CHECKING:
    from types import TracebackType

UPSTREAM = Path(__file__).with_name("upstream.py")


class Deployment:
    """A deployment in a process of its own; `seen()` is what it received."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "received.jsonl"
        self.record.touch()
        self.process = subprocess.Popen(
            [sys.executable, str(UPSTREAM), str(self.record)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def seen(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def text_seen(self) -> str:
        return json.dumps([one["body"] for one in self.seen()], ensure_ascii=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass
class Served:
    """A running `bouclier serve`."""

    process: subprocess.Popen[str]
    url: str
    key: str
    data: Path
    stderr: Path
    lines: list[str] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"{self.url}v1"

    def said(self) -> str:
        return self.stderr.read_text()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOUCLIER_")}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


def serve(
    folder: Path,
    *,
    config: str,
    data: Path | None = None,
    keys: Path | None = None,
    wrapper: tuple[str, ...] = (),
    **env: str,
) -> Served:
    """Start `bouclier serve` and wait until it says where it listens; `keys` is what `shared` names, if anything."""
    file = folder / "bouclier.yaml"
    file.write_text(config, encoding="utf-8")
    data = data if data is not None else folder / "data"
    stderr = folder / "stderr.txt"
    with stderr.open("ab") as said:
        process = subprocess.Popen(
            [
                *wrapper,
                sys.executable,
                "-m",
                "bouclier",
                "serve",
                "--config",
                str(file),
                "--data",
                str(data),
                "--port",
                "0",
            ],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=environment(**env),
        )
    assert process.stdout is not None
    address = process.stdout.readline()
    if not address:
        process.wait(timeout=20)
        process.stdout.close()
        raise RuntimeError(stderr.read_text())
    url = address.split(" ", 1)[1].strip()
    # A process in a mount namespace of its own sees other files than we do at the same path.
    seen = Path(f"/proc/{process.pid}/root{data}") if wrapper else data
    key_file = (keys or seen) / "terminal.key"
    served = Served(process=process, url=url, key=key_file.read_text().strip(), data=seen, stderr=stderr)
    served.lines.append(address)
    return served


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a bouclier command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bouclier", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(**env),
    )


def exported(data: Path) -> list[dict[str, Any]]:
    """Return the entries of a data folder's log."""
    export = run("log", "export", "--data", str(data))
    assert export.returncode == 0, export.stderr
    return [json.loads(line)["entry"] for line in export.stdout.splitlines()]


def concluded(data: Path) -> list[dict[str, Any]]:
    """Return the entries of a data folder's log once every exchange that was sent somewhere has its outcome.

    An outcome is recorded after its answer was handed over: whoever has the answer may come before it.
    """

    def seen() -> list[dict[str, Any]]:
        entries = [json.loads(one.entry) for one in read_entries(data / "log")]
        sent = {index for index, entry in enumerate(entries) if entry["kind"] == "decision" and entry["chosen"]}
        over = {entry["decision_index"] for entry in entries if entry["kind"] == "outcome"}
        return entries if sent <= over else []

    return eventually(seen, "an outcome for each decision")


def vkey_of(data: Path) -> str:
    """Return the public key of a data folder's log, as one writes it in a policy."""
    shown = run("log", "show", "--data", str(data))
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.splitlines()[0].removeprefix("log ")
