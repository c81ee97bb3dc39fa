"""`bouclier serve` and `bouclier keys`: what is printed once, what starts, and what refuses to start and says why."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from tests.charter_kit import files_of_charter, write_charter
from tests.servers import Served, environment, run, serve, vkey_of

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "engine: {model: off}\nshield: {names: off}\n"


def models(served: Served, key: str) -> int:
    return httpx.get(f"{served.base_url}/models", headers={"authorization": f"Bearer {key}"}, timeout=60).status_code


def stopped(served: Served) -> str:
    """Stop a gateway and return the rest of what it printed."""
    served.process.send_signal(signal.SIGTERM)
    assert served.process.stdout is not None
    rest = served.process.stdout.read()
    assert served.stop() == 0
    return rest


def refused_start(config: Path, data: Path, *more: str, **env: str) -> str:
    """Run `serve` where it must not start; return what it said."""
    done = run("serve", "--config", str(config), "--data", str(data), "--port", "0", *more, **env)
    assert done.returncode == 2, done.stderr
    assert done.stdout == "", "it said that it listens"
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("bouclier: ")
    assert "\n  → " in done.stderr
    return done.stderr


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bouclier.yaml"
    file.write_text(CONFIG)
    return file


NOBODYS = "Charter: Starter charter 2.0.0, adopted by nobody\n"


def test_the_first_key_is_printed_once_and_keys_made_later_work_at_once(tmp_path: Path) -> None:
    served = serve(tmp_path, config=CONFIG)
    data = str(served.data)
    try:
        assert served.process.stdout is not None
        label, _, first = served.process.stdout.readline().strip().partition(": ")
        assert label == "API key"
        assert models(served, first) == 200
        assert models(served, first + "x") == 401
        created = run("keys", "create", "mairie", "--data", data)
        assert created.returncode == 0
        assert models(served, created.stdout.splitlines()[-1]) == 200
        assert created.stdout.splitlines()[-1] not in created.stderr
        again = run("keys", "create", "mairie", "--data", data)
        assert (again.returncode, again.stdout) == (2, "")
        assert '"mairie" exists already' in again.stderr
        assert run("keys", "list", "--data", data).stdout.split() == ["terminal", "first", "mairie"]
        # A second gateway on the same folder says who holds it, and does not disturb the first.
        said = refused_start(tmp_path / "bouclier.yaml", served.data)
        assert f"held by another process ({served.process.pid})" in said
        assert models(served, first) == 200
    finally:
        assert stopped(served) == NOBODYS
    assert "API key" not in served.said()
    served = serve(tmp_path, config=CONFIG)
    try:
        assert models(served, first) == 200
    finally:
        assert stopped(served) == NOBODYS, "no key is printed the second time"


def test_a_taken_port_is_said(config: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused_start(config, tmp_path / "data", "--port", port)
        assert f"Cannot listen on 127.0.0.1:{port}" in said
        french = refused_start(config, tmp_path / "data", "--port", port, LC_ALL="fr_FR.UTF-8")
        assert f"Impossible d'écouter sur 127.0.0.1:{port}" in french


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listen: {prot: 1}\nengine: {modle: off}\n", ":2: engine.modle: unknown key."),
        (CONFIG + "charter: {folder: broken}\n", "policies.cedar"),
        (
            CONFIG + "deployments: [{name: a, base_url: 'http://127.0.0.1/v1', model: m, operator: ovhcloud, "
            "api_key_file: missing.key}]\n",
            "missing.key",
        ),
        ("engine: {model: no-such-model}\n", "no-such-model"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_said_and_nothing_starts(
    config: Path, tmp_path: Path, text: str, said: str
) -> None:
    write_charter(tmp_path / "broken", files_of_charter("permit ("))
    config.write_text(text, encoding="utf-8")
    assert said in refused_start(config, tmp_path / "data")


def test_a_configuration_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "missing.yaml" in refused_start(tmp_path / "missing.yaml", tmp_path / "data")


def test_a_damaged_key_file_is_said_and_nothing_starts(config: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("keys", "create", "mairie", "--data", str(data)).returncode == 0
    (data / "keys.json").write_bytes(b"{\xff")
    assert "keys.json is unreadable" in refused_start(config, data)
    done = run("keys", "create", "other", "--data", str(data))
    assert (done.returncode, done.stdout) == (2, "")
    assert (data / "keys.json").read_bytes() == b"{\xff"


def test_a_folder_that_lost_its_log_is_refused_until_a_log_is_made_on_purpose(config: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("keys", "create", "mairie", "--data", str(data)).returncode == 0
    for file in (data / "log").iterdir():
        file.unlink()
    (data / "log").rmdir()
    assert "`bouclier log create`" in refused_start(config, data)
    assert not (data / "log").exists()
    lost = run("keys", "create", "other", "--data", str(data), LC_ALL="fr_FR.UTF-8")
    assert lost.returncode == 2
    assert "a disparu" in lost.stderr
    assert run("log", "create", "--data", str(data)).returncode == 0
    again = run("log", "create", "--data", str(data))
    assert again.returncode == 2
    assert "already" in again.stderr
    served = serve(tmp_path, config=CONFIG, data=data)
    assert "API key" not in stopped(served), "people have a key already"


def test_what_is_missed_if_the_log_is_gone_is_written_again_when_it_is_gone_itself(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("keys", "create", "mairie", "--data", str(data)).returncode == 0
    written = (data / "log.origin").read_text()
    (data / "log.origin").unlink()
    assert run("keys", "create", "other", "--data", str(data)).returncode == 0
    assert (data / "log.origin").read_text() == written
    shutil.rmtree(data / "log")
    assert run("keys", "create", "third", "--data", str(data)).returncode == 2


def test_a_log_keeps_the_name_it_was_given(config: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    config.write_text(CONFIG + "log: {origin: log.example.fr/mairie}\n")
    assert run("keys", "create", "mairie", "--config", str(config), "--data", str(data)).returncode == 0
    assert vkey_of(data).startswith("log.example.fr/mairie+")
    config.write_text(CONFIG + "log: {origin: log.example.fr/prefecture}\n")
    said = refused_start(config, data)
    assert "log.example.fr/mairie" in said
    assert "log.origin" in said


@pytest.mark.parametrize(
    "policy", [None, "", "quorum nobody\n", "witness w1 nonsense http://127.0.0.1:1/\nquorum w1\n"]
)
def test_a_witness_policy_that_is_missing_or_wrong_stops_the_start(
    config: Path, tmp_path: Path, policy: str | None
) -> None:
    config.write_text(CONFIG + "log: {policy: witnesses.txt}\n")
    if policy is not None:
        (tmp_path / "witnesses.txt").write_text(policy)
    refused_start(config, tmp_path / "data")


def test_a_data_folder_that_is_a_file_is_said(config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert str(tmp_path / "file") in refused_start(config, tmp_path / "file")


@pytest.mark.parametrize(
    ("arguments", "prepared"),
    [(["serve", "--port", "0"], True), (["keys", "create", "mairie"], True), (["ask", "Vasseur"], False)],
)
def test_a_read_only_data_folder_is_said(config: Path, tmp_path: Path, arguments: list[str], *, prepared: bool) -> None:
    """The data folder is a file system of its own, read-only, in a mount namespace that dies with the process."""
    data = tmp_path / "data"
    data.mkdir()
    if prepared:
        assert run("keys", "create", "before", "--data", str(data)).returncode == 0
    script = f'mount --bind "{data}" "{data}" && mount -o remount,bind,ro "{data}" && exec "$@"'
    command = [sys.executable, "-m", "bouclier", *arguments, "--config", str(config), "--data", str(data)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("bouclier: ")
    assert str(data) in done.stderr
    assert "Vasseur" not in done.stderr
