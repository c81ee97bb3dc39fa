"""From facts to exposure: which laws can compel disclosure, through which chain, how surely, at a day. Pure.

The rules are in the modules that apply them, and why they are so in ADR 0040:

* `expose_walk.py`: who can reach the data, and who controls them (`control.py`);
* `expose_laws.py`: which law has a hold on whom;
* `expose_influences.py`: what weighs without compelling;
* `expose_ties.py`: what all of it rests on, foreign law or none;
* `holders.py`, `sovereignty.py`, `transfer.py`: what else follows.

Here they are put together, and what is not known is told. Two things hold of all of it: a fact more never lowers an
exposure, unless it says where machines stand; and a fact less never improves what a report says for certain.

Nothing is subtracted by a qualification, a contract or an encryption claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.registry.control import Ownership
from bouclier.registry.expose_influences import influences_of
from bouclier.registry.expose_laws import Laws, Laying
from bouclier.registry.expose_ties import labels_of, ties_of
from bouclier.registry.expose_walk import Place, Walk, Walked
from bouclier.registry.holders import holders_test
from bouclier.registry.model import SELF, Certainty
from bouclier.registry.report_model import Report, Unknown
from bouclier.registry.sovereignty import NOTHING_KNOWN, findings, sovereignty_of
from bouclier.registry.transfer import NO_DECISIONS, transfer_of
from bouclier.terms.law import Exposure

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from bouclier.registry.agreed import Registry
    from bouclier.registry.framework import Framework
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.model import Service
    from bouclier.registry.report_model import Subject
    from bouclier.registry.transfer import Decisions


class Moment(NamedTuple):
    """A registry at a day, with what several exposures share: make one to ask about many subjects.

    Attributes:
        registry: The facts.
        day: The day.
        ownership: Who holds whom.
        laws: The foreign laws in force.
    """

    registry: Registry
    day: dt.date
    ownership: Ownership
    laws: Laws


class _Found(NamedTuple):
    walked: Walked
    laying: Laying
    unknowns: tuple[Unknown, ...]
    known: bool
    control: tuple[str, ...]


def moment(registry: Registry, day: dt.date) -> Moment:
    """Return a registry as it is at a day."""
    return Moment(registry, day, Ownership(registry, day), Laws(registry, day))


def expose(
    registry: Registry,
    subject: Subject,
    *,
    day: dt.date,
    country: str | None = None,
    decisions: Decisions = NO_DECISIONS,
    framework: Framework | None = None,
    gates: Mapping[str, int] | None = None,
) -> Report:
    """Return who can be compelled, by which law, through which chain, and what is not known.

    Args:
        registry: The facts.
        subject: What is asked about. What the registry does not hold is reported as unknown.
        day: At which day, UTC.
        country: State in which the machines stand, ISO 3166-1 alpha-2, if whoever asks knows it.
        decisions: The Commission's adequacy decisions.
        framework: The framework of sovereignty; without it nothing is said under it.
        gates: Least SEAL that whoever asks wants, by objective.
    """
    return report_at(
        moment(registry, day), subject, country=country, decisions=decisions, framework=framework, gates=gates
    )


def report_at(
    at: Moment,
    subject: Subject,
    *,
    country: str | None = None,
    decisions: Decisions = NO_DECISIONS,
    framework: Framework | None = None,
    gates: Mapping[str, int] | None = None,
) -> Report:
    """Return the report of one subject among several; otherwise as `expose`."""
    found = _find(at, subject, country)
    walked = found.walked
    reaches = found.laying.reached()
    operator = next(iter(walked.operators), "")
    holders = holders_test(at.registry, at.ownership, operator)
    sovereignty = NOTHING_KNOWN
    if framework is not None:
        means = findings(
            at.registry,
            at.ownership,
            operators=tuple(walked.operators),
            reaches=reaches,
            unknowns=found.unknowns,
            holders=holders,
            known=found.known,
        )
        sovereignty = sovereignty_of(
            at.registry, framework, means, services=tuple(walked.asked), day=at.day, gates=gates or {}
        )
    return Report(
        subject=subject,
        node=walked.start,
        day=at.day,
        registry=at.registry.digest,
        operators=(*walked.operators, *(name for name in sorted(walked.suppliers) if name not in walked.operators)),
        known=found.known,
        control=found.control,
        home=tuple(sorted(found.laying.home)),
        reaches=reaches,
        influences=influences_of(at.registry, at.ownership, walked),
        unknowns=found.unknowns,
        holders=holders,
        sovereignty=sovereignty,
        transfer=transfer_of(at.registry, walked, decisions, at.day),
        served_by=walked.served_by,
        ties=ties_of(at.registry, walked, at.laws.members),
        labels=labels_of(at.registry, tuple(walked.asked), at.day),
    )


def exposure_of(registry: Registry, subject: Subject, *, day: dt.date, country: str | None = None) -> Exposure:
    """Return what the charter may know of a subject's exposure: `summary` of its report, without making one.

    Args:
        registry: The facts.
        subject: What is asked about.
        day: At which day, UTC.
        country: State in which the machines stand, if known.
    """
    return exposure_at(moment(registry, day), subject, country=country)


def exposure_at(at: Moment, subject: Subject, *, country: str | None = None) -> Exposure:
    """Return the exposure of one subject among several; otherwise as `exposure_of`."""
    found = _find(at, subject, country)
    return _summary(found.laying.established(), found.laying.every(), found.control, known=found.known)


def summary(report: Report) -> Exposure:
    """Return what the charter may know of a report.

    It is *known* when every one who can reach the data is described, runs services, and is controlled, up to the
    last, by those the facts name, and when it is said where machines stand. Otherwise everything is assumed; what is
    known all the same is still listed.
    """
    established = {reached.law for reached in report.reaches if reached.certainty is Certainty.ESTABLISHED}
    return _summary(established, {reached.law for reached in report.reaches}, report.control, known=report.known)


def _summary(
    established: AbstractSet[str], every: AbstractSet[str], control: tuple[str, ...], *, known: bool
) -> Exposure:
    return Exposure(
        known=known,
        control=control,
        foreign_laws=tuple(sorted(established)),
        contested=tuple(sorted(every - established)),
    )


def _find(at: Moment, subject: Subject, country: str | None) -> _Found:
    registry, ownership = at.registry, at.ownership
    walked = Walk(registry, ownership, subject, at.day).found
    if country is not None:
        walked.stated.append(Place(country, walked.start, None, (), own=True))
    laying = Laying(registry, walked, at.laws, at.day)
    unknowns = walked.unknowns | set(laying.unverified()) | set(laying.seatless()) | _unseen(walked, registry.services)
    # A seat that is not stated hides a law as well as an owner that is not; so do the maker of a closed model, and
    # machines nobody knows the place of.
    known = bool(walked.operators) and not any(unknown.kind in {"seat", "hosting", "maker"} for unknown in unknowns)
    for name in (*walked.operators, *walked.suppliers):
        if name == SELF:
            continue
        fact = registry.entities.get(name)
        if fact is None or fact.publishes_only:
            unknowns.add(Unknown("facts", name, fact.name if fact is not None else name))
            known = False
            continue
        for loose in ownership.unsettled(name):
            unknowns.add(Unknown("control", loose, _name(registry, loose)))
            known = False
    return _Found(walked, laying, tuple(sorted(unknowns)), known, _control(at, walked))


def _unseen(walked: Walked, services: Mapping[str, Service]) -> set[Unknown]:
    """Return where it runs and who works on it, as far as no fact tells."""
    unknowns = set[Unknown]()
    own = set(walked.operators) == {SELF}
    if not walked.stated and not own and walked.start.kind != "model":
        if not walked.places:
            unknowns.add(Unknown("hosting", walked.start.id, walked.start.name))
        # Any of an operator's services may be meant: it is as exposed as the one of which least is known.
        unplaced = (services[name] for name in walked.asked if name not in walked.placed)
        unknowns.update(Unknown("hosting", service.id, service.name) for service in unplaced)
    if not walked.asked and walked.operators and not own:
        unknowns.add(Unknown("staff", walked.start.id, walked.start.name))
    return unknowns


def _control(at: Moment, walked: Walked) -> tuple[str, ...]:
    """Return the states whose law governs those who control whoever runs the subject: their own, if nobody does."""
    states = set[str]()
    for operator in walked.operators:
        above = dict(at.ownership.closure(operator))
        if len(above) > 1:
            del above[operator]
        facts = map(at.registry.entities.get, above)
        states.update({fact.seat for fact in facts if fact is not None and fact.seat is not None})
    return tuple(sorted(states))


def _name(registry: Registry, entity: str) -> str | BilingualText:
    fact = registry.entities.get(entity)
    return fact.name if fact is not None else entity
