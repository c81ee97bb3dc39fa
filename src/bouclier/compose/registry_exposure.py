"""What the registry says of a deployment: the one reading of it that deciding and deciding again share.

A service that the registry knows is asked about as a service; without one, or with one it does not know, the operator
is asked about, so that all its services are counted. A service that is somebody else's is no fact on this operator:
nothing is known then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.registry.expose import exposure_at, moment
from bouclier.registry.report_model import Subject
from bouclier.terms.law import Exposure

if TYPE_CHECKING:
    import datetime as dt

    from bouclier.registry import Registry
    from bouclier.registry.expose import Moment


def deployment_exposure(at: Moment, operator: str, *, service: str = "", country: str | None = None) -> Exposure:
    """Return which laws reach a deployment, as far as the facts tell.

    Args:
        at: The facts at a day.
        operator: Id of the entity that runs it.
        service: Id of its service; empty if it is not said.
        country: State in which its machines stand, if known.
    """
    known = at.registry.services.get(service)
    if known is not None and known.operator != operator:
        return Exposure(known=False)
    subject = Subject("entity", operator) if known is None else Subject("service", service)
    exposure = exposure_at(at, subject, country=country)
    laws = at.registry.laws
    titles = {law: laws[law].title for law in (*exposure.foreign_laws, *exposure.contested) if law in laws}
    return replace(exposure, law_titles={law: (title.fr, title.en) for law, title in titles.items()})


def facts_at(registry: Registry, day: dt.date) -> Moment:
    """Return a registry as it is on a day, for several questions."""
    return moment(registry, day)


def runs_services(registry: Registry, operator: str) -> bool:
    """Return whether the registry has facts on an operator, and not only on a publisher of weights."""
    known = registry.entities.get(operator)
    return known is not None and not known.publishes_only
