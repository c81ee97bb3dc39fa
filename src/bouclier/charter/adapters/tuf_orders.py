"""An authority's next metadata, made of what is published and of what its key's holder gave: what `order sign` signs.

A workshop passes through many hands. So nothing is taken over from a draft that lies there: not its other orders, nor
what it leaves out, nor its expiry. A draft is signed only if it is, byte for byte, what would be made here, but for an
expiry that a colleague chose a little earlier, within what the editors delegate.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tuf.api.metadata import Metadata, MetaFile, TargetFile, Targets

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_published import copied
from bouclier.charter.adapters.tuf_roles import authority_role, expiry, order_target, role_of
from bouclier.charter.order_mandate import that_count
from bouclier.charter.order_model import MAX_ORDERS, MAX_ORDERS_BYTES
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from tuf.api.metadata import Role

    from bouclier.charter.adapters.tuf_published import Published
    from bouclier.charter.adapters.tuf_workshop import Workshop

SLACK: Final = timedelta(days=1)
"""By how much clocks of people who sign together may differ."""


def next_orders(
    workshop: Workshop,
    published: Published | None,
    authority: str,
    orders: Mapping[str, bytes],
    withdrawn: Collection[str],
    *,
    now: datetime,
) -> Metadata[Targets]:
    """Return an authority's next metadata: what is published, with orders added and withdrawn; the draft if it is that.

    Args:
        workshop: Where it will be staged; nothing is written.
        published: The workshop's copy of what is published, verified.
        authority: Its id.
        orders: New ones, by name.
        withdrawn: Names of published or staged ones.
        now: From when the metadata's time runs.

    Raises:
        WorkshopError: The editors do not delegate to it, it has no such order, or it would have more than count.
        StorageError: A file cannot be read.
    """
    role = authority_role(authority)
    current = workshop.next()
    before = published.authorities.get(role) if published is not None else None
    draft = current.authorities.get(role) if role in current.staged else None
    delegated = _delegated(workshop, published, role)
    targets = dict(before.signed.targets) if before is not None else {}
    for name in withdrawn:
        path = order_target(authority, name)
        if targets.pop(path, None) is None and (draft is None or path not in draft.signed.targets):
            raise WorkshopError(
                Bilingual(f"{authority} n'a pas d'injonction {name}.", f"{authority} has no order {name}."),
                param="name",
            )
    for name, data in orders.items():
        path = order_target(authority, name)
        targets[path] = TargetFile.from_data(path, data, ["sha256"])
    _verify_count(role, targets)
    made = Targets(version=_version(published, role), expires=expiry(delegated, now, role), targets=targets)
    return draft if draft is not None and _is_same(draft, made, now) else Metadata(made)


def staged_beyond(workshop: Workshop, published: Published | None, authority: str, named: Collection[str]) -> list[str]:
    """Return the paths that a draft of an authority changes, against what is published, and that were not named.

    What it says of those that were named does not matter: it is not what will be signed.

    Args:
        workshop: Where the draft lies.
        published: The workshop's copy of what is published, verified.
        authority: Its id.
        named: Paths of orders that were given, or named to be withdrawn.

    Raises:
        StorageError: A file cannot be read.
    """
    role, current = authority_role(authority), workshop.next()
    if role not in current.staged:
        return []
    before = published.authorities.get(role) if published is not None else None
    new, old = _digests(current.authorities[role]), _digests(before)
    return sorted(path for path in new.keys() | old.keys() if new.get(path) != old.get(path) and path not in named)


def _digests(metadata: Metadata[Targets] | None) -> dict[str, str]:
    listed = metadata.signed.targets if metadata is not None else {}
    return {path: target.hashes.get("sha256", "") for path, target in listed.items()}


def _delegated(workshop: Workshop, published: Published | None, role: str) -> Role:
    """Return the delegation that is in force, or the one that is staged where there is none yet."""
    found = role_of(role, published.root.signed, published.targets.signed) if published is not None else None
    if found is None:
        current = workshop.next()
        found = role_of(role, current.root.signed, current.targets.signed)
    if found is None:
        raise WorkshopError(
            Bilingual(f"{role} n'est pas une autorité de cette charte.", f"{role} is no authority of this charter."),
            param=role,
        )
    return found


def _version(published: Published | None, role: str) -> int:
    # An authority that was removed and comes back goes on from its last version: clients accept no lower one.
    listed: MetaFile | None = published.snapshot.signed.meta.get(f"{role}.json") if published is not None else None
    return 1 if listed is None else listed.version + 1


def _is_same(draft: Metadata[Targets], made: Targets, now: datetime) -> bool:
    """Tell whether a draft is what was made, with an expiry that could have been chosen by another who signs."""
    if not now < draft.signed.expires <= made.expires + SLACK:
        return False
    like = copied(Metadata(made))
    like.signed.expires = draft.signed.expires
    return like.signed_bytes == draft.signed_bytes


def _verify_count(role: str, targets: Mapping[str, TargetFile]) -> None:
    if that_count(target.length for _, target in sorted(targets.items())) < len(targets):
        raise WorkshopError(
            Bilingual(
                f"{role} aurait plus de {MAX_ORDERS} injonctions, ou de {MAX_ORDERS_BYTES} octets en tout.",
                f"{role} would have more than {MAX_ORDERS} orders, or {MAX_ORDERS_BYTES} bytes in all.",
            ),
            Bilingual("Retirez ceux qui ont pris fin : --withdraw.", "Withdraw those that have ended: --withdraw."),
            param=role,
        )
