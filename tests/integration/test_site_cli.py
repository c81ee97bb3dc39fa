"""`bouclier site` and `/fleet` against real gateways: who may announce what, and what it does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.conftest import configuration, ordinary_charter
from tests.postgresql import PostgreSQL
from tests.servers import Deployment, Served, serve

from bouclier import cli
from bouclier.compose.data_folder import keys_of
from bouclier.gateway.access import SITE_OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPResponse

SITE = "fr-gra"


class Operated(NamedTuple):
    """A gateway, and the key files of some who may or may not announce."""

    served: Served
    folder: Path

    @property
    def operator(self) -> str:
        return str(self.folder / "operator.key")

    def key(self, name: str, role: str) -> str:
        file = self.folder / f"{name}.key"
        if not file.exists():
            file.write_text(keys_of(self.served.data).create(name, role=role) + "\n", encoding="ascii")
        return str(file)

    def site(self, *arguments: str, key: str | None = None) -> int:
        """Run `bouclier site` as the operator of the site, over HTTP."""
        return cli.main(["site", *arguments, "--gateway", self.served.url, "--key-file", key or self.operator])

    def fleet(self) -> dict[str, Any]:
        status, said = asked(self.served, "fleet")
        assert status == 200
        return said


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture(scope="module")
def running(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    folder = tmp_path_factory.mktemp("operated")
    one = Operated(serve(folder, config=configuration(deployment)), folder)
    key = keys_of(one.served.data).create(f"operations@{SITE}", role=SITE_OPERATOR)
    (folder / "operator.key").write_text(f"{key}\n", encoding="ascii")
    yield one
    assert one.served.stop() == 0
    assert "internal error" not in one.served.said()


@pytest.fixture
def operated(running: Operated, capsys: pytest.CaptureFixture[str]) -> Operated:
    """The gateway, with its site joined whatever a test before did to it."""
    assert running.site("join", SITE) == 0
    capsys.readouterr()
    return running


def asked(
    served: Served, path: str, body: object = None, *, key: str | None = None, method: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of an answer, by default to the terminal's key."""
    sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {served.key if key is None else key}"} if key != "" else {}
    request = urllib.request.Request(f"{served.url}{path}", sent, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def chat(served: Served, model: str) -> tuple[int, dict[str, Any]]:
    return asked(served, "v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "Bonjour"}]})


def until(is_so: Callable[[], object], *, within_s: float = 60) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, "it never was so"
        time.sleep(0.01)
    return time.monotonic() - began


def state(fleet: dict[str, Any], name: str, site: str = SITE) -> dict[str, Any]:
    shown: dict[str, Any] = fleet["sites"][site]["deployments"][name]
    return shown


# What an announcement does --------------------------------------------------------------------------------------------


def test_a_site_that_is_drained_takes_no_exchange_until_it_joins(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(operated.served, "echo")[0] == 200
    assert operated.site("drain", SITE, "--for", "2h") == 0
    printed = capsys.readouterr().out
    assert "draining *" in printed
    assert f"operations@{SITE}" in printed
    assert chat(operated.served, "echo")[0] == 503
    assert state(operated.fleet(), "echo")["state"] == "draining"
    line = operated.fleet()["sites"][SITE]["announced"][0]
    assert 7_000 < line["ends_in_s"] <= 7_200
    assert operated.site("join", SITE) == 0
    assert chat(operated.served, "echo")[0] == 200


def test_one_deployment_is_drained_and_another_given_a_capacity(operated: Operated) -> None:
    assert operated.site("drain", SITE, "--deployment", "slow") == 0
    assert operated.site("join", SITE, "--deployment", "echo", "--slots", "echo=3") == 0
    fleet = operated.fleet()
    assert state(fleet, "slow")["draining"]
    assert state(fleet, "echo")["slots"] == 3
    assert not state(fleet, "tool")["draining"]
    assert chat(operated.served, "echo")[0] == 200


def test_the_list_shows_sites_deployments_and_what_holds(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operated.site("drain", SITE) == 0
    capsys.readouterr()
    until(lambda: state(operated.fleet(), "echo")["in_flight"] == 0)  # it ends just after its answer was read
    # Without --gateway: the one that runs on this data folder, with the terminal's own key.
    assert cli.main(["site", "list", "--data", str(operated.served.data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert SITE in lines
    assert any(line.startswith("  draining *") for line in lines)
    assert any(line.startswith("  echo draining 0+0/") for line in lines)
    # Whoever holds this machine's own key configures the gateway, and may announce any of its sites.
    assert cli.main(["site", "join", SITE, "--data", str(operated.served.data)]) == 0


def endless(served: Served) -> HTTPResponse:
    """Begin an exchange that ends when the answer is closed."""
    body = {"model": "endless", "stream": True, "messages": [{"role": "user", "content": "Bonjour"}]}
    request = urllib.request.Request(
        f"{served.base_url}/chat/completions", json.dumps(body).encode(), {"Authorization": f"Bearer {served.key}"}
    )
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=30)
    return answer


def test_waiting_ends_when_nothing_runs_there_any_more(operated: Operated) -> None:
    command = [sys.executable, "-m", "bouclier", "site", "drain", SITE, "--wait"]
    reached = ["--gateway", operated.served.url, "--key-file", operated.operator]
    with endless(operated.served):
        assert state(operated.fleet(), "endless")["in_flight"] == 1
        waiting = subprocess.Popen([*command, *reached], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"{SITE}: 1 exchange(s) running\n"
        assert waiting.poll() is None
    assert waiting.communicate(timeout=30)[1].splitlines() == [f"{SITE}: 0 exchange(s) running"]
    assert waiting.returncode == 0


def test_waiting_says_no_when_the_drain_ends_first(operated: Operated) -> None:
    with endless(operated.served):
        assert operated.site("drain", SITE, "--for", "1s", "--wait") == 1
    until(lambda: state(operated.fleet(), "endless")["in_flight"] == 0)


# Who may --------------------------------------------------------------------------------------------------------------


def test_only_the_operator_of_a_site_announces_it(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    strangers = {
        "operations@other": SITE_OPERATOR,
        f"{SITE}@": SITE_OPERATOR,
        SITE: SITE_OPERATOR,
        f"agent@{SITE}": "agent",
        f"monitor@{SITE}": "monitor",
        f"reviewer@{SITE}": "reviewer",
    }
    for name, role in strangers.items():
        assert operated.site("drain", SITE, key=operated.key(name, role)) == 1
        assert "does not announce this site" in capsys.readouterr().err
    # Nobody learns from the answer which sites there are.
    assert operated.site("drain", "no-such-site") == 1
    assert "does not announce this site" in capsys.readouterr().err
    assert asked(operated.served, f"fleet/sites/{SITE}", {"state": "draining"}, key="")[0] == 401
    assert asked(operated.served, "fleet", key="")[0] == 401
    assert asked(operated.served, "fleet", key="bcl_unknown")[0] == 401
    assert not state(operated.fleet(), "echo")["draining"]


def test_an_agent_sees_the_fleet(operated: Operated) -> None:
    key = Path(operated.key("guichet", "agent")).read_text(encoding="ascii").strip()
    status, fleet = asked(operated.served, "fleet", key=key)
    assert status == 200
    assert set(fleet["sites"]) == {SITE, "unknown"}
    assert fleet["sharing"] == {"shared": None}
    assert state(fleet, "echo")["breaker"] == "closed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "closed"}, "state"),
        ({}, "state"),
        ({"state": "joined", "deployments": ["us"]}, "deployments"),
        ({"state": "joined", "deployments": "echo"}, "deployments"),
        ({"state": "joined", "slots": {"no-such": 3}}, "slots"),
        ({"state": "joined", "slots": {"echo": 0}}, "slots"),
        ({"state": "joined", "slots": {"echo": "3"}}, "slots"),
        ({"state": "joined", "deployments": ["echo"], "slots": {"tool": 2}}, "slots"),
        ({"state": "draining", "for_s": 0}, "for_s"),
        ({"state": "draining", "for_s": 10**9}, "for_s"),
        ({"state": "draining", "for_s": 1.5}, "for_s"),
        ({"state": "joined", "exposure": 0}, "deployments, slots"),
        (b"{", "deployments, slots"),
        (b"\xff", "deployments, slots"),
        (b"[" * 50_000, "deployments, slots"),
    ],
)
def test_what_is_wrong_in_an_announcement_is_named(operated: Operated, body: object, field: str) -> None:
    status, told = asked(operated.served, f"fleet/sites/{SITE}", body)
    assert status == 400
    assert told["code"] == "invalid_request"
    assert told["type"] == "urn:bouclier:error:invalid_request"
    assert f"« {field} »" in told["title"] or field in told["detail"]
    assert " / " in told["title"]
    assert not operated.fleet()["sites"][SITE]["announced"][0]["slots"]


def test_what_is_not_there_or_not_asked_so_is_said(operated: Operated) -> None:
    assert asked(operated.served, "fleet/sites/no-such-site", {"state": "draining"})[0] == 404
    assert asked(operated.served, "fleet/nothing")[0] == 404
    assert asked(operated.served, "fleet", {"state": "draining"})[0] == 405
    assert asked(operated.served, f"fleet/sites/{SITE}", method="DELETE")[0] == 405
    assert asked(operated.served, f"fleet/sites/{SITE}", b"x" * 200_000)[0] == 413


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["drain", SITE, "--for", "soon"], "--for"),
        (["drain", SITE, "--for", "8"], "--for"),
        (["join", SITE, "--slots", "echo"], "--slots"),
        (["join", SITE, "--slots", "echo=3", "--slots", "echo=4"], "--slots"),
        (["join", SITE, "--slots", "echo=-1"], "--slots"),
        (["list", "--gateway", "ftp://here"], "--gateway"),
        (["list", "--gateway", "http://[", "--key-file", "/none"], "--gateway"),
        (["list", "--gateway", "http://127.0.0.1:1"], "--key-file"),
        (["list", "--gateway", "http://127.0.0.1:1", "--key-file", "/none"], "--key-file"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(
    operated: Operated, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [] if "--gateway" in arguments else ["--gateway", operated.served.url]
    more += [] if "--key-file" in [*arguments, named] else ["--key-file", operated.operator]
    assert cli.main(["site", *arguments, *more]) == 2
    told = capsys.readouterr().err
    assert named in told or "key cannot be read" in told


def test_where_no_gateway_runs_it_says_so(
    tmp_path: Path, operated: Operated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert cli.main(["site", "list", "--data", str(tmp_path / "none")]) == 1
    assert "Aucune passerelle" in capsys.readouterr().err
    assert cli.main(["site", "list", "--gateway", "http://127.0.0.1:1", "--key-file", operated.operator]) == 1
    assert "n'a pas répondu" in capsys.readouterr().err
    assert operated.site("drain", "ailleurs") == 1
    assert "ne permet pas d'annoncer ce site" in capsys.readouterr().err


# Several gateways -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(deployment: Deployment, tmp_path: Path) -> Iterator[tuple[PostgreSQL, Served, Served]]:
    with PostgreSQL() as server:
        more = (
            f"shared: {tmp_path / 'shared'}\n"
            f"fleet: {{share: '{server.url}', share_password_file: '{server.password_file}'}}\n"
            + ordinary_charter(deployment)
        )
        served = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            config = configuration(deployment, more=more)
            served.append(serve(tmp_path / name, config=config, keys=tmp_path / "shared"))
        yield server, served[0], served[1]
        for one in served:
            assert one.stop() == 0
            assert "only-of-this-test" not in one.said()


def sharing(served: Served) -> Any:
    return asked(served, "health")[1]["fleet"]


def test_gateways_that_share_drain_together_and_serve_without_their_database(
    two: tuple[PostgreSQL, Served, Served],
) -> None:
    server, a, b = two
    until(lambda: sharing(a) == sharing(b) == {"shared": True, "gateways": 2})
    drain = {"state": "draining", "deployments": ["logprobs"], "for_s": 3_600}
    until(lambda: asked(a, f"fleet/sites/{SITE}", drain)[1]["shared"] is True)
    until(lambda: state(asked(b, "fleet")[1], "logprobs")["draining"])
    server.kill()
    until(lambda: sharing(a)["shared"] is False and sharing(b)["shared"] is False)
    until(lambda: sharing(a)["why"] == "unreachable")
    assert chat(a, "echo")[0] == chat(b, "echo")[0] == 200
    assert chat(b, "logprobs")[0] == 503
    status, told = asked(b, f"fleet/sites/{SITE}", {"state": "joined", "deployments": ["logprobs"]})
    assert (status, told["shared"]) == (200, False)
    assert chat(b, "logprobs")[0] == 200
    assert chat(a, "logprobs")[0] == 503
    server.start()
    until(lambda: chat(a, "logprobs")[0] == 200)
