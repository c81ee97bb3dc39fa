"""`bouclier log`: what was recorded can be read, and checked by whoever doubts it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import time
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.conftest import configuration
from tests.servers import Deployment, Served, run, serve

from bouclier.cli import main
from bouclier.oversight import parse_receipt
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.tlog import Checkpoint, parse_checkpoint, parse_note, parse_vkey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = "Zoé Vasseur, zoe.vasseur@example.fr, NIR 2 85 05 78 006 084 91"
ASKED = json.dumps({"model": "echo", "messages": [{"role": "user", "content": WORDS}]}).encode()
REFUSED = json.dumps({"model": "us", "messages": [{"role": "user", "content": WORDS}]}).encode()


@dataclass
class Recorded:
    """A gateway's folder after an answer and a refusal, a copy from before the refusal, and the heads in receipts."""

    data: Path
    before: Path
    answer: Checkpoint
    refusal: Checkpoint


@pytest.fixture(scope="module")
def recorded(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("recorded")
    served = serve(folder, config=configuration(deployment))
    try:
        answer = head_in(post(served, ASKED).json()["bouclier"]["receipt"])
        published(served, answer.size + 1)  # and its outcome: nothing is written while it is copied
        before = shutil.copytree(served.data, folder / "before")
        refusal = head_in(post(served, REFUSED).json()["error"]["bouclier"]["receipt"])
        published(served, refusal.size)
        yield Recorded(data=served.data, before=before, answer=answer, refusal=refusal)
    finally:
        assert served.stop() == 0
    assert "vasseur" not in served.said().lower()


def published(served: Served, size: int) -> None:
    """Wait until so many entries are published; the test's time-out bounds it."""
    while httpx.get(f"{served.url}health", timeout=60).json()["log"]["published"] < size:
        time.sleep(0.01)


def head_in(receipt: dict[str, Any]) -> Checkpoint:
    """The tree head that a receipt holds."""
    return parse_checkpoint(parse_note(parse_receipt(receipt["proof"].encode()).proof.checkpoint).text)


def post(served: Served, body: bytes) -> httpx.Response:
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}
    return httpx.post(f"{served.base_url}/chat/completions", content=body, headers=headers, timeout=60)


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
    assert [entry["kind"] for entry in entries] == ["mark", "adoption", "decision", "outcome", "decision"]
    assert [entry.get("chosen") for entry in entries] == [None, None, "echo", None, None]
    assert "vasseur" not in export.stdout.lower()
    verified = run("log", "fsck", "--data", str(recorded.data))
    assert verified.returncode == 0
    assert verified.stdout.startswith("log intact: 5 entries (adoption 1, decision 2, mark 1, outcome 1), root ")
    french = run("log", "fsck", "--data", str(recorded.data), LC_ALL="fr_FR.UTF-8")
    assert french.stdout.startswith(
        "journal intact : 5 entrées (adoptions 1, décisions 2, marques 1, issues 1), racine "
    )


def test_a_size_and_root_noted_elsewhere_are_checked(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    root = command(capsys, "log", "fsck", "--data", recorded.data).out.splitlines()[0].split()[-1]
    noted: list[tuple[object, str, int]] = [
        (5, root, 0),
        (recorded.answer.size, recorded.answer.root.hex(), 0),
        (recorded.refusal.size, b64encode(recorded.refusal.root).decode(), 0),
        (4, root, 1),
        (6, root, 1),
        (5, "00" * 32, 1),
        (5, "00" * 31, 2),
        (5, "x", 2),
        (-1, root, 2),
    ]
    for size, one, code in noted:
        said = command(capsys, "log", "fsck", "--data", recorded.data, f"--size={size}", "--root", one)
        assert said.code == code, (size, one, said)
        assert (said.err == "") == (code == 0)
    for alone in (("--size", 5), ("--root", root)):
        assert command(capsys, "log", "fsck", "--data", recorded.data, *alone).code == 2
    # A log taken back to an earlier state is sound in itself; whoever noted the later root knows.
    assert command(capsys, "log", "fsck", "--data", recorded.before).code == 0
    taken_back = command(capsys, "log", "fsck", "--data", recorded.before, "--size", 5, "--root", root)
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
        for verb in ("fsck", "export"):
            said = command(capsys, "log", verb, "--data", data)
            assert said.code in {1, 2}, verb
            assert "damaged at byte" in said.err
    file.unlink()
    assert "there is no log" in command(capsys, "log", "fsck", "--data", data).err
    assert command(capsys, "log", "export", "--data", tmp_path / "nowhere").code == 2


def test_what_others_need_to_believe_the_log_is_shown(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    lines = command(capsys, "log", "show", "--data", recorded.data).out.splitlines()

    key = parse_vkey(lines[0].removeprefix("log "))
    assert key.name == recorded.answer.origin
    assert lines[1].startswith("# ")
    assert len(lines) == 2
    assert command(capsys, "log", "show", "--data", recorded.data.parent).code == 2


def test_a_published_checkpoint_that_is_not_the_logs_is_found(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(recorded.data, tmp_path / "copy")
    file = data / "log" / "checkpoint"
    sound = file.read_bytes()
    # Each part of it: origin, size, root, signature.
    lines = sound.split(b"\n")
    for number in (0, 1, 2, 4):
        changed = list(lines)
        changed[number] = changed[number][:-1] + (b"1" if changed[number][-1:] != b"1" else b"2")
        file.write_bytes(b"\n".join(changed))
        said = command(capsys, "log", "fsck", "--data", data)
        assert (said.code, said.out) == (1, ""), number
    file.write_bytes(b"")
    assert command(capsys, "log", "fsck", "--data", data).code == 1
    # A log taken back behind what it published is found out by itself.
    shutil.rmtree(data / "log" / "tree")
    shutil.copy(recorded.before / "log" / "entries.log", data / "log" / "entries.log")
    file.write_bytes(sound)
    said = command(capsys, "log", "fsck", "--data", data)
    assert said.code == 1
    assert "it used to have" in said.err


def test_tree_files_that_are_not_what_the_entries_say_are_found(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(recorded.data, tmp_path / "copy")
    asyncio.run(FileLog.open(data / "log").close())  # so that the mark covers everything
    assert "hashes compared: 5" in command(capsys, "log", "fsck", "--data", data).out
    for name in ("level-0", "offsets"):
        file = data / "log" / "tree" / name
        sound = file.read_bytes()
        for at in (0, len(sound) - 1):
            changed = bytearray(sound)
            changed[at] ^= 1
            file.write_bytes(changed)
            said = command(capsys, "log", "fsck", "--data", data)
            assert said.code == 1, (name, at)
            assert f"tree/{name} is not what the entries say" in said.err
        file.write_bytes(sound)
    assert command(capsys, "log", "fsck", "--data", data).code == 0
