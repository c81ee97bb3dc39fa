"""The settings of the fleet, of budgets and of the registry, as frozen values; nothing here reads anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bouclier.terms.law import Weights

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class AliasSettings:
    """A model name of the institution's own, such as `assistant`.

    Attributes:
        name: What `model` selects.
        models: Names of deployments or of models; any of them may serve.
        title_fr: What it is for, in French.
        title_en: The same in English.
        line: Of the file it stands in; 0 if none.
    """

    name: str
    models: tuple[str, ...]
    title_fr: str = ""
    title_en: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """Where exchanges run, and how long they may wait for it.

    Attributes:
        exposure_ms: What one step less of exposure is worth, milliseconds; None puts exposure before everything else.
        price_ms: What sparing a thousandth of a euro per 1,000 tokens is worth, milliseconds.
        carbon_ms: What sparing one gram of CO2e per 1,000 tokens is worth, milliseconds.
        queue_length: Exchanges that may wait for a slot.
        queue_wait_s: How long they may.
        max_attempts: How many deployments an exchange may be sent to, one after the other.
        patience_ms: After how long without a first token another deployment is asked, if one can serve; 0: never.
        probe_interval_s: How often deployments are asked whether they are well.
        share: A PostgreSQL address by which several gateways share what they know; None for one gateway.
        share_password_file: Holds its password.
    """

    exposure_ms: int | None = None
    price_ms: int = 0
    carbon_ms: int = 500
    queue_length: int = 256
    queue_wait_s: float = 30.0
    max_attempts: int = 3
    patience_ms: int = 30_000
    probe_interval_s: float = 10.0
    share: str | None = None
    share_password_file: Path | None = None

    @property
    def weights(self) -> Weights:
        """What a placement weighs."""
        return Weights(exposure_ms=self.exposure_ms, price_ms=self.price_ms, carbon_ms=self.carbon_ms)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """What an application may cost in carbon.

    Attributes:
        application: Name of its key; `*` for every key that has no budget of its own, each by itself.
        period: `day` or `month`, UTC.
        grams: CO2e, counted by the upper estimate.
        warn_percent: From where its answers carry a warning.
        lighten_percent: From where the lightest permitted model serves it.
        refuse_percent: From where it is refused.
        line: Of the file it stands in; 0 if none.
    """

    application: str
    period: str
    grams: float
    warn_percent: int = 80
    lighten_percent: int = 100
    refuse_percent: int = 120
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """The facts that the institution adds to the registry.

    Attributes:
        facts: Files of them; `<data>/registry/facts.json` is read besides, if it is there.
    """

    facts: tuple[Path, ...] = ()
