"""A charter of many, from keys to publications: real keys, real files, read back by python-tuf's own client."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from securesystemslib.signer import SSlibKey
from tests.tuf_kit import CHARTER, OTHER, ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Repo
from tests.tuf_reader import reader
from tuf.api.exceptions import ExpiredMetadataError, UnsignedMetadataError
from tuf.api.metadata import DelegatedRole, Metadata, Root, TargetFile, Targets

from bouclier.charter.adapters.tuf_describe import describe
from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_signing import demands
from bouclier.charter.adapters.tuf_staging import (
    Signers,
    add_key,
    remove_key,
    set_authority,
    set_threshold,
    stage_order,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ORDER = {"format": "bouclier-order/v1", "id": "fr-protection/2026-014"}
ORDER_PATH = "orders/fr-protection/2026-014.json"


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
        editors=(2, 2),
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
    [_, charter, inside] = describe(repo.workshop, TARGETS)
    digest = TargetFile.from_data("charter.json", OTHER, ["sha256"]).hashes["sha256"]
    assert charter.fr == f"  + charter.json (changé, {len(OTHER)} octets) sha256 {digest}"
    assert inside.en == "      ~ charter.json (lines: +1 −1)"
    [_, order] = describe(repo.workshop, "authority-fr-protection")
    assert order.en.startswith("  + orders/fr-protection/2026-014.json (new, 2 bytes) sha256 ")


def _told(repo: Repo, role: str) -> list[str]:
    return [line.en for line in describe(repo.workshop, role)[1:]]


def test_a_party_reads_that_a_key_has_another_name(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=2, authorities={"fr-protection": (1, 1)})
    root = repo.workshop.draft_root(repo.now)
    party = repo.key("party-1").keyid
    root.signed.keys[party].unrecognized_fields["x-bouclier-name"] = "ministry"
    repo.workshop.stage(ROOT, root)
    assert _told(repo, ROOT) == [f"  parties: the key {party} changes its name: party-1 → ministry"]
    targets = repo.workshop.draft_targets(repo.now)
    assert targets.signed.delegations is not None
    holder = repo.key("fr-protection-1").keyid
    targets.signed.delegations.keys[holder].unrecognized_fields["x-bouclier-name"] = "office"
    repo.workshop.stage(TARGETS, targets)
    assert _told(repo, TARGETS) == [
        f"  authority-fr-protection: the key {holder} changes its name: fr-protection-1 → office"
    ]


def _in_root(change: Callable[[Root], object]) -> tuple[str, Callable[[Any], object]]:
    return ROOT, change


def _in_targets(change: Callable[[Targets], object]) -> tuple[str, Callable[[Any], object]]:
    return TARGETS, change


def _delegation(targets: Targets) -> DelegatedRole:
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    return targets.delegations.roles["authority-fr-protection"]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (_in_root(lambda r: r.roles["timestamp"].unrecognized_fields.update(x={"y": 1})), "roles.timestamp.x.y"),
        (_in_root(lambda r: r.roles["root"].keyids.append("ab" * 32)), f"roles.root.keyids.{'ab' * 32}"),
        (_in_root(lambda r: r.unrecognized_fields.update({"\x1b[2J": {}})), "\\x1b[2J"),
        (_in_root(lambda r: setattr(r, "spec_version", "1.0.30")), "spec_version"),
        (_in_root(lambda r: r.keys.update(ab=SSlibKey("ab", "ed25519", "ed25519", {"public": ""}))), "keys.ab.keytype"),
        (
            _in_targets(lambda t: setattr(_delegation(t), "terminating", False)),
            "delegations.roles.authority-fr-protection",
        ),
        (_in_targets(lambda t: t.targets["charter.json"].unrecognized_fields.update(custom=1)), "targets.charter.json"),
        (_in_targets(lambda t: setattr(t.targets["charter.json"], "length", 1)), "targets.charter.json.length"),
    ],
)
def test_a_change_without_words_of_its_own_is_told_by_its_field(
    tmp_path: Path, where: tuple[str, Callable[[Any], object]], told: str
) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    role, change = where
    draft: Any = repo.workshop.draft_root(repo.now) if role == ROOT else repo.workshop.draft_targets(repo.now)
    change(draft.signed)
    repo.workshop.stage(role, draft)
    assert any(line.startswith(f"  another field changed: {told}") for line in _told(repo, role))


def test_a_founding_and_each_change_with_words_of_its_own_are_told_in_them_alone(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, files=None, authorities={"fr-protection": (1, 2)})
    repo.propose(CHARTER)
    lines = [line for role in (ROOT, TARGETS, "authority-fr-protection") for line in _told(repo, role)]
    repo.sign_all()
    repo.publish_signed()
    add_key(repo.workshop, ROOT, repo.key("party-4"), now=repo.now)
    remove_key(repo.workshop, ROOT, "party-1", now=repo.now)
    set_authority(repo.workshop, "fr-protection", Signers([repo.key("office-1")]), days=3, now=repo.now)
    set_authority(repo.workshop, "de-aufsicht", Signers([repo.key("office-2")]), now=repo.now)
    repo.propose(OTHER)
    lines += [line for role in (ROOT, TARGETS) for line in _told(repo, role)]
    assert len(lines) > 20
    assert [line for line in lines if "another field" in line] == []


def test_a_key_that_leaves_its_last_role_leaves_the_metadata(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    set_authority(repo.workshop, "fr-protection", Signers([repo.key("fr-protection-2")]), now=repo.now)
    delegations = repo.workshop.next().targets.signed.delegations
    assert delegations is not None
    assert [name_of(key) for key in delegations.keys.values()] == ["fr-protection-2"]


def test_snapshots_and_timestamps_follow_several_online_keys(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    add_key(repo.workshop, SNAPSHOT, repo.key("snapshot-2"), now=repo.now)
    set_threshold(repo.workshop, SNAPSHOT, 2, now=repo.now)
    repo.sign(*repo.parties)
    with pytest.raises(WorkshopError, match=r"snapshot: 1 signature\(s\) for a threshold of 2"):
        repo.publish_signed()
    publish(repo.workshop, [*repo.online(), repo.signer("snapshot-2")], to=[repo.folder], now=repo.now)
    assert reader(repo, tmp_path).read(repo.folder) == CHARTER


def test_proposing_what_is_in_force_asks_nobody_to_sign(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.propose(CHARTER)
    assert demands(repo.workshop) == []
