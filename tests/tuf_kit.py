"""Invented charters published with TUF: real keys, real files, made through the functions that parties use.

    repo = Repo.create(tmp_path, parties=5, threshold=3, authorities={"fr-protection": (2, 3)}, now=NOW)
    repo.publish({"charter.json": "{}"})            # a charter's files, or a bundle, signed by enough editors
    repo.order("fr-protection", "2026-014", {...})  # staged, signed by enough of the authority, published
    repo.rotate(add=["party-6"], remove=["party-1"], threshold=4)
    repo.folder, repo.root_bytes                    # what a client is given: where, and the first root

Keys are named `party-1`, `editor-1`, `<authority>-1`, `snapshot-1`, `timestamp-1`, and lie in `repo.keys_folder`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bouclier.charter.adapters.tuf_keys import make_key, read_public_key, read_signer
from bouclier.charter.adapters.tuf_publication import Publication, publish, stamp
from bouclier.charter.adapters.tuf_roles import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from bouclier.charter.adapters.tuf_signing import entitled, sign
from bouclier.charter.adapters.tuf_staging import (
    Founding,
    Signers,
    add_key,
    found,
    propose,
    propose_registry,
    remove_authority,
    remove_key,
    renew,
    set_authority,
    set_threshold,
    stage_order,
    withdraw_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.bundle import bundle_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from securesystemslib.signer import CryptoSigner, SSlibKey

FILES: Mapping[str, str] = {"charter.json": "{}"}
"""The smallest thing that bundles; no charter that loads."""
CHARTER = bundle_of(FILES)
OTHER = bundle_of({"charter.json": '{"version":"2"}'})


@cache
def key_files(name: str) -> tuple[bytes, bytes]:
    """The private and the public file of a name's key: the same all along a run, to spare the disk."""
    with TemporaryDirectory() as folder:
        private, public, _ = make_key(name, Path(folder))
        return private.read_bytes(), public.read_bytes()


@dataclass
class Repo:
    """A charter's workshop, its publication, and everybody's keys.

    Attributes:
        folder: The publication: `metadata/` and `targets/`.
        now: The time of whatever is done without saying when; move it at will.
    """

    workshop: Workshop
    folder: Path
    keys_folder: Path
    now: datetime
    root_bytes: bytes = b""
    parties: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    authorities: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        base: Path,
        *,
        parties: int = 3,
        threshold: int = 2,
        editors: tuple[int, int] = (1, 1),
        authorities: Mapping[str, tuple[int, int]] | None = None,
        authority_days: int = 7,
        hours: Mapping[str, int] | None = None,
        files: Mapping[str, str] | bytes | None = FILES,
        now: datetime | None = None,
    ) -> Repo:
        """Found a charter and publish it.

        Args:
            base: An empty folder.
            parties: How many sign the root.
            threshold: How many of them together.
            editors: How many editors together, of how many.
            authorities: Thresholds and numbers of keys, by authority.
            authority_days: How long authorities' metadata live.
            hours: How long each role's metadata live, by role, where not by default.
            files: The charter, as files or as a bundle; None to stage and publish nothing yet.
            now: The time of all of it; the real one by default.
        """
        workshop, keys = Workshop(base / "workshop"), base / "keys"
        repo = cls(workshop, base / "published", keys, now or datetime.now(UTC))
        repo.parties = [f"party-{number + 1}" for number in range(parties)]
        repo.editors = [f"editor-{number + 1}" for number in range(editors[1])]
        found(
            workshop,
            Founding(
                Signers([repo.key(name) for name in repo.parties], threshold),
                Signers([repo.key(name) for name in repo.editors], editors[0]),
                Signers([repo.key("snapshot-1")]),
                Signers([repo.key("timestamp-1")]),
                hours or {},
            ),
            now=repo.now,
        )
        for authority, (enough, count) in (authorities or {}).items():
            repo.authorities[authority] = [f"{authority}-{number + 1}" for number in range(count)]
            holders = Signers([repo.key(name) for name in repo.authorities[authority]], enough)
            set_authority(workshop, authority, holders, days=authority_days, now=repo.now)
        if files is not None:
            repo.publish(files)
        return repo

    def key(self, name: str) -> SSlibKey:
        """The public key of a name, made if it is new."""
        public = self.keys_folder / f"{name}.public"
        if not public.exists():
            self.keys_folder.mkdir(parents=True, exist_ok=True)
            made = key_files(name)
            (self.keys_folder / f"{name}.private").write_bytes(made[0])
            public.write_bytes(made[1])
        return read_public_key(public)

    def key_file(self, name: str) -> Path:
        """The private file of a name."""
        self.key(name)
        return self.keys_folder / f"{name}.private"

    def signer(self, name: str) -> CryptoSigner:
        """What signs with the key of a name."""
        return read_signer(self.key_file(name))

    def online(self) -> list[CryptoSigner]:
        """What signs snapshots and timestamps."""
        return [self.signer("snapshot-1"), self.signer("timestamp-1")]

    def sign(self, *names: str) -> list[str]:
        """Have the keys of some names sign what is staged and theirs."""
        return sign(self.workshop, [self.signer(name) for name in names])

    def sign_all(self) -> None:
        """Have everybody sign whatever is staged and theirs."""
        names = [*self.parties, *self.editors, *(one for many in self.authorities.values() for one in many)]
        self.sign(*(name for name in names if entitled(self.workshop, self.signer(name))))

    def propose(self, charter: Mapping[str, str] | bytes) -> None:
        """Stage a charter, unsigned."""
        propose(self.workshop, charter if isinstance(charter, bytes) else bundle_of(charter), now=self.now)

    def propose_registry(self, facts: bytes | None) -> None:
        """Stage facts, unsigned."""
        propose_registry(self.workshop, facts, now=self.now)

    def publish(self, charter: Mapping[str, str] | bytes | None = None) -> Publication:
        """Stage a charter if one is given, have everybody sign what is staged, and publish."""
        if charter is not None:
            self.propose(charter)
        self.sign_all()
        return self.publish_signed()

    def publish_signed(self) -> Publication:
        """Publish what is staged and signed enough."""
        done = publish(self.workshop, self.online(), to=[self.folder], now=self.now)
        self.root_bytes = (self.folder / "metadata" / "1.root.json").read_bytes()
        return done

    def order(
        self, authority: str, name: str, document: Mapping[str, Any] | bytes, *, signers: Sequence[str] | None = None
    ) -> None:
        """Stage an authority's order, have its keys sign it, or only those of some names, and publish."""
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        stage_order(self.workshop, authority, name, data, now=self.now)
        self.sign(*(self.authorities[authority] if signers is None else signers))
        self.publish_signed()

    def withdraw(self, authority: str, name: str) -> None:
        """Take an order back, and publish."""
        withdraw_order(self.workshop, authority, name, now=self.now)
        self.publish()

    def add_authority(self, authority: str, threshold: int, count: int, *, days: int = 7) -> None:
        """Have the editors delegate to an authority, or change its keys' number and threshold, and publish."""
        self.authorities[authority] = [f"{authority}-{number + 1}" for number in range(count)]
        holders = Signers([self.key(name) for name in self.authorities[authority]], threshold)
        set_authority(self.workshop, authority, holders, days=days, now=self.now)
        self.publish()

    def remove_authority(self, authority: str) -> None:
        """Have the editors end the delegation to an authority, and publish."""
        remove_authority(self.workshop, authority, now=self.now)
        del self.authorities[authority]
        self.publish()

    def rotate(
        self,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        threshold: int | None = None,
        signers: Sequence[str] | None = None,
    ) -> None:
        """Change the parties, have all of them, old and new, sign, or only those of some names, and publish."""
        for name in add:
            add_key(self.workshop, ROOT, self.key(name), now=self.now)
        if threshold is not None and threshold <= len(self.parties) + len(add):
            set_threshold(self.workshop, ROOT, threshold, now=self.now)
        for name in remove:
            remove_key(self.workshop, ROOT, name, now=self.now)
        everybody = [*self.parties, *add]
        self.parties = [name for name in everybody if name not in remove]
        self.sign(*(everybody if signers is None else signers))
        self.publish_signed()

    def renew(self, *roles: str) -> None:
        """Make new metadata of some roles, the same but for version and expiry, and publish."""
        for role in roles:
            renew(self.workshop, role, now=self.now)
        self.publish()

    def stamp(self) -> None:
        """Sign the publication's timestamp again."""
        stamp(self.folder, self.online(), now=self.now)

    def later(self, **by: float) -> None:
        """Move the time of what is done next: `repo.later(days=3)`."""
        self.now += timedelta(**by)


__all__ = ["CHARTER", "FILES", "OTHER", "ROOT", "SNAPSHOT", "TARGETS", "TIMESTAMP", "Repo"]
