"""Who can be compelled of a gateway's deployments, drawn by the facts in force at today's date, once for each day.

What is drawn is what decisions count: the same subject, the same country, the same facts (`registry_exposure`). Where a
deployment names a service that is somebody else's, nothing is known of it, and nothing is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.facts_keeping import date_of
from bouclier.compose.registry_exposure import facts_at
from bouclier.gateway.exposure_routes import DrawnExposure, ReachingLaw
from bouclier.gateway.facts import day_of
from bouclier.registry.draw_model import Look
from bouclier.registry.draw_picture import picture_of
from bouclier.registry.draw_svg import svg_of
from bouclier.registry.expose import report_at
from bouclier.registry.report_model import Subject

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from bouclier.gateway.exposure_routes import Language
    from bouclier.gateway.ports import Facts
    from bouclier.registry import Registry
    from bouclier.registry.draw_model import Picture
    from bouclier.registry.report_model import Report
    from bouclier.terms.law import Deployment

    class FactsInForce(Protocol):
        """What a gateway's law says of facts."""

        @property
        def registry(self) -> Registry:
            """The facts in force."""
            ...

        @property
        def facts(self) -> Facts:
            """What they make of its deployments."""
            ...


class ExposurePictures:
    """Draws the exposure of a gateway's deployments; called by several threads, it may draw one thing twice."""

    def __init__(self, law: FactsInForce, now_ms: Callable[[], int]) -> None:
        """Prepare; nothing is drawn yet.

        Args:
            law: What is in force.
            now_ms: Unix time, milliseconds.
        """
        self._law = law
        self._now_ms = now_ms
        self._at: tuple[str, int] = ("", 0)
        self._drawn: dict[tuple[str, Language], DrawnExposure | None] = {}

    def __call__(self, name: str, language: Language) -> DrawnExposure | None:
        """Return the exposure of a deployment, or None if there is none of that name or nothing is known of it.

        Raises:
            CharterError: Other facts came into force meanwhile.
        """
        registry, day = self._law.registry, day_of(self._now_ms())
        deployments = self._law.facts.deployments(registry.digest, day)
        if name not in deployments:  # before anything is kept: names are the caller's
            return None
        at = (registry.digest, day)
        if at != self._at:
            self._at, self._drawn = at, {}
        kept = self._drawn
        if (name, language) not in kept:
            kept[name, language] = drawn_exposure(registry, deployments[name], language, day=date_of(day))
        return kept[name, language]


def drawn_exposure(
    registry: Registry, deployment: Deployment, language: Language, *, day: dt.date
) -> DrawnExposure | None:
    """Return who can be compelled of a deployment, or None if the service it names is somebody else's.

    Args:
        registry: The facts.
        deployment: Whose.
        language: Of what is said.
        day: At which day, UTC.
    """
    service = registry.services.get(deployment.service)
    if service is not None and service.operator != deployment.operator:
        return None
    subject = Subject("entity", deployment.operator) if service is None else Subject("service", service.id)
    report = report_at(facts_at(registry, day), subject, country=deployment.country)
    return drawn_report(report, language, registry=registry)


def drawn_report(report: Report, language: Language, *, registry: Registry | None = None) -> DrawnExposure:
    """Return a report as a gateway serves it; without the facts it was found in, laws are called by their ids."""
    picture = picture_of(report, language, registry=registry)
    return DrawnExposure(
        day=report.day,
        registry=report.registry,
        verdict=picture.verdict,
        laws=tuple(_laws(picture)),
        questions=tuple(dict.fromkeys(box.title for box in picture.boxes if box.look is Look.QUESTION)),
        steps=picture.sentences,
        notes=picture.notes,
        sources=picture.sources,
        svg=svg_of(picture).encode(),
    )


def _laws(picture: Picture) -> list[ReachingLaw]:
    boxes = {box.key: box for box in picture.boxes}
    states = _beginnings(picture)
    found = [
        ReachingLaw(
            name=box.title,
            state=boxes[states[box.key]].title if box.key in states else "",
            how=box.note,
            contested=box.look is Look.DISPUTED_LAW,
        )
        for box in picture.boxes
        if box.look in {Look.LAW, Look.DISPUTED_LAW}
    ]
    return sorted(found, key=lambda law: law.contested)


def _beginnings(picture: Picture) -> Mapping[str, str]:
    return {line.end: line.begin for line in picture.lines}
