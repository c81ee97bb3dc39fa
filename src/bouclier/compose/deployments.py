"""The deployments of a configuration as the charter and the placement know them, with what the registry adds on a day.

What the registry says counts in a deployment's favour only where it is certain: a qualification whose beginning is
known, that held for certain on that day, of the very service that is named, and that somebody looked up; a country of a
site that is the operator's.
What is configured comes first; where it contradicts the registry, neither is believed. A footprint that is not declared
is the upper estimate of what is known of the model and of the grid.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bouclier.compose.footprint_data import footprint_data, sizes_of
from bouclier.compose.footprint_metering import deployment_carbon_mg
from bouclier.compose.registry_exposure import deployment_exposure, facts_at
from bouclier.compose.weights import plan_weights
from bouclier.footprint import ModelSize
from bouclier.registry import SELF, holds_on, suggest
from bouclier.registry.free_text import in_one
from bouclier.registry.periods import earliest
from bouclier.registry.suggest import nearest
from bouclier.terms.law import Deployment, Openness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bouclier.compose.configuration import Configuration
    from bouclier.compose.configuration_model import DeploymentSettings
    from bouclier.registry import Registry
    from bouclier.registry.expose import Moment
    from bouclier.registry.model import Model, Qualification, Site

EMBEDDED: Final = "embedded"
_RELIED_ON: Final = frozenset({"high", "medium"})
_VERSION: Final = re.compile(r"-[0-9]+\.[0-9.]+$")
_log = logging.getLogger("bouclier.compose")


def deployments_of(configuration: Configuration, registry: Registry, day: dt.date) -> dict[str, Deployment]:
    """Return the deployments of a configuration by name, the embedded engine last if it is not switched off.

    Args:
        configuration: The settings.
        registry: The facts.
        day: On which day, UTC: facts hold for periods.

    Raises:
        ConfigurationError: The engine's model is unknown.
    """
    at, models = facts_at(registry, day), _models_by_name(registry)
    data, sizes = footprint_data(), sizes_of(registry.models.values())
    found = {
        settings.name: deployment_of(settings, at, institution=configuration.institution, models=models)
        for settings in configuration.deployments
    }
    machines = {}
    plan = plan_weights(configuration)
    if plan is not None:
        country = configuration.engine.country
        found[EMBEDDED] = embedded_deployment(plan.entry.name, configuration.institution, at, country=country)
        machines[EMBEDDED] = plan.machine

    def counted(name: str, one: Deployment) -> Deployment:
        size, machine = sizes.get(one.model.lower()), machines.get(name)
        # Of a model nobody knows the size of, the upper estimate is that of the largest: no figure to cap anything by.
        if one.carbon_mg is not None or (size is None and machine is None):
            return one
        return replace(one, carbon_mg=deployment_carbon_mg(data, one, size or ModelSize(), machine))

    return {name: counted(name, one) for name, one in found.items()}


def deployment_of(
    settings: DeploymentSettings, at: Moment, *, institution: str, models: Mapping[str, Model] | None = None
) -> Deployment:
    """Return a deployment that is configured, with what the registry knows of its operator, service, site and model.

    Args:
        settings: What is configured.
        at: The facts on a day.
        institution: Name of the institution, for what it runs itself.
        models: Models by each of their names; those of the registry by default.
    """
    registry = at.registry
    operator = registry.entities.get(settings.operator)
    own = settings.operator == SELF
    site = _site_of(settings, at)
    country = _country_of(settings, site, at)
    return Deployment(
        name=settings.name,
        model=settings.model,
        operator=settings.operator,
        operator_name=institution if own else settings.operator if operator is None else in_one(operator.name),
        site=settings.site,
        own=own,
        openness=_openness_of(settings, _models_by_name(registry) if models is None else models),
        exposure=deployment_exposure(at, settings.operator, service=settings.service, country=country),
        country=country,
        capabilities=settings.capabilities,
        evaluations=settings.evaluations,
        carbon_mg=settings.carbon_mg,
        qualifications=tuple(sorted({*settings.qualifications, *_qualifications_of(settings, at)})),
        service=settings.service,
        price_ueur=settings.price_ueur,
        slots=settings.slots,
        zone=None if site is None else site.zone,
        pue=None if site is None else site.pue,
    )


def embedded_deployment(model: str, institution: str, at: Moment, *, country: str | None = None) -> Deployment:
    """Return the engine that runs inside the gateway."""
    return Deployment(
        name=EMBEDDED,
        model=model,
        operator=SELF,
        operator_name=institution,
        site="local",
        own=True,
        openness=Openness.OPEN,
        exposure=deployment_exposure(at, SELF, country=country),
        country=country,
    )


def warn_of_unknown(configuration: Configuration, registry: Registry) -> None:
    """Tell whoever runs the gateway which of its deployments the registry does not know: call it once per registry."""
    for settings in configuration.deployments:
        if settings.operator == SELF and settings.country is None and settings.site not in registry.sites:
            _log.warning(
                'deployment "%s" is the institution\'s own and does not say where it stands: it is taken to stand '
                "where no foreign law reaches; write its `country`",
                settings.name,
            )
        if settings.operator not in registry.entities:
            _log.warning(
                'operator "%s" of deployment "%s" is unknown: every law is assumed to reach it%s',
                settings.operator,
                settings.name,
                _meant(suggest(registry, settings.operator)),
            )
            continue
        service = registry.services.get(settings.service)
        if settings.service and service is None:
            offered = [one.id for one in registry.services_of.get(settings.operator, ())]
            _log.warning(
                'service "%s" of deployment "%s" is unknown: all services of "%s" are counted%s',
                settings.service,
                settings.name,
                settings.operator,
                _meant(nearest(settings.service, offered)),
            )
        elif service is not None and service.operator != settings.operator:
            _log.warning(
                'service "%s" of deployment "%s" is run by "%s", not by "%s": every law is assumed to reach it',
                settings.service,
                settings.name,
                service.operator,
                settings.operator,
            )
        known = registry.sites.get(settings.site)
        if known is not None and settings.country not in {None, known.country}:
            _log.warning(
                'deployment "%s" is configured to stand in %s and its site "%s" stands in %s: neither is believed',
                settings.name,
                settings.country,
                settings.site,
                known.country,
            )


def _meant(near: str | None) -> str:
    return f' (did you mean "{near}"?)' if near else ""


def _site_of(settings: DeploymentSettings, at: Moment) -> Site | None:
    """Return the site of a deployment, if the registry knows it as one of the operator's on that day."""
    site = at.registry.sites.get(settings.site)
    if site is None or not holds_on(site, at.day, favourable=True):
        return None
    services = at.registry.services_of.get(settings.operator, ())
    of_the_operator = site.operator == settings.operator or any(site.id in service.sites for service in services)
    return site if of_the_operator else None


def _country_of(settings: DeploymentSettings, site: Site | None, at: Moment) -> str | None:
    if site is not None:
        if settings.country in {None, site.country}:
            return site.country
        # Neither is believed, but of an own machine: without a country it would be taken to stand where no law reaches.
        abroad = {settings.country, site.country} - at.laws.members
        return min(filter(None, abroad), default=None) if settings.operator == SELF else None
    if settings.country is not None:
        return settings.country
    if settings.site in at.registry.sites:
        return None
    return _country_named(settings, at.registry)


def _country_named(settings: DeploymentSettings, registry: Registry) -> str | None:
    """The state a site stands in, when its name begins with one where the operator is known to have sites: `ca-bhs`."""
    prefix = settings.site.partition("-")[0].upper()
    services = registry.services_of.get(settings.operator, ())
    return prefix if any(prefix in service.countries for service in services) else None


def _openness_of(settings: DeploymentSettings, models: Mapping[str, Model]) -> Openness:
    if settings.openness is not Openness.UNKNOWN:
        return settings.openness
    model = models.get(settings.model)
    return Openness.UNKNOWN if model is None else Openness(model.weights)


def _models_by_name(registry: Registry) -> dict[str, Model]:
    """Return models by id and by other names; a name that two bear names neither."""
    named: dict[str, Model] = {}
    shared = set[str]()
    for model in registry.models.values():
        for name in model.names:
            shared |= {name} & named.keys()
            named[name] = model
    return {name: model for name, model in named.items() if name not in shared} | dict(registry.models)


def _qualifications_of(settings: DeploymentSettings, at: Moment) -> Iterator[str]:
    """Yield the labels that a deployment's service holds for certain, as a deployment spells them."""
    service = at.registry.services.get(settings.service)
    if service is None or service.operator != settings.operator:
        return
    for held in _certain(at.registry.qualifications.get(service.id, ()), at.day):
        last = "" if held.until is None else f"@{earliest(held.until) - dt.timedelta(days=1):%Y%m%d}"
        yield f"{held.name}{last}"
        # A policy may ask for the label, whatever its version: `secnumcloud` is held with `secnumcloud-3.2`.
        yield f"{_VERSION.sub('', held.name)}{last}"


def _certain(qualifications: Iterable[Qualification], day: dt.date) -> Iterator[Qualification]:
    for one in qualifications:
        dated = one.since is not None and holds_on(one, day, favourable=True)
        if dated and one.status == "held" and one.confidence in _RELIED_ON:
            yield one
