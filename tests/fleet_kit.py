"""A gateway's state of its fleet, kept in step with others': that part of a gateway, without the rest."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.compose.fleet_sharing import FleetSharing, Pace, fleet_sharing, monotonic_ms
from bouclier.fleet.adapters.server_address import ServerAddress
from bouclier.fleet.book import FleetBook
from bouclier.fleet.book_model import Announcement, DeploymentSettings, FleetSettings, Outcome, Standing, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

PACE = Pace(beat_ms=50, busy_ms=20, lease_ms=800, longest_pause_ms=200, wait_ms=20_000)
DEPLOYMENTS = {"echo": "lyon", "mistral": "lyon", "other": "nice"}
_CHILD = Path(__file__).with_name("integration") / "fleet_child.py"
_LONG_MS = 3_600_000


@dataclass
class Fleet:
    """One gateway's."""

    book: FleetBook
    sharing: FleetSharing
    freed: list[str] = field(default_factory=list)

    def begin(self, name: str, exchange: str) -> bool:
        now = monotonic_ms()
        return self.book.begin(name, exchange, now_ms=now, deadline_ms=now + _LONG_MS)

    def end(self, name: str, exchange: str, outcome: Outcome = Outcome.SERVED) -> None:
        self.book.end(name, exchange, now_ms=monotonic_ms(), outcome=outcome)

    def state(self, name: str) -> State:
        return self.book.state(name, now_ms=monotonic_ms())

    async def drain(self, site: str, *deployments: str, for_ms: int | None = None) -> bool | None:
        return await self.say(Announcement(site, deployments, Standing.DRAINING, {}, for_ms, f"operations@{site}"))

    async def join(self, site: str, **slots: int) -> bool | None:
        return await self.say(Announcement(site, (), Standing.JOINED, slots, None, f"operations@{site}"))

    async def say(self, announcement: Announcement) -> bool | None:
        return await self.sharing.announce(announcement)

    @property
    def health(self) -> dict[str, Any]:
        return self.sharing.health()


def sites_of(deployments: Mapping[str, str]) -> dict[str, list[str]]:
    """Return names of deployments by site."""
    return {site: [name for name, at in deployments.items() if at == site] for site in set(deployments.values())}


def book_of(deployments: Mapping[str, str], *, slots: int | None = None) -> FleetBook:
    """Return a book of deployments, given as sites by name."""
    return FleetBook({name: DeploymentSettings(site, slots) for name, site in deployments.items()}, FleetSettings())


@asynccontextmanager
async def fleet(
    data: Path,
    host: Path | str | None = None,
    deployments: Mapping[str, str] | None = None,
    *,
    user: str = "bouclier",
    password_file: Path | None = None,
    pace: Pace = PACE,
) -> AsyncIterator[Fleet]:
    """Keep one gateway's fleet in step; `host` is the folder of a PostgreSQL's socket, None for a gateway alone."""
    deployments = deployments if deployments is not None else DEPLOYMENTS
    book, freed = book_of(deployments), list[str]()
    address = None if host is None else ServerAddress(str(host), 5432, user, "bouclier", password_file)
    await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True)
    async with fleet_sharing(
        book, sites_of(deployments), data=data, address=address, on_free=freed.extend, pace=pace
    ) as sharing:
        yield Fleet(book, sharing, freed)


async def eventually(is_so: Callable[[], object], *, within_s: float = 60) -> float:
    """Wait until something is so, and return how long it took; AssertionError if it takes too long."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, "it never was so"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


class FleetProcess:
    """A fleet in a process of its own."""

    def __init__(self, data: Path, host: Path, password_file: Path, *, skew_ms: int = 0) -> None:
        data.mkdir(parents=True, exist_ok=True)
        given = {
            "data": str(data),
            "host": str(host),
            "password_file": str(password_file),
            "deployments": DEPLOYMENTS,
            "skew_ms": skew_ms,
        }
        self.process = subprocess.Popen(
            [sys.executable, str(_CHILD), json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(_CHILD.parents[2])},
        )
        assert self._answer() == "ready"

    def do(self, what: str, **told: object) -> Any:
        """Have it do something, and return what it answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **told}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End it, and wait for that."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        self.process.wait(timeout=20)

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())
