"""The law in force on a gateway at a moment: a charter, the orders that restrict it, and what records cite of both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bouclier.charter.decide import Decider
from bouclier.charter.order_cedar import compile_orders
from bouclier.charter.order_force import orders_digest, orders_in_force
from bouclier.charter.order_reading import parse_authorities
from bouclier.charter.pack_data import Warned
from bouclier.charter.parse import AUTHORITIES_FILE, with_policies
from bouclier.charter.refine import refine
from bouclier.terms.law import LawStamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bouclier.charter.model import Charter
    from bouclier.charter.order_force import OrdersInForce
    from bouclier.charter.order_model import Mandate
    from bouclier.terms.law import Case, Deployment, Verdict

ORDERS_FILE: Final = "orders"
"""What policies made of orders give as their file."""
NO_ORDERS: Final = orders_digest(())


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who stands behind a charter, and until when: what its signatures say.

    Attributes:
        root: Version of the root; 0 for a charter that nobody signed.
        timestamp: Version of the timestamp; 0 likewise.
        adopted_by: Names of the parties whose keys signed the root; empty when nobody but this institution did.
        parties: Names of all parties.
        threshold: How many of them change the root.
        editors: Names of those whose keys signed the charter's text.
        editors_threshold: How many of them it takes.
        expires: From then on it must not be used; None if it cannot expire.
        problems: What is wrong, without making the charter invalid: sentences in French and English.
    """

    root: int = 0
    timestamp: int = 0
    adopted_by: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    threshold: int = 0
    editors: tuple[str, ...] = ()
    editors_threshold: int = 0
    expires: datetime | None = None
    problems: tuple[tuple[str, str], ...] = ()


UNSIGNED: Final = Adoption()


@dataclass(frozen=True, slots=True)
class InForce:
    """By what a gateway decides.

    Attributes:
        charter: With the policies and warnings of the orders.
        orders: Which orders are in force, which were refused, and when that next changes.
        adoption: Who stands behind it.
        stamp: What entries cite; the facts on who can be compelled among it, by their digest: what they say is read
            by whoever knows how.
    """

    charter: Charter
    orders: OrdersInForce
    adoption: Adoption
    stamp: LawStamp
    _decider: Decider = field(repr=False, compare=False)

    def refine(self, case: Case) -> Case:
        """Return a case with what the charter's data adds to it; see `refine`."""
        return refine(case, self.charter.data)

    def decide_all(self, case: Case, deployments: Iterable[Deployment]) -> tuple[Verdict, ...]:
        """Return what the charter, under the orders, says of each deployment.

        Raises:
            CharterError: It cannot answer without error.
        """
        return self._decider.decide_all(case, deployments)

    @property
    def warnings(self) -> Mapping[str, Warned]:
        """What the warnings that duties name say, by id."""
        return self.charter.data.warnings


def law_in_force(  # noqa: PLR0913 -- all that makes a law
    charter: Charter,
    published: Iterable[tuple[str, str, bytes]],
    adoption: Adoption = UNSIGNED,
    *,
    at: datetime,
    territory: str | None,
    registry: str,
    capacity: int = 32_768,
    before: InForce | None = None,
) -> InForce:
    """Return the law in force at a moment.

    Args:
        charter: As `parse_charter` returns it.
        published: Path, delegated role and bytes of each order published with it, verified.
        adoption: Who stands behind the charter.
        at: The moment, with its offset from UTC.
        territory: State of the institution, ISO 3166-1 alpha-2; None if it does not say, and every order applies.
        registry: SHA-256 of the facts in force with it, hexadecimal.
        capacity: How many verdicts are remembered.
        before: The law so far: where charter and orders are still the same, so are the verdicts it remembers.

    Raises:
        CharterError: The mandates cannot be read, or the orders do not fit the charter's schema.
    """
    orders = orders_in_force(published, mandates_of(charter), at=at, territory=territory, members=charter.data.union)
    stamp = LawStamp(
        charter=charter.digest,
        orders=orders.digest,
        root=adoption.root,
        timestamp=adoption.timestamp,
        registry=registry,
    )
    if before is not None and (before.stamp.charter, before.stamp.orders) == (stamp.charter, stamp.orders):
        return replace(before, orders=orders, adoption=adoption, stamp=stamp)
    restricted = restricted_by(charter, orders)
    return InForce(restricted, orders, adoption, stamp, Decider(restricted, capacity=capacity))


def mandates_of(charter: Charter) -> Mapping[str, Mandate]:
    """Return who may order what, by authority.

    Raises:
        CharterError: `authorities.json` is malformed.
    """
    text = charter.files.get(AUTHORITIES_FILE)
    return {} if text is None else parse_authorities(text.encode())


def restricted_by(charter: Charter, orders: OrdersInForce) -> Charter:
    """Return a charter with the policies and warnings of orders; its digest stays.

    Raises:
        CharterError: They do not fit the charter's schema.
    """
    if not orders.orders:
        return charter
    compiled = compile_orders(one.order for one in orders.orders)
    warnings = dict(charter.data.warnings)
    warnings.update(
        (name, Warned(id=name, fr=warning.fr, en=warning.en, basis=warning.basis))
        for name, warning in compiled.warnings.items()
    )
    data = replace(charter.data, warnings=MappingProxyType(warnings))
    return with_policies(charter, compiled.policies, data, file=ORDERS_FILE)
