"""LiteLLM's strategies in the simulation: its own code where it is installed, else ours after its documentation."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import machine
from bench.fleet.peers import LeastBusy, LowestCost, LowestLatency, LowestUsage, Random

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.fleet.peers import Chooser, Ended
    from bench.fleet.world import World

STRATEGIES: Final = (
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing-v2",
)
_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_WORKER: Final = Path(__file__).with_name("litellm_worker.py")
_UNKNOWN_PRICE: Final = 1e9
_FREE: Final = 1e-12
"""LiteLLM takes a price of nought for one it does not know, and that for the highest."""


def python_of_peers() -> Path | None:
    """Return the interpreter of the bench's peers, if it has LiteLLM."""
    python = _REPOSITORY / ".venv-bench" / "bin" / "python"
    return python if has_litellm(python) else None


def has_litellm(python: Path | None) -> bool:
    """Tell whether an interpreter can use LiteLLM."""
    return python is not None and python.exists() and "litellm" in machine.versions(str(python), ("litellm",))


def prices_of(world: World) -> Mapping[str, float | None]:
    """Return prices a token, euros, as LiteLLM is told them: next to nothing for own machines, None where unknown."""
    prices: dict[str, float | None] = {}
    for name, served in world.served.items():
        price = served.deployment.price_ueur
        prices[name] = _FREE if served.deployment.own else None if price is None else price / 1e9
    return prices


def chooser_of(strategy: str, world: World, python: Path | None, *, seed: int) -> Chooser:
    """Return one of LiteLLM's strategies."""
    if python is not None:
        return LiteLlm(strategy, world, python, seed=seed)
    slots = {name: one.slots for name, one in world.served.items()}
    prices = {name: _UNKNOWN_PRICE if price is None else price for name, price in prices_of(world).items()}
    made: Mapping[str, Chooser] = {
        "simple-shuffle": Random(seed, slots),
        "least-busy": LeastBusy(seed),
        "latency-based-routing": LowestLatency(seed),
        "cost-based-routing": LowestCost(prices),
        "usage-based-routing-v2": LowestUsage(seed),
    }
    return made[strategy]


class LiteLlm:
    """One strategy in a process of its own."""

    def __init__(self, strategy: str, world: World, python: Path, *, seed: int) -> None:
        """Start it.

        Raises:
            RuntimeError: It does not start.
        """
        self._process = subprocess.Popen(
            [str(python), str(_WORKER), strategy, str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=machine.environment(LITELLM_LOCAL_MODEL_COST_MAP="True"),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        if self._answer() != "ready":
            raise RuntimeError(strategy)
        prices = prices_of(world)
        given = [
            {"id": name, "model": one.deployment.model, "weight": one.slots, "price": prices[name]}
            for name, one in world.served.items()
        ]
        self._say("deployments", given)

    def choose(self, group: str, names: Sequence[str], now_s: float) -> tuple[str | None, float]:
        """Return what it chooses, and the CPU seconds that took it."""
        self._say("choose", group, list(names), now_s)
        chosen, took_s = self._answer()
        return chosen, took_s

    def began(self, group: str, name: str, now_s: float) -> None:
        """Tell it."""
        self._say("began", group, name, now_s)

    def ended(self, group: str, name: str, told: Ended, now_s: float) -> None:
        """Tell it."""
        self._say("ended", group, name, now_s, {field: getattr(told, field) for field in told.__slots__})

    def close(self) -> None:
        """End it."""
        self._to.close()
        self._from.close()
        self._process.wait()

    def _say(self, *words: object) -> None:
        self._to.write(json.dumps(words) + "\n")
        self._to.flush()

    def _answer(self) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(self._from.readline() or "null")
