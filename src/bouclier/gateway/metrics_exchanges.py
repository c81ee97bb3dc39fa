"""What a gateway counts of its exchanges as they end, and what it says of itself when it is asked.

Nothing here is about a person: no name of a key, no purpose, no class. Counters begin at zero when the gateway starts,
as Prometheus expects; the record is the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bouclier.gateway.metrics_model import Family, Histogram, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.fleet.book_model import State
    from bouclier.terms.exchange import Footprint
    from bouclier.terms.law import Budget

_DURATIONS_S: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250)
_FIRST_TOKENS_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BREAKERS: Final = ("closed", "half-open", "open")
_MICRO: Final = 1_000_000
_JOULES_PER_UWH: Final = 3600 / _MICRO
_MS: Final = 1000


class Ended(Protocol):
    """What is counted of an exchange that ended; `Answered` has it, and more."""

    @property
    def status(self) -> int:
        """HTTP status the caller got."""
        ...

    @property
    def ending(self) -> str:
        """`complete`, or the code of what cut it short."""
        ...

    @property
    def first_token_ms(self) -> int | None:
        """From the call to the first piece; None when none came."""
        ...

    @property
    def duration_ms(self) -> int | None:
        """From the call to the last piece; None when no call was made."""
        ...

    @property
    def prompt_tokens(self) -> int | None:
        """As the deployment said."""
        ...

    @property
    def completion_tokens(self) -> int | None:
        """As the deployment said."""
        ...

    @property
    def footprint(self) -> Footprint | None:
        """What it cost; None when nothing was served."""
        ...


@dataclass(frozen=True, slots=True)
class Now:
    """What a gateway says of itself when it is asked; None or nothing where a part is switched off.

    Attributes:
        states: How each deployment is, by name.
        queued: Exchanges that wait for a slot.
        log_entries: Entries of the log, published ones.
        log_unfinished: Entries that witnesses have not cosigned yet.
        budgets: How many applications are at each stage of their budget.
        budgets_kept: Whether what is spent is kept; None without budgets.
        gateways: Other gateways this one hears of; None when it is alone by its configuration.
    """

    states: Mapping[str, State] = field(default_factory=dict)
    queued: int = 0
    log_entries: int | None = None
    log_unfinished: int | None = None
    budgets: Mapping[Budget, int] = field(default_factory=dict)
    budgets_kept: bool | None = None
    gateways: int | None = None


class ExchangeMetrics:
    """Counts exchanges as they end. Every method takes microseconds."""

    def __init__(self) -> None:
        self._ended = Family(
            "bouclier_exchanges_total", "Exchanges that ended, by how.", "counter", ("deployment", "ending", "status")
        )
        self._errors = Family(
            "bouclier_errors_total",
            "Requests answered with an error, by its code.",
            "counter",
            ("code",),
        )
        self._duration = Histogram(
            "bouclier_exchange_duration_seconds", "From the call to the last piece.", _DURATIONS_S, ("deployment",)
        )
        self._first = Histogram(
            "bouclier_first_token_seconds", "From the call to the first piece.", _FIRST_TOKENS_S, ("deployment",)
        )
        self._tokens = Family(
            "bouclier_tokens_total", "Tokens, as deployments counted them.", "counter", ("deployment", "direction")
        )
        deployment = ("deployment",)
        self._uncounted = Family(
            "bouclier_uncounted_tokens_total", "Exchanges whose tokens nobody counted.", "counter", deployment
        )
        self._energy = (
            Family("bouclier_energy_low_joules_total", "Energy, lower estimate.", "counter", deployment),
            Family("bouclier_energy_high_joules_total", "Energy, upper estimate.", "counter", deployment),
        )
        self._carbon = (
            Family("bouclier_carbon_low_grams_total", "CO2e, lower estimate.", "counter", deployment),
            Family("bouclier_carbon_high_grams_total", "CO2e, upper estimate.", "counter", deployment),
        )
        self._unestimated = Family(
            "bouclier_unestimated_total", "Exchanges without a footprint: nothing was served.", "counter", deployment
        )

    def ended(self, deployment: str, exchange: Ended) -> None:
        """Count an exchange that a deployment was given.

        Args:
            deployment: Its name.
            exchange: What became of it.
        """
        name = (deployment,)
        self._ended.add((*name, exchange.ending, str(exchange.status)))
        if exchange.duration_ms is not None:
            self._duration.observe(name, exchange.duration_ms / _MS)
        if exchange.first_token_ms is not None:
            self._first.observe(name, exchange.first_token_ms / _MS)
        for direction, tokens in (("prompt", exchange.prompt_tokens), ("completion", exchange.completion_tokens)):
            if tokens is not None:
                self._tokens.add((*name, direction), tokens)
        if exchange.completion_tokens is None:
            self._uncounted.add(name)
        if exchange.footprint is None:
            self._unestimated.add(name)
            return
        for family, uwh in zip(self._energy, exchange.footprint.energy_uwh, strict=True):
            family.add(name, uwh * _JOULES_PER_UWH)
        for family, ug in zip(self._carbon, exchange.footprint.carbon_ug, strict=True):
            family.add(name, ug / _MICRO)

    def error(self, code: str) -> None:
        """Count a request that was answered with an error."""
        self._errors.add((code,))

    def page(self, now: Now) -> bytes:
        """Return the page Prometheus reads."""
        counted = (self._ended, self._errors, self._duration, self._first, self._tokens, self._uncounted)
        return rendered((*counted, *self._energy, *self._carbon, self._unestimated, *_said(now)))


def _said(now: Now) -> list[Family]:
    """Return what is so now, as gauges."""
    per_deployment = ("deployment",)
    states = now.states.items()
    families = [
        _gauge(
            "bouclier_in_flight",
            "Exchanges of this gateway under way.",
            {(name,): state.in_flight for name, state in states},
            per_deployment,
        ),
        _gauge(
            "bouclier_in_flight_elsewhere",
            "Exchanges of other gateways under way, as far as they told.",
            {(name,): state.elsewhere for name, state in states},
            per_deployment,
        ),
        _gauge(
            "bouclier_slots",
            "Exchanges served at once, where known.",
            {(name,): state.slots for name, state in states if state.slots is not None},
            per_deployment,
        ),
        _gauge(
            "bouclier_expected_wait_seconds",
            "Time to the first token expected now.",
            {(name,): state.wait_ms / _MS for name, state in states},
            per_deployment,
        ),
        _gauge(
            "bouclier_deployment_state",
            "1 for the state each deployment is in.",
            {(name, state.word): 1 for name, state in states},
            ("deployment", "state"),
        ),
        _gauge(
            "bouclier_breaker",
            "1 for the state of each deployment's breaker.",
            {(name, word): int(word == state.breaker) for name, state in states for word in _BREAKERS},
            ("deployment", "state"),
        ),
        _gauge("bouclier_queue_length", "Exchanges that wait for a slot.", {(): now.queued}),
        _gauge(
            "bouclier_budget_applications",
            "Applications at each stage of their carbon budget.",
            {(stage.value,): count for stage, count in now.budgets.items()},
            ("stage",),
        ),
    ]
    alone: tuple[tuple[str, str, float | None], ...] = (
        ("bouclier_log_entries", "Entries of the log.", now.log_entries),
        ("bouclier_log_unfinished", "Entries that witnesses have not cosigned yet.", now.log_unfinished),
        ("bouclier_budgets_kept", "1 while what is spent is kept.", now.budgets_kept),
        ("bouclier_gateways", "Other gateways this one hears of.", now.gateways),
    )
    families += [_gauge(name, text, {(): value}) for name, text, value in alone if value is not None]
    return families


def _gauge(name: str, text: str, values: Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()) -> Family:
    return Family(name, text, "gauge", labels, dict(values))
