"""What choosing costs: `weigh` and `place` at 35 sites that each serve 20 models, beside limits of the same run.

    python -m bench.fleet.decision_cost [--peers PYTHON] [--seconds S]

One choice is: the stage of the budget, the candidates in their order, what the charter says of them, what is known of
them now, the cheapest, and the spares. Names ask for 35 deployments (a model), 175 (an alias of five) or 700 (`auto`).
`remembered`: the charter was asked about such a case before, as it is for all but an institution's first requests of a
kind; `cold`: never. Deployments were used a little, so that each has measures and exchanges in flight; time goes on by
40 ms from one choice to the next. The bare loop reads the load of as many deployments from a dict and takes the least:
nothing that chooses among them can cost less. LiteLLM's strategies run their own code on as many deployments, where
they are installed. CPU microseconds of this process, medians of passes taken in turn; they know no law and no exposure.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench import machine
from bench.fleet.law import laws
from bench.fleet.litellm_peer import STRATEGIES, LiteLlm, python_of_peers
from bench.fleet.ours import fleet_of, inspected_of, weighed
from bench.fleet.traffic import GROUPS, Asked
from bench.fleet.world import world
from bouclier.fleet import place
from bouclier.fleet.book_model import Outcome
from bouclier.gateway.asked import means_of
from bouclier.gateway.fleet import Attempt
from bouclier.terms.law import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.fleet.law import Laws
    from bench.fleet.world import World
    from bouclier.charter import InForce
    from bouclier.gateway.fleet import Fleet
    from bouclier.terms.exchange import Inspected

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
AIM_US: Final = 300.0
MODELS: Final = ("apertus-70b", "assistant", "auto")
_KINDS: Final = ("public", "personal", "health")
_STEP_MS: Final = 40
_ASKED: Final = ("unspecified", 1_000)


class _Clock:
    """Milliseconds that go on when they are told to."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


class Choosing:
    """A gateway with 700 deployments, each used a little."""

    def __init__(self, fleet_world: World, law: Laws, weights: Weights) -> None:
        self.world, self.law = fleet_world, law.before
        self._clock = _Clock()
        self.fleet: Fleet = fleet_of(fleet_world, weights, self._clock, seed="bench")
        self._numbers = itertools.count()
        self._use(random.Random(1))

    def choose(self, inspected: Inspected, law: InForce) -> str:
        """Make one choice."""
        self._clock.now_ms += _STEP_MS
        permitted = weighed(inspected, law, self.fleet, Attempt("conversation"))
        return place(permitted, means_of(inspected.received)).chosen.deployment.name

    def asked(self, group: str, model: str) -> Inspected:
        """Return a request."""
        kind = next(one for one in GROUPS if one.name == group)
        return inspected_of(Asked(next(self._numbers), 0.0, kind, model, "conversation", 1000, 100), seed=1)

    def cold(self, count: int) -> list[InForce]:
        """Return the same law, so many times, as nobody was asked about it yet."""
        return [laws(self.world.registry.digest, "apertus-8b").before for _ in range(count)]

    def _use(self, drawn: random.Random) -> None:
        book = self.fleet.book
        for turn, name in itertools.product(range(6), self.world.served):
            self._clock.now_ms += 1
            now_ms, tokens = self._clock.now_ms, drawn.randrange(100, 4000)
            exchange = f"{name}-{turn}"
            book.begin(name, exchange, now_ms=now_ms, deadline_ms=now_ms + 10**9, prompt_tokens=tokens)
            book.first_token(name, exchange, now_ms=now_ms + 100 + tokens // drawn.randrange(2, 20))
            if turn:
                book.end(name, exchange, now_ms=now_ms + 5000, outcome=Outcome.SERVED, tokens=150)


def bare_loop(loads: dict[str, int], names: tuple[str, ...]) -> str:
    """Read as many numbers from a dict as there are deployments, and return whose is the least."""
    chosen, least = "", 1 << 62
    for name in names:
        load = loads[name]
        if load < least:
            chosen, least = name, load
    return chosen


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet.decision_cost", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time for each figure")
    parser.add_argument(
        "--peers", type=Path, default=python_of_peers(), metavar="PYTHON", help="interpreter of the peers"
    )
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    options = parser.parse_args()
    described = machine.described()
    figures = measured(options.seconds, options.peers)
    described["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    _print(figures)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = {"machine": described, "aim_us": AIM_US, "figures": figures}
    (options.out / "fleet_decision_cost.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def measured(seconds: float, peers: Path | None) -> dict[str, float]:
    """Return the cost of each kind of choice, CPU microseconds."""
    every = world(models_each=20)
    law = laws(every.registry.digest, "apertus-8b")
    first, priced = (
        Choosing(every, law, weights) for weights in (Weights(), Weights(exposure_ms=20_000, price_ms=1, carbon_ms=500))
    )
    works: dict[str, Callable[[], object]] = {}
    for model in MODELS:
        count = len(every.named(model))
        names = tuple(one.name for one in every.named(model))
        loads = {name: drawn for drawn, name in enumerate(reversed(names))}
        works[f"bare loop, {count}"] = _again(bare_loop, loads, names)
        for kind in _KINDS:
            works[f"ours, {model} ({count}), {kind}"] = _choosing(first, kind, model)
        works[f"ours, exposure priced, {model} ({count}), personal"] = _choosing(priced, "personal", model)
    figures = _in_turn(works, seconds)
    figures |= _cold(first)
    if peers is not None:
        figures |= _litellm(every, peers)
    return figures


def _again(
    work: Callable[[dict[str, int], tuple[str, ...]], str], loads: dict[str, int], names: tuple[str, ...]
) -> Callable[[], object]:
    return lambda: work(loads, names)


def _choosing(choosing: Choosing, kind: str, model: str) -> Callable[[], object]:
    inspected = choosing.asked(kind, model)
    numbers = itertools.count()

    def work() -> object:
        received = replace(inspected.received, exchange_id=str(next(numbers)))
        return choosing.choose(replace(inspected, received=received), choosing.law)

    return work


def _cold(choosing: Choosing) -> dict[str, float]:
    figures = {}
    for model in MODELS:
        taken = []
        for law in choosing.cold(5):
            inspected = choosing.asked("personal", model)
            began = time.process_time_ns()
            choosing.choose(inspected, law)
            taken.append((time.process_time_ns() - began) / 1000)
        figures[f"ours, {model} ({len(choosing.world.named(model))}), personal, cold"] = round(
            statistics.median(taken), 1
        )
    return figures


def _litellm(every: World, peers: Path) -> dict[str, float]:
    figures = {}
    for strategy in STRATEGIES:
        peer = LiteLlm(strategy, every, peers, seed=1)
        try:
            for model in MODELS:
                names = [one.name for one in every.named(model)]
                taken = [peer.choose(model, names, now_s=float(turn))[1] for turn in range(60)]
                figures[f"LiteLLM {strategy}, {len(names)}"] = round(1e6 * statistics.median(taken[10:]), 1)
        finally:
            peer.close()
    return figures


def _in_turn(works: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return the median CPU microseconds of each; their passes are interleaved, so a busy minute slows all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():  # whatever is remembered from then on
        for _ in range(5):
            work()
    gc.collect()
    for _ in range(9):
        for name, work in works.items():
            began, count = time.process_time_ns(), 0
            while (spent := time.process_time_ns() - began) < seconds * 1e9 / 9:
                work()
                count += 1
            taken[name].append(spent / count / 1000)
    return {name: round(statistics.median(values), 1) for name, values in taken.items()}


def _print(figures: dict[str, float]) -> None:
    table = Table(title=f"What choosing costs, CPU µs (aim: at most {AIM_US:g} once remembered)", title_justify="left")
    for head in ("choice", "µs", "times the bare loop", "aim"):
        table.add_column(head, justify="left" if head == "choice" else "right")
    for name, value in figures.items():
        number = name.rpartition(", ")[2] if name.startswith(("bare", "LiteLLM")) else name.split("(")[1].split(")")[0]
        aimed = name.startswith("ours") and not name.endswith("cold")
        verdict = ("met" if value <= AIM_US else "missed") if aimed else ""
        table.add_row(name, f"{value:,.1f}", f"{value / figures[f'bare loop, {number}']:,.0f}", verdict)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
