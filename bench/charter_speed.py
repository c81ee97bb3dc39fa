"""What a decision of the charter costs: one deployment, a whole fleet, beside the engine's own bare call.

    python -m bench.charter_speed [--decisions N]

The charter is the one of the package, all packs. No verdict is remembered: every case is another one. `bare` is the
limit, on the same questions in the same run: the engine's call alone, its question and its entities already made, and
nothing of its answer read. CPU is this process's; rates are medians of passes taken in turn.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cedarpy import is_authorized
from rich.console import Console
from rich.table import Table

from bench import machine
from bouclier.charter import Decider, decide, refine
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.charter import Charter

Figures = dict[str, float]

_REPOSITORY = Path(__file__).resolve().parents[1]
_PASSES = 7
_FLEET = 20
_DAY = 20261122
# What issue 5 asks for; a figure's key, the bound, and whether it is a floor or a ceiling.
_AIMS = {
    "decisions, nothing known, a CPU-second": (4000.0, "at least"),
    "decisions, deployments known, a CPU-second": (4000.0, "at least"),
    "fleet of 20, CPU ms": (3.0, "at most"),
}


class Sample(NamedTuple):
    """What is decided."""

    case: Case
    deployment: Deployment


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.charter_speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--decisions", type=int, default=2000, help="in each pass")
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    options = parser.parse_args()
    described = machine.described()
    charter = load_charter()
    figures = _measured(charter, options.decisions)
    described["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    _print(figures, charter)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = {"machine": described, "policies": len(charter.policies), "figures": figures}
    (options.out / "charter_speed.json").write_text(
        json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def fleet() -> tuple[Deployment, ...]:
    """Return twenty deployments of five kinds."""
    kinds = (
        (True, "FR", Exposure(known=True), 120),
        (False, "FR", Exposure(known=True, control=("FR",)), 300),
        (False, "DE", Exposure(known=True, control=("DE",), contested=("us-cloud-act",)), 300),
        (False, "FR", Exposure(known=True, control=("US",), foreign_laws=("law-of-US", "us-cloud-act")), None),
        (False, None, Exposure(known=False), None),
    )
    return tuple(
        Deployment(
            name=f"deployment-{number}",
            model="model",
            operator=f"operator-{number}",
            operator_name=f"Operator {number}",
            site=f"site-{number}",
            own=own,
            openness=Openness.OPEN,
            exposure=exposure,
            country=country,
            carbon_mg=carbon_mg,
            qualifications=("hds@20270501", "secnumcloud") if number % 2 else (),
        )
        for number in range(_FLEET)
        for own, country, exposure, carbon_mg in (kinds[number % len(kinds)],)
    )


def cases(charter: Charter, count: int) -> tuple[Case, ...]:
    """Return as many cases as asked for, no two alike, over all classes and over the purposes of the packs' data."""
    purposes = ("unspecified", *sorted(charter.data.uses_of))
    labels = ((), ("secret",), ("health",), ("special-category",))
    return tuple(
        Case(
            role="agent",
            purpose=purposes[number % len(purposes)],
            data_class=DataClass(number % len(DataClass)),
            labels=labels[number % len(labels)],
            safeguards=(f"reference-{number}",),
            day=_DAY,
        )
        for number in range(count)
    )


def _measured(charter: Charter, count: int) -> Figures:
    deployments = fleet()
    every = cases(charter, count)
    samples = [Sample(case, deployments[number % _FLEET]) for number, case in enumerate(every)]
    bare = [_question(sample, charter) for sample in samples]

    def nothing_known() -> None:
        for case, deployment in samples:
            decide(case, deployment, charter)

    decider = Decider(charter, capacity=_FLEET)  # deployments stay prepared; no verdict is asked for twice in a pass
    decider.decide_all(every[0], deployments)

    def deployments_known() -> None:
        for case, deployment in samples:
            decider.decide(case, deployment)

    fleet_cases = every[: max(1, count // _FLEET)]

    def whole_fleet() -> None:
        for case in fleet_cases:
            decider.decide_all(case, deployments)

    def engine_alone() -> None:
        for question, entities in bare:
            is_authorized(question, charter.prepared.handle, entities, schema=charter.schema)

    def engine_and_entities() -> None:
        for (question, _), (case, deployment) in zip(bare, samples, strict=True):
            entities = prepare_entities(entities_of(case.role, deployment), charter.schema)
            is_authorized(question, charter.prepared.handle, entities.handle, schema=charter.schema)

    seconds = _in_turn(
        {
            "nothing known": nothing_known,
            "deployments known": deployments_known,
            "fleet": whole_fleet,
            "bare": engine_alone,
            "bare, entities made": engine_and_entities,
        }
    )
    permitted = sum(decide(case, deployment, charter).permitted for case, deployment in samples)
    return {
        "decisions, nothing known, a CPU-second": round(count / seconds["nothing known"]),
        "decisions, deployments known, a CPU-second": round(count / seconds["deployments known"]),
        "bare engine, a CPU-second": round(count / seconds["bare"]),
        "bare engine with entities made, a CPU-second": round(count / seconds["bare, entities made"]),
        "times the bare engine, nothing known": round(seconds["nothing known"] / seconds["bare, entities made"], 2),
        "times the bare engine, deployments known": round(seconds["deployments known"] / seconds["bare"], 2),
        "fleet of 20, CPU ms": round(1000 * seconds["fleet"] / len(fleet_cases), 2),
        "share permitted": round(permitted / count, 2),
    }


def _question(sample: Sample, charter: Charter) -> tuple[dict[str, object], object]:
    case = refine(sample.case, charter.data)
    entities = prepare_entities(entities_of(case.role, sample.deployment), charter.schema)
    return dict(question_of("infer", case, sample.deployment, charter.data)), entities.handle


def _in_turn(works: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the median CPU seconds of each work, the passes of all interleaved so that a busy minute slows them all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_PASSES):
        for name, work in works.items():
            gc.collect()
            before = time.process_time()
            work()
            taken[name].append(time.process_time() - before)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _print(figures: Figures, charter: Charter) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table("", "measured", "aim", "", title=f"{len(charter.policies)} policies, {charter.digest[:16]}")
    for name, value in figures.items():
        bound, side = _AIMS.get(name, (None, ""))
        met = bound is None or (value >= bound if side == "at least" else value <= bound)
        table.add_row(
            name,
            f"{value:,}",
            "" if bound is None else f"{side} {bound:,}",
            "" if bound is None else "met" if met else "missed",
        )
    console.print(table)


if __name__ == "__main__":
    main()
