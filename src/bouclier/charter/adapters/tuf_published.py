"""A published repository as a folder: `metadata/` and `targets/`, as any TUF client reads them.

What `timestamp.json` leads to is published. Versioned files above it belong to a publication that did not end: nothing
refers to them, and they may be replaced, except a root, which clients look for by number.

Not done here: believing what is read. A workshop comes from somebody else; `tuf_publication` checks, and so do clients.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_files import names_in, read_file, write_file
from bouclier.charter.adapters.tuf_roles import ROOT, SNAPSHOT, TARGETS, authority_of, delegations_of, is_target
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuf.api.metadata import TargetFile

    from bouclier.charter.adapters.tuf_roles import AnyMetadata

METADATA: Final = "metadata"
TARGET_FILES: Final = "targets"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ROOT_FILE: Final = re.compile(r"([1-9][0-9]{0,8})\.root\.json")

_S = TypeVar("_S", Root, Targets, Snapshot, Timestamp)


@dataclass(frozen=True)
class Published:
    """What a repository serves.

    Attributes:
        root: The newest root.
        authorities: Metadata of the authorities' roles, by role; a removed authority's stay in the snapshot alone.
    """

    root: Metadata[Root]
    targets: Metadata[Targets]
    snapshot: Metadata[Snapshot]
    timestamp: Metadata[Timestamp]
    authorities: Mapping[str, Metadata[Targets]]


def read_published(folder: Path) -> Published | None:
    """Return what a folder serves; None when nothing was published in it, or not to the end.

    Raises:
        WorkshopError: A file is missing or is not metadata.
        StorageError: A file cannot be read.
    """
    stamp = read_metadata(folder / METADATA / "timestamp.json", Timestamp)
    if stamp is None:
        return None
    root = _there(folder, f"{newest_root(folder)}.{ROOT}.json", Root)
    snapshot = _there(folder, f"{stamp.signed.snapshot_meta.version}.{SNAPSHOT}.json", Snapshot)
    meta = snapshot.signed.meta
    if f"{TARGETS}.json" not in meta:
        raise _missing(f"{TARGETS}.json")
    targets = _there(folder, f"{meta[f'{TARGETS}.json'].version}.{TARGETS}.json", Targets)
    authorities = {
        role: _there(folder, f"{meta[f'{role}.json'].version}.{role}.json", Targets)
        for role in delegations_of(targets.signed).roles or {}
        if authority_of(role) is not None and f"{role}.json" in meta
    }
    return Published(root, targets, snapshot, stamp, authorities)


def newest_root(folder: Path) -> int:
    """Return the version of the newest root of a folder; 0 when there is none."""
    return max(root_versions(folder), default=0)


def root_versions(folder: Path) -> list[int]:
    """Return the versions of the roots of a folder."""
    found = (_ROOT_FILE.fullmatch(name) for name in names_in(folder / METADATA))
    return sorted(int(match[1]) for match in found if match is not None)


def read_metadata(path: Path, kind: type[_S]) -> Metadata[_S] | None:
    """Return the metadata of a file; None when there is no file.

    Raises:
        WorkshopError: It is not metadata of that kind.
        StorageError: It cannot be read.
    """
    data = read_file(path)
    if data is None:
        return None
    try:
        metadata: Metadata[_S] = Metadata.from_bytes(data)
    except DeserializationError as error:
        raise _not_metadata(path) from error
    if not isinstance(metadata.signed, kind):
        raise _not_metadata(path)
    return metadata


def metadata_bytes(metadata: AnyMetadata) -> bytes:
    """Return metadata as they are written."""
    return metadata.to_bytes(JSONSerializer(compact=True))


def write_metadata(folder: Path, name: str, data: bytes) -> None:
    """Write a file of metadata, unless it is there already.

    Raises:
        StorageError: It cannot be written; what was there before still is.
    """
    path = folder / METADATA / name
    if read_file(path) != data:
        write_file(path, data)


def copied(metadata: Metadata[_S]) -> Metadata[_S]:
    """Return metadata that can be changed without changing these."""
    return Metadata.from_bytes(metadata_bytes(metadata))


def target_place(target: TargetFile) -> str:
    """Return where a target's file lies under `targets/`: its SHA-256 before its name.

    Raises:
        WorkshopError: Its path or its digest is none that a charter's repository has.
    """
    # Metadata come from other people: neither may name a file elsewhere.
    if not is_target(target.path) or _SHA256.fullmatch(target.hashes.get("sha256", "")) is None:
        raise WorkshopError(
            Bilingual(f"La cible « {target.path[:80]} » est refusée.", f"The target “{target.path[:80]}” is refused."),
            Bilingual(
                "charter.json, registry.json ou orders/<autorité>/<nom>.json, avec leur sha256.",
                "charter.json, registry.json or orders/<authority>/<name>.json, with their sha256.",
            ),
            param=target.path[:80],
        )
    folder, slash, name = target.path.rpartition("/")
    return f"{folder}{slash}{target.hashes['sha256']}.{name}"


def _there(folder: Path, name: str, kind: type[_S]) -> Metadata[_S]:
    metadata = read_metadata(folder / METADATA / name, kind)
    if metadata is None:
        raise _missing(str(folder / METADATA / name))
    return metadata


def _missing(name: str) -> WorkshopError:
    return WorkshopError(
        Bilingual(f"{name} manque à la publication.", f"{name} is missing from the publication."),
        Bilingual("Reprenez le dossier publié en entier.", "Take the whole published folder again."),
        param=name,
    )


def _not_metadata(path: Path) -> WorkshopError:
    return WorkshopError(
        Bilingual(f"{path} ne contient pas les métadonnées attendues.", f"{path} does not hold the metadata expected."),
        Bilingual("Reprenez ce fichier à sa source.", "Take this file from its source again."),
        param=str(path),
    )
