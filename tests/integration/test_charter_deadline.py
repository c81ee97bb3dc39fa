"""A charter that cannot be renewed ends at its deadline; and a gateway that joins none has one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.asking import ask, command, error_of, eventually, got
from tests.charter_kit import ORDINARY, files_of_charter, forbid, write_charter
from tests.facts_kit import facts
from tests.integration.test_law_in_force import (
    assert_every_decision_follows_the_entry_of_its_law,
    charter_files,
    config,
    entries_of,
)
from tests.servers import Deployment, Served, environment, serve
from tests.tuf_kit import Repo

from bouclier.charter import bundle_of
from bouclier.charter.adapters.tuf_local import local_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


# ---- Expiry -------------------------------------------------------------------------------------------------


def _is_expired(served: Served) -> bool:
    return got(served, "charter")["expired"] is True


@dataclass(frozen=True)
class Expired:
    """Two gateways whose charter ran out while its repository was gone: one refuses, one keeps to its own machines."""

    repo: Repo
    refusing: Served
    own: Served


@pytest.fixture(scope="module")
def expired(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Expired]:
    folder = tmp_path_factory.mktemp("expired")
    repo = Repo.create(folder / "repo", files=charter_files(), hours={"timestamp": 1})
    gateways = []
    for choice in ("refuse", "own"):
        (folder / choice).mkdir()
        text = config(deployment, repo, folder / choice / "root.json", more=f"when_expired: {choice}")
        gateways.append(serve(folder / choice, config=text))
    hidden = folder / "hidden"

    def ending_soon() -> bool:
        # Signed again each time it is looked at, so that however slow the machine, both see one that is still valid.
        repo.now = datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=4)
        repo.stamp()
        soon = datetime.now(UTC) + timedelta(minutes=1)
        return all(datetime.fromisoformat(got(one, "charter")["expires"]) < soon for one in gateways)

    try:
        for one in gateways:
            assert ask(one, model="one").status_code == 200
        eventually(ending_soon, "a charter that ends soon")
        repo.folder.rename(hidden)
        for one in gateways:
            eventually(partial(_is_expired, one), "the end of the charter")
        yield Expired(repo, *gateways)
    finally:
        for one in gateways:
            assert one.stop() == 0
            assert "internal error" not in one.said()
            assert_every_decision_follows_the_entry_of_its_law(entries_of(one.data))


def test_after_its_deadline_nothing_leaves(expired: Expired) -> None:
    for model in ("auto", "one", "home"):
        refused = ask(expired.refusing, model=model)
        assert (refused.status_code, error_of(refused)["code"]) == (503, "charter_expired")
    shown = got(expired.refusing, "charter")
    assert shown["expired"] is True
    assert shown["problem"] or shown["problems"]
    assert entries_of(expired.refusing.data)[-1]["kind"] != "decision"


def test_or_nothing_leaves_its_own_machines_as_it_chose(expired: Expired) -> None:
    answer = ask(expired.own, model="auto")
    assert answer.json()["bouclier"]["deployment"]["name"] == "home"
    assert ask(expired.own, model="one").status_code == 403
    assert got(expired.own, "charter")["expired"] is True


def test_an_expired_gateway_starts_again_only_on_its_own_machines(expired: Expired) -> None:
    assert expired.own.stop() == 0
    folder = expired.own.data.parent
    text = (folder / "bouclier.yaml").read_text()
    again = serve(folder, config=text)
    try:
        assert ask(again, model="auto").json()["bouclier"]["deployment"]["name"] == "home"
        assert ask(again, model="one").status_code == 403
    finally:
        assert again.stop() == 0


def test_an_expired_gateway_that_refuses_starts_again_and_says_why_it_refuses(expired: Expired) -> None:
    assert expired.refusing.stop() == 0
    folder = expired.refusing.data.parent
    again = serve(folder, config=(folder / "bouclier.yaml").read_text())
    try:
        for model in ("auto", "one", "home"):
            refused = ask(again, model=model)
            assert (refused.status_code, error_of(refused)["code"]) == (503, "charter_expired")
        shown = got(again, "charter")
        assert (shown["expired"], shown["own_only"], shown["problem"] is not None) == (True, False, True)
    finally:
        assert again.stop() == 0
    assert entries_of(expired.refusing.data)[-1]["kind"] != "decision"


# ---- One's own charter --------------------------------------------------------------------------------------

OWN = "charter: {folder: charter, refresh_s: 1}\nengine: {model: off}\nshield: {names: off}\n"


def home(deployment: Deployment) -> str:
    return OWN + f"deployments: [{{name: home, base_url: '{deployment.base_url}', model: echo, operator: self}}]\n"


def test_a_charter_of_ones_own_survives_restarts_and_changes_with_its_folder(
    deployment: Deployment, tmp_path: Path
) -> None:
    first = files_of_charter(ORDINARY)
    write_charter(tmp_path / "charter", first)
    served = serve(tmp_path, config=home(deployment))
    try:
        before = got(served, "charter")
        assert ask(served).status_code == 200
    finally:
        assert served.stop() == 0
    assert (before["adopted_by"], before["threshold"], before["own"]) == ([], 1, True)
    key = (served.data / "charter/local/keys/local.private").read_bytes()
    assert (served.data / "charter/local/keys/local.private").stat().st_mode & 0o077 == 0
    second = files_of_charter(ORDINARY, forbid("never", "true"), version="2")
    write_charter(tmp_path / "charter", second)
    served = serve(tmp_path, config=home(deployment))
    try:
        after = got(served, "charter")
        assert ask(served).status_code == 403
    finally:
        assert served.stop() == 0
    assert after["charter"] == sha256(bundle_of(second)).hexdigest() != before["charter"]
    assert (after["root"], after["adopted_by"]) == (before["root"], [])
    assert after["timestamp"] > before["timestamp"]
    assert (served.data / "charter/local/keys/local.private").read_bytes() == key
    entries = entries_of(served.data)
    assert [one["law"]["charter"] for one in entries if one["kind"] == "adoption"] == [
        before["charter"],
        after["charter"],
    ]
    assert_every_decision_follows_the_entry_of_its_law(entries)


def test_the_packaged_charter_serves_and_keeps_personal_data_where_it_says(
    deployment: Deployment, tmp_path: Path
) -> None:
    listed = "".join(
        f"  - {{name: {name}, base_url: '{deployment.base_url}', model: echo, operator: ovhcloud{more}}}\n"
        for name, more in (("known", ", country: FR"), ("unknown", ""))
    )
    served = serve(tmp_path, config=f"deployments:\n{listed}engine: {{model: off}}\nshield: {{names: off}}\n")
    text = "Écrire à zoe.vasseur@example.fr"
    try:
        shown = got(served, "charter")
        assert (shown["adopted_by"], shown["own"], len(shown["packs"])) == ([], True, 9)
        answer = ask(served, text, model="known")
        assert "pseudonymise" in answer.json()["bouclier"]["decision"]["duties"]
        assert all(warned["fr"] and warned["en"] for warned in answer.json()["bouclier"]["warnings"])
        assert answer.json()["choices"][0]["message"]["content"] == text
        assert "vasseur" not in json.dumps(deployment.seen()[-1]["body"])
        assert ask(served, text, model="unknown").status_code == 403
        assert ask(served, "Bonjour", model="unknown").status_code == 200
    finally:
        assert served.stop() == 0
    assert_every_decision_follows_the_entry_of_its_law(entries_of(served.data))


def test_a_charter_that_does_not_load_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    write_charter(tmp_path / "charter", {**files_of_charter(ORDINARY), "packs/socle/data.jsn": "{}"})
    with pytest.raises(RuntimeError, match=r"data\.jsn is read by nothing"):
        serve(tmp_path, config=OWN)


def test_a_gateway_killed_while_it_first_makes_its_charter_starts_all_the_same(tmp_path: Path) -> None:
    write_charter(tmp_path / "charter", files_of_charter(ORDINARY))
    config_file = tmp_path / "bouclier.yaml"
    config_file.write_text(OWN)
    data = tmp_path / "data"
    arguments = ["serve", "--config", str(config_file), "--data", str(data), "--port", "0"]
    for seen in ("charter/local/keys", "charter/local/metadata", "charter/followed"):
        process = subprocess.Popen(
            [sys.executable, "-m", "bouclier", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        eventually((data / seen).exists, seen)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
    served = serve(tmp_path, config=OWN)
    try:
        assert got(served, "charter")["charter"] == sha256(bundle_of(files_of_charter(ORDINARY))).hexdigest()
    finally:
        assert served.stop() == 0


# ---- Joining ------------------------------------------------------------------------------------------------


def test_a_published_charter_is_joined_told_and_left(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", files=charter_files())
    root = tmp_path / "root.json"
    root.write_bytes(repo.root_bytes)
    config_file = tmp_path / "bouclier.yaml"
    config_file.write_text("engine: {model: off}\nshield: {names: off}\n")
    where = ("--config", config_file, "--data", tmp_path / "data")

    said = command("charter", "followed", *where)
    assert (said.code, said.out.splitlines()[:2]) == (0, ["its own charter", "adopted by: nobody"])
    assert "registry: packaged\n" in said.out
    said = command("charter", "join", repo.folder, "--root", root, *where)
    assert said.code == 0
    assert said.out.startswith("adopted by: party-1, party-2, party-3 3/3 (2)\n")
    assert "next start" in said.out
    said = command("charter", "followed", *where)
    assert (said.code, said.out.splitlines()[0]) == (0, str(repo.folder))
    assert "registry: packaged\n" in said.out
    repo.propose_registry(facts())
    repo.publish()
    assert f"registry: {sha256(facts()).hexdigest()}\n" in command("charter", "followed", *where).out

    served = serve(tmp_path, config=config_file.read_text())
    try:
        shown = got(served, "charter")
        assert (shown["own"], shown["charter"]) == (False, sha256(bundle_of(charter_files())).hexdigest())
    finally:
        assert served.stop() == 0
    config_file.write_text("charter: {folder: charter}\nengine: {model: off}\nshield: {names: off}\n")
    with pytest.raises(RuntimeError, match="bouclier charter leave"):
        serve(tmp_path, config=config_file.read_text())
    for answer in ("goes back to its own charter", "No charter was followed"):
        said = command("charter", "leave", *where)
        assert (said.code, answer in said.out) == (0, True)


def test_what_cannot_be_verified_is_not_joined(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", files=charter_files())
    local_repository(tmp_path / "other", bundle_of(charter_files()), now=datetime.now(UTC), days=1)
    theirs = (tmp_path / "other" / "metadata" / "1.root.json").read_bytes()
    roots = {"theirs": theirs, "none": b"{}", "empty": b"", "half": repo.root_bytes[:-9]}
    config_file = tmp_path / "bouclier.yaml"
    config_file.write_text("engine: {model: off}\n")
    where = ("--config", config_file, "--data", tmp_path / "data")
    for name, root in roots.items():
        file = tmp_path / name
        file.write_bytes(root)
        said = command("charter", "join", repo.folder, "--root", file, *where)
        assert (said.code != 0, said.out) == (True, ""), name
        assert "→" in said.err, name
    missing = command("charter", "join", repo.folder, "--root", tmp_path / "missing", *where)
    assert missing.code != 0
    assert "--root" in missing.err
    assert command("charter", "join", tmp_path / "nowhere", "--root", tmp_path / "theirs", *where).code != 0
    assert not (tmp_path / "data" / "charter" / "joined.json").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{repository: x}", "`charter.repository` requires `charter.root`"),
        ("{repository: x, root: r, folder: y}", "excludes `charter.folder`"),
        ("{repository: 'ftp://x', root: r}", "The address of the charter is wrong"),
        ("{repository: x, root: missing}", "missing cannot be read"),
    ],
)
def test_a_configuration_that_contradicts_itself_is_refused(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "r").write_bytes(b"{}")
    config_file = tmp_path / "bouclier.yaml"
    config_file.write_text(f"charter: {settings}\nengine: {{model: off}}\n")
    told = command("charter", "followed", "--config", config_file, "--data", tmp_path / "data")
    assert told.code != 0
    assert said in told.err
