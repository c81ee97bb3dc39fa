"""What is never published, however many sign it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.tuf_kit import CHARTER, OTHER, ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Repo
from tests.tuf_reader import reader
from tuf.api.metadata import DelegatedRole, Delegations, Root, SuccinctRoles, TargetFile, Targets

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_lint import Contents, lint
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_pull import pull
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import (
    add_key,
    stage_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.orders import MAX_ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


def _same_name_twice(root: Root) -> None:
    [first, second, *_] = root.roles[ROOT].keyids
    root.keys[second].unrecognized_fields = dict(root.keys[first].unrecognized_fields)


def _no_period(root: Root) -> None:
    root.roles[SNAPSHOT].unrecognized_fields.clear()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda root: setattr(root, "consistent_snapshot", False), "root: consistent_snapshot has to be true"),
        (_same_name_twice, "root: two of its keys have the same name"),
        (_no_period, "snapshot: how long it lives is not said"),
        (lambda root: setattr(root.roles[TIMESTAMP], "threshold", 2), r"timestamp: a threshold of 2 for 1 key\(s\)"),
    ],
)
def test_a_root_that_clients_should_never_meet_is_not_published(
    tmp_path: Path, change: Callable[[Root], None], said: str
) -> None:
    repo = Repo.create(tmp_path, parties=3, threshold=2)
    draft = repo.workshop.draft_root(repo.now)
    change(draft.signed)
    repo.workshop.stage(ROOT, draft)
    repo.sign_all()
    with pytest.raises(WorkshopError, match=said):
        repo.publish_signed()


def test_a_charter_that_was_changed_after_it_was_signed_is_not_published(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.propose(OTHER)
    repo.sign_all()
    [charter] = (repo.workshop.folder / "staged" / "targets").glob("*.charter.json")
    charter.write_bytes(CHARTER)
    with pytest.raises(WorkshopError, match="its file is missing, or another one"):
        repo.publish_signed()


def test_succinct_delegations_are_not_published(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    succinct = SuccinctRoles([], 1, 8, "more")
    _staged(repo, TARGETS, lambda targets: setattr(targets, "delegations", Delegations({}, None, succinct)))
    with pytest.raises(WorkshopError, match="succinct delegations are refused"):
        repo.publish_signed()


def test_an_online_key_that_also_founds_is_pointed_out(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, editors=(2, 2))
    add_key(repo.workshop, TIMESTAMP, repo.key("party-1"), now=repo.now)
    repo.sign(*repo.parties)
    assert [warning.text.en for warning in repo.publish_signed().warnings] == ["root: “party-1” is an online key too."]


def test_a_root_that_others_published_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=2, threshold=1)
    mine = Workshop(tmp_path / "mine")
    pull(mine, repo.folder)
    add_key(mine, ROOT, repo.key("party-3"), now=repo.now)
    sign(mine, [repo.signer("party-1")])
    repo.rotate(add=["party-4"])
    with pytest.raises(WorkshopError, match="serves another version of root"):
        publish(mine, repo.online(), to=[repo.folder], now=repo.now)
    pull(mine, repo.folder)
    with pytest.raises(WorkshopError, match="root: version 2 instead of 3"):
        publish(mine, repo.online(), to=[repo.folder], now=repo.now)
    mine.unstage(ROOT)
    publish(mine, repo.online(), to=[repo.folder], now=repo.now)


def test_an_unfinished_root_of_others_is_not_overwritten(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "one", files=None)
    other = Repo.create(tmp_path / "two", parties=4, files=None)
    repo.propose(CHARTER)
    repo.sign_all()
    repo.folder.mkdir()
    (repo.folder / "metadata").mkdir()
    root = other.workshop.folder / "staged" / "root.json"
    (repo.folder / "metadata" / "1.root.json").write_bytes(root.read_bytes())
    with pytest.raises(WorkshopError, match=r"has another 1\.root\.json already"):
        repo.publish_signed()


@pytest.mark.parametrize("data", [b"\xff{}", b"[]", b"{", b'{"a":"' + b"x" * 65_536 + b'"}'])
def test_an_order_that_is_no_small_json_object_is_not_published(tmp_path: Path, data: bytes) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    with pytest.raises(WorkshopError, match=r"JSON object|more than 65536 bytes"):
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


@pytest.mark.parametrize(
    ("parties", "editors", "count"), [(3, (1, 1), 1), (3, (1, 3), 1), (3, (2, 3), 0), (1, (1, 1), 0)]
)
def test_one_editor_over_many_parties_is_pointed_out(
    tmp_path: Path, parties: int, editors: tuple[int, int], count: int
) -> None:
    repo = Repo.create(tmp_path, parties=parties, threshold=1, editors=editors, files=None)
    warnings = repo.publish(CHARTER).warnings
    assert [warning.text.en for warning in warnings] == [
        "targets: one editor alone can change the parties' charter."
    ] * count


def _put(repo: Repo, count: int, *, length: int | None = None) -> None:
    """Stage many small orders, or one whose length is said to be another."""
    draft = repo.workshop.draft_authority("authority-fr-protection", repo.now)
    for number in range(count):
        target = TargetFile.from_data(f"orders/fr-protection/j{number}.json", b"{}", ["sha256"])
        target.length = length or target.length
        draft.signed.targets[target.path] = target
        repo.workshop.stage_target(target, b"{}")
    repo.workshop.stage("authority-fr-protection", draft)
    repo.sign_all()


def test_more_orders_than_count_are_not_published(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    _put(repo, MAX_ORDERS + 1)
    with pytest.raises(WorkshopError, match="authority-fr-protection: more than 100 orders"):
        repo.publish_signed()
    repo.workshop.unstage("authority-fr-protection")
    _put(repo, MAX_ORDERS)
    assert repo.publish_signed().versions["authority-fr-protection"] == 2


def test_orders_that_were_published_when_more_counted_stop_nobody_else(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, editors=(2, 2), authorities={"fr-protection": (1, 1)})
    _put(repo, MAX_ORDERS + 1)
    current = repo.workshop.next()
    assert repo.workshop.published() is not None
    files = dict.fromkeys(current.authorities["authority-fr-protection"].signed.targets, b"{}")
    contents = Contents(
        current.root, current.targets, current.authorities, {**files, "charter.json": CHARTER}, frozenset()
    )
    assert [(one.param, one.blocking) for one in lint(contents, now=repo.now)] == [("authority-fr-protection", False)]


def test_a_length_that_is_not_the_files_is_not_published(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, authorities={"fr-protection": (1, 1)})
    _put(repo, 1, length=3)
    with pytest.raises(WorkshopError, match="its file is missing, or another one"):
        repo.publish_signed()


def test_one_authoritys_faulty_draft_holds_back_nobody_elses_order(tmp_path: Path) -> None:
    both = {"fr-protection": (1, 1), "de-aufsicht": (1, 1)}
    repo = Repo.create(tmp_path, editors=(2, 2), authorities=both)
    _put(repo, MAX_ORDERS + 1)
    stage_order(repo.workshop, "de-aufsicht", "a", b"{}", now=repo.now)
    repo.sign("de-aufsicht-1")
    done = repo.publish_signed()
    assert (done.versions["authority-de-aufsicht"], done.versions["authority-fr-protection"]) == (2, 1)
    assert done.waiting == ("authority-fr-protection",)
    assert [(one.param, one.blocking) for one in done.warnings] == [("authority-fr-protection", False)]
