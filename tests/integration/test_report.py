"""`bouclier report`: from the logs of gateways to pages people print, files machines read, errors they can act on."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from playwright.sync_api import sync_playwright
from tests.browser import ensure_chromium
from tests.conftest import configuration
from tests.report_kit import DAY, JANUARY, candidate, decision, erasure, mark, opening, outcome, refusal
from tests.servers import Deployment, serve

from bouclier.cli import report
from bouclier.oversight import parse_entry, render_entry
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.oversight.reports.ranges import parse_ranges
from bouclier.terms.errors import BouclierError, ConfigurationError, StorageError
from bouclier.tlog import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from bouclier.oversight import Entry

PARTICULARS = """\
name: Mairie de Valmont
contact: 1 place de la Mairie, Valmont
dpo: dpo@valmont.example
purposes:
  civil-registry:
    title: État civil
    basis: RGPD art. 6(1)(e)
    persons: usagers
    retention: cinq ans
transfers:
  azure: RGPD art. 46(2)(c)
"""
PARIS = candidate("paris-mistral", duties=("pseudonymise",))
SEATTLE = candidate(
    "seattle-gpt", model="gpt", operator="azure", country="US", control=("US",), foreign_laws=("us-cloud-act",),
    openness="closed", site="us-west", duties=("pseudonymise",),
)  # fmt: skip
OWN = candidate("mairie", operator="self", own=True, country=None, control=(), site="cellar")


def first_log() -> list[Entry]:
    """Two months of a gateway that crashed once."""
    entries: list[Entry] = [mark("start")]
    for number in range(60):
        time = JANUARY + number * DAY
        slug = ("personal", "internal", "sensitive")[number % 3]
        where = (PARIS, OWN, SEATTLE)[number % 3 if number % 20 else 2]
        findings = {"PERSON": 2, "NIR": 1} if slug == "sensitive" else {"PERSON": 1} if slug == "personal" else {}
        entries.append(decision(where, time=time, data_class=slug, findings=findings))
        if number == 30:
            entries.append(mark("start", time=time + 1000))  # what came before it has no outcome, and no stop
            continue
        entries.append(outcome(len(entries) - 1, time=time + 900))
        if number % 4 == 0:
            entries.append(refusal("sensitive-out-of-foreign-reach", time=time + 1000, data_class="sensitive"))
    last = JANUARY + 60 * DAY
    return [*entries, opening(time=last), erasure(time=last), mark("stop", time=last)]


def second_log() -> list[Entry]:
    tried = decision(OWN, time=JANUARY + 5 * DAY, purpose="human-resources", tried=("paris-mistral",))
    return [mark("start", time=JANUARY + 5 * DAY), tried, outcome(1, time=JANUARY + 5 * DAY)]


@dataclass
class Folders:
    first: Path
    second: Path
    particulars: Path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    place = tmp_path_factory.mktemp("reports")
    write_log(place / "first", "log.example.fr/one", first_log())
    write_log(place / "second", "log.example.fr/two", second_log())
    (place / "particulars.yaml").write_text(PARTICULARS, encoding="utf-8")
    return Folders(place / "first", place / "second", place / "particulars.yaml")


def write_log(data: Path, origin: str, entries: Sequence[Entry]) -> None:
    async def write() -> None:
        log = FileLog.create(data / "log", origin=origin)
        await asyncio.gather(*(log.append(render_entry(entry)) for entry in entries))
        await log.close()

    asyncio.run(write())


@pytest.fixture(scope="module")
def browser(folders: Folders) -> Iterator[Browser]:
    assert folders.first.is_dir()  # written before: while a browser runs, this thread has an event loop already
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=ensure_chromium(), args=["--headless=new", "--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def _anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BOUCLIER_") and name != "BOUCLIER_CHROMIUM"]:
        monkeypatch.delenv(name)


def command(*arguments: object) -> int:
    """Run the verb as the command line does, in this process: it only reads files."""
    from argparse import ArgumentParser  # noqa: PLC0415 -- a parser of its own, with this verb only

    parser = ArgumentParser()
    report.add_to(parser.add_subparsers(required=True), french=False)
    options = parser.parse_args(["report", *map(str, arguments)])
    return int(options.run(options))


def made(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert command(*arguments) == 0
    return capsys.readouterr().out


def test_each_figure_cites_the_entries_it_counts(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    """An independent count: the cited entries are read from the logs, and are what the row says."""
    both = ("--data", folders.first, "--data", folders.second)
    told = json.loads(made(capsys, "register", *both, "--format", "json"))
    logs = {
        "log.example.fr/one": [parse_entry(one.entry) for one in read_entries(folders.first / "log")],
        "log.example.fr/two": [parse_entry(one.entry) for one in read_entries(folders.second / "log")],
    }
    recipients = table(told, "recipients", "recipients")
    assert {row[1]["id"] for row in recipients["rows"]} == {"paris-mistral", "seattle-gpt", "mairie"}
    for row in recipients["rows"]:
        cited = [
            logs[origin][index]
            for origin, text in row[6]["entries"].items()
            for first, last in parse_ranges(text)
            for index in range(first, last + 1)
        ]
        assert len(cited) == row[6]["value"] > 0
        assert {getattr(entry, "chosen", None) for entry in cited} == {row[1]["id"]}
    assert {origin for row in recipients["rows"] for origin in row[6]["entries"]} == set(logs)


def test_a_gateways_own_log_makes_a_summary(
    deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = serve(tmp_path, config=configuration(deployment))
    body = {"model": "echo", "messages": [{"role": "user", "content": "Zoé Vasseur, zoe.vasseur@example.fr"}]}
    answer = httpx.post(
        f"{served.base_url}/chat/completions", json=body, headers={"authorization": f"Bearer {served.key}"}, timeout=60
    )
    assert answer.status_code == 200
    assert served.stop() == 0
    told = json.loads(made(capsys, "ai-act", "--data", served.data, "--format", "json"))
    facts = {fact["id"]: fact.get("value") for section in told["sections"] for fact in section["facts"]}
    assert (facts["decisions"], facts["sent"], facts["outcomes"]) == (1, 1, 1)
    assert {row[0]["id"]: row[1]["value"] for row in table(told, "gaps", "gaps")["rows"]} == dict.fromkeys(
        ("crash", "lost", "under-way", "no-decision", "silence", "clock-back"), 0
    )
    assert "vasseur" not in json.dumps(told).lower()


def test_the_log_is_cited_by_its_size_and_root(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(made(capsys, "ai-act", "--data", folders.first, "--to", "2026-01-10", "--format", "json"))
    hashes = [one.leaf_hash for one in read_entries(folders.first / "log")]
    (log,) = told["logs"]
    assert 0 < log["size"] < len(hashes)
    assert log["root"] == Frontier().extended(hashes[: log["size"]]).root().hex()
    assert told["period"] == {"from": None, "to": "2026-01-10"}


def test_what_the_controller_states_is_told_from_what_nobody_said(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--data", folders.first, "--data", folders.second, "--particulars", folders.particulars)
    told = json.loads(made(capsys, "register", *both, "--format", "json", "--lang", "fr"))
    facts = {fact["id"]: fact for fact in told["sections"][0]["facts"]}
    assert (facts["name"]["text"], facts["name"]["standing"]) == ("Mairie de Valmont", "stated")
    assert (facts["representative"]["text"], facts["representative"]["standing"]) == (None, "to-complete")
    purposes = {row[0]["id"]: row for row in table(told, "purposes", "purposes")["rows"]}
    assert purposes["civil-registry"][2]["text"] == "RGPD art. 6(1)(e)"
    assert purposes["human-resources"][2] == {"text": None, "standing": "to-complete"}
    transfers = {row[0]["id"]: row for row in table(told, "transfers", "transfers")["rows"]}
    assert set(transfers) == {"azure"}
    assert transfers["azure"][5] == {"text": "RGPD art. 46(2)(c)", "standing": "stated"}


def test_a_transfer_without_a_stated_basis_has_an_unknown_one(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(made(capsys, "register", "--data", folders.first, "--format", "json"))
    (azure,) = table(told, "transfers", "transfers")["rows"]
    assert azure[4]["id"] == "third-country"
    assert azure[5] == {"text": None, "standing": "unknown"}


def test_the_csv_has_one_row_per_figure_and_can_be_counted_again(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    text = made(capsys, "ai-act", "--data", folders.first, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    decisions = next(row for row in rows if row["section"] == "decisions" and row["figure"] == "decisions")
    origin, _, ranges = decisions["entries"].partition(":")
    assert origin == "log.example.fr/one"
    assert sum(last - first + 1 for first, last in parse_ranges(ranges)) == int(decisions["value"])
    crash = next(row for row in rows if row["dimension_1"] == "event=crash")
    assert crash["value"] == "1"
    assert "\r\n" in text


def test_the_public_is_told_no_entry_no_role_and_no_purpose(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("html", "csv", "json"):
        text = made(capsys, "public", "--data", folders.first, "--to", "2026-03-31", "--format", form)
        assert "civil-registry" not in text
        assert "0123456789abcdef" not in text
        assert not re.search(r"\bagent\b|\"entries\"|/entry/", text)


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        (("register", "--from", "2026-02-30"), "--from"),
        (("register", "--to", "1 March"), "--to"),
        (("register", "--from", "20260201"), "--from"),
        (("ai-act", "--from", "2026-03-01", "--to", "2026-02-01"), "--to"),
        (("public", "--from", "2026-01-02", "--to", "2026-01-31"), "--from"),
        (("public", "--from", "2026-01-01", "--to", "2026-01-30"), "--to"),
        (("public", "--to", "9998-12-31"), "--to"),
        (("public", "--min-cell", "2", "--to", "2026-01-31"), "--min-cell"),
        (("public", "--min-cell", "+11", "--to", "2026-01-31"), "--min-cell"),
        (("register", "--log-url", "javascript:alert(1)"), "--log-url"),
        (("register", "--log-url", "http://a.example/log", "--log-url", "http://b.example/log"), "--log-url"),
        (("register", "--particulars", "missing.yaml"), "--particulars"),
    ],
)
def test_a_wrong_option_is_named(folders: Folders, arguments: tuple[str, ...], param: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        command(*arguments, "--data", folders.first)
    assert refused.value.param == param
    assert param in refused.value.message.fr
    assert param in refused.value.message.en


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("nom: X", "nom"),
        ("name: [X]", "name"),
        ("purposes: [a]", "purposes"),
        ("purposes: {Civil: {title: X}}", "purposes"),
        ("purposes: {a: {titre: X}}", "purposes.a.titre"),
        ("purposes: {a: {title: X}, a: {title: Y}}", "purposes.a"),
        ("transfers: {azure: ''}", "transfers.azure"),
        ("name: X\nname: Y", "name"),
    ],
)
def test_a_wrong_line_of_the_particulars_is_named(folders: Folders, tmp_path: Path, text: str, where: str) -> None:
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        command("register", "--data", folders.first, "--particulars", tmp_path / "p.yaml")
    assert refused.value.param == where
    assert "p.yaml:" in refused.value.message.en


def test_a_log_given_twice_is_refused(folders: Folders) -> None:
    with pytest.raises(ConfigurationError) as refused:
        command("register", "--data", folders.first, "--data", folders.first)
    assert refused.value.param == "--data"


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BouclierError) as refused:
        command("register", "--data", tmp_path)
    assert isinstance(refused.value, StorageError)


def test_a_report_is_written_whole_or_not_at_all(folders: Folders, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        command("register", "--data", folders.first, "--out", out, "--from", "x")
    assert out.read_text(encoding="utf-8") == "before"
    assert command("register", "--data", folders.first, "--out", out, "--format", "json") == 0
    assert json.loads(out.read_bytes())["report"] == "register"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    with pytest.raises(StorageError) as refused:
        command("register", "--data", folders.first, "--out", tmp_path / "missing" / "report.json")
    assert refused.value.param == "--out"


@pytest.mark.parametrize("name", ["register", "ai-act", "public"])
def test_a_page_loads_nothing_reads_well_and_prints_on_a4(
    browser: Browser, folders: Folders, tmp_path: Path, name: str
) -> None:
    """In the real browser: no request, no script, no error; landmarks, captions and headings; a PDF with pages."""
    out = tmp_path / f"{name}.html"
    more = ("--to", "2026-03-31") if name == "public" else ("--log-url", "https://gateway.example/log")
    assert command(name, "--data", folders.first, "--out", out, "--lang", "fr", *more) == 0
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(out.as_uri())
    seen: dict[str, Any] = page.evaluate(_LOOK)
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    pdf = page.pdf(prefer_css_page_size=True)
    (tmp_path / f"{name}.pdf").write_bytes(pdf)
    page.close()
    assert asked == [out.as_uri()]
    assert said == []
    assert seen["lang"] == "fr"
    assert seen["h1"] == 1
    assert seen["scripts"] == 0
    assert seen["tables"] == seen["captions"] > 0
    assert seen["unscoped"] == 0
    assert seen["lost"] == []
    assert seen["overflow"] <= 0
    assert seen["font"].startswith('"Segoe UI"')  # the style is applied: the policy knows its digest
    assert (name == "public") == (seen["entries"] == 0)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    width, height = map(float, re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)[0])
    assert (round(width), round(height)) == (595, 842)


_LOOK = """() => ({
  lang: document.documentElement.lang,
  h1: document.querySelectorAll('h1').length,
  scripts: document.scripts.length,
  tables: document.querySelectorAll('table').length,
  captions: document.querySelectorAll('table > caption').length,
  unscoped: document.querySelectorAll('th:not([scope])').length,
  lost: [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href'))
    .filter(href => !document.getElementById(href.slice(1))),
  overflow: Math.max(...[document.documentElement, ...document.querySelectorAll('.wide')]
    .map(one => one.scrollWidth - one.clientWidth)),
  font: getComputedStyle(document.documentElement).fontFamily,
  entries: document.querySelectorAll('a[href^="https://gateway.example/log/entry/"]').length,
})"""


def table(told: dict[str, Any], section: str, id_: str) -> dict[str, Any]:
    (found,) = [one for one in told["sections"] if one["id"] == section]
    return next(one for one in found["tables"] if one["id"] == id_)
