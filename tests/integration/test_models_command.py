"""`bouclier models`: terms first, then bytes by digest; what is here; one model served alone, for another gateway."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import psutil
import pytest
import yaml
from tests.engine_kit import tiny_weights
from tests.gguf_kit import gguf
from tests.servers import environment
from tests.weights_kit import Hub, serving

from bouclier.cli import main
from bouclier.compose.configuration import configuration_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.weights_kit import Ask

COMMIT = "c" * 40
BODY = random.Random(1789).randbytes(3 << 20)


def _model(licence: str | None = "apache-2.0", **more: str | int) -> bytes:
    values: dict[str, Any] = {"general.architecture": "e", "general.name": "Modèle ajouté", "e.context_length": 2048}
    if licence is not None:
        values["general.license"] = licence
    return gguf({**values, **more}, body=BODY)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Terminal:
    """Runs commands over one weights folder, and keeps what they print."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.weights = folder / "weights"
        self.config = folder / "bouclier.yaml"
        self.config.write_text(f"engine: {{model: smollm2-135m-instruct, cache: {self.weights}}}\n")
        self._capsys = capsys
        self._data = folder / "data"

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["models", *arguments, "--config", str(self.config), "--data", str(self._data)])
        out, err = self._capsys.readouterr()
        return code, out, " ".join(err.split())

    def listed(self) -> dict[str, dict[str, Any]]:
        code, out, _ = self("list", "--json")
        assert code == 0
        return {one["name"]: one for one in json.loads(out)}

    def kept(self) -> list[str]:
        """Whatever has a byte in the weights folder."""
        found = self.weights.rglob("*") if self.weights.exists() else ()
        return sorted(item.name for item in found if item.is_file() and item.stat().st_size)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "500")
    return Terminal(tmp_path, capsys)


def _pull(mirror: Hub, content: bytes, *more: str) -> Sequence[str]:
    name = f"hub:essais/modele/Ajout-Q4.gguf@{COMMIT}"
    return ("pull", name, "--sha256", _digest(content), "--from", mirror.base, *more)


def test_a_model_outside_the_catalogue_comes_by_digest_with_its_own_licence_and_gets_a_name(terminal: Terminal) -> None:
    content = _model()
    with Hub(serving(content)) as mirror:
        code, out, err = terminal(*_pull(mirror, content))
        assert code == 0, err
        assert "Modèle ajouté — 3 MB — ajout-q4" in err
        assert "Licence: Apache License 2.0 (Apache-2.0)." in err
        path = out.strip()
        asked = len(mirror.asked)
        assert terminal(*_pull(mirror, content))[0] == 0
        assert len(mirror.asked) == asked, "it was fetched again"
    assert path.endswith(f"Ajout-Q4-{_digest(content)[:8]}.gguf")
    added = terminal.listed()["ajout-q4"]
    assert added["path"] == path
    assert (added["licence"], added["origin"], added["languages"]) == ("Apache-2.0", None, [])
    code, out, _ = terminal("list")
    assert "ajout-q4  3 MB  Apache-2.0  installed" in out
    assert "origin unknown; languages unknown" in out


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("llama3.1", "Llama 3.1 Community License"),
        ("maison", 'Licence: "maison", which Bouclier does not know.'),
        (None, "nothing is permitted beforehand"),
    ],
)
def test_a_licence_that_asks_something_is_accepted_before_the_rest_is_fetched(
    terminal: Terminal, licence: str | None, shown: str
) -> None:
    content = _model(licence)
    with Hub(serving(content)) as mirror:
        code, _, err = terminal(*_pull(mirror, content))
        assert code == 2
        assert shown in err
        assert "was not accepted; nothing is installed" in err
        assert {ask.range for ask in mirror.asked} == {"bytes=0-1048575"}
        assert terminal.kept() == []
        assert terminal(*_pull(mirror, content, "--accept-licence"))[0] == 0
    assert "ajout-q4" in terminal.listed()


def test_another_digest_keeps_nothing(terminal: Terminal) -> None:
    content = _model()
    with Hub(serving(content)) as mirror:
        code, out, err = terminal(*_pull(mirror, content + b"x"))
    assert (code, out) == (2, "")
    assert "has not the catalogue's digest" in err
    assert terminal.kept() == []
    assert "ajout-q4" not in terminal.listed()


def test_a_mirror_that_shows_another_licence_than_the_file_has_is_found_out(terminal: Terminal) -> None:
    shown, true = _model("mit"), _model("gemma", **{"general.basename": "xx"})

    def two_faced(ask: Ask) -> None:
        first = ask.range == "bytes=0-1048575"
        ask.range = None
        serving(shown + bytes(len(true) - len(shown)) if first else true)(ask)

    with Hub(two_faced) as mirror:
        code, out, err = terminal(*_pull(mirror, true))
    assert (code, out) == (1, "")
    assert 'states the licence "LicenseRef-gemma"' in err
    assert not [name for name in terminal.kept() if name.endswith((".gguf", ".json"))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hub:essais/modele/a.gguf@main", "--sha256", "0" * 64], "named hub:owner/name/file.gguf@commit"),
        ([f"hub:essais/modele/a.gguf@{COMMIT}"], "needs --sha256"),
        ([f"hub:essais/modele/a.gguf@{COMMIT}", "--sha256", "xyz"], "needs --sha256"),
        (["smollm2-135m", "--sha256", "0" * 64], "not that of --sha256"),
        (["smollm2-135m", "--from", "http://mirror.example.org"], "is not HTTPS"),
        (["no-such-model"], 'no model "no-such-model"'),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    terminal: Terminal, arguments: list[str], said: str
) -> None:
    code, out, err = terminal("pull", *arguments)
    assert code in {1, 2}
    assert out == ""
    assert said in err
    assert terminal.kept() == []


def test_what_is_no_model_is_refused_from_its_first_bytes(terminal: Terminal) -> None:
    with Hub(serving(BODY)) as mirror:
        code, _, err = terminal(*_pull(mirror, BODY))
        assert len(mirror.asked) == 1
    assert code == 1
    assert "not a readable GGUF file" in err


def test_a_catalogued_model_comes_from_a_folder_and_the_list_tells_where_it_is(terminal: Terminal) -> None:
    folder = tiny_weights().parent
    code, out, err = terminal("pull", "smollm2-135m", "--from", str(folder))
    assert code == 0, err
    tiny = terminal.listed()["smollm2-135m-instruct"]
    assert tiny["path"] == out.strip() == str(terminal.weights / tiny_weights().name)
    assert tiny["chosen"]
    assert tiny["fits"] == (tiny["memory_bytes"] <= tiny["free_memory_bytes"])
    assert terminal.listed()["ministral-3-14b-instruct"]["path"] is None


def test_a_file_larger_than_the_disk_is_refused_before_it_comes(terminal: Terminal) -> None:
    content = _model()

    def boast(ask: Ask) -> None:
        head = content[: 1 << 20]
        ask.head(206, length=len(head), content_range=f"bytes 0-{len(head) - 1}/{10**18}")
        ask.body(head)

    with Hub(boast) as mirror:
        code, _, err = terminal(*_pull(mirror, content))
        assert len(mirror.asked) == 1
    assert code == 2
    assert "are free" in err
    assert terminal.kept() == []


def test_a_model_outside_the_catalogue_comes_from_a_folder_too(terminal: Terminal, tmp_path: Path) -> None:
    content, lent = _model(), tmp_path / "lent"
    lent.mkdir()
    (lent / "Ajout-Q4.gguf").write_bytes(content)
    name = f"hub:essais/modele/Ajout-Q4.gguf@{COMMIT}"
    code, out, err = terminal("pull", name, "--sha256", _digest(content), "--from", str(lent))
    assert code == 0, err
    assert terminal.listed()["ajout-q4"]["path"] == out.strip()


@pytest.mark.parametrize(("said", "code"), [(b"y\n", 0), (b"\n", 2), (b"\x04", 2), (b"\xff\n", 2)])
def test_on_a_terminal_the_licence_is_asked_about(terminal: Terminal, said: bytes, code: int) -> None:
    content = _model("gemma")
    keyboard, stdin = pty.openpty()
    try:
        os.write(keyboard, said)
        with Hub(serving(content)) as mirror:
            done = subprocess.run(
                [sys.executable, "-m", "bouclier", "models", *_pull(mirror, content), "--config", str(terminal.config)],
                stdin=stdin,
                capture_output=True,
                text=True,
                check=False,
                env=environment(),
            )
    finally:
        os.close(keyboard)
        os.close(stdin)
    assert done.returncode == code, done.stderr
    assert "Do you accept these terms? [y/N]" in done.stderr
    assert "Traceback" not in done.stderr
    assert bool(terminal.kept()) == (code == 0)


@pytest.mark.parametrize("place", ["usb", "weights"])
def test_a_file_that_was_here_before_is_never_deleted_whatever_a_source_says_of_it(
    terminal: Terminal, tmp_path: Path, place: str
) -> None:
    content = _model("mit")
    liar = tmp_path / "liar"
    liar.mkdir()
    (liar / "Ajout-Q4.gguf").write_bytes(_model("gemma").ljust(len(content), b"0")[: len(content)])
    mine = tmp_path / place / f"Ajout-Q4-{_digest(content)[:8]}.gguf"
    mine.parent.mkdir()
    mine.write_bytes(content)
    with terminal.config.open("w") as config:
        config.write(f"engine: {{cache: {terminal.weights}, weights: [{tmp_path / 'usb'}]}}\n")
    name = f"hub:essais/modele/Ajout-Q4.gguf@{COMMIT}"
    code, out, err = terminal("pull", name, "--sha256", _digest(content), "--from", str(liar), "--accept-licence")
    assert (code, out) == (1, "")
    assert 'states the licence "MIT"' in err
    assert "The file was here before and is left alone." in err
    assert mine.read_bytes() == content
    assert "ajout-q4" not in terminal.listed()


def test_weights_whose_shape_turns_out_to_be_none_are_not_kept(terminal: Terminal) -> None:
    true = gguf(
        {
            "general.architecture": "e",
            "general.license": "apache-2.0",
            "e.context_length": 2048,
            "e.attention.head_count_kv": -8,
        },
        body=BODY,
    )
    shown = _model()

    def two_faced(ask: Ask) -> None:
        first = ask.range == "bytes=0-1048575"
        ask.range = None
        serving(shown.ljust(len(true), b"0")[: len(true)] if first else true)(ask)

    with Hub(two_faced) as mirror:
        code, out, err = terminal(*_pull(mirror, true))
    assert (code, out) == (1, "")
    assert '"e.attention.head_count_kv" has a value that no model can have' in err
    assert not [name for name in terminal.kept() if name.endswith((".gguf", ".json"))]


@pytest.mark.parametrize(
    ("key", "value"), [("e.attention.head_count_kv", -8), ("e.context_length", 2**64 - 1), ("e.block_count", 2**63)]
)
def test_a_model_whose_shape_is_none_is_refused_by_its_key_before_it_comes(
    terminal: Terminal, key: str, value: int
) -> None:
    shape: dict[str, Any] = {"e.block_count": 32, "e.embedding_length": 4096, "e.attention.head_count": 32, key: value}
    content = _model(**shape)
    with Hub(serving(content)) as mirror:
        code, out, err = terminal(*_pull(mirror, content))
        assert len(mirror.asked) == 1
    assert (code, out) == (1, "")
    assert f'"{key}" has a value that no model can have' in err
    assert terminal.kept() == []


def test_a_file_cannot_hide_its_licence_from_who_reads_the_terminal(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    content = _model("evil\x1b[2J\x1b[H\x9b8m\u202e\x00", **{"general.name": "Nice model\x1b[8m"})
    with Hub(serving(content)) as mirror:
        arguments = _pull(mirror, content, "--accept-licence")
        assert main(["models", *arguments, "--config", str(terminal.config)]) == 0
    shown = capsys.readouterr().err
    assert 'Licence: "evil\ufffd[2J\ufffd[H\ufffd8m\ufffd\ufffd", which Bouclier does not know.' in shown
    assert "Nice model\ufffd[8m" in shown
    for said in (shown, terminal("list")[1], terminal("list", "--json")[1]):
        assert all(char.isprintable() or char == "\n" for char in said)


def test_a_pipe_in_place_of_the_file_is_not_waited_for(terminal: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Ajout-Q4.gguf")
    name = f"hub:essais/modele/Ajout-Q4.gguf@{COMMIT}"
    arguments = ["pull", name, "--sha256", "0" * 64, "--from", str(tmp_path), "--config", str(terminal.config)]
    done = subprocess.run(
        [sys.executable, "-m", "bouclier", "models", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=environment(),
    )
    assert done.returncode == 2
    assert "Ajout-Q4.gguf is no regular file there" in done.stderr
    assert "will be tried" not in done.stderr


@pytest.mark.parametrize("place", ["https://[::1", "http://127.0.0.1:99999/é"])
def test_an_address_that_is_none_is_said(terminal: Terminal, place: str) -> None:
    name = f"hub:essais/modele/Ajout-Q4.gguf@{COMMIT}"
    code, out, err = terminal("pull", name, "--sha256", "0" * 64, "--from", place)
    assert (code, out) == (2, "")
    assert "no web address that can be read" in err


def test_one_model_is_served_alone_survives_a_kill_and_stops_without_leaving_a_process(tmp_path: Path) -> None:
    config, key_file = tmp_path / "bouclier.yaml", tmp_path / "site.key"
    config.write_text(f"engine: {{model: smollm2-135m, cache: {tiny_weights().parent}, context: 512}}\n")
    command = [sys.executable, "-m", "bouclier", "models", "serve", "--config", str(config)]
    more = ["--slots", "3", "--key-file", str(key_file)]
    server = subprocess.Popen(
        [*command, *more, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    with server:
        try:
            assert server.stdout is not None
            assert server.stderr is not None
            shown = [server.stdout.readline() for _ in range(9)]
            site = yaml.safe_load("".join(shown[1:]))["deployments"][0]
            assert (site["slots"], site["api_key_file"]) == (3, str(key_file))
            base = site["base_url"].removesuffix("/v1")
            port = base.removeprefix("http://127.0.0.1:")
            assert configuration_of("".join(shown[1:]), source=None, environment={}).deployments[0].slots == 3
            assert key_file.stat().st_mode & 0o777 == 0o600
            headers = {"authorization": f"Bearer {key_file.read_text().strip()}"}
            body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}
            assert httpx.get(f"{base}/health", timeout=60).status_code == 200
            assert httpx.post(f"{base}/v1/chat/completions", json=body, timeout=60).status_code == 401
            assert httpx.post(f"{base}/v1/chat/completions", json=body, headers=headers, timeout=60).status_code == 200
            (engine,) = psutil.Process(server.pid).children()
            os.kill(engine.pid, signal.SIGKILL)
            said = [server.stderr.readline() for _ in range(2)]
            assert said == ["bouclier: engine: starting\n", "bouclier: engine: ready\n"]
            assert httpx.post(f"{base}/v1/chat/completions", json=body, headers=headers, timeout=60).status_code == 200
            (engine,) = psutil.Process(server.pid).children()
            busy = subprocess.run(
                [*command, *more, "--port", port], capture_output=True, text=True, check=False, env=environment()
            )
            assert busy.returncode == 2
            assert re.search(rf"Cannot listen on 127.0.0.1:{port}", busy.stderr)
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=20) == 0
    assert not engine.is_running()


@pytest.mark.parametrize("wrong", [["--port", "70000"], ["--slots", "0"], ["--memory-mb", "50"]])
def test_what_cannot_be_served_with_is_said(terminal: Terminal, wrong: list[str]) -> None:
    terminal.config.write_text(f"engine: {{model: smollm2-135m, cache: {tiny_weights().parent}}}\n")
    key_file = str(terminal.config.with_name("site.key"))
    code, out, err = terminal("serve", "--port", "0", "--key-file", key_file, *wrong)
    assert (code, out) == (2, "")
    assert err.startswith("bouclier: ")


def test_a_model_that_is_not_here_is_not_served_and_the_command_says_how_to_get_it(terminal: Terminal) -> None:
    code, out, err = terminal("serve", "smollm2-135m", "--port", "0")
    assert (code, out) == (1, "")
    assert "Run `bouclier models pull smollm2-135m-instruct` first." in err
