"""A real browser, and two gateways to open the page on: one that follows a script, and the real one."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bouclier.oversight.adapters.witness_folder import add_log_key, create_witness
from bouclier.tlog import render_vkey
from tests import witness_process
from tests.browser import ensure_chromium
from tests.charter_kit import files_of_charter, oblige, policy, warning, write_charter
from tests.journeys.scripted_gateway import Script, running
from tests.journeys.upstream import upstream
from tests.servers import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_TIMEOUT_S = 60
EXPECT_TIMEOUT_MS = 30_000  # the first exchange of a gateway that has just started waits for name recognition to load
CONFIGURATION = """\
institution:
  name: Mairie d'Essai
data: data
engine:
  model: "off"
deployments:
  - name: gravelines-mistral
    base_url: {upstream}/v1
    model: mistral-small
    operator: ovhcloud
    site: fr-gra
    open_weights: true
    carbon: {{mg_per_1000_tokens: 300, source: declared for the test}}
  - name: seattle-gpt
    base_url: {upstream}/v1
    model: gpt
    operator: azure
    site: fr-par
    open_weights: false
    carbon: {{mg_per_1000_tokens: 300, source: declared for the test}}
"""
FALLBACK_CONFIGURATION = """\
data: data
engine:
  model: "off"
shield:
  names: "off"
fleet:
  probe_interval_s: 3600  # the first in the list is asked at once, the other in half an hour: it is down unnoticed
deployments:
  - name: gravelines-mistral
    base_url: {upstream}/v1
    model: mistral-small
    operator: ovhcloud
    site: fr-gra
    open_weights: true
    carbon: {{mg_per_1000_tokens: 300, source: declared for the test}}
  - name: paris-mistral
    base_url: http://127.0.0.1:{closed}/v1
    model: mistral-small
    operator: scaleway
    site: fr-par
    open_weights: true
    carbon: {{mg_per_1000_tokens: 300, source: declared for the test}}
"""
WITNESSED_CONFIGURATION = f"""\
{CONFIGURATION}shield:
  names: "off"
log:
  policy: policy.txt
"""
REVIEWED_CONFIGURATION = """\
data: data
charter:
  folder: charter
engine:
  model: "off"
shield:
  names: "off"
deployments:
  - name: gravelines-mistral
    base_url: {upstream}/v1
    model: mistral-small
    operator: ovhcloud
    site: fr-gra
    country: FR
"""
REVIEWED_POLICIES = (
    policy("all"),
    oblige("told", "warn:ai"),
    oblige("scoring-reviewed", "human-review", 'context.signals.contains("scoring")'),
)
REVIEWED_DATA = {
    "warnings": [warning("ai")],
    "second_net": [
        {"signal": "scoring", "fr": "semble noter des personnes", "en": "seems to score people", "near": 8}
        | {"all": [["noter"], ["citoyens"]]}
    ],
}


@dataclass(frozen=True)
class Reviewed:
    """A gateway whose charter wants a second person, and that person's key."""

    url: str
    key_file: Path

    def approve(self, exchange: str) -> None:
        """Approve a request as a second person does."""
        approved = run("review", "approve", exchange, "--url", f"{self.url}/", "--key-file", str(self.key_file))
        assert approved.returncode == 0, approved.stderr


@dataclass(frozen=True)
class Witnessed:
    """A gateway whose log a witness cosigns, and the policy by which anyone can verify its receipts."""

    url: str
    policy: Path


class OpenPage(Protocol):
    """Opens the chat page, ready for use."""

    def __call__(self, url: str, *, locale: str = "fr-FR", **context: Any) -> Page: ...


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages; at the end, no script may have failed and no policy may have been broken."""
    contexts = []
    problems: list[str] = []

    def opened(url: str, *, locale: str = "fr-FR", **context: Any) -> Page:
        made = browser.new_context(locale=locale, **context)
        contexts.append(made)
        made.set_default_timeout(EXPECT_TIMEOUT_MS)
        page = made.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if _is_problem(said.type, said.text) else None)
        page.goto(url)
        expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _is_problem(kind: str, text: str) -> bool:
    # The browser reports every answer of 400 and more, and every cut connection: those are part of the stories.
    return kind in {"error", "warning"} and not text.startswith("Failed to load resource")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def scripted_url(script: Script) -> Iterator[str]:
    with running(script) as url:
        yield url


@pytest.fixture(scope="package")
def served_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real gateway, as its own process, in front of a scripted deployment."""
    folder = tmp_path_factory.mktemp("served")
    with upstream() as address, _serving(folder, CONFIGURATION.format(upstream=address)) as url:
        yield url


@pytest.fixture
def fallback_url(tmp_path: Path) -> Iterator[str]:
    """The real gateway, when the deployment it prefers is down and another one is not."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # ours, and not listening: whoever calls is refused
        with upstream() as address:
            configuration = FALLBACK_CONFIGURATION.format(closed=closed.getsockname()[1], upstream=address)
            with _serving(tmp_path, configuration) as url:
                yield url


@pytest.fixture(scope="package")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witnessed]:
    """The real gateway and a real witness, each as its own process."""
    folder = tmp_path_factory.mktemp("witnessed")
    where = ("--data", str(folder / "data"))
    assert run("log", "create", *where).returncode == 0
    log_line = run("log", "show", *where).stdout.splitlines()[0]
    [key] = create_witness(folder / "witness", name="temoin.example/w1", ml_dsa=False)
    add_log_key(folder / "witness", log_line.removeprefix("log "))
    with witness_process.running(folder / "witness") as witness, upstream() as address:
        policy = folder / "policy.txt"
        vkey = render_vkey(key.verifier_key)
        policy.write_text(f"{log_line}\nwitness w1 {vkey} http://127.0.0.1:{witness.port}\nquorum w1\n")
        with _serving(folder, WITNESSED_CONFIGURATION.format(upstream=address)) as url:
            yield Witnessed(url, policy)


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Reviewed]:
    """The real gateway under a charter of its own, that wants a second person where the second net saw something."""
    write_charter(tmp_path / "charter", files_of_charter(*REVIEWED_POLICIES, data=REVIEWED_DATA))
    with upstream() as address, _serving(tmp_path, REVIEWED_CONFIGURATION.format(upstream=address)) as url:
        created = run("keys", "create", "relectrice", "--role", "reviewer", "--data", str(tmp_path / "data"))
        assert created.returncode == 0, created.stderr
        key_file = tmp_path / "reviewer.key"
        key_file.write_text(created.stdout.splitlines()[-1] + "\n")
        yield Reviewed(url, key_file)


@pytest.fixture(params=["scripted", "served"])
def gateway_url(request: pytest.FixtureRequest) -> str:
    """The address of a gateway; stories that take it are told to each."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@contextmanager
def _serving(folder: Path, configuration: str) -> Iterator[str]:
    file = folder / "bouclier.yaml"
    file.write_text(configuration, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("bouclier")), "serve", "--config", str(file), "--port", "0"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    overdue = threading.Timer(START_TIMEOUT_S, process.kill)
    overdue.start()
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first.startswith("Bouclier: http"), f"{first}{process.stderr.read() if not first else ''}"
        overdue.cancel()
        url = first.removeprefix("Bouclier: ").strip()
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=5):
            yield url.rstrip("/")
    finally:
        overdue.cancel()
        process.terminate()
        process.communicate(timeout=60)
