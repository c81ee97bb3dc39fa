"""A gateway's fleet in a process of its own, without HTTP: it does what each line on its standard input says.

Its argument is JSON: `data`, `host`, `password_file`, `deployments` ({name: site}), `skew_ms` (by how much both its
clocks are wrong). Each line is JSON with `do`; each answer is a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.fleet_kit import PACE, fleet


def skew(ms: int) -> None:
    """Make this process's clocks wrong: the one of the wall, and the one that counts from some start, never below 0."""
    wall, counting = time.time_ns, time.monotonic_ns
    time.time_ns = lambda: wall() + ms * 1_000_000
    time.monotonic_ns = lambda: counting() + abs(ms) * 1_000_000


async def main(given: dict[str, Any]) -> None:
    deployments = given["deployments"]
    async with fleet(
        Path(given["data"]), given["host"], deployments, password_file=Path(given["password_file"]), pace=PACE
    ) as one:
        loop = asyncio.get_running_loop()
        print(json.dumps("ready"), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            told = json.loads(line)
            match told.pop("do"):
                case "begin":
                    answer: Any = one.begin(told["name"], told["exchange"])
                case "drain":
                    answer = await one.drain(told["site"], for_ms=told["for_ms"])
                case "state":
                    state = one.state(told["name"])
                    answer = {"word": state.word, "elsewhere": state.elsewhere, "in_flight": state.in_flight}
                case other:
                    raise ValueError(other)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    if wanted["skew_ms"]:
        skew(wanted["skew_ms"])
    asyncio.run(main(wanted))
