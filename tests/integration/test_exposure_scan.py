"""`bouclier exposure scan`: real files, as institutions have them and as nobody should, to a page, a table and JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import re
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
    assert out.startswith("Nobody knows whose: 1 of 3, among them 1 where data can go:\n  ? stats.town.example")
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
    assert told["totals"]["data"]["groups"] == {"foreign": 1, "unknown": 1, "open": 0, "contested": 0, "home": 0}
    assert [row["group"] for row in told["dependences"] if row["shows"] == "data"] == ["unknown", "foreign"]


def test_json_says_all_it_says_in_words_in_both_languages(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.json").write_text("{")
    (folder / "liste.csv").write_text("fournisseur;domaine\nGoogle;google.com\nrien;pas un domaine !\n")
    run(folder, folder / "liste.csv", folder / "bad.json", "--json", "--lang", "fr")
    told = json.loads(capsys.readouterr().out)

    assert told["verdict"]["fr"].startswith("Sur ")
    assert told["verdict"]["en"].startswith("Of ")
    [unread] = told["unread"]
    assert unread["means"]["fr"] != unread["means"]["en"]
    assert set(unread["why"]) == {"fr", "en"}
    [google] = [row for row in told["dependences"] if row["service"] == "google-workspace"]
    assert google["service_name"]["fr"] == "Google Workspace et autres services Google"
    assert google["operator_name"] == {"fr": "Google", "en": "Google"}
    assert all(set(what) == {"fr", "en"} for row in told["dependences"] for what in row["what"])


def test_a_name_is_told_in_the_language_of_the_table(folder: Path) -> None:
    (folder / "liste.csv").write_text("fournisseur;domaine\nGoogle;google.com\n")
    said = {}
    for language in ("fr", "en"):
        run("liste.csv", "--csv", folder / "out.csv", "--html", folder / "out.html", "--lang", language)
        said[language] = (folder / "out.csv").read_text() + (folder / "out.html").read_text()
    assert "Google Workspace et autres services Google" in said["fr"]
    assert "Google Workspace and other Google services" in said["en"]
    assert "other Google services" not in said["fr"]
    assert "autres services" not in said["en"]


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


def test_what_could_only_be_compelled_if_machines_stand_there_is_told_so_everywhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "list.csv").write_text("fournisseur\nHetzner\n")
    could = "Singapore, United States (could, if the machines stand there)"

    run("list.csv", "--csv", "out.csv", "--html", "out.html", "--lang", "en")

    out, page = capsys.readouterr().out, Path("out.html").read_text()
    [row] = csv.DictReader(io.StringIO(Path("out.csv").read_text()))
    assert (row["what is known"], row["third states, established"]) == ("could, if the machines stand there", "")
    assert row["third states, if the machines stand there"] == "SG | US"
    for shown in (out, page):
        assert f"{could}; Singapore, United States (contested)" in shown
        assert "0 are under the law of a third state; 1 could be, if the machines stand there; 0 are unknown." in shown
        assert "established)" not in re.sub(r"<svg.*</svg>", "", shown)
    assert '<span class="group-open">' in page
    assert "0 (0%); 1 if the machines stand there; 1 where it is contested" in page
    assert 'stroke-dasharray="10 4 2 4"' in page
    told = as_json(capsys, "list.csv")
    [known] = told["dependences"]
    assert (known["group"], known["established"], known["open"]) == ("open", [], ["SG", "US"])
    assert (told["totals"]["data"]["established"], told["totals"]["data"]["open"]) == ({}, {"SG": 1, "US": 1})


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
        ("a.csv", b"domain\nx\x81.example\n", "a.csv:2 is not read: it is not UTF-8."),
        ("a.zip", zipped(), "a.zip is not read: format or columns not recognised."),
        ("empty.yaml", b" \n", "empty.yaml is not read: format not recognised, it is empty."),
        ("alias.yaml", b"a: 1\nb: *c\n", "alias.yaml:2 is not read: this is not correct YAML."),
        ("nul.yaml", b"a: 1\nb: \x00\n", "nul.yaml:2 is not read: it is no text, it has a control character."),
        ("del.yaml", "a: é\nb: \x7f\n".encode(), "del.yaml:2 is not read: this is not correct YAML."),
        (
            "tag.yaml",
            b"a: !!python/none x\n",
            "tag.yaml is not read: format not recognised, this YAML has no `services`",
        ),
        ("other.json", b'{"a": 1}', "other.json is not read: format not recognised, it is another JSON"),
        (
            "twice.json",
            b'{"bomFormat": "CycloneDX",\n"services": [{"endpoints": ["https://x.example"]}],\n"services": []}',
            "twice.json:3 is not read: a key is given twice in the same object (character 1 of the line).",
        ),
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


def test_a_table_as_excel_writes_it_in_france_is_read_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "list.csv").write_bytes("éditeur;marché\r\nRégie – Valmont;5 €\r\n".encode("cp1252"))

    assert run("list.csv", french=True) == 0
    out = capsys.readouterr().out
    assert "list.csv n'est pas en UTF-8 : lu comme Windows-1252" in out
    assert "? Régie – Valmont" in out
    [file] = as_json(capsys, "list.csv")["files"]
    assert file["encoding"] == "Windows-1252"


def test_a_table_for_a_french_spreadsheet_opens_in_it(folder: Path) -> None:
    run(folder, "--csv", folder / "out.csv", french=True)

    data = (folder / "out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert {row["exploitant"] for row in rows} >= {"GitHub, Inc."}
    assert {row["ce qu'on en sait"] for row in rows} >= {"inconnu", "loi d'un État tiers, établi"}
    run(folder, "--csv", folder / "out.csv", "--lang", "en")
    assert (folder / "out.csv").read_bytes().startswith(b"sign,what it shows,")


def test_what_was_not_read_is_never_said_to_be_harmless(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    (folder / "bad.json").write_text("{")

    for path, words in (("empty", "Nothing here that is read"), ("bad.json", "Nothing could be read")):
        assert run(path, "--html", "out.html", "--lang", "en") == 2
        out = capsys.readouterr().out
        assert words in out
        assert words in Path("out.html").read_text()
        assert "nothing shows" not in out
        assert as_json(capsys, path)["verdict"]["en"].startswith(words)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("casse.yml", "  image: a\nservices: [\n"),
        ("casse.json", '{"components": [], "bomFormat": '),
        ("docker-compose.prod.yml", "name: [\n"),
        ("compose.yaml", "include: [other.yml]\n"),
        ("plan.json", "{"),
        ("main.tf.json", '{"resource": {}}'),
        ("app.cdx.json", "[]"),
        ("bom.xml", "<bom/>"),
        ("suppliers.csv", "\x00\x01"),
        ("prices.csv", 'price\n"1'),
        ("renamed.json", '{"bomFormat": "CycloneDX", "services": [], "bomFormat": "none"}'),
        ("twice.yml", "services: {}\nservices: {a: {image: b}}\n"),
    ],
)
def test_a_file_of_a_folder_that_looks_like_ours_and_is_not_read_is_named_in_every_report(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, data: str
) -> None:
    (folder / name).write_text(data)

    assert run(folder, "--html", "out.html", "--csv", "out.csv", "--lang", "en") == 2

    said = f"{folder / name} could not be read: a dependence may hide there"
    out = capsys.readouterr().out
    assert said in out
    assert "Files that could not be read: 1; dependences may hide there." in out
    assert said in Path("out.html").read_text()
    first = next(csv.DictReader(io.StringIO(Path("out.csv").read_text())))
    assert first["what it shows"] == "could not be read: a dependence may hide there"
    assert first["where"] == str(folder / name)
    assert [one["file"] for one in as_json(capsys, folder)["unread"]] == [str(folder / name)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("menu-plan.json", '{"monday": "soup"}'),
        ("persons.csv", "surname\nMartin\n"),
        ("tsconfig.json", "{ // a comment\n}"),
        ("composer.yml", "a: 1\n"),
        ("mail.yml", "services:\n  mailer: {arguments: [1]}\n"),
    ],
)
def test_other_files_of_a_folder_are_passed_over(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, data: str
) -> None:
    (folder / name).write_text(data)

    told = as_json(capsys, folder)

    assert (told["passed_over"], told["unread"]) == (2, [])


@pytest.mark.timeout(60)
def test_a_pipe_given_by_name_is_refused_and_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "pipe")

    assert run("pipe", "/dev/zero", "docker-compose.yml") == 2

    told = capsys.readouterr()
    assert "pipe is not read: it is no regular file." in told.err
    assert "/dev/zero is not read: it is no regular file." in told.err
    assert "Azure OpenAI" in told.out


def test_counts_of_a_report_agree_and_say_what_they_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "list.csv").write_text("fournisseur\nRégie\nMicrosoft\nInconnu SA\n")

    told = as_json(capsys, folder)
    run(folder, "--html", "out.html", "--lang", "en")
    out, page = capsys.readouterr().out, Path("out.html").read_text()

    rows = told["dependences"]
    data = [row for row in rows if row["shows"] == "data"]
    unknown = [row for row in data if row["group"] == "unknown"]
    unnamed = [row for row in unknown if not row["operator"]]
    assert 0 < len(unnamed) <= len(unknown) < len(data) < len(rows)
    assert told["totals"]["data"]["groups"]["unknown"] == len(unknown)
    rest = len(unknown) - len(unnamed)
    for shown in (out, page):
        assert f"Dependences: {len(rows)}, software included; {len(data)} where data can go." in shown
        assert f"Unknown among these {len(data)}: {len(unknown)} (" in shown
        assert f": {len(unnamed)} that nobody knows whose they are, and {rest} of which" in shown
        assert f"of {len(rows)} dependences" in shown
        assert f"{len(unknown)} are unknown." in shown


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


@pytest.mark.timeout(60)
def test_links_and_special_files_of_a_folder_are_told_and_never_opened(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "compose.yaml").write_text("services: {a: {image: 'ghcr.io/hidden/hidden'}}\n")
    (folder / "compose.yaml").symlink_to(elsewhere / "compose.yaml")
    (folder / "stack").symlink_to(elsewhere / "compose.yaml")
    (folder / "more").symlink_to(elsewhere, target_is_directory=True)
    (folder / "compose.override.yml").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.csv")

    assert run(folder, "--json") == 2

    held = capsys.readouterr()
    told = json.loads(held.out)
    why = {Path(one["file"]).name: one["why"]["en"] for one in told["unread"]}
    assert "hidden" not in held.out
    assert {name: reason.partition("is not read: ")[2] for name, reason in why.items()} == {
        "compose.yaml": "it is a symbolic link, and those of a folder are not followed.",
        "stack": "it is a symbolic link, and those of a folder are not followed.",
        "more": "it is a link to a folder outside those that are read, and it is not followed.",
        "compose.override.yml": "it is a symbolic link that leads nowhere.",
        "pipe.csv": "it is no regular file.",
    }
    assert f"Give it by name, beside the folder: {folder / 'compose.yaml'}; or leave it out: --exclude." in held.err
    run(folder, folder / "compose.yaml", folder / "more", "--exclude", "compose.override.yml", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [Path(one["file"]).name for one in told["unread"]] == ["pipe.csv"]
    assert "image:ghcr.io/hidden/hidden" in {row["sign"] for row in told["dependences"]}


def test_a_link_to_what_is_read_anyway_hides_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "inner").mkdir()
    (folder / "compose.yaml").symlink_to("docker-compose.yml")
    (folder / "current").symlink_to("inner", target_is_directory=True)
    (folder / "python").symlink_to("/bin/sh")

    told = as_json(capsys, folder)

    assert (told["unread"], told["passed_over"]) == ([], 4)
    (folder / "list.csv").symlink_to("README.md")
    assert [one["file"] for one in as_json(capsys, folder)["unread"]] == [str(folder / "list.csv")]


@pytest.mark.parametrize("day", ["2026-13-01", "2024-02-30", "demain", "20261122", ""])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--at: '{day}' is not a day of the calendar"):
        run(folder, "--at", day)


@pytest.mark.parametrize("paths", [("",), ("docker-compose.yml", "")])
def test_an_empty_name_is_refused_and_stands_for_no_folder(folder: Path, paths: tuple[str, ...]) -> None:
    assert folder.is_dir()
    with pytest.raises(ConfigurationError, match="PATH: an empty name is given"):
        run(*paths)


def test_a_name_that_is_too_long_is_refused(folder: Path) -> None:
    assert folder.is_dir()
    with pytest.raises(RequestError, match="cannot be read"):
        run("a" * 300)


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
