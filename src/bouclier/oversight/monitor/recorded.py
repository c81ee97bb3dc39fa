"""What a decision entry says was decided upon, as the values the other rooms take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.terms.content import DataClass
from bouclier.terms.law import Budget, Case, Deployment, Exposure, Load, Openness, Terms, Weights

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Candidate, CandidateLoad, DecisionEntry

CLASSES: Final = {data_class.slug: data_class for data_class in DataClass}
_OPENNESS: Final = {openness.value: openness for openness in Openness}
_UNAVAILABLE: Final = Load(available=False)


def recorded_case(
    entry: DecisionEntry, data_class: DataClass | None = None, labels: tuple[str, ...] | None = None
) -> Case:
    """Return what the charter was asked, with another class and other labels than those recorded if they are given."""
    return Case(
        role=entry.role,
        purpose=entry.purpose,
        data_class=CLASSES[entry.data_class] if data_class is None else data_class,
        labels=entry.labels if labels is None else labels,
        safeguards=entry.safeguards,
        signals=entry.signals,
        modalities=entry.modalities,
        capabilities=entry.capabilities,
        day=entry.day,
    )


def recorded_exposure(candidate: Candidate) -> Exposure:
    """Return which laws a candidate is said to be under."""
    return Exposure(
        known=candidate.known,
        control=candidate.control,
        foreign_laws=candidate.foreign_laws,
        contested=candidate.contested,
    )


def recorded_deployment(
    candidate: Candidate, exposure: Exposure | None = None, *, own: bool | None = None
) -> Deployment:
    """Return a candidate as a deployment, with another exposure and owner than those recorded if they are given."""
    return Deployment(
        name=candidate.deployment,
        model=candidate.model,
        operator=candidate.operator,
        operator_name=candidate.operator,
        site=candidate.site,
        own=candidate.own if own is None else own,
        openness=_OPENNESS[candidate.openness],
        exposure=recorded_exposure(candidate) if exposure is None else exposure,
        country=candidate.country,
        capabilities=candidate.capabilities,
        evaluations=candidate.evaluations,
        carbon_mg=candidate.carbon_mg,
        qualifications=candidate.qualifications,
        service=candidate.service,
        price_ueur=candidate.price_ueur,
    )


def recorded_load(load: CandidateLoad | None) -> Load:
    """Return a load as a candidate has it."""
    if load is None:
        return _UNAVAILABLE
    return Load(load.in_flight, slots=load.slots, wait_ms=load.wait_ms, warm=load.warm)


def recorded_terms(entry: DecisionEntry) -> Terms:
    """Return what else the choice rested on."""
    weights = entry.weights
    return Terms(
        exchange=entry.exchange,
        weights=Weights(weights.exposure_ms, weights.price_ms, weights.carbon_ms),
        budget=Budget(entry.budget),
        tried=entry.tried,
    )
