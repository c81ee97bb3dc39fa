"""`bouclier log` and `bouclier receipt`: what was recorded can be read, and checked by whoever doubts it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

from bouclier.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = "Zoé Vasseur, zoe.vasseur@example.fr, NIR 2 85 05 78 006 084 91"
ASKED = json.dumps({"model": "echo", "messages": [{"role": "user", "content": WORDS}]}).encode()
REFUSED = json.dumps({"model": "us", "messages": [{"role": "user", "content": WORDS}]}).encode()


@dataclass
class Recorded:
    """A gateway's folder after an answer and a refusal, and a copy from before the refusal."""

    data: Path
    before: Path
    answer: dict[str, Any]
    refusal: dict[str, Any]


@pytest.fixture(scope="module")
def recorded(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("recorded")
    served = serve(folder, config=configuration(deployment))
    try:
        answer = post(served, ASKED).json()["bouclier"]["receipt"]
        before = shutil.copytree(served.data, folder / "before")
        refusal = post(served, REFUSED).json()["error"]["bouclier"]["receipt"]
        yield Recorded(data=served.data, before=before, answer=answer, refusal=refusal)
    finally:
        assert served.stop() == 0
    assert "vasseur" not in served.said().lower()


def post(served: Served, body: bytes) -> httpx.Response:
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}
    return httpx.post(f"{served.base_url}/chat/completions", content=body, headers=headers)


@dataclass
class Said:
    code: int
    out: str
    err: str


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> Said:
    """Run a command in this process: it only reads files."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert "vasseur" not in (captured.out + captured.err).lower()
    return Said(code, captured.out, captured.err)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_what_is_exported_hashes_to_its_leaves_and_verifies(recorded: Recorded) -> None:
    export = run("log", "export", "--data", str(recorded.data))
    entries = []
    for number, line in enumerate(export.stdout.splitlines()):
        one = json.loads(line)
        canonical = line.partition('"entry":')[2][:-1].encode()
        assert one["index"] == number
        assert hashlib.sha256(b"\0" + canonical).hexdigest() == one["leaf_hash"]
        entries.append(one["entry"])
    assert [entry["kind"] for entry in entries] == ["decision", "outcome", "decision"]
    assert [entry.get("chosen") for entry in entries] == ["echo", None, None]
    assert "vasseur" not in export.stdout.lower()
    verified = run("log", "verify", "--data", str(recorded.data))
    assert verified.returncode == 0
    assert verified.stdout.startswith("log intact: 3 entries, root ")
    french = run("log", "verify", "--data", str(recorded.data), LC_ALL="fr_FR.UTF-8")
    assert french.stdout.startswith("journal intact : 3 entrées, racine ")


def test_a_size_and_root_noted_elsewhere_are_checked(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    root = command(capsys, "log", "verify", "--data", recorded.data).out.split()[-1]
    noted: list[tuple[object, str, int]] = [
        (3, root, 0),
        (recorded.answer["tree_size"], recorded.answer["root_hash"], 0),
        (recorded.refusal["tree_size"], recorded.refusal["root_hash"], 0),
        (2, root, 1),
        (4, root, 1),
        (3, "00" * 32, 1),
        (3, "00" * 31, 2),
        (3, "x", 2),
        (-1, root, 2),
    ]
    for size, one, code in noted:
        said = command(capsys, "log", "verify", "--data", recorded.data, f"--size={size}", "--root", one)
        assert said.code == code, (size, one, said)
        assert (said.err == "") == (code == 0)
    for alone in (("--size", 3), ("--root", root)):
        assert command(capsys, "log", "verify", "--data", recorded.data, *alone).code == 2
    # A log taken back to an earlier state is sound in itself; whoever noted the later root knows.
    assert command(capsys, "log", "verify", "--data", recorded.before).code == 0
    taken_back = command(capsys, "log", "verify", "--data", recorded.before, "--size", 3, "--root", root)
    assert taken_back.code == 1
    assert taken_back.out == ""


def test_a_log_that_was_tampered_with_is_said_with_the_place(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(recorded.data, tmp_path / "copy")
    file = data / "log" / "entries.log"
    sound = file.read_bytes()
    for old, new in ((b'"sensitive"', b'"personal" '), (b'"status":200', b'"status":403')):
        assert old in sound
        file.write_bytes(sound.replace(old, new, 1))
        for verb in ("verify", "export"):
            said = command(capsys, "log", verb, "--data", data)
            assert said.code in {1, 2}, verb
            assert "damaged at byte" in said.err
    file.unlink()
    assert "there is no log" in command(capsys, "log", "verify", "--data", data).err
    assert command(capsys, "log", "export", "--data", tmp_path / "nowhere").code == 2


@pytest.mark.parametrize("which", ["answer", "refusal"])
def test_a_receipt_verifies_offline_with_the_very_request_and_no_other(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    receipt, body = (recorded.answer, ASKED) if which == "answer" else (recorded.refusal, REFUSED)
    file, request = tmp_path / "receipt.json", tmp_path / "request.json"
    file.write_text(json.dumps(receipt), encoding="utf-8")
    request.write_bytes(body)
    said = command(capsys, "receipt", "verify", file, "--request", request)
    assert said.code == 0, said.err
    assert f"entry {receipt['index']} of a log of {receipt['tree_size']}" in said.out
    assert f"root {base64.b64decode(receipt['root_hash']).hex()}" in said.out
    assert f"sensitive → {'echo' if which == 'answer' else '—'}" in said.out
    request.write_bytes(body + b" ")
    other = command(capsys, "receipt", "verify", file, "--request", request)
    assert (other.code, other.out) == (1, "")
    assert "not the one the decision committed to" in other.err


def altered(receipt: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in receipt.items():
        yield {name: one for name, one in receipt.items() if name != key}
        if isinstance(value, int):
            yield {**receipt, key: value + 1}
        elif isinstance(value, list):
            yield {**receipt, key: [*value, base64.b64encode(bytes(32)).decode()]}
        elif key != "salt":
            yield {**receipt, key: ("y" if value.startswith("x") else "x") + value[1:]}
    yield {**receipt, "more": 1}
    yield {**receipt, "salt": "AAAA"}


def test_an_altered_receipt_fails_whatever_was_altered(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "receipt.json"
    for receipt in (recorded.answer, recorded.refusal):
        for one in altered(receipt):
            file.write_text(json.dumps(one), encoding="utf-8")
            said = command(capsys, "receipt", "verify", file)
            assert (said.code, said.out) == (1, ""), one
    file.write_text(json.dumps({**recorded.answer, "salt": base64.b64encode(bytes(32)).decode()}), encoding="utf-8")
    request = tmp_path / "request.json"
    request.write_bytes(ASKED)
    assert command(capsys, "receipt", "verify", file, "--request", request).code == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"entry": "\xff"}', b"[" * 100_000, b'"Vasseur"'])
def test_what_is_no_receipt_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(content)
    said = command(capsys, "receipt", "verify", file)
    assert said.code in {1, 2}
    assert str(file) in said.err
    missing = command(capsys, "receipt", "verify", tmp_path / "missing.json")
    assert missing.code == 2


def test_a_receipt_of_an_outcome_verifies_too(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = command_out(recorded).splitlines()
    entry = lines[1].partition('"entry":')[2][:-1]
    leaf = base64.b64encode(hashlib.sha256(b"\0" + entry.encode()).digest()).decode()
    # A log of one entry: its leaf hash is its root.
    receipt = {**recorded.answer, "entry": entry, "leaf_hash": leaf, "root_hash": leaf}
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps({**receipt, "index": 0, "tree_size": 1, "proof": []}), encoding="utf-8")
    assert command(capsys, "receipt", "verify", file).code == 0


def command_out(recorded: Recorded) -> str:
    return run("log", "export", "--data", str(recorded.data)).stdout
