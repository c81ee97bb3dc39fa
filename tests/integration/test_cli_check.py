"""`bouclier check`: places and kinds, never the words."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.docs.pages import ROOT
from tests.document_kit import runs, write_docx, write_mail, write_odt, write_pdf
from tests.servers import environment

from bouclier.cli import main

if TYPE_CHECKING:
    from pathlib import Path

MAIL = "zoe.vasseur@example.fr"
NIR = "2 85 05 78 006 084 91"
PHONE = "01 99 00 12 34"
HEALTH = "Mme Vasseur souffre d'un diabète de type 2."
NEVER = ("vasseur", "Vasseur", "85 05 78", "99 00 12")


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
    for words in NEVER:
        assert words not in out
        assert words not in said
    return subprocess.CompletedProcess(done.args, done.returncode, out, said)


def check_here(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The same command in this process: the exit code, what it printed, and what it said on standard error."""
    code = main(["check", *map(str, arguments)])
    out, said = capsys.readouterr()
    for words in NEVER:
        assert words not in out + said
    return code, out, said


def report(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    _, out, _ = check_here(capsys, "--json", *arguments)
    told: dict[str, Any] = json.loads(out)
    return told


def places(told: dict[str, Any]) -> list[tuple[str, dict[str, int]]]:
    return [(one["type"], one["place"]) for file in told["files"] for one in file["findings"]]


@pytest.fixture(autouse=True)
def _names_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUCLIER_SHIELD_NAMES", "off")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_a_report_has_a_table_for_each_file_and_a_sum_and_exits_with_1_only_when_asked(tmp_path: Path) -> None:
    first, second, clean = tmp_path / "a.txt", tmp_path / "é b.txt", tmp_path / "clean.txt"
    first.write_text(f"\ufeffBonjour 🙂\r\nÀ l'attention de : {MAIL}\r\n", encoding="utf-8")
    second.write_text(f"{NIR}\n", encoding="utf-8")
    clean.write_text("Rien ici.\n", encoding="utf-8")
    done = check(first, second, clean, "--exit-code")
    assert done.returncode == 1
    assert f"{first} (text)" in done.stdout
    assert f"{second} (text)" in done.stdout
    assert str(clean) not in done.stdout
    row = next(line for line in done.stdout.splitlines() if "EMAIL" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["EMAIL", "1", "2:20", "0.95", "shape"]
    assert "2 finding(s) in 2 of 3 file(s)" in done.stdout
    assert done.stderr == ""
    french = check(first, LC_ALL="fr_FR.UTF-8")
    assert french.returncode == 0
    assert "1 élément(s) dans 1 fichier(s) sur 1" in french.stdout


def test_the_input_is_read_too_and_nothing_found_is_0() -> None:
    done = check("-", "--exit-code", "--json", given=f"de {MAIL}".encode())
    told = json.loads(done.stdout)
    assert places(told) == [("EMAIL", {"line": 1, "column": 4, "end_line": 1, "end_column": 4 + len(MAIL)})]
    assert done.returncode == 1
    assert check("-", "--exit-code", given=b"bonjour").returncode == 0


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
    assert all(list(one) == ["id", "spans", "signals"] for one in read)
    found = {one["id"]: [(texts[one["id"]][start:end], kind) for start, end, kind in one["spans"]] for one in read}
    assert found == {
        "é-1": [(MAIL, "EMAIL"), (MAIL, "EMAIL")],
        7: [(NIR, "NIR")],
        "7": [],
        -3: [],
        2**53 + 1: [(MAIL, "EMAIL")],
    }
    assert check("--jsonl", source, target, "--exit-code").returncode == 1


def test_what_is_said_of_a_person_is_a_signal_and_no_span(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"id": 1, "text": f"{HEALTH} {MAIL}"}), encoding="utf-8")
    assert check_here(capsys, "--jsonl", source, target)[0] == 0
    read = json.loads(target.read_text())
    assert {kind for _, _, kind in read["signals"]} == {"HEALTH"}
    assert "HEALTH" not in {kind for _, _, kind in read["spans"]}
    assert "EMAIL" in {kind for _, _, kind in read["spans"]}


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
    code, out, said = check_here(capsys, "--jsonl", source, tmp_path / "out.jsonl")
    assert (code, out) == (2, "")
    assert f"{source}:3: wrong line" in said


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, missing = tmp_path / "there.jsonl", tmp_path / "missing"
    there.write_text('{"id": 1, "text": "x"}\n')
    for arguments, named in (
        ((missing,), missing),
        (("--jsonl", missing, tmp_path / "out.jsonl"), missing),
        (("--jsonl", there, missing / "out.jsonl"), missing / "out.jsonl"),
        (("--jsonl", there, there), there),
        ((there, "--sarif", missing / "report.sarif"), missing / "report.sarif"),
    ):
        code, _, said = check_here(capsys, *arguments)
        assert code == 2
        assert f"{named} cannot be read or written" in said
    assert there.read_text() == '{"id": 1, "text": "x"}\n'


def test_one_bad_file_does_not_hide_the_others_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.txt").write_bytes("café Vasseur".encode("latin-1"))
    (tmp_path / "zip.docx").write_bytes(write_docx(tmp_path / "w.docx", runs("x")).read_bytes()[:-40])
    (tmp_path / "bad.json").write_text('{"a": "Vasseur"')
    (tmp_path / "good.txt").write_text(MAIL)
    (tmp_path / "binary").write_bytes(b"\0\1\2")
    code, out, said = check_here(capsys, tmp_path)
    assert code == 2
    assert "1 finding(s) in 1 of 5 file(s); 3 not inspected; 1 of another format, skipped" in out
    for name, why in (("latin.txt", "not utf-8"), ("zip.docx", "not correct zip"), ("bad.json", "not correct JSON")):
        assert f"{tmp_path / name} " in said
        assert why in said
    assert check_here(capsys, tmp_path / "binary")[0] == 2
    told = report(capsys, tmp_path / "latin.txt", "--encoding", "cp1252")
    assert told["files"][0]["format"] == "text"
    assert "error" not in told["files"][0]


def test_every_format_is_read_and_places_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_text(f"<p>\n<b>{MAIL[:3]}</b>{MAIL[3:]} &amp; <i title='{PHONE}'>x</i></p>")
    (tmp_path / "t.csv").write_text(f'a;b\nx;"un ""mot""\n{MAIL}"\n')
    (tmp_path / "t.tsv").write_text(f"a\tb\n{PHONE}\t{MAIL}\n")
    (tmp_path / "v.json").write_text(f'{{"a": ["\\u00e9\\n{MAIL}", 1], "{PHONE}": 2}}')
    (tmp_path / "v.jsonl").write_text(f'{{"a": 1}}\n{{"a": "{MAIL}"}}\n')
    write_docx(tmp_path / "w.docx", runs("Bonjour"), runs(MAIL[:5], MAIL[5:]), author="zvasseur")
    write_odt(tmp_path / "w.odt", "Bonjour", f"{MAIL[:4]}<text:span>{MAIL[4:]}</text:span>")
    write_pdf(tmp_path / "p.pdf", "Bonjour", f"Ecrire : {MAIL}")
    write_mail(
        tmp_path / "m.eml",
        sender=f"Accueil <{MAIL}>",
        text=f"Bonjour, {PHONE}",
        html=f"<p>{PHONE}</p>",
        attached={"a.docx": (tmp_path / "w.docx").read_bytes(), "b.bin": b"\0\1"},
    )
    told = report(capsys, tmp_path)
    found = {
        file["file"].rpartition("/")[2]: {(one["type"], tuple(one["place"].items())) for one in file["findings"]}
        for file in told["files"]
    }

    def at(kind: str, name: str, **place: int) -> bool:
        return any(kind == one and place.items() <= dict(where).items() for one, where in found[name])

    assert at("EMAIL", "page.html", line=2, column=4)
    assert at("PHONE", "page.html", line=2, column=47)
    assert at("EMAIL", "t.csv", row=2, cell=2, line=3, column=1)
    assert at("PHONE", "t.tsv", row=2, cell=1)
    assert at("EMAIL", "v.json", line=1, column=17)
    assert at("PHONE", "v.json", line=1)
    assert at("EMAIL", "v.jsonl", line=2, column=8)
    assert at("EMAIL", "w.docx", paragraph=2)
    assert at("PERSON", "w.docx")
    assert at("EMAIL", "w.odt", paragraph=2)
    assert at("EMAIL", "p.pdf", page=2, line=1, column=10)
    assert at("EMAIL", "m.eml", line=1)
    assert at("PHONE", "m.eml", line=1, column=10)
    assert at("EMAIL", "m.eml", attachment=1, paragraph=2)
    (mail,) = (file for file in told["files"] if file["format"] == "eml")
    assert mail["not_inspected"] == {"attachment": 1}


def test_a_pdf_without_text_is_said_and_counts_as_not_inspected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = write_pdf(tmp_path / "scan.pdf", "", "")
    code, out, _ = check_here(capsys, scan)
    assert code == 0
    assert "no text, not inspected" in out
    assert "1 not inspected" in out
    assert check_here(capsys, scan, "--exit-code")[0] == 2
    half = write_pdf(tmp_path / "half.pdf", "Bonjour", "", author="Zoe Vasseur, " + MAIL)
    told = report(capsys, half)
    assert told["files"][0]["not_inspected"] == {"page-without-text": 1}
    assert "EMAIL" in told["summary"]["types"]
    assert told["summary"]["files_inspected_in_part"] == 1


def test_hostile_and_locked_documents_are_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = write_pdf(tmp_path / "locked.pdf", "x", password="vasseur")
    entities = write_docx(
        tmp_path / "entities.docx",
        more={"word/footer.xml": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'},
    )
    bomb = write_docx(tmp_path / "bomb.docx", more={"word/notes.xml": b"<x>" + b" " * (70 << 20) + b"</x>"})
    odt = write_odt(tmp_path / "locked.odt", "x", manifest="<manifest:encryption-data xmlns:manifest='m'/>")
    ole = tmp_path / "ole.docx"
    ole.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(b"%PDF-1.7\n1 0 obj <</Type")
    open_quote = tmp_path / "quote.csv"
    open_quote.write_text('a,b\n1,"Vasseur\n')
    for path, why in (
        (locked, "is encrypted"),
        (odt, "is encrypted"),
        (ole, "is encrypted"),
        (entities, "declares entities"),
        (bomb, "unreasonable size"),
        (cut, "is not correct PDF"),
        (open_quote, "is not correct CSV"),
    ):
        code, _, said = check_here(capsys, path)
        assert code == 2, path
        assert path.name in said
        assert why in said


def test_folders_are_read_without_version_control_and_without_what_is_excluded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".git/config", "src/.svn/x", "node_modules/a.txt", "src/b.txt", "src/c.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MAIL)
    (tmp_path / "loop").symlink_to(tmp_path)
    told = report(capsys, tmp_path, "--exclude", "node_modules", "--exclude", "*.log")
    assert [file["file"] for file in told["files"]] == [str(tmp_path / "src/b.txt")]
    excluded = report(capsys, tmp_path, "--exclude", "src/*", "--exclude", "node_modules/*")
    assert excluded["files"] == []


def test_only_what_is_wanted_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"{MAIL} {PHONE} {NIR}")
    assert set(report(capsys, file, "--only", "email,phone")["summary"]["types"]) == {"EMAIL", "PHONE"}
    assert "EMAIL" not in report(capsys, file, "--ignore", "EMAIL")["summary"]["types"]
    assert report(capsys, file, "--min-confidence", "1")["summary"]["findings"] == 0
    code, _, said = check_here(capsys, file, "--only", "VIRUS")
    assert code == 2
    assert "no type VIRUS" in said
    assert check_here(capsys, file, "--encoding", "klingon")[0] == 2


def test_sarif_tells_places_and_rules_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, target = tmp_path / "a b.txt", tmp_path / "report.sarif"
    file.write_text(f"é 🙂\n {MAIL}\n{NIR}", encoding="utf-8")
    (tmp_path / "bad.json").write_text("{")
    assert check_here(capsys, file, tmp_path / "bad.json", "--sarif", target)[0] == 2
    written = target.read_text()
    assert not any(words in written for words in NEVER)
    log = json.loads(written)
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["EMAIL", "NIR"]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert 0 <= result["rank"] <= 100
        assert set(result["message"]) == {"text"}
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert set(place) == {"artifactLocation", "region"}
        assert place["artifactLocation"]["uri"].endswith("/a%20b.txt")
        assert all(value >= 1 for value in place["region"].values())
    assert [one["locations"][0]["physicalLocation"]["region"] for one in run["results"]] == [
        {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 2 + len(MAIL)},
        {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 1 + len(NIR)},
    ]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error"]


def test_names_of_files_and_folders_are_read_and_shown_without_the_words_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "given" / "Dossier_01 99 00 12 34"
    folder.mkdir(parents=True)
    (folder / "Mme Zoé Vasseur 06 39 98 12 34.md").write_text("Rien.")
    (folder / "autre.json").write_text("{")
    (folder / "passé").write_bytes(b"\0")
    target = tmp_path / "report.sarif"
    told = report(capsys, tmp_path / "given", "--sarif", target)
    assert [(kind, place) for kind, place in places(told) if kind == "PHONE"] == [("PHONE", {"name": True})] * 2
    assert ("PERSON", {"name": True}) in places(told)
    assert [file["file"] for file in told["files"]] == [
        str(tmp_path / "given" / "Dossier_[PHONE]" / name) for name in ("Mme [PERSON] [PHONE].md", "autre.json")
    ]
    assert told["summary"]["files_with_findings"] == 1
    _, out, said = check_here(capsys, tmp_path / "given", "--exit-code")
    for text in (out, said, target.read_text(), json.dumps(told)):
        assert not any(words in text for words in ("Vasseur", "39 98", "39%2098", "99 00", "99%2000"))
    assert "name" in out
    assert report(capsys, tmp_path / "given", "--only", "EMAIL")["summary"]["findings"] == 0


def test_a_file_name_cannot_play_with_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[31m\n[bold]b.txt"
    (tmp_path / name).write_text(MAIL)
    _, out, _ = check_here(capsys, tmp_path)
    assert "\x1b" not in out
    assert "[bold]b.txt" in out


@pytest.mark.parametrize("given", ["zoe.vasseur@example.fr", "password = 'Tr0ubadour-x9Q-vasseur'"])
def test_the_hooks_for_pre_commit_stop_a_commit(tmp_path: Path, given: str) -> None:
    file, clean = tmp_path / "a.py", tmp_path / "b.py"
    file.write_text(given)
    clean.write_text("x = 1\n")
    everything, secrets = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for hook, stopped in ((everything, True), (secrets, "@" not in given)):
        entry = [word for word in shlex.split(hook["entry"]) if word != "env" and "=" not in word]
        assert entry[:2] == ["bouclier", "check"]
        assert check(*entry[2:], clean, file).returncode == stopped
        assert {"id", "name", "entry", "language"} <= set(hook)


@pytest.mark.parametrize("arguments", [[], ["a.txt", "--jsonl", "a", "b"], ["a.txt", "--min-confidence", "2"]])
def test_usage_is_said_when_nothing_or_both_are_given(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["check", *arguments])
    assert raised.value.code == 2
