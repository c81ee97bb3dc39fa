"""What parties, editors and authorities stage in a workshop: the next versions, unsigned.

A change to who may sign also stages the metadata that the new keys have to sign again, so that nothing published is
left without its signatures. Thresholds that cannot be met are refused here, before anybody signs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tuf.api.metadata import DelegatedRole, Metadata, Root, TargetFile, Targets

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_roles import (
    BUNDLE_TARGET,
    DEFAULT_HOURS,
    REGISTRY_TARGET,
    ROOT,
    TARGETS,
    TOP_ROLES,
    authority_role,
    delegations_of,
    expiry,
    keys_of,
    order_target,
    orders_pattern,
    set_hours,
    signed_enough,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role

    from bouclier.charter.adapters.tuf_workshop import Workshop

AUTHORITY_DAYS: Final = 7


@dataclass(frozen=True)
class Signers:
    """Who signs a role: public keys, and how many of them together."""

    keys: Sequence[Key]
    threshold: int = 1


@dataclass(frozen=True)
class Founding:
    """What a charter starts from.

    Attributes:
        parties: Who signs the root.
        editors: Who signs the charter's content.
        hours: How long each role's metadata live, by role; the default for those left out.
    """

    parties: Signers
    editors: Signers
    snapshot: Signers
    timestamp: Signers
    hours: Mapping[str, int] = field(default_factory=dict)


def found(workshop: Workshop, founding: Founding, *, now: datetime) -> None:
    """Stage the first root and the editors' first metadata.

    Raises:
        WorkshopError: There is a charter here already, or a threshold cannot be met.
        StorageError: A file cannot be written.
    """
    if workshop.is_begun():
        raise WorkshopError(
            Bilingual(f"{workshop.folder} a déjà sa charte.", f"{workshop.folder} has its charter already."),
            Bilingual("Choisissez un autre dossier.", "Choose another folder."),
            param=str(workshop.folder),
        )
    root = Root(version=1, consistent_snapshot=True)
    asked = (founding.parties, founding.editors, founding.snapshot, founding.timestamp)
    for role, signers in zip(TOP_ROLES, asked, strict=True):
        for key in signers.keys:
            _verify_new(key, role, root, None)
            root.add_key(key, role)
        _set_threshold(role, root.roles[role], signers.threshold)
        set_hours(root.roles[role], founding.hours.get(role, DEFAULT_HOURS[role]))
    root.expires = expiry(root.roles[ROOT], now, ROOT)
    targets = Targets(version=1, expires=expiry(root.roles[TARGETS], now, TARGETS))
    delegations_of(targets)
    # The root last: a crash before it leaves no charter, and a founding that can be done again.
    workshop.stage(TARGETS, Metadata(targets))
    workshop.stage(ROOT, Metadata(root))


def propose(workshop: Workshop, bundle: bytes, *, now: datetime) -> None:
    """Stage a charter's bundle as the target `charter.json`; nothing when it is the current one.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be written.
    """
    _propose(workshop, BUNDLE_TARGET, bundle, now)


def propose_registry(workshop: Workshop, facts: bytes | None, *, now: datetime) -> None:
    """Stage facts as the target `registry.json`; nothing when they are the current ones.

    Args:
        workshop: Where they are staged.
        facts: In canonical form, which whoever has parsed them answers for; None to publish none any more.
        now: From when the time of the editors' metadata runs.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be written.
    """
    if facts is not None:
        _propose(workshop, REGISTRY_TARGET, facts, now)
    elif REGISTRY_TARGET in workshop.next().targets.signed.targets:
        draft = workshop.draft_targets(now)
        del draft.signed.targets[REGISTRY_TARGET]
        workshop.stage(TARGETS, draft)


def _propose(workshop: Workshop, path: str, data: bytes, now: datetime) -> None:
    current = workshop.next().targets.signed.targets.get(path)
    target = TargetFile.from_data(path, data, ["sha256"])
    if current is not None and current.hashes == target.hashes:
        return
    draft = workshop.draft_targets(now)
    draft.signed.targets[path] = target
    # The file before what refers to it: a crash in between leaves a file nobody refers to.
    workshop.stage_target(target, data)
    workshop.stage(TARGETS, draft)


def add_key(workshop: Workshop, role: str, key: Key, *, now: datetime) -> None:
    """Stage a root in which one more key signs for a role.

    Args:
        workshop: Where it is staged.
        role: `root` for a party, `targets` for an editor, `snapshot` or `timestamp` for an online key.
        key: The public key.
        now: From when the new root's time runs.

    Raises:
        WorkshopError: The key, or its name, is in that role already.
    """
    draft = workshop.draft_root(now)
    _verify_new(key, role, draft.signed, None)
    draft.signed.add_key(key, role)
    _stage_root(workshop, draft, now)


def remove_key(workshop: Workshop, role: str, name: str, *, now: datetime) -> None:
    """Stage a root in which a key does not sign for a role any more.

    Args:
        workshop: Where it is staged.
        role: As for `add_key`.
        name: The key's name.
        now: From when the new root's time runs.

    Raises:
        WorkshopError: No key of the role has that name, or the threshold could not be met any more.
    """
    draft = workshop.draft_root(now)
    held = [keyid for keyid, key in keys_of(role, draft.signed, None).items() if name_of(key) == name]
    if not held:
        raise WorkshopError(
            Bilingual(f"« {name[:80]} » ne signe pas pour {role}.", f"“{name[:80]}” does not sign for {role}."),
            param=role,
        )
    for keyid in held:
        draft.signed.revoke_key(keyid, role)
    _verify_threshold(role, draft.signed.roles[role])
    _stage_root(workshop, draft, now)


def set_threshold(workshop: Workshop, role: str, threshold: int, *, now: datetime) -> None:
    """Stage a root in which so many keys together sign for a role.

    Raises:
        WorkshopError: It is less than one, or more than there are keys.
    """
    draft = workshop.draft_root(now)
    _set_threshold(role, draft.signed.roles[role], threshold)
    _stage_root(workshop, draft, now)


def set_authority(
    workshop: Workshop, authority: str, signers: Signers, *, days: int = AUTHORITY_DAYS, now: datetime
) -> None:
    """Stage the editors' delegation to an authority, new or changed, and what the authority has to sign for it.

    Args:
        workshop: Where it is staged.
        authority: Its id; its role is `authority-<id>`, for `orders/<id>/*` alone, and ends the search there.
        signers: Its keys, replacing those it had.
        days: How long its metadata live.
        now: From when the time of what is staged runs.

    Raises:
        WorkshopError: The id is not one, or the threshold cannot be met.
    """
    role = authority_role(authority)
    draft = workshop.draft_targets(now)
    delegations = delegations_of(draft.signed)
    before = delegations.roles or {}
    held = list(before[role].keyids) if role in before else []
    delegated = DelegatedRole(role, [], 1, terminating=True, paths=[orders_pattern(authority)])
    set_hours(delegated, days * 24)
    delegations.roles = {**before, role: delegated}
    for key in signers.keys:
        _verify_new(key, role, workshop.next().root.signed, draft.signed)
        draft.signed.add_key(key, role)
    _set_threshold(role, delegated, signers.threshold)
    _drop_unused_keys(draft.signed, held)
    _stage_targets(workshop, draft, now)


def remove_authority(workshop: Workshop, authority: str, *, now: datetime) -> None:
    """Stage the end of the delegation to an authority: its orders are no longer found by anyone.

    Raises:
        WorkshopError: It is no authority of this charter.
    """
    role = authority_role(authority)
    draft = workshop.draft_targets(now)
    delegations = delegations_of(draft.signed)
    gone = (delegations.roles or {}).pop(role, None)
    if gone is None:
        raise WorkshopError(
            Bilingual(f"{authority} n'est pas une autorité de cette charte.", f"{authority} is no authority here."),
            param="authority",
        )
    _drop_unused_keys(draft.signed, gone.keyids)
    _stage_targets(workshop, draft, now)


def stage_order(workshop: Workshop, authority: str, name: str, data: bytes, *, now: datetime) -> None:
    """Stage an order of an authority as the target `orders/<authority>/<name>.json`.

    Raises:
        WorkshopError: It is no authority of this charter, or the name is not one.
        StorageError: A file cannot be written.
    """
    path = order_target(authority, name)
    role = authority_role(authority)
    target = TargetFile.from_data(path, data, ["sha256"])
    draft = workshop.draft_authority(role, now)
    draft.signed.targets[path] = target
    workshop.stage_target(target, data)
    workshop.stage(role, draft)


def withdraw_order(workshop: Workshop, authority: str, name: str, *, now: datetime) -> None:
    """Stage an authority's metadata without one of its orders.

    Raises:
        WorkshopError: It has no such order.
        StorageError: A file cannot be written.
    """
    path = order_target(authority, name)
    draft = workshop.draft_authority(authority_role(authority), now)
    if draft.signed.targets.pop(path, None) is None:
        raise WorkshopError(
            Bilingual(f"{authority} n'a pas d'injonction {name}.", f"{authority} has no order {name}."), param="name"
        )
    workshop.stage(authority_role(authority), draft)


def renew(workshop: Workshop, role: str, *, now: datetime) -> None:
    """Stage a role's metadata again, the same but for their version and their expiry.

    Args:
        workshop: Where it is staged.
        role: `root`, `targets` or `authority-<id>`.
        now: From when their new time runs.

    Raises:
        WorkshopError: There is no such role.
        StorageError: A file cannot be written.
    """
    current = workshop.next()
    if role in (ROOT, TARGETS):
        delegated: Role = current.root.signed.roles[role]
        draft: Metadata[Root] | Metadata[Targets] = (
            workshop.draft_root(now) if role == ROOT else workshop.draft_targets(now)
        )
    else:
        draft = workshop.draft_authority(role, now)
        delegated = current.targets.signed.get_delegated_role(role)
    draft.signed.expires = expiry(delegated, now, role)
    workshop.stage(role, draft)


def _stage_root(workshop: Workshop, draft: Metadata[Root], now: datetime) -> None:
    workshop.stage(ROOT, draft)
    current = workshop.next()
    if TARGETS not in current.staged and not signed_enough(TARGETS, current.targets, draft.signed, None):
        workshop.stage(TARGETS, workshop.draft_targets(now))


def _stage_targets(workshop: Workshop, draft: Metadata[Targets], now: datetime) -> None:
    workshop.stage(TARGETS, draft)
    current = workshop.next()
    for role in delegations_of(draft.signed).roles or {}:
        metadata = current.authorities.get(role)
        if role in current.staged:
            continue
        if metadata is None or not signed_enough(role, metadata, current.root.signed, draft.signed):
            workshop.stage(role, workshop.draft_authority(role, now))


def _drop_unused_keys(targets: Targets, keyids: Sequence[str]) -> None:
    delegations = delegations_of(targets)
    used = {keyid for role in (delegations.roles or {}).values() for keyid in role.keyids}
    for keyid in keyids:
        if keyid not in used:
            delegations.keys.pop(keyid, None)


def _verify_new(key: Key, role: str, root: Root, targets: Targets | None) -> None:
    name = name_of(key)
    held = keys_of(role, root, targets)
    if key.keyid in held or name in {name_of(other) for other in held.values()}:
        raise WorkshopError(
            Bilingual(f"« {name} » signe déjà pour {role}.", f"“{name}” signs for {role} already."),
            Bilingual("Une clé et un nom n'y comptent qu'une fois.", "A key and a name count once there."),
            param=role,
        )
    pool = dict(root.keys) | (delegations_of(targets).keys if targets is not None else {})
    if key.keyid in pool and name_of(pool[key.keyid]) != name:
        raise WorkshopError(
            Bilingual(
                f"La clé de « {name} » est déjà celle de « {name_of(pool[key.keyid])} ».",
                f"The key of “{name}” is that of “{name_of(pool[key.keyid])}” already.",
            ),
            Bilingual("Une clé a un seul détenteur.", "A key has one holder."),
            param=role,
        )


def _set_threshold(name: str, role: Role, threshold: int) -> None:
    role.threshold = threshold
    _verify_threshold(name, role)


def _verify_threshold(name: str, role: Role) -> None:
    if not 1 <= role.threshold <= len(role.keyids):
        raise WorkshopError(
            Bilingual(
                f"{name} : un seuil de {role.threshold} pour {len(role.keyids)} clé(s).",
                f"{name}: a threshold of {role.threshold} for {len(role.keyids)} key(s).",
            ),
            Bilingual(
                "Le seuil va de 1 au nombre de clés : changez-le d'abord (charter threshold).",
                "A threshold goes from 1 to the number of keys: change it first (charter threshold).",
            ),
            param=name,
        )
