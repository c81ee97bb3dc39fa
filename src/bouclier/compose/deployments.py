"""The deployments of a configuration as the charter and the placement know them, with what the registry adds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bouclier.compose.weights import plan_weights
from bouclier.registry import exposure_of, suggest
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.terms.law import Deployment, Exposure, Openness

if TYPE_CHECKING:
    from bouclier.compose.configuration import Configuration
    from bouclier.compose.configuration_model import DeploymentSettings
    from bouclier.registry import Operator, Registry

EMBEDDED: Final = "embedded"
SELF: Final = "self"
_log = logging.getLogger("bouclier.compose")


def deployments_of(configuration: Configuration) -> dict[str, Deployment]:
    """Return the deployments of a configuration by name, the embedded engine last if it is not switched off.

    Raises:
        ConfigurationError: A fact on an operator is wrong, or the engine's model is unknown.
    """
    registry = load_registry(configuration.operators)
    found = {
        settings.name: deployment_of(settings, registry, institution=configuration.institution)
        for settings in configuration.deployments
    }
    plan = plan_weights(configuration)
    if plan is not None:
        found[EMBEDDED] = embedded_deployment(plan.entry.name, configuration.institution)
    return found


def deployment_of(settings: DeploymentSettings, registry: Registry, *, institution: str) -> Deployment:
    """Return a deployment that is configured, with what the registry knows of its operator."""
    operator = registry.operators.get(settings.operator)
    own = settings.operator == SELF
    if operator is None:
        near = suggest(registry, settings.operator)
        _log.warning(
            'operator "%s" of deployment "%s" is unknown: every law is assumed to reach it%s',
            settings.operator,
            settings.name,
            f' (did you mean "{near}"?)' if near else "",
        )
    country = settings.country or (_country_of_site(settings.site, operator) if operator is not None else None)
    return Deployment(
        name=settings.name,
        model=settings.model,
        operator=settings.operator,
        operator_name=institution if own else operator.name if operator is not None else settings.operator,
        site=settings.site,
        own=own,
        openness=settings.openness,
        exposure=exposure_of(registry, settings.operator, site_country=country),
        country=country,
        capabilities=settings.capabilities,
        evaluations=settings.evaluations,
        carbon_mg=settings.carbon_mg,
        qualifications=settings.qualifications,
    )


def _country_of_site(site: str, operator: Operator) -> str | None:
    """The state a site stands in, when its name begins with one where the operator is known to have sites: `ca-bhs`."""
    prefix = site.partition("-")[0].upper()
    return prefix if prefix in operator.hosting else None


def embedded_deployment(model: str, institution: str) -> Deployment:
    """Return the engine that runs inside the gateway."""
    return Deployment(
        name=EMBEDDED,
        model=model,
        operator=SELF,
        operator_name=institution,
        site="local",
        own=True,
        openness=Openness.OPEN,
        exposure=Exposure(known=True),
    )
