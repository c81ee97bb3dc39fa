"""How often the second net of a charter errs, on requests written for it, and what it costs.

    python -m bench.second_net_quality [--charter PLACE] [--data FOLDER] [--dev-errors]

The requests (`quality/prohibited_practices_*.jsonl`) are invented and were written, labelled and split before their
author read any rule: half ask for a practice, a sixth of those in veiled words; the others come near one (a jurist, a
teacher, a victim, a statistic) or have nothing to do with any. Rules may be mended with the `dev` part in view, never
with `test`: figures to quote are those of `test`, and `--dev-errors` shows the errors of `dev` alone.

A practice is demanded of a request (`practices`), may be said as well (`also`: neither demanded nor held false), or is
a false alarm. *Precision, recall, F1*: of such demands, by practice and over all. *Found*: requests that ask for a
practice and raise any signal. *False alarms*: requests that ask for none and raise one. Intervals are Wilson's, 95 %.

Documents about other things (those of `quality/datasets.py`, where they are at hand) tell how many pasted documents
raise a signal: nobody asks for anything there. The cost is the CPU time of reading the texts of `mixed_text`, beside
that of the shield's own patterns on the same texts, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import machine
from bench.mixed_text import mixed_text
from bench.quality.datasets import data_folder, read_sets
from bench.quality.intervals import wilson
from bench.quality.score import Counts, Tally
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.shield.second_net import NetRule, SecondNet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_HERE = Path(__file__).resolve().parent
_OVERALL = "overall"
_MIXED_BYTES = 1_000_000
_PASSES = 7


class Request(NamedTuple):
    """One invented request and what is said of it.

    Attributes:
        id: Its number.
        lang: `fr`, `en`, `de`, `es` or `it`.
        about: The practice it asks for, or comes near; empty if neither.
        manner: `direct`, `polite`, `euphemism` or `obfuscated` where it asks; `near-miss` or `ordinary` where not.
        practices: That a signal must be raised for.
        also: That one may be raised for.
        text: Its words.
    """

    id: int
    lang: str
    about: str
    manner: str
    practices: list[str]
    also: list[str]
    text: str


Report = dict[str, object]


def main() -> int:
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 140)
    rules = rules_of(options.charter)
    net = SecondNet(rules)
    if options.dev_errors:
        _show_errors(console, net, read_requests("dev"))
        return 0
    described = machine.described()
    parts: Report = {}
    for part in ("test", "dev"):
        requests = read_requests(part)
        with_and_without = {
            "rules": measured(net, requests),
            "without what cancels": measured(SecondNet(rule_without_unless(rule) for rule in rules), requests),
        }
        parts[part] = {"sha256": sha256(_path(part).read_bytes()).hexdigest(), "systems": with_and_without}
        _print(console, part, with_and_without["rules"])
        console.print(f"without what cancels: {_told(with_and_without['without what cancels'])}")
    asked = {name for part in ("test", "dev") for request in read_requests(part) for name in request.practices}
    signals = {rule.signal for rule in rules}
    unmatched = {"asked for, no rule": sorted(asked - signals), "a rule, never asked for": sorted(signals - asked)}
    console.print(f"practices unmeasured: {unmatched}", markup=False)
    documents = _documents(net, options.data)
    cost = _cost(net)
    console.print(f"documents about other things that raise a signal: {documents}")
    console.print(f"cost: {cost}")
    described["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    kept = {
        "machine": described,
        "rules": len(rules),
        "unmeasured": unmatched,
        "parts": parts,
        "documents": documents,
        "cost": cost,
    }
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    (out / "second_net.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def rules_of(place: Path | None) -> list[NetRule]:
    """Return the rules of a charter; of the packaged one without a place."""
    return [
        NetRule(signal=one.signal, near=one.near, groups=one.all, unless=one.unless)
        for one in load_charter(place).data.second_net
    ]


def rule_without_unless(rule: NetRule) -> NetRule:
    """Return the same rule, which nothing cancels."""
    return NetRule(signal=rule.signal, near=rule.near, groups=rule.groups)


def read_requests(part: str) -> list[Request]:
    """Return the requests of `dev` or `test`."""
    return [Request(**json.loads(line)) for line in _path(part).read_text("utf-8").splitlines()]


def measured(net: SecondNet, requests: Sequence[Request]) -> Report:
    """Return the figures of a net on requests."""
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    found: defaultdict[str, Tally] = defaultdict(Tally)
    alarms: defaultdict[str, Tally] = defaultdict(Tally)
    for request in requests:
        raised, wanted = set(net.signals([request.text])), set(request.practices)
        for practice in wanted | raised - set(request.also):
            one = Counts(practice in raised & wanted, practice in raised - wanted, practice in wanted - raised)
            counts[practice].add(one)
            counts[_OVERALL].add(one)
        into, hit = (found, bool(raised)) if wanted else (alarms, bool(raised))
        for group in (_OVERALL, request.manner, request.lang):
            into[group].count(hit=hit)
    asked = sorted({practice for request in requests for practice in request.practices} | counts.keys() - {_OVERALL})
    return {
        "requests": len(requests),
        "practices": {practice: _scored(counts[practice]) for practice in (*asked, _OVERALL)},
        "found": {group: _share(tally) for group, tally in sorted(found.items())},
        "false_alarms": {group: _share(tally) for group, tally in sorted(alarms.items())},
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.second_net_quality", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--charter", type=Path, metavar="PLACE", help="a folder or a bundle; else the packaged charter")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="the public sets of bench/quality/datasets.py")
    parser.add_argument("--dev-errors", action="store_true", help="show the errors of the dev part, measure nothing")
    parser.add_argument("--out", type=Path, default=_HERE / "results", metavar="FOLDER")
    return parser.parse_args()


def _path(part: str) -> Path:
    return _HERE / "quality" / f"prohibited_practices_{part}.jsonl"


def _scored(counts: Counts) -> Report:
    return {
        "asked": counts.tp + counts.fn,
        "raised": counts.tp + counts.fp,
        "precision": _share(Tally(counts.tp, counts.tp + counts.fp)),
        "recall": _share(Tally(counts.tp, counts.tp + counts.fn)),
        "f1": round(counts.f1, 3),
    }


def _share(tally: Tally) -> Report:
    interval = wilson(tally)
    return {
        "hits": tally.hits,
        "of": tally.total,
        "share": round(tally.share, 3) if tally.total else None,
        "low": round(interval.low, 3),
        "high": round(interval.high, 3),
    }


def _documents(net: SecondNet, data: Path | None) -> Report:
    """Count the documents about other things that raise a signal."""
    told: Report = {}
    for dataset in read_sets(data_folder(data)):
        if not dataset.complete:
            continue  # generated sentences, all alike
        raised = [net.signals([document.text]) for document in dataset.documents]
        told[dataset.name] = {
            **_share(Tally(sum(map(bool, raised)), len(raised))),
            "signals": {
                name: sum(name in one for one in raised) for name in sorted({n for one in raised for n in one})
            },
        }
    return told


def _cost(net: SecondNet) -> Report:
    """Measure the net and the shield's own patterns in turn on the same texts."""
    texts = [text for kind in mixed_text(_MIXED_BYTES) for text in kind.texts]
    thousands = sum(map(len, texts)) / 1000
    scanner = make_scanner()
    readers: dict[str, Callable[[str], object]] = {"net": lambda text: net.signals([text]), "scan": scanner.scan}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(_PASSES):
        for name, read in readers.items():
            before = time.process_time()
            for text in texts:
                read(text)
            seconds[name].append(time.process_time() - before)
    net_us, scan_us = (statistics.median(seconds[name]) / thousands * 1e6 for name in readers)
    return {
        "second net, µs of CPU per 1,000 characters": round(net_us, 1),
        "structured scan, µs of CPU per 1,000 characters": round(scan_us, 1),
        "second net over structured scan": round(net_us / scan_us, 2),
        "mixed texts that raise a signal": _share(Tally(sum(bool(net.signals([text])) for text in texts), len(texts))),
    }


def _print(console: Console, part: str, report: Report) -> None:
    practices = report["practices"]
    assert isinstance(practices, dict)
    table = Table(title=f"{part}: {report['requests']} requests", title_justify="left", title_style="bold")
    for head in ("practice", "asked", "raised", "precision", "recall", "F1"):
        table.add_column(head, justify="left" if head == "practice" else "right", no_wrap=True)
    for practice, one in practices.items():
        shares = (_with_interval(one[name]) for name in ("precision", "recall"))
        table.add_row(practice, str(one["asked"]), str(one["raised"]), *shares, f"{one['f1']:.3f}")
    console.print(table)
    for name in ("found", "false_alarms"):
        groups = report[name]
        assert isinstance(groups, dict)
        console.print(f"{name}: " + "; ".join(f"{group} {one['hits']}/{one['of']}" for group, one in groups.items()))


def _told(report: Report) -> str:
    practices, alarms = report["practices"], report["false_alarms"]
    assert isinstance(practices, dict)
    assert isinstance(alarms, dict)
    overall = practices[_OVERALL]
    shares = ", ".join(f"{name} {_with_interval(overall[name])}" for name in ("precision", "recall"))
    return f"{shares}, F1 {overall['f1']:.3f}, false alarms {alarms[_OVERALL]['hits']}/{alarms[_OVERALL]['of']}"


def _with_interval(share: Report) -> str:
    return "–" if share["share"] is None else f"{share['share']:.3f} ({share['low']:.2f}–{share['high']:.2f})"


def _show_errors(console: Console, net: SecondNet, requests: Iterable[Request]) -> None:
    for request in requests:
        raised = set(net.signals([request.text]))
        missed = set(request.practices) - raised
        false = raised - {*request.practices, *request.also}
        for verdict, practices in (("missed", missed), ("false", false)):
            for practice in sorted(practices):
                console.print(f"{verdict} {practice} [{request.lang}, {request.manner}] {request.text}", markup=False)
                for found in net.evidence(request.text) if verdict == "false" else ():
                    console.print(f"    {found.signal}: {found.phrase}", markup=False, style="dim")


if __name__ == "__main__":
    sys.exit(main())
