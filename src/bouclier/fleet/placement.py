"""Where an exchange runs: among the permitted deployments that can serve now, the one that costs the institution least.

Pure and replayable: what is known of the deployments comes as values, arithmetic is on integers, and equals are drawn
by the exchange's id. Cost is counted in milliseconds that the institution accepts to wait (ADR 0049):

    expected wait + price x weights.price_ms + carbon x weights.carbon_ms + exposure x weights.exposure_ms

Exposure comes before all of that unless the institution gives it a weight: own infrastructure < no foreign law known <
contested reach only < foreign laws, by number < unknown. What is not known counts as worse than anything known. An
application that has spent its carbon budget gets the lightest first; one that has overspent it gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from bouclier.terms.duties import unmet
from bouclier.terms.errors import Bilingual, DeploymentUnavailable
from bouclier.terms.exchange import Placed
from bouclier.terms.law import Budget, Load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.terms.duties import Means
    from bouclier.terms.exchange import Permitted
    from bouclier.terms.law import Deployment, Terms, Verdict, Weights

IDLE: Final = Load()
MAX_SPARES: Final = 7
"""More are not tried: whoever asked would have given up."""

TIER: Final = 100
UNKNOWN_PRICE_UEUR: Final = 1_000_000
"""One euro per 1,000 tokens: above any list price."""
UNKNOWN_CARBON_MG: Final = 10_000_000
"""10 kg CO2e per 1,000 tokens: above the upper estimate of the largest model on the dirtiest grid."""


class Cost(NamedTuple):
    """What a deployment costs, in the order in which it counts; the lowest serves.

    Attributes:
        first: What comes before everything else, for this exchange.
        ms: Milliseconds.
    """

    first: int
    ms: int


class Ranked(NamedTuple):
    """A deployment that an exchange could be placed on, before the law is asked and its load is looked at.

    Attributes:
        least: What it costs at least, were it idle.
        deployment: The deployment.
    """

    least: Cost
    deployment: Deployment


def exposure_rank(deployment: Deployment) -> int:
    """Order deployments by who can be compelled; lower is less exposed, and a tier is `TIER` wide."""
    exposure = deployment.exposure
    if deployment.own and exposure.known and not (exposure.foreign_laws or exposure.contested):
        return 0
    if not exposure.known:
        return 4 * TIER
    if exposure.foreign_laws:
        return 3 * TIER + min(len(exposure.foreign_laws), TIER - 1)
    return 2 * TIER + min(len(exposure.contested), TIER - 1) if exposure.contested else TIER


def cost_of(deployment: Deployment, wait_ms: int, weights: Weights, budget: Budget) -> Cost:
    """Return what an exchange would cost there, if its first token comes after this many milliseconds."""
    exposure = exposure_rank(deployment)
    price = deployment.price_ueur
    if price is None:
        price = 0 if deployment.own else UNKNOWN_PRICE_UEUR
    carbon = UNKNOWN_CARBON_MG if deployment.carbon_mg is None else deployment.carbon_mg
    spent = wait_ms + (price * weights.price_ms + carbon * weights.carbon_ms) // 1000
    if weights.exposure_ms is not None:
        spent += exposure * weights.exposure_ms // TIER
    if budget is Budget.LIGHTEN:
        return Cost(carbon, spent)
    return Cost(exposure if weights.exposure_ms is None else 0, spent)


def in_order(deployments: Iterable[Deployment], weights: Weights, budget: Budget = Budget.WITHIN) -> tuple[Ranked, ...]:
    """Return deployments in the order of what they cost at least: whoever has one at a cost need not look further."""
    least = [Ranked(cost_of(one, 0, weights, budget), one) for one in deployments]
    return tuple(sorted(least, key=lambda ranked: (ranked.least, ranked.deployment.name)))


class Costed(NamedTuple):
    """A deployment that can serve now, as it stands among the others: the tuple sorts.

    Attributes:
        cost: What it costs.
        drawn: Draws among equals.
        name: Its name.
        verdict: What the charter says of it.
    """

    cost: Cost
    drawn: int
    name: str
    verdict: Verdict


def ranked(verdicts: Iterable[Verdict], loads: Mapping[str, Load], terms: Terms) -> list[Verdict]:
    """Return the permitted deployments that can serve now, in the order they would be tried.

    Args:
        verdicts: Permitted.
        loads: By deployment name; a missing one counts as idle and available.
        terms: What else the choice rests on.
    """
    return [one.verdict for one in costed(verdicts, loads, terms)[: MAX_SPARES + 1]]


def costed(verdicts: Iterable[Verdict], loads: Mapping[str, Load], terms: Terms) -> list[Costed]:
    """Return the permitted deployments that can serve now, cheapest first, each with its cost.

    Equals are drawn by the exchange's id, so that gateways that know the same do not all run to one deployment.
    """
    weights, budget, tried = terms.weights, terms.budget, terms.tried
    if budget is Budget.REFUSE:
        return []
    drawn = crc32(terms.exchange.encode())
    able = []
    for verdict in verdicts:
        name = verdict.deployment.name
        load = loads.get(name, IDLE)
        if load.available and name not in tried:
            cost = cost_of(verdict.deployment, load.wait_ms, weights, budget)
            able.append(Costed(cost, crc32(name.encode(), drawn), name, verdict))
    able.sort()  # by cost, then by draw, then by name, which no two share
    return able


def costs(verdicts: Iterable[Verdict], loads: Mapping[str, Load], terms: Terms) -> list[Cost]:
    """Return what an exchange would cost at those of the permitted deployments that can serve now, in their order."""
    weights, budget, tried = terms.weights, terms.budget, terms.tried
    if budget is Budget.REFUSE:
        return []
    found = []
    for verdict in verdicts:
        deployment = verdict.deployment
        load = loads.get(deployment.name, IDLE)
        if load.available and deployment.name not in tried:
            found.append(cost_of(deployment, load.wait_ms, weights, budget))
    return found


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
    able = ranked(candidates, permitted.loads, permitted.terms)
    if not able:
        raise unavailable(candidates, permitted.loads, permitted.terms)
    return Placed(permitted=permitted, chosen=able[0], spares=tuple(able[1:]))


def unavailable(candidates: Sequence[Verdict], loads: Mapping[str, Load], terms: Terms) -> DeploymentUnavailable:
    """Return the error that says of each permitted deployment why it cannot serve now."""
    named = [one.deployment.name for one in candidates]
    reasons = [_TRIED if name in terms.tried else _WHY.get(loads.get(name, IDLE).why, _DOWN) for name in named]
    in_french = ", ".join(f"{name} : {why.fr}" for name, why in zip(named, reasons, strict=True))
    in_english = ", ".join(f"{name}: {why.en}" for name, why in zip(named, reasons, strict=True))
    return DeploymentUnavailable(
        Bilingual(
            f"Aucun déploiement permis ne peut répondre maintenant ({in_french}).",
            f"No permitted deployment can answer now ({in_english}).",
        ),
        Bilingual(
            "Réessayez dans un instant ; « bouclier site list » montre l'état des sites.",
            "Try again in a moment; `bouclier site list` shows the state of the sites.",
        ),
        param="model",
    )


_DOWN: Final = Bilingual("ne répond pas", "does not answer")
_TRIED: Final = Bilingual("vient d'échouer", "has just failed")
_WHY: Final[dict[str, Bilingual]] = {
    "breaker": Bilingual("a échoué plusieurs fois, laissé au repos", "failed several times, left alone for now"),
    "overloaded": Bilingual("se dit surchargé", "says it is overloaded"),
    "draining": Bilingual("son opérateur l'arrête", "its operator is draining it"),
    "full": Bilingual("toutes ses places sont prises", "all its slots are taken"),
    "loading": Bilingual("démarre", "is starting"),
}
