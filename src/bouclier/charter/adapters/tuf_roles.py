"""Names, paths and periods of the roles of a charter's repository.

Every role says in the metadata that delegates to it how long its metadata live, so that whoever stages, renews or
stamps needs no other file. An authority's role is delegated by `targets` alone, under a name made of its id.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tuf.api.metadata import Delegations, Metadata, Root, Snapshot, Targets, Timestamp

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role

ROOT: Final = "root"
TARGETS: Final = "targets"
SNAPSHOT: Final = "snapshot"
TIMESTAMP: Final = "timestamp"
TOP_ROLES: Final = (ROOT, TARGETS, SNAPSHOT, TIMESTAMP)
BUNDLE_TARGET: Final = "charter.json"
REGISTRY_TARGET: Final = "registry.json"
HOURS_FIELD: Final = "x-bouclier-hours"
DEFAULT_HOURS: Final = {ROOT: 365 * 24, TARGETS: 180 * 24, SNAPSHOT: 14 * 24, TIMESTAMP: 2 * 24}
MAX_HOURS: Final = 20 * 366 * 24
AUTHORITY_PREFIX: Final = "authority-"
# As in the order's own id (`order_model`).
_AUTHORITY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_ORDER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")


def authority_role(authority: str) -> str:
    """Return the name of an authority's role.

    Raises:
        WorkshopError: The id is not one.
    """
    if _AUTHORITY.fullmatch(authority) is None:
        raise WorkshopError(
            Bilingual(
                f"« {authority[:80]} » n'est pas l'identifiant d'une autorité.",
                f"“{authority[:80]}” is not an authority's id.",
            ),
            Bilingual(
                "Minuscules sans accent, chiffres et tirets, 32 au plus : fr-protection.",
                "Lower-case letters, digits and hyphens, at most 32: fr-protection.",
            ),
            param="authority",
        )
    return f"{AUTHORITY_PREFIX}{authority}"


def authority_of(role: str) -> str | None:
    """Return the id of the authority a role is of; None when it is of none."""
    authority = role.removeprefix(AUTHORITY_PREFIX)
    return authority if authority != role and _AUTHORITY.fullmatch(authority) else None


def orders_pattern(authority: str) -> str:
    """Return the paths an authority may sign for."""
    return f"orders/{authority}/*"


def order_target(authority: str, name: str) -> str:
    """Return the path of an order.

    Raises:
        WorkshopError: The authority's id or the order's name is not one.
    """
    authority_role(authority)
    if _ORDER.fullmatch(name) is None:
        raise WorkshopError(
            Bilingual(f"« {name[:80]} » n'est pas le nom d'une injonction.", f"“{name[:80]}” is not an order's name."),
            Bilingual(
                "Minuscules sans accent, chiffres et tirets, 24 au plus : 2026-014.",
                "Lower-case letters, digits and hyphens, at most 24: 2026-014.",
            ),
            param="name",
        )
    return f"orders/{authority}/{name}.json"


def is_order_target(authority: str, path: str) -> bool:
    """Tell whether a path is one of an authority's orders."""
    prefix, suffix = f"orders/{authority}/", ".json"
    return (
        path.startswith(prefix)
        and path.endswith(suffix)
        and _ORDER.fullmatch(path[len(prefix) : -len(suffix)]) is not None
    )


def is_target(path: str) -> bool:
    """Tell whether a path is one that a charter's repository serves; no other is ever made a file's name."""
    if path in (BUNDLE_TARGET, REGISTRY_TARGET):
        return True
    authority = path.removeprefix("orders/").partition("/")[0]
    return _AUTHORITY.fullmatch(authority) is not None and is_order_target(authority, path)


def hours_of(role: Role) -> int | None:
    """Return how long a role's metadata live, in hours; None when it does not say, or not a possible length."""
    hours = role.unrecognized_fields.get(HOURS_FIELD)
    return hours if type(hours) is int and 1 <= hours <= MAX_HOURS else None


def set_hours(role: Role, hours: int) -> None:
    """Have a role's next metadata live so long.

    Raises:
        WorkshopError: It is no possible length.
    """
    if not 1 <= hours <= MAX_HOURS:
        raise WorkshopError(
            Bilingual(f"{hours} heures ne sont pas une durée.", f"{hours} hours are no length of time."),
            Bilingual(f"De 1 à {MAX_HOURS}.", f"From 1 to {MAX_HOURS}."),
            param="hours",
        )
    role.unrecognized_fields[HOURS_FIELD] = hours


def expiry(role: Role, now: datetime, name: str) -> datetime:
    """Return when metadata of a role made now expire.

    Raises:
        WorkshopError: The role does not say how long they live.
    """
    hours = hours_of(role)
    if hours is None:
        raise WorkshopError(
            Bilingual(f"{name} : {HOURS_FIELD} manque ou est faux.", f"{name}: {HOURS_FIELD} is missing or wrong."),
            param=name,
        )
    return now.astimezone(UTC).replace(microsecond=0) + timedelta(hours=hours)


def delegations_of(targets: Targets) -> Delegations:
    """Return the delegations of the editors' metadata, made empty if there were none."""
    if targets.delegations is None:
        targets.delegations = Delegations({}, {})
    return targets.delegations


def role_of(name: str, root: Root, targets: Targets | None) -> Role | None:
    """Return a role as whoever delegates to it describes it; None when nobody does."""
    if name in TOP_ROLES:
        return root.roles[name]
    roles = targets.delegations.roles if targets is not None and targets.delegations is not None else None
    return roles.get(name) if roles else None


def keys_of(name: str, root: Root, targets: Targets | None) -> dict[str, Key]:
    """Return the keys of a role, by id."""
    role = role_of(name, root, targets)
    if role is None:
        return {}
    if name in TOP_ROLES:
        pool = root.keys
    else:
        pool = targets.delegations.keys if targets is not None and targets.delegations is not None else {}
    return {keyid: pool[keyid] for keyid in role.keyids if keyid in pool}


def signed_enough(name: str, metadata: AnyMetadata, root: Root, targets: Targets | None) -> bool:
    """Tell whether metadata carry the signatures that whoever delegates to the role asks for."""
    delegator = root if name in TOP_ROLES else targets
    if delegator is None or role_of(name, root, targets) is None:
        return False
    return bool(delegator.get_verification_result(name, metadata.signed_bytes, metadata.signatures))


AnyMetadata = Metadata[Root] | Metadata[Targets] | Metadata[Snapshot] | Metadata[Timestamp]
