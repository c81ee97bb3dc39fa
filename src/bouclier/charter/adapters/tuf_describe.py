"""What staged metadata change, in words a party reads before it signs: who comes and goes, how many, which files.

Everything said is read from the very metadata that is signed, never from what somebody wrote beside it. Digests are
whole, so that two people can compare them by telephone; what changes inside a file is said below it, by whoever can
read such a file (`Teller`), from the bytes of that digest. A field that is not put into words here is named when it
changes (`tuf_fields`): nothing is signed unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bouclier.charter.adapters.tuf_fields import other_changes
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_roles import (
    BUNDLE_TARGET,
    ROOT,
    TARGETS,
    TOP_ROLES,
    delegations_of,
    hours_of,
    keys_of,
)
from bouclier.charter.changed_files import bundle_changes
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

    from bouclier.charter.adapters.tuf_workshop import Workshop

Teller = Callable[[bytes | None, bytes | None], Iterable[Bilingual]]
"""Tells what changes inside a file, from what it was to what it is; None where there was none, or is none any more."""

TELLERS: Final[Mapping[str, Teller]] = MappingProxyType({BUNDLE_TARGET: bundle_changes})
_WHO = {
    ROOT: Bilingual("parties", "parties"),
    TARGETS: Bilingual("éditeurs", "editors"),
    "snapshot": Bilingual("clés en ligne (snapshot)", "online keys (snapshot)"),
    "timestamp": Bilingual("clés en ligne (timestamp)", "online keys (timestamp)"),
}


def describe(workshop: Workshop, role: str, tellers: Mapping[str, Teller] = TELLERS) -> list[Bilingual]:
    """Return what a role's staged metadata change, one sentence a line; the first says version and expiry.

    Args:
        workshop: Where they are staged.
        role: The role.
        tellers: Who tells what changes inside the editors' files, by target path.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    published = workshop.published()
    metadata = current.metadata(role)
    if metadata is None:
        return []
    lines = [version_words(role, metadata.signed)]
    if role == ROOT:
        was_root = published.root.signed if published else None
        lines += _root_changes(was_root, current.root.signed)
        lines += _other_changes(was_root, current.root.signed)
    elif role == TARGETS:
        before = published.targets.signed if published else None
        lines += _file_changes(
            before,
            current.targets.signed,
            lambda path: _inside(workshop, path, before, current.targets.signed, tellers),
        )
        lines += _delegation_changes(before, current.targets.signed)
        lines += _other_changes(before, current.targets.signed)
    else:
        was = published.authorities.get(role) if published else None
        lines += authority_changes(was.signed if was else None, current.authorities[role].signed)
    if len(lines) == 1:
        lines.append(Bilingual("  rien d'autre ne change", "  nothing else changes"))
    return lines


def version_words(role: str, signed: Root | Targets) -> Bilingual:
    """Return which version of a role's metadata these are, and until when they are good."""
    expires = f"{signed.expires:%Y-%m-%d %H:%M} UTC"
    return Bilingual(
        f"{role} version {signed.version}, jusqu'au {expires}", f"{role} version {signed.version}, until {expires}"
    )


def first_root_words(digest: str) -> Bilingual:
    """Return which charter a workshop is of, for people to compare."""
    return Bilingual(
        f"charte dont la première racine a le sha256 {digest}", f"charter whose first root has sha256 {digest}"
    )


def authority_changes(before: Targets | None, after: Targets) -> list[Bilingual]:
    """Return what an authority's metadata change, one sentence a line."""
    return [*_file_changes(before, after), *_other_changes(before, after)]


def _other_changes(before: Root | Targets | None, after: Root | Targets) -> Iterator[Bilingual]:
    for field in other_changes(before, after):
        yield Bilingual(f"  autre champ changé : {field}", f"  another field changed: {field}")


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
        held = _held(before, old[name]) if before and name in old else {}
        keys = _held(after, new[name])
        yield from _role_changes(Bilingual(name, name), old.get(name), held, new[name], keys)
        paths = ", ".join(new[name].paths or [])
        if name not in old or old[name].paths != new[name].paths:
            yield Bilingual(f"  {name} : signe {paths}", f"  {name}: signs {paths}")


def _held(targets: Targets, role: Role) -> dict[str, Key]:
    pool = delegations_of(targets).keys
    return {keyid: pool[keyid] for keyid in role.keyids if keyid in pool}


def _role_changes(
    who: Bilingual, before: Role | None, held: Mapping[str, Key], after: Role, keys: Mapping[str, Key]
) -> Iterator[Bilingual]:
    for keyid in sorted(held.keys() - keys.keys()):
        name = name_of(held[keyid])
        yield Bilingual(f"  {who.fr} : − {name} (clé {keyid})", f"  {who.en}: − {name} (key {keyid})")
    for keyid in sorted(keys.keys() - held.keys(), key=lambda keyid: name_of(keys[keyid])):
        name = name_of(keys[keyid])
        yield Bilingual(f"  {who.fr} : + {name} (clé {keyid})", f"  {who.en}: + {name} (key {keyid})")
    for keyid in sorted(keys.keys() & held.keys()):
        was, name = name_of(held[keyid]), name_of(keys[keyid])
        if was != name:
            yield Bilingual(
                f"  {who.fr} : la clé {keyid} change de nom : {was} → {name}",
                f"  {who.en}: the key {keyid} changes its name: {was} → {name}",
            )
    count = len(after.keyids)
    if before is None or (before.threshold, len(before.keyids)) != (after.threshold, count):
        past = "" if before is None else f"{before.threshold}/{len(before.keyids)} → "
        yield Bilingual(
            f"  {who.fr} : seuil {past}{after.threshold}/{count}",
            f"  {who.en}: threshold {past}{after.threshold}/{count}",
        )
    if before is None or hours_of(before) != hours_of(after):
        yield Bilingual(f"  {who.fr} : durée {hours_of(after)} h", f"  {who.en}: lives {hours_of(after)} h")


def _file_changes(
    before: Targets | None, after: Targets, inside: Callable[[str], Iterable[Bilingual]] = lambda _: ()
) -> Iterator[Bilingual]:
    old = before.targets if before else {}
    for path in sorted(old.keys() - after.targets.keys()):
        yield Bilingual(f"  − {path} (retiré)", f"  − {path} (withdrawn)")
        yield from inside(path)
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
        yield from inside(path)


def _inside(
    workshop: Workshop, path: str, before: Targets | None, after: Targets, tellers: Mapping[str, Teller]
) -> Iterator[Bilingual]:
    """Yield what changes inside a file, from the bytes whose digests are signed."""
    if path not in tellers:
        return
    contents: list[bytes | None] = []
    for target in (None if before is None else before.targets.get(path), after.targets.get(path)):
        data = None if target is None else workshop.listed_data(target)
        if target is not None and data is None:
            yield Bilingual(
                f"      {path} : son contenu n'est pas dans l'atelier",
                f"      {path}: its content is not in the workshop",
            )
            return
        contents.append(data)
    for line in tellers[path](*contents):
        yield Bilingual(f"      {line.fr}", f"      {line.en}")
