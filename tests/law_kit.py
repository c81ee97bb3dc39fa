"""A charter's repository, a gateway that follows it or does not, and a monitor that follows both; one clock for all.

world = World(tmp_path)
world.publish_order()          # an authority suspends a deployment
world.gateway_refreshes()      # and the gateway adopts it, which a patched one does not
world.passes(61)
world.told()                   # what the monitor says of what was entered since it was last asked
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from bouclier.charter import files_of, parse_charter
from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.law import Adoption, InForce, law_in_force
from bouclier.compose.law_book import RepositoryBook
from bouclier.compose.laws import Laws, milliseconds
from bouclier.compose.replaying import RoomsReplayer
from bouclier.oversight.monitor import Alarm, Bounds, LogWatch
from bouclier.terms.content import EntityType
from tests import order_kit
from tests.charter_kit import ORDINARY, files_of_charter
from tests.log_kit import DEPLOYMENTS, NOW_S, ORIGIN, REGISTRY, Institution
from tests.tuf_kit import Repo

if TYPE_CHECKING:
    from pathlib import Path

AUTHORITY = "fr-protection"
MANDATES = order_kit.authorities(order_kit.PROTECTION)
FILES = files_of_charter(ORDINARY, authorities=MANDATES)
HOME, FRENCH = DEPLOYMENTS[0], DEPLOYMENTS[4]
ORDER = f"{AUTHORITY}/2026-014"
POLICY = f"order-{AUTHORITY}-2026-014"


class World:
    """All of it.

    Attributes:
        now_s: The time, for everybody.
        repo: The repository.
        gateway: What it enters.
        book: What the monitor remembers of the repository.
        watch: The monitor of the gateway's log.
    """

    def __init__(self, folder: Path, *, now_s: int = NOW_S) -> None:
        self.now_s = now_s
        self.folder = folder
        self.repo = Repo.create(
            folder / "repo",
            parties=1,
            threshold=1,
            authorities={AUTHORITY: (1, 1)},
            hours={"snapshot": 24 * 30, "timestamp": 24 * 30},
            files=FILES,
            now=self._now(),
        )
        self.laws = Laws([])
        self.replayer = RoomsReplayer(self.laws, [REGISTRY])
        self.book = self.reopened()
        self.book.refresh()
        self.watch = LogWatch(ORIGIN, self.replayer, book=self.book)
        self._follower = Follower(folder / "gateway", self.repo.folder, self.repo.root_bytes, now=self._now)
        self.gateway = Institution(interval_s=600, territory="FR", time_ms=now_s * 1000)
        self._judged = 0
        self.expires_ms = 0
        self.gateway.law = self.followed()
        self.gateway.expires_ms = self.expires_ms
        self.gateway.begin()

    def reopened(self) -> RepositoryBook:
        """The monitor's memory, as another process finds it."""
        return RepositoryBook(
            self.folder / "monitor",
            self.repo.folder,
            self.repo.root_bytes,
            self.laws,
            clock_ms=lambda: self.now_s * 1000,
        )

    def passes(self, seconds: int) -> None:
        """Let time pass."""
        self.now_s += seconds
        self.gateway.time_ms = self.now_s * 1000

    def publish_order(self, name: str = "2026-014", *, days: int = 30, in_s: int = 0, **changes: Any) -> None:
        """Have the authority suspend a deployment, or order something else."""
        self.repo.now = self._now()
        start = self._now() + dt.timedelta(seconds=in_s)
        document = {
            "id": f"{AUTHORITY}/{name}",
            "selector": {"deployment": FRENCH.name},
            "start": spelled(start),
            "expires": spelled(start + dt.timedelta(days=days)),
        }
        self.repo.order(AUTHORITY, name, order_kit.encoded(**(document | changes)))

    def publish_charter(self, version: str) -> None:
        """Have the editors publish another charter."""
        self.repo.now = self._now()
        self.repo.publish(files_of_charter(ORDINARY, authorities=MANDATES, version=version))

    def followed(self) -> InForce:
        """The law in force for a gateway that refreshes now."""
        followed = self._follower.refresh()
        self.expires_ms = milliseconds(followed.expires)
        return law_in_force(
            parse_charter(files_of(followed.bundle)),
            [(one.path, one.authority_role, one.data) for one in followed.orders],
            Adoption(root=followed.root_version, timestamp=followed.timestamp_version, expires=followed.expires),
            at=self._now(),
            territory="FR",
            registry=REGISTRY.digest,
        )

    def gateway_refreshes(self) -> None:
        """Have the gateway follow the repository, and enter what it adopts."""
        law = self.followed()
        self.gateway.expires_ms = self.expires_ms
        self.gateway.adopt(law)

    def asks(self) -> None:
        """Have somebody ask the gateway something that could go to a deployment in France alone."""
        self.gateway.exchange(types=[EntityType.PERSON], attempts=1, candidates=(FRENCH,))

    def told(self) -> list[Alarm]:
        """Let the monitor look, a second later, at the repository, then at what was entered since it was last asked."""
        self.passes(1)
        self.book.refresh()
        entries = self.gateway.entries[self._judged :]
        self._judged = len(self.gateway.entries)
        bounds = Bounds(None, None, self.now_s + 60)
        return [alarm for entry in entries for alarm in self.watch.feed(entry, bounds)]

    def codes(self) -> list[str]:
        """The same, by their codes."""
        return [alarm.code for alarm in self.told()]

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.now_s, dt.UTC)


def spelled(moment: dt.datetime) -> str:
    """Return a moment as orders spell it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
