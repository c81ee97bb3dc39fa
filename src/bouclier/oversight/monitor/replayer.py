"""The other rooms, as deciding again needs them: a port, for oversight knows neither shield, registry nor charter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.oversight.entries_model import Law
    from bouclier.terms.content import DataClass
    from bouclier.terms.law import Case, Deployment, Exposure, Load, Terms, Verdict


class Classified(NamedTuple):
    """Class and labels, as a replay finds them."""

    data_class: DataClass
    labels: tuple[str, ...]


class Replayer(Protocol):
    """The other rooms, for whoever decides again. Every method is a pure function: asked twice, it answers the same."""

    def classify(
        self, types: Iterable[str], markings: Iterable[str], *, declared: DataClass | None, uninspected: int
    ) -> Classified | None:
        """Return class and labels of these findings; None when a type is unknown here."""
        ...

    def knows_registry(self, digest: str) -> bool:
        """Tell whether there is a registry of this digest."""
        ...

    def is_registered(self, registry: str, operator: str) -> bool:
        """Tell whether a registry has facts on an operator that serves."""
        ...

    def exposure(self, registry: str, operator: str, *, service: str, country: str | None, day: int) -> Exposure:
        """Return which laws reach a deployment on a day, as 20261122, by the registry of this digest."""
        ...

    def knows_charter(self, digest: str) -> bool:
        """Tell whether there is a charter of this digest."""
        ...

    def knows_orders(self, charter: str, digest: str) -> bool:
        """Tell whether there are orders that together have this digest, and that this charter lets be given."""
        ...

    def orders_digest(self, digests: Iterable[str]) -> str:
        """Return the digest of some orders together, from their own."""
        ...

    def refined(self, charter: str, case: Case) -> Case:
        """Return a case with what the charter of this digest adds to its class and labels."""
        ...

    def verdict(self, law: Law, case: Case, deployment: Deployment) -> Verdict:
        """Return what the charter of a law says, under the orders of that law; both are known.

        Raises:
            CharterError: It cannot answer.
        """
        ...

    def ranked(self, verdicts: Iterable[Verdict], loads: Mapping[str, Load], terms: Terms) -> Sequence[Verdict]:
        """Return the permitted deployments that could serve, in the order they would be tried."""
        ...
