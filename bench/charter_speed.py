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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from collections.abc import Callable, Sequence

    from bouclier.charter import Charter
    from bouclier.charter.question import EntitySet, Question

Figures = dict[str, float]
Sample = tuple[Case, Deployment]

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
    samples = [(case, deployments[number % _FLEET]) for number, case in enumerate(every)]
    asked = [_asked(case, deployment, charter) for case, deployment in samples]
    # Deployments stay prepared, and no case comes twice before as many others: no verdict is remembered.
    decider = Decider(charter, capacity=_FLEET)
    decider.decide_all(every[0], deployments)
    fleets = [(case, deployments) for case in every[: max(1, count // _FLEET)]]

    def bare(question: Question, entities: EntitySet, _: Sample) -> None:
        is_authorized(dict(question), charter.prepared.all, entities.handle, schema=charter.schema)

    def bare_with_entities(question: Question, _: EntitySet, sample: Sample) -> None:
        entities = prepare_entities(entities_of(sample[0].role, sample[1]), charter.schema)
        is_authorized(dict(question), charter.prepared.all, entities.handle, schema=charter.schema)

    seconds = _in_turn(
        {
            "nothing known": _through(partial(decide, charter=charter), samples),
            "deployments known": _through(decider.decide, samples),
            "fleet": _through(decider.decide_all, fleets),
            "bare": _through(bare, asked),
            "bare, entities made": _through(bare_with_entities, asked),
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
        "fleet of 20, CPU ms": round(1000 * seconds["fleet"] / len(fleets), 2),
        "share permitted": round(permitted / count, 2),
    }


def _asked(case: Case, deployment: Deployment, charter: Charter) -> tuple[Question, EntitySet, Sample]:
    refined = refine(case, charter.data)
    entities = prepare_entities(entities_of(case.role, deployment), charter.schema)
    return question_of("infer", refined, deployment, charter.data), entities, (case, deployment)


def _through(work: Callable[..., object], given: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    def run() -> None:
        for one in given:
            work(*one)

    return run


def _in_turn(works: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the median CPU seconds of each work; their passes are interleaved, so a busy minute slows all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_PASSES):
        for name, work in works.items():
            gc.collect()
            before = time.process_time()
            work()
            taken[name].append(time.process_time() - before)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _print(figures: Figures, charter: Charter) -> None:
    title = f"What a decision costs: {len(charter.policies)} policies"
    table = Table(title=title, title_justify="left")
    for head in ("figure", "measured", "aim", ""):
        table.add_column(head, justify="right" if head == "measured" else "left")
    for name, value in figures.items():
        bound, side = _AIMS.get(name, (None, ""))
        met = bound is None or (value >= bound if side == "at least" else value <= bound)
        verdict = "" if bound is None else "met" if met else "missed"
        table.add_row(name, f"{value:g}", f"{side} {bound:g}" if bound is not None else "", verdict)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
