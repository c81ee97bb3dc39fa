"""What whoever starts a gateway is told of its carbon figures: budgets that one answer may spend, figures too low.

Budgets count upper bounds (ADR 0047), and the upper bound of a model whose size nobody states is that of the largest. A
budget may then be spent by one answer, which is said before it happens, with what to write. A declared figure is
believed, and counted; one below all that the method could give is more often a slip of units than a feat.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bouclier.footprint import ModelSize, Work, footprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bouclier.compose.configuration_model import Configuration
    from bouclier.compose.footprint_metering import Metering
    from bouclier.footprint.budgets import Allowance
    from bouclier.terms.law import Deployment

_UG_PER_G: Final = 1_000_000
_UG_PER_MG: Final = 1_000
_A_THOUSAND: Final = Work(1_000)
_log = logging.getLogger("bouclier.compose")


def warn_of_footprints(
    configuration: Configuration,
    allowances: Iterable[Allowance],
    metering: Metering,
    *,
    deployment_of: Callable[[str], Deployment],
    size_of: Callable[[str], ModelSize],
) -> None:
    """Tell whoever starts a gateway which deployments may spend a budget at once, and which figures are too low.

    Args:
        configuration: The settings.
        allowances: The budgets, as they are kept.
        metering: What exchanges cost.
        deployment_of: The facts on a deployment, by name.
        size_of: A model's size, by the name it is served under.
    """
    budgets = tuple(allowances)
    for settings in configuration.deployments:
        deployment = deployment_of(settings.name)
        is_sized = size_of(deployment.model).total_b is not None
        if settings.carbon_mg is None and not is_sized:
            _warn_of_budgets(deployment, budgets, metering)
        elif settings.carbon_mg is not None and is_sized:
            _warn_of_figure(deployment, settings.carbon_mg, metering)


def _warn_of_budgets(deployment: Deployment, budgets: Iterable[Allowance], metering: Metering) -> None:
    most = metering.before(deployment.name, prompt_tokens=0, answer_tokens=None)
    spent = [
        f'"{one.application}" ({_grams(one.limit_ug)} g a {one.period})' for one in budgets if most >= one.limit_ug
    ]
    if not spent:
        return
    thousand = footprint(metering.gauge(deployment.name), _A_THOUSAND).carbon_ug.high
    _log.warning(
        'one answer of deployment "%s" may spend the whole carbon budget of %s: nobody says how large its model "%s" '
        "is, so up to %s g of CO2e per 1,000 tokens are counted; write what it costs under the deployment, `carbon: "
        "{mg_per_1000_tokens: ..., source: ...}`, or the model's `parameters_b` in a file of `registry.facts`",
        deployment.name,
        ", ".join(spent),
        deployment.model,
        _grams(thousand),
    )


def _warn_of_figure(deployment: Deployment, mg: int, metering: Metering) -> None:
    least = footprint(metering.estimating(deployment), _A_THOUSAND).carbon_ug.low
    if mg * _UG_PER_MG < least:
        _log.warning(
            'the %s mg of CO2e per 1,000 tokens declared for deployment "%s" are counted, though less than the least '
            'that the method gives for its model "%s" there, %s mg: is it in milligrams, and of the electricity of the '
            "place rather than of a contract?",
            mg,
            deployment.name,
            deployment.model,
            least // _UG_PER_MG,
        )


def _grams(ug: int) -> str:
    return f"{ug / _UG_PER_G:.3g}" if ug < 1000 * _UG_PER_G else f"{ug // _UG_PER_G:,}"
