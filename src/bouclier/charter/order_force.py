"""Say which orders are in force at a moment, on one gateway, and when that next changes.

An order is in force when all of this holds, in this order:

0. its file is among the first of its authority's, by path (`that_count`);
1. it can be read (`parse_order`);
2. it is within its authority's mandate, where that authority publishes (`overreach`);
3. no valid order of the same authority that has started supersedes it. That other order may itself have ended or been
   superseded since: what was replaced stays so until the authority issues it anew;
4. start <= now < expires;
5. its scope covers the gateway's territory. A territory nobody stated is covered by every scope, for what is unknown
   never counts in anyone's favour; so is one of which nobody said whether it is in the Union, by the scope `EU`.

What fails 0 to 2 is told with the reason, wherever it would have applied: overreach is public.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter.order_mandate import overreach, that_count
from bouclier.charter.order_model import MAX_ORDERS, MAX_ORDERS_BYTES, UNION, OrderError, Published, Refused
from bouclier.charter.order_reading import parse_order
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bouclier.charter.order_model import Mandate


_TOO_MANY: Final = Bilingual(
    f"au-delà des {MAX_ORDERS} premières injonctions de l'autorité, ou de {MAX_ORDERS_BYTES} octets en tout",
    f"beyond the authority's first {MAX_ORDERS} orders, or {MAX_ORDERS_BYTES} bytes in all",
)


class OrdersInForce(NamedTuple):
    """What binds a gateway at a moment.

    Attributes:
        orders: In force, by id.
        refused: Published without effect, by path.
        digest: SHA-256 over those in force, hexadecimal: what entries of the log cite.
        next_change: When the next valid order starts or ends; None if none will.
    """

    orders: tuple[Published, ...]
    refused: tuple[Refused, ...]
    digest: str
    next_change: datetime | None


def orders_in_force(
    published: Iterable[tuple[str, str, bytes]],
    mandates: Mapping[str, Mandate],
    *,
    at: datetime,
    territory: str | None,
    members: Collection[str] = (),
) -> OrdersInForce:
    """Return the orders in force.

    Args:
        published: Path, delegated role and bytes of each order that the repository serves, verified.
        mandates: The charter's, by authority.
        at: Now, with its offset from UTC.
        territory: State the gateway is in, ISO 3166-1 alpha-2; None if nobody stated it.
        members: Member states of the Union; empty if the charter does not say.
    """
    valid, refused = _sorted_out(published, mandates, members)
    superseded = {order.supersedes for _, order in valid if order.supersedes is not None and order.start <= at}
    standing = [one for one in valid if one.order.id not in superseded]
    holding = tuple(
        one
        for one in standing
        if one.order.start <= at < one.order.expires and _applies_in(one.order.scope, territory, members)
    )
    moments = (moment for _, order in valid for moment in (order.start, order.expires) if moment > at)
    return OrdersInForce(
        orders=holding,
        refused=refused,
        digest=orders_digest(one.digest for one in holding),
        next_change=min(moments, default=None),
    )


def orders_digest(digests: Iterable[str]) -> str:
    """Return what the log cites orders by: SHA-256, hexadecimal, of the JSON list of their own digests, sorted."""
    listed = json.dumps(sorted(set(digests)), separators=(",", ":"))
    return hashlib.sha256(listed.encode()).hexdigest()


def _sorted_out(
    published: Iterable[tuple[str, str, bytes]], mandates: Mapping[str, Mandate], members: Collection[str]
) -> tuple[list[Published], tuple[Refused, ...]]:
    valid: dict[str, Published] = {}
    refused: list[Refused] = []
    files = sorted(set(published))
    beyond = frozenset(_beyond(files))
    for one in files:
        path, role, data = one
        digest = hashlib.sha256(data).hexdigest()
        if one in beyond:
            refused.append(Refused(path, digest, (_TOO_MANY,)))
            continue
        try:
            order = parse_order(data)
        except OrderError as error:
            refused.append(Refused(path, digest, (error.message,)))
            continue
        reasons = overreach(order, mandates.get(order.authority), role=role, path=path, members=members)
        if not reasons and valid.get(order.id, Published(digest, order)).digest != digest:
            reasons = (Bilingual("une autre injonction porte déjà cet id", "another order has this id already"),)
        if reasons:
            refused.append(Refused(path, digest, reasons))
        else:
            valid[order.id] = Published(digest, order)
    return [valid[identifier] for identifier in sorted(valid)], tuple(refused)


def _beyond(files: Sequence[tuple[str, str, bytes]]) -> Iterator[tuple[str, str, bytes]]:
    """Yield what is more than may count of one role."""
    by_role: dict[str, list[tuple[str, str, bytes]]] = {}
    for one in files:
        by_role.setdefault(one[1], []).append(one)
    for own in by_role.values():
        yield from own[that_count(len(data) for _, _, data in own) :]


def _applies_in(scope: Collection[str], territory: str | None, members: Collection[str]) -> bool:
    if territory is None or territory in scope:
        return True
    if territory == UNION:  # an institution of the Union is at home in every member state
        return not members or any(state in members for state in scope)
    return UNION in scope and (not members or territory in members)
