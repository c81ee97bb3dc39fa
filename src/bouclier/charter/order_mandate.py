"""Say whether an authority may issue an order: the charter gives it a mandate, and the order stays within.

Every reason is given, not the first alone: the authority that reads them corrects once. An order outside its mandate
has no effect at all; it is not cut down to what would have been allowed, for nobody signed that.

How many orders of one authority count is bounded here too, for whoever publishes, follows, applies or watches them: an
authority that floods the repository spends its own room, and nobody else's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bouclier.charter.order_model import MAX_ORDERS, MAX_ORDERS_BYTES, UNION, kind_of
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from bouclier.charter.order_model import Mandate, Order


def overreach(
    order: Order,
    mandate: Mandate | None,
    *,
    role: str | None = None,
    path: str | None = None,
    members: Collection[str] = (),
) -> tuple[Bilingual, ...]:
    """Return all reasons why an order is not valid; none if it is.

    Args:
        order: As `parse_order` returns it.
        mandate: What the charter says its authority may order; None if nothing.
        role: The delegated role it was published under; None if it is not published yet.
        path: Where it was published; None if it is not.
        members: Member states of the Union. Those not listed are not known to be: a mandate for the Union does not
            cover them.
    """
    return tuple(_reasons(order, mandate, role, path, frozenset(members)))


def that_count(lengths: Iterable[int]) -> int:
    """Return how many of one authority's orders count: the first, up to a number and a size of them all.

    Args:
        lengths: Bytes of each of its files, in the order of their paths. Those after the first that is too much do not
            count, so that taking them away changes nothing.
    """
    count, total = 0, 0
    for length in lengths:
        total += length
        if count == MAX_ORDERS or total > MAX_ORDERS_BYTES:
            break
        count += 1
    return count


def covers(territory: Collection[str], state: str, members: Collection[str]) -> bool:
    """Tell whether a territory includes a state, or the Union as a whole."""
    return state in territory or (UNION in territory and state in members)


def _reasons(
    order: Order, mandate: Mandate | None, role: str | None, path: str | None, members: frozenset[str]
) -> Iterator[Bilingual]:
    if path is not None and path != order.path:
        yield Bilingual(f"publié à un autre endroit que {order.path}", f"published elsewhere than at {order.path}")
    if order.expires <= order.start:
        yield Bilingual("finit avant de commencer", "ends before it starts")
    yield from _about_superseding(order)
    if mandate is None or mandate.id != order.authority:
        yield Bilingual(
            f"la charte ne donne aucun mandat à « {order.authority} »",
            f"the charter gives '{order.authority}' no mandate",
        )
        return
    if role is not None and role != mandate.role:
        yield Bilingual(
            f"publié sous un autre rôle que {mandate.role}", f"published under another role than {mandate.role}"
        )
    if kind_of(order.effect) not in mandate.effects:
        kind, allowed = kind_of(order.effect), ", ".join(mandate.effects)
        yield Bilingual(
            f"l'effet {kind} est hors du mandat (effets permis : {allowed})",
            f"the effect {kind} is outside the mandate (it allows {allowed})",
        )
    outside = ", ".join(state for state in order.scope if not covers(mandate.territory, state, members))
    if outside:
        allowed = ", ".join(mandate.territory)
        yield Bilingual(
            f"s'étend à {outside}, hors du territoire du mandat ({allowed})",
            f"extends to {outside}, outside the mandate's territory ({allowed})",
        )
    if order.expires - order.start > timedelta(days=mandate.max_days):
        yield Bilingual(
            f"dure plus que les {mandate.max_days} jours du mandat",
            f"lasts longer than the mandate's {mandate.max_days} days",
        )


def _about_superseding(order: Order) -> Iterator[Bilingual]:
    if order.supersedes is None:
        return
    if order.supersedes == order.id:
        yield Bilingual("dit se remplacer lui-même", "says that it supersedes itself")
    elif order.supersedes.partition("/")[0] != order.authority:
        yield Bilingual(
            "dit remplacer l'injonction d'une autre autorité", "says that it supersedes another authority's order"
        )
