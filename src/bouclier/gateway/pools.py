"""Deployments by what a request may ask for: their names, the names of models, the institution's aliases, `auto`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.fleet import in_order
from bouclier.terms.errors import Bilingual, UnknownModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.fleet import Ranked
    from bouclier.gateway.ports import Facts
    from bouclier.terms.law import Budget, Deployment, Weights

AUTO: Final = "auto"


class Pools:
    """Deployments by what a request may ask for, in the order of what they cost at least."""

    def __init__(self, facts: Facts, aliases: Mapping[str, Sequence[str]], weights: Weights) -> None:
        """Look up deployments in `facts`; an alias stands for any deployment or model it names."""
        self._facts = facts
        self.aliases = aliases
        self.weights = weights
        self._known: Mapping[str, Deployment] = {}
        self._ordered: dict[tuple[str, Budget], tuple[Ranked, ...]] = {}

    def known(self, registry: str, day: int) -> Mapping[str, Deployment]:
        """Return all deployments by name, as the registry of this digest knows them on a day, as 20261122."""
        known = self._facts.deployments(registry, day)
        if known is not self._known:
            self._known, self._ordered = known, {}
        return known

    def of(self, model: str, budget: Budget, *, registry: str, day: int) -> tuple[Ranked, ...]:
        """Return the deployments that may serve a model name, cheapest first.

        What was asked for by its own name is served by it or not at all, whatever the budget: another model is another
        answer. `auto` and aliases leave the choice.

        Raises:
            UnknownModelError: Nothing here has that name.
        """
        known = self.known(registry, day)
        ordered = self._ordered.get((model, budget))
        if ordered is None:
            ordered = self._ordered[model, budget] = in_order(self._named(model, known), self.weights, budget)
        return ordered

    def _named(self, model: str, known: Mapping[str, Deployment]) -> Iterable[Deployment]:
        if model == AUTO:
            return known.values()
        if model in known:
            return (known[model],)
        # What is neither a deployment nor an alias may be a model that some serve: another name of each of them.
        served = self.aliases.get(model, (model,))
        pool = [one for one in known.values() if one.name in served or one.model in served]
        if not pool:
            names = ", ".join((AUTO, *self.aliases, *known))
            raise UnknownModelError(
                Bilingual("Le modèle demandé n'existe pas ici.", "The model asked for does not exist here."),
                Bilingual(f"Choisissez parmi : {names}.", f"Choose one of: {names}."),
                param="model",
            )
        return pool
