"""Where an exchange runs: among the permitted deployments, the least exposed, then the least loaded.

Pure: what is known of the deployments' load comes as a value. Exposure is counted so that an unknown fact never
helps: own infrastructure < no foreign law known < contested reach only < foreign laws, by number < unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.terms.duties import unmet
from bouclier.terms.errors import Bilingual, DeploymentUnavailable
from bouclier.terms.exchange import Placed
from bouclier.terms.law import Load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bouclier.terms.duties import Means
    from bouclier.terms.exchange import Permitted
    from bouclier.terms.law import Deployment, Verdict


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


def ranked(verdicts: Iterable[Verdict], loads: Mapping[str, Load], *, tried: Collection[str] = ()) -> list[Verdict]:
    """Return the permitted deployments that can serve now, in the order they would be tried.

    Args:
        verdicts: Permitted.
        loads: By deployment name; a missing one counts as idle and available.
        tried: Deployments that already failed this exchange.
    """
    able = [
        verdict
        for verdict in verdicts
        if verdict.deployment.name not in tried and loads.get(verdict.deployment.name, IDLE).available
    ]
    able.sort(
        key=lambda verdict: (
            exposure_rank(verdict.deployment),
            loads.get(verdict.deployment.name, IDLE).in_flight,
            verdict.deployment.name,
        )
    )
    return able


def fulfilling(verdicts: Iterable[Verdict], means: Means) -> list[Verdict]:
    """Return those of the permitted whose duties the exchange can fulfil."""
    return [verdict for verdict in verdicts if not unmet(verdict.duties, means, carbon_mg=verdict.deployment.carbon_mg)]


def place(permitted: Permitted, means: Means) -> Placed:
    """Choose a deployment and order the spares.

    Args:
        permitted: At least one candidate is permitted, and its duties can be fulfilled.
        means: What the exchange brings.

    Raises:
        DeploymentUnavailable: No such candidate can serve now.
    """
    candidates = fulfilling(permitted.candidates, means)
    able = ranked(candidates, permitted.loads, tried=permitted.tried)
    if not able:
        names = ", ".join(verdict.deployment.name for verdict in candidates)
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
    return Placed(permitted=permitted, chosen=able[0], spares=tuple(able[1:]))
