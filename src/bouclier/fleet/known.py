"""One deployment as a gateway knows it: what was said of it, put together, and what follows for one more exchange.

The order in which reasons count, when there are several: what its operator says, what its outcomes say, what it says
itself, how many are there. Whoever looks after the first is not helped by an end of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.fleet.book_model import Standing, Why
from bouclier.fleet.breaker import Breaker, Opened
from bouclier.fleet.estimates import Estimates
from bouclier.fleet.in_flight import InFlight

if TYPE_CHECKING:
    from bouclier.fleet.book_model import Announcement, DeploymentSettings, FleetSettings, Probe
    from bouclier.fleet.estimates import Typical


class Known:
    """All that is known of one deployment.

    Attributes:
        name: Its name.
        settings: What is configured.
        breaker: Whether it is left alone.
        estimates: How long it takes.
        flight: What it works on.
        limit: Slots, as configured or as it says itself, whichever is less; None if unknown.
        announced: What its operator said last; None if nothing, or if that has ended.
        announced_until: When that ends; None if it does not.
        probe: What it answered last when asked how it is; None if it never did.
        probed_at: When that was.
        probe_ms: How long what it said of load, and of loading, counts.
        served: Exchanges served.
        failed: Exchanges that failed or timed out.
    """

    __slots__ = (
        "announced",
        "announced_until",
        "breaker",
        "estimates",
        "failed",
        "flight",
        "limit",
        "name",
        "probe",
        "probe_ms",
        "probed_at",
        "served",
        "settings",
    )

    def __init__(self, name: str, settings: DeploymentSettings, fleet: FleetSettings, typical: Typical) -> None:
        """Begin with what is configured."""
        self.name = name
        self.settings = settings
        self.breaker = Breaker(name, fleet.breaker, seed=fleet.seed)
        self.estimates = Estimates(fleet.half_life_ms, typical=typical)
        self.flight = InFlight()
        self.limit = settings.slots
        self.announced: Announcement | None = None
        self.announced_until: int | None = None
        self.probe: Probe | None = None
        self.probe_ms = fleet.probe_ms
        self.probed_at = 0
        self.served = 0
        self.failed = 0

    def slots(self, now_ms: int) -> int | None:
        """The least of what its configuration, its operator and the deployment itself say; None if none does."""
        if self.announced is not None:
            standing = self.standing(now_ms)
            announced = standing.slots.get(self.name) if standing is not None else None
            if announced is not None and (self.limit is None or announced < self.limit):
                return announced
        return self.limit

    def standing(self, now_ms: int) -> Announcement | None:
        """What its operator announced last, while it holds."""
        if self.announced is not None and self.announced_until is not None and now_ms >= self.announced_until:
            self.announced = None
        return self.announced

    def settle(self, now_ms: int) -> None:
        """Count out what was lost; if it was on trial, another one may be."""
        if now_ms >= self.flight.earliest:
            for lost in self.flight.expired(now_ms):
                self.breaker.lost(lost)

    def here(self, now_ms: int) -> int:
        """How many exchanges of this gateway and of others it has."""
        return len(self.flight) + self.flight.elsewhere(now_ms)

    def ahead(self, now_ms: int, known: int) -> int:
        """How many exchanges are there: what gateways know, or what it says itself if that is more, and fresh."""
        probe = self.probe
        if probe is None or probe.running is None or now_ms - self.probed_at >= self.probe_ms:
            return known
        return max(known, probe.running + (probe.waiting or 0))

    def why_not(self, now_ms: int, slots: int | None, here: int) -> str:
        """Why it takes nothing now; empty if it does.

        Args:
            now_ms: Now.
            slots: How many it serves at once.
            here: How many of this gateway and of others it has.
        """
        if self.announced is not None:
            standing = self.standing(now_ms)
            if standing is not None and standing.state is Standing.DRAINING:
                return Why.DRAINING
        breaker = self.breaker
        if not breaker.lets_through(now_ms):
            if now_ms < breaker.held_until:
                return Why.OVERLOADED
            by_outcomes = breaker.opened_by is Opened.OUTCOMES and not breaker.silent(now_ms)
            return Why.BREAKER if by_outcomes else Why.DOWN
        probe = self.probe
        if probe is not None and probe.loading and now_ms - self.probed_at < self.probe_ms:
            return Why.LOADING
        return Why.FULL if slots is not None and here >= slots else ""

    def refuses(self, now_ms: int) -> str:
        """`why_not`, once what is lost is counted out."""
        self.settle(now_ms)
        return self.why_not(now_ms, self.slots(now_ms), self.here(now_ms))


def least(*slots: int | None) -> int | None:
    """Return the least of those that are known."""
    return min((one for one in slots if one is not None), default=None)
