"""What a strategy did in a day, in figures."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.footprint import Work, footprint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.fleet.day import Told
    from bench.fleet.law import Judge
    from bench.fleet.traffic import Calendar
    from bench.fleet.world import World

FIRST_S: Final[Mapping[str, float]] = {"interactive": 2.0, "normal": 5.0}
"""The objective: a first token within so many seconds."""
WHOLE_S: Final = 600.0
"""The objective of batch requests: the whole answer within so many seconds."""
_CARBON_OF_DAY: Final = (
    *(0.92, 0.90, 0.89, 0.89, 0.90, 0.94, 1.00, 1.06, 1.07, 1.02, 0.97, 0.93),
    *(0.90, 0.89, 0.91, 0.96, 1.04, 1.13, 1.19, 1.20, 1.16, 1.09, 1.03, 0.99),
)
"""An hour's grid mix beside the year's: invented, after a grid with solar power; levels are the data file's."""


class Figures(NamedTuple):
    """What a strategy did in a day.

    Attributes:
        asked: Requests.
        served: Whole answers.
        cut: Answers that broke after their first token.
        refused: Requests that the law permits nowhere, or that were refused as such.
        unavailable: Requests that nobody served.
        lost: Of these, those that something permitted could have served when they were given up.
        slo_percent: Requests the law permits that met their objective.
        slo_by_group: The same by group.
        first_ms: Median, 95th and 99th percentile of the time to a first token, of those that began, milliseconds.
        carbon_g: Lower and upper estimate of all answers.
        carbon_mg_each: Upper estimate per 1,000 written tokens.
        price_eur: By list prices, of those that have one.
        exposed_percent: Placements on sites that a foreign law reaches, or that nothing is known of.
        violations: Placements that the law does not permit.
        violations_by_group: The same by group.
        retries: Attempts beyond the first.
        deciding_us: Median and 99th percentile of a choice, microseconds of this machine.
        warm_percent: Later turns of conversations that came to the site of the turn before.
    """

    asked: int
    served: int
    cut: int
    refused: int
    unavailable: int
    lost: int
    slo_percent: float
    slo_by_group: Mapping[str, float]
    first_ms: tuple[float, float, float]
    carbon_g: tuple[float, float]
    carbon_mg_each: float
    price_eur: float
    exposed_percent: float
    violations: int
    violations_by_group: Mapping[str, int]
    retries: int
    deciding_us: tuple[float, float]
    warm_percent: float


def figures_of(
    every: Sequence[Told], world: World, calendar: Calendar, judge: Judge, deciding_s: Sequence[float]
) -> Figures:
    """Count; each placement is decided anew by the charter's pure function, by the law of its moment."""
    endings = Counter(one.ending for one in every)
    met = [(one.asked.group.name, _met(one)) for one in every if one.permitted]
    firsts = sorted(1000 * one.first_s for one in every if one.first_s is not None)
    low, high, tokens, price = _spent(every, world, calendar)
    placed = [(one, name, law) for one in every for name, law in one.sent]
    unlawful = [one for one, name, law in placed if not judge.permits(one.asked, world.served[name].deployment, law)]
    exposures = [world.served[name].deployment for _, name, _ in placed]
    exposed = sum(not one.own and (not one.exposure.known or bool(one.exposure.foreign_laws)) for one in exposures)
    return Figures(
        asked=len(every),
        served=endings["served"],
        cut=endings["cut"],
        refused=endings["refused"],
        unavailable=endings["unavailable"],
        lost=sum(one.lost for one in every),
        slo_percent=_percent([good for _, good in met]),
        slo_by_group={
            group: _percent([good for one, good in met if one == group]) for group in sorted({one for one, _ in met})
        },
        first_ms=(_at(firsts, 50), _at(firsts, 95), _at(firsts, 99)),
        carbon_g=(low, high),
        carbon_mg_each=1e6 * high / max(tokens, 1),
        price_eur=price,
        exposed_percent=100 * exposed / max(len(exposures), 1),
        violations=len(unlawful),
        violations_by_group=dict(sorted(Counter(one.asked.group.name for one in unlawful).items())),
        retries=sum(max(0, len(one.sent) - 1) for one in every),
        deciding_us=(_at(sorted(deciding_s), 50) * 1e6, _at(sorted(deciding_s), 99) * 1e6),
        warm_percent=_warm(every),
    )


def unaccounted(every: Sequence[Told]) -> list[int]:
    """Return the numbers of requests of which nobody can say what became."""
    known = {"served", "cut", "refused", "unavailable"}
    return [one.asked.number for one in every if one.ending not in known or (one.ending != "served" and not one.reason)]


def spread(values: Sequence[float]) -> str:
    """Return the mean of several days, with how far they lie apart."""
    mean = statistics.fmean(values)
    shown = f"{mean:.1f}" if abs(mean) < 100 else f"{mean:,.0f}"
    if len(values) == 1:
        return shown
    half = (max(values) - min(values)) / 2
    return f"{shown} ±{half:.1f}" if half < 100 else f"{shown} ±{half:,.0f}"


def _met(told: Told) -> bool:
    if told.ending != "served" or told.first_s is None or told.whole_s is None:
        return False
    limit = FIRST_S.get(told.asked.group.priority)
    return told.whole_s <= WHOLE_S if limit is None else told.first_s <= limit


def _spent(every: Sequence[Told], world: World, calendar: Calendar) -> tuple[float, float, int, float]:
    low = high = price = 0.0
    tokens = 0
    for one in every:
        if one.ending != "served" or one.whole_s is None:
            continue
        asked, served = one.asked, world.served[one.sent[-1][0]]
        cost = footprint(served.gauge, Work(asked.answer_tokens, seconds=one.writing_s))
        factor = _CARBON_OF_DAY[int(calendar.hour(asked.at_s + one.whole_s)) % 24]
        low += _at_hour(cost.carbon_ug.low, cost.embodied_ug.low, factor)
        high += _at_hour(cost.carbon_ug.high, cost.embodied_ug.high, factor)
        tokens += asked.answer_tokens
        price += (served.deployment.price_ueur or 0) * (asked.prompt_tokens + asked.answer_tokens) / 1000 / 1e6
    return low / 1e6, high / 1e6, tokens, price


def _at_hour(carbon_ug: int, embodied_ug: int, factor: float) -> float:
    return embodied_ug + (carbon_ug - embodied_ug) * factor


def _warm(every: Sequence[Told]) -> float:
    last: dict[str, str] = {}
    same: list[bool] = []
    for one in every:
        if one.first_s is None:
            continue
        before = last.get(one.asked.conversation)
        if before is not None:
            same.append(before == one.sent[-1][0])
        last[one.asked.conversation] = one.sent[-1][0]
    return _percent(same)


def _percent(values: Sequence[bool]) -> float:
    return 100 * sum(values) / max(len(values), 1)


def _at(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
