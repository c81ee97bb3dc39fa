"""What an exposure costs in a registry of 10,000 entities: one subject, and every service in turn.

    python -m bench.exposure_speed [--entities N]

Four registries, invented: `groups` is shaped like the world (groups of companies, holders in several hands, small
holders, suppliers); `chain` is one holding above another, all the way; `tangle` is all in one component, two holders
each at random, with circles; `web` is a twenty-fifth as many companies, each of which holds all others. `bare` is the
limit, in the same run: a walk up a dictionary of the same edges that asks nothing of them. CPU is this process's;
nothing is remembered from one subject to the next unless it says so. What is prepared when a registry is read is told,
and so is a day before the last that the facts name, for which nothing is prepared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import random
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench import machine
from bouclier.registry import parse_registry
from bouclier.registry.adapters.framework_file import load_framework
from bouclier.registry.adapters.registry_files import common_files
from bouclier.registry.expose import expose, exposure_at, exposure_of, moment
from bouclier.registry.report_model import Subject
from bouclier.registry.stakes import stakes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.registry import Registry

Figures = dict[str, float]
Fact = dict[str, Any]

_REPOSITORY = Path(__file__).resolve().parents[1]
_DAY = dt.date(2026, 11, 22)
# The facts below are of 2025: on this day it is not certain that they hold.
_EARLIER = dt.date(2025, 6, 30)
_SEED = 6
_GROUP = 20
_WEB = 25
_OURS = "s-e"
_ALONE = 200
_LEAST = 10
_STATES = ("FR", "DE", "US", "CN", "GB", "SE", "IN", "CH")
_VOUCHED: Fact = {"source": {"kind": "invented", "ref": "bench"}, "as_of": "2025", "confidence": "high"}
# What issue 6 asks for: milliseconds of CPU.
_AIM_MS = 50.0


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.exposure_speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    options = parser.parse_args()
    described = machine.described()
    shapes = {"groups": groups, "chain": chain, "tangle": tangle, "web": web}
    figures = {name: _measured(make(options.entities)) for name, make in shapes.items()}
    _print(figures, options.entities)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = {"machine": described, "entities": options.entities, "figures": figures}
    (options.out / "exposure_speed.json").write_text(
        json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def groups(count: int) -> Registry:
    """Return groups of twenty: a chain of four, holders in one hand, minorities, and operators with their services."""
    chance = random.Random(_SEED)
    entities, edges, services, supplies = list[Fact](), list[Fact](), list[Fact](), list[Fact]()
    for group in range(count // _GROUP):
        names = [f"e{group}-{number}" for number in range(_GROUP)]
        entities += [_entity(name, chance, ultimate=number == 0) for number, name in enumerate(names)]
        for number, name in enumerate(names[1:], start=1):
            above, higher = names[(number - 1) // 2], names[(number - 1) // 4]
            shares = {above: 70.0, names[chance.randrange(number)]: 10.5} if number % 3 else {above: 30.0, higher: 30.0}
            edges += [_edge(holder, name, share) for holder, share in shares.items()]
        services += [_service(name, chance) for name in names[-4:]]
        host = services[chance.randrange(len(services) - 1)]["id"]
        supplies.append({"service": services[-1]["id"], "supplier": host, "role": "hosting", **_VOUCHED})
    return _registry(entities, edges, services, supplies)


def chain(count: int) -> Registry:
    """Return one chain of holdings, as long as there are entities."""
    chance = random.Random(_SEED)
    entities = [_entity(f"e{number}", chance, ultimate=number == count - 1) for number in range(count)]
    edges = [_edge(f"e{number + 1}", f"e{number}", 60.0) for number in range(count - 1)]
    return _registry(entities, edges, [_service("e0", chance)], [])


def tangle(count: int) -> Registry:
    """Return entities that two others hold, at random: circles everywhere."""
    chance = random.Random(_SEED)
    entities = [_entity(f"e{number}", chance, ultimate=False) for number in range(count)]
    edges = [
        _edge(f"e{other}", f"e{number}", share)
        for number in range(count)
        for other, share in zip(chance.sample(range(count), 2), (55.0, 30.0), strict=True)
        if other != number
    ]
    return _registry(entities, edges, [_service(f"e{number}", chance) for number in range(0, count, count // 10)], [])


def web(count: int) -> Registry:
    """Return companies of which each holds a little of every other."""
    chance = random.Random(_SEED)
    names = [f"e{number}" for number in range(count // _WEB)]
    share = round(99 / len(names), 6)
    entities = [_entity(name, chance, ultimate=False) for name in names]
    edges = [_edge(holder, held, share) for held in names for holder in names if holder != held]
    return _registry(entities, edges, [_service("e0", chance)], [])


def _entity(name: str, chance: random.Random, *, ultimate: bool) -> Fact:
    seat = chance.choice(_STATES)
    return {"id": name, "name": name, "kind": "company", "seat": seat, "ultimate": ultimate, **_VOUCHED}


def _edge(holder: str, held: str, share: float) -> Fact:
    return {"holder": holder, "held": held, "share": share, **_VOUCHED}


def _service(operator: str, chance: random.Random) -> Fact:
    places = sorted(set(chance.choices(_STATES, k=2)))
    named = {"id": f"s-{operator}", "name": operator, "operator": operator}
    return {**named, "kind": "platform", "countries": places, **_VOUCHED}


def _registry(entities: list[Fact], edges: list[Fact], services: list[Fact], supplies: list[Fact]) -> Registry:
    facts = {"entities": entities, "edges": edges, "services": services, "supplies": supplies}
    written = {"format": "bouclier-registry/v2", **facts}
    return parse_registry({**common_files(), "bench.json": json.dumps(written).encode()})


def _measured(registry: Registry) -> Figures:
    subjects = [Subject("service", name) for name in sorted(registry.services) if name.startswith(_OURS)]
    chosen = subjects[:: max(1, len(subjects) // _ALONE)]
    chosen *= max(1, _LEAST // len(chosen))  # few are asked several times: nothing is remembered in between
    framework = load_framework()
    above = {held: tuple(edge.holder for edge in edges) for held, edges in registry.held_by.items()}
    reports = [_ms(partial(expose, registry, subject, day=_DAY, framework=framework)) for subject in chosen]
    shorts = [_ms(partial(exposure_of, registry, subject, day=_DAY)) for subject in chosen]
    earlier = [
        _ms(partial(exposure_of, registry, subject, day=_EARLIER))
        for subject in chosen[:: max(1, len(chosen) // _LEAST)]
    ]
    bares = [_ms(partial(_bare, above, registry.services[subject.id].operator)) for subject in chosen]

    def every() -> None:
        at = moment(registry, _DAY)
        for subject in subjects:
            exposure_at(at, subject)

    return {
        "entities": len(registry.entities),
        "edges": sum(map(len, registry.held_by.values())),
        "services": len(subjects),
        "one report, median ms": round(statistics.median(reports), 3),
        "one report, worst ms": round(max(reports), 3),
        "one short answer, median ms": round(statistics.median(shorts), 3),
        "one short answer, worst ms": round(max(shorts), 3),
        "one short answer, an earlier day, median ms": round(statistics.median(earlier), 3),
        "bare walk, median ms": round(statistics.median(bares), 4),
        "short answer, times the bare walk": round(statistics.median(shorts) / statistics.median(bares), 1),
        "every service, short, ms": round(_ms(every), 1),
        "prepared when it is read, ms": round(_ms(partial(stakes_of, registry.entities, registry.held_by)), 1),
    }


def _bare(above: dict[str, tuple[str, ...]], start: str) -> int:
    """Walk up everyone who holds something, asking nothing: the least that any answer needs."""
    seen, waiting = {start}, [start]
    while waiting:
        for holder in above.get(waiting.pop(), ()):
            if holder not in seen:
                seen.add(holder)
                waiting.append(holder)
    return len(seen)


def _ms(work: Callable[[], object]) -> float:
    gc.collect(0)
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def _print(figures: dict[str, Figures], entities: int) -> None:
    table = Table(title=f"What an exposure costs: {entities} entities, aim {_AIM_MS:g} ms", title_justify="left")
    table.add_column("figure")
    for name in figures:
        table.add_column(name, justify="right")
    for figure in next(iter(figures.values())):
        table.add_row(figure, *(f"{measured[figure]:g}" for measured in figures.values()))
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
