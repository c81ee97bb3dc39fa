"""Publishing: what is staged and signed becomes what every client reads, at once or not at all.

In this order: choose what is ready; check it as a client would, and more (`tuf_lint`); sign snapshot and timestamp;
write to the publication's folder, then to the workshop's own copy; forget the drafts. What is staged and not signed
enough stays staged: a root that waits for a party holds back no authority's order. Published files never change and
are never removed.

One moment cannot be closed with separate files: when a root takes away the keys that signed the publication before it,
that root is visible for as long as the renaming of `timestamp.json` takes. Clients then refuse and keep what they had;
a publication broken off there is completed by doing it again.

Source: TUF specification 1.0.34 §5.3 to §5.6 (what clients check), §6.2 (consistent snapshots).
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from bouclier.charter.adapters.tuf_choice import choose
from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_files import held, read_file, settle, write_file
from bouclier.charter.adapters.tuf_lint import Contents, lint, of_authority
from bouclier.charter.adapters.tuf_published import (
    METADATA,
    TARGET_FILES,
    metadata_bytes,
    read_metadata,
    read_published,
    root_versions,
    target_place,
    write_metadata,
)
from bouclier.charter.adapters.tuf_roles import (
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    expiry,
    hours_of,
    keys_of,
    signed_enough,
)
from bouclier.charter.adapters.tuf_signing import add_signature
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from securesystemslib.signer import Signer
    from tuf.api.metadata import Root, Targets

    from bouclier.charter.adapters.tuf_lint import Problem
    from bouclier.charter.adapters.tuf_published import Published
    from bouclier.charter.adapters.tuf_workshop import Workshop


class Publication(NamedTuple):
    """What was published.

    Attributes:
        versions: By role.
        waiting: Roles that are staged and not signed enough yet.
        warnings: What is wrong and did not stop it.
    """

    versions: Mapping[str, int]
    waiting: tuple[str, ...]
    warnings: tuple[Problem, ...]


def publish(workshop: Workshop, signers: Sequence[Signer], *, to: Sequence[Path] = (), now: datetime) -> Publication:
    """Publish what is staged and signed.

    Args:
        workshop: Where it is staged; its own copy of what is published is written too.
        signers: Online keys, enough of them for `snapshot` and `timestamp`.
        to: Folders that a web server serves or that are carried; made if missing.
        now: Nothing published has expired by then.

    Raises:
        WorkshopError: Nothing is ready, something is wrong, or a folder holds another charter or a newer one.
        CharterKeyError: A key could not be used.
        StorageError: A file cannot be read or written; what was published before still is.
    """
    folders = [*to, workshop.repository]
    with ExitStack() as locks:
        # A timestamp renewed at the same moment would otherwise take this publication back. In one order for everybody.
        for folder in sorted({folder.resolve() for folder in folders}):
            locks.enter_context(held(folder))
        published = workshop.published()
        contents, faults = _chosen(workshop, published)
        problems = [*_verify(contents, published, now), *faults]
        before = [published, *(_destination(folder, contents) for folder in to)]
        snapshot, timestamp = _online(contents, [one for one in before if one is not None], signers, now)
        for folder in folders:
            _write(folder, workshop, contents, snapshot, timestamp)
    # A crash before this leaves drafts of what is published, which `Workshop.next` knows for what they are.
    workshop.clear()
    versions = {role: metadata.signed.version for role, metadata in contents.named()}
    versions |= {SNAPSHOT: snapshot.signed.version, TIMESTAMP: timestamp.signed.version}
    return Publication(versions, tuple(sorted(workshop.next().staged)), tuple(problems))


def stamp(folder: Path, signers: Sequence[Signer], *, now: datetime) -> Mapping[str, int]:
    """Sign the timestamp of a publication again, and its snapshot when half of its time is over.

    Args:
        folder: The publication's folder.
        signers: Online keys.
        now: From when the new timestamp's time runs.

    Returns:
        The new versions, by role.

    Raises:
        WorkshopError: Nothing is published there, its root or its charter has expired, or the keys do not suffice.
        CharterKeyError: A key could not be used.
        StorageError: A file cannot be read or written; what was published before still is.
    """
    if not (folder / METADATA).is_dir():
        raise _nothing(folder)
    with held(folder):
        return _stamp(folder, signers, now)


def _stamp(folder: Path, signers: Sequence[Signer], now: datetime) -> Mapping[str, int]:
    published = read_published(folder)
    if published is None:
        raise _nothing(folder)
    contents = Contents(published.root, published.targets, published.authorities, {}, frozenset())
    for role, metadata in ((ROOT, published.root), (TARGETS, published.targets)):
        if metadata.signed.is_expired(now):
            raise WorkshopError(
                Bilingual(
                    f"{role} a expiré : aucun client n'y croit plus.", f"{role} has expired: no client trusts it."
                ),
                Bilingual("Renouvelez-le, signez, publiez : charter renew.", "Renew, sign, publish: charter renew."),
                param=role,
            )
    snapshot = published.snapshot
    half = timedelta(hours=hours_of(published.root.signed.roles[SNAPSHOT]) or 0) / 2
    if snapshot.signed.expires - now < half or not signed_enough(SNAPSHOT, snapshot, published.root.signed, None):
        snapshot, timestamp = _online(contents, [published], signers, now)
        # A crash before the timestamp leaves a snapshot nobody refers to.
        write_metadata(folder, f"{snapshot.signed.version}.{SNAPSHOT}.json", metadata_bytes(snapshot))
        settle(folder / METADATA)
    else:
        timestamp = _timestamp(published.root.signed, [published], snapshot, signers, now)
    write_metadata(folder, f"{TIMESTAMP}.json", metadata_bytes(timestamp))
    settle(folder / METADATA)
    return {SNAPSHOT: snapshot.signed.version, TIMESTAMP: timestamp.signed.version}


def _chosen(workshop: Workshop, published: Published | None) -> tuple[Contents, list[Problem]]:
    """Return what is published, without authorities whose drafts are faulty, and what is wrong with these.

    One authority's mistake, or its flood of files, must not hold back another's order. Alone, it is refused.
    """
    contents = choose(workshop, published)
    known = published.authorities if published is not None else {}
    faults = {
        role: [problem for problem in of_authority(role, contents) if problem.blocking]
        for role in contents.fresh & known.keys()
    }
    barred = frozenset(role for role, problems in faults.items() if problems)
    if not barred or not contents.fresh - barred:
        return contents, []
    told = [problem._replace(blocking=False) for role in sorted(barred) for problem in faults[role]]
    return choose(workshop, published, barred=barred), told


def _verify(contents: Contents, published: Published | None, now: datetime) -> list[Problem]:
    problems = lint(contents, now=now)
    for role, metadata in contents.named():
        last = _last_version(role, published)
        expected = last + 1 if role in contents.fresh else last
        if metadata.signed.version != expected:
            raise WorkshopError(
                Bilingual(
                    f"{role} : version {metadata.signed.version} au lieu de {expected}.",
                    f"{role}: version {metadata.signed.version} instead of {expected}.",
                ),
                Bilingual(
                    "Reprenez la publication (charter pull), abandonnez le périmé (charter discard), refaites-le.",
                    "Take the publication again (charter pull), drop what is stale (charter discard), do it again.",
                ),
                param=role,
            )
    blocking = [problem for problem in problems if problem.blocking]
    if blocking:
        raise WorkshopError(
            Bilingual(
                "Rien n'est publié. " + " ".join(problem.text.fr for problem in blocking),
                "Nothing is published. " + " ".join(problem.text.en for problem in blocking),
            ),
            Bilingual(
                "Corrigez, signez à nouveau, republiez ; ou écartez ce rôle, pour publier le reste : charter discard.",
                "Correct it, sign again, publish again; or drop that role, to publish the rest: charter discard.",
            ),
            param=blocking[0].param,
        )
    return problems


def _last_version(role: str, published: Published | None) -> int:
    if published is None:
        return 0
    if role == ROOT:
        return published.root.signed.version
    meta = published.snapshot.signed.meta.get(f"{role}.json")
    return meta.version if meta is not None else 0


def _destination(folder: Path, contents: Contents) -> Published | None:
    """Return what a folder serves, after checking that it is the same charter's, and not newer."""
    there = read_published(folder)
    if there is None:
        return None
    for role, metadata in contents.named():
        served: Metadata[Root] | Metadata[Targets] | None
        served = there.root if role == ROOT else there.targets if role == TARGETS else there.authorities.get(role)
        if served is None or served.signed.version < metadata.signed.version:
            continue
        if served.signed.version > metadata.signed.version or served.signed_bytes != metadata.signed_bytes:
            raise WorkshopError(
                Bilingual(
                    f"{folder} sert une autre version de {role}, ou une plus récente.",
                    f"{folder} serves another version of {role}, or a newer one.",
                ),
                Bilingual(
                    "Reprenez l'atelier de cette publication (charter pull), ou publiez ailleurs.",
                    "Take the workshop from that publication (charter pull), or publish elsewhere.",
                ),
                param=str(folder),
            )
    return there


def _online(
    contents: Contents, before: Sequence[Published], signers: Sequence[Signer], now: datetime
) -> tuple[Metadata[Snapshot], Metadata[Timestamp]]:
    root = contents.root.signed
    # TUF 5.5.5: what a snapshot listed stays listed, a removed authority's role included.
    meta: dict[str, MetaFile] = {}
    for one in before:
        for name, listed in one.snapshot.signed.meta.items():
            if name not in meta or listed.version > meta[name].version:
                meta[name] = listed
    for role, metadata in contents.named():
        if role != ROOT and (role in contents.fresh or f"{role}.json" not in meta):
            meta[f"{role}.json"] = MetaFile.from_data(metadata.signed.version, metadata_bytes(metadata), ["sha256"])
    version = max((one.snapshot.signed.version for one in before), default=0) + 1
    signed = Snapshot(version=version, expires=expiry(root.roles[SNAPSHOT], now, SNAPSHOT), meta=meta)
    snapshot = Metadata(signed)
    _sign_online(SNAPSHOT, snapshot, root, signers)
    return snapshot, _timestamp(root, before, snapshot, signers, now)


def _timestamp(
    root: Root, before: Sequence[Published], snapshot: Metadata[Snapshot], signers: Sequence[Signer], now: datetime
) -> Metadata[Timestamp]:
    version = max((one.timestamp.signed.version for one in before), default=0) + 1
    meta = MetaFile.from_data(snapshot.signed.version, metadata_bytes(snapshot), ["sha256"])
    expires = expiry(root.roles[TIMESTAMP], now, TIMESTAMP)
    timestamp = Metadata(Timestamp(version=version, expires=expires, snapshot_meta=meta))
    _sign_online(TIMESTAMP, timestamp, root, signers)
    return timestamp


def _sign_online(
    role: str, metadata: Metadata[Snapshot] | Metadata[Timestamp], root: Root, signers: Sequence[Signer]
) -> None:
    held = keys_of(role, root, None)
    for signer in signers:
        if signer.public_key.keyid in held:
            add_signature(metadata, signer)
    if not signed_enough(role, metadata, root, None):
        raise WorkshopError(
            Bilingual(
                f"{role} : {len(metadata.signatures)} signature(s) pour un seuil de {root.roles[role].threshold}.",
                f"{role}: {len(metadata.signatures)} signature(s) for a threshold of {root.roles[role].threshold}.",
            ),
            Bilingual("Donnez les clés en ligne, toutes : --key.", "Give the online keys, all of them: --key."),
            param=role,
        )


def _write(
    folder: Path, workshop: Workshop, contents: Contents, snapshot: Metadata[Snapshot], timestamp: Metadata[Timestamp]
) -> None:
    written = {(folder / METADATA).relative_to(folder)}
    # Up to the roots, nothing that is served refers to these files: a crash leaves the last publication as it was.
    for editors_or_authority in (contents.targets, *contents.authorities.values()):
        for path, target in editors_or_authority.signed.targets.items():
            place = folder / TARGET_FILES / target_place(target)
            if read_file(place) != contents.files[path]:
                write_file(place, contents.files[path])
                written |= set(place.relative_to(folder).parents)
    for role, metadata in contents.named():
        if role != ROOT:
            name = f"{metadata.signed.version}.{role}.json"
            # What was published before keeps its very bytes: the snapshot may hold their digest.
            there = None if role in contents.fresh else read_file(workshop.repository / METADATA / name)
            write_metadata(folder, name, there or metadata_bytes(metadata))
    write_metadata(folder, f"{snapshot.signed.version}.{SNAPSHOT}.json", metadata_bytes(snapshot))
    settle(*(folder / place for place in written))
    # A crash from here to the timestamp leaves new roots with the last publication, which they still sign for unless
    # they took its keys away (see the module's docstring).
    for version in root_versions(workshop.repository):
        name = f"{version}.{ROOT}.json"
        data = read_file(workshop.repository / METADATA / name)
        if version < contents.root.signed.version and data is not None:
            write_metadata(folder, name, data)
    _write_root(folder, contents.root)
    settle(folder / METADATA)
    # Once this is there, all of it is published.
    write_metadata(folder, f"{TIMESTAMP}.json", metadata_bytes(timestamp))
    settle(folder / METADATA)


def _write_root(folder: Path, root: Metadata[Root]) -> None:
    name = f"{root.signed.version}.{ROOT}.json"
    there = read_metadata(folder / METADATA / name, type(root.signed))
    if there is not None and there.signed_bytes != root.signed_bytes:
        raise WorkshopError(
            Bilingual(f"{folder} a déjà un autre {name}.", f"{folder} has another {name} already."),
            Bilingual("Une racine publiée ne change pas.", "A root that was published does not change."),
            param=str(folder),
        )
    write_metadata(folder, name, metadata_bytes(root))


def _nothing(folder: Path) -> WorkshopError:
    return WorkshopError(
        Bilingual(f"Rien n'est publié dans {folder}.", f"Nothing is published in {folder}."),
        Bilingual("Publiez d'abord : charter publish --to.", "Publish first: charter publish --to."),
        param=str(folder),
    )
