"""A workshop that passes from hand to hand: several folders, several workshops, and carriers nobody trusts."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.tuf_kit import CHARTER, OTHER, ROOT, Repo
from tests.tuf_reader import reader
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_published import metadata_bytes, read_metadata
from bouclier.charter.adapters.tuf_pull import pull
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import (
    add_key,
    stage_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.compose.charter_repository import to_be_signed
from bouclier.terms.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_publication_goes_to_several_folders_and_never_to_another_charters(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "one")
    stick = tmp_path / "stick"
    repo.propose(OTHER)
    repo.sign_all()
    publish(repo.workshop, repo.online(), to=[repo.folder, stick], now=repo.now)
    client = reader(repo, tmp_path)
    assert client.read(repo.folder) == client.read(stick) == OTHER
    other = Repo.create(tmp_path / "two", parties=4)
    with pytest.raises(WorkshopError, match="serves another version of root"):
        publish(other.workshop, other.online(), to=[stick], now=other.now)


def test_a_workshop_is_taken_from_a_publication_and_catches_up(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    mine = Workshop(tmp_path / "mine")
    pull(mine, repo.folder)
    repo.rotate(add=["party-4"])
    repo.publish(OTHER)
    stage_order(mine, "fr-protection", "2026-014", b"{}", now=repo.now)
    pull(mine, repo.folder)
    assert mine.next().root.signed.version == 2
    assert mine.next().targets.signed.version == 2
    assert mine.next().staged == {"authority-fr-protection"}
    with pytest.raises(WorkshopError, match="Signatures are missing"):
        publish(mine, repo.online(), to=[repo.folder], now=repo.now)


def test_a_workshop_takes_nothing_older_forged_or_of_another_charter(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "one")
    mine = Workshop(tmp_path / "mine")
    pull(mine, Repo.create(tmp_path / "two", parties=4).folder)
    with pytest.raises(VerificationError, match="is not the workshop's"):
        pull(mine, repo.folder)
    targets = read_metadata(repo.folder / "metadata" / "1.targets.json", Targets)
    assert targets is not None
    targets.signed.targets.clear()
    (repo.folder / "metadata" / "1.targets.json").write_bytes(metadata_bytes(targets))
    with pytest.raises(VerificationError, match="targets: not signed enough"):
        pull(Workshop(tmp_path / "new"), repo.folder)


def test_a_workshop_goes_back_to_nothing_older(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    mine, old = Workshop(tmp_path / "mine"), tmp_path / "old"
    shutil.copytree(repo.folder, old)
    repo.publish(OTHER)
    pull(mine, repo.folder)
    with pytest.raises(VerificationError, match="timestamp: older than in the workshop"):
        pull(mine, old)
    repo.rotate(add=["party-4"])
    pull(mine, repo.folder)
    with pytest.raises(VerificationError, match="root: older than in the workshop"):
        pull(mine, old)


@pytest.mark.parametrize("path", ["../../stolen.json", "orders/fr-protection/../../../stolen.json", "/tmp/stolen.json"])
def test_a_publication_names_no_file_outside_its_folder(tmp_path: Path, path: str) -> None:
    repo = Repo.create(tmp_path)
    target = TargetFile.from_data(path, b"{}", ["sha256"])
    draft = repo.workshop.draft_targets(repo.now)
    draft.signed.targets[path] = target
    draft.sign(repo.signer("editor-1"))
    for name in ("metadata/1.targets.json", "metadata/2.targets.json"):
        (repo.folder / name).write_bytes(metadata_bytes(draft))
    with pytest.raises(WorkshopError, match="is refused"):
        pull(Workshop(tmp_path / "mine"), repo.folder)


def test_what_another_tool_published_keeps_its_bytes(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    folder, metadata = repo.folder, repo.folder / "metadata"
    pretty = json.dumps(json.loads((metadata / "1.targets.json").read_bytes()), indent=2).encode()
    (metadata / "1.targets.json").write_bytes(pretty)
    snapshot, stamped = read_metadata(metadata / "1.snapshot.json", Snapshot), Timestamp(version=2, expires=None)
    assert snapshot is not None
    snapshot.signed.version = 2
    snapshot.signed.meta["targets.json"] = MetaFile.from_data(1, pretty, ["sha256"])
    snapshot.sign(repo.signer("snapshot-1"))
    (metadata / "2.snapshot.json").write_bytes(metadata_bytes(snapshot))
    stamped.expires = snapshot.signed.expires
    stamped.snapshot_meta = MetaFile(2)
    timestamp = Metadata(stamped)
    timestamp.sign(repo.signer("timestamp-1"))
    (metadata / "timestamp.json").write_bytes(metadata_bytes(timestamp))
    mine, stick = Workshop(tmp_path / "mine"), tmp_path / "stick"
    pull(mine, folder)
    add_key(mine, ROOT, repo.key("party-4"), now=repo.now)
    sign(mine, [repo.signer(name) for name in repo.parties])
    publish(mine, repo.online(), to=[folder, stick], now=repo.now)
    for place in (folder, stick):
        assert (place / "metadata" / "1.targets.json").read_bytes() == pretty
        assert reader(repo, tmp_path, place.name + "-client").read(place) == CHARTER


def test_a_damaged_file_is_repaired_by_the_next_publication(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    [charter] = (repo.folder / "targets").glob("*.charter.json")
    charter.write_bytes(b"torn")
    repo.publish()
    assert reader(repo, tmp_path).read(repo.folder) == CHARTER


def test_a_target_that_is_another_file_is_not_taken(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    [charter] = (repo.folder / "targets").glob("*.charter.json")
    charter.write_bytes(OTHER)
    with pytest.raises(VerificationError, match="is missing, or another one"):
        pull(Workshop(tmp_path / "mine"), repo.folder)


def test_nothing_is_signed_against_a_forged_publication_or_after_it_was_shown(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2)
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    party = [repo.signer("party-1")]
    shown = to_be_signed(repo.workshop, party)
    assert shown.lines[0].en == f"charter whose first root has sha256 {sha256(repo.root_bytes).hexdigest()}"
    add_key(repo.workshop, ROOT, repo.key("mallory"), now=repo.now)
    with pytest.raises(WorkshopError, match="root changed since it was shown"):
        sign(repo.workshop, party, seen=shown.seen)
    # Mallory is in the published root too, for whoever believes the workshop: nothing seems to change.
    forged = repo.workshop.draft_root(repo.now)
    forged.sign(repo.signer("mallory"))
    for name in ("2.root.json", "3.root.json"):
        (repo.workshop.repository / "metadata" / name).write_bytes(metadata_bytes(forged))
    with pytest.raises(VerificationError, match="version 2: not signed enough"):
        to_be_signed(repo.workshop, party)
