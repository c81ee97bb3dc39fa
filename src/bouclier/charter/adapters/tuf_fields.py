"""Which fields of staged metadata change that `tuf_describe` has no words for: all but those that it tells.

What is told is taken out of both, and the rest is compared as JSON. So a field nobody thought of is told by its path.

Not done here: what is told (`tuf_describe`); a field told there has to be taken out here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bouclier.charter.adapters.tuf_keys import NAME_FIELD, is_name
from bouclier.charter.adapters.tuf_roles import HOURS_FIELD, MAX_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuf.api.metadata import Root, Targets

_MAX_SHOWN: Final = 120
_SEPARATE: Final = frozenset({"_type", "version", "expires", "keys", "roles", "targets", "delegations"})
_KEY_FIELDS: Final = frozenset({"keytype", "scheme", "keyval"})
_ROLE_FIELDS: Final = frozenset({"name", "keyids", "threshold", "paths"})
_ABSENT: Final = object()


def other_changes(before: Root | Targets | None, after: Root | Targets) -> list[str]:
    """Return the paths of the fields that change, other than those `tuf_describe` tells, sorted.

    Args:
        before: What is published; None if nothing is.
        after: What is staged.
    """
    new = after.to_dict()
    if before is not None:
        old = before.to_dict()
        old.pop("consistent_snapshot", None)
        new.pop("consistent_snapshot", None)
    else:
        usual = type(after)().to_dict()
        old = {name: usual[name] for name in ("spec_version", "consistent_snapshot") if name in usual}
    found = _changed(_untold(old, new), _untold(new, old), "")
    return sorted(ascii(path)[1:-1][:_MAX_SHOWN] for path in found)


def _untold(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not told of metadata that change into others, or come from them."""
    rest = _without(one, _SEPARATE)
    delegations, others = one.get("delegations") or {}, other.get("delegations") or {}
    _put(rest, "keys", _untold_keys(one, other))
    _put(rest, "roles", _untold_roles(one, other))
    _put(rest, "targets", _untold_targets(one.get("targets", {}), other.get("targets", {})))
    delegated = _without(delegations, frozenset({"keys", "roles"}))
    _put(delegated, "keys", _untold_keys(delegations, others))
    _put(delegated, "roles", _untold_roles(delegations, others))
    _put(rest, "delegations", delegated)
    return rest


def _untold_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    used, used_there = _used(one), _used(other)
    rest: dict[str, Any] = {}
    for keyid, key in one.get("keys", {}).items():
        if keyid not in used:
            rest[keyid] = key
            continue
        name = key.get(NAME_FIELD)
        told = {NAME_FIELD} if isinstance(name, str) and is_name(name) else set()
        # A key that comes or goes is told by its id, which is made of these.
        _put(rest, keyid, _without(key, told if keyid in used_there else told | _KEY_FIELDS))
    return rest


def _used(delegator: Mapping[str, Any]) -> set[str]:
    return {keyid for role in _roles(delegator).values() for keyid in role["keyids"] if keyid in delegator["keys"]}


def _untold_roles(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    keys, there = one.get("keys", {}), _roles(other)
    rest: dict[str, Any] = {}
    for name, role in _roles(one).items():
        told = set(_ROLE_FIELDS)
        hours = role.get(HOURS_FIELD)
        if type(hours) is int and 1 <= hours <= MAX_HOURS:
            told.add(HOURS_FIELD)
        if name not in there and role.get("terminating") is True:
            told.add("terminating")
        untold = _without(role, told)
        # A key that is listed and is not there is nobody's, and told nowhere else.
        _put(untold, "keyids", {keyid: "" for keyid in role["keyids"] if keyid not in keys})
        _put(rest, name, untold)
    return rest


def _roles(delegator: Mapping[str, Any]) -> dict[str, Any]:
    roles = delegator.get("roles") or {}
    return roles if isinstance(roles, dict) else {role["name"]: role for role in roles}


def _untold_targets(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    rest: dict[str, Any] = {}
    for path, target in one.items():
        untold = _without(target, {"length", "hashes"})
        told = path not in other or other[path]["hashes"] != target["hashes"]
        if not told:
            untold["length"] = target["length"]
        _put(untold, "hashes", _without(target["hashes"], {"sha256"}))
        _put(rest, path, untold)
    return rest


def _without(fields: Mapping[str, Any], names: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _put(fields: dict[str, Any], name: str, value: dict[str, Any]) -> None:
    if value:
        fields[name] = value


def _changed(old: object, new: object, at: str) -> Iterator[str]:
    one, other = ({} if side is _ABSENT else side for side in (old, new))
    if isinstance(one, dict) and isinstance(other, dict) and (one or other):
        for name in one.keys() | other.keys():
            yield from _changed(one.get(name, _ABSENT), other.get(name, _ABSENT), f"{at}.{name}" if at else name)
    elif old is _ABSENT or new is _ABSENT or json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True):
        yield at
