"""Read the constants of the methods and the electricity of zones, strictly: both are data with sources, not code.

`data/method.json` and `data/mixes.json` are the files; `data/*.schema.json` describe them for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from bouclier.footprint.model import Figure, Mix, Mixes, Range
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")

_END = r"(?![\s\S])"
_Text = Annotated[str, Meta(min_length=1, max_length=2000)]
_Positive = Annotated[float, Meta(ge=0)]
_MethodId = Annotated[str, Meta(pattern=rf"^[a-z0-9][a-z0-9.-]{{0,63}}{_END}")]
_SourceId = Annotated[str, Meta(pattern=rf"^[a-z0-9][a-z0-9.-]{{0,63}}{_END}")]
_Zone = Annotated[str, Meta(pattern=rf"^[A-Z0-9]{{2,3}}([-_][A-Z0-9]{{1,8}})?{_END}", description="As entries cite it")]
_Country = Annotated[str, Meta(pattern=rf"^[A-Z]{{2}}{_END}", description="ISO 3166-1 alpha-2")]
_Year = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}{_END}")]


class _Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all: immutable, and a misspelt field is an error."""


class Sourced(_Fact, frozen=True, kw_only=True):
    """A number and where it comes from.

    Attributes:
        value: The number.
        unit: What it counts.
        source: Where it comes from, or who chose it and why.
    """

    value: float
    unit: _Text
    source: _Text


class SourcedRange(_Fact, frozen=True, kw_only=True):
    """A range and where it comes from."""

    low: _Positive
    high: _Positive
    unit: _Text
    source: _Text


class CardsFile(_Fact, frozen=True, kw_only=True):
    """Constants for graphics cards; the names say what `method.py` does with them."""

    id: _MethodId
    sources: tuple[_Text, ...]
    batch: SourcedRange
    tokens_per_s: SourcedRange
    first_s: Sourced
    energy_alpha: Sourced
    energy_beta: Sourced
    energy_gamma: Sourced
    latency_alpha: Sourced
    latency_beta: Sourced
    latency_gamma: Sourced
    bits: Sourced
    memory_overhead: Sourced
    memory_gb: Sourced
    per_server: Sourced
    server_w: Sourced
    server_made_kg: Sourced
    card_made_kg: Sourced
    lifetime_s: Sourced


class ProcessorsFile(_Fact, frozen=True, kw_only=True):
    """Constants for machines without cards."""

    id: _MethodId
    watts: SourcedRange
    made_kg: SourcedRange
    tokens_per_s: SourcedRange
    first_s: Sourced


class CounterFile(_Fact, frozen=True, kw_only=True):
    """What a measured unit of energy stands for."""

    id: _MethodId
    share: SourcedRange
    leaves_out: tuple[_Text, ...]


class UnknownFile(_Fact, frozen=True, kw_only=True):
    """What is counted where nothing is known."""

    total_b: SourcedRange
    active_b: SourcedRange
    sparsest: Sourced
    pue: SourcedRange
    chars_per_token: SourcedRange


class MethodFile(_Fact, frozen=True, kw_only=True):
    """What `method.json` holds."""

    format: Literal["bouclier-footprint-method/v1"]
    cards: CardsFile
    processors: ProcessorsFile
    counters: tuple[CounterFile, ...]
    unknown: UnknownFile
    leaves_out: tuple[_Text, ...]


class MixSource(_Fact, frozen=True, kw_only=True):
    """Where figures on electricity come from."""

    id: _SourceId
    ref: _Text
    licence: _Text


class FigureFile(_Fact, frozen=True, kw_only=True):
    """What a source says of a zone."""

    source: _SourceId
    g_per_kwh: Annotated[float, Meta(gt=0, le=2000)]
    year: _Year | None = None


class ZoneFile(_Fact, frozen=True, kw_only=True):
    """What is known of a zone.

    Attributes:
        zone: The zone.
        within: The country it is a part of, whose figures count too; None for a country.
        figures: What is said of it.
    """

    zone: _Zone
    within: _Country | None = None
    figures: Annotated[tuple[FigureFile, ...], Meta(min_length=1)]


class MixesFile(_Fact, frozen=True, kw_only=True):
    """What `mixes.json` holds."""

    format: Literal["bouclier-mixes/v1"]
    as_of: Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_END}")]
    sources: tuple[MixSource, ...]
    unknown: SourcedRange
    zones: tuple[ZoneFile, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """`CardsFile` as numbers."""

    id: str
    batch: Range
    tokens_per_s: Range
    first_s: float
    energy_alpha: float
    energy_beta: float
    energy_gamma: float
    latency_alpha: float
    latency_beta: float
    latency_gamma: float
    bits: float
    memory_overhead: float
    memory_gb: float
    per_server: float
    server_w: float
    server_made_kg: float
    card_made_kg: float
    lifetime_s: float


@dataclass(frozen=True, slots=True)
class Processors:
    """`ProcessorsFile` as numbers; `token_s` is seconds per token."""

    id: str
    watts: Range
    made_kg: Range
    token_s: Range
    first_s: float


@dataclass(frozen=True, slots=True)
class Method:
    """The constants of the methods.

    Attributes:
        cards: For graphics cards.
        processors: For machines without.
        measured: By counter, what a measured unit of energy stands for.
        total_b_unknown: Parameters of a model of unknown size.
        active_b_unknown: Most at work in such a model.
        sparsest: Least share of parameters at work in a model.
        pue_unknown: Of a site nobody described.
        chars_per_token: Fewest and most characters of a token.
    """

    cards: Cards
    processors: Processors
    measured: Mapping[str, Range]
    total_b_unknown: Range
    active_b_unknown: float
    sparsest: float
    pue_unknown: Range
    chars_per_token: Range


def parse_method(data: bytes) -> Method:
    """Return the constants of `method.json`.

    Raises:
        ConfigurationError: It is malformed; `param` names the file.
    """
    told = _decode(data, MethodFile, "method.json")
    cards, cores, unknown = told.cards, told.processors, told.unknown
    numbers = {
        name: value.value for name in CardsFile.__struct_fields__ if isinstance(value := getattr(cards, name), Sourced)
    }
    return Method(
        cards=Cards(id=cards.id, batch=_range(cards.batch), tokens_per_s=_range(cards.tokens_per_s), **numbers),
        processors=Processors(
            id=cores.id,
            watts=_range(cores.watts),
            made_kg=_range(cores.made_kg),
            token_s=Range(1 / cores.tokens_per_s.high, 1 / cores.tokens_per_s.low),
            first_s=cores.first_s.value,
        ),
        measured=MappingProxyType({counter.id: _range(counter.share) for counter in told.counters}),
        total_b_unknown=_range(unknown.total_b),
        active_b_unknown=unknown.active_b.high,
        sparsest=unknown.sparsest.value,
        pue_unknown=_range(unknown.pue),
        chars_per_token=_range(unknown.chars_per_token),
    )


def parse_mixes(data: bytes) -> Mixes:
    """Return the electricity of `mixes.json`.

    Raises:
        ConfigurationError: It is malformed, names a source or a country it does not describe, or a zone twice.
    """
    told = _decode(data, MixesFile, "mixes.json")
    sources = {source.id: source.ref for source in told.sources}
    by_zone = {zone.zone: zone for zone in told.zones}
    if len(by_zone) != len(told.zones):
        raise _wrong("mixes.json", Bilingual("une zone y est deux fois", "it has a zone twice"))
    mixes: dict[str, Mix] = {}
    for zone in told.zones:
        around = () if zone.within is None else by_zone[zone.within].figures if zone.within in by_zone else None
        if around is None or any(figure.source not in sources for figure in zone.figures):
            raise _wrong(
                "mixes.json",
                Bilingual(
                    f"{zone.zone} cite une source ou un pays absent",
                    f"{zone.zone} cites a source or a country that is not there",
                ),
            )
        figures = tuple(Figure(one.source, one.g_per_kwh, one.year) for one in (*zone.figures, *around))
        values = [figure.g_per_kwh for figure in figures]
        mixes[zone.zone] = Mix(zone.zone, Range(min(values), max(values)), figures)
    return Mixes(MappingProxyType(mixes), Mix(None, _range(told.unknown)), MappingProxyType(sources))


def _range(told: SourcedRange) -> Range:
    if told.low > told.high:
        raise _wrong(told.unit, Bilingual("les bornes sont inversées", "the bounds are the wrong way round"))
    return Range(told.low, told.high)


def _decode(data: bytes, shape: type[_T], name: str) -> _T:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.MsgspecError as error:
        raise _wrong(name, Bilingual(f"il est mal formé ({error})", f"it is malformed ({error})")) from error


def _wrong(name: str, reason: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{name} : {reason.fr}.", f"{name}: {reason.en}."),
        Bilingual("Réinstallez Bouclier, ou corrigez le fichier.", "Reinstall Bouclier, or correct the file."),
        param=name,
    )
