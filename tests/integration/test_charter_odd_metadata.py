"""Metadata that are signed well and spelled oddly: followed, or refused with a reason; never anything else.

Whoever holds keys can sign what no library writes: a key listed and missing, a number where a list belongs. One such
file must not end the thread that follows a charter.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical
from tests.charter_mirror import forge
from tests.tuf_kit import Repo
from tuf.api.metadata import MetaFile

from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.followed import CharterNotFollowedError, Followed, Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ONE, OTHER = "fr-protection", "de-aufsicht"
ROLE = f"authority-{ONE}"
HOLDERS = {
    "root": ["party-1", "party-2"],
    "targets": ["editor-1", "editor-2"],
    "snapshot": ["snapshot-1"],
    "timestamp": ["timestamp-1"],
    ROLE: [f"{ONE}-1"],
}


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    base = tmp_path_factory.mktemp("repo")
    both = {ONE: (1, 1), OTHER: (1, 1)}
    repo = Repo.create(base, parties=3, threshold=2, editors=(2, 3), authorities=both, now=NOW)
    for authority in both:
        repo.order(authority, "2026-014", {"effect": "invented"})
    return repo


def publish_odd(repo: Repo, role: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Publish a next version of a role as whatever JSON, signed by its holders and listed."""
    folder = repo.folder / "metadata"
    newest = max(
        (path for path in folder.glob("*.json") if path.name.removesuffix(".json").rpartition(".")[2] == role),
        key=lambda path: int("0" + path.name.partition(".")[0].removesuffix("timestamp")),
    )
    signed = json.loads(newest.read_bytes())["signed"]
    signed["version"] += 1
    version = signed["version"]
    change(signed)
    try:
        payload = encode_canonical(signed)
        assert isinstance(payload, str)
        spelled = payload.encode()
    except (FormatError, UnicodeEncodeError):
        spelled = b"what cannot be signed"
    signatures = [repo.signer(name).sign(spelled).to_dict() for name in HOLDERS[role]]
    data = json.dumps({"signatures": signatures, "signed": signed}).encode()
    (folder / ("timestamp.json" if role == "timestamp" else f"{version}.{role}.json")).write_bytes(data)
    listed = MetaFile.from_data(version, data, ["sha256"])
    if role == "snapshot":
        forge(repo, "timestamp", lambda stamped: setattr(stamped, "snapshot_meta", listed), ["timestamp-1"])
    elif role not in {"root", "timestamp"}:
        forge(repo, "snapshot", lambda shot: shot.meta.update({f"{role}.json": listed}), ["snapshot-1"])


def followed(repo: Repo, state: Path) -> Followed | CharterNotFollowedError:
    """Refresh, and what that gives; what is held gives no other kind of thing."""
    one = Follower(state, repo.folder, repo.root_bytes, now=lambda: NOW)
    try:
        return one.refresh()
    except CharterNotFollowedError as error:
        try:
            one.held()
        except CharterNotFollowedError:
            return error
        return error


def copy_in(repo: Repo, base: Path) -> Repo:
    return replace(repo, folder=shutil.copytree(repo.folder, base / "published"))


ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        "",
        "x",
        -1,
        0,
        True,
        2.5,
        10**30,
        [],
        {},
        [5],
        [None],
        [[]],
        {"a": 5},
        {"sha256": "../x\0"},
        "\ud800",
        "9" * 400,
    ]
)


def _places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = [*value.items()]
    elif isinstance(value, list):
        inner = [*enumerate(value)]
    return [at, *(place for key, one in inner for place in _places(one, (*at, key)))]


@pytest.mark.parametrize("role", list(HOLDERS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_odd_field_is_followed_or_refused_and_nothing_else(
    founded: Repo, tmp_path_factory: pytest.TempPathFactory, role: str, data: st.DataObject
) -> None:
    base = tmp_path_factory.mktemp("odd")
    repo = copy_in(founded, base)

    def change(signed: dict[str, Any]) -> None:
        place = data.draw(st.sampled_from(_places(signed)[1:]))
        what = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        holder: Any = signed
        for key in place[:-1]:
            holder = holder[key]
        if what == "replace" or isinstance(holder, list):
            holder[place[-1]] = data.draw(ODD)
        elif what == "remove":
            del holder[place[-1]]
        else:
            holder[data.draw(st.sampled_from(["", "x", "charter.json", "orders/x/y.json"]))] = holder.pop(place[-1])

    publish_odd(repo, role, change)
    seen = followed(repo, base / "state")
    if role == ROLE and isinstance(seen, CharterNotFollowedError):
        # Another file than the one listed, by length or digest: a mirror can do that too, and it is not published so.
        assert seen.role.startswith(f"orders/{ONE}/")
    elif role == ROLE:
        assert isinstance(seen, Followed)
        # All else, listed by digest in a signed snapshot, is this authority's own affair.
        assert f"orders/{OTHER}/2026-014.json" in [order.path for order in seen.orders]
    shutil.rmtree(base)


def _list_a_missing_key(signed: dict[str, Any]) -> None:
    signed["roles"]["root"]["keyids"].append("ab" * 32)


def test_a_party_whose_key_is_missing_is_nobody(founded: Repo, tmp_path: Path) -> None:
    repo = copy_in(founded, tmp_path)
    publish_odd(repo, "root", _list_a_missing_key)
    seen = followed(repo, tmp_path / "state")
    assert isinstance(seen, Followed)
    assert (seen.root_version, seen.parties) == (2, ("party-1", "party-2", "party-3"))
    assert seen.adopted_by == ("party-1", "party-2")


def _name_a_role_by_a_number(signed: dict[str, Any]) -> None:
    signed["delegations"]["roles"][0]["name"] = 5


def _name_the_bundle_by_a_path(signed: dict[str, Any]) -> None:
    signed["targets"]["charter.json"]["hashes"] = {"sha256": "../../" + "a" * 300}


@pytest.mark.parametrize("change", [_name_a_role_by_a_number, _name_the_bundle_by_a_path])
def test_what_editors_spelled_oddly_is_malformed(
    founded: Repo, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    repo = copy_in(founded, tmp_path)
    publish_odd(repo, "targets", change)
    seen = followed(repo, tmp_path / "state")
    assert isinstance(seen, CharterNotFollowedError)
    assert seen.reason is Reason.MALFORMED


def test_an_order_whose_digest_is_none_is_its_authoritys_affair(founded: Repo, tmp_path: Path) -> None:
    repo = copy_in(founded, tmp_path)

    def spell_oddly(signed: dict[str, Any]) -> None:
        signed["targets"][f"orders/{ONE}/2026-014.json"]["hashes"] = {"sha256": "../../" + "a" * 300}

    publish_odd(repo, ROLE, spell_oddly)
    seen = followed(repo, tmp_path / "state")
    assert isinstance(seen, Followed)
    assert [order.path for order in seen.orders] == [f"orders/{OTHER}/2026-014.json"]
    assert seen.problems == (Problem(Reason.MALFORMED, ROLE),)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"[" * 100_000, b'{"signed":{"_type":"root"}}', b'{"signed":5,"signatures":5}', b"\xff", b"9" * 5000],
)
def test_what_is_no_metadata_is_no_root_to_trust(founded: Repo, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CharterNotFollowedError) as caught:
        Follower(tmp_path / "state", founded.folder, data, now=lambda: NOW).refresh()
    assert (caught.value.reason, caught.value.role) == (Reason.MALFORMED, "root")
