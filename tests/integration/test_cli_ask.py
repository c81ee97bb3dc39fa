"""`bouclier ask`: one exchange from the terminal, through the gateway that runs here or through one of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.conftest import configuration
from tests.servers import Deployment, Served, environment, exported, run, serve, vkey_of
from tests.tags import numbered

from bouclier.oversight import DecisionEntry, parse_entry, parse_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTER = "Écrivez à zoe.vasseur@example.fr, NIR 2 85 05 78 006 084 91 : « bonjour »."


def ask(*arguments: object, given: str | bytes = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run `bouclier ask`; whatever happens, standard error holds none of the user's words and no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "bouclier", "ask", *map(str, arguments)],
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        timeout=170,
        check=False,
        env=environment(**env),
    )
    said = done.stderr.decode()
    assert "vasseur" not in said.lower()
    assert "85 05 78" not in said
    assert "Traceback" not in said
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), said)


@pytest.fixture
def alone(deployment: Deployment, tmp_path: Path) -> tuple[object, ...]:
    """Options for a folder where no gateway runs."""
    file = tmp_path / "bouclier.yaml"
    file.write_text(configuration(deployment), encoding="utf-8")
    return ("--config", file, "--data", tmp_path / "data")


def test_an_answer_through_the_running_gateway_what_left_and_the_receipt(
    served: Served, deployment: Deployment, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.tlog-proof"
    before = len(deployment.seen())
    done = ask(LETTER, "--model", "echo", "--show", "--receipt", receipt, "--data", served.data)
    assert done.returncode == 0, done.stderr
    answer, _, shown = done.stdout.partition("\n")
    assert answer == LETTER
    assert "Écrivez à [EMAIL_1], NIR [NIR_1] : « bonjour »." in numbered(shown)
    assert "1 EMAIL" in shown
    assert "[sensitive]" in shown
    assert "elsewhere-pseudonymised" in shown
    assert "vasseur" not in shown
    assert len(deployment.seen()) == before + 1
    verified = run("receipt", "verify", str(receipt), "--log", vkey_of(served.data))
    assert verified.returncode == 0, verified.stderr
    entry = parse_entry(parse_receipt(receipt.read_bytes()).entry)
    assert isinstance(entry, DecisionEntry)
    assert entry.exchange == deployment.seen()[before]["exchange"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en_GB.UTF-8", "Foreign laws: at least CLOUD Act (United States); "),
        ("fr_FR.UTF-8", "Lois étrangères: au moins CLOUD Act (États-Unis) ; "),
    ],
)
def test_foreign_laws_are_called_by_their_titles(served: Served, language: str, said: str) -> None:
    done = ask("bonjour", "--model", "us", "--show", "--data", served.data, LC_ALL=language)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "law-of-" not in done.stdout


def test_a_question_on_the_input_may_be_long(served: Served) -> None:
    question = "🙂" * 40_000 + " zoe.vasseur@example.fr"
    done = ask("-", "--model", "echo", "--data", served.data, given=question)
    # One event holds all that left: it is longer than any line a reader allows by default.
    assert (done.returncode, done.stdout) == (0, question + "\n"), done.stderr[:300]
    assert ask("-", "--data", served.data, given=b"\xff Vasseur").returncode == 2


@pytest.mark.parametrize(
    ("language", "said"), [("en_GB.UTF-8", "The charter does not permit"), ("fr_FR.UTF-8", "La charte ne permet pas")]
)
def test_a_refusal_is_said_in_the_users_language_and_exits_with_1(served: Served, language: str, said: str) -> None:
    done = ask(LETTER, "--model", "us", "--data", served.data, LC_ALL=language)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "SREN" in done.stderr
    assert "\n  → " in done.stderr


@pytest.mark.parametrize(
    ("model", "said"), [("no-such-model", "does not exist"), ("status-400", "HTTP 400"), ("cut", "stopped")]
)
def test_what_goes_wrong_is_said_and_exits_with_1(served: Served, model: str, said: str) -> None:
    done = ask(LETTER, "--model", model, "--data", served.data)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_receipt_that_cannot_be_kept_is_said_after_the_answer(served: Served, tmp_path: Path) -> None:
    done = ask("bonjour", "--model", "echo", "--receipt", tmp_path / "no" / "receipt.tlog-proof", "--data", served.data)
    assert (done.returncode, done.stdout) == (2, "bonjour\n")
    assert "receipt.tlog-proof" in done.stderr


def test_without_a_running_gateway_it_is_one_of_its_own_and_recorded_alike(
    alone: tuple[object, ...], tmp_path: Path
) -> None:
    done = ask(LETTER, "--model", "echo", *alone, BOUCLIER_ENGINE_MODEL="off")
    assert (done.returncode, done.stdout) == (0, LETTER + "\n"), done.stderr
    once = ["mark", "adoption", "decision", "outcome", "mark"]
    assert [entry["kind"] for entry in exported(tmp_path / "data")] == once
    assert ask(LETTER, "--model", "us", *alone).returncode == 1
    (tmp_path / "data" / "terminal.key").unlink()
    again = ask("encore", "--model", "echo", *alone)
    assert (again.returncode, again.stdout) == (0, "encore\n"), "the terminal's key is made again when it is lost"
    recorded = exported(tmp_path / "data")
    assert [entry["kind"] for entry in recorded] == [*once, "mark", "adoption", "decision", "mark", *once]
    assert [entry["what"] for entry in recorded if entry["kind"] == "mark"] == ["start", "stop"] * 3
    assert [entry["ending"] for entry in recorded if entry["kind"] == "outcome"] == ["complete", "complete"]


class Stranger(BaseHTTPRequestHandler):
    """A program that is no gateway and says yes to everything."""

    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(f"{self.command} {self.headers.get('authorization')}")
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Heard", (Stranger,), {"heard": heard}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_left_by_a_killed_gateway_is_not_asked_for_it_may_be_anybodys(
    deployment: Deployment, tmp_path: Path, stranger: tuple[str, list[str]]
) -> None:
    address, heard = stranger
    served = serve(tmp_path, config=configuration(deployment))
    served.process.send_signal(signal.SIGKILL)
    served.stop()
    note = served.data / "serving"
    assert note.read_text() == served.url
    note.write_text(address)
    done = ask(LETTER, "--model", "echo", "--config", tmp_path / "bouclier.yaml", "--data", served.data)
    assert (done.returncode, done.stdout) == (0, LETTER + "\n")
    assert heard == []
