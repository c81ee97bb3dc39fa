"""Taking a workshop from a publication: what a party or an authority starts from, or catches up with.

What is taken is checked from the workshop's own root on, as a client would. A workshop that has no root yet believes
the publication's first one: its SHA-256 is what people compare.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import Root

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_files import read_file, settle, write_file
from bouclier.charter.adapters.tuf_published import (
    METADATA,
    TARGET_FILES,
    newest_root,
    read_metadata,
    read_published,
    target_place,
    write_metadata,
)
from bouclier.charter.adapters.tuf_roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, signed_enough
from bouclier.terms.errors import Bilingual, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from tuf.api.metadata import Metadata, MetaFile, Targets

    from bouclier.charter.adapters.tuf_published import Published
    from bouclier.charter.adapters.tuf_roles import AnyMetadata
    from bouclier.charter.adapters.tuf_workshop import Workshop


def pull(workshop: Workshop, folder: Path) -> str:
    """Take what a folder publishes into a workshop, and return the SHA-256 of its first root, hexadecimal.

    What is staged stays staged.

    Raises:
        VerificationError: It is not signed as the workshop's root, and those that follow it, ask for; or it is older.
        WorkshopError: Nothing is published there, or a file is missing or is not metadata.
        StorageError: A file cannot be read or written.
    """
    there = read_published(folder)
    if there is None:
        raise WorkshopError(
            Bilingual(f"Rien n'est publié dans {folder}.", f"Nothing is published in {folder}."), param=str(folder)
        )
    known = newest_root(workshop.repository)
    trusted = read_metadata(workshop.repository / METADATA / f"{known}.{ROOT}.json", Root) if known else None
    roots = _verified_roots(folder, trusted)
    _verify_signed(there)
    here = workshop.published()
    if here is not None and here.timestamp.signed.version > there.timestamp.signed.version:
        raise _refused(TIMESTAMP, "plus ancien que dans l'atelier", "older than in the workshop")
    _take(workshop, folder, there, roots)
    return _first_root(workshop.repository)


class Verified(NamedTuple):
    """A workshop's own copy of what is published, checked.

    Attributes:
        first_root: SHA-256 of the first root, hexadecimal: what people compare.
        published: What was checked; not read again.
    """

    first_root: str
    published: Published


def verified_copy(workshop: Workshop) -> Verified | None:
    """Return the workshop's own copy of what is published, checked from its first root on; None if nothing is.

    Whoever passed the workshop on could have changed that copy, so that what is staged seems to change less.

    Raises:
        VerificationError: A root is not signed by the parties before, or something not by those the root names; or it
            is not what the timestamp leads to.
        WorkshopError: A file is missing or is not metadata.
        StorageError: A file cannot be read.
    """
    here = workshop.published()
    if here is None:
        return None
    _verified_roots(workshop.repository, None)
    _verify_signed(here)
    _verify_listed(workshop.repository, here)
    return Verified(_first_root(workshop.repository), here)


def verify_published(workshop: Workshop) -> str | None:
    """Check the workshop's own copy of what is published, and return its first root's SHA-256; None if nothing is.

    Raises:
        BouclierError: As `verified_copy`.
    """
    copy = verified_copy(workshop)
    return None if copy is None else copy.first_root


def _first_root(folder: Path) -> str:
    return sha256(read_file(folder / METADATA / f"1.{ROOT}.json") or b"").hexdigest()


def _verified_roots(folder: Path, trusted: Metadata[Root] | None) -> list[Metadata[Root]]:
    known = trusted.signed.version if trusted is not None else 0
    roots: list[Metadata[Root]] = []
    for version in range(max(known, 1), newest_root(folder) + 1):
        root = read_metadata(folder / METADATA / f"{version}.{ROOT}.json", Root)
        if root is None or root.signed.version != version:
            raise _refused(f"{version}.{ROOT}.json", "manque", "is missing")
        if trusted is not None and version == known and trusted.signed_bytes != root.signed_bytes:
            raise _refused(ROOT, "n'est pas celle de l'atelier", "is not the workshop's")
        for signer in (trusted or root, root):
            if not signed_enough(ROOT, root, signer.signed, None):
                raise _refused(ROOT, f"version {version} : pas assez signée", f"version {version}: not signed enough")
        roots.append(root)
        trusted = root
    if not roots:
        raise _refused(ROOT, "plus ancienne que dans l'atelier", "older than in the workshop")
    return roots


def _verify_signed(there: Published) -> None:
    root, targets = there.root.signed, there.targets.signed
    named: list[tuple[str, AnyMetadata]] = [*_roles(there)]
    for role, metadata in (*named, (SNAPSHOT, there.snapshot), (TIMESTAMP, there.timestamp)):
        if not signed_enough(role, metadata, root, targets):
            raise _refused(role, "pas assez signé", "not signed enough")


def _verify_listed(folder: Path, here: Published) -> None:
    """Check that each file is the one listed: what was signed once, for an older version, is signed well too."""
    named: list[tuple[str, AnyMetadata, MetaFile]]
    named = [(SNAPSHOT, here.snapshot, here.timestamp.signed.snapshot_meta)]
    named += [(role, metadata, here.snapshot.signed.meta[f"{role}.json"]) for role, metadata in _roles(here)]
    for role, metadata, meta in named:
        data = read_file(folder / METADATA / f"{meta.version}.{role}.json") or b""
        try:
            meta.verify_length_and_hashes(data)
        except LengthOrHashMismatchError as error:
            raise _refused(role, "n'est pas ce qui est listé", "is not what is listed") from error
        if metadata.signed.version != meta.version:
            raise _refused(role, "n'est pas la version listée", "is not the version listed")


def _take(workshop: Workshop, folder: Path, there: Published, roots: list[Metadata[Root]]) -> None:
    # The timestamp last, as in a publication: a crash before it leaves what was there before.
    for _, metadata in _roles(there):
        for target in metadata.signed.targets.values():
            place = target_place(target)
            data = read_file(folder / TARGET_FILES / place)
            if data is None or sha256(data).hexdigest() != target.hashes["sha256"]:
                raise _refused(target.path, "manque, ou est un autre", "is missing, or another one")
            write_file(workshop.repository / TARGET_FILES / place, data)
    names = [f"{one.signed.version}.{role}.json" for role, one in _roles(there)]
    names += [
        f"{there.snapshot.signed.version}.{SNAPSHOT}.json",
        *(f"{root.signed.version}.{ROOT}.json" for root in roots),
    ]
    for name in names:
        _copy(folder, workshop.repository, name)
    settle(workshop.repository / METADATA)
    _copy(folder, workshop.repository, f"{TIMESTAMP}.json")
    settle(workshop.repository / METADATA)


def _roles(there: Published) -> list[tuple[str, Metadata[Targets]]]:
    return [(TARGETS, there.targets), *there.authorities.items()]


def _copy(folder: Path, repository: Path, name: str) -> None:
    # Byte for byte: the snapshot may hold their digest.
    data = read_file(folder / METADATA / name)
    if data is None:
        raise _refused(name, "manque", "is missing")
    write_metadata(repository, name, data)


def _refused(param: str, fr: str, en: str) -> VerificationError:
    return VerificationError(
        Bilingual(f"{param} : {fr}. Rien n'est repris.", f"{param}: {en}. Nothing is taken."),
        Bilingual(
            "Demandez à qui publie ; comparez les empreintes de la première racine.",
            "Ask whoever publishes; compare the digests of the first root.",
        ),
        param=param,
    )
