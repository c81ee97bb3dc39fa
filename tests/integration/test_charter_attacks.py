"""The attacks that TUF is for, each by name, by a mirror or by holders of keys: what becomes of the charter in force.

An attack is an error with its reason, and what was verified before it serves on until it expires; or, where one
authority alone is concerned, a problem that is told, and that authority's last valid orders.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.charter_mirror import Mirror, copied, copy_of, current, expire, forge, put_targets
from tests.tuf_kit import Repo

from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Followed, Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AUTHORITY = "fr-protection"
ROLE = f"authority-{AUTHORITY}"
ORDER = f"orders/{AUTHORITY}/2026-014.json"


class Victim:
    """A gateway's follower, once refreshed, and what it held then."""

    def __init__(self, base: Path, repo: Repo, mirror: Mirror) -> None:
        self.base, self.repo, self.mirror = base, repo, mirror
        self.follower = Follower(base / "state", mirror.url, repo.root_bytes, now=lambda: repo.now)
        self.before = self.follower.refresh()
        assert [order.path for order in self.before.orders] == [ORDER]
        assert self.before.problems == ()

    def is_attacked(self) -> tuple[Reason, str]:
        """Refresh: refused, twice alike; what was held serves on. Why, and which role."""
        reasons = []
        for _ in range(2):
            with pytest.raises(CharterNotFollowedError) as caught:
                self.follower.refresh()
            reasons.append((caught.value.reason, caught.value.role))
        assert reasons[0] == reasons[1]
        assert self.follower.held() == self.before
        return reasons[0]

    def newcomer(self) -> Followed:
        """What somebody sees who starts today."""
        repo = self.repo
        return Follower(self.base / "new", self.mirror.url, repo.root_bytes, now=lambda: repo.now).refresh()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    base = tmp_path_factory.mktemp("repo")
    repo = Repo.create(base, parties=5, threshold=3, editors=(2, 3), authorities={AUTHORITY: (2, 3)}, now=NOW)
    repo.order(AUTHORITY, "2026-014", {"effect": "invented"})
    return repo


@pytest.fixture
def repo(tmp_path: Path, founded: Repo) -> Repo:
    return copy_of(founded, tmp_path / "repo")


@pytest.fixture
def victim(tmp_path: Path, repo: Repo) -> Iterator[Victim]:
    with Mirror(repo.folder) as mirror:
        yield Victim(tmp_path, repo, mirror)


def test_rollback_of_the_whole_repository(tmp_path: Path, repo: Repo, victim: Victim) -> None:
    """An old state, once valid, is served again: the order against somebody would be gone."""
    old = copied(repo.folder, tmp_path / "old")
    repo.order(AUTHORITY, "2026-015", {"effect": "another"})
    victim.before = victim.follower.refresh()
    victim.mirror.folder = old
    assert victim.is_attacked() == (Reason.ROLLED_BACK, "timestamp")
    assert len(victim.before.orders) == 2


def test_rollback_of_one_role_by_whoever_lists_versions(repo: Repo, victim: Victim) -> None:
    """The keys of snapshot and timestamp are stolen: an authority's older metadata are listed again."""
    repo.order(AUTHORITY, "2026-015", {"effect": "another"})
    victim.before = victim.follower.refresh()

    def list_older(snapshot: Any) -> None:
        snapshot.meta[f"{ROLE}.json"].version -= 1

    forge(repo, "snapshot", list_older, ["snapshot-1"])
    assert victim.is_attacked() == (Reason.ROLLED_BACK, "snapshot")


def test_freeze(repo: Repo, victim: Victim) -> None:
    """The mirror serves the same state for ever: it serves until its timestamp expires, and then nothing is open."""
    repo.later(hours=47)
    assert victim.follower.refresh() == victim.before
    repo.later(hours=1)
    for call in (victim.follower.refresh, victim.follower.held):
        with pytest.raises(CharterNotFollowedError) as caught:
            call()
        assert (caught.value.reason, caught.value.role) == (Reason.EXPIRED, "timestamp")


def test_an_expired_charter(repo: Repo, victim: Victim) -> None:
    """The timestamp is fresh, but the editors' own signatures have expired."""
    forge(repo, "targets", lambda signed: expire(signed, NOW), ["editor-1", "editor-2"])
    assert victim.is_attacked() == (Reason.EXPIRED, "targets")


def test_an_expired_root(repo: Repo, victim: Victim) -> None:
    """All parties let their root expire: whatever they once delegated, nobody speaks for them any more."""
    forge(repo, "root", lambda signed: expire(signed, NOW), repo.parties)
    with pytest.raises(CharterNotFollowedError) as caught:
        victim.follower.refresh()
    assert (caught.value.reason, caught.value.role) == (Reason.EXPIRED, "root")
    with pytest.raises(CharterNotFollowedError):
        victim.follower.held()


def test_mix_and_match(tmp_path: Path, repo: Repo, victim: Victim) -> None:
    """Parts of two states, each validly signed, are served as one."""
    old = copied(repo.folder, tmp_path / "old")
    repo.publish({"charter.json": '{"a":1}'})
    data = (old / "metadata" / "1.targets.json").read_bytes()
    victim.mirror.instead["metadata/2.targets.json"] = data
    assert victim.is_attacked() == (Reason.SUBSTITUTED, "targets")


def test_mix_and_match_where_no_digest_tells(repo: Repo, victim: Victim) -> None:
    def forget_digests(snapshot: Any) -> None:
        snapshot.meta["targets.json"].hashes = snapshot.meta["targets.json"].length = None
        snapshot.meta["targets.json"].version += 1

    forge(repo, "snapshot", forget_digests, ["snapshot-1"])
    victim.mirror.instead["metadata/2.targets.json"] = current(repo.folder, "targets").to_bytes()
    assert victim.is_attacked() == (Reason.ROLLED_BACK, "targets")


def test_a_charter_under_threshold(repo: Repo, victim: Victim) -> None:
    forge(repo, "targets", lambda signed: put_targets(repo, signed, {"charter.json": b"other"}), ["editor-1"])
    assert victim.is_attacked() == (Reason.UNDER_THRESHOLD, "targets")


def test_a_charter_signed_by_strangers(repo: Repo, victim: Victim) -> None:
    strangers = ["mallory", "trudy", "party-1", "fr-protection-1"]
    forge(repo, "targets", lambda signed: put_targets(repo, signed, {"charter.json": b"other"}), strangers)
    assert victim.is_attacked() == (Reason.WRONG_KEY, "targets")


def test_a_timestamp_signed_by_a_wrong_key(repo: Repo, victim: Victim) -> None:
    forge(repo, "timestamp", lambda _: None, ["snapshot-1"])
    assert victim.is_attacked() == (Reason.WRONG_KEY, "timestamp")


def test_one_key_that_signs_twice_counts_once(repo: Repo, victim: Victim) -> None:
    forge(repo, "targets", lambda _: None, ["editor-1", "editor-1"])
    assert victim.is_attacked() == (Reason.UNDER_THRESHOLD, "targets")


def test_coup(repo: Repo, victim: Victim) -> None:
    """Two of five parties publish a root that asks for two only: it satisfies itself, not the root before it."""

    def seize(root: Any) -> None:
        root.roles["root"].threshold = 2

    forge(repo, "root", seize, ["party-1", "party-2"])
    assert victim.is_attacked() == (Reason.UNDER_THRESHOLD, "root")


def test_coup_by_strangers(repo: Repo, victim: Victim) -> None:
    def seize(root: Any) -> None:
        root.roles["root"].keyids.clear()
        root.roles["root"].threshold = 1
        root.add_key(repo.key("mallory"), "root")

    forge(repo, "root", seize, ["mallory"])
    assert victim.is_attacked() == (Reason.WRONG_KEY, "root")


def test_a_root_that_its_own_parties_did_not_sign(repo: Repo, victim: Victim) -> None:
    """Enough of the old parties hand over to new ones who never agreed."""

    def hand_over(root: Any) -> None:
        for number in range(6, 9):
            root.add_key(repo.key(f"party-{number}"), "root")
        root.roles["root"].threshold = 5

    forge(repo, "root", hand_over, ["party-1", "party-2", "party-3"])
    assert victim.is_attacked() == (Reason.UNDER_THRESHOLD, "root")


def test_a_root_that_skips_a_version(repo: Repo, victim: Victim) -> None:
    forge(repo, "root", lambda root: setattr(root, "version", 3), repo.parties)
    data = (repo.folder / "metadata" / "3.root.json").read_bytes()
    victim.mirror.instead["metadata/2.root.json"] = data
    assert victim.is_attacked() == (Reason.ROLLED_BACK, "root")


def test_fast_forward(repo: Repo, victim: Victim) -> None:
    """A stolen timestamp key publishes a version nobody can exceed; the parties replace the key, and all is well."""
    forge(repo, "timestamp", lambda signed: setattr(signed, "version", 2**31), ["timestamp-1"])
    assert victim.follower.refresh().timestamp_version == 2**31

    def replace(root: Any) -> None:
        root.roles["timestamp"].keyids.clear()
        root.add_key(repo.key("timestamp-2"), "timestamp")

    forge(repo, "root", replace, ["party-1", "party-3", "party-5"])
    forge(repo, "timestamp", lambda signed: setattr(signed, "version", 5), ["timestamp-2"])
    followed = victim.follower.refresh()
    assert (followed.root_version, followed.timestamp_version) == (2, 5)
    assert victim.follower.held() == followed


def test_endless_data(victim: Victim) -> None:
    def without_end() -> Iterable[bytes]:
        while True:
            yield bytes(65536)

    victim.mirror.instead["metadata/timestamp.json"] = without_end
    assert victim.is_attacked() == (Reason.OVERSIZED, "timestamp")


def test_an_answer_that_drips_is_silence(victim: Victim) -> None:
    def drops() -> Iterable[bytes]:
        while True:
            time.sleep(0.02)
            yield b" "

    victim.mirror.instead["metadata/timestamp.json"] = drops
    repo = victim.repo
    hasty = Follower(victim.base / "state", victim.mirror.url, repo.root_bytes, now=lambda: repo.now, timeout_s=0.5)
    assert hasty.refresh().problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)


def test_substitution_of_the_charter(victim: Victim) -> None:
    """The mirror serves other rules, of the same length, under the name of those that were signed."""
    repo = victim.repo
    repo.publish({"charter.json": '{"a":1}'})
    (path,) = (place for place in (repo.folder / "targets").glob("*.charter.json") if b'\\"a\\"' in place.read_bytes())
    victim.mirror.instead[f"targets/{path.name}"] = path.read_bytes().replace(b":1", b":2")
    assert victim.is_attacked() == (Reason.SUBSTITUTED, "charter.json")


def test_a_charter_listed_by_an_authority_is_not_the_charter(repo: Repo, victim: Victim) -> None:
    change = {"charter.json": b"{}", "orders/eu-office/1.json": b"{}"}
    forge(repo, ROLE, lambda signed: put_targets(repo, signed, change), ["fr-protection-1", "fr-protection-2"])
    followed = victim.follower.refresh()
    assert followed.problems == (Problem(Reason.OUTSIDE, ROLE),)
    assert (followed.bundle, [order.path for order in followed.orders]) == (victim.before.bundle, [ORDER])


def test_an_order_withheld_by_the_mirror(repo: Repo, victim: Victim) -> None:
    """Everything is served but the newest order: as good as silence, and no better for whoever it is against."""
    repo.order(AUTHORITY, "2026-015", {"effect": "against the mirror"})
    hidden = "2026-015.json"
    victim.mirror.first = lambda path: victim.mirror.instead.update({path: None}) if path.endswith(hidden) else None
    followed = victim.follower.refresh()
    assert followed.problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)
    assert followed.expires == victim.before.expires
    repo.later(hours=47)
    repo.stamp()
    assert victim.follower.refresh().expires == victim.before.expires
    repo.later(hours=1)
    with pytest.raises(CharterNotFollowedError) as caught:
        victim.follower.refresh()
    assert caught.value.reason is Reason.EXPIRED


def test_an_authority_s_metadata_withheld_by_the_mirror(repo: Repo, victim: Victim) -> None:
    version = current(repo.folder, ROLE).signed.version + 1
    repo.order(AUTHORITY, "2026-015", {"effect": "against the mirror"})
    victim.mirror.instead[f"metadata/{version}.{ROLE}.json"] = None
    assert victim.follower.refresh().problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)


def test_an_authority_s_metadata_substituted_by_the_mirror(repo: Repo, victim: Victim) -> None:
    """If a bad signature were the authority's own affair here, a mirror could hide an order by spoiling it."""
    version = current(repo.folder, ROLE).signed.version
    repo.order(AUTHORITY, "2026-015", {"effect": "against the mirror"})
    old = (repo.folder / "metadata" / f"{version}.{ROLE}.json").read_bytes()
    victim.mirror.instead[f"metadata/{version + 1}.{ROLE}.json"] = old
    assert victim.is_attacked() == (Reason.SUBSTITUTED, ROLE)


def test_an_authority_s_metadata_spoiled_where_no_digest_tells(repo: Repo, victim: Victim) -> None:
    version = current(repo.folder, ROLE).signed.version
    forge(repo, ROLE, lambda _: None, ["mallory"], listed=False)

    def list_without_digest(snapshot: Any) -> None:
        snapshot.meta[f"{ROLE}.json"].version = version + 1
        snapshot.meta[f"{ROLE}.json"].hashes = snapshot.meta[f"{ROLE}.json"].length = None

    forge(repo, "snapshot", list_without_digest, ["snapshot-1"])
    assert victim.is_attacked() == (Reason.WRONG_KEY, ROLE)


@pytest.mark.parametrize(
    ("signers", "reason"),
    [(["fr-protection-1"], Reason.UNDER_THRESHOLD), (["mallory", "trudy"], Reason.WRONG_KEY)],
)
def test_an_order_under_threshold_lifts_no_other(
    repo: Repo, victim: Victim, signers: list[str], reason: Reason
) -> None:
    """Listed by the repository all the same: the authority's last valid orders stay, and the new one is not one."""

    def replace(signed: Any) -> None:
        signed.targets.clear()
        put_targets(repo, signed, {f"orders/{AUTHORITY}/2026-016.json": b"{}"})

    forge(repo, ROLE, replace, signers)
    followed = victim.follower.refresh()
    assert followed.problems == (Problem(reason, ROLE),)
    assert [(order.path, order.kept) for order in followed.orders] == [(ORDER, True)]
    assert victim.follower.held() == followed
    assert victim.follower.refresh() == followed
    # Who starts today never saw a valid one, and says so.
    fresh = victim.newcomer()
    assert (fresh.orders, fresh.problems) == ((), (Problem(reason, ROLE),))


def test_a_revoked_authority_key_orders_nothing_from_the_cache(repo: Repo, victim: Victim) -> None:
    """The editors delegate to other keys, and the authority has not signed again yet: the cached metadata are the very
    bytes that the snapshot lists, and signed by enough of the former keys.
    """

    def rekey(targets: Any) -> None:
        role = targets.delegations.roles[ROLE]
        role.keyids.clear()
        for number in (4, 5):
            targets.add_key(repo.key(f"{AUTHORITY}-{number}"), ROLE)

    forge(repo, "targets", rekey, ["editor-1", "editor-2"])
    followed = victim.follower.refresh()
    assert (followed.orders, followed.problems) == ((), (Problem(Reason.WRONG_KEY, ROLE),))
    assert victim.follower.held() == followed
    # The new keys sign: the orders are back.
    forge(repo, ROLE, lambda _: None, [f"{AUTHORITY}-4", f"{AUTHORITY}-5"])
    followed = victim.follower.refresh()
    assert ([order.path for order in followed.orders], followed.problems) == ([ORDER], ())


def test_one_revoked_key_of_an_authority_brings_its_cache_under_threshold(repo: Repo, victim: Victim) -> None:
    def revoke(targets: Any) -> None:
        for name in (f"{AUTHORITY}-1", f"{AUTHORITY}-2"):
            targets.revoke_key(repo.key(name).keyid, ROLE)
        targets.add_key(repo.key(f"{AUTHORITY}-4"), ROLE)

    forge(repo, "targets", revoke, ["editor-1", "editor-3"])
    followed = victim.follower.refresh()
    assert (followed.orders, followed.problems) == ((), (Problem(Reason.UNDER_THRESHOLD, ROLE),))


def test_a_raised_threshold_is_asked_of_what_is_cached(repo: Repo, victim: Victim) -> None:
    """Three have signed so far; four are asked for now."""

    def raise_threshold(targets: Any) -> None:
        targets.add_key(repo.key(f"{AUTHORITY}-4"), ROLE)
        targets.delegations.roles[ROLE].threshold = 4

    forge(repo, "targets", raise_threshold, ["editor-2", "editor-3"])
    followed = victim.follower.refresh()
    assert (followed.orders, followed.problems) == ((), (Problem(Reason.UNDER_THRESHOLD, ROLE),))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b"[" * 20_000, b'{"signatures":[],"signed":{"_type":"timestamp"}}']
)
def test_metadata_that_are_none(victim: Victim, data: bytes) -> None:
    victim.mirror.instead["metadata/timestamp.json"] = data
    assert victim.is_attacked() == (Reason.MALFORMED if len(data) < 20_000 else Reason.OVERSIZED, "timestamp")


def test_an_order_too_large_to_be_one(repo: Repo, victim: Victim) -> None:
    huge = {f"orders/{AUTHORITY}/2026-015.json": b" " * 65_537}
    forge(repo, ROLE, lambda signed: put_targets(repo, signed, huge), [f"{AUTHORITY}-1", f"{AUTHORITY}-2"])
    followed = victim.follower.refresh()
    assert ([order.path for order in followed.orders], followed.problems) == (
        [ORDER],
        (Problem(Reason.OVERSIZED, ROLE),),
    )


def test_a_repository_that_redirects_is_not_followed_there(repo: Repo, victim: Victim) -> None:
    with Mirror(repo.folder) as elsewhere:
        victim.mirror.moved_to = elsewhere.url
        assert victim.follower.refresh().problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)
        assert elsewhere.asked == []


def errors(call: Callable[[], object]) -> CharterNotFollowedError:
    with pytest.raises(CharterNotFollowedError) as caught:
        call()
    return caught.value


def test_every_refusal_is_said_in_both_languages_and_names_the_role(repo: Repo, victim: Victim) -> None:
    forge(repo, "timestamp", lambda _: None, ["mallory"])
    error = errors(victim.follower.refresh)
    assert "timestamp" in error.message.fr
    assert "timestamp" in error.message.en
    assert error.message.fr != error.message.en
    assert (error.code, error.status, error.param) == ("charter_not_followed", 503, "timestamp")
