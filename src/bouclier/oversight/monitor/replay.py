"""Decide again: from what a decision entry says was known, the class, the facts, the verdicts and the choice.

What is replayed, in this order, each step on the results of the step before rather than on what is recorded, so that a
bent fact cannot straighten what follows from it:

1. class and labels, from the findings, the markings, what the caller declared and what could not be read;
2. each candidate's exposure, from the registry the entry cites, and whether it is the institution's own;
3. each candidate's verdict, from the charter the entry cites;
4. the choice and the spares, from the loads recorded and the deployments tried before.

A charter or a registry the monitor does not hold is said once, and its step is skipped: what is recorded is believed
for the steps after it.

What cannot be replayed is what the entry does not hold: the words (were the findings all there was?), the load, and
whether the candidates were all the deployments the caller could have had. Oversight knows neither shield nor registry,
charter nor fleet: whoever composes supplies them as a `Replayer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from bouclier.oversight.monitor.alarm import Remark, Severity
from bouclier.terms.content import DataClass
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Case, Deployment, Exposure, Load, Openness, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bouclier.oversight.entries_model import Candidate, DecisionEntry

_SELF: Final = "self"
_OPENNESS: Final = {openness.value: openness for openness in Openness}
_CLASSES: Final = {data_class.slug: data_class for data_class in DataClass}
_NONE: Final = "-"
_LOADS: Final = tuple(Load(in_flight) for in_flight in range(256))
_UNAVAILABLE: Final = Load(available=False)


class Classified(NamedTuple):
    """Class and labels, as a replay finds them."""

    data_class: DataClass
    labels: tuple[str, ...]


class Replayer(Protocol):
    """The other rooms, for whoever decides again. Every method is a pure function: asked twice, it answers the same."""

    def classify(
        self, types: Iterable[str], markings: Iterable[str], *, declared: DataClass | None, uninspected: int
    ) -> Classified | None:
        """Return class and labels of these findings; None when a type is unknown here."""
        ...

    def knows_registry(self, digest: str) -> bool:
        """Tell whether there is a registry of this digest."""
        ...

    def is_registered(self, registry: str, operator: str) -> bool:
        """Tell whether a registry has facts on an operator that serves."""
        ...

    def exposure(self, registry: str, operator: str, country: str | None) -> Exposure:
        """Return an operator's exposure by the registry of this digest."""
        ...

    def knows_charter(self, digest: str) -> bool:
        """Tell whether there is a charter of this digest."""
        ...

    def verdict(self, charter: str, case: Case, deployment: Deployment) -> Verdict:
        """Return what the charter of this digest says.

        Raises:
            CharterError: It cannot answer.
        """
        ...

    def ranked(
        self, verdicts: Iterable[Verdict], loads: Mapping[str, Load], *, tried: Collection[str]
    ) -> Sequence[Verdict]:
        """Return the permitted deployments that could serve, in the order they would be tried."""
        ...


def replay(entry: DecisionEntry, replayer: Replayer) -> Iterator[Remark]:
    """Yield where a decision is not what the same inputs, charter and registry give."""
    data_class, labels = _CLASSES[entry.data_class], entry.labels
    classified = replayer.classify(
        entry.findings,
        entry.markings,
        declared=None if entry.declared is None else _CLASSES[entry.declared],
        uninspected=entry.uninspected,
    )
    if classified is None:
        yield Remark("finding-unknown", field="$.findings", found=",".join(sorted(entry.findings)))
    else:
        yield from _classification(entry, classified)
        data_class, labels = classified
    case = Case(role=entry.role, purpose=entry.purpose, data_class=data_class, labels=labels)
    verdicts = []
    for number, candidate in enumerate(entry.candidates):
        deployment, remarks = _facts(entry, candidate, number, replayer)
        yield from remarks
        verdict, remarks = _verdict(entry, candidate, number, case, deployment, replayer)
        yield from remarks
        if verdict.permitted:
            verdicts.append(verdict)
    yield from _choice(entry, verdicts, replayer)


def _classification(entry: DecisionEntry, classified: Classified) -> Iterator[Remark]:
    if classified.data_class.slug != entry.data_class:
        yield Remark(
            "classification-differs",
            field="$.data_class",
            expected=classified.data_class.slug,
            found=entry.data_class,
        )
    if classified.labels != entry.labels:
        yield Remark(
            "classification-differs",
            field="$.labels",
            expected=_joined(classified.labels),
            found=_joined(entry.labels),
        )


def _facts(
    entry: DecisionEntry, candidate: Candidate, number: int, replayer: Replayer
) -> tuple[Deployment, list[Remark]]:
    """Return the deployment as the registry knows it, and where the record says otherwise."""
    remarks = []
    recorded = Exposure(
        known=candidate.known,
        control=candidate.control,
        foreign_laws=candidate.foreign_laws,
        contested=candidate.contested,
    )
    exposure = recorded
    own = candidate.operator == _SELF
    if own != candidate.own:
        remarks.append(_fact(number, "own", own, candidate.own))
    if replayer.knows_registry(entry.registry):
        exposure = replayer.exposure(entry.registry, candidate.operator, candidate.country)
        if exposure != recorded:
            remarks += [
                _fact(number, name, getattr(exposure, name), getattr(recorded, name))
                for name in ("known", "control", "foreign_laws", "contested")
                if getattr(exposure, name) != getattr(recorded, name)
            ]
        if not exposure.known and not replayer.is_registered(entry.registry, candidate.operator):
            went = candidate.deployment == entry.chosen
            remarks.append(
                Remark(
                    "deployment-unregistered",
                    field=f"$.candidates[{number}].operator",
                    found=f"{candidate.deployment} ({candidate.operator})",
                    severity=Severity.ALARM if went else None,
                )
            )
    deployment = Deployment(
        name=candidate.deployment,
        model=candidate.model,
        operator=candidate.operator,
        operator_name=candidate.operator,
        site=candidate.site,
        own=own,
        openness=_OPENNESS[candidate.openness],
        exposure=exposure,
        country=candidate.country,
    )
    return deployment, remarks


def _verdict(
    entry: DecisionEntry, candidate: Candidate, number: int, case: Case, deployment: Deployment, replayer: Replayer
) -> tuple[Verdict, list[Remark]]:
    """Return what the charter says of a candidate, and where the record says otherwise."""
    recorded = Verdict(deployment, candidate.permitted, (), candidate.duties)
    if not replayer.knows_charter(entry.charter):
        return recorded, []
    at = f"$.candidates[{number}]"
    try:
        verdict = replayer.verdict(entry.charter, case, deployment)
    except CharterError:
        # The gateway cannot have got an answer either: it must not have recorded one.
        return recorded, [Remark("verdict-undecidable", field=at)]
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


def _choice(entry: DecisionEntry, permitted: list[Verdict], replayer: Replayer) -> Iterator[Remark]:
    loads = {candidate.deployment: _load(candidate.in_flight) for candidate in entry.candidates}
    order = [verdict.deployment.name for verdict in replayer.ranked(permitted, loads, tried=entry.tried)]
    chosen = order[0] if order else None
    if chosen != entry.chosen:
        yield Remark(
            "choice-differs",
            field="$.chosen",
            policy=_policies_on(entry, entry.chosen),
            expected=chosen or _NONE,
            found=entry.chosen or _NONE,
        )
    elif tuple(order[1:]) != entry.spares:
        yield Remark("choice-differs", field="$.spares", expected=_joined(order[1:]), found=_joined(entry.spares))


def _policies_on(entry: DecisionEntry, name: str | None) -> str | None:
    named = [candidate for candidate in entry.candidates if candidate.deployment == name]
    return ", ".join(named[0].policies) if named else None


def _load(in_flight: int | None) -> Load:
    if in_flight is None:
        return _UNAVAILABLE
    return _LOADS[in_flight] if in_flight < len(_LOADS) else Load(in_flight)


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
