"""What an exchange walks through, built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bouclier.gateway.metrics_exchanges import ExchangeMetrics
from bouclier.shield import TAGS, CloakSettings

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from bouclier.gateway.fleet import Fleet
    from bouclier.gateway.ports import Detectors, LawKeeper, Sealer
    from bouclier.gateway.reviews import Reviews
    from bouclier.oversight.ports import Log, PublishedLog


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the journey walks through. Built once by the composition root.

    Attributes:
        detectors: The shield's detectors, composed.
        law: By what law it is decided.
        fleet: Where exchanges run.
        log: The record.
        published: What anyone may be shown of it.
        sealer: Keeps content for the authorities, when a duty asks; None when nobody could open it.
        principal_key: Key under which principals appear in the record.
        pseudonym_secret: Under which the keys of conversations, and so their pseudonyms, are drawn.
        clock_ms: Unix time in milliseconds; raises when the clock went back.
        held_clock_ms: The same, held at the last time given instead: what has begun is still concluded.
        random_bytes: Unpredictable bytes, as many as asked.
        reviews: Requests held back until a second person approves them.
        safeguards: What the institution declares to hold, by purpose; sorted.
        cloak_settings: Which types have surrogates instead of tags.
        metrics: What is counted of exchanges as they end.
        endings: Outcomes being recorded for callers who are gone; awaited before the log is closed.
    """

    detectors: Detectors
    law: LawKeeper
    fleet: Fleet
    log: Log
    published: PublishedLog
    sealer: Sealer | None
    principal_key: bytes = field(repr=False)
    pseudonym_secret: bytes = field(repr=False)
    clock_ms: Callable[[], int]
    held_clock_ms: Callable[[], int]
    random_bytes: Callable[[int], bytes]
    reviews: Reviews
    safeguards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cloak_settings: CloakSettings = TAGS
    metrics: ExchangeMetrics = field(default_factory=ExchangeMetrics)
    endings: set[asyncio.Task[Any]] = field(default_factory=set)

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Hold a task until it is done: the log is not closed before."""
        self.endings.add(task)
        task.add_done_callback(self.endings.discard)
