"""Words of the fleet's state: what is told of a deployment, and what is said of it.

All durations are whole milliseconds. A moment is milliseconds of one gateway's monotonic clock, which means nothing to
anybody else: what leaves a gateway is always a duration (`for_ms`, `lease_ms`), so no clock has to agree with another.
Nothing here names a person, a conversation or a word of content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(StrEnum):
    """How an exchange with a deployment ended, as far as it says something of the deployment."""

    SERVED = "served"
    REFUSED = "refused"
    """It answered 4xx about the content: healthy."""
    OVERLOADED = "overloaded"
    """It answered 429, or 503 with a time to come back: healthy and busy."""
    FAILED = "failed"
    """Unreachable, cut, 5xx, not its protocol."""
    TIMED_OUT = "timed-out"
    LEFT = "left"
    """The caller went, or the law changed: says nothing of the deployment."""


class Why(StrEnum):
    """Why a deployment cannot take an exchange now: `Load.why`."""

    BREAKER = "breaker"
    """Its outcomes were bad: it is left alone for a while."""
    DOWN = "down"
    """Nobody used it lately, and it does not answer probes, or another gateway says that it fails."""
    OVERLOADED = "overloaded"
    """It asked to be left alone for a while."""
    DRAINING = "draining"
    FULL = "full"
    LOADING = "loading"


class Standing(StrEnum):
    """What an operator announces of a site."""

    JOINED = "joined"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What an operator says of a site: `bouclier site join|drain`. The latest one of a deployment counts, alone.

    Attributes:
        site: The site.
        deployments: Their names; empty for all of the site.
        state: Whether it takes new exchanges. Those in flight are never cut by an announcement.
        slots: Exchanges each serves at once, by deployment; one that is not named keeps what else is known.
        for_ms: How long it holds; None until the next one.
        by: Who announces it, as an operator's name or a key's, for the record.
    """

    site: str
    deployments: tuple[str, ...]
    state: Standing
    slots: Mapping[str, int] = field(default_factory=dict)
    for_ms: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class SharedDeployment:
    """What one gateway tells the others of a deployment.

    Attributes:
        in_flight: Exchanges it has there.
        open_ms: How much longer its breaker, opened by outcomes it saw itself, stays open; 0 when closed.
        hold_ms: How much longer the deployment asked to be left alone; 0 when it did not.
    """

    in_flight: int = 0
    open_ms: int = 0
    hold_ms: int = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """What one gateway tells the others; what it does not name is idle and healthy for it.

    Attributes:
        deployments: By name.
        lease_ms: How long it counts after it was heard, unless it is said again.
    """

    deployments: Mapping[str, SharedDeployment]
    lease_ms: int = 15_000


@dataclass(frozen=True, slots=True)
class Probe:
    """What a deployment answered when asked how it is; every fact it does not give is None.

    Attributes:
        alive: It answered, and did not say that it is broken.
        loading: It is alive, and says that its model is not ready yet.
        slots: Exchanges it serves at once.
        running: Exchanges it works on now, whoever sent them.
        waiting: Exchanges in its own queue.
        models: Names of the models it serves.
        code: Why it is not alive: `unreachable`, `timed-out`, `status-503`...; empty otherwise.
    """

    alive: bool
    loading: bool = False
    slots: int | None = None
    running: int | None = None
    waiting: int | None = None
    models: tuple[str, ...] | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How a deployment is, for people and metrics. Durations only: see the module.

    Attributes:
        word: `ready`, or why it takes nothing (`Why`); `unknown` when it was neither used nor probed yet, and may be;
            `trial` when it was left alone until now, and the next exchange decides; `down` also when that is so of one
            that answers no probe.
        in_flight: This gateway's exchanges there.
        elsewhere: Exchanges of other gateways there, as far as they told.
        slots: Exchanges it serves at once; None if unknown.
        wait_ms: Time to the first token expected of a prompt of typical length that it does not know.
        token_us: Microseconds per token written; None if never seen.
        breaker: `closed`, `open` or `half-open`.
        retry_in_ms: When `open`, until it is tried again; when it asked to be left alone, for how long.
        failure: Code of the last failure; empty if there was none.
        failure_age_ms: How long ago; None if there was none.
        draining: Whether its operator drains it.
        drained_for_ms: How much longer; None without an end, or when it is not drained.
        listed: Whether it says that it serves its model; None if it did not say.
        served: Exchanges served for this gateway since it started.
        failed: Exchanges that failed or timed out, likewise.
    """

    word: str
    in_flight: int
    elsewhere: int
    slots: int | None
    wait_ms: int
    token_us: int | None
    breaker: str
    retry_in_ms: int
    failure: str
    failure_age_ms: int | None
    draining: bool
    drained_for_ms: int | None
    listed: bool | None
    served: int
    failed: int


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When a deployment is left alone, and for how long.

    Attributes:
        strikes: Strikes in a row that open it. A failure is one strike, a time-out two: it cost a caller far more.
        ratio_percent: Share of bad outcomes in the window that opens it.
        ratio_least: Outcomes the window must hold for its share to count.
        window_ms: Length of the window, and how long an outcome is worth more than a probe.
        open_ms: How long the first opening lasts; each one that follows lasts twice as long.
        open_max_ms: The longest.
        hold_ms: How long a deployment that said "too many" without saying for how long is left alone; doubles too.
        hold_max_ms: The longest, even if it asked for more.
        dead_probes: Probes in a row without an answer that open a breaker nobody's outcomes speak for.
        silent_ms: How long such a silence counts when no further probe is heard of.
    """

    strikes: int = 3
    ratio_percent: int = 50
    ratio_least: int = 8
    window_ms: int = 30_000
    open_ms: int = 2_000
    open_max_ms: int = 120_000
    hold_ms: int = 1_000
    hold_max_ms: int = 300_000
    dead_probes: int = 2
    silent_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """What holds for all deployments.

    Attributes:
        seed: Makes the breakers' delays of this gateway differ from others'; any text, such as its id.
        breaker: When a deployment is left alone.
        half_life_ms: After how long without exchanges what was measured of a deployment counts half.
        conversations: Conversations whose last deployment is remembered; the one used longest ago is forgotten first.
        conversation_ms: How long an unused conversation is remembered; engines forget a prefix, too.
        probe_ms: How long what a probe said of load counts.
    """

    seed: str = ""
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    half_life_ms: int = 300_000
    conversations: int = 10_000
    conversation_ms: int = 600_000
    probe_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """What is configured of one deployment.

    Attributes:
        site: Where it runs: what an announcement for a whole site reaches.
        slots: Exchanges it serves at once; None if unknown.
        model: The model's name at the operator's; empty if it need not be listed.
    """

    site: str
    slots: int | None = None
    model: str = ""
