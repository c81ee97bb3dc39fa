"""The EU Cloud Sovereignty Framework, as far as facts allow: intervals, gates and a weighted score. Pure.

Under each of the eight objectives the level (SEAL, 0 to 4) is an interval:

1. Without an assessment that held for certain that day it is 0 to 4: unknown is not zero, and not four. With one it is
   that level. (A registry holds no two that disagree.)
2. What facts say of control and law **caps** the highest level, after the levels' own definitions (`framework.json`).
3. What facts do **not** exclude caps the lowest level in the same way: an assessment is relied on only as far as it
   would still hold in the worst case. So leaving a fact out never raises what is certain.

Points under an objective are those an assessor gave, else 0 to 100; where rule 3 took from the level, at least 0. The
weighted score is their sum by weight: an interval too. A level is not a number of points, and none is made from the
other. ADR 0041 says why, and what can be contested.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.amounts import exact
from bouclier.registry.framework import MAX_SEAL
from bouclier.registry.free_text import in_both
from bouclier.registry.model import SELF
from bouclier.registry.periods import holds_on
from bouclier.registry.report_model import Bounds, Objective, Sovereignty
from bouclier.registry.report_states import is_sure

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Ownership
    from bouclier.registry.framework import CapId, Framework, Weighted
    from bouclier.registry.model import Assessment
    from bouclier.registry.report_model import HoldersTest, Reached, Unknown, Verdict

_ALL: Final = Fraction(100)
NOTHING_KNOWN: Final = Sovereignty((), Bounds(Fraction(), _ALL), None)
_HIDES_A_LAW: Final = frozenset({"control", "seat", "hosting", "staff", "access", "facts", "host", "maker"})


class Findings(NamedTuple):
    """What facts establish, and what they do not exclude: ids of caps.

    Attributes:
        sure: They hold.
        possible: They hold, or may.
    """

    sure: frozenset[CapId]
    possible: frozenset[CapId]


def findings(
    registry: Registry,
    ownership: Ownership,
    *,
    operators: Sequence[str],
    reaches: Iterable[Reached],
    unknowns: Iterable[Unknown],
    holders: HoldersTest,
    known: bool,
) -> Findings:
    """Return what the facts on control, law and holders mean for the framework.

    Args:
        registry: The facts.
        ownership: Its holdings at the day asked about.
        operators: Who runs the subject.
        reaches: The laws that reach it.
        unknowns: What is not known.
        holders: How much is held from outside.
        known: Whether all who can reach the data and control them are known.
    """
    union = registry.members_on(ownership.day, through="EU")
    masters = {master for operator in operators for master in _masters(ownership, operator) if master != SELF}
    seats = {master: _seat(registry, master) for master in masters}
    outside = [master for master, seat in seats.items() if seat is not None and seat not in union]
    inside = [master for master, seat in seats.items() if seat in union]
    sure: set[CapId] = set()
    possible: set[CapId] = set()
    if outside and len(outside) == len(masters):
        sure.add("outside-control")
    elif outside:
        sure.add("shared-control")
    if any(max(holder.capital.low, holder.votes.low) > 0 and holder.seat is not None for holder in holders.holders):
        sure.add("outside-holders")
    if any(is_sure(reached) for reached in reaches):
        sure.add("foreign-law")
    if any(reached.is_open for reached in reaches):
        possible.add("foreign-law")
    if not known or (holders.unnamed > 0 and not _are_masters(ownership, operators, inside)):
        possible.add("outside-control")
    if holders.verdict != "pass":
        possible.add("shared-control")
        possible.add("outside-holders")
    if holders.capital.high > 0 or holders.votes.high > 0:
        possible.add("outside-holders")
    if not known or any(unknown.kind in _HIDES_A_LAW for unknown in unknowns):
        possible.add("foreign-law")
    return Findings(frozenset(sure), frozenset(sure | possible))


def sovereignty_of(
    registry: Registry,
    framework: Framework,
    found: Findings,
    *,
    services: Sequence[str],
    day: dt.date,
    gates: Mapping[str, int],
) -> Sovereignty:
    """Return what the framework says of a subject, as far as facts allow.

    Args:
        registry: The facts.
        framework: Objectives, levels and caps.
        found: What the facts mean for it.
        services: The services that are the subject; assessments are of services.
        day: The day asked about.
        gates: Least level that whoever asks wants, by objective.
    """
    objectives = tuple(
        _objective(objective, framework, found, _assessments(registry, services, objective.id, day), gates)
        for objective in framework.objectives
    )
    low = sum((objective.weight * objective.score.low / _ALL for objective in objectives), Fraction())
    high = sum((objective.weight * objective.score.high / _ALL for objective in objectives), Fraction())
    verdicts = {objective.passes for objective in objectives} - {None}
    gate: Verdict | None = None
    if verdicts:
        gate = "fail" if "fail" in verdicts else "unknown" if "unknown" in verdicts else "pass"
    return Sovereignty(objectives, Bounds(low, high) if objectives else NOTHING_KNOWN.score, gate)


def _objective(
    objective: Weighted,
    framework: Framework,
    found: Findings,
    assessments: Sequence[Assessment],
    gates: Mapping[str, int],
) -> Objective:
    caps = {cap.id: cap.seal for cap in framework.caps if objective.id in cap.objectives}
    ceiling = min((seal for name, seal in caps.items() if name in found.sure), default=MAX_SEAL)
    floor = min((seal for name, seal in caps.items() if name in found.possible), default=MAX_SEAL)
    least = min((assessment.seal for assessment in assessments), default=0)
    most = max((assessment.seal for assessment in assessments), default=MAX_SEAL)
    low, high = min(least, floor), min(most, ceiling)
    why = [name for name, seal in caps.items() if name in found.sure and seal == ceiling < most]
    unless = [
        name for name, seal in caps.items() if name in found.possible and seal == floor < least and name not in why
    ]
    points = [exact(assessment.score) for assessment in assessments if assessment.score is not None]
    complete = bool(points) and len(points) == len(assessments)
    score = Bounds(min(points) if complete and floor >= least else Fraction(), max(points) if complete else _ALL)
    gate = gates.get(objective.id)
    passes: Verdict | None = None
    if gate is not None:
        passes = "pass" if low >= gate else "fail" if high < gate else "unknown"
    return Objective(
        id=objective.id,
        weight=objective.weight,
        seal=(low, high),
        score=score,
        gate=gate,
        passes=passes,
        why=tuple(sorted(why)),
        facts=tuple(assessments),
        unless=tuple(sorted(unless)),
    )


def _assessments(registry: Registry, services: Sequence[str], objective: str, day: dt.date) -> list[Assessment]:
    """Return the assessments of one service; of several services nothing is certain, as one of them is meant."""
    if len(services) != 1:
        return []
    found = (
        assessment
        for assessment in registry.assessments.get(services[0], ())
        if assessment.objective == objective and holds_on(assessment, day, favourable=True)
    )
    return sorted(
        found,
        key=lambda one: (one.seal, one.score is None, one.score or 0, one.as_of, in_both(one.source.ref).en),
    )


def _masters(ownership: Ownership, operator: str) -> list[str]:
    """Return who controls an operator and is controlled by nobody known; all of them, if they are in a circle."""
    closure = ownership.closure(operator)
    tops = [name for name, controls in closure.items() if not controls]
    return tops or list(closure)


def _are_masters(ownership: Ownership, operators: Sequence[str], inside: Sequence[str]) -> bool:
    """Return whether each operator is controlled from within the Union by somebody other than by absence of others."""
    return bool(operators) and all(
        operator == SELF
        or any(ownership.closure(operator).get(name) is not None for name in inside if name != operator)
        for operator in operators
    )


def _seat(registry: Registry, entity: str) -> str | None:
    fact = registry.entities.get(entity)
    return fact.seat if fact is not None else None
