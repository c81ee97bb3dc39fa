"""`bouclier check`: places and kinds, never the words."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.servers import environment

from bouclier.cli import main

if TYPE_CHECKING:
    from pathlib import Path

MAIL = "zoe.vasseur@example.fr"
NIR = "2 85 05 78 006 084 91"


def check(*arguments: object, given: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bouclier", "check", *map(str, arguments)],
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment(**{"BOUCLIER_SHIELD_NAMES": "off", **env}),
    )
    out, said = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in said
    for words in ("vasseur", "Vasseur", "85 05 78"):
        assert words not in out
        assert words not in said
    return subprocess.CompletedProcess(done.args, done.returncode, out, said)


def check_here(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """The same command in this process: the exit code and what it said on standard error."""
    code = main(["check", *map(str, arguments)])
    out, said = capsys.readouterr()
    assert out == ""
    assert "Vasseur" not in said
    return code, said


@pytest.fixture(autouse=True)
def _names_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUCLIER_SHIELD_NAMES", "off")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_files_are_reported_by_line_and_column_and_exit_with_1_only_when_asked(tmp_path: Path) -> None:
    first, second, clean = tmp_path / "a.txt", tmp_path / "é b.txt", tmp_path / "clean.txt"
    first.write_text(f"\ufeffBonjour 🙂\r\nÀ l'attention de : {MAIL}\r\n", encoding="utf-8")
    second.write_text(f"{NIR}\n", encoding="utf-8")
    clean.write_text("Rien ici.\n", encoding="utf-8")
    done = check(first, second, clean, "--exit-code")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{first}:2:20: EMAIL (22 chars, ")
    assert lines[1].startswith(f"{second}:1:1: NIR (21 chars, ")
    assert len(lines) == 2
    assert done.stderr == "2 finding(s)\n"
    assert done.returncode == 1
    french = check(first, LC_ALL="fr_FR.UTF-8")
    assert french.returncode == 0
    assert "22 car." in french.stdout
    assert french.stderr == "1 élément(s) trouvé(s)\n"


def test_the_input_is_read_too_and_nothing_found_is_0() -> None:
    done = check("-", "--exit-code", given=f"de {MAIL}".encode())
    assert done.stdout.startswith("-:1:4: EMAIL")
    assert done.returncode == 1
    assert check("-", "--exit-code", given=b"bonjour").returncode == 0


def test_names_can_be_switched_off(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Angela habite Nantes.", encoding="utf-8")
    done = check(file, "--exit-code")
    assert (done.returncode, done.stdout) == (0, "")


def test_jsonl_offsets_are_code_points_and_ids_stay_what_they_are(tmp_path: Path) -> None:
    texts = {
        "é-1": f"é𝄞🙂👩‍👧 {MAIL} et {MAIL}",
        7: f"e\u0301 {NIR}",
        "7": "rien",
        -3: "",
        2**53 + 1: f"\n\n\t{MAIL}",
    }
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps({"id": id_, "text": text, "more": 1}) for id_, text in texts.items()]
    source.write_text("\n\n".join(lines), encoding="utf-8")
    done = check("--jsonl", source, target)
    assert (done.returncode, done.stdout) == (0, "")
    read = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in read] == list(texts)
    found = {one["id"]: [(texts[one["id"]][start:end], kind) for start, end, kind in one["spans"]] for one in read}
    assert found == {
        "é-1": [(MAIL, "EMAIL"), (MAIL, "EMAIL")],
        7: [(NIR, "NIR")],
        "7": [],
        -3: [],
        2**53 + 1: [(MAIL, "EMAIL")],
    }
    assert check("--jsonl", source, target, "--exit-code").returncode == 1


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"Vasseur",
        b'{"id": 1}',
        b'{"text": "Vasseur"}',
        b'{"id": 1.5, "text": "x"}',
        b'{"id": 1, "text": null}',
        b'{"id": 1, "text": "Vass\xe9ur"}',
    ],
)
def test_a_wrong_line_is_named_and_not_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"id": 1, "text": "x"}\n\n' + line + b"\n")
    code, said = check_here(capsys, "--jsonl", source, tmp_path / "out.jsonl")
    assert code == 2
    assert f"{source}:3: wrong line" in said


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, latin, missing = tmp_path / "there.jsonl", tmp_path / "latin.txt", tmp_path / "missing"
    there.write_text('{"id": 1, "text": "x"}\n')
    latin.write_bytes("café".encode("latin-1"))
    for arguments, named in (
        ((missing,), missing),
        ((tmp_path,), tmp_path),
        ((latin,), latin),
        (("--jsonl", missing, tmp_path / "out.jsonl"), missing),
        (("--jsonl", there, missing / "out.jsonl"), missing / "out.jsonl"),
        (("--jsonl", there, there), there),
    ):
        code, said = check_here(capsys, *arguments)
        assert code == 2
        assert f"{named} cannot be read or written" in said
    assert there.read_text() == '{"id": 1, "text": "x"}\n'


@pytest.mark.parametrize("arguments", [[], ["a.txt", "--jsonl", "a", "b"]])
def test_usage_is_said_when_nothing_or_both_are_given(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["check", *arguments])
    assert raised.value.code == 2
