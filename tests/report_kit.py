"""Logs for tests of reports: entries with plain values, in the order given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bouclier.oversight import (
    Candidate,
    DecisionEntry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    render_entry,
)
from bouclier.oversight.entries_model import CandidateLoad, Law, PlacementWeights
from bouclier.oversight.reports import Cover, Particulars, Period, read_log
from bouclier.tlog import hash_leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.oversight import Entry
    from bouclier.oversight.reports.reading import Counter

DIGEST = "ab" * 32
EXCHANGE = "cd" * 16
JANUARY = 1_767_225_600_000  # 2026-01-01 00:00 UTC
DAY = 86_400_000
NOBODY = Particulars()
LAW = Law(charter=DIGEST, orders=DIGEST, registry=DIGEST, root=1, timestamp=1)
WEIGHTS = PlacementWeights(carbon_ms=500, exposure_ms=None, price_ms=0)


@dataclass(frozen=True)
class Logged:
    index: int
    entry: bytes
    leaf_hash: bytes


def candidate(name: str = "paris", **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "capabilities": (),
        "carbon_mg": None,
        "contested": (),
        "control": ("FR",),
        "country": "FR",
        "deployment": name,
        "duties": (),
        "evaluations": (),
        "foreign_laws": (),
        "known": True,
        "load": CandidateLoad(in_flight=0, slots=None, wait_ms=0, warm=False),
        "model": "mistral-small",
        "openness": "open",
        "operator": "scaleway",
        "own": False,
        "permitted": True,
        "policies": ("permit-all",),
        "price_ueur": None,
        "qualifications": (),
        "service": "",
        "site": "fr-par",
    }
    return Candidate(**{**values, **changes})


def decision(*candidates: Candidate, time: int = JANUARY, **changes: Any) -> DecisionEntry:
    """A decision; the first permitted candidate is chosen, unless told otherwise."""
    considered = candidates or (candidate(),)
    values: dict[str, Any] = {
        "budget": "within",
        "candidates": considered,
        "capabilities": (),
        "chosen": next((one.deployment for one in considered if one.permitted), None),
        "considered": len(considered),
        "data_class": "personal",
        "day": 20260101,
        "declared": None,
        "exchange": EXCHANGE,
        "findings": {},
        "labels": (),
        "law": LAW,
        "markings": (),
        "modalities": ("text",),
        "principal": "0123456789abcdef",
        "purpose": "civil-registry",
        "request_commitment": DIGEST,
        "review": None,
        "role": "agent",
        "safeguards": (),
        "sealed": None,
        "signals": (),
        "sourced": False,
        "spares": (),
        "time": time,
        "tokens": 0,
        "tried": (),
        "uninspected": 0,
        "waited_ms": 0,
        "weights": PlacementWeights(carbon_ms=500, exposure_ms=None, price_ms=0),
    }
    return DecisionEntry(**{**values, **changes})


def refusal(*policies: str, time: int = JANUARY, **changes: Any) -> DecisionEntry:
    return decision(candidate("us", permitted=False, policies=policies), time=time, **changes)


def outcome(decision_index: int, *, time: int = JANUARY, **changes: Any) -> OutcomeEntry:
    values: dict[str, Any] = {
        "answer_commitment": DIGEST,
        "completion_tokens": 20,
        "decision_index": decision_index,
        "ending": "complete",
        "exchange": EXCHANGE,
        "finish_reasons": ("stop",),
        "first_token_ms": 40,
        "footprint": None,
        "law": LAW,
        "prompt_tokens": 10,
        "restored": 0,
        "status": 200,
        "time": time,
    }
    return OutcomeEntry(**{**values, **changes})


def mark(what: Any, *, time: int = JANUARY, interval_s: int = 600) -> MarkEntry:
    return MarkEntry(interval_s=interval_s, law=LAW, policy=None, time=time, version="1.0", what=what)


def opening(*, time: int = JANUARY) -> OpeningEntry:
    return OpeningEntry(
        basis="order-17", exchange=EXCHANGE, law=LAW, record=DIGEST, request=DIGEST, requester="court", time=time
    )


def erasure(*, time: int = JANUARY) -> ErasureEntry:
    return ErasureEntry(due="2026-07-01", exchange=EXCHANGE, law=LAW, record=DIGEST, time=time)


def logged(entries: Iterable[Entry]) -> list[Logged]:
    rendered = [render_entry(entry) for entry in entries]
    return [Logged(index, data, hash_leaf(data)) for index, data in enumerate(rendered)]


def read(
    counter: Counter,
    logs: Mapping[str, Sequence[Entry]],
    period: Period | None = None,
    *,
    now: int = JANUARY + 400 * DAY,
) -> Cover:
    """Tell a counter of logs by origin, and return what the report is about."""
    wanted = period or Period()
    read_logs = tuple(read_log(origin, logged(entries), wanted, counter) for origin, entries in logs.items())
    return Cover("Mairie d'Essai", wanted, now, read_logs)
