"""The monitor over real HTTP, files and processes: what it fetches, keeps, files and says."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import closing
from importlib import resources
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.conftest import configuration
from tests.log_kit import (
    DEPLOYMENTS,
    NOW_S,
    ORIGIN,
    POLICY,
    Institution,
    PublishedLog,
    bent_candidate,
    recorded,
    signed,
)
from tests.registry_kit import own
from tests.servers import serve, vkey_of

from bouclier.cli import monitor as verb
from bouclier.compose.filing import MAX_FILED, Filing
from bouclier.oversight.adapters.log_fetcher import FetchedLog
from bouclier.oversight.adapters.monitor_state import StateFolder, read_states
from bouclier.oversight.monitor import Alarm, FollowState, LogUnreachableError, NotServedError, Observed, parse_finding
from bouclier.oversight.monitor.alarm import Remark, alarm_of
from bouclier.oversight.monitor.ports import Nowhere
from bouclier.terms.errors import BouclierError, ConfigurationError, StorageError
from bouclier.tlog import (
    Checkpoint,
    EntryBundle,
    HashTile,
    SignatureType,
    SigningKey,
    TileError,
    bundles_of,
    hash_leaf,
    render_policy,
    render_tile_path,
    render_vkey,
    root_of,
    tiles_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Deployment, Served

LOG = recorded(400, seed=5)
FAR_S = "1000000000"  # the kit's clock stands still: no silence

RUN = """
import sys
from argparse import ArgumentParser
from bouclier.cli import monitor
parser = ArgumentParser()
monitor.add_to(parser.add_subparsers(), french=False)
options = parser.parse_args(sys.argv[1:])
sys.exit(options.run(options))
"""


def run(*words: str, french: bool = False) -> int:
    parser = ArgumentParser()
    verb.add_to(parser.add_subparsers(), french=french)
    options = parser.parse_args(["monitor", *words])
    return int(options.run(options))


@pytest.fixture
def log() -> Iterator[PublishedLog]:
    with PublishedLog(LOG) as published:
        yield published


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    policy = tmp_path / "policy"
    policy.write_text(render_policy(POLICY))
    return ["--policy", str(policy), "--state", str(tmp_path / "state"), "--silence", FAR_S, "--once"]


def forged() -> list[bytes]:
    at = next(index for index, entry in enumerate(LOG) if b'"own":false,"permitted":false' in entry)
    number = next(n for n, one in enumerate(json.loads(LOG[at])["candidates"]) if not one["permitted"])
    return [*LOG[:at], bent_candidate(LOG[at], number, permitted=True), *LOG[at + 1 :]]


# Fetching ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def source(log: PublishedLog) -> Iterator[FetchedLog]:
    with closing(FetchedLog(log.url, key="secret")) as fetched:
        yield fetched


def test_tiles_bundles_and_checkpoint_come_over_one_connection(log: PublishedLog, source: FetchedLog) -> None:
    assert source.checkpoint() == log.note
    assert source.bundle(0, 256) == LOG[:256]
    assert len(source.tile(0, 0, 256)) == 8192
    assert log.connections == 1
    assert log.authorizations == {"Bearer secret"}


def test_a_partial_bundle_or_tile_that_is_gone_is_read_from_the_full_one(log: PublishedLog, source: FetchedLog) -> None:
    log.hidden |= {render_tile_path(EntryBundle(0, 7)), render_tile_path(HashTile(0, 0, 7))}

    assert source.bundle(0, 7) == LOG[:7]
    assert source.tile(0, 0, 7) == log.tile(0, 0, 256)[: 7 * 32]
    log.hidden.add("tile/entries/000")
    with pytest.raises(NotServedError, match=r"tile/entries/000\.p/7"):
        source.bundle(0, 7)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Over there\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_what_is_no_answer_of_a_log_is_said_so(log: PublishedLog, source: FetchedLog, answer: bytes) -> None:
    log.answers["checkpoint"] = answer

    with pytest.raises(LogUnreachableError):
        source.checkpoint()


def test_an_answer_larger_than_it_can_be_is_not_read_to_its_end(log: PublishedLog, source: FetchedLog) -> None:
    log.replaced["checkpoint"] = bytes(1_000_001)

    with pytest.raises(TileError):
        source.checkpoint()


def test_a_connection_that_the_log_closed_meanwhile_is_made_again(log: PublishedLog, source: FetchedLog) -> None:
    log.answers["checkpoint"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"  # and then it hangs up
    assert source.checkpoint() == b"hi"
    log.answers.clear()

    assert source.checkpoint() == log.note


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(LogUnreachableError):
        FetchedLog("http://127.0.0.1:1/log", timeout_s=2).checkpoint()


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_an_answer_that_drips_is_given_up_when_its_time_is_over(drips: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(drips)
                while not over.wait(0.02):
                    connection.sendall(b"x")

        thread = Thread(target=drip, daemon=True)
        thread.start()
        began_s = time.monotonic()
        with pytest.raises(LogUnreachableError):
            FetchedLog(f"http://127.0.0.1:{server.getsockname()[1]}/log", timeout_s=0.3).checkpoint()
        assert time.monotonic() - began_s < 60
        over.set()
        thread.join(10)


def test_a_look_has_its_time_too_and_the_next_one_has_it_again(log: PublishedLog) -> None:
    with closing(FetchedLog(log.url, patience_s=0.0)) as hurried, pytest.raises(LogUnreachableError, match="> 0 s"):
        hurried.checkpoint()
    with closing(FetchedLog(log.url, patience_s=3)) as fetched:
        fetched.checkpoint()
        with pytest.raises(LogUnreachableError, match="> 3 s"):
            read_without_end(fetched)
        assert fetched.checkpoint() == log.note


def read_without_end(fetched: FetchedLog) -> None:
    while True:
        fetched.bundle(0, 1)


NOT_ASCII = ["http://127.0.0.1:9/\u00e9", "file:///srv/\u00e9", "http://127.0.0.1:9/a b", "http://127.0.0.1:9/\udcff"]


@pytest.mark.parametrize(
    "url", ["", "log", "ftp://a/log", "http://", "http://u:p@a/log", "http://a/?x", "http://a:b/", *NOT_ASCII]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        FetchedLog(url)


def test_a_log_in_a_folder_is_read_like_one_over_http(tmp_path: Path, options: list[str]) -> None:
    log = PublishedLog(LOG)
    tiles = [render_tile_path(tile) for tile in tiles_of(len(LOG))]
    bundles = [render_tile_path(bundle) for bundle in bundles_of(len(LOG))]
    for path in ["checkpoint", *tiles, *bundles]:
        (tmp_path / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / path).write_bytes(log.get(path) or b"")

    assert run((tmp_path / "log").as_uri(), *options) == 0
    assert read_states(tmp_path / "state")[0].watch.size == len(LOG)
    with pytest.raises(NotServedError):
        FetchedLog((tmp_path / "log").as_uri()).bundle(77, 256)


# The verb ------------------------------------------------------------------------------------------------------------


def test_a_log_in_good_order_says_nothing_and_ends_well(
    log: PublishedLog, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(log.url, *options) == 0
    assert capsys.readouterr().out == ""


def test_a_forged_decision_is_said_in_both_languages_and_ends_with_1(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.publish(forged())

    assert run(log.url, *options) == 1
    english = capsys.readouterr().out.splitlines()[0]
    options[3] = str(tmp_path / "autre")
    assert run(log.url, *options, french=True) == 1
    french = capsys.readouterr().out.splitlines()[0]

    assert english.startswith("ALARM verdict-differs: the replayed charter says otherwise")
    assert french.startswith("ALARME verdict-differs : la charte rejouée dit autre chose")
    assert ".permitted, policy " in english
    assert "(expected false, found true)" in english


def test_json_metrics_and_signed_evidence(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.publish(forged())
    key, metrics, evidence = tmp_path / "key", tmp_path / "bouclier.prom", tmp_path / "evidence"
    assert run("keygen", "monitor.example", "--out", str(key)) == 0
    vkey = capsys.readouterr().out.strip()
    assert key.stat().st_mode & 0o777 == 0o600
    telling = ["--json", "--metrics", str(metrics), "--evidence", str(evidence), "--sign", str(key)]

    assert run(log.url, *options, *telling) == 1

    alarms: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {alarm["origin"] for alarm in alarms} == {ORIGIN}
    assert {path.stem for path in evidence.iterdir()} == {alarm["key"] for alarm in alarms}
    count = sum(alarm["code"] == "verdict-differs" for alarm in alarms)
    assert f'severity="alarm",code="verdict-differs"}} {count}\n' in metrics.read_text()
    assert metrics.stat().st_mode & 0o044 == 0o044
    policy = options[1]
    for path in evidence.iterdir():
        assert parse_finding(path.read_bytes()).entry is not None
        assert run("verify", str(path), "--policy", policy, "--monitor", vkey) == 0
        assert "shown by the log's own signatures" in capsys.readouterr().out
    path.write_bytes(path.read_bytes().replace(b"verdict", b"verdikt"))
    with pytest.raises(BouclierError):
        run("verify", str(path), "--policy", policy)


def test_a_checkpoint_too_long_to_be_filed_does_not_stop_the_monitor(
    log: PublishedLog, options: list[str], tmp_path: Path
) -> None:
    leaves = [hash_leaf(entry) for entry in forged()]
    log.publish(forged())
    log.note = signed(Checkpoint(ORIGIN, len(leaves), root_of(leaves), ("x" * 900_000,)))
    evidence = tmp_path / "evidence"

    assert run(log.url, *options, "--evidence", str(evidence)) == 1
    assert all(parse_finding(path.read_bytes()).inclusion is None for path in evidence.iterdir())


def test_a_rollback_between_two_runs_is_remembered(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(log.url, *options) == 0
    log.publish(LOG[:300])

    assert run(log.url, *options, "--evidence", str(tmp_path / "evidence")) == 1
    assert capsys.readouterr().out.startswith("ALARM rollback")
    (finding,) = (tmp_path / "evidence").iterdir()
    assert len(parse_finding(finding.read_bytes()).checkpoints) == 2
    assert run(log.url, *options) == 1, "it goes on"
    assert capsys.readouterr().out == "", "and is not said again"


def test_a_log_that_hangs_does_not_keep_another_from_being_read(tmp_path: Path, options: list[str]) -> None:
    key = SigningKey("second.example", SignatureType.ED25519, b"s" * 32)
    both = render_policy(POLICY).replace("quorum", f"log {render_vkey(key.verifier_key)}\nquorum")
    (tmp_path / "policy").write_text(both)
    read, given_up = Event(), Event()
    with PublishedLog(LOG) as slow, PublishedLog(LOG, key=key) as other:
        # The first waits until the second was read to its end; in turn, that would never be.
        slow.on_request = lambda path: given_up.set() if path == "checkpoint" and not read.wait(30) else None
        other.on_request = lambda path: read.set() if path.startswith("tile/entries/002") else None

        assert run(slow.url, other.url, *options) == 0

    assert not given_up.is_set()
    assert [state.watch.size for state in read_states(tmp_path / "state")] == [len(LOG), len(LOG)]


def test_a_summary_of_each_log_goes_to_the_standard_error_but_not_with_json(
    log: PublishedLog, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(log.url, *options) == 0
    assert capsys.readouterr().err == f"{ORIGIN}: {len(LOG)} entries signed, {len(LOG)} replayed, 0 alarms\n"
    assert run(log.url, *options, french=True) == 0
    assert capsys.readouterr().err == f"{ORIGIN} : {len(LOG)} entrées signées, {len(LOG)} rejouées, 0 alarmes\n"
    assert run(log.url, *options, "--json") == 0
    assert capsys.readouterr().err == ""


def test_who_names_a_charter_does_not_accept_decisions_under_the_starter_charter(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = tmp_path / "strict"
    shutil.copytree(str(resources.files("bouclier.charter") / "data" / "charter"), strict)
    with (strict / "packs" / "socle" / "policies.cedar").open("a") as policies:
        policies.write("\n// another charter\n")
    (tmp_path / "own.json").write_bytes(own(entities=[{"id": "o", "name": "O", "kind": "company", "seat": "FR"}]))

    assert run(log.url, *options, "--charter", str(strict), "--json") == 1
    charter = {json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()}
    assert run(log.url, *options, "--charter", str(strict), "--json") == 1, "it goes on"
    assert capsys.readouterr().out == "", "and is not said again"
    options[3] = str(tmp_path / "other-state")
    assert run(log.url, *options, "--facts", str(tmp_path / "own.json"), "--json") == 1
    registry = {json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()}

    assert (charter, registry) == ({"charter-unknown"}, {"registry-unknown"})


def test_a_flood_of_alarms_of_one_kind_leaves_room_for_those_of_others(tmp_path: Path) -> None:
    said: list[Alarm] = []
    filing = Filing(said.append, tmp_path, None)
    flood = [Remark("entry-malformed", found=str(number)) for number in range(MAX_FILED + 50)]
    trees = [Remark("rollback", found=str(number)) for number in range(MAX_FILED + 50)]

    for origin in ("one.example", "two.example"):
        filing.tell([Observed(alarm_of(remark, origin=origin)) for remark in flood], Nowhere())
    filing.tell([Observed(alarm_of(remark, origin="one.example")) for remark in trees], Nowhere())

    filed = Counter(
        (finding.origin, finding.alarm.code) for finding in (parse_finding(p.read_bytes()) for p in tmp_path.iterdir())
    )
    assert filed == {
        ("one.example", "entry-malformed"): MAX_FILED,
        ("two.example", "entry-malformed"): MAX_FILED,
        ("one.example", "rollback"): MAX_FILED + 50,
    }
    assert len(said) == 3 * (MAX_FILED + 50)


def test_an_unsigned_word_is_confirmed_for_nobody(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("keygen", "monitor.example", "--out", str(tmp_path / "key"))
    vkey = capsys.readouterr().out.strip()
    run(log.url, *options)
    log.publish(LOG[:300])
    run(log.url, *options, "--evidence", str(tmp_path / "e"), "--sign", str(tmp_path / "key"))
    (finding,) = (tmp_path / "e").iterdir()
    capsys.readouterr()

    assert run("verify", str(finding), "--policy", options[1]) == 1
    assert "nobody known signed it" in capsys.readouterr().out
    assert run("verify", str(finding), "--policy", options[1], "--monitor", vkey) == 0
    assert capsys.readouterr().out.endswith("finding intact, on the monitor's word\n")


def test_a_policy_with_an_address_that_is_not_ascii_is_refused_before_anything_is_asked(
    log: PublishedLog, options: list[str], tmp_path: Path
) -> None:
    key = render_vkey(POLICY.logs[0].key)
    (tmp_path / "policy").write_text(f"log {key} https://h\u00f4pital.example/log\nquorum none\n", encoding="utf-8")

    with pytest.raises(ConfigurationError):
        run(log.url, *options)
    assert log.requests == []


def test_a_log_that_is_down_is_a_warning_and_no_success(
    log: PublishedLog, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log.is_silent = True

    assert run(log.url, *options) == 1
    assert capsys.readouterr().out.startswith("WARNING unreachable")


def test_a_monitor_that_is_killed_goes_on_where_it_was_and_loses_no_alarm(tmp_path: Path, options: list[str]) -> None:
    institution = Institution(time_ms=(NOW_S - 100) * 1000).mark("start")
    institution.entries += institution.mark("alive").entries[-1:] * 6_000
    bad = {100, 4_200, 5_000, 5_900}
    entries = [b"bad" if index in bad else entry for index, entry in enumerate(institution.entries)]
    arguments = [sys.executable, "-c", RUN, "monitor"]
    with PublishedLog(entries) as log, (tmp_path / "said").open("w+") as said:
        child = subprocess.Popen([*arguments, log.url, *options, "--json"], stdout=said)

        def kill(path: str) -> None:
            if path == "tile/entries/020":
                os.kill(child.pid, signal.SIGKILL)
                child.wait(timeout=20)

        log.on_request = kill
        child.wait(timeout=60)
        assert child.returncode == -signal.SIGKILL
        assert read_states(tmp_path / "state")[0].watch.size == 4_096

        log.on_request = lambda _: None
        log.requests.clear()
        again = subprocess.run([*arguments, log.url, *options, "--json"], stdout=said, check=False, timeout=60)
        assert again.returncode == 1
        assert "tile/entries/003" not in log.requests
        said.seek(0)
        alarms = [json.loads(line) for line in said]

    assert {alarm["index"] for alarm in alarms if alarm["code"] == "entry-malformed"} == bad
    told_twice = [alarm["index"] for alarm in alarms if alarm["code"] == "entry-malformed"]
    assert told_twice == [100, 4_200, 5_000, 4_200, 5_000, 5_900], "at least once, with the same key"
    assert len({alarm["key"] for alarm in alarms}) == len({json.dumps(alarm) for alarm in alarms})


def test_what_the_monitor_saw_is_held_against_the_bill(
    log: PublishedLog, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(log.url, *options) == 0
    totals = read_states(tmp_path / "state")[0].watch.totals
    whose, used = next(row for row in totals if row[0].operator == "mistral")
    bill = tmp_path / "usage.csv"
    line = f"{whose.day};{whose.model};{used.prompt_tokens};{used.completion_tokens};{{}}\n"
    bill.write_bytes(("\ufeffdate;model;input_tokens;output_tokens;requêtes\n" + line).format(used.exchanges).encode())
    state = ["--state", str(tmp_path / "state"), "--deployment", whose.deployment]
    assert run("reconcile", str(bill), *state) == 0

    bill.write_bytes(bill.read_bytes().replace(b";%d\n" % used.exchanges, b";%d\n" % (used.exchanges + 1)))

    assert run("reconcile", str(bill), *state) == 1
    assert capsys.readouterr().out.startswith("ALARM unrecorded-use: the provider bills more")
    assert run("reconcile", str(bill), *state, "--tolerance", "50") == 0
    bill.write_text("day,requests\n2026-11-22,1\n")
    with pytest.raises(BouclierError, match="line 1"):
        run("reconcile", str(bill), *state)


def test_an_exchange_under_way_that_is_billed_already_is_no_alarm(
    log: PublishedLog, options: list[str], tmp_path: Path
) -> None:
    log.publish(Institution().mark("start").exchange(types=[], candidates=DEPLOYMENTS[:1], outcome=False).entries)
    run(log.url, *options, "--outcome-within", FAR_S)
    bill = tmp_path / "usage.csv"
    bill.write_text(f"date,model,requests,input_tokens\n2026-09-21,{DEPLOYMENTS[0].model},1,70\n")

    assert run("reconcile", str(bill), "--state", str(tmp_path / "state")) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["http://127.0.0.1:1/log", "--once"],
        ["reconcile"],
        ["reconcile", "a", "b"],
        ["reconcile", "a", "--columns", "day=x"],
        ["verify", "a"],
        ["keygen", "name"],
    ],
)
def test_what_is_missing_on_the_command_line_is_said(words: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        run(*words)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("precious")

    with pytest.raises(StorageError):
        run("keygen", "monitor.example", "--out", str(tmp_path / "key"))
    assert (tmp_path / "key").read_text() == "precious"


# A real gateway ------------------------------------------------------------------------------------------------------


def ask(served: Served, model: str, text: str, *, stream: bool = False) -> int:
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    headers = {"Authorization": f"Bearer {served.key}"}
    return httpx.post(f"{served.base_url}/chat/completions", json=body, headers=headers, timeout=20).status_code


def test_the_log_of_a_real_gateway_is_followed_and_replayed_without_an_alarm(
    tmp_path: Path, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    served = serve(tmp_path, config=configuration(deployment))
    try:
        (tmp_path / "policy").write_text(f"log {vkey_of(served.data)}\nquorum none\n")
        log_url = f"{served.url}log"
        options = ["--policy", str(tmp_path / "policy"), "--state", str(tmp_path / "state"), "--once"]
        options += ["--charter", str(deployment.record.parent / "charter")]
        assert ask(served, "echo", "Quels horaires pour la mairie ?") == 200
        assert ask(served, "echo", "Le dossier de Jean Martin, NIR 1 85 05 78 006 084 91", stream=True) == 200
        assert ask(served, "us", "Le dossier de Jean Martin, NIR 1 85 05 78 006 084 91") == 403
        assert ask(served, "auto", "Bonjour à jean.martin@example.org") in {200, 502}
        assert ask(served, "status-503", "Bonjour") >= 500

        assert run(log_url, *options) == 0, capsys.readouterr().out
        # The charter that it signs for itself is a repository like any other.
        local = served.data / "charter" / "local"
        signed_law = ["--charter-repository", str(local), "--root", str(local / "metadata" / "1.root.json")]
        following = [*options[:3], str(tmp_path / "following"), "--once", *signed_law]
        assert run(log_url, *following) == 0, capsys.readouterr().out

        served.kill()
        served.stop()
        served = serve(tmp_path, config=configuration(deployment))
        assert ask(served, "garbage", "Bonjour") >= 500
        assert run(f"{served.url}log", *options) == 0, capsys.readouterr().out
        assert run(f"{served.url}log", *following) == 0, capsys.readouterr().out
    finally:
        served.stop()
    (state,) = read_states(tmp_path / "state")
    assert state.watch.size == state.tree_size > 10
    assert capsys.readouterr().out == ""

    bill = tmp_path / "usage.csv"
    day = max(whose.day for whose, _ in state.watch.totals if whose.deployment == "echo")
    for requests, code in ((1, 0), (1_000, 1)):
        bill.write_text(f"date,model,requests\n{day},echo,{requests}\n")
        assert run("reconcile", str(bill), "--state", str(tmp_path / "state")) == code
        assert run("reconcile", str(bill), "--from-log", str(served.data)) == code


# What it keeps -------------------------------------------------------------------------------------------------------


def test_two_monitors_do_not_share_a_memory(tmp_path: Path) -> None:
    with StateFolder(tmp_path).held(), pytest.raises(StorageError):
        StateFolder(tmp_path)
    StateFolder(tmp_path).close()


def test_a_memory_that_is_damaged_is_refused(tmp_path: Path) -> None:
    with StateFolder(tmp_path).held() as folder:
        for damaged in (b"", b"{}", b'{"origin":"o","tree_size":7}', b'{"origin":"o","v":1}'):
            folder.keep(ORIGIN, damaged)
            with pytest.raises(StorageError):
                folder.states()
        folder.keep(ORIGIN, b'{"origin":"%s"}' % ORIGIN.encode())
        assert folder.states() == [FollowState(ORIGIN)]
