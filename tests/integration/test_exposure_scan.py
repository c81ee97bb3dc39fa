"""`bouclier exposure scan`: real files, as institutions have them and as nobody should, to a page, a table and JSON."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan_kit import COMPOSE, run

from bouclier.cli import exposure_scan
from bouclier.compose.scan_report_html import MAX_ROWS
from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files
from bouclier.registry.scan import MAX_BYTES, scan_file
from bouclier.registry.scan_resolve import resolve
from bouclier.registry.signs import Signs, parse_signs
from bouclier.terms.errors import ConfigurationError, RequestError, StorageError

if TYPE_CHECKING:
    from bouclier.registry.scan_resolve import Found

HELD_OUT = Path(__file__).parents[1] / "vectors" / "scan"
MISSED = {
    "portail.compose.yml": [
        "?tile.openstreetmap.org",
        "google-workspace",
        "aws-cloud",
        "?statistiques.valmont.example",
    ],
    "bom.spdx.json": ["github-forge"],
    "fournisseurs.csv": ["oodrive-saas"],
}
"""What the scanner misses of the files written to find out, as the documentation says."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of an institution, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOUCLIER_CONFIG", raising=False)
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    (tmp_path / "README.md").write_text("Nothing of ours.\n")
    return tmp_path


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Run the command for JSON."""
    run(*arguments, "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_folder_is_told_with_what_is_unknown_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--at", "2026-11-22") == 0

    out = capsys.readouterr().out
    assert out.startswith("Unknown (1):\n  ? stats.town.example")
    assert "Azure OpenAI" in out
    assert "Of 2 dependences to which data can go, 1 is under the law of a third state (United States: 1); 1 is" in out


def test_no_secret_of_a_file_is_in_any_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "--json", "--html", folder / "out.html", "--csv", folder / "out.csv", french=True)

    told = capsys.readouterr()
    everything = told.out + told.err + (folder / "out.html").read_text() + (folder / "out.csv").read_text()
    assert "town.openai.azure.com" in everything
    assert "very-secret" not in everything


def test_a_report_says_what_it_is_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = as_json(capsys, folder, "--at", "2026-11-22")

    assert (told["version"], told["day"], told["passed_over"]) == (1, "2026-11-22", 1)
    assert told["files"] == [{"file": str(folder / "docker-compose.yml"), "recognised_as": "docker-compose"}]
    assert told["registry"] == parse_registry(common_files()).digest
    assert told["totals"]["data"]["groups"] == {"foreign": 1, "unknown": 1, "contested": 0, "home": 0}
    assert [row["group"] for row in told["dependences"] if row["shows"] == "data"] == ["unknown", "foreign"]


def test_an_institution_s_own_facts_answer_what_was_unknown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vouched = {"source": {"kind": "declared", "ref": "contract"}, "as_of": "2026", "confidence": "high"}
    facts = {
        "format": "bouclier-registry/v2",
        "entities": [{"id": "agglo", "name": "Agglo", "kind": "public-body", "seat": "FR", "ultimate": True} | vouched],
        "services": [{"id": "stats", "name": "Stats", "operator": "agglo", "kind": "software", "countries": ["FR"],
                      "staff": ["FR"], "signs": ["domain:town.example"]} | vouched],
    }  # fmt: skip
    (folder / "facts.json").write_text(json.dumps(facts))
    (folder / "bouclier.yaml").write_text("data: data\nregistry:\n  facts: [facts.json]\n")

    told = as_json(capsys, folder / "docker-compose.yml")

    assert [(row["service"], row["group"]) for row in told["dependences"] if row["shows"] == "data"] == [
        ("stats", "home"), ("azure-openai", "foreign"),
    ]  # fmt: skip


def test_a_table_for_a_spreadsheet_holds_no_formula(folder: Path) -> None:
    (folder / "docker-compose.yml").unlink()
    (folder / "list.csv").write_text('fournisseur\n=HYPERLINK("https://x.example")\n＝SUM(1)\n-2+3\n+4\n')

    run(folder, "--csv", folder / "out.csv")

    rows = list(csv.DictReader(io.StringIO((folder / "out.csv").read_text())))
    assert len(rows) == 4
    assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for row in rows for cell in row.values())


def test_a_page_holds_names_of_files_as_text_only(folder: Path) -> None:
    (folder / "<img src=x onerror=alert(1)>.csv").write_text("provider\n<script>alert(1)</script>\n")

    run(folder, "--html", folder / "out.html", "--lang", "en")

    page = (folder / "out.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page


def test_a_page_of_very_many_stays_readable_and_says_where_the_rest_is(folder: Path) -> None:
    (folder / "many.csv").write_text("domain\n" + "".join(f"d{number}.example\n" for number in range(MAX_ROWS + 7)))

    run(folder / "many.csv", "--html", folder / "out.html", "--csv", folder / "out.csv", "--lang", "en")

    page = (folder / "out.html").read_text()
    assert page.count('<th scope="row">d') == MAX_ROWS
    assert "… and 7 more: see the CSV." in page
    assert len((folder / "out.csv").read_text().splitlines()) == MAX_ROWS + 8


def zipped() -> bytes:
    """An archive that holds a compose file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("docker-compose.yml", COMPOSE)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.yml", b"services:\n  a: {image: x\n  b: [\n", "a.yml:3 is not read: this is not correct YAML."),
        (
            "a.json",
            b'{"bomFormat": "CycloneDX",\n"components": [,]}',
            "a.json:2 is not read: this is not correct JSON.",
        ),
        ("a.csv", b"domain\nx\xe9.example\n", "a.csv:2 is not read: it is not UTF-8."),
        ("a.zip", zipped(), "a.zip is not read: format or columns not recognised."),
        (
            "deep.json",
            b'{"bomFormat":' + b"[" * 100_000,
            "deep.json is not read: too much nesting, or too many references.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, why: str
) -> None:
    (folder / name).write_bytes(data)

    assert run(name, "docker-compose.yml") == 2

    told = capsys.readouterr()
    assert why in told.err
    assert "Azure OpenAI" in told.out


def test_a_file_of_a_hundred_megabytes_is_not_held(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "bom.json").open("wb") as file:
        file.write(b'{"bomFormat": "CycloneDX"')
        file.truncate(100 << 20)

    assert run(folder) == 2
    assert f"bom.json is larger than {MAX_BYTES >> 20} MiB" in capsys.readouterr().err


def test_links_that_go_round_are_not_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "round").symlink_to(folder, target_is_directory=True)
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")

    assert len(as_json(capsys, folder)["files"]) == 1
    with pytest.raises(RequestError, match="one cannot be read"):
        run("one")


@pytest.mark.parametrize("day", ["2026-13-01", "demain", "20261122", ""])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    with pytest.raises(ConfigurationError, match="--at"):
        run(folder, "--at", day)


def test_a_page_that_cannot_be_written_is_told(folder: Path) -> None:
    with pytest.raises(StorageError, match="--html"):
        run(folder, "--html", folder / "no" / "such" / "folder.html")


def whose(file: str) -> tuple[Found, ...]:
    """What is found in a file with the packaged facts."""
    registry = parse_registry(common_files())
    data = Path(exposure_scan.__file__).parents[1] / "registry" / "data" / "signs.json"
    signs = Signs(registry, parse_signs(data.read_bytes()).signs)
    scanned = scan_file((HELD_OUT / file).read_bytes(), file, is_known=signs.is_known, asked=True)
    assert scanned is not None
    return resolve(scanned.dependencies, signs)


EXPECTED: dict[str, list[str]] = json.loads((HELD_OUT / "expected.json").read_bytes())["files"]


@pytest.mark.parametrize("file", EXPECTED)
def test_files_written_to_find_out_are_read_as_well_as_is_said(file: str) -> None:
    found = whose(file)

    known, unknown = {one.target for one in found}, [one.sign for one in found if not one.target]
    missed = [
        wanted
        for wanted in EXPECTED[file]
        if not (any(wanted[1:] in sign for sign in unknown) if wanted.startswith("?") else wanted in known)
    ]
    assert missed == MISSED.get(file, [])
    assert known - {""} <= set(EXPECTED[file])


def test_every_sign_of_the_package_is_of_somebody_the_packaged_facts_know() -> None:
    registry = parse_registry(common_files())
    data = Path(exposure_scan.__file__).parents[1] / "registry" / "data" / "signs.json"
    facts = parse_signs(data.read_bytes()).signs
    signs = Signs(registry, facts)

    services = [(service.id, sign) for service in registry.services.values() for sign in service.signs]
    wrong = [(of, sign) for of, sign in [*services, *((fact.of, fact.sign) for fact in facts)]
             if (match := signs.find(sign)) is None or match.id != of]  # fmt: skip
    assert wrong == []
    assert all(fact.confidence == "unverified" and fact.source.kind == "public-knowledge" for fact in facts)
