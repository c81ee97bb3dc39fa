"""`bouclier exposure`, with real files: names, files of facts, forms, hints and exit codes."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import pytest
from tests.exposure_kit import company, document, fact, holds, service

from bouclier.cli import exposure
from bouclier.terms.errors import BouclierError, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

OWN = {
    "format": "bouclier-registry/v2",
    "entities": [company("mairie-cloud"), company("acheteur", "US", ultimate=True)],
    "edges": [holds("acheteur", "mairie-cloud", 60, since="2026-07")],
    "services": [service("mairie-api", "mairie-cloud", "FR")],
    "assessments": [fact(service="mairie-api", objective="SOV-7", seal=3)],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An institution with facts of its own and a deployment that rests on them."""
    (tmp_path / "own.json").write_text(json.dumps(OWN))
    (tmp_path / "bouclier.yaml").write_text(
        "data: var\n"
        "engine: {model: off}\n"
        "registry: {facts: [own.json]}\n"
        "deployments:\n"
        "  - {name: chat, base_url: 'https://chat.example/v1', model: m, operator: mairie-cloud, service: mairie-api}\n"
    )
    return tmp_path


def told(folder: Path, *arguments: str, french: bool = False) -> int:
    parser = ArgumentParser()
    exposure.add_to(parser.add_subparsers(), french=french)
    options = parser.parse_args(["exposure", *arguments, "--config", str(folder / "bouclier.yaml")])
    return int(options.run(options))


def values(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_deployment_of_the_configuration_is_told_by_its_service(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(folder, "chat") == 0
    said = capsys.readouterr().out
    assert "United States — established" in said
    assert "Mairie-Cloud is held by Acheteur (60%, majority), since 2026-07" in said


def test_the_day_asked_about_is_the_day_of_the_facts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, "mairie-api", "--at", "2026-06-30", "--json") == 0
    before = values(capsys)
    assert told(folder, "mairie-api", "--at", "2026-08-01", "--json") == 0
    after = values(capsys)
    assert (before["reaches"], before["known"]) == ([], False)
    assert next(one["law"] for one in after["reaches"]) == "law-of-US"


@pytest.mark.parametrize(
    ("name", "kind"), [("mairie-cloud", "entity"), ("mairie-api", "service"), ("Mairie-Api", "service")]
)
def test_an_id_or_a_name_of_the_registry_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    assert told(folder, name, "--json") == 0
    assert values(capsys)["subject"]["kind"] == kind


def test_a_file_of_facts_is_told_service_by_service_with_the_rest_of_the_registry(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = {
        "format": "bouclier-registry/v2",
        "entities": [company("bidder-one", ultimate=True), company("bidder-two", "US", ultimate=True)],
        "services": [service("one", "bidder-one", "FR"), service("two", "bidder-two", "IE")],
    }
    (folder / "tender.json").write_text(json.dumps(more))
    assert told(folder, str(folder / "tender.json"), "--json") == 0
    one, two = values(capsys)
    assert (one["subject"]["id"], one["known"]) == ("one", True)
    assert "us-cloud-act" in {reached["law"] for reached in two["reaches"]}
    with pytest.raises(ConfigurationError) as refused:
        told(folder, str(folder / "tender.json"), "--svg")
    assert "one, two" in refused.value.hint.en


def test_a_file_that_is_already_among_the_institution_s_own_is_read_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(folder, str(folder / "own.json"), "--json") == 0
    assert values(capsys)["subject"]["id"] == "mairie-api"


def test_a_file_that_happens_to_bear_a_deployment_s_name_is_not_meant(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "chat").write_text("not facts")
    monkeypatch.chdir(folder)
    assert told(folder, "chat", "--json") == 0
    assert values(capsys)["subject"]["id"] == "mairie-api"


def test_a_folder_that_happens_to_bear_a_known_name_is_not_meant(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mairie-api").mkdir()
    monkeypatch.chdir(folder)
    assert told(folder, "mairie-api", "--json") == 0
    assert values(capsys)["subject"]["id"] == "mairie-api"


def test_a_whole_registry_stands_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = document(entities=[company("solo", "US", ultimate=True)], services=[service("solo-api", "solo", "US")])
    (folder / "whole.json").write_text(json.dumps(whole))
    assert told(folder, str(folder / "whole.json"), "--json") == 0
    assert [one["law"] for one in values(capsys)["reaches"]] == ["law-of-US", "law-of-US"]


@pytest.mark.parametrize(("gate", "code"), [("SOV-7=3", 0), ("sov-7=4", 1), ("SOV-5=1", 1)])
def test_a_level_asked_for_and_not_shown_ends_with_1(
    folder: Path, capsys: pytest.CaptureFixture[str], gate: str, code: int
) -> None:
    assert told(folder, "mairie-api", "--min-seal", gate) == code
    assert "levels asked for" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("mairie-apo",), "Did you mean 'mairie-api'?"),
        (("chatt",), "Did you mean 'chat'?"),
        (("zzzzzz",), "bouclier registry show"),
        (("zzzzzz.json",), "bouclier registry show"),
        (("a" * 300 + ".json",), "bouclier registry show"),
        (("us-cloud-act",), "bouclier registry show"),
        (("mairie-api", "--min-seal", "SOV-9=1"), "SOV-1, SOV-2"),
    ],
)
def test_what_is_not_known_is_a_hint(folder: Path, arguments: tuple[str, ...], hint: str) -> None:
    with pytest.raises(BouclierError) as refused:
        told(folder, *arguments)
    assert hint in refused.value.hint.en


@pytest.mark.parametrize(
    ("option", "wrong", "example"),
    [
        ("--at", "hier", "--at 2026-11-22"),
        ("--at", "01/01/2025", "--at 2026-11-22"),
        ("--at", "2025-02-30", "--at 2026-11-22"),
        ("--country", "France", "--country FR"),
        ("--country", "ZZ", "--country FR"),
        ("--min-seal", "SOV-2=9", "--min-seal SOV-2=2"),
        ("--min-seal", "2", "--min-seal SOV-2=2"),
    ],
)
def test_an_option_that_means_nothing_is_named_with_its_form_and_an_example(
    folder: Path, option: str, wrong: str, example: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        told(folder, "mairie-api", option, wrong)
    message, hint = refused.value.message, refused.value.hint
    assert message.fr.startswith(f"{option} : « {wrong} » n'est pas")
    assert message.en.startswith(f"{option}: '{wrong}' is not")
    assert (hint.fr, hint.en) == (f"Exemple : {example}", f"Example: {example}")


@pytest.mark.parametrize(
    ("asked", "kind", "found"),
    [
        ("OVH", "entity", "ovhcloud"),
        ("mistral ai", "entity", "mistral"),
        ("Azure OpenAI", "service", "azure-openai"),
        ("ChatGPT", "service", "openai-other"),
        ("Copilot", "service", "microsoft-365"),
        ("GitHub Copilot", "service", "github-forge"),
        ("gpt-4o", "model", "gpt-4o"),
        ("Claude", "model", "claude"),
        ("gemini", "model", "gemini"),
    ],
)
def test_what_people_call_it_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str], asked: str, kind: str, found: str
) -> None:
    assert told(folder, asked, "--json") == 0
    assert values(capsys)["subject"] | {"name": ""} == {"kind": kind, "id": found, "name": ""}


def test_a_region_that_may_be_used_is_no_law_that_surely_compels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(folder, "mistral") == 0
    said = capsys.readouterr().out
    assert "could, if the machines stand there: United States (the configuration does not say)" in said
    assert "can compel those behind" not in said
    assert "United States — perhaps, if the machines stand there" in said
    assert told(folder, "mistral", "--country", "US") == 0
    assert "The laws of one third state (United States) can compel" in capsys.readouterr().out


def test_the_charter_s_adequacy_decisions_are_dated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bases = {}
    for day in ("2025-12-30", "2021-06-01"):
        told(folder, "mairie-api", "--country", "GB", "--at", day, "--json")
        bases[day] = [one["basis"] for one in values(capsys)["transfer"]["destinations"] if one["state"] == "GB"]
    assert bases == {"2025-12-30": ["adequacy"], "2021-06-01": ["safeguards"]}


@pytest.mark.parametrize(
    ("french", "words", "others"),
    [(True, "Décision d’exécution (UE) 2023/1795", "Implementing"), (False, "Implementing Decision (EU)", "Décision")],
)
def test_an_adequacy_decision_is_cited_in_the_language_of_whoever_reads(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    french: bool,  # noqa: FBT001
    words: str,
    others: str,
) -> None:
    assert told(folder, "openai-api", "--country", "US", french=french) == 0
    said = capsys.readouterr().out
    assert words in said
    assert others not in said


@pytest.mark.parametrize(("form", "begins"), [("--dot", "digraph"), ("--svg", "<svg")])
def test_a_picture_goes_to_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str, begins: str
) -> None:
    assert told(folder, "chat", form, french=True) == 0
    assert capsys.readouterr().out.startswith(begins)


def test_every_subject_of_the_packaged_registry_can_be_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ovhcloud", "mistral-la-plateforme", "exoscale", "openai", "self"):
        assert told(folder, name, french=True) == 0
    assert capsys.readouterr().out.count("Sources") >= 5


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("empty.yaml", "empty.yaml is no name that is known and, by its name, no file of facts.", "./empty.yaml"),
        ("./empty.yaml", "empty.yaml:1: this is not JSON", "Correct the fact"),
        ("folder", "folder is a folder.", "bouclier exposure scan folder"),
        ("./folder", "folder is a folder.", "bouclier exposure scan folder"),
        ("folder.json", "folder.json is a folder.", "Give a file of facts"),
        ("pipe", "pipe is no regular file.", "copy these to a file"),
        ("pipe.json", "pipe.json is no regular file.", "copy these to a file"),
        ("absent.json", "There is no file 'absent.json', and nothing is called so.", "give a file of facts"),
        ("absent/chose", "There is no file 'absent/chose', and nothing is called so.", "give a file of facts"),
        ("", "NAME|FILE: an empty name is given.", "Give a name"),
        ("a\udcff", "NAME|FILE: 'a' is not UTF-8.", "UTF-8"),
    ],
)
def test_what_is_given_and_is_no_file_of_facts_is_told_as_what_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, given: str, message: str, hint: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "empty.yaml").touch()
    (folder / "folder").mkdir()
    (folder / "folder.json").mkdir()
    for name in ("pipe", "pipe.json"):
        os.mkfifo(folder / name)

    with pytest.raises(ConfigurationError) as refused:
        told(folder, given)

    assert message in refused.value.message.en
    assert hint in refused.value.hint.en


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told_as_such(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "closed.yaml").touch(mode=0)
    with pytest.raises(ConfigurationError, match=r"cannot be read: closed.yaml"):
        told(folder, "closed.yaml")
