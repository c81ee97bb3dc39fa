"""A COP on one machine, played as in the tutorial; then what it left behind is read without believing the play.

Gateways, witnesses, monitor, model and file server are processes of their own, as in `examples/cop`. Commands that end
by themselves are run here, by the same entry point: starting Python eighty times would take a minute.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from examples.cop.chapters import CHAPTERS, GATEWAYS, ORDER, POLICY, PROCESSES, play
from examples.cop.stage import BrokenPromiseError, Stage
from tests.asking import eventually
from tests.docs.pages import read
from tests.servers import exported
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Metadata, Root

from bouclier import cli
from bouclier.oversight.monitor import parse_finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
# Half a minute on a machine that has nothing else to do; a test must not fail because it has.
pytestmark = pytest.mark.timeout(480)


class Here(Stage):
    """A stage whose commands run in this process, where nobody tampered with them, and whose words are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, french=False)
        self.told: list[str] = []

    def each(self, lines: Sequence[str], *, show: int = 0) -> list[str]:
        return [self.bouclier(line, show=show) for line in lines]

    def _run(self, line: str, cheat: str | None = None) -> subprocess.CompletedProcess[str]:
        if cheat is not None:
            return super()._run(line, cheat)
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            code = cli.main(shlex.split(line))
        return subprocess.CompletedProcess([], code, out.getvalue(), errors.getvalue())

    def _tell(self, text: str) -> None:
        self.told.append(text)


@dataclass
class Played:
    """What a play left: a folder, and what it told."""

    folder: Path
    told: str
    kept: int
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def log(self, gateway: str) -> list[dict[str, Any]]:
        if gateway not in self.logs:
            self.logs[gateway] = exported(self.folder / gateway / "data")
        return self.logs[gateway]

    def root(self, version: int) -> Metadata[Root]:
        return Metadata[Root].from_file(str(self.folder / "public" / "metadata" / f"{version}.root.json"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("cop")
    stage = Here(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LC_ALL", "C.UTF-8")
        play(stage)
    yield Played(folder, "\n".join(stage.told), stage.kept)
    shutil.rmtree(folder)
    assert not folder.exists()


def test_every_chapter_is_played_and_every_promise_kept(played: Played) -> None:
    assert played.told.count("\n━━ ") == len(CHAPTERS)
    assert played.told.count("\n   ✓ ") == played.kept > 40


def test_no_process_is_left(played: Played) -> None:
    numbers = set(re.findall(r"&   # (\d+)$", played.told, re.MULTILINE))
    assert len(numbers) == PROCESSES + 3  # one gateway was started four times
    here = str(played.folder)

    def nobody() -> bool:  # a child that outlives its parent for a moment, until it reads the end of its input, is none
        return all(process.info["cwd"] != here for process in psutil.process_iter(["cwd"]))

    eventually(nobody, "no process at work in the folder")


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_order_is_in_the_log_before_it_refuses_anything(played: Played, gateway: str) -> None:
    entries = played.log(gateway)
    adopted = [
        number
        for number, entry in enumerate(entries)
        if entry["kind"] == "adoption" and ORDER in [order["id"] for order in entry["orders"]]
    ]
    refused = [
        number for number, entry in enumerate(entries) if entry["kind"] == "decision" and POLICY in json.dumps(entry)
    ]
    assert adopted
    assert refused
    assert adopted[0] < refused[0]


def test_the_honest_gateway_sent_nothing_to_the_suspended_model_under_the_order(played: Played) -> None:
    under = False
    sent = []
    for entry in played.log("gateway-1"):
        if entry["kind"] == "adoption":
            under = ORDER in [order["id"] for order in entry["orders"]]
        elif entry["kind"] == "decision" and under:
            sent.append(entry["chosen"])
    assert "petite" in sent
    assert "grande" not in sent


def test_an_order_beyond_its_mandate_is_in_the_log_as_refused(played: Played) -> None:
    data = (played.folder / "beyond.json").read_bytes()
    digest = sha256(data).hexdigest()
    for gateway in GATEWAYS:
        last = [entry for entry in played.log(gateway) if entry["kind"] == "adoption"][-1]
        assert last["refused"] == [digest]
        assert [order["id"] for order in last["orders"]] == [ORDER]


def test_findings_accuse_the_gateway_that_was_tampered_with_and_nobody_else(played: Played) -> None:
    findings = [parse_finding(path.read_bytes()) for path in (played.folder / "monitor" / "findings").iterdir()]
    serious = [one for one in findings if one.alarm.severity == "alarm"]
    origin = (played.folder / "gateway-2" / "policy").read_text().split()[1].split("+")[0]
    assert {one.origin for one in serious} == {origin, ""}  # the second is about the charter's repository
    codes = {one.alarm.code for one in serious if one.origin == origin}
    assert codes >= {"order-ignored", "verdict-differs"}
    assert {one.alarm.code for one in serious if not one.origin} == {"repository-wrong"}


def test_each_root_is_signed_by_enough_of_the_parties_before_and_after(played: Played) -> None:
    for version in (1, 2, 3):
        root = played.root(version)
        for before in (played.root(max(version - 1, 1)), root):
            before.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    assert (len(played.root(2).signed.roles["root"].keyids), played.root(2).signed.roles["root"].threshold) == (5, 3)
    assert (len(played.root(3).signed.roles["root"].keyids), played.root(3).signed.roles["root"].threshold) == (4, 3)


def test_the_root_of_the_coup_is_signed_by_too_few(played: Played) -> None:
    forged = Metadata[Root].from_file(str(played.folder / "coup" / "staged" / "root.json"))
    assert (forged.signed.version, forged.signed.roles["root"].threshold) == (3, 2)
    forged.signed.verify_delegate(Root.type, forged.signed_bytes, forged.signatures)  # enough by its own word
    with pytest.raises(UnsignedMetadataError):
        played.root(2).signed.verify_delegate(Root.type, forged.signed_bytes, forged.signatures)


@pytest.mark.parametrize("page", ["en/tutorials/a-cop-on-one-machine", "fr/tutorials/une-cop-sur-une-machine"])
def test_the_tutorial_shows_commands_of_the_play(played: Played, page: str) -> None:
    typed = {_alike(line) for line in re.findall(r"^   \$ (?:\S+=\S+ )*(bouclier .*)$", played.told, re.MULTILINE)}
    written = re.findall(r"^\$ (bouclier .*)$", read(ROOT / "docs" / f"{page}.md"), re.MULTILINE)
    assert len(written) > 15
    assert not [line for line in written if _alike(line) not in typed]


def _alike(command: str) -> str:
    """Return a command without what differs from one play to the next."""
    command = re.sub(r" &   # \d+$", "", command)
    command = re.sub(r"127\.0\.0\.1:\d+", "HOST", command)
    command = re.sub(r"[0-9a-f]{24}\.finding", "FINDING", command)
    return re.sub(r"\+[0-9a-f]{8}\+\S+", "KEY", command)


@pytest.mark.parametrize(("kept", "word"), [(True, "✓"), (False, None)])
def test_a_promise_that_is_broken_ends_the_play(tmp_path: Path, kept: bool, word: str | None) -> None:  # noqa: FBT001
    stage = Here(tmp_path)
    if word is None:
        with pytest.raises(BrokenPromiseError, match="so it is"):
            stage.promise(kept, "c'est ainsi", "so it is")
    else:
        stage.promise(kept, "c'est ainsi", "so it is")
    assert [line.split()[0] for line in stage.told] == ([] if word is None else [word])


def test_a_play_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "bin" / "bouclier"
    wrong.parent.mkdir()
    wrong.write_text("#!/bin/sh\necho broken >&2\nexit 7\n")
    wrong.chmod(0o755)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "examples.cop", "--en"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{wrong.parent}:{os.environ['PATH']}", "TMPDIR": str(temporary)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "✗ bouclier charter keygen arbor" in done.stderr
    assert "broken" in done.stderr
    assert not list(temporary.iterdir())
