"""The facts that are signed with a charter: followed with it, whole, or not at all; attacks included."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.charter_mirror import Mirror, copied, copy_of, forge, put_targets
from tests.facts_kit import facts
from tests.tuf_kit import CHARTER, OTHER, Repo

from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.bundle import MAX_REGISTRY_BYTES
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Followed, Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AUTHORITY = "fr-protection"
FRENCH, AMERICAN = facts("FR"), facts("US")
REGISTRY = "registry.json"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    base = tmp_path_factory.mktemp("repo")
    repo = Repo.create(base, editors=(2, 3), authorities={AUTHORITY: (1, 1)}, files=None, now=NOW)
    repo.propose(CHARTER)
    repo.propose_registry(FRENCH)
    repo.publish()
    return repo


@pytest.fixture
def repo(tmp_path: Path, founded: Repo) -> Repo:
    return copy_of(founded, tmp_path / "repo")


@pytest.fixture
def mirror(repo: Repo) -> Iterator[Mirror]:
    with Mirror(repo.folder) as mirror:
        yield mirror


@pytest.fixture
def follower(tmp_path: Path, repo: Repo, mirror: Mirror) -> Follower:
    return Follower(tmp_path / "state", mirror.url, repo.root_bytes, now=lambda: repo.now)


def place_of(data: bytes) -> str:
    return f"targets/{sha256(data).hexdigest()}.{REGISTRY}"


def amended(repo: Repo) -> None:
    """Have the editors sign another charter with other facts."""
    repo.propose(OTHER)
    repo.propose_registry(AMERICAN)
    repo.publish()


def refused(follower: Follower, before: Followed) -> tuple[Reason, str]:
    """Refresh: refused, and all that was held serves on as it was. Why, and which role or file."""
    with pytest.raises(CharterNotFollowedError) as caught:
        follower.refresh()
    assert follower.held() == before
    return caught.value.reason, caught.value.role


def test_facts_are_followed_with_the_charter_and_held_with_it(follower: Follower, repo: Repo, mirror: Mirror) -> None:
    followed = follower.refresh()
    assert (followed.bundle, followed.registry) == (CHARTER, FRENCH)
    mirror.go_down()
    assert follower.refresh().registry == FRENCH
    mirror.come_back()
    amended(repo)
    followed = follower.refresh()
    assert (followed.bundle, followed.registry) == (OTHER, AMERICAN)
    assert follower.held() == followed


def test_facts_may_be_missing_then_appear_and_be_withdrawn(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", now=NOW)
    follower = Follower(tmp_path / "state", repo.folder, repo.root_bytes, now=lambda: NOW)
    seen = [follower.refresh().registry]
    for data in (FRENCH, None):
        repo.propose_registry(data)
        repo.publish()
        seen.append(follower.refresh().registry)
    assert seen == [None, FRENCH, None]


def test_facts_that_did_not_change_are_not_asked_for_again(follower: Follower, repo: Repo, mirror: Mirror) -> None:
    follower.refresh()
    repo.publish(OTHER)
    mirror.asked.clear()
    assert follower.refresh().bundle == OTHER
    assert [path for path in mirror.asked if path.endswith(REGISTRY)] == []


def test_facts_of_another_snapshot_are_not_mixed_with_the_charter(
    tmp_path: Path, follower: Follower, repo: Repo, mirror: Mirror
) -> None:
    """Both were signed, and never together: neither the new charter nor the old facts are taken alone."""
    before = follower.refresh()
    old = copied(repo.folder, tmp_path / "old")
    amended(repo)
    mirror.instead[place_of(AMERICAN)] = (old / place_of(FRENCH)).read_bytes()
    assert refused(follower, before) == (Reason.SUBSTITUTED, REGISTRY)


def test_substitution_of_the_facts(follower: Follower, repo: Repo, mirror: Mirror) -> None:
    """The mirror serves other facts, of the same length, under the name of those that were signed."""
    before = follower.refresh()
    amended(repo)
    mirror.instead[place_of(AMERICAN)] = AMERICAN.replace(b'"US"', b'"FR"')
    assert refused(follower, before) == (Reason.SUBSTITUTED, REGISTRY)


def test_facts_withheld_by_the_mirror_are_silence(follower: Follower, repo: Repo, mirror: Mirror) -> None:
    """Old facts may suit whoever they speak of: they last no longer than silence would let them."""
    before = follower.refresh()
    amended(repo)
    mirror.instead[place_of(AMERICAN)] = None
    followed = follower.refresh()
    assert (followed.registry, followed.bundle, followed.expires) == (FRENCH, CHARTER, before.expires)
    assert followed.problems == (Problem(Reason.UNREACHABLE, REPOSITORY),)


@pytest.mark.parametrize("path", [REGISTRY, "charter.json"])
def test_what_is_larger_than_it_may_be_is_not_asked_for(
    path: str, follower: Follower, repo: Repo, mirror: Mirror
) -> None:
    before = follower.refresh()

    def enlarge(signed: Any) -> None:
        signed.targets[path].length = MAX_REGISTRY_BYTES + 1
        signed.targets[path].hashes["sha256"] = "0" * 64

    forge(repo, "targets", enlarge, ["editor-1", "editor-2"])
    mirror.asked.clear()
    assert refused(follower, before) == (Reason.OVERSIZED, path)
    assert [asked for asked in mirror.asked if asked.startswith("targets/")] == []


def test_facts_without_end_are_cut_where_their_length_ends(follower: Follower, repo: Repo, mirror: Mirror) -> None:
    before = follower.refresh()
    amended(repo)

    def without_end() -> Iterable[bytes]:
        while True:
            yield AMERICAN

    mirror.instead[place_of(AMERICAN)] = without_end
    assert refused(follower, before) == (Reason.OVERSIZED, REGISTRY)


def test_facts_listed_by_an_authority_are_not_the_registry(follower: Follower, repo: Repo) -> None:
    forge(
        repo,
        f"authority-{AUTHORITY}",
        lambda signed: put_targets(repo, signed, {REGISTRY: AMERICAN}),
        [f"{AUTHORITY}-1"],
    )
    followed = follower.refresh()
    assert followed.registry == FRENCH
    assert followed.problems == (Problem(Reason.OUTSIDE, f"authority-{AUTHORITY}"),)


def test_facts_signed_by_too_few_editors_are_nobody_s(follower: Follower, repo: Repo) -> None:
    before = follower.refresh()
    forge(repo, "targets", lambda signed: put_targets(repo, signed, {REGISTRY: AMERICAN}), ["editor-1"])
    assert refused(follower, before) == (Reason.UNDER_THRESHOLD, "targets")


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"format"'])
def test_what_is_no_json_object_is_not_published_as_facts(repo: Repo, data: bytes) -> None:
    repo.propose_registry(data)
    with pytest.raises(WorkshopError, match=r"registry\.json: is not a JSON object in UTF-8"):
        repo.publish()


def test_facts_larger_than_gateways_take_are_not_published(repo: Repo) -> None:
    repo.propose_registry(b'{"a":"' + b"x" * MAX_REGISTRY_BYTES + b'"}')
    with pytest.raises(WorkshopError, match=f"registry.json: more than {MAX_REGISTRY_BYTES} bytes"):
        repo.publish()
