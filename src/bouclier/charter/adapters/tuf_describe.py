"""What staged metadata change, in words a party reads before it signs: who comes and goes, how many, which files.

Everything said is read from the very metadata that is signed, never from what somebody wrote beside it. Digests are
whole, so that two people can compare them by telephone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_roles import ROOT, TARGETS, TOP_ROLES, delegations_of, hours_of, keys_of
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

    from bouclier.charter.adapters.tuf_workshop import Workshop

_WHO = {
    ROOT: Bilingual("parties", "parties"),
    TARGETS: Bilingual("éditeurs", "editors"),
    "snapshot": Bilingual("clés en ligne (snapshot)", "online keys (snapshot)"),
    "timestamp": Bilingual("clés en ligne (timestamp)", "online keys (timestamp)"),
}


def describe(workshop: Workshop, role: str) -> list[Bilingual]:
    """Return what a role's staged metadata change, one sentence a line; the first says version and expiry.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    published = workshop.published()
    metadata = current.metadata(role)
    if metadata is None:
        return []
    expires = f"{metadata.signed.expires:%Y-%m-%d %H:%M} UTC"
    version = metadata.signed.version
    lines = [Bilingual(f"{role} version {version}, jusqu'au {expires}", f"{role} version {version}, until {expires}")]
    if role == ROOT:
        lines += _root_changes(published.root.signed if published else None, current.root.signed)
    elif role == TARGETS:
        before = published.targets.signed if published else None
        lines += _file_changes(before, current.targets.signed)
        lines += _delegation_changes(before, current.targets.signed)
    else:
        was = published.authorities.get(role) if published else None
        lines += _file_changes(was.signed if was else None, current.authorities[role].signed)
    if len(lines) == 1:
        lines.append(Bilingual("  rien d'autre ne change", "  nothing else changes"))
    return lines


def _root_changes(before: Root | None, after: Root) -> Iterator[Bilingual]:
    for name in TOP_ROLES:
        old = before.roles[name] if before else None
        held = keys_of(name, before, None) if before else {}
        yield from _role_changes(_WHO[name], old, held, after.roles[name], keys_of(name, after, None))
    if before is not None and before.consistent_snapshot != after.consistent_snapshot:
        yield Bilingual("  consistent_snapshot change", "  consistent_snapshot changes")


def _delegation_changes(before: Targets | None, after: Targets) -> Iterator[Bilingual]:
    old = (delegations_of(before).roles or {}) if before else {}
    new = delegations_of(after).roles or {}
    for name in sorted(old.keys() - new.keys()):
        yield Bilingual(f"  {name} : retirée, ses injonctions avec elle", f"  {name}: removed, its orders with it")
    for name in sorted(new):
        held = (
            {keyid: delegations_of(before).keys[keyid] for keyid in old[name].keyids} if before and name in old else {}
        )
        keys = {keyid: delegations_of(after).keys[keyid] for keyid in new[name].keyids}
        yield from _role_changes(Bilingual(name, name), old.get(name), held, new[name], keys)
        paths = ", ".join(new[name].paths or [])
        if name not in old or old[name].paths != new[name].paths:
            yield Bilingual(f"  {name} : signe {paths}", f"  {name}: signs {paths}")


def _role_changes(
    who: Bilingual, before: Role | None, held: Mapping[str, Key], after: Role, keys: Mapping[str, Key]
) -> Iterator[Bilingual]:
    for keyid in sorted(held.keys() - keys.keys()):
        name = name_of(held[keyid])
        yield Bilingual(f"  {who.fr} : − {name} (clé {keyid})", f"  {who.en}: − {name} (key {keyid})")
    for keyid in sorted(keys.keys() - held.keys(), key=lambda keyid: name_of(keys[keyid])):
        name = name_of(keys[keyid])
        yield Bilingual(f"  {who.fr} : + {name} (clé {keyid})", f"  {who.en}: + {name} (key {keyid})")
    count = len(after.keyids)
    if before is None or (before.threshold, len(before.keyids)) != (after.threshold, count):
        was = "" if before is None else f"{before.threshold}/{len(before.keyids)} → "
        yield Bilingual(
            f"  {who.fr} : seuil {was}{after.threshold}/{count}",
            f"  {who.en}: threshold {was}{after.threshold}/{count}",
        )
    if before is None or hours_of(before) != hours_of(after):
        yield Bilingual(f"  {who.fr} : durée {hours_of(after)} h", f"  {who.en}: lives {hours_of(after)} h")


def _file_changes(before: Targets | None, after: Targets) -> Iterator[Bilingual]:
    old = before.targets if before else {}
    for path in sorted(old.keys() - after.targets.keys()):
        yield Bilingual(f"  − {path} (retiré)", f"  − {path} (withdrawn)")
    for path, target in sorted(after.targets.items()):
        if path not in old:
            said = Bilingual("nouveau", "new")
        elif old[path].hashes != target.hashes:
            said = Bilingual("changé", "changed")
        else:
            continue
        digest = target.hashes.get("sha256", "-")
        yield Bilingual(
            f"  + {path} ({said.fr}, {target.length} octets) sha256 {digest}",
            f"  + {path} ({said.en}, {target.length} bytes) sha256 {digest}",
        )
