"""Publications that are ended half way or made at the same moment, and the charter a gateway makes for itself."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from tests.tuf_kit import CHARTER, OTHER, ROOT, TARGETS, Repo
from tests.tuf_reader import Reader, reader
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Timestamp

from bouclier.charter.adapters.tuf_errors import CharterKeyError
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.adapters.tuf_publication import publish, stamp
from bouclier.charter.adapters.tuf_published import read_metadata
from bouclier.charter.adapters.tuf_staging import (
    add_key,
    stage_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.terms.errors import BouclierError

ORDER_PATH = "orders/fr-protection/2026-014.json"


def test_a_timestamp_renewed_meanwhile_takes_no_publication_back(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.propose(OTHER)
    repo.sign_all()
    failed: list[BouclierError] = []

    def stamped() -> None:
        try:
            for _ in range(5):
                stamp(repo.folder, repo.online(), now=repo.now)
        except BouclierError as error:
            failed.append(error)

    others = [Thread(target=stamped) for _ in range(3)]
    for other in others:
        other.start()
    repo.publish_signed()
    for other in others:
        other.join()
    assert failed == []
    client = reader(repo, tmp_path)
    assert client.read(repo.folder) == OTHER
    stamped_last = read_metadata(repo.folder / "metadata" / "timestamp.json", Timestamp)
    assert stamped_last is not None
    assert stamped_last.signed.version == 17


def _steps(what: str, base: Path, out: Path) -> list[Path]:
    child = Path(__file__).with_name("charter_steps_child.py")
    done = subprocess.run(
        [sys.executable, child, what, base, out], check=True, capture_output=True, text=True, timeout=170
    )
    return [out / str(number) for number in range(int(done.stdout))]


def test_a_publication_ended_anywhere_leaves_the_last_one_or_the_new_one_and_is_completed(tmp_path: Path) -> None:
    base = tmp_path / "base"
    repo = Repo.create(base, authorities={"fr-protection": (1, 1)})
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    repo.propose(OTHER)
    stage_order(repo.workshop, "fr-protection", "2026-014", b"{}", now=repo.now)
    repo.sign_all()
    steps = _steps("publish", base, tmp_path / "out")
    seen: set[tuple[bool, bool]] = set()
    for folder in steps:
        client = Reader(folder / "client", repo.root_bytes)
        charter, order = client.read(folder / "published"), client.read(folder / "published", ORDER_PATH)
        assert (charter == OTHER) == (order == b"{}")
        assert charter in (CHARTER, OTHER)
        seen.add((charter == OTHER, client.root().version == 2))
        online = [repo.signer("snapshot-1"), repo.signer("timestamp-1")]
        again = Workshop(folder / "workshop")
        done = publish(again, online, to=[folder / "published"], now=datetime.now(UTC))
        assert done.waiting == ()
        assert (done.versions[ROOT], done.versions[TARGETS], done.versions["authority-fr-protection"]) == (2, 2, 2)
        assert client.read(folder / "published") == OTHER
    assert len(steps) > 12
    assert seen == {(False, False), (False, True), (True, True)}


def test_a_local_charter_ended_anywhere_is_completed_by_the_next_start(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "bundle").write_bytes(CHARTER)
    steps = _steps("local", base, tmp_path / "out")
    for folder in steps:
        local = folder / "local"
        local_repository(local, CHARTER, now=datetime.now(UTC), days=30)
        root = (local / "metadata" / "1.root.json").read_bytes()
        assert Reader(folder / "client", root).read(local) == CHARTER
    assert len(steps) > 8


def test_a_local_charter_is_one_of_one_follows_its_bundle_and_stays_fresh(tmp_path: Path) -> None:
    local = tmp_path / "local"
    begun = datetime.now(UTC) - timedelta(days=40)
    local_repository(local, CHARTER, now=begun, days=30)
    client = Reader(tmp_path / "client", (local / "metadata" / "1.root.json").read_bytes())
    with pytest.raises(RepositoryError):
        client.refresh(local)
    local_repository(local, CHARTER, now=datetime.now(UTC), days=30)
    assert client.read(local) == CHARTER
    local_repository(local, OTHER, now=datetime.now(UTC), days=30)
    assert client.read(local) == OTHER
    root = client.root()
    assert (root.roles[ROOT].threshold, len(root.roles[ROOT].keyids)) == (1, 1)
    assert [name_of(key) for key in root.keys.values()] == ["local"]
    before = sorted(path.name for path in (local / "metadata").iterdir())
    local_repository(local, OTHER, now=datetime.now(UTC), days=30)
    assert sorted(path.name for path in (local / "metadata").iterdir()) == before
    (local / "keys" / "local.private").unlink()
    with pytest.raises(CharterKeyError, match=r"local\.private is missing"):
        local_repository(local, OTHER, now=datetime.now(UTC), days=30)


def test_a_local_charter_outlives_its_root(tmp_path: Path) -> None:
    local = tmp_path / "local"
    local_repository(local, CHARTER, now=datetime.now(UTC) - timedelta(days=11 * 365), days=30)
    local_repository(local, CHARTER, now=datetime.now(UTC), days=30)
    client = Reader(tmp_path / "client", (local / "metadata" / "1.root.json").read_bytes())
    assert client.read(local) == CHARTER
    assert client.root().version == 2
