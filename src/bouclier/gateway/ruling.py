"""By what law a gateway rules at a moment, and what its words are held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.charter import InForce
    from bouclier.terms.exchange import Placed
    from bouclier.terms.law import LawStamp


class Net(Protocol):
    """The second net: which prohibited practices words suggest."""

    async def signals(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the signals of all texts together, sorted."""
        ...


def is_current(stamp: LawStamp, ruling: Ruling | None) -> bool:
    """Tell whether a law is the one in force now; a newer timestamp alone changes nothing."""
    if ruling is None:
        return False
    now = ruling.law.stamp
    return (now.charter, now.orders, now.registry) == (stamp.charter, stamp.orders, stamp.registry)


def may_still_go(placed: Placed, ruling: Ruling | None) -> bool:
    """Tell whether what was decided may still leave: by the law in force; once that expired, to own machines only."""
    if ruling is None or not is_current(placed.permitted.law, ruling):
        return False
    return placed.chosen.deployment.own or not ruling.own_only


@dataclass(frozen=True, slots=True)
class Ruling:
    """The law in force, with what the gateway needs to apply it. A new one is made whenever anything of it changes.

    Attributes:
        law: The charter under its orders.
        net: The charter's second net.
        own_only: Whether nothing may leave the institution's own machines: the charter has expired, and it says so.
        shadow: A charter on trial, decided by beside the one in force; None if there is none.
    """

    law: InForce
    net: Net = field(repr=False)
    own_only: bool = False
    shadow: InForce | None = None
