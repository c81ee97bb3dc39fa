"""The orders of each authority, verified against what the editors delegate today, and never silently lifted.

* What a mirror alone can cause refuses the whole update: a file that is withheld, or is not the one listed. The state
  held before then serves until it expires, and not beyond. So withholding an order buys no more time than silence.
* What only those who sign can cause concerns one authority, and is told: its metadata have expired; or its metadata,
  listed by digest in a signed snapshot, lack signatures. Its last valid orders stay, until each one's own expiry.
* Metadata that today's delegation does not accept are dropped, however well they were signed once: a revoked key
  orders nothing any more. To lift an authority's orders is an act of the editors, under their threshold.
* How many of them count is bounded: an authority that publishes more is told, and takes nobody else's room.
* An authority that is taken out is told for as long as its last metadata would have been good.
* An authority's files are its own: `orders/<id>/<name>.json`, and within the paths delegated to it.
"""

from __future__ import annotations

import contextlib
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from tuf.api.exceptions import BadVersionNumberError, RepositoryError
from tuf.api.metadata import Metadata

from bouclier.charter.adapters.follow_client import MAX_ROLE_BYTES
from bouclier.charter.adapters.follow_held import HeldRole
from bouclier.charter.adapters.tuf_roles import authority_of, is_order_target
from bouclier.charter.followed import Problem, PublishedOrder, Reason
from bouclier.charter.order_mandate import that_count
from bouclier.charter.order_model import MAX_ORDER_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuf.api.metadata import DelegatedRole, MetaFile, TargetFile, Targets

    from bouclier.charter.adapters.follow_client import TufClient
    from bouclier.charter.adapters.follow_held import Held

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Authorities(NamedTuple):
    """What the authorities have published.

    Attributes:
        orders: By path.
        problems: By role.
        roles: To be held.
    """

    orders: list[PublishedOrder]
    problems: list[Problem]
    roles: dict[str, HeldRole]


class _Role(NamedTuple):
    held: HeldRole
    signed: Targets | None


def gather_orders(client: TufClient, held: Held | None, *, replay: bool) -> Authorities:
    """Return the orders of every authority that the editors delegate to.

    Args:
        client: Its four top-level roles are verified.
        held: What was held before, if anything.
        replay: Whether it is the held state itself that is verified anew: nothing is fetched.

    Raises:
        CharterNotFollowedError: Something listed is withheld, or is not what is listed.
    """
    gathered = Authorities([], [], {})
    files = held.files if held is not None else {}
    delegations = client.targets.delegations
    delegated = delegations.roles if delegations is not None and delegations.roles is not None else {}
    for name, delegation in sorted(delegated.items()):
        authority = authority_of(name)
        if authority is None:
            continue
        before = held.roles.get(name) if held is not None else None
        role = _kept(client, name, before, None) if replay else _current(client, name, before)
        gathered.roles[name] = role.held
        problem = role.held.reason
        if problem is None and role.signed is not None and role.signed.is_expired(client.now):
            problem = Reason.EXPIRED
        wrong = [problem] if problem is not None else []
        for target in _own_targets(role.signed, delegation, authority, wrong):
            data = content_of(client, target, files)
            gathered.orders.append(
                PublishedOrder(name, target.path, sha256(data).hexdigest(), data, kept=problem is not None)
            )
        gathered.problems.extend(Problem(one, name) for one in dict.fromkeys(wrong))
    for name, before in sorted(held.roles.items()) if held is not None else ():
        if name not in gathered.roles and _is_missed(before.data, client):
            gathered.roles[name] = HeldRole(before.data, Reason.REMOVED)
            gathered.problems.append(Problem(Reason.REMOVED, name))
    return gathered


def _is_missed(data: bytes, client: TufClient) -> bool:
    """Tell whether metadata of an authority that is none any more listed orders, and would still be good."""
    if not data:
        return False
    # They were verified when it was one. Nothing follows from them but that it is told.
    with contextlib.suppress(RepositoryError):
        metadata: Metadata[Targets] = Metadata.from_bytes(data)
        return bool(metadata.signed.targets) and not metadata.signed.is_expired(client.now)
    return False


def _current(client: TufClient, name: str, before: HeldRole | None) -> _Role:
    """Return a role as it is published, or as it last was when what is published is no good."""
    listed = client.snapshot.meta.get(f"{name}.json")
    if listed is None:
        return _kept(client, name, before, Reason.UNPUBLISHED)
    if before is not None:
        with contextlib.suppress(RepositoryError):
            return _Role(HeldRole(before.data), _accepted(client, name, before.data, listed))
    if (listed.length or 0) > MAX_ROLE_BYTES:
        return _kept(client, name, before, Reason.OVERSIZED)
    with client.explained(name):
        data = client.fetch_role(name, listed.version, listed.length or MAX_ROLE_BYTES)
        listed.verify_length_and_hashes(data)
        try:
            return _Role(HeldRole(data), _accepted(client, name, data, listed))
        except RepositoryError as error:
            if not listed.hashes and (before is None or data != before.data):
                # Nothing signed says that these bytes are the repository's own: a mirror may have made them up.
                raise
            return _kept(client, name, before, client.reason_of(error, (name, data)))


def _kept(client: TufClient, name: str, before: HeldRole | None, reason: Reason | None) -> _Role:
    """Return a role as it was held, if today's delegation still accepts it.

    Args:
        client: Its `targets` delegate.
        name: The role.
        before: What was held.
        reason: Why no newer one is used; None when none was looked for.
    """
    if before is None:
        return _Role(HeldRole(b"", reason or Reason.UNPUBLISHED), None)
    reason = reason or before.reason
    if not before.data:
        return _Role(HeldRole(b"", reason), None)
    try:
        return _Role(HeldRole(before.data, reason), client.verified_role(name, before.data))
    except RepositoryError as error:
        return _Role(HeldRole(b"", client.reason_of(error, (name, before.data))), None)


def _accepted(client: TufClient, name: str, data: bytes, listed: MetaFile) -> Targets:
    listed.verify_length_and_hashes(data)
    signed = client.verified_role(name, data)
    if signed.version != listed.version:
        raise BadVersionNumberError(f"{name}: version {signed.version}, not {listed.version}")
    return signed


def _own_targets(
    signed: Targets | None, delegation: DelegatedRole, authority: str, wrong: list[Reason]
) -> list[TargetFile]:
    """Return the orders an authority may publish, by path; say what it may not."""
    own: list[TargetFile] = []
    for path, target in sorted(signed.targets.items()) if signed is not None else ():
        if not (is_order_target(authority, path) and delegation.is_delegated_path(path)):
            wrong.append(Reason.OUTSIDE)
        elif target.length > MAX_ORDER_BYTES:
            wrong.append(Reason.OVERSIZED)
        elif not is_spelled(target):
            wrong.append(Reason.MALFORMED)
        else:
            own.append(target)
    count = that_count(target.length for target in own)
    if count < len(own):
        wrong.append(Reason.TOO_MANY)
    return own[:count]


def is_spelled(target: TargetFile) -> bool:
    """Tell whether a target has the one digest, which names its file, that a charter's publication gives it."""
    return target.hashes.keys() == {"sha256"} and _DIGEST.fullmatch(target.hashes["sha256"]) is not None


def content_of(client: TufClient, target: TargetFile, files: Mapping[str, bytes]) -> bytes:
    """Return a target's bytes, verified to be those listed; fetched unless they are held.

    Raises:
        CharterNotFollowedError: They are withheld, or something else is served.
    """
    held = files.get(target.path)
    if held is not None:
        with contextlib.suppress(RepositoryError):
            target.verify_length_and_hashes(held)
            return held
    with client.explained(target.path):
        return client.fetch_target(target)
