"""What is signed and cannot be used: a gateway that restarts goes on as one that runs, by the last usable law."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.asking import ask, got
from tests.charter_mirror import copied
from tests.facts_kit import document, entity, facts
from tests.integration.test_facts_in_force import (
    AMERICAN,
    AUTHORITY,
    FRENCH,
    Life,
    charter,
    digest,
    following,
    lived,
    problem,
    published,
)
from tests.order_kit import spelled
from tests.servers import Deployment as Upstream
from tests.servers import serve

from bouclier.charter import bundle_of
from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.adapters.tuf_roles import TARGETS
from bouclier.charter.adapters.tuf_staging import add_key, remove_key
from bouclier.compose.facts_reading import registry_from
from bouclier.compose.law_keeping import LawKeeping, law_keeping, law_standing
from bouclier.compose.law_source import law_source
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.terms.errors import BouclierError, CharterError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.tuf_kit import Repo

    from bouclier.compose.configuration_model import Configuration

WRONG = document("FR", controlled_by="nobody")
UNREADABLE = bundle_of({"charter.json": "{}"})


async def nothing(_: Life) -> None:
    """Live, and see nothing."""


def amended(repo: Repo, bundle: bytes, registry: bytes | None, *, after: timedelta = timedelta()) -> None:
    """Have the editors sign another charter and other facts."""
    repo.propose(bundle)
    repo.propose_registry(registry)
    repo.now = datetime.now(UTC) + after
    repo.publish()


def ordered(repo: Repo) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"start": now - timedelta(minutes=1), "expires": now + timedelta(hours=1)}
    written = {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in times.items()}
    repo.order(AUTHORITY, "n-1", spelled(id=f"{AUTHORITY}/n-1", selector={}, **written))


def started(configuration: Configuration, *, at_s: int = 0) -> LawKeeping:
    """The law of a gateway that starts, before anything is entered in its log."""

    async def start() -> LawKeeping:
        return await law_keeping(configuration, witness_time_s=lambda: at_s)

    return asyncio.run(start())


def state_of(configuration: Configuration) -> Path:
    (state,) = (configuration.data / "charter" / "followed").iterdir()
    return state


def usable_of(configuration: Configuration) -> Any:
    return json.loads((state_of(configuration) / "usable.json").read_bytes())


@pytest.mark.parametrize("gone", [False, True], ids=["answering", "silent"])
@pytest.mark.parametrize(
    ("bundle", "registry", "said"),
    [
        (charter("2"), WRONG, "entities[0].controlled_by"),
        (UNREADABLE, AMERICAN, "charter.json"),
    ],
    ids=["facts", "charter"],
)
def test_a_restart_goes_on_by_the_last_law_that_could_be_used_under_the_newer_orders(
    tmp_path: Path, bundle: bytes, registry: bytes, said: str, *, gone: bool
) -> None:
    repo = published(tmp_path)
    configuration = following(tmp_path, repo)
    lived(configuration, nothing)
    amended(repo, bundle, registry)
    ordered(repo)
    if gone:  # fetched by a start that never got further: only what is held is left of it
        started(configuration)
        repo.folder.rename(tmp_path / "gone")

    async def live(life: Life) -> None:
        law = life.law.stamp
        assert (law.charter, law.registry) == (digest(charter()), digest(FRENCH))
        assert [one.order.id for one in life.law.law.orders.orders] == [f"{AUTHORITY}/n-1"]
        assert said in problem(life)["en"]
        assert law_standing(life.law)["expired"] is False

    assert set(lived(configuration, live)) == {digest(FRENCH)}


def test_what_is_repaired_is_taken_up_again_and_then_is_what_a_restart_goes_on_by(tmp_path: Path) -> None:
    repo = published(tmp_path)
    configuration = following(tmp_path, repo)
    lived(configuration, nothing)
    amended(repo, charter("2"), WRONG)

    async def repaired(life: Life) -> None:
        assert problem(life) is not None
        await asyncio.to_thread(amended, repo, charter("3"), AMERICAN)
        await life.until(lambda: life.decided_by() == digest(AMERICAN))
        assert problem(life) is None

    assert list(dict.fromkeys(lived(configuration, repaired))) == [digest(FRENCH), digest(AMERICAN)]
    amended(repo, charter("4"), WRONG)
    law = started(configuration)
    assert (law.stamp.charter, law.stamp.registry) == (digest(charter("3")), digest(AMERICAN))


def test_signed_facts_that_take_an_id_of_the_institution_s_own_do_not_keep_it_from_starting(tmp_path: Path) -> None:
    repo = published(tmp_path)
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"format": "bouclier-registry/v2", "entities": [entity("other-0")]}))
    configuration = following(tmp_path, repo, own)
    (before,) = lived(configuration, nothing)
    amended(repo, charter("2"), facts(more=1))

    async def live(life: Life) -> None:
        assert (life.law.stamp.charter, life.decided_by()) == (digest(charter()), before)
        assert "other-0" in problem(life)["en"]

    assert set(lived(configuration, live)) == {before}
    # What is the institution's own fault is refused as ever: nothing that was signed can be used with it.
    own.write_text(own.read_text().replace('"other-0"', '"acme"'))
    with pytest.raises(BouclierError, match="acme"):
        started(configuration)


@pytest.mark.parametrize("choice", ["refuse", "own"])
def test_it_ends_at_its_own_deadline_and_not_at_that_of_what_cannot_be_used(tmp_path: Path, choice: str) -> None:
    repo = published(tmp_path)
    usual = following(tmp_path, repo)
    configuration = replace(usual, charter=replace(usual.charter, when_expired=choice))
    lived(configuration, nothing)
    before = started(configuration).law.adoption.expires
    assert before is not None
    amended(repo, charter("2"), WRONG, after=timedelta(hours=12))

    soon, late = (int((before + timedelta(minutes=minutes)).timestamp()) for minutes in (-5, 5))
    law = started(configuration, at_s=soon)
    assert (law_standing(law)["expired"], law.law.adoption.expires) == (False, before)
    law = started(configuration, at_s=late)
    shown: Mapping[str, Any] = law_standing(law)
    assert (shown["expired"], shown["own_only"]) == (True, choice == "own")
    assert "registry.json" in shown["problem"]["en"]
    assert law.stamp.charter == digest(charter())


@pytest.mark.parametrize(("bundle", "registry"), [(charter(), WRONG), (UNREADABLE, FRENCH)], ids=["facts", "charter"])
def test_where_nothing_could_ever_be_used_nothing_starts_however_often(
    tmp_path: Path, bundle: bytes, registry: bytes
) -> None:
    repo = published(tmp_path)
    amended(repo, bundle, registry)
    configuration = following(tmp_path, repo)
    for _ in range(2):
        with pytest.raises(CharterError):
            started(configuration)
    assert not (state_of(configuration) / "usable.json").exists()
    amended(repo, charter("2"), AMERICAN)
    assert lived(configuration, nothing) == [digest(AMERICAN)]


def changed_facts(kept: Any) -> None:
    kept["files"]["registry.json"] = base64.b64encode(AMERICAN).decode()


def changed_deadline(kept: Any) -> None:
    signed = json.loads(base64.b64decode(kept["timestamp"]))
    signed["signed"]["expires"] = "2999-01-01T00:00:00Z"
    kept["timestamp"] = base64.b64encode(json.dumps(signed).encode()).decode()


def another_format(kept: Any) -> None:
    kept["format"] = "bouclier-held-charter/v0"


@pytest.mark.parametrize("change", [changed_facts, changed_deadline, another_format])
def test_what_is_kept_is_verified_again_and_nothing_starts_by_it_once_it_was_changed(
    tmp_path: Path, change: Any, caplog: pytest.LogCaptureFixture
) -> None:
    repo = published(tmp_path)
    configuration = following(tmp_path, repo)
    lived(configuration, nothing)
    amended(repo, charter("2"), WRONG)
    kept = usable_of(configuration)
    change(kept)
    (state_of(configuration) / "usable.json").write_text(json.dumps(kept))
    with pytest.raises(CharterError, match=r"registry\.json"):
        started(configuration)
    assert "The published charter is not followed" in caplog.text
    amended(repo, charter("3"), AMERICAN)
    lived(configuration, nothing)
    assert base64.b64decode(usable_of(configuration)["files"]["registry.json"]) == AMERICAN


def test_what_a_revoked_key_signed_is_not_gone_on_by(tmp_path: Path) -> None:
    repo = published(tmp_path)
    configuration = following(tmp_path, repo)
    lived(configuration, nothing)
    assert Follower(state_of(configuration), repo.folder, repo.root_bytes, now=lambda: repo.now).usable() is not None
    add_key(repo.workshop, TARGETS, repo.key("editor-2"), now=repo.now)
    remove_key(repo.workshop, TARGETS, "editor-1", now=repo.now)
    repo.editors = ["editor-2"]
    amended(repo, charter("2"), WRONG)
    with pytest.raises(CharterError, match=r"registry\.json"):
        started(configuration)


def test_only_what_was_signed_together_is_kept_and_what_expired_is_had_back(tmp_path: Path) -> None:
    repo = published(tmp_path)
    clock = [repo.now]
    follower = Follower(tmp_path / "state", repo.folder, repo.root_bytes, now=lambda: clock[0])
    assert follower.usable() is None
    first = follower.refresh()
    follower.keep_usable(replace(first))
    assert follower.usable() is None
    follower.keep_usable(first)
    assert follower.usable() == first
    amended(repo, charter("2"), AMERICAN)
    second = follower.refresh()
    follower.keep_usable(replace(second, bundle=first.bundle))
    follower.keep_usable(first)
    assert follower.usable() == first
    clock[0] += timedelta(days=4000)
    assert follower.usable() == first
    follower.keep_usable(second)
    assert follower.usable() == second


def test_a_charter_of_ones_own_is_corrected_by_whoever_starts_it(tmp_path: Path) -> None:
    """Its facts come with the software: other ones since, which the institution's own contradict."""
    source = law_source(following(tmp_path, None))
    local_repository(source.state.parents[1] / "local", charter(), now=datetime.now(UTC), days=30, registry=FRENCH)
    follower = source.follower()
    follower.keep_usable(follower.refresh())
    taken = next(iter(registry_from(None, {}).entities))
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"format": "bouclier-registry/v2", "entities": [entity(taken)]}))
    with pytest.raises(CharterError, match=taken):
        started(following(tmp_path, None, own))


def test_killed_before_any_write_it_goes_on_by_nothing_older_than_it_decided_by(tmp_path: Path) -> None:
    """Killed while it takes up a second law; what is published by the next start cannot be used."""
    base = tmp_path / "base"
    base.mkdir()
    repo = published(base)
    configuration = following(base, repo)
    lived(configuration, nothing)
    amended(repo, charter("2"), AMERICAN)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.law_steps_child", base, out],
        check=True,
        capture_output=True,
        text=True,
        timeout=170,
    )
    amended(repo, charter("3"), WRONG)
    seen = []
    for step in range(int(done.stdout)):
        folder = out / str(step)
        shutil.rmtree(folder / "repo" / "published")
        copied(repo.folder, folder / "repo" / "published")
        entries = [json.loads(one.entry) for one in read_entries(folder / "data" / "log")]
        logged = [one["law"]["charter"] for one in entries if one["kind"] == "adoption"][-1]
        law = started(following(folder, folder / "repo" / "published"))
        versions = {digest(charter(version)): version for version in ("1", "2")}
        seen.append((versions[logged], versions[law.stamp.charter]))
        assert law.stamp.registry == digest(FRENCH if seen[-1][1] == "1" else AMERICAN)
    # Nothing was decided by the second law before it was kept: from one step on it is what is gone on by.
    assert seen == sorted(seen)
    assert set(seen) == {("1", "1"), ("1", "2"), ("2", "2")}


def test_a_gateway_that_restarts_says_at_its_door_why_it_goes_on_by_an_older_law(
    tmp_path: Path, deployment: Upstream
) -> None:
    repo = published(tmp_path)
    config = (
        f"charter: {{repository: '{repo.folder}', root: '{tmp_path / 'root.json'}', refresh_s: 1}}\n"
        f"deployments: [{{name: acme, base_url: '{deployment.base_url}', model: echo, operator: acme}}]\n"
        "engine: {model: off}\nshield: {names: off}\n"
    )
    lived(following(tmp_path, repo), nothing)
    amended(repo, charter("2"), WRONG)
    served = serve(tmp_path, config=config)
    try:
        assert ask(served).status_code == 200
        shown = got(served, "health")["charter"], got(served, "charter")
        assert [one["charter"] for one in shown] == [digest(charter())] * 2
        assert ["registry.json" in one["problem"]["en"] for one in shown] == [True, True]
    finally:
        assert served.stop() == 0
