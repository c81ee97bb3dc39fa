"""Receipts as their holders live with them: signed at once, final with the witnesses, verified offline by anyone."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.asking import eventually
from tests.servers import vkey_of
from tests.witnessed import ASKED, Bench, bench

from bouclier.cli import main
from bouclier.oversight import DecisionEntry, parse_entry, parse_receipt, verify_receipt
from bouclier.tlog import PolicyLog, WitnessPolicy, parse_vkey, render_policy, render_tlog_proof

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Deployment

WORDS = "Zoé Vasseur, zoe.vasseur@example.fr, NIR 2 85 05 78 006 084 91"
ANSWERED = json.dumps({"model": "echo", "messages": [{"role": "user", "content": WORDS}]}).encode()
REFUSED = json.dumps({"model": "us", "messages": [{"role": "user", "content": WORDS}]}).encode()


@pytest.fixture(scope="module")
def gateway(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A gateway before two witnesses, both of whom have to cosign."""
    with bench(tmp_path_factory.mktemp("receipts"), deployment) as made:
        made.serve()
        yield made
        made.stop()
        assert made.served is not None
        assert "vasseur" not in made.served.said().lower()


@pytest.fixture(scope="module")
def vkey(gateway: Bench) -> str:
    return vkey_of(gateway.data)


def post(gateway: Bench, body: bytes) -> httpx.Response:
    assert gateway.served is not None
    headers = {"authorization": f"Bearer {gateway.served.key}", "content-type": "application/json"}
    return httpx.post(f"{gateway.served.base_url}/chat/completions", content=body, headers=headers, timeout=30)


def handed(gateway: Bench, body: bytes) -> dict[str, Any]:
    """The receipt of an answer or of a refusal."""
    said = post(gateway, body).json()
    receipt: dict[str, Any] = said.get("error", said)["bouclier"]["receipt"]
    return receipt


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capsys, monkeypatch)


class Command:
    """Runs `bouclier receipt` in this process: it only reads files, or asks the log for a proof."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: object, language: str = "en_GB.UTF-8") -> Said:
        self._monkeypatch.setenv("LC_ALL", language)
        code = main(["receipt", *map(str, arguments)])
        captured = self._capsys.readouterr()
        assert "vasseur" not in (captured.out + captured.err).lower()
        return Said(code, captured.out, captured.err)


def log_alone(vkey: str) -> WitnessPolicy:
    return WitnessPolicy(logs=(PolicyLog(parse_vkey(vkey)),))


@pytest.mark.parametrize(("body", "chosen"), [(ANSWERED, "echo"), (REFUSED, None)], ids=["answered", "refused"])
def test_a_receipt_is_signed_at_once_and_finished_later_by_asking_the_log(
    gateway: Bench, vkey: str, command: Command, tmp_path: Path, body: bytes, chosen: str | None
) -> None:
    shown = handed(gateway, body)
    file, request = tmp_path / "a.tlog-proof", tmp_path / "request.json"
    file.write_text(shown["proof"], "utf-8")
    request.write_bytes(body)

    assert (shown["state"], shown["url"]) == ("signed", f"/log/proof/{shown['index']}")
    signed = parse_receipt(file.read_bytes())
    entry = verify_receipt(signed, log_alone(vkey)).entry
    assert isinstance(entry, DecisionEntry)
    assert (entry.chosen, entry.data_class) == (chosen, "sensitive")
    alone = command("verify", file, "--log", vkey, "--request", request)
    assert alone.code == 0, alone.err
    assert f"receipt intact: entry {shown['index']} of log {parse_vkey(vkey).name}" in alone.out
    assert "no witness was asked for" in alone.out
    assert f"sensitive → {chosen or '—'}" in alone.out
    assert command("verify", file, "--policy", gateway.policy_file).code == 1
    gateway.published_all()

    url = f"{gateway.served.url if gateway.served else ''}log"
    finished = command("finish", file, url)

    assert finished.code == 0, finished.err
    assert finished.out == f"receipt completed: entry {shown['index']}\n"
    final = parse_receipt(file.read_bytes())
    assert (final.entry, final.salt, final.proof.index) == (signed.entry, signed.salt, signed.proof.index)
    verified = command("verify", file, "--policy", gateway.policy_file, "--request", request)
    assert verified.code == 0, verified.err
    assert verified.out.count("cosigned by w") == 2
    french = command("verify", file, "--policy", gateway.policy_file, language="fr_FR.UTF-8")
    assert "reçu intact : entrée" in french.out
    assert "cosigné par w0, 2" in french.out


def test_who_asks_gets_a_final_receipt_with_the_answer(gateway: Bench) -> None:
    answer = gateway.final()

    shown = answer["bouclier"]["receipt"]
    verified = verify_receipt(parse_receipt(shown["proof"].encode()), gateway.policy)
    assert isinstance(verified.entry, DecisionEntry)
    assert verified.entry.exchange == answer["bouclier"]["exchange"]
    assert {verified.opened.verified[key] is not None for key in gateway.keys} == {True}


def test_a_stream_begins_with_a_signed_receipt_and_ends_with_the_best_there_is(gateway: Bench) -> None:
    served = gateway.served
    assert served is not None
    url, headers = f"{served.base_url}/chat/completions", {"authorization": f"Bearer {served.key}"}
    body = {**ASKED, "model": "slow", "stream": True, "bouclier": {"receipt": "final"}}

    def receipts() -> list[dict[str, Any]] | None:
        """Those of one stream; None if its witnesses had not cosigned when it ended: it is slow, and they may be."""
        with httpx.stream("POST", url, json=body, headers=headers, timeout=30) as stream:
            lines = [line.removeprefix("data: ") for line in stream.iter_lines() if line.startswith("data: {")]
        parts = [chunk["bouclier"] for chunk in map(json.loads, lines) if "bouclier" in chunk]
        found = [part["receipt"] for part in parts if "receipt" in part]
        assert (len(found), found[0]["state"]) == (2, "signed")
        return found if found[1]["state"] == "final" else None

    ours = eventually(receipts, "a final receipt at the end of a stream")
    assert len({receipt["index"] for receipt in ours}) == 1
    first, last = (parse_receipt(receipt["proof"].encode()) for receipt in ours)
    assert (first.entry, first.salt) == (last.entry, last.salt)
    verify_receipt(last, gateway.policy)


@pytest.mark.parametrize("wrong", ["finale", None, True, ["final"], {}])
def test_an_option_that_is_none_is_the_callers_to_correct(gateway: Bench, wrong: object) -> None:
    refused = gateway.post(bouclier={"receipt": wrong})

    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "bouclier"


def test_another_request_another_log_and_another_policy_are_refused(
    gateway: Bench, vkey: str, command: Command, tmp_path: Path
) -> None:
    file, request, policy = tmp_path / "a.tlog-proof", tmp_path / "request.json", tmp_path / "policy.txt"
    file.write_text(handed(gateway, ANSWERED)["proof"], "utf-8")
    request.write_bytes(ANSWERED + b" ")

    other = command("verify", file, "--log", vkey, "--request", request)
    assert (other.code, other.out) == (1, "")
    assert "not the one the decision committed to" in other.err
    stranger = "stranger.example+" + vkey_text(vkey)
    assert command("verify", file, "--log", stranger).code in {1, 2}
    policy.write_text(render_policy(replace(gateway.policy, logs=())), "ascii")
    assert command("verify", file, "--policy", policy).code == 1
    # Who cosigns a log is not who keeps it: a policy of witnesses alone names no log to believe.
    for wrong in ("", "quorum w0\n", "log x\nquorum none\n", "log " + vkey):
        policy.write_text(wrong, "ascii")
        assert command("verify", file, "--policy", policy).code in {1, 2}, wrong
    assert command("verify", file, "--policy", tmp_path / "missing").code == 2
    assert command("verify", tmp_path / "missing", "--log", vkey).code == 2
    assert command("verify", file, "--log", "nonsense").code == 2


def vkey_text(vkey: str) -> str:
    return vkey.split("+", 1)[1]


@pytest.mark.parametrize("body", [ANSWERED, REFUSED], ids=["answered", "refused"])
def test_a_receipt_altered_at_any_line_is_refused(
    gateway: Bench, command: Command, tmp_path: Path, body: bytes
) -> None:
    file, request = tmp_path / "a.tlog-proof", tmp_path / "request.json"
    request.write_bytes(body)
    file.write_text(handed(gateway, body)["proof"], "utf-8")
    gateway.published_all()
    assert gateway.served is not None
    assert command("finish", file, f"{gateway.served.url}log").code == 0
    sound = file.read_bytes()
    lines = sound.splitlines(keepends=True)
    assert len(lines) >= 10

    def refused(data: bytes) -> bool:
        file.write_bytes(data)
        said = command("verify", file, "--policy", gateway.policy_file, "--request", request)
        return said.code in {1, 2} and said.out == ""

    for number, line in enumerate(lines):
        rest = lines[:number], lines[number + 1 :]
        middle = len(line) // 2
        changed = bytes([line[middle] ^ 1]) if line != b"\n" else b"x"
        assert refused(b"".join(rest[0] + rest[1])), f"without line {number}"
        if not line.startswith("— ".encode()):  # who signs twice has signed
            assert refused(b"".join([*rest[0], line, line, *rest[1]])), f"line {number} twice"
        if line.startswith(b"extra "):
            continue  # its parts follow
        assert refused(b"".join([*rest[0], line[:middle] + changed + line[middle + 1 :], *rest[1]])), f"line {number}"
    receipt = parse_receipt(sound)
    extra = json.loads(receipt.proof.extra or b"")
    for name, value in extra.items():
        for other in (value[:-1], value[:9] + ("x" if value[9] != "x" else "y") + value[10:], ""):
            altered = json.dumps({**extra, name: other}).encode()
            assert refused(render_tlog_proof(replace(receipt.proof, extra=altered))), name
    assert refused(sound[:-1])
    assert refused(sound + b"\n")
    assert not refused(sound)


def test_finishing_asks_only_for_the_same_entry_and_writes_nothing_otherwise(
    gateway: Bench, command: Command, tmp_path: Path
) -> None:
    first, second = handed(gateway, ANSWERED), handed(gateway, REFUSED)
    gateway.published_all()
    assert gateway.served is not None
    url = f"{gateway.served.url}log"
    file = tmp_path / "a.tlog-proof"
    proof = parse_receipt(first["proof"].encode()).proof
    # The salt and entry of one exchange under the index of another.
    mixed = render_tlog_proof(replace(proof, index=second["index"]))
    file.write_bytes(mixed)
    assert command("finish", file, url).code == 1
    assert file.read_bytes() == mixed
    beyond = render_tlog_proof(replace(proof, index=10**9))
    file.write_bytes(beyond)
    said = command("finish", file, url)
    assert (said.code, "HTTP 404" in said.err) == (1, True)
    file.write_text(first["proof"], "utf-8")
    for wrong in ("nonsense", "file:///etc/passwd", "http://", "http://127.0.0.1:1/log", f"{gateway.served.url}health"):
        assert command("finish", file, wrong).code in {1, 2}, wrong
    assert file.read_text("utf-8") == first["proof"]
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_an_outcome_has_a_proof_too_and_commits_to_no_request(
    gateway: Bench, command: Command, tmp_path: Path, vkey: str
) -> None:
    shown = handed(gateway, ANSWERED)
    index = shown["index"] + 1
    gateway.published(index + 1)
    entry = gateway.get(f"log/entry/{index}").content
    assert parse_entry(entry).kind == "outcome"
    file, request = tmp_path / "a.tlog-proof", tmp_path / "request.json"
    request.write_bytes(ANSWERED)
    extra = json.dumps({"entry": entry.decode()}, separators=(",", ":")).encode()
    lines = gateway.get(f"log/proof/{index}").content.split(b"\n", 1)
    file.write_bytes(lines[0] + b"\nextra " + b64encode(extra) + b"\n" + lines[1])

    said = command("verify", file, "--policy", gateway.policy_file)
    assert said.code == 0, said.err
    assert said.out.endswith("\noutcome\n")
    assert "not that of a decision" in command("verify", file, "--log", vkey, "--request", request).err


def test_a_plain_proof_is_verified_with_the_entry_beside_it(
    gateway: Bench, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = gateway.published_all()["published"]
    proof, entry = tmp_path / "plain.tlog-proof", tmp_path / "entry.json"
    proof.write_bytes(gateway.get(f"log/proof/{size - 1}").content)
    entry.write_bytes(gateway.get(f"log/entry/{size - 1}").content)
    asked = ("verify", proof, "--policy", gateway.policy_file)

    assert f"entry {size - 1} of log" in command(*asked, "--entry", entry).out
    assert "malformed (extra)" in command(*asked).err
    with pytest.raises(SystemExit):
        command(*asked, "--entry", entry, "--request", entry)
    assert "not allowed with" in capsys.readouterr().err
    entry.write_bytes(entry.read_bytes() + b"\n")
    assert command(*asked, "--entry", entry).code == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"c2sp.org/tlog-proof@v1\n", b"[" * 100_000, b"Vasseur"])
def test_what_is_no_receipt_is_said(tmp_path: Path, command: Command, vkey: str, content: bytes) -> None:
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(content)
    said = command("verify", file, "--log", vkey)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("bouclier: ")
