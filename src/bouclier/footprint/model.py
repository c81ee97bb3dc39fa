"""Words of the footprint: ranges, what is known of a model and of where it runs, and what an exchange cost.

Every quantity is a range (low, high). What is not known is a wide range with a source, never a zero and never a guess
in anyone's favour. What leaves this room is whole numbers: millionths of a watt-hour, and millionths of a gram of CO2e.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Range(NamedTuple):
    """Two bounds of a quantity, the first not above the second."""

    low: float
    high: float

    def times(self, other: Range) -> Range:
        """Return the range of the products; both are of positive quantities."""
        return Range(self.low * other.low, self.high * other.high)

    def scaled(self, factor: float) -> Range:
        """Return the range in another unit: both bounds times a positive number."""
        return Range(self.low * factor, self.high * factor)


class Span(NamedTuple):
    """Two bounds in whole numbers; a fraction was rounded outwards."""

    low: int
    high: int


class ModelSize(NamedTuple):
    """What is known of a model's size, as the registry states it.

    Attributes:
        total_b: Billions of parameters; None if unknown.
        active_b: Of which at work for a token; None if unknown, or all of them.
    """

    total_b: tuple[float, float] | None = None
    active_b: tuple[float, float] | None = None


class Figure(NamedTuple):
    """What one source says of a zone's electricity.

    Attributes:
        source: Id of the source.
        g_per_kwh: Grams of CO2e per kilowatt-hour.
        year: What it is about; None where the source does not say.
    """

    source: str
    g_per_kwh: float
    year: str | None


@dataclass(frozen=True, slots=True)
class Mix:
    """What a kilowatt-hour weighs in a zone.

    Attributes:
        zone: ISO 3166-1 alpha-2, or a zone of the grid such as `SE1`; None when it is unknown and the world's range is
            counted.
        g_per_kwh: Grams of CO2e: as far apart as the sources are.
        figures: What they say, each with its year.
    """

    zone: str | None
    g_per_kwh: Range
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Mixes:
    """The zones whose electricity is known.

    Attributes:
        zones: By zone.
        unknown: For all others: the world's.
        sources: What each source is, by id.
    """

    zones: Mapping[str, Mix]
    unknown: Mix
    sources: Mapping[str, str]

    def of(self, zone: str | None, country: str | None) -> Mix:
        """Return the mix of a zone of the grid, else of the country, else the world's range."""
        known = self.zones.get(zone) if zone is not None else None
        if known is None and country is not None:
            known = self.zones.get(country)
        return self.unknown if known is None else known


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where a model runs, as far as it matters here.

    Attributes:
        mix: Its electricity.
        pue: Power usage effectiveness; None if unknown.
        processors: Cores that do the work, when no graphics card does; None: graphics cards, as the method supposes.
        watts_per_processor: What one draws under load, watts; None if unknown.
        slots: Exchanges such a machine works on at once, at most.
    """

    mix: Mix
    pue: tuple[float, float] | None = None
    processors: int | None = None
    watts_per_processor: tuple[float, float] | None = None
    slots: int = 1


class Declared(NamedTuple):
    """What whoever answers for a deployment declares that it costs, with where the figure comes from.

    Attributes:
        ug_per_token: Millionths of a gram of CO2e per token, read or written, at most: as many as mg per 1,000 tokens.
        source: Where it comes from.
    """

    ug_per_token: int
    source: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A deployment, with all folded in that does not change from one exchange to the next.

    Attributes:
        method: Which method, with its version.
        zone: Whose electricity; None if unknown.
        token_uwh: What a written token costs beside time, millionths of a watt-hour, cooling included.
        second_uwh: What a second of work costs beside tokens, likewise.
        token_s: Seconds of work a token takes, where time was not measured, or as a bound to it.
        first_s: Seconds before the first token, at most.
        busy: The machine works as long as the answer takes: measured time is no bound but the time itself.
        ug_per_uwh: Millionths of a gram of CO2e per millionth of a watt-hour.
        embodied_ug_s: What making the machine weighs, per second of work.
        chars_per_token: Fewest and most characters of a token.
        pue: Of the site, for what is measured.
        measured_share: What a measured unit of energy stands for: its error, and what the counter leaves out.
        declared: What is declared of it, which stands in place of the estimated carbon; None if nothing is.
    """

    method: str
    zone: str | None
    token_uwh: Range
    second_uwh: Range
    token_s: Range
    first_s: float
    busy: bool
    ug_per_uwh: Range
    embodied_ug_s: Range
    chars_per_token: Range
    pue: Range
    measured_share: Mapping[str, Range]
    declared: Declared | None = None


class Work(NamedTuple):
    """What is known of an exchange when it is over.

    Attributes:
        tokens: Written tokens, as the deployment says; None if it does not.
        chars: Characters of the answer: they bound the tokens where nobody counted them.
        seconds: From the call to the last byte; None if unknown.
        read: Tokens of the request, at most: a declared figure counts them, the methods do not.
    """

    tokens: int | None
    chars: int = 0
    seconds: float | None = None
    read: int = 0


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an exchange cost.

    Attributes:
        energy_uwh: Millionths of a watt-hour at the plug of the site, cooling included.
        carbon_ug: Millionths of a gram of CO2e: the electricity, and the share of making the machine.
        embodied_ug: Of which making the machine.
        method: Which method, with its version.
        zone: Whose electricity; None when that is unknown and, where a mix is counted, the world's range was.
        source: Where a declared figure comes from; None where nothing was declared.
    """

    energy_uwh: Span
    carbon_ug: Span
    embodied_ug: Span
    method: str
    zone: str | None
    source: str | None = None
