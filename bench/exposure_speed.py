"""What an exposure costs in a registry of 10,000 entities: one subject, and every service in turn.

    python -m bench.exposure_speed [--entities N]

Three registries, invented: `groups` is shaped like the world (groups of companies five or six deep, holders in several
hands, small holders, suppliers); `chain` is one holding above another, all the way; `tangle` is all in one component, two
holders each at random, with circles. `bare` is the limit, in the same run: a walk up a dictionary of the same edges that
asks nothing of them. CPU is this process's; nothing is remembered from one subject to the next unless it says so.
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
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import machine
from bouclier.registry import parse_registry
from bouclier.registry.adapters.framework_file import load_framework
from bouclier.registry.expose import exposure_at, exposure_of, expose, moment
from bouclier.registry.model import Edge, Entity, Facts, Law, LegalArea, Service, Source, Supply
from bouclier.registry.parse import canonical_bytes
from bouclier.registry.report_model import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bouclier.registry import Registry

Figures = dict[str, float]

_REPOSITORY = Path(__file__).resolve().parents[1]
_DAY = dt.date(2026, 11, 22)
_SEED = 6
_GROUP = 20
_ALONE = 200
_STATES = ("FR", "DE", "US", "CN", "GB", "SE", "IN", "CH")
_VOUCHED = {"source": Source(kind="invented", ref="bench"), "as_of": "2025", "confidence": "high"}
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
    shapes = {"groups": groups, "chain": chain, "tangle": tangle}
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
    entities, edges, services, supplies = [], [], [], []
    for group in range(count // _GROUP):
        names = [f"e{group}-{number}" for number in range(_GROUP)]
        entities += [_entity(name, chance, ultimate=number == 0) for number, name in enumerate(names)]
        for number, name in enumerate(names[1:], start=1):
            above = names[(number - 1) // 2]
            if number % 3:
                edges.append(_edge(above, name, 70.0))
                edges.append(_edge(names[chance.randrange(number)], name, 10.5) if number > 1 else _edge(above, name, 70.0))
            else:
                edges += [_edge(above, name, 30.0), _edge(names[(number - 1) // 4], name, 30.0)]
        for name in names[-4:]:
            services.append(_service(name, chance))
        supplies.append(
            Supply(service=services[-1].id, supplier=services[chance.randrange(len(services) - 1)].id, role="hosting", **_VOUCHED)
        )
    unique = {(edge.holder, edge.held): edge for edge in edges}
    return _registry(entities, list(unique.values()), services, supplies)


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
    edges = []
    for number in range(count):
        for other, share in zip(chance.sample(range(count), 2), (55.0, 30.0), strict=True):
            if other != number:
                edges.append(_edge(f"e{other}", f"e{number}", share))
    return _registry(entities, edges, [_service(f"e{number}", chance) for number in range(0, count, 100)], [])


def _entity(name: str, chance: random.Random, *, ultimate: bool) -> Entity:
    return Entity(id=name, name=name, kind="company", seat=chance.choice(_STATES), ultimate=ultimate, **_VOUCHED)


def _edge(holder: str, held: str, share: float) -> Edge:
    return Edge(holder=holder, held=held, share=share, **_VOUCHED)


def _service(operator: str, chance: random.Random) -> Service:
    places = tuple(sorted(set(chance.choices(_STATES, k=2))))
    return Service(id=f"s-{operator}", name=operator, operator=operator, kind="platform", countries=places, **_VOUCHED)


def _registry(
    entities: Sequence[Entity], edges: Sequence[Edge], services: Sequence[Service], supplies: Sequence[Supply]
) -> Registry:
    packaged = _REPOSITORY / "src" / "bouclier" / "registry" / "data" / "registry"
    laws = json.loads((packaged / "laws.json").read_bytes())["laws"]
    area = json.loads((packaged / "area.json").read_bytes())["area"]
    written = json.loads(
        canonical_bytes(
            Facts(
                format="bouclier-registry/v2",
                entities=tuple(entities),
                edges=tuple(edges),
                services=tuple(services),
                supplies=tuple(supplies),
            )
        )
    )
    return parse_registry({"bench.json": json.dumps({**written, "laws": laws, "area": area}).encode()})


def _measured(registry: Registry) -> Figures:
    subjects = [Subject("service", name) for name in sorted(registry.services)]
    chosen = subjects[:: max(1, len(subjects) // _ALONE)]
    framework = load_framework()
    reports = [_ms(lambda subject=subject: expose(registry, subject, day=_DAY, framework=framework)) for subject in chosen]  # type: ignore[misc]
    shorts = [_ms(lambda subject=subject: exposure_of(registry, subject, day=_DAY)) for subject in chosen]  # type: ignore[misc]
    above = {held: tuple(edge.holder for edge in edges) for held, edges in registry.held_by.items()}
    bares = [_ms(lambda subject=subject: _bare(above, registry.services[subject.id].operator)) for subject in chosen]  # type: ignore[misc]

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
        "bare walk, median ms": round(statistics.median(bares), 4),
        "short answer, times the bare walk": round(statistics.median(shorts) / statistics.median(bares), 1),
        "every service, short, ms": round(_ms(every), 1),
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
