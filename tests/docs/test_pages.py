"""Pages can be followed: links lead somewhere, examples run, commands exist, both languages say the same."""

from __future__ import annotations

import io
import json
import re
import runpy
import socket
import subprocess
import sys
import time
from contextlib import redirect_stdout
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.docs.pages import ROOT, all_pages, blocks, read, shown, without_blocks
from tests.servers import concluded, run
from tests.tags import numbered

from bouclier import cli
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose.configuration import configuration_of
from bouclier.registry import SELF
from bouclier.registry.adapters.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Deployment, Served

PAGES = all_pages()
READMES = [ROOT / "README.md", ROOT / "README.fr.md"]
TWINS = {
    "tutorials/first-exchange": "tutorials/premier-echange",
    "tutorials/a-cop-on-one-machine": "tutorials/une-cop-sur-une-machine",
    "tutorials/who-can-be-compelled-and-two-sites": "tutorials/qui-peut-etre-contraint-et-deux-sites",
    "how-to/add-a-deployment": "how-to/ajouter-un-deploiement",
    "how-to/verify-the-log": "how-to/verifier-le-journal",
    "how-to/run-a-witness": "how-to/tenir-un-temoin",
    "how-to/add-your-own-identifiers": "how-to/ajouter-vos-identifiants",
    "how-to/check-files": "how-to/verifier-des-fichiers",
    "how-to/pseudonymise-files": "how-to/pseudonymiser-des-fichiers",
    "explanation/why": "explanation/pourquoi",
}
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = [target for target in _LINK.findall(without_blocks(read(page))) if not _leads_somewhere(page, target)]
    assert not lost


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=shown)
def test_every_python_example_compiles(page: Path) -> None:
    for number, block in enumerate(blocks(page, "python")):
        compile(block, f"{shown(page)}[{number}]", "exec", dont_inherit=True)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=shown)
def test_every_configuration_example_is_accepted(page: Path) -> None:
    for block in blocks(page, "yaml"):
        written = configuration_of(block, source=page, environment={})
        known = load_registry().entities
        assert {deployment.operator for deployment in written.deployments} - {SELF} <= set(known), shown(page)
        assert yaml.safe_load(block)


def test_readmes_name_targets_of_the_makefile_only() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        asked = re.findall(r"(?:^|`)make ([a-z]+)(?=[`\s])", read(page), re.MULTILINE)
        assert set(asked) <= targets, shown(page)
    for page in READMES:
        assert [line.split()[:2] for line in blocks(page, "sh")[0].splitlines()] == [
            ["make", "serve"],
            ["make", "test"],
        ]


def test_every_command_of_an_example_is_understood() -> None:
    """Not that it does what is shown: that its verb, its action and its options exist."""
    checked = 0
    for page in PAGES:
        for language in ("console", "sh"):
            for command in re.findall(
                r"^(?:\$ )?(?:\.venv/bin/)?bouclier ([^\n]*)", "\n".join(blocks(page, language)), re.MULTILINE
            ):
                words = [word for word in re.sub(r"\"[^\"]*\"?|[#>|].*", "X", command).split() if word != "X"]
                verb = list(takewhile(re.compile(r"[a-z]+(-[a-z]+)*").fullmatch, words))[: _depth(words)]
                said = _help(verb)
                options = {word for word in words if word.startswith("--")}
                assert options <= set(re.findall(r"--[a-z0-9-]+", said)), command
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("page", READMES, ids=shown)
def test_the_readmes_lines_for_the_openai_client_work(page: Path, served: Served) -> None:
    (block,) = blocks(page, "python")
    assert len([line for line in block.splitlines() if line]) == 5
    for written, here in (
        ("http://127.0.0.1:8787/v1", served.base_url),
        ("bcl_...", served.key),
        ('model="auto"', 'model="echo"'),
    ):
        assert written in block
        block = block.replace(written, here)
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=60, check=True)
    assert "zoe.vasseur@example.fr" in done.stdout


@pytest.mark.parametrize("page", ["en/how-to/verify-the-log", "fr/how-to/verifier-le-journal"])
def test_the_root_can_be_computed_with_the_tools_of_the_page(
    page: str, served: Served, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deployment.port
    config = str(served.data.parent / "bouclier.yaml")
    for text in ("Bonjour", "à zoe.vasseur@example.fr", "encore"):
        asked = run("ask", "--model", "echo", "--config", config, "--data", str(served.data), text)
        assert asked.returncode == 0, asked.stderr
    concluded(served.data)
    exported = run("log", "export", "--data", str(served.data)).stdout
    lines = exported.splitlines()
    (tmp_path / "export.jsonl").write_text(exported, encoding="utf-8")
    (tmp_path / "page.py").write_text(blocks(ROOT / "docs" / f"{page}.md", "python")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with redirect_stdout(said):
        runpy.run_path("page.py")
    size, root = said.getvalue().split()
    assert int(size) == len(lines) >= 6
    verified = run("log", "fsck", "--data", str(served.data), "--size", size, "--root", root)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert json.loads(lines[-1])["entry"]["kind"] == "outcome"


@pytest.fixture(params=["en/tutorials/first-exchange", "fr/tutorials/premier-echange"])
def echo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """The tutorial's own deployment, on a free port; the page it is from, and the port."""
    page = ROOT / "docs" / f"{request.param}.md"
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    (tmp_path / "echo.py").write_text(blocks(page, "python")[0].replace("9001", str(port)), encoding="utf-8")
    with subprocess.Popen([sys.executable, "echo.py"], cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        _wait_for(port)
        yield page, port
        process.terminate()


def test_the_tutorial_shows_what_it_says(echo: tuple[Path, int], tmp_path: Path) -> None:
    page, port = echo
    config = tmp_path / "bouclier.yaml"
    written = blocks(page, "yaml")[0].replace("9001", str(port)) + "engine: {model: 'off'}\nshield: {names: 'off'}\n"
    config.write_text(written, encoding="utf-8")
    example = next(block for block in blocks(page, "console") if "--show" in block)
    command, answer, left = example.splitlines()[0], example.splitlines()[1], example.splitlines()[-1].strip()
    name = re.findall(r"--model (\S+)", command)[0]
    language = "fr_FR.UTF-8" if "/fr/" in str(page) else "C.UTF-8"
    receipt = tmp_path / "receipt.tlog-proof"

    def ask() -> subprocess.CompletedProcess[str]:
        options = ("--model", name, "--show", "--receipt", str(receipt))
        places = ("--config", str(config), "--data", str(tmp_path / "data"))
        return run("ask", *options, *places, answer, LC_ALL=language)

    shown_lines = ask().stdout.splitlines()
    assert shown_lines[0] == answer
    assert numbered(left) in [numbered(line.strip()) for line in shown_lines]
    assert all(line in shown_lines for line in example.splitlines()[2:-1] if line.startswith("──"))
    log_key = run("log", "show", "--data", str(tmp_path / "data")).stdout.split()[1]
    assert run("receipt", "verify", str(receipt), "--log", log_key).returncode == 0
    config.write_text(written.replace("ovhcloud", "openai"), encoding="utf-8")
    refused = ask()
    assert refused.returncode == 1
    title = load_charter().policies["sensitive-out-of-foreign-reach"].ref
    assert (title.title_fr if language.startswith("fr") else title.title_en) in refused.stderr


def test_both_languages_have_the_same_pages() -> None:
    for language, names in (("en", set(TWINS)), ("fr", set(TWINS.values()))):
        folder = ROOT / "docs" / language
        assert {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.md")} == names


@pytest.mark.parametrize(("english", "french"), TWINS.items())
def test_twin_pages_point_at_one_another_and_have_the_same_sections(english: str, french: str) -> None:
    en, fr = ROOT / "docs" / "en" / f"{english}.md", ROOT / "docs" / "fr" / f"{french}.md"
    assert f"../../fr/{french}.md" in read(en)
    assert f"../../en/{english}.md" in read(fr)
    assert len(_HEADING.findall(without_blocks(read(en)))) == len(_HEADING.findall(without_blocks(read(fr))))


def test_the_readmes_point_at_one_another_and_have_the_same_sections() -> None:
    en, fr = map(read, READMES)
    assert "(README.fr.md)" in en
    assert "(README.md)" in fr
    assert len(_HEADING.findall(without_blocks(en))) == len(_HEADING.findall(without_blocks(fr)))


def test_decisions_are_numbered_without_gap_and_say_where_they_stand() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    index = read(ROOT / "docs" / "README.md")
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = read(page)
        assert text.startswith(f"# {page.name[:4]}. "), page.name
        assert "- Status: " in text, page.name
        assert f"(adr/{page.name})" in index
        for section in ("Context and problem", "Decision"):
            assert f"## {section}\n" in text, (page.name, section)


_LONE = {"serve", "ask", "check", "pseudonymise"}
_OF_MEMBERS = {"party", "editor", "online", "authority"}


def _depth(words: list[str]) -> int:
    """How many words name what is done."""
    if words[0] in _LONE:
        return 1
    return 3 if words[0] == "charter" and words[1] in _OF_MEMBERS else 2


def _help(words: list[str]) -> str:
    said = io.StringIO()
    with redirect_stdout(said), pytest.raises(SystemExit) as left:
        cli.main([*words, "--help"])
    assert left.value.code == 0, words
    return said.getvalue()


def _leads_somewhere(page: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.exists() or not there.is_relative_to(ROOT):
        return False
    return not anchor or anchor in {_anchor(title) for title in _HEADING.findall(without_blocks(read(there)))}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise TimeoutError(port)
