"""Our placement beside others, on the same simulated days.

    python -m bench.fleet [--quick] [--seeds N] [--peers PYTHON] [--processes N]

A day of 24 hours is stood for by 24 minutes in which 35 sites, some failing, serve about 3,000 requests. Every strategy
gets the same requests, sites and failures. Each placement is decided again afterwards by the charter's pure function:
ours must make none that it does not permit, and the bench fails if it does, or if a request cannot be accounted for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench import machine
from bench.fleet.day import Day
from bench.fleet.faults import plan
from bench.fleet.law import Judge, laws
from bench.fleet.litellm_peer import STRATEGIES, chooser_of, python_of_peers
from bench.fleet.measure import FIRST_S, WHOLE_S, Figures, figures_of, spread, unaccounted
from bench.fleet.ours import Ours
from bench.fleet.peers import LeastBusy, Peer, Random, RoundRobin
from bench.fleet.traffic import Calendar, requests
from bench.fleet.world import world
from bouclier.terms.law import Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.fleet.day import Strategy
    from bench.fleet.law import Laws
    from bench.fleet.world import World

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_OURS: Final[Mapping[str, tuple[int, Weights, int | None]]] = {
    "ours": (1, Weights(), None),
    "ours, 3 gateways": (3, Weights(), None),
    "ours, patience 3 s": (1, Weights(), 3_000),
    "ours, exposure priced": (1, Weights(exposure_ms=2_000), None),
    "ours, price counts": (1, Weights(exposure_ms=2_000, price_ms=1_000), None),
    "ours, carbon counts 10 times": (1, Weights(exposure_ms=2_000, carbon_ms=5_000), None),
}
"""Gateways, weights, patience."""
_PEERS: Final = (
    "random",
    "round-robin",
    "least-busy",
    "least-busy by slots",
    *(f"LiteLLM {one}" for one in STRATEGIES),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated.

    Attributes:
        hour_s: Seconds that stand for an hour.
        conversations_s: Conversations a second at a pace of one.
        peers: An interpreter with LiteLLM; None without.
    """

    hour_s: float = 60.0
    conversations_s: float = 1.5
    peers: Path | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One strategy on one day."""

    strategy: str
    lawful: bool
    seed: int
    setting: Setting


def simulated(job: Job) -> Figures:
    """Return the figures of one strategy on one day.

    Raises:
        AssertionError: A request is not accounted for, or ours placed one where the law does not permit it.
    """
    every, law = _facts()
    calendar = Calendar(job.setting.hour_s)
    asked = requests(calendar, conversations_s=job.setting.conversations_s, seed=job.seed)
    strategy, close = _strategy(job, every)
    try:
        day = Day(every, law, plan(calendar.length_s, seed=job.seed))
        told = day.play(asked, strategy)
    finally:
        close()
    figures = figures_of(told, every, calendar, Judge(), strategy.deciding_s)
    missing = unaccounted(told)
    assert not missing, f"{job.strategy}: nobody knows what became of {missing[:10]}"
    assert not (job.lawful and figures.violations), f"{job.strategy}: {figures.violations_by_group}"
    return figures


@lru_cache(maxsize=1)
def _facts() -> tuple[World, Laws]:
    every = world()
    return every, laws(every.registry.digest, plan(1.0, seed=0).suspended)


def _strategy(job: Job, every: World) -> tuple[Strategy, Callable[[], None]]:
    if job.strategy in _OURS:
        gateways, weights, patience_ms = _OURS[job.strategy]
        ours = Ours(
            every, gateways=gateways, weights=weights, patience_ms=patience_ms, name=job.strategy, seed=job.seed
        )
        return ours, lambda: None
    name = job.strategy.removeprefix("LiteLLM ")
    if name != job.strategy:
        chooser = chooser_of(name, every, job.setting.peers, seed=job.seed)
    else:
        slots = {one: served.slots for one, served in every.served.items()}
        chooser = {
            "random": Random(job.seed),
            "round-robin": RoundRobin(),
            "least-busy": LeastBusy(job.seed),
            "least-busy by slots": LeastBusy(job.seed, slots),
        }[name]
    return Peer(job.strategy, chooser, every, lawful=job.lawful), chooser.close


def jobs_of(setting: Setting, *, seeds: int, quick: bool) -> list[Job]:
    """Return all that is simulated: peers as they are on the first day alone."""
    ours = ("ours", "ours, 3 gateways") if quick else tuple(_OURS)
    peers = ("round-robin", "least-busy") if quick else _PEERS
    found = [
        Job(one, lawful=True, seed=seed, setting=setting) for seed in range(1, seeds + 1) for one in (*ours, *peers)
    ]
    return found + [Job(one, lawful=False, seed=1, setting=setting) for one in peers]


def main() -> None:
    """Simulate, print, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a short day and few strategies")
    parser.add_argument("--seeds", type=int, default=2, help="days")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--peers", type=Path, default=python_of_peers(), metavar="PYTHON", help="one that has LiteLLM")
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    options = parser.parse_args()
    described = machine.described()
    if options.quick:
        setting = Setting(hour_s=8.0, conversations_s=1.2, peers=options.peers)
        jobs = jobs_of(setting, seeds=1, quick=True)
    else:
        setting = Setting(peers=options.peers)
        jobs = jobs_of(setting, seeds=options.seeds, quick=False)
    if options.quick:
        figures = [simulated(job) for job in jobs]
    else:
        with ProcessPoolExecutor(options.processes) as pool:
            figures = list(pool.map(simulated, jobs))
    described["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    described["litellm"] = machine.versions(str(options.peers), ("litellm",)) if options.peers else "re-implemented"
    by_strategy: dict[tuple[str, bool], list[Figures]] = {}
    for job, one in zip(jobs, figures, strict=True):
        by_strategy.setdefault((job.strategy, job.lawful), []).append(one)
    _print(by_strategy)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = {
        "machine": described,
        "setting": {"hour_s": setting.hour_s, "conversations_s": setting.conversations_s},
        "objective": {"first_token_s": dict(FIRST_S), "batch_whole_s": WHOLE_S},
        "days": [
            {"strategy": job.strategy, "lawful": job.lawful, "seed": job.seed, "figures": one._asdict()}
            for job, one in zip(jobs, figures, strict=True)
        ],
    }
    name = "fleet_quick.json" if options.quick else "fleet.json"
    (options.out / name).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _print(by_strategy: Mapping[tuple[str, bool], Sequence[Figures]]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 170)
    heads = (
        *("strategy", "SLO %", "p50 ms", "p95 ms", "p99 ms", "unserved", "of them lost", "cut"),
        *("gCO2e", "mg/1k tok.", "€", "exposed %", "unlawful", "retries", "same site %", "µs"),
    )
    for lawful, title in ((True, "Only where the law permits"), (False, "As they are, without a law (one day)")):
        table = Table(title=title, title_justify="left")
        for head in heads:
            table.add_column(head, justify="left" if head == "strategy" else "right")
        for (name, asked), days in by_strategy.items():
            if asked is lawful:
                table.add_row(name, *_row(days))
        console.print(table)
    ours = by_strategy["ours", True]
    console.print(
        f"Requests a day: {spread([one.asked for one in ours])}, "
        f"refused by law: {spread([one.refused for one in ours])}"
    )
    for (name, asked), days in by_strategy.items():
        if not asked:
            told = ", ".join(f"{group} {count}" for group, count in days[0].violations_by_group.items())
            console.print(f"{name}, unlawful placements: {told}")


def _row(days: Sequence[Figures]) -> list[str]:
    low, high = ([one.carbon_g[bound] for one in days] for bound in (0, 1))
    return [
        spread([one.slo_percent for one in days]),
        *(f"{sum(one.first_ms[number] for one in days) / len(days):,.0f}" for number in range(3)),
        spread([one.unavailable for one in days]),
        spread([one.lost for one in days]),
        spread([one.cut for one in days]),
        f"{sum(low) / len(low):.0f}–{sum(high) / len(high):.0f}",
        spread([one.carbon_mg_each for one in days]),
        spread([one.price_eur for one in days]),
        spread([one.exposed_percent for one in days]),
        str(sum(one.violations for one in days)),
        spread([one.retries for one in days]),
        spread([one.warm_percent for one in days]),
        spread([one.deciding_us[0] for one in days]),
    ]


if __name__ == "__main__":
    main()
