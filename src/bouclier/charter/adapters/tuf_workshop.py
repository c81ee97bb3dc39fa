"""The workshop: a plain folder that parties pass around, where a charter is staged and signed before it is published.

    workshop/
      published/metadata/, published/targets/   what was published last: what staged metadata are the successors of
      staged/root.json, targets.json, authority-<id>.json    the next versions, with the signatures gathered so far
      staged/targets/charter.json, orders/<id>/<name>.json   what the staged metadata refer to, and is not published

No private key ever lies here. Staged metadata keep their signatures until their content changes; staging the same
content again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeVar

from tuf.api.metadata import Metadata, MetaFile, Root, Targets

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_files import names_in, read_file, remove_file, write_file
from bouclier.charter.adapters.tuf_published import (
    TARGET_FILES,
    copied,
    metadata_bytes,
    read_metadata,
    read_published,
    target_place,
)
from bouclier.charter.adapters.tuf_roles import (
    ROOT,
    TARGETS,
    authority_of,
    delegations_of,
    expiry,
    is_target,
    role_of,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tuf.api.metadata import TargetFile

    from bouclier.charter.adapters.tuf_published import Published

_STAGED: Final = "staged"

_S = TypeVar("_S", Root, Targets)


@dataclass(frozen=True)
class Next:
    """What would be published now: staged where it is staged, else as published.

    Attributes:
        authorities: By role; those the editors delegate to and that have metadata.
        staged: The roles that are staged.
    """

    root: Metadata[Root]
    targets: Metadata[Targets]
    authorities: Mapping[str, Metadata[Targets]]
    staged: frozenset[str]

    def metadata(self, role: str) -> Metadata[Root] | Metadata[Targets] | None:
        """Return a role's metadata; None when it has none."""
        if role == ROOT:
            return self.root
        return self.targets if role == TARGETS else self.authorities.get(role)


class Workshop:
    """A workshop's files.

    Attributes:
        folder: Where it lies.
        repository: Where what was published lies.
    """

    def __init__(self, folder: Path, *, repository: Path | None = None) -> None:
        """Name a workshop; nothing is read or written.

        Args:
            folder: Where it lies.
            repository: Where it keeps what was published; `published` in the folder by default.
        """
        self.folder = folder
        self.repository = repository or folder / "published"

    def published(self) -> Published | None:
        """Return what was published last.

        Raises:
            WorkshopError: It is incomplete.
            StorageError: It cannot be read.
        """
        return read_published(self.repository)

    def is_begun(self) -> bool:
        """Tell whether there is a charter here, staged or published.

        Raises:
            WorkshopError: A file is not metadata.
            StorageError: A file cannot be read.
        """
        return self.published() is not None or read_metadata(self._path(ROOT), Root) is not None

    def next(self) -> Next:
        """Return what would be published now.

        Raises:
            WorkshopError: There is no charter here, or a file is not metadata.
            StorageError: A file cannot be read.
        """
        published = self.published()
        root = self._staged(ROOT, Root, published.root if published else None)
        targets = self._staged(TARGETS, Targets, published.targets if published else None)
        newest_root = root or (published.root if published else None)
        newest_targets = targets or (published.targets if published else None)
        if newest_root is None or newest_targets is None:
            raise WorkshopError(
                Bilingual(f"{self.folder} n'est pas l'atelier d'une charte.", f"{self.folder} is no charter workshop."),
                Bilingual(
                    "Créez-le (charter init), ou reprenez-le d'une publication (charter pull).",
                    "Make it (charter init), or take it from a publication (charter pull).",
                ),
                param=str(self.folder),
            )
        names = {ROOT: root, TARGETS: targets}
        authorities: dict[str, Metadata[Targets]] = {}
        staged = {role for role, metadata in names.items() if metadata is not None}
        for role in delegations_of(newest_targets.signed).roles or {}:
            if authority_of(role) is None:
                continue
            before = published.authorities.get(role) if published else None
            metadata = self._staged(role, Targets, before)
            if metadata is not None:
                staged.add(role)
                authorities[role] = metadata
            elif before is not None:
                authorities[role] = before
        return Next(newest_root, newest_targets, authorities, frozenset(staged))

    def draft_root(self, now: datetime) -> Metadata[Root]:
        """Return the staged root, or the published one's successor, to be changed and staged."""
        current = self.next()
        return copied(current.root) if ROOT in current.staged else _successor(current.root, current, ROOT, now)

    def draft_targets(self, now: datetime) -> Metadata[Targets]:
        """Return the editors' staged metadata, or the published ones' successor, to be changed and staged."""
        current = self.next()
        if TARGETS in current.staged:
            return copied(current.targets)
        return _successor(current.targets, current, TARGETS, now)

    def draft_authority(self, role: str, now: datetime) -> Metadata[Targets]:
        """Return an authority's staged metadata, or the published ones' successor, to be changed and staged.

        Raises:
            WorkshopError: The editors do not delegate to it.
        """
        current = self.next()
        delegated = role_of(role, current.root.signed, current.targets.signed)
        if delegated is None or authority_of(role) is None:
            raise WorkshopError(
                Bilingual(
                    f"{role} n'est pas une autorité de cette charte.", f"{role} is no authority of this charter."
                ),
                Bilingual("Les éditeurs l'ajoutent : charter authority add.", "Editors add it: charter authority add."),
                param=role,
            )
        metadata = current.authorities.get(role)
        if metadata is not None:
            return copied(metadata) if role in current.staged else _successor(metadata, current, role, now)
        # An authority that was removed and comes back goes on from its last version: clients accept no lower one.
        published = self.published()
        last = published.snapshot.signed.meta.get(f"{role}.json", MetaFile(1)) if published else MetaFile(1)
        known = published is not None and f"{role}.json" in published.snapshot.signed.meta
        version = last.version + 1 if known else 1
        return Metadata(Targets(version=version, expires=expiry(delegated, now, role)))

    def stage(self, role: str, metadata: Metadata[Root] | Metadata[Targets]) -> None:
        """Stage a role's next metadata; what was signed stays signed only if nothing changed.

        Raises:
            StorageError: They cannot be written.
        """
        path = self._path(role)
        before = read_metadata(path, Root) if role == ROOT else read_metadata(path, Targets)
        if before is None or before.signed_bytes != metadata.signed_bytes:
            metadata.signatures.clear()
        elif before.signatures.keys() >= metadata.signatures.keys():
            return
        write_file(path, metadata_bytes(metadata))

    def stage_target(self, target: TargetFile, data: bytes) -> None:
        """Keep what staged metadata refer to.

        Raises:
            StorageError: It cannot be written.
        """
        write_file(self.folder / _STAGED / TARGET_FILES / target_place(target), data)

    def target_data(self, target: TargetFile) -> bytes | None:
        """Return what a target's file holds, staged or published; None when it is neither.

        Raises:
            StorageError: It cannot be read.
        """
        place = target_place(target)
        staged = read_file(self.folder / _STAGED / TARGET_FILES / place)
        return staged if staged is not None else read_file(self.repository / TARGET_FILES / place)

    def listed_data(self, target: TargetFile) -> bytes | None:
        """Return what a target's file holds, if it is what the target lists; None if it is not, or there is none.

        Raises:
            StorageError: It cannot be read.
        """
        # Other paths and digests are said to be wrong by the lint; here they have no file.
        if not is_target(target.path) or set(target.hashes) != {"sha256"}:
            return None
        data = self.target_data(target)
        return data if data is not None and sha256(data).hexdigest() == target.hashes["sha256"] else None

    def unstage(self, role: str) -> None:
        """Forget what is staged for a role.

        Raises:
            WorkshopError: There is no such role.
            StorageError: It cannot be removed.
        """
        if role not in (ROOT, TARGETS) and authority_of(role) is None:
            raise WorkshopError(
                Bilingual(f"« {role[:80]} » n'est pas un rôle.", f"“{role[:80]}” is not a role."),
                Bilingual("root, targets ou authority-<id>.", "root, targets or authority-<id>."),
                param="ROLE",
            )
        remove_file(self._path(role))

    def clear(self) -> None:
        """Forget drafts of what is published by now, or of authorities that are none any more.

        Raises:
            WorkshopError: A file is not metadata.
            StorageError: A file cannot be removed.
        """
        staged = self.next().staged
        for name in names_in(self.folder / _STAGED):
            if name.endswith(".json") and name.removesuffix(".json") not in staged:
                remove_file(self.folder / _STAGED / name)
        base = self.folder / _STAGED / TARGET_FILES
        for path in sorted(base.rglob("*.json")) if base.is_dir() else ():
            if (self.repository / TARGET_FILES / path.relative_to(base)).is_file():
                remove_file(path)

    def _staged(self, role: str, kind: type[_S], before: Metadata[_S] | None) -> Metadata[_S] | None:
        metadata = read_metadata(self._path(role), kind)
        # A crash between the end of a publication and the removal of its drafts leaves a draft of what is published.
        if metadata is not None and before is not None and metadata.signed_bytes == before.signed_bytes:
            return None
        return metadata

    def _path(self, role: str) -> Path:
        return self.folder / _STAGED / f"{role}.json"


def _successor(metadata: Metadata[_S], current: Next, role: str, now: datetime) -> Metadata[_S]:
    following = copied(metadata)
    delegated = role_of(role, current.root.signed, current.targets.signed)
    assert delegated is not None
    following.signed.version += 1
    following.signed.expires = expiry(delegated, now, role)
    following.signatures.clear()
    return following
