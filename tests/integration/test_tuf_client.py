"""Following a published charter: over HTTP and from a folder, through silence, kills and neighbours."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
import trustme
from tests.charter_mirror import Mirror, copied, copy_of, current, forge, put_targets
from tests.tuf_kit import OTHER, Repo

from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Problem, Reason
from bouclier.charter.orders import MAX_ORDERS
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AUTHORITY = "fr-protection"
CHILD = Path(__file__).with_name("follow_child.py")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    base = tmp_path_factory.mktemp("repo")
    repo = Repo.create(base, parties=5, threshold=3, authorities={AUTHORITY: (2, 3)}, now=NOW)
    repo.order(AUTHORITY, "2026-014", {"effect": "invented"})
    return repo


@pytest.fixture
def repo(tmp_path: Path, founded: Repo) -> Repo:
    return copy_of(founded, tmp_path / "repo")


@pytest.fixture
def mirror(repo: Repo) -> Iterator[Mirror]:
    with Mirror(repo.folder) as mirror:
        yield mirror


def follower(tmp_path: Path, repo: Repo, place: str | Path, *, at: datetime | None = None) -> Follower:
    return Follower(tmp_path / "state", place, repo.root_bytes, now=lambda: at or repo.now)


def test_a_charter_and_its_orders_are_followed_over_http(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    followed = follower(tmp_path, repo, mirror.url).refresh()
    assert b'"bouclier-charter-bundle/v1"' in followed.bundle
    (order,) = followed.orders
    assert (order.authority_role, order.path) == (f"authority-{AUTHORITY}", f"orders/{AUTHORITY}/2026-014.json")
    assert order.data == b'{"effect": "invented"}'
    assert order.digest == sha256(order.data).hexdigest()
    assert not order.kept
    assert followed.problems == ()
    assert (followed.root_version, followed.targets_version) == (1, 1)
    assert (followed.snapshot_version, followed.timestamp_version) == (2, 2)


def test_a_charter_expires_with_the_first_of_its_top_roles(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    assert follower(tmp_path, repo, mirror.url).refresh().expires == NOW + timedelta(hours=48)


def test_the_parties_that_signed_the_root_are_named(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    repo.rotate(add=["party-6"], remove=["party-1"], threshold=4)
    followed = follower(tmp_path, repo, mirror.url).refresh()
    assert followed.root_version == 2
    assert followed.parties == ("party-2", "party-3", "party-4", "party-5", "party-6")
    # Who signed as a former party only adopts nothing any more.
    assert followed.adopted_by == followed.parties
    assert followed.threshold == 4


def test_a_party_that_did_not_sign_did_not_adopt(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    repo.rotate(add=["party-6"], signers=["party-2", "party-3", "party-4", "party-6"])
    followed = follower(tmp_path, repo, mirror.url).refresh()
    assert followed.adopted_by == ("party-2", "party-3", "party-4", "party-6")
    assert len(followed.parties) == 6


def test_a_root_of_one_key_is_adopted_by_nobody(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, parties=1, threshold=1, now=NOW)
    followed = follower(tmp_path, repo, repo.folder).refresh()
    assert (followed.adopted_by, followed.parties, followed.threshold) == ((), ("party-1",), 1)


@pytest.mark.parametrize("as_url", [True, False])
def test_a_folder_is_followed_as_a_server_is(tmp_path: Path, repo: Repo, mirror: Mirror, *, as_url: bool) -> None:
    over_http = follower(tmp_path / "http", repo, mirror.url).refresh()
    place = repo.folder.as_uri() if as_url else repo.folder
    assert follower(tmp_path, repo, place).refresh() == over_http


def test_a_server_with_a_certificate_is_followed_if_it_is_trusted(
    tmp_path: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Mirror(repo.folder, tls=tls) as mirror:
        one = follower(tmp_path, repo, mirror.url)
        assert refusal(one.refresh)[0] is Reason.UNREACHABLE
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert len(one.refresh().orders) == 1
        assert one.refresh().problems == ()


def test_a_proxy_is_used_for_others_and_never_for_this_machine(
    tmp_path: Path, repo: Repo, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", mirror.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert follower(tmp_path, repo, "http://charte.exemple.fr").refresh().problems == ()
    assert "metadata/timestamp.json" in mirror.asked
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert follower(tmp_path / "other", repo, mirror.url).refresh().problems == ()


def test_a_refresh_with_nothing_new_asks_for_two_small_files_and_writes_nothing(
    tmp_path: Path, repo: Repo, mirror: Mirror
) -> None:
    one = follower(tmp_path, repo, mirror.url)
    first = one.refresh()
    mirror.asked.clear()
    before = stamps(tmp_path / "state")
    assert one.refresh() == first
    assert mirror.asked == ["metadata/2.root.json", "metadata/timestamp.json"]
    assert stamps(tmp_path / "state") == before


def test_a_new_order_costs_its_own_files_only(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    mirror.asked.clear()
    repo.order(AUTHORITY, "2026-015", {"effect": "another"})
    followed = one.refresh()
    assert [order.path.rpartition("/")[2] for order in followed.orders] == ["2026-014.json", "2026-015.json"]
    asked = [path.rpartition("/")[2] for path in mirror.asked]
    assert asked[:4] == ["2.root.json", "timestamp.json", "3.snapshot.json", f"3.authority-{AUTHORITY}.json"]
    assert len(asked) == 5
    assert asked[4].endswith(".2026-015.json")


def test_a_withdrawn_order_and_a_removed_authority_order_nothing(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    repo.order(AUTHORITY, "2026-015", {"effect": "another"})
    repo.withdraw(AUTHORITY, "2026-014")
    assert [order.path for order in one.refresh().orders] == [f"orders/{AUTHORITY}/2026-015.json"]
    repo.remove_authority(AUTHORITY)
    followed = one.refresh()
    told = (Problem(Reason.REMOVED, f"authority-{AUTHORITY}"),)
    assert (followed.orders, followed.problems) == ((), told)
    # It is told again, from what is held too, until what the authority signed would have expired.
    assert (one.refresh(), one.held()) == (followed, followed)
    assert Follower(tmp_path / "new", mirror.url, repo.root_bytes, now=lambda: repo.now).refresh().problems == ()
    repo.later(days=8)
    repo.stamp()
    assert one.refresh().problems == ()


def test_an_authority_that_comes_back_orders_again(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    repo.remove_authority(AUTHORITY)
    one.refresh()
    repo.add_authority(AUTHORITY, 1, 1)
    repo.order(AUTHORITY, "2026-016", {"effect": "another"})
    followed = one.refresh()
    assert ([order.path for order in followed.orders], followed.problems) == (
        [f"orders/{AUTHORITY}/2026-016.json"],
        (),
    )


def test_an_authority_that_floods_the_repository_takes_nobody_elses_room(
    tmp_path: Path, repo: Repo, mirror: Mirror
) -> None:
    repo.add_authority("zz-office", 1, 1)
    repo.order("zz-office", "1", {"effect": "another"})
    junk = {f"orders/{AUTHORITY}/j{number:03}.json": b"{}" for number in range(MAX_ORDERS + 1)}
    holders = repo.authorities[AUTHORITY]
    forge(repo, f"authority-{AUTHORITY}", lambda signed: put_targets(repo, signed, junk), holders)
    one = follower(tmp_path, repo, mirror.url)
    followed = one.refresh()
    assert followed.problems == (Problem(Reason.TOO_MANY, f"authority-{AUTHORITY}"),)
    assert "the others have no effect" in followed.problems[0].text.en
    own = [order.path for order in followed.orders if order.authority_role == f"authority-{AUTHORITY}"]
    assert own == [f"orders/{AUTHORITY}/2026-014.json", *sorted(junk)[: MAX_ORDERS - 1]]
    assert followed.orders[-1].path == "orders/zz-office/1.json"
    assert one.held() == followed


def test_the_editors_that_signed_the_charter_are_named(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, editors=(2, 3), now=NOW)
    repo.propose(OTHER)
    repo.sign("editor-1", "editor-3")
    repo.publish_signed()
    one = follower(tmp_path, repo, repo.folder)
    for followed in (one.refresh(), one.refresh(), one.held()):
        assert followed is not None
        assert (followed.editors, followed.editors_threshold) == (("editor-1", "editor-3"), 2)


@pytest.mark.parametrize("how", ["gone", "not listening"])
def test_silence_is_borne_until_the_timestamp_expires_and_not_beyond(
    tmp_path: Path, repo: Repo, mirror: Mirror, how: str
) -> None:
    one = follower(tmp_path, repo, mirror.url)
    last = one.refresh()
    place = mirror.url
    if how == "gone":
        mirror.go_down()
    else:
        place = "http://127.0.0.1:9"  # the discard port: nothing listens there
    repo.later(hours=47)
    held = follower(tmp_path, repo, place).refresh()
    assert held.problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)
    assert (held.bundle, held.orders, held.expires) == (last.bundle, last.orders, last.expires)
    repo.later(hours=1)
    late = follower(tmp_path, repo, place)
    assert refusal(late.refresh) == (Reason.EXPIRED, "timestamp")
    assert refusal(late.held) == (Reason.EXPIRED, "timestamp")


def test_a_stamp_after_the_silence_opens_again(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    repo.later(hours=49)
    assert refusal(one.refresh) == (Reason.EXPIRED, "timestamp")
    repo.stamp()
    assert one.refresh().expires == repo.now + timedelta(hours=48)


def test_nothing_is_held_before_the_first_refresh(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    assert one.held() is None
    mirror.go_down()
    assert refusal(one.refresh)[0] is Reason.UNREACHABLE
    assert one.held() is None


def test_what_is_held_is_verified_anew_without_network(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    last = follower(tmp_path, repo, mirror.url).refresh()
    mirror.asked.clear()
    assert follower(tmp_path, repo, mirror.url).held() == last
    assert mirror.asked == []


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"format":'])
def test_a_damaged_folder_is_told_and_healed_by_the_next_refresh(
    tmp_path: Path, repo: Repo, mirror: Mirror, damage: bytes
) -> None:
    one = follower(tmp_path, repo, mirror.url)
    last = one.refresh()
    (tmp_path / "state" / "held.json").write_bytes(damage)
    assert refusal(one.held) == (Reason.STATE, "held.json")
    assert one.refresh() == last
    assert one.held() == last


def test_what_somebody_wrote_into_what_is_held_is_not_believed(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    file = tmp_path / "state" / "held.json"
    file.write_bytes(file.read_bytes().replace(b'"charter.json":"eyJ', b'"charter.json":"eyK', 1))
    assert refusal(one.held)[0] is Reason.STATE


def test_a_folder_of_another_charter_holds_nothing_for_this_one(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    last = follower(tmp_path, repo, mirror.url).refresh()
    other = current(repo.folder, "root")
    for role, described in other.signed.roles.items():
        described.keyids.clear()
        described.threshold = 1
        other.signed.add_key(repo.key("stranger"), role)
    other.sign(repo.signer("stranger"))
    one = Follower(tmp_path / "state", mirror.url, other.to_bytes(), now=lambda: NOW)
    assert refusal(one.held) == (Reason.WRONG_KEY, "timestamp")
    assert refusal(one.refresh) == (Reason.WRONG_KEY, "timestamp")
    assert follower(tmp_path, repo, mirror.url).held() == last


def test_a_root_that_is_none_is_refused_before_anything_is_asked(tmp_path: Path, mirror: Mirror) -> None:
    one = Follower(tmp_path / "state", mirror.url, b"{}", now=lambda: NOW)
    assert refusal(one.refresh) == (Reason.MALFORMED, "root")
    assert mirror.asked == []


@pytest.mark.parametrize(
    "place",
    [
        "ftp://charte.exemple.fr",
        "https://moi:secret@charte.exemple.fr",
        "charte.exemple.fr",
        "https://a.fr/?b",
        "https://a.fr:0x",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_quoted(tmp_path: Path, repo: Repo, place: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        follower(tmp_path, repo, place)
    assert place not in str(caught.value.message)
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_an_authority_keeps_its_orders_when_its_metadata_expire(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()
    repo.later(days=8)
    repo.stamp()
    followed = one.refresh()
    assert followed.problems == (Problem(Reason.EXPIRED, f"authority-{AUTHORITY}"),)
    assert [order.kept for order in followed.orders] == [True]
    assert one.held() == followed
    # So does a gateway that starts today: what it never saw valid is signed all the same, and can only restrict.
    fresh = Follower(tmp_path / "fresh", mirror.url, repo.root_bytes, now=lambda: repo.now).refresh()
    assert fresh == followed
    repo.renew(f"authority-{AUTHORITY}")
    followed = one.refresh()
    assert (followed.problems, [order.kept for order in followed.orders]) == ((), [False])


def test_an_authority_that_has_published_nothing_is_told(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    repo.add_authority("eu-office", 1, 1)
    followed = follower(tmp_path, repo, mirror.url).refresh()
    assert [problem.role for problem in followed.problems] in ([], ["authority-eu-office"])
    assert len(followed.orders) == 1


def test_a_client_killed_at_any_request_starts_again(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    """Each kill comes while a file is awaited; what was written before it must be a state to start from."""
    repo.propose_registry(b'{"facts":1}')
    repo.publish()
    before = follower(tmp_path, repo, mirror.url).refresh()
    repo.rotate(add=["party-6"])
    repo.propose_registry(b'{"facts":2}')
    repo.publish(OTHER)
    repo.order(AUTHORITY, "2026-015", {"effect": "another"})
    kept = copied(tmp_path / "state", tmp_path / "kept")
    killed_at = 0
    while True:
        shutil.rmtree(tmp_path / "state")
        copied(kept, tmp_path / "state")
        child = start_child(tmp_path, repo, mirror, 1, begin=False)
        mirror.asked.clear()

        def kill(_: str, child: subprocess.Popen[str] = child, last: int = killed_at) -> None:
            if len(mirror.asked) > last:
                child.send_signal(signal.SIGKILL)

        mirror.first = kill
        said, _ = child.communicate("go\n", timeout=30)
        mirror.first = lambda _: None
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
        killed_at += 1
        held = follower(tmp_path, repo, mirror.url).held()
        assert held is not None
        assert (held.bundle, held.registry, len(held.orders)) == (before.bundle, b'{"facts":1}', 1)
        after = follower(tmp_path, repo, mirror.url).refresh()
        assert (after.root_version, len(after.orders), after.problems) == (2, 2, ())
        assert (after.bundle, after.registry) == (OTHER, b'{"facts":2}')
    # Root 2 and its absent successor, timestamp, snapshot, the editors', the charter, the facts, the authority's, the
    # order: each was awaited in vain once.
    assert killed_at == 9
    assert said.split()[0::2] == ["2", "2"]


def test_two_processes_share_a_folder(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    children = [start_child(tmp_path, repo, mirror, 15, begin=True) for _ in range(2)]
    for number in range(3):
        repo.order(AUTHORITY, f"2026-02{number}", {"effect": "another"})
    for child in children:
        said, _ = child.communicate(timeout=60)
        assert child.returncode == 0, said
    last = follower(tmp_path, repo, mirror.url).refresh()
    assert len(last.orders) == 4
    assert follower(tmp_path, repo, mirror.url).held() == last


def test_a_process_waits_while_another_refreshes(tmp_path: Path, repo: Repo, mirror: Mirror) -> None:
    asked, answered = Event(), Event()

    def hold(_: str) -> None:
        asked.set()
        assert answered.wait(20)

    mirror.first = hold
    with ThreadPoolExecutor(1) as threads:
        refreshing = threads.submit(follower(tmp_path, repo, mirror.url).refresh)
        assert asked.wait(20)
        with (tmp_path / "state" / "lock").open("rb") as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            answered.set()
            assert refreshing.result(20).problems == ()
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_revocation_that_was_seen_is_not_forgotten_in_the_silence_after_it(
    tmp_path: Path, repo: Repo, mirror: Mirror
) -> None:
    one = follower(tmp_path, repo, mirror.url)
    one.refresh()

    def replace_stamp_key(signed: object) -> None:
        root = signed
        root.roles["timestamp"].keyids.clear()  # type: ignore[attr-defined]
        root.add_key(repo.key("timestamp-2"), "timestamp")  # type: ignore[attr-defined]

    forge(repo, "root", replace_stamp_key, ["party-1", "party-2", "party-3"])
    mirror.instead["metadata/timestamp.json"] = None
    assert refusal(one.refresh) == (Reason.WRONG_KEY, "timestamp")
    assert refusal(one.held) == (Reason.WRONG_KEY, "timestamp")


def start_child(tmp_path: Path, repo: Repo, mirror: Mirror, count: int, *, begin: bool) -> subprocess.Popen[str]:
    root = tmp_path / "trusted.root.json"
    root.write_bytes(repo.root_bytes)
    command = [str(CHILD), str(tmp_path / "state"), mirror.url, str(root), repo.now.isoformat(), str(count)]
    child = subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    if begin:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return child


def refusal(call: object) -> tuple[Reason, str]:
    assert callable(call)
    with pytest.raises(CharterNotFollowedError) as caught:
        call()
    return caught.value.reason, caught.value.role


def stamps(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
