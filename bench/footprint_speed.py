"""What counting a footprint costs, and how ours compares with the EcoLogits package.

    python -m bench.footprint_speed                         the cost, beside the aim of 50 µs
    PYTHON bench/footprint_speed.py --vectors FILE          vectors for tests/vectors/footprint, by EcoLogits itself
    PYTHON bench/footprint_speed.py --models FILE           its answer for every model it lists, by EcoLogits itself
    python -m bench.footprint_speed --compare FILE          ours, beside those

PYTHON is that of an environment with `ecologits==0.11.3`, which Bouclier does not need: `pip install ecologits==0.11.3`
elsewhere. Sizes of models are the package's; they are compared with here and not kept.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import timeit
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REPOSITORY = Path(__file__).resolve().parents[1]
_AIM_US = 50.0
_TOKENS = 400
_SECONDS = 8.0
_SIZES = (
    *((0.5, 0.5), (1.5, 1.5), (7.0, 7.0), (24.0, 24.0), (33.0, 33.0), (34.0, 34.0), (70.0, 70.0), (123.0, 123.0)),
    *((119.0, 6.5), (675.0, 41.0), (1760.0, 176.0), (1760.0, 528.0), (5400.0, 1800.0)),
)
_SHORT, _USUAL, _SLOW, _LONG = (1, 0.4), (400, 8.0), (400, 120.0), (4000, 60.0)
_CASES = (
    *((work, place) for work in (_SHORT, _LONG) for place in ((1.16, 35.26),)),
    *((work, place) for work in (_USUAL, _SLOW) for place in ((1.2, 384.4), (1.0, 41.44))),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.footprint_speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for option in ("--vectors", "--models", "--compare"):
        parser.add_argument(option, type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    options = parser.parse_args()
    if options.vectors:
        write(options.vectors, {"source": _SOURCE, "generator": _GENERATOR, "vectors": list(vectors())})
    elif options.models:
        write(options.models, list(models()))
    elif options.compare:
        compare(json.loads(options.compare.read_bytes()))
    else:
        measure(options.out)


_SOURCE = "ecologits 0.11.3 (MPL-2.0), compute_llm_impacts and compute_llm_impacts_dag, on sizes chosen here."
_GENERATOR = "python bench/footprint_speed.py --vectors FILE, in an environment with ecologits==0.11.3."


def write(path: Path, told: object) -> None:
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def vectors() -> Iterator[dict[str, float]]:
    llm = importlib.import_module("ecologits.impacts.llm")
    for (total, active), ((tokens, seconds), (pue, mix)) in itertools.product(_SIZES, _CASES):
        asked = {
            "model_active_parameter_count": active,
            "model_total_parameter_count": total,
            "output_token_count": tokens,
            "request_latency": seconds,
            "if_electricity_mix_gwp": mix / 1000,
            "datacenter_pue": pue,
            # What these do not change: minerals, primary energy, water.
            **dict.fromkeys(("if_electricity_mix_adpe", "if_electricity_mix_pe"), 0.0),
            **dict.fromkeys(("if_electricity_mix_wue", "datacenter_wue"), 0.0),
        }
        answer = llm.compute_llm_impacts(**asked)
        yield {
            "total_b": total,
            "active_b": active,
            "tokens": tokens,
            "seconds": seconds,
            "pue": pue,
            "g_per_kwh": mix,
            "energy_uwh": answer.energy.value * 1e9,
            "carbon_ug": answer.gwp.value * 1e9,
            "embodied_ug": answer.embodied.gwp.value * 1e9,
            "worked_s": llm.compute_llm_impacts_dag(**asked)["generation_latency"],
        }


def models() -> Iterator[dict[str, Any]]:
    listed = importlib.import_module("ecologits.model_repository").models.list_models()
    utils = importlib.import_module("ecologits.tracers.utils")
    mixes = importlib.import_module("ecologits.electricity_mix_repository").electricity_mixes
    for model in listed:
        sizes = model.architecture.parameters
        provider = utils.PROVIDER_CONFIG_MAP[model.provider.value]
        # Its tokens per second, where it has them, say how long an answer takes; else an ordinary time.
        speed = model.deployment
        seconds = (speed.ttft or 0) + _TOKENS / speed.tps if speed is not None and speed.tps else _SECONDS
        answer = utils.llm_impacts(model.provider.value, model.name, _TOKENS, seconds, "FRA")
        yield {
            "name": model.name,
            "seconds": seconds,
            "g_per_kwh": mixes.find_electricity_mix("FRA").gwp * 1000,
            "pue": bounds(provider.datacenter_pue),
            "total_b": bounds(getattr(sizes, "total", sizes)),
            "active_b": bounds(getattr(sizes, "active", sizes)),
            "energy_uwh": [value * 1e9 for value in bounds(answer.energy.value)],
            "carbon_ug": [value * 1e9 for value in bounds(answer.gwp.value)],
        }


def bounds(value: Any) -> list[float]:  # noqa: ANN401 -- a number, or a range of that package's
    return [getattr(value, "min", value), getattr(value, "max", value)]


def compare(theirs: list[dict[str, Any]]) -> None:
    from bouclier.compose.footprint_data import footprint_data  # noqa: PLC0415 -- not in the environment of EcoLogits
    from bouclier.footprint import Hosting, Mix, ModelSize, Range, Work, footprint, gauge_of  # noqa: PLC0415

    method = footprint_data().method
    for quantity in ("energy_uwh", "carbon_ug"):
        held, wider, below, above = 0, [], [], []
        for one in theirs:
            mix = Mix("FR", Range(one["g_per_kwh"], one["g_per_kwh"]))
            size = ModelSize(tuple(one["total_b"]), tuple(one["active_b"]))
            made = gauge_of(method, size, Hosting(mix, tuple(one["pue"])))
            ours = getattr(footprint(made, Work(_TOKENS, seconds=one["seconds"])), quantity)
            low, high = one[quantity]
            held += ours.low <= low and high <= ours.high
            below.append(ours.low / low)
            above.append(ours.high / high)
            wider.append(ours.high / ours.low)
        print(f"{quantity}: {held} of {len(theirs)} models within our range", end="; ")
        print(f"our bounds are {spread(below)} of theirs below, {spread(above)} above; ours span {spread(wider)}")


def spread(values: list[float]) -> str:
    values = sorted(values)
    return f"{values[0]:.2f}-{values[-1]:.2f} (median {values[len(values) // 2]:.2f})"


def measure(out: Path) -> None:
    from bench import machine  # noqa: PLC0415 -- likewise
    from bouclier.compose.footprint_data import footprint_data  # noqa: PLC0415
    from bouclier.footprint import Hosting, ModelSize, Work, footprint, gauge_of  # noqa: PLC0415
    from bouclier.footprint.budgets import Allowance, BudgetBook  # noqa: PLC0415
    from bouclier.footprint.shown import footprint_header, usage_carbon  # noqa: PLC0415

    data = footprint_data()
    hosting = Hosting(data.mixes.of(None, "FR"), (1.3, 1.3))
    gauge = gauge_of(data.method, ModelSize((24, 24)), hosting)
    work = Work(_TOKENS, seconds=_SECONDS)
    cost = footprint(gauge, work)
    book = BudgetBook([Allowance("guichet", "day", 10**12)])

    def spend() -> None:
        book.spending("guichet", now_ms=0)
        book.reserve("guichet", "x", 5, now_ms=0)
        book.settle("x", 4)

    figures = {
        "footprint": timed(lambda: footprint(gauge, work)),
        "footprint, tokens uncounted": timed(lambda: footprint(gauge, Work(None, 1600, _SECONDS))),
        "usage.carbon and header": timed(lambda: (usage_carbon(cost), footprint_header(cost))),
        "budget: stage, reserve, settle": timed(spend),
        "a gauge, once per deployment": timed(lambda: gauge_of(data.method, ModelSize((24, 24)), hosting)),
    }
    for name, figure in figures.items():
        print(f"{figure:8.1f} µs  {name}")
    whole = sum(figures.values()) - figures["a gauge, once per deployment"] - figures["footprint, tokens uncounted"]
    print(f"{whole:8.1f} µs  per exchange, all of it; the aim is {_AIM_US:.0f}")
    write(
        out / "footprint_speed.json",
        {"machine": machine.described(), "microseconds": figures, "microseconds per exchange": whole},
    )


def timed(work: Callable[[], object], *, passes: int = 7, times: int = 5_000) -> float:
    """Return the median of some passes, microseconds."""
    return sorted(timeit.repeat(work, number=times, repeat=passes))[passes // 2] / times * 1e6


if __name__ == "__main__":
    main()
