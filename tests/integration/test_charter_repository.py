"""A charter's repository, from keys to publications: real keys, real files, read back by python-tuf's own client."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from tests.tuf_kit import FILES, ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Repo
from tests.tuf_reader import Reader
from tuf.api.exceptions import ExpiredMetadataError, RepositoryError, UnsignedMetadataError
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, Root, TargetFile, Targets, Timestamp

from bouclier.charter.adapters.tuf_describe import describe
from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.adapters.tuf_publication import publish, stamp
from bouclier.charter.adapters.tuf_published import metadata_bytes, read_metadata
from bouclier.charter.adapters.tuf_pull import pull
from bouclier.charter.adapters.tuf_signing import demands, sign
from bouclier.charter.adapters.tuf_staging import (
    Signers,
    add_key,
    remove_key,
    set_authority,
    set_threshold,
    stage_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.bundle import bundle_of
from bouclier.compose.charter_repository import to_be_signed
from bouclier.terms.errors import BouclierError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

CHARTER = bundle_of(FILES)
OTHER = bundle_of({"charter.json": '{"version":"2"}'})
ORDER = {"format": "bouclier-order/v1", "id": "fr-protection/2026-014"}
ORDER_PATH = "orders/fr-protection/2026-014.json"


def reader(repo: Repo, tmp_path: Path, name: str = "client") -> Reader:
    return Reader(tmp_path / name, repo.root_bytes)


def test_a_charter_adopted_by_three_of_five_parties_is_read_by_a_tuf_client(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=5, threshold=3, editors=(2, 3), files=None)
    repo.propose(CHARTER)
    repo.sign("party-2", "editor-1")
    repo.sign("party-5")
    with pytest.raises(WorkshopError, match=r"root v1 \(2/3, party-1, party-3, party-4\)"):
        repo.publish_signed()
    repo.sign("party-1", "editor-3")
    repo.publish_signed()
    client = reader(repo, tmp_path)
    assert client.read(repo.folder) == CHARTER
    names = {name_of(key) for key in client.root().keys.values()}
    assert names >= {"party-1", "party-2", "party-3", "party-4", "party-5"}


def test_who_adopted_is_told_from_the_metadata_alone(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2, files=None)
    repo.propose(CHARTER)
    repo.sign("party-1", "party-3", "editor-1")
    repo.publish_signed()
    root: Metadata[Root] = Metadata.from_bytes(repo.root_bytes)
    result = root.signed.get_verification_result(ROOT, root.signed_bytes, root.signatures)
    assert sorted(name_of(key) for key in result.signed.values()) == ["party-1", "party-3"]


def test_an_order_needs_its_authoritys_threshold_and_nobody_else(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (2, 3)})
    client = reader(repo, tmp_path)
    with pytest.raises(WorkshopError, match=r"authority-fr-protection v2 \(1/2"):
        repo.order("fr-protection", "2026-014", ORDER, signers=["fr-protection-1"])
    assert client.read(repo.folder, ORDER_PATH) is None
    repo.sign("fr-protection-3")
    repo.publish_signed()
    assert json.loads(client.read(repo.folder, ORDER_PATH) or b"") == ORDER
    repo.withdraw("fr-protection", "2026-014")
    assert client.read(repo.folder, ORDER_PATH) is None
    assert client.read(repo.folder) == CHARTER


def test_an_editor_cannot_sign_an_authoritys_order(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    stage_order(repo.workshop, "fr-protection", "2026-014", b"{}", now=repo.now)
    with pytest.raises(CharterKeyError, match="nothing to sign"):
        repo.sign("editor-1")


def test_a_root_that_waits_for_a_party_holds_back_no_order(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1), "de-aufsicht": (2, 2)})
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    repo.sign("party-1")
    stage_order(repo.workshop, "de-aufsicht", "a", b"{}", now=repo.now)
    repo.order("fr-protection", "2026-014", ORDER)
    assert {demand.role for demand in demands(repo.workshop)} == {ROOT, "authority-de-aufsicht"}
    client = reader(repo, tmp_path)
    assert client.read(repo.folder, ORDER_PATH) is not None
    assert client.root().version == 1
    repo.sign("party-2")
    repo.publish_signed()
    client.refresh(repo.folder)
    assert client.root().version == 2


def test_parties_come_and_go_by_old_and_new_thresholds(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2)
    client = reader(repo, tmp_path)
    client.refresh(repo.folder)
    repo.rotate(add=["party-4"], remove=["party-1"], threshold=3)
    client.refresh(repo.folder)
    root = client.root()
    assert sorted(name_of(root.keys[keyid]) for keyid in root.roles[ROOT].keyids) == ["party-2", "party-3", "party-4"]
    assert root.roles[ROOT].threshold == 3
    with pytest.raises(WorkshopError, match="Signatures are missing"):
        # The new parties suffice for themselves, not for the three before.
        repo.rotate(add=["party-5"], remove=["party-4"], threshold=1, signers=["party-5", "party-2"])
    assert reader(repo, tmp_path, "later").read(repo.folder) == CHARTER


def test_a_coup_by_fewer_than_the_threshold_is_neither_published_nor_believed(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=5, threshold=3)
    client = reader(repo, tmp_path)
    client.refresh(repo.folder)
    with pytest.raises(WorkshopError, match=r"root v2 \(2/3"):
        repo.rotate(threshold=2, signers=["party-1", "party-2"])
    staged = repo.workshop.folder / "staged" / "root.json"
    (repo.folder / "metadata" / "2.root.json").write_bytes(staged.read_bytes())
    with pytest.raises(UnsignedMetadataError):
        client.refresh(repo.folder)


def test_a_change_after_a_signature_asks_for_it_again(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2)
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    repo.sign("party-1", "party-2")
    assert all(demand.met for demand in demands(repo.workshop))
    add_key(repo.workshop, ROOT, repo.key("party-5"), now=repo.now)
    assert [demand.signed for demand in demands(repo.workshop)] == [(), ()]


def test_an_expelled_editor_signs_nothing_and_the_others_sign_again(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, editors=(2, 3), files=None)
    repo.propose(CHARTER)
    repo.sign("editor-1", "editor-2", *repo.parties)
    repo.publish_signed()
    remove_key(repo.workshop, TARGETS, "editor-1", now=repo.now)
    repo.sign(*repo.parties)
    with pytest.raises(WorkshopError, match="targets v2"):
        repo.publish_signed()
    with pytest.raises(CharterKeyError):
        repo.sign("editor-1")
    repo.sign("editor-2", "editor-3")
    repo.publish_signed()
    assert reader(repo, tmp_path).read(repo.folder) == CHARTER


def test_a_stolen_online_key_is_replaced(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    client = reader(repo, tmp_path)
    client.refresh(repo.folder)
    add_key(repo.workshop, TIMESTAMP, repo.key("timestamp-2"), now=repo.now)
    remove_key(repo.workshop, TIMESTAMP, "timestamp-1", now=repo.now)
    repo.sign(*repo.parties)
    with pytest.raises(WorkshopError, match=r"timestamp: 0 signature\(s\) for a threshold of 1"):
        repo.publish_signed()
    online = [repo.signer("snapshot-1"), repo.signer("timestamp-2")]
    publish(repo.workshop, online, to=[repo.folder], now=repo.now)
    assert client.read(repo.folder) == CHARTER
    # The thief goes on from where the publication was.
    with pytest.raises(WorkshopError, match="signature"):
        repo.stamp()


def test_an_authority_comes_goes_and_comes_back(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    client = reader(repo, tmp_path)
    repo.order("fr-protection", "2026-014", ORDER)
    assert client.read(repo.folder, ORDER_PATH) is not None
    repo.remove_authority("fr-protection")
    assert client.read(repo.folder, ORDER_PATH) is None
    repo.add_authority("fr-protection", 2, 3)
    repo.order("fr-protection", "2026-015", ORDER)
    assert client.read(repo.folder, "orders/fr-protection/2026-015.json") is not None
    assert client.read(repo.folder, ORDER_PATH) is None


def test_an_authoritys_new_keys_sign_its_orders_again(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    repo.order("fr-protection", "2026-014", ORDER)
    holders = Signers([repo.key("fr-protection-2")], 1)
    set_authority(repo.workshop, "fr-protection", holders, now=repo.now)
    repo.sign("editor-1")
    with pytest.raises(WorkshopError, match=r"authority-fr-protection v3 \(0/1, fr-protection-2\)"):
        repo.publish_signed()
    repo.sign("fr-protection-2")
    repo.publish_signed()
    assert reader(repo, tmp_path).read(repo.folder, ORDER_PATH) is not None


def test_an_authority_that_lapsed_stops_no_other(tmp_path: Path) -> None:
    repo = Repo.create(
        tmp_path,
        authorities={"fr-protection": (1, 1), "de-aufsicht": (1, 1)},
        now=datetime.now(UTC) - timedelta(days=8),
    )
    repo.later(days=8)
    repo.renew("authority-de-aufsicht")
    stage_order(repo.workshop, "de-aufsicht", "a", b"{}", now=repo.now)
    repo.sign("de-aufsicht-1")
    done = repo.publish_signed()
    assert [warning.param for warning in done.warnings] == ["authority-fr-protection"]
    client = reader(repo, tmp_path)
    assert client.read(repo.folder, "orders/de-aufsicht/a.json") == b"{}"
    with pytest.raises(ExpiredMetadataError):
        client.read(repo.folder, ORDER_PATH)
    repo.renew("authority-fr-protection")
    assert client.read(repo.folder, ORDER_PATH) is None


def test_a_timestamp_is_renewed_by_its_key_alone_and_the_snapshot_when_it_has_to(tmp_path: Path) -> None:
    begun = datetime.now(UTC) - timedelta(days=10)
    repo = Repo.create(tmp_path, now=begun)
    client = reader(repo, tmp_path)
    with pytest.raises(ExpiredMetadataError):
        client.refresh(repo.folder)
    repo.now = begun + timedelta(days=3)
    repo.stamp()
    assert not (repo.folder / "metadata" / "2.snapshot.json").exists()
    repo.now = datetime.now(UTC)
    repo.stamp()
    assert (repo.folder / "metadata" / "2.snapshot.json").exists()
    assert client.read(repo.folder) == CHARTER
    # The workshop goes on from there, though it never saw those.
    repo.publish(OTHER)
    assert client.read(repo.folder) == OTHER


def test_a_timestamp_of_an_expired_charter_is_refused(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, hours={TARGETS: 24})
    repo.later(days=2)
    with pytest.raises(WorkshopError, match="targets has expired"):
        repo.stamp()
    repo.renew(TARGETS)
    repo.stamp()


def test_nothing_is_published_once_staged_metadata_expired(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, files=None, hours={TARGETS: 24})
    repo.propose(CHARTER)
    repo.sign_all()
    repo.later(days=2)
    with pytest.raises(WorkshopError, match="targets: expired since"):
        repo.publish_signed()


def _staged(repo: Repo, role: str, change: Callable[[Targets], None]) -> None:
    """Stage what no function of ours would, and have everybody sign it."""
    draft = repo.workshop.draft_targets(repo.now) if role == TARGETS else repo.workshop.draft_authority(role, repo.now)
    change(draft.signed)
    repo.workshop.stage(role, draft)
    repo.sign_all()


def _delegate(targets: Targets, role: DelegatedRole, source: str = "authority-fr-protection") -> None:
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    like = targets.delegations.roles[source]
    role.keyids, role.unrecognized_fields = list(like.keyids), dict(like.unrecognized_fields)
    targets.delegations.roles = {**targets.delegations.roles, role.name: role}


def _threshold_of_zero_keys(targets: Targets) -> None:
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    targets.delegations.roles["authority-fr-protection"].keyids.append("ab" * 32)


def _add_target(path: str) -> Callable[[Targets], None]:
    def change(targets: Targets) -> None:
        targets.targets[path] = TargetFile.from_data(path, b"{}", ["sha256"])

    return change


@pytest.mark.parametrize(
    ("role", "change", "said"),
    [
        (
            TARGETS,
            lambda t: _delegate(t, DelegatedRole("editors-of-more", [], 1, terminating=True, paths=["more/*"])),
            "editors-of-more: it is not an authority's role",
        ),
        (
            TARGETS,
            lambda t: _delegate(
                t, DelegatedRole("authority-fr-protection", [], 1, terminating=True, paths=["orders/*/*"])
            ),
            r"its paths have to be orders/fr-protection/\*",
        ),
        (
            TARGETS,
            lambda t: _delegate(
                t,
                DelegatedRole("authority-fr-protection", [], 1, terminating=False, paths=["orders/fr-protection/*"]),
            ),
            "the delegation has to be terminating",
        ),
        (TARGETS, _threshold_of_zero_keys, "one of its keys is missing"),
        (TARGETS, _add_target("orders/fr-protection/2026-014.json"), "editors do not sign this target"),
        (TARGETS, lambda t: t.targets.pop("charter.json"), "no charter is proposed"),
        (TARGETS, _add_target("charter.json"), "charter.json: its file is missing, or another one"),
        ("authority-fr-protection", _add_target("orders/de-aufsicht/a.json"), "outside the delegation"),
        ("authority-fr-protection", _add_target("charter.json"), "outside the delegation"),
        ("authority-fr-protection", _add_target("orders/fr-protection/../../x.json"), "outside the delegation"),
        (
            "authority-fr-protection",
            lambda t: setattr(t, "delegations", Delegations({}, {})),
            "an authority does not delegate",
        ),
    ],
)
def test_what_clients_should_never_meet_is_not_published(
    tmp_path: Path, role: str, change: Callable[[Targets], None], said: str
) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    _staged(repo, role, change)
    with pytest.raises(WorkshopError, match=said):
        repo.publish_signed()
    assert reader(repo, tmp_path).read(repo.folder) == CHARTER


@pytest.mark.parametrize("data", [b"\xff{}", b"[]", b"{", b'{"a":"' + b"x" * 100_000 + b'"}'])
def test_an_order_that_is_no_small_json_object_is_not_published(tmp_path: Path, data: bytes) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    with pytest.raises(WorkshopError, match=r"JSON object|more than 100000 bytes"):
        repo.order("fr-protection", "2026-014", data)


def test_a_version_that_skips_one_is_not_published(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    _staged(repo, TARGETS, lambda targets: setattr(targets, "version", 3))
    with pytest.raises(WorkshopError, match="targets: version 3 instead of 2"):
        repo.publish_signed()


def test_one_key_under_two_names_does_not_count_twice(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=2, threshold=2)
    twin = repo.key("party-1")
    twin.unrecognized_fields = {"x-bouclier-name": "party-3"}
    with pytest.raises(WorkshopError, match="“party-3” signs for root already"):
        add_key(repo.workshop, ROOT, twin, now=repo.now)
    draft = repo.workshop.draft_root(repo.now)
    twin.keyid = "ab" * 32
    draft.signed.add_key(twin, ROOT)
    repo.workshop.stage(ROOT, draft)
    repo.sign("party-1", "party-2")
    with pytest.raises(WorkshopError, match="is not a key of a charter"):
        repo.publish_signed()


@pytest.mark.parametrize("threshold", [0, 4])
def test_a_threshold_that_nobody_can_meet_is_refused(tmp_path: Path, threshold: int) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2)
    with pytest.raises(WorkshopError, match=rf"root: a threshold of {threshold} for 3 key\(s\)"):
        set_threshold(repo.workshop, ROOT, threshold, now=repo.now)


def test_a_party_reads_what_it_signs(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2, authorities={"fr-protection": (1, 2)})
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    remove_key(repo.workshop, ROOT, "party-1", now=repo.now)
    set_threshold(repo.workshop, ROOT, 3, now=repo.now)
    repo.propose(OTHER)
    stage_order(repo.workshop, "fr-protection", "2026-014", b"{}", now=repo.now)
    root = "\n".join(line.en for line in describe(repo.workshop, ROOT))
    assert f"parties: + party-4 (key {repo.key('party-4').keyid})" in root
    assert f"parties: − party-1 (key {repo.key('party-1').keyid})" in root
    assert "parties: threshold 2/3 → 3/3" in root
    assert "editors" not in root
    [_, charter] = describe(repo.workshop, TARGETS)
    digest = TargetFile.from_data("charter.json", OTHER, ["sha256"]).hashes["sha256"]
    assert charter.fr == f"  + charter.json (changé, {len(OTHER)} octets) sha256 {digest}"
    [_, order] = describe(repo.workshop, "authority-fr-protection")
    assert order.en.startswith("  + orders/fr-protection/2026-014.json (new, 2 bytes) sha256 ")


def test_a_publication_goes_to_several_folders_and_never_to_another_charters(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "one")
    stick = tmp_path / "stick"
    repo.propose(OTHER)
    repo.sign_all()
    publish(repo.workshop, repo.online(), to=[repo.folder, stick], now=repo.now)
    client = reader(repo, tmp_path)
    assert client.read(repo.folder) == client.read(stick) == OTHER
    other = Repo.create(tmp_path / "two")
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
    pull(mine, Repo.create(tmp_path / "two").folder)
    with pytest.raises(VerificationError, match="is not the workshop's"):
        pull(mine, repo.folder)
    targets = read_metadata(repo.folder / "metadata" / "1.targets.json", Targets)
    assert targets is not None
    targets.signed.targets.clear()
    (repo.folder / "metadata" / "1.targets.json").write_bytes(metadata_bytes(targets))
    with pytest.raises(VerificationError, match="targets: not signed enough"):
        pull(Workshop(tmp_path / "new"), repo.folder)


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


def test_a_timestamp_renewed_meanwhile_takes_no_publication_back(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.propose(OTHER)
    repo.sign_all()
    failed: list[BouclierError] = []

    def stamped() -> None:
        try:
            for _ in range(20):
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
    assert stamped_last.signed.version == 62


def _steps(what: str, base: Path, out: Path) -> list[Path]:
    child = Path(__file__).with_name("charter_steps_child.py")
    done = subprocess.run(
        [sys.executable, child, what, base, out], check=True, capture_output=True, text=True, timeout=60
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


def test_snapshots_and_timestamps_follow_several_online_keys(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    add_key(repo.workshop, SNAPSHOT, repo.key("snapshot-2"), now=repo.now)
    set_threshold(repo.workshop, SNAPSHOT, 2, now=repo.now)
    repo.sign(*repo.parties)
    with pytest.raises(WorkshopError, match=r"snapshot: 1 signature\(s\) for a threshold of 2"):
        repo.publish_signed()
    publish(repo.workshop, [*repo.online(), repo.signer("snapshot-2")], to=[repo.folder], now=repo.now)
    assert reader(repo, tmp_path).read(repo.folder) == CHARTER
