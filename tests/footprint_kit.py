"""The packaged facts on footprints, and deployments to gauge."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bouclier.compose.footprint_data import footprint_data
from bouclier.footprint import Hosting, ModelSize, gauge_of

if TYPE_CHECKING:
    from bouclier.compose.footprint_data import FootprintData
    from bouclier.footprint import Gauge, Mix

PARIS = (1.3, 1.3)
DENSE_24B = ModelSize((24, 24), (24, 24))


@lru_cache(maxsize=1)
def facts() -> FootprintData:
    return footprint_data()


def mix(country: str | None) -> Mix:
    return facts().mixes.of(None, country)


def gauge(
    size: ModelSize = DENSE_24B,
    *,
    country: str | None = "FR",
    pue: tuple[float, float] | None = PARIS,
    processors: int | None = None,
    slots: int = 1,
) -> Gauge:
    return gauge_of(facts().method, size, Hosting(mix(country), pue, processors=processors, slots=slots))
