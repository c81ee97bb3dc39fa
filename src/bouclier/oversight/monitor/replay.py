"""Decide again: from what a decision entry says was known, the class, the facts, the verdicts and the choice.

What is replayed, in this order, each step on the results of the step before rather than on what is recorded, so that a
bent fact cannot straighten what follows from it:

1. class and labels, from the findings, the markings, what the caller declared and what could not be read; then what
   the charter the entry cites adds to both, from the purpose and what was asked;
2. each candidate's exposure, from the registry the entry cites, and whether it is the institution's own;
3. each candidate's verdict, from the charter the entry cites under the orders it cites;
4. the choice and the spares, from the loads, weights and budget recorded, and what was tried before (`choice`);
5. the day, from the entry's time.

A charter, orders or a registry that the monitor does not hold are said once, and their step is skipped: what is
recorded is believed for the steps after it.

What cannot be replayed is what the entry does not hold: the words (were the findings and the second net's signals all
there was?), what the institution declares of its safeguards and of its deployments, the load, and whether the
candidates were all the deployments the caller could have had. Oversight knows neither shield nor registry, charter nor
fleet: whoever composes supplies them as a `Replayer` (`replayer`).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bouclier.oversight.monitor.alarm import Remark, Severity
from bouclier.oversight.monitor.choice import replay_choice
from bouclier.oversight.monitor.recorded import CLASSES, recorded_case, recorded_deployment, recorded_exposure
from bouclier.terms.duties import is_duty
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bouclier.oversight.entries_model import Candidate, DecisionEntry, Law
    from bouclier.oversight.monitor.replayer import Classified, Replayer

_SELF: Final = "self"
_NONE: Final = "-"
_EXPOSED: Final = ("known", "control", "foreign_laws", "contested")
DAY_WITHIN_MS: Final = 300_000
"""A request may be inspected before midnight and decided after it."""


def replay(entry: DecisionEntry, replayer: Replayer) -> Iterator[Remark]:
    """Yield where a decision is not what the same inputs, law and registry give."""
    yield from _day(entry)
    charter, orders = entry.law.charter, entry.law.orders
    holds_charter = replayer.knows_charter(charter)
    classified = _classified(entry, replayer)
    if classified is not None and holds_charter:
        case = replayer.refined(charter, recorded_case(entry, classified.data_class, classified.labels))
        yield from _classification(entry, case)
    else:
        case = recorded_case(entry)
        yield from understated(entry, replayer)
        if classified is None:
            yield Remark("finding-unknown", field="$.findings", found=",".join(sorted(entry.findings)))
    judge = replayer.verdict if holds_charter and replayer.knows_orders(charter, orders) else None
    verdicts = []
    for number, candidate in enumerate(entry.candidates):
        deployment, remarks = _facts(entry, candidate, number, replayer)
        yield from remarks
        if judge is None:
            verdict = _recorded(candidate, deployment)
        else:
            verdict, remarks = _verdict(entry, candidate, number, case, deployment, judge)
            yield from remarks
        if verdict.permitted:
            verdicts.append(verdict)
    yield from replay_choice(entry, verdicts, replayer)


def _day(entry: DecisionEntry) -> Iterator[Remark]:
    latest = _day_number(entry.time // 1000)
    if entry.day != latest and entry.day != _day_number((entry.time - DAY_WITHIN_MS) // 1000):
        yield Remark("day-differs", field="$.day", expected=str(latest), found=str(entry.day))


@lru_cache(maxsize=4096)
def _day_number(time_s: int) -> int:
    """Return a day as the charter counts, 20261122; that of the last day there is for times beyond it."""
    try:
        day = dt.datetime.fromtimestamp(max(time_s, 0), dt.UTC).date()
    except (OverflowError, ValueError, OSError):
        day = dt.date.max
    return day.year * 10_000 + day.month * 100 + day.day


def _classification(entry: DecisionEntry, found: Case) -> Iterator[Remark]:
    if found.data_class.slug != entry.data_class:
        yield Remark(
            "classification-differs", field="$.data_class", expected=found.data_class.slug, found=entry.data_class
        )
    if found.labels != entry.labels:
        yield Remark(
            "classification-differs", field="$.labels", expected=_joined(found.labels), found=_joined(entry.labels)
        )


def understated(entry: DecisionEntry, replayer: Replayer) -> Iterator[Remark]:
    """Yield where less is recorded than the findings give, whatever a charter that is not held adds to it."""
    classified = _classified(entry, replayer)
    if classified is None:
        return
    if CLASSES[entry.data_class] < classified.data_class:
        expected, found = f">= {classified.data_class.slug}", entry.data_class
        yield Remark("classification-differs", field="$.data_class", expected=expected, found=found)
    missing = [label for label in classified.labels if label not in entry.labels]
    if missing:
        yield Remark(
            "classification-differs", field="$.labels", expected=f"+ {_joined(missing)}", found=_joined(entry.labels)
        )


def _classified(entry: DecisionEntry, replayer: Replayer) -> Classified | None:
    return replayer.classify(
        entry.findings,
        entry.markings,
        declared=None if entry.declared is None else CLASSES[entry.declared],
        uninspected=entry.uninspected,
    )


def _facts(
    entry: DecisionEntry, candidate: Candidate, number: int, replayer: Replayer
) -> tuple[Deployment, list[Remark]]:
    """Return the deployment as the registry knows it, and where the record says otherwise."""
    remarks = []
    own = candidate.operator == _SELF
    if own != candidate.own:
        remarks.append(_fact(number, "own", own, candidate.own))
    registry = entry.law.registry
    if not replayer.knows_registry(registry):
        exposure = recorded_exposure(candidate)
    else:
        exposure = replayer.exposure(
            registry, candidate.operator, service=candidate.service, country=candidate.country, day=entry.day
        )
        for name in _EXPOSED:
            expected, found = getattr(exposure, name), getattr(candidate, name)
            if expected != found:
                remarks.append(_fact(number, name, expected, found))
        if not exposure.known and not replayer.is_registered(registry, candidate.operator):
            went = candidate.deployment == entry.chosen
            remarks.append(
                Remark(
                    "deployment-unregistered",
                    field=f"$.candidates[{number}].operator",
                    found=f"{candidate.deployment} ({candidate.operator})",
                    severity=Severity.ALARM if went else None,
                )
            )
    return recorded_deployment(candidate, exposure, own=own), remarks


def _recorded(candidate: Candidate, deployment: Deployment) -> Verdict:
    """Return the verdict that is recorded; its duties as far as they are any."""
    return Verdict(deployment, candidate.permitted, (), tuple(filter(is_duty, candidate.duties)))


def _verdict(
    entry: DecisionEntry,
    candidate: Candidate,
    number: int,
    case: Case,
    deployment: Deployment,
    judge: Callable[[Law, Case, Deployment], Verdict],
) -> tuple[Verdict, list[Remark]]:
    """Return what the law says of a candidate, and where the record says otherwise."""
    at = f"$.candidates[{number}]"
    try:
        verdict = judge(entry.law, case, deployment)
    except CharterError:
        # The gateway cannot have got an answer either: it must not have recorded one.
        return _recorded(candidate, deployment), [Remark("verdict-undecidable", field=at)]
    policies = tuple([policy.id for policy in verdict.policies])
    remarks = []
    if verdict.permitted != candidate.permitted:
        remarks.append(
            Remark(
                "verdict-differs",
                field=f"{at}.permitted",
                policy=", ".join(policies or candidate.policies),
                expected=_spelled(verdict.permitted),
                found=_spelled(candidate.permitted),
            )
        )
    if policies != candidate.policies:
        remarks.append(
            Remark(
                "verdict-differs",
                field=f"{at}.policies",
                policy=", ".join(sorted(set(policies) ^ set(candidate.policies)) or policies),
                expected=_joined(policies),
                found=_joined(candidate.policies),
            )
        )
    if verdict.duties != candidate.duties:
        remarks.append(
            Remark(
                "verdict-differs",
                field=f"{at}.duties",
                policy=", ".join(policies),
                expected=_joined(verdict.duties),
                found=_joined(candidate.duties),
            )
        )
    return verdict, remarks


def _fact(number: int, name: str, expected: object, found: object) -> Remark:
    return Remark(
        "facts-differ", field=f"$.candidates[{number}].{name}", expected=_spelled(expected), found=_spelled(found)
    )


def _spelled(value: object) -> str:
    """Spell a value of an entry the way the entry does, for people: lists are joined."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _joined(value) if isinstance(value, tuple) else str(value)


def _joined(values: Iterable[str]) -> str:
    return ",".join(values) or _NONE
