"""Where an exchange runs: among the permitted deployments, the least exposed, then the least loaded.

Pure: what is known of the deployments' load comes as a value. Exposure is counted so that an unknown fact never
helps: own infrastructure < no foreign law known < contested reach only < foreign laws, by number < unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.terms.errors import Bilingual, DeploymentUnavailable
from bouclier.terms.exchange import Placed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bouclier.terms.exchange import Permitted
    from bouclier.terms.law import Deployment


@dataclass(frozen=True, slots=True)
class Load:
    """What is known of a deployment now.

    Attributes:
        in_flight: Exchanges it is working on for this gateway.
        available: False when a call would fail: engine stopped, weights missing.
    """

    in_flight: int = 0
    available: bool = True


IDLE = Load()


def exposure_rank(deployment: Deployment) -> tuple[int, int]:
    """Order deployments by who can be compelled; lower is less exposed."""
    exposure = deployment.exposure
    if deployment.own:
        return (0, 0)
    if not exposure.known:
        return (4, 0)
    if exposure.foreign_laws:
        return (3, len(exposure.foreign_laws))
    return (2, len(exposure.contested)) if exposure.contested else (1, 0)


def place(permitted: Permitted, loads: Mapping[str, Load], *, tried: Collection[str] = ()) -> Placed:
    """Choose a deployment and order the spares.

    Args:
        permitted: At least one candidate is permitted.
        loads: By deployment name; a missing one counts as idle and available.
        tried: Deployments that already failed this exchange.

    Raises:
        DeploymentUnavailable: No permitted candidate can serve now.
    """
    able = [
        verdict
        for verdict in permitted.candidates
        if verdict.deployment.name not in tried and loads.get(verdict.deployment.name, IDLE).available
    ]
    if not able:
        names = ", ".join(verdict.deployment.name for verdict in permitted.candidates)
        raise DeploymentUnavailable(
            Bilingual(
                f"Aucun déploiement permis ne peut répondre maintenant ({names}).",
                f"No permitted deployment can answer now ({names}).",
            ),
            Bilingual(
                "Réessayez dans un instant ; « bouclier models pull » installe le modèle embarqué.",
                "Try again in a moment; `bouclier models pull` installs the embedded model.",
            ),
            param="model",
        )
    able.sort(
        key=lambda verdict: (
            exposure_rank(verdict.deployment),
            loads.get(verdict.deployment.name, IDLE).in_flight,
            verdict.deployment.name,
        )
    )
    return Placed(permitted=permitted, chosen=able[0], spares=tuple(able[1:]))
