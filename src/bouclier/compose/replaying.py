"""The other rooms as the monitor needs them to decide again: shield, registry, charter, fleet.

Each step is the very function the gateway runs; nothing is written a second time here. Answers are remembered, because
a log asks the same questions over and over: verdicts by the charter's own memory, exposures by operator and country.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bouclier.charter import refine
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.orders import MAX_ORDER_BYTES, orders_digest, parse_order
from bouclier.compose.laws import Laws
from bouclier.compose.registry_exposure import deployment_exposure, facts_at, runs_services
from bouclier.compose.registry_facts import registries_from
from bouclier.fleet.placement import ranked
from bouclier.oversight.monitor.replayer import Classified
from bouclier.shield.classify import classify_kinds
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual, CharterError, ConfigurationError
from bouclier.terms.law import Exposure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bouclier.charter import Charter, Decider
    from bouclier.oversight.entries_model import Law
    from bouclier.registry import Registry
    from bouclier.registry.expose import Moment
    from bouclier.terms.content import DataClass
    from bouclier.terms.law import Case, Deployment, Load, Terms, Verdict

_REMEMBERED_CASES: Final = 65_536
_REMEMBERED_EXPOSURES: Final = 16_384
_REMEMBERED_CLASSES: Final = 16_384
_REMEMBERED_DAYS: Final = 64
_TYPES: Final = {entity_type.value: entity_type for entity_type in EntityType}


class RoomsReplayer:
    """A `Replayer` over the laws and registries it is given, found by their digests."""

    def __init__(self, laws: Laws | Iterable[Charter], registries: Iterable[Registry]) -> None:
        """Hold these laws and registries: those in force, and any that entries of the past may cite."""
        self._laws = laws if isinstance(laws, Laws) else Laws(laws)
        for registry in registries:
            self._laws.add_registry(registry)
        self._moment = lru_cache(maxsize=_REMEMBERED_DAYS)(self._moment_of)
        self._exposure = lru_cache(maxsize=_REMEMBERED_EXPOSURES)(self._exposure_of)
        self._classified = lru_cache(maxsize=_REMEMBERED_CLASSES)(_classified)
        self._latest: tuple[Law, Decider] | None = None
        self._refined = lru_cache(maxsize=_REMEMBERED_CASES)(self._refined_by)

    def classify(
        self, types: Iterable[str], markings: Iterable[str], *, declared: DataClass | None, uninspected: int
    ) -> Classified | None:
        """See `Replayer.classify`."""
        return self._classified(tuple(types), tuple(markings), declared, uninspected > 0)

    def knows_registry(self, digest: str) -> bool:
        """See `Replayer.knows_registry`."""
        return self._laws.knows_registry(digest)

    def is_registered(self, registry: str, operator: str) -> bool:
        """See `Replayer.is_registered`."""
        return self._laws.knows_registry(registry) and runs_services(self._laws.registry(registry), operator)

    def exposure(self, registry: str, operator: str, *, service: str, country: str | None, day: int) -> Exposure:
        """See `Replayer.exposure`."""
        return self._exposure(registry, operator, service, country, day)

    def knows_charter(self, digest: str) -> bool:
        """See `Replayer.knows_charter`."""
        return self._laws.knows_charter(digest)

    def knows_orders(self, charter: str, digest: str) -> bool:
        """See `Replayer.knows_orders`."""
        return self._laws.knows_orders(charter, digest)

    def orders_digest(self, digests: Iterable[str]) -> str:
        """See `Replayer.orders_digest`."""
        return orders_digest(digests)

    def refined(self, charter: str, case: Case) -> Case:
        """See `Replayer.refined`."""
        return self._refined(charter, case)

    def verdict(self, law: Law, case: Case, deployment: Deployment) -> Verdict:
        """See `Replayer.verdict`."""
        latest = self._latest
        if latest is None or latest[0] != law:
            # One assignment, for other threads ask too.
            latest = self._latest = (law, self._laws.decider(law.charter, law.orders))
        return latest[1].decide(case, deployment)

    def ranked(self, verdicts: Iterable[Verdict], loads: Mapping[str, Load], terms: Terms) -> Sequence[Verdict]:
        """See `Replayer.ranked`."""
        return ranked(verdicts, loads, terms)

    def _refined_by(self, charter: str, case: Case) -> Case:
        return refine(case, self._laws.charter(charter).data)

    def _moment_of(self, registry: str, day: int) -> Moment:
        return facts_at(self._laws.registry(registry), dt.date(day // 10_000, day // 100 % 100, day % 100))

    def _exposure_of(self, registry: str, operator: str, service: str, country: str | None, day: int) -> Exposure:
        try:
            moment = self._moment(registry, day)
        except (ValueError, OverflowError):
            # A day that is in no calendar, as a forged entry may say: no fact holds on it.
            return Exposure(known=False)
        return deployment_exposure(moment, operator, service=service, country=country)


def _classified(
    types: tuple[str, ...],
    markings: tuple[str, ...],
    declared: DataClass | None,
    uninspected: bool,  # noqa: FBT001 -- remembered by position
) -> Classified | None:
    kinds = [_TYPES.get(name) for name in types]
    known = [kind for kind in kinds if kind is not None]
    if len(known) != len(kinds):
        return None
    found = classify_kinds(known, markings, declared=declared, uninspected=int(uninspected))
    return Classified(found.data_class, found.labels)


STARTER: Final = "starter"
"""What names the starter charter where a folder of a charter is asked for."""


def replayer_from(
    charters: Sequence[Path], facts: Sequence[Path], orders: Sequence[Path] = (), *, laws: Laws | None = None
) -> RoomsReplayer:
    """Return a replayer over the charters, orders and registries of these files.

    Who names a charter names all that are acceptable: a gateway that decides by the starter charter instead must not
    pass for one that decides by its own. Likewise for the registry. Where none is named, those of the package are held.

    `starter` in place of a folder stands for the starter charter.

    Args:
        charters: Folders or bundles of charters, in force or of the past.
        facts: Files or folders with an institution's own facts, each a registry of its own with the packaged facts; or
            whole registries.
        orders: Folders with authorities' orders.
        laws: Those to hold instead of `charters` and `orders`.

    Raises:
        CharterError: A charter or an order cannot be read.
        ConfigurationError: A file cannot be read, or a fact is wrong.
    """
    return RoomsReplayer(laws or laws_from(charters, orders), registries_from(facts))


def laws_from(charters: Sequence[Path], orders: Sequence[Path] = (), *, starter: bool = True) -> Laws:
    """Return the laws of these files.

    Args:
        charters: As `replayer_from`.
        orders: Likewise.
        starter: Whether to hold the starter charter where no charter is named.

    Raises:
        CharterError: A charter or an order cannot be read.
        ConfigurationError: A folder cannot be read.
    """
    held = [load_charter(None if str(folder) == STARTER else folder) for folder in charters]
    if not held and starter:
        held = [load_charter()]
    return Laws(held, [order for folder in orders for order in _orders_in(folder)])


def _orders_in(folder: Path) -> Iterable[tuple[str, str, bytes]]:
    """Yield the orders of a folder, where and by whom their authorities would publish them."""
    if not folder.is_dir():
        raise _no_orders(folder)
    for file in sorted(folder.rglob("*.json")):
        try:
            with file.open("rb") as opened:
                data = opened.read(MAX_ORDER_BYTES + 1)
        except OSError as error:
            raise _no_orders(file) from error
        try:
            order = parse_order(data)
        except CharterError as error:
            raise CharterError(
                Bilingual(f"{file} : {error.message.fr}", f"{file}: {error.message.en}"), error.hint, param=str(file)
            ) from error
        yield order.path, f"authority-{order.authority}", data


def _no_orders(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
        Bilingual(
            "Donnez un dossier d'ordres, un fichier JSON chacun.", "Give a folder of orders, one JSON file each."
        ),
        param="--orders",
    )
