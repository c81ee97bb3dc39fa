"""Keeping a gateway's `FleetBook` in step with the other gateways', and with what operators announce.

What this gateway knows is told and what the others know is heard in a task of its own: no exchange ever waits for it.
Every half second while nothing runs anywhere; ten times a second while something does, because what is not known yet of
the others' exchanges is slots filled twice (`bench/fleet`: three gateways). Rules kept here:
  * an announcement is in the data folder before it counts, and counts here before the others are told;
  * what could not be told is told as soon as that is possible again, with its age: a later word of another counts;
  * when the database does not answer, the gateway goes on alone with what it knows, says so in `/health`, and asks
    again after a pause that doubles up to ten seconds. What the others told ends with its lease;
  * of what is heard, sites and deployments that this gateway does not have are another's business.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bouclier.fleet.adapters.share_file import AnnouncementFile
from bouclier.fleet.book_model import Announcement, Shared, Standing
from bouclier.fleet.sharing import SharingError, announcement_of, lines_of, merged
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from bouclier.fleet.adapters.server_address import ServerAddress
    from bouclier.fleet.book import FleetBook, Names
    from bouclier.fleet.ports import FleetShare
    from bouclier.fleet.sharing import Line

_log = logging.getLogger("bouclier.compose")
_STOP_S: Final = 1.0
_GONE: Final = Shared({}, lease_ms=0)


def monotonic_ms() -> int:
    """Return milliseconds of this machine's monotonic clock."""
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How often gateways speak.

    Attributes:
        beat_ms: Between two times; an announcement is heard at once if the database can wake others, else by then.
        busy_ms: Between two times while a gateway has exchanges; announcements are not asked for each time.
        lease_ms: How long what was told counts when nothing follows.
        longest_pause_ms: Between two attempts when the database does not answer.
        wait_ms: How long whoever announces waits to know whether the others were told.
    """

    beat_ms: int = 500
    busy_ms: int = 100
    lease_ms: int = 3_000
    longest_pause_ms: int = 10_000
    wait_ms: int = 2_500


class FleetSharing:
    """What one gateway tells and hears, and the announcements that hold for it."""

    def __init__(
        self,
        book: FleetBook,
        file: AnnouncementFile,
        sites: Mapping[str, Collection[str]],
        *,
        on_free: Callable[[Names], None],
        pace: Pace | None = None,
        clock_ms: Callable[[], int] = monotonic_ms,
    ) -> None:
        """Take what is kept in step.

        Args:
            book: This gateway's state of its deployments.
            file: Where announcements outlive a restart.
            sites: Names of this gateway's deployments by site: all that may be announced.
            on_free: Told which deployments can take an exchange since something was heard.
            pace: How often gateways speak.
            clock_ms: The clock of the book.
        """
        self._book = book
        self._file = file
        self._sites = sites
        self._on_free = on_free
        self._pace = pace or Pace()
        self._clock_ms = clock_ms
        self._lines: tuple[Line, ...] = ()
        self._lines_at = clock_ms()
        self._applied: dict[tuple[str, str], str] = {}
        self._untold: dict[tuple[str, str], str] = {}
        self._writing = asyncio.Lock()
        self._told = asyncio.Event()
        self._woken = asyncio.Event()
        self._share: FleetShare | None = None
        self._others: frozenset[str] = frozenset()
        self._busy: frozenset[str] = frozenset()
        self._said: Shared | None = None
        self._others_run = False
        self._full_beat_ms: int | None = None
        self._is_broken = False
        self._is_stopping = False
        self._trouble: SharingError | None = None
        self._alone_since: datetime | None = None

    def wake(self) -> None:
        """Speak and listen now rather than at the next beat: another gateway announced something."""
        self._full_beat_ms = None
        self._woken.set()

    async def begin(self, share: FleetShare | None) -> None:
        """Let what was announced before a restart count again; nothing is asked of others yet.

        Args:
            share: Where the other gateways are met; None for a gateway alone.
        """
        self._share = share
        if share is not None:
            self._alone_since = _now()
        try:
            lines = await asyncio.to_thread(self._file.read)
        except SharingError as error:
            # Not law: a drain that is forgotten sends exchanges to a site that would rather have none.
            _log.warning("what operators announced before is forgotten: %s", error.message)
            return
        self._take(lines)
        if share is not None:
            self._untold = {line.place: line.id for line in self._lines}

    async def announce(self, announcement: Announcement) -> bool | None:
        """Let an announcement count here, from now on and after a restart, and tell the others.

        Returns:
            Whether the others were told yet; None where there are none.

        Raises:
            StorageError: It cannot be kept; it does not count.
        """
        lines = lines_of(announcement, os.urandom(16).hex())
        async with self._writing:
            # A crash after the file is written and before the answer: it counts after the restart, and is told then.
            await asyncio.to_thread(self._file.write, merged(self.announced(), lines))
            self._take(merged(self.announced(), lines))
        if self._share is None:
            return None
        self._untold |= {line.place: line.id for line in lines}
        self._told.clear()
        self._woken.set()
        try:
            async with asyncio.timeout(self._pace.wait_ms / 1000):
                await self._told.wait()
        except TimeoutError:
            return False
        return True

    def announced(self) -> tuple[Line, ...]:
        """Return the announcements that hold now, in the order in which they were said."""
        gone_ms = self._clock_ms() - self._lines_at
        return tuple(line for line in (one.later(gone_ms) for one in self._lines) if line.for_ms != 0)

    def health(self) -> dict[str, object]:
        """Return what `/health` says: whether gateways share; if not, since when and why."""
        if self._share is None:
            return {"shared": None}
        if self._alone_since is None:
            return {"shared": True, "gateways": len(self._others) + 1}
        why = "starting" if self._trouble is None else self._trouble.trouble.value
        why = "defect" if self._is_broken else why
        detail = "" if self._trouble is None else self._trouble.detail
        return {"shared": False, "since": f"{self._alone_since:%Y-%m-%dT%H:%M:%SZ}", "why": why, "detail": detail}

    async def run(self) -> None:
        """Tell and hear until stopped."""
        pause_ms = self._pace.beat_ms
        while not self._is_stopping:
            self._take(self.announced())  # what ended since the last time counts no more
            try:
                if self._share is not None:
                    await self._beat(self._share)
                pause_ms = self._pace.busy_ms if self._is_busy() else self._pace.beat_ms
                self._is_shared()
            except SharingError as error:
                self._full_beat_ms = None
                pause_ms = min(max(pause_ms, self._pace.beat_ms) * 2, self._pace.longest_pause_ms)
                self._is_alone(error)
            await self._rest(pause_ms)

    def stop(self) -> None:
        """Let `run` end after what is under way."""
        self._is_stopping = True
        self._woken.set()

    def ended(self, task: asyncio.Task[None]) -> None:
        """Say that sharing ended, if it did so by a defect: `/health` shows it from then on."""
        if not task.cancelled() and task.exception() is not None:
            _log.error("sharing between gateways ended by a defect: %s", type(task.exception()).__name__)
            self._is_broken = True
            self._alone_since = self._alone_since or _now()

    async def _beat(self, share: FleetShare) -> None:
        untold = dict(self._untold)
        lines = [line for line in self.announced() if untold.get(line.place) == line.id]
        if lines:
            await share.announce(lines)
        # Those whose end has come are told to nobody. Those that were announced meanwhile are told the next time.
        self._untold = {place: one for place, one in self._untold.items() if untold.get(place) != one}
        if not self._untold:
            self._told.set()
        now = self._clock_ms()
        is_full = bool(lines) or self._full_beat_ms is None or now - self._full_beat_ms >= self._pace.beat_ms
        said = replace(self._book.shared(now_ms=now), lease_ms=self._pace.lease_ms)
        # Durations get shorter by themselves: what is told of them is told again with the next full beat.
        if is_full or self._said is None or _gist(said) != _gist(self._said):
            await share.publish(said)
            self._said = said
        await self._hear(await share.heard())
        if is_full:
            # Before the answer: whoever wakes us meanwhile has another one asked for.
            self._full_beat_ms = now
            await self._hear_announced(share)

    def _is_busy(self) -> bool:
        return self._others_run or (self._said is not None and _runs(self._said))

    async def _hear_announced(self, share: FleetShare) -> None:
        announced = await share.announced()
        # What was announced here while the database was asked is not in its answer.
        own = [line for line in self.announced() if self._untold.get(line.place) == line.id]
        if self._take(merged(announced, own)):
            await self._keep()

    async def _hear(self, heard: Mapping[str, Shared]) -> None:
        """Take note of what the others told; one that is not heard any more has nothing anywhere."""
        free: set[str] = set()
        busy = frozenset(gateway for gateway, shared in heard.items() if shared.deployments)
        self._others_run = any(map(_runs, heard.values()))
        for gateway in busy | self._busy:
            free.update(self._book.hear(gateway, heard.get(gateway, _GONE), now_ms=self._clock_ms()))
            await asyncio.sleep(0)  # a millisecond for each, with hundreds of deployments: exchanges go between
        self._others, self._busy = frozenset(heard), busy
        if free:
            self._on_free(tuple(sorted(free)))

    def _take(self, lines: Iterable[Line]) -> bool:
        """Let these announcements count, and no others; tell whether they are not those that counted before."""
        now = self._clock_ms()
        self._lines, self._lines_at = tuple(line for line in lines if self._is_ours(line)), now
        counting = {line.place: line.id for line in self.announced()}
        if counting == self._applied:
            return False
        free: set[str] = set()
        for site, deployment in self._applied.keys() - counting.keys():
            taken_back = Announcement(site, (deployment,) if deployment else (), Standing.JOINED, for_ms=0)
            free.update(self._book.announce(taken_back, now_ms=now))
        # All of them, in order: where a later word ended, an earlier one on the whole site holds again.
        for line in self.announced():
            free.update(self._book.announce(announcement_of(line), now_ms=now))
        self._applied = counting
        if free:
            self._on_free(tuple(sorted(free)))
        return True

    def _is_ours(self, line: Line) -> bool:
        names = self._sites.get(line.site)
        return names is not None and (not line.deployment or line.deployment in names)

    async def _keep(self) -> None:
        try:
            async with self._writing:
                await asyncio.to_thread(self._file.write, self.announced())
        except StorageError as error:
            _log.warning("%s", error.message)

    def _is_shared(self) -> None:
        if self._share is not None and self._alone_since is not None:
            _log.info("gateways share what they know")
            self._trouble = self._alone_since = None

    def _is_alone(self, error: SharingError) -> None:
        if self._alone_since is None or self._trouble is None:
            _log.warning("%s", error.message)
        self._alone_since = self._alone_since or _now()
        self._trouble = error

    async def _rest(self, pause_ms: int) -> None:
        try:
            async with asyncio.timeout(pause_ms / 1000):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()


@asynccontextmanager
async def fleet_sharing(
    book: FleetBook,
    sites: Mapping[str, Collection[str]],
    *,
    data: Path,
    address: ServerAddress | None,
    on_free: Callable[[Names], None],
    pace: Pace | None = None,
) -> AsyncIterator[FleetSharing]:
    """Keep a book in step for as long as a gateway runs; at the end, take back what it told the others.

    Args:
        book: The gateway's state of its deployments.
        sites: Names of its deployments by site.
        data: Its data folder.
        address: Where the gateways of the institution meet; None for a gateway alone.
        on_free: Told which deployments can take an exchange since something was heard.
        pace: How often gateways speak.

    Raises:
        ConfigurationError: Gateways are to meet in PostgreSQL, and its driver is not installed.
    """
    sharing = FleetSharing(
        book, AnnouncementFile(data / "announcements.json", _utc_ms), sites, on_free=on_free, pace=pace
    )
    share = None if address is None else _postgresql(address, sharing)
    await sharing.begin(share)
    speaking = asyncio.create_task(sharing.run())
    speaking.add_done_callback(sharing.ended)
    try:
        yield sharing
    finally:
        # Cut short, a call leaves a connection that cannot say goodbye: the others would wait for the lease.
        sharing.stop()
        await asyncio.wait({speaking}, timeout=_STOP_S)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        if share is not None:
            await share.close()


def driver_missing() -> ConfigurationError:
    """Return the error of a gateway that is to share and has nothing to do it with."""
    return ConfigurationError(
        Bilingual(
            "fleet.share demande le pilote de PostgreSQL, qui n'est pas installé.",
            "fleet.share needs PostgreSQL's driver, which is not installed.",
        ),
        Bilingual(
            "Installez « bouclier[postgresql] » ; depuis un clone : .venv/bin/pip install -e '.[postgresql]'.",
            "Install `bouclier[postgresql]`; from a clone: .venv/bin/pip install -e '.[postgresql]'.",
        ),
        param="fleet.share",
    )


def _postgresql(address: ServerAddress, sharing: FleetSharing) -> FleetShare:
    try:
        from bouclier.fleet.adapters.share_postgresql import PostgreSQLShare  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError as error:
        raise driver_missing() from error
    # Another id at each start: what a process that was killed told is not taken for its successor's.
    return PostgreSQLShare(address, gateway=os.urandom(16).hex(), on_announced=sharing.wake)


def _runs(shared: Shared) -> bool:
    return any(one.in_flight for one in shared.deployments.values())


def _gist(shared: Shared) -> dict[str, tuple[int, bool, bool]]:
    """What others should know at once: exchanges, and that a deployment is left alone or not."""
    return {name: (one.in_flight, one.open_ms > 0, one.hold_ms > 0) for name, one in shared.deployments.items()}


def _utc_ms() -> int:
    return time.time_ns() // 1_000_000


def _now() -> datetime:
    return datetime.now(UTC)
