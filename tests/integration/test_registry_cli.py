"""`bouclier registry`: an institution reads the facts, adds its own, and sees which need a look."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.facts_kit import VOUCHED
from tests.registry_kit import own

from bouclier.cli import main
from bouclier.registry.adapters.registry_files import load_registry

CLOUD = ("entity", "id=nuage-ville", "name=Nuage de la ville", "kind=company", "seat=FR", "source=convention 2026-3")


ENTITY = {"id": "nuage-ville", "name": "Nuage", "kind": "company"}


class Desk:
    """Somebody at a terminal of an institution."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self.facts = data / "registry" / "facts.json"
        self._capsys = capsys

    def says(self, action: str, *words: str, code: int = 0) -> str:
        assert main(["registry", action, *words, "--data", str(self.data)]) == code
        captured = self._capsys.readouterr()
        return captured.out + captured.err

    def json(self, action: str, *words: str, code: int = 0) -> Any:
        return json.loads(self.says(action, *words, "--json", code=code))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return Desk(tmp_path / "var", capsys)


def test_all_that_is_known_of_an_operator_is_shown_with_its_sources(desk: Desk) -> None:
    said = desk.says("show", "mistral")
    for words in ("seat: FR", "holder: asml", "from: 2025-09", "mistral-la-plateforme", "law: us-cloud-act"):
        assert words in said
    assert said.count("vouched for by nobody") == said.count("as of ")
    facts = desk.json("show", "Mistral AI")
    assert [entity["id"] for entity in facts["entities"]] == ["mistral"]
    assert facts["format"] == "bouclier-registry/v2"


@pytest.mark.parametrize("name", ["us-fisa-702", "apertus-8b", "ovhcloud-ai-endpoints"])
def test_a_law_a_model_and_a_service_are_shown(desk: Desk, name: str) -> None:
    assert name in desk.says("show", name).splitlines()[0]


def test_a_name_nobody_bears_is_answered_with_the_nearest(desk: Desk) -> None:
    assert "'scaleway'" in desk.says("show", "scalway", code=2)


def test_the_whole_registry_is_shown_as_it_would_be_published(desk: Desk) -> None:
    assert desk.json("show") == json.loads(load_registry().canonical)
    assert load_registry().digest in desk.says("show")


def test_what_is_shown_cannot_steer_a_terminal(desk: Desk) -> None:
    desk.says("add", *CLOUD, "notes=\x1b[2Jattention", "hq=\x1b[31mParis")
    said = desk.says("show", "nuage-ville")
    assert "attention" in said
    assert "\x1b" not in said


def test_french_is_spoken_to_who_reads_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "sans garant" in desk.says("show", "openai")
    assert "sans défaut" in desk.says("check")
    assert "Vouliez-vous dire « openai » ?" in desk.says("show", "opnai", code=2)


def test_what_is_known_of_a_name_is_in_the_language_of_whoever_reads(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = desk.says("show", "ovhcloud") + desk.says("stale", "--at", "2026-11-22")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    french = desk.says("show", "ovhcloud") + desk.says("stale", "--at", "2026-11-22")
    for words, said, other in (
        ("seulement la filiale distincte aux États-Unis", french, english),
        ("only the separate United States subsidiary", english, french),
        ("catalogue de l’ANSSI", french, english),
        ("ANSSI catalogue", english, french),
        ("détention  ovh-groupe ovhcloud", french, english),
        ("holding  ovh-groupe ovhcloud", english, french),
    ):
        assert words in said
        assert words not in other


def test_an_institution_says_its_texts_in_both_languages_or_as_they_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.says("add", *CLOUD[:2], "name.fr=Nuage de la ville", "name.en=City cloud", *CLOUD[3:5], "hq=Lyon",
              "source.fr=convention", "source.en=contract", "notes.en=Ours", "notes.fr=À nous")  # fmt: skip
    [fact] = json.loads(desk.facts.read_bytes())["entities"]
    assert fact["name"] == {"fr": "Nuage de la ville", "en": "City cloud"}
    assert fact["source"] == {"kind": "declared", "ref": {"fr": "convention", "en": "contract"}}
    assert (fact["notes"], fact["hq"]) == ({"fr": "À nous", "en": "Ours"}, "Lyon")

    english = desk.says("show", "City cloud")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    french = desk.says("show", "nuage-ville")
    assert all(words in english for words in ("City cloud", "contract", "Ours", "Lyon"))
    assert all(words in french for words in ("Nuage de la ville", "convention", "À nous", "Lyon"))
    assert "Ours" not in french


def test_a_text_in_one_language_of_the_two_is_not_added(desk: Desk) -> None:
    said = desk.says("add", *CLOUD, "notes.fr=À nous", code=2)
    assert "notes.fr=À nous: the field 'en' is missing" in said
    assert "Add notes.en=..." in said
    assert not desk.facts.exists()


def test_what_an_institution_adds_is_kept_in_its_own_file_and_shown(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    desk.says("add", "edge", "holder=state-fr", "held=nuage-ville", "share=100", "source=statuts", "from=2024")
    desk.says("add", "service", "id=nuage-api", "name=API", "operator=nuage-ville", "kind=inference-api",
              "countries=FR,DE", "source=contrat")  # fmt: skip

    said = desk.says("show", "Nuage de la ville")
    assert "share: 100" in said
    assert "countries: FR, DE" in said
    assert said.count("vouched for by self") == 3
    assert desk.json("check")["digest"] == load_registry([desk.facts]).digest


def test_what_would_contradict_is_not_added_and_leaves_the_file_as_it_was(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    before = desk.facts.read_bytes()

    assert "Did you mean 'nuage-ville'?" in desk.says(
        "add", "edge", "holder=nuage-vile", "held=openai", "source=x", code=2
    )
    assert "exists already" in desk.says("add", *CLOUD, code=2)
    assert "exists already" in desk.says("add", *CLOUD[:1], "id=openai", *CLOUD[2:], "--replace", code=2)
    assert "name=value" in desk.says("add", "entity", "nuage", code=2)
    assert "Did you mean 'entity'?" in desk.says("add", "entitee", "id=a", code=2)
    assert "The kinds of fact: entity, edge, site," in desk.says("add", "truc", "id=a", code=2)
    assert "The kinds of fact: entity, edge, site," in desk.says("add", "truc", code=2)
    assert "The registry cannot be read: truc.json" in desk.says("add", "truc.json", code=2)

    assert desk.facts.read_bytes() == before
    assert sorted(path.name for path in desk.facts.parent.iterdir()) == [".facts.json.lock", "facts.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edge", "holder=m-martin", "held=nuage-ville", "source=x"),
         "holder=m-martin: no entity is called 'm-martin'.\n  → Add it first: `bouclier registry add entity"),
        (("entity", "id=m-martin", "kind=people", "source=x"), "entity: the field 'name' is missing.\n  → Add name="),
        (("entity", "id=m-martin", "name=M", "kind=person", "source=x"), "people (one or more natural persons)"),
        (("edge", "holder=state-fr", "held=nuage-ville", "share=much", "source=x"), "share=much: misspelt value."),
        (("edge", "holder=a-b", "held=c-d", "source=x"), "\nholder=a-b: no entity is called 'a-b'. Add it first"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_a_command_line_is_told_by_its_argument(desk: Desk, words: tuple[str, ...], said: str) -> None:
    desk.says("add", *CLOUD)

    told = desk.says("add", *words, code=2)

    assert said in told
    assert "command-line" not in told
    assert "[0]" not in told
    assert "schema.json" not in told
    hints = [line for line in told.splitlines() if "→" in line]
    assert len(hints) == 1


def test_who_adds_a_company_is_told_that_its_master_is_still_unknown(desk: Desk) -> None:
    assert "registry add edge held=nuage-ville" in desk.says("add", *CLOUD)
    assert "registry add edge" not in desk.says("add", "entity", "id=m-martin", "name=M", "kind=people", "source=x")
    assert "registry add edge" not in desk.says("add", *CLOUD, "ultimate=yes", "--replace")


def test_the_file_of_own_facts_is_not_added_to_itself(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    before = desk.facts.read_bytes()
    assert "exists already" in desk.says("add", str(desk.facts), code=2)
    assert desk.facts.read_bytes() == before


def test_own_files_that_are_configured_are_read_with_what_was_added(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "others.json"
    file.write_bytes(own(entities=[{"id": "regie", "name": "Régie", "kind": "public-body"}]))
    for places in ("others.json", "others.json, var/registry"):
        (tmp_path / "bouclier.yaml").write_text(f"data: var\nregistry: {{facts: [{places}]}}\n", encoding="utf-8")
        desk.says("add", *CLOUD, *([] if places == "others.json" else ["--replace"]))
    desk.says("add", "edge", "holder=regie", "held=nuage-ville", "share=100", "source=statuts")
    assert "holder: regie" in desk.says("show", "nuage-ville")
    assert "exists already" in desk.says("add", str(file), code=2)


def test_an_institution_may_say_anew_what_it_said_before(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    assert "1 replaced" in desk.says("add", *(word.replace("seat=FR", "seat=DE") for word in CLOUD), "--replace")
    assert [entity["seat"] for entity in json.loads(desk.facts.read_bytes())["entities"]] == ["DE"]


def test_files_of_facts_are_added_with_what_is_wrong_told_by_their_own_lines(desk: Desk, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(own(entities=[{"id": "nuage-ville", "name": "Nuage", "kind": "company"}]))
    bad.write_bytes(b'{"format": "bouclier-registry/v2",\n"entities": [\n{"id": "b"}]}')

    assert f"{bad}:3: entities[0]" in desk.says("add", str(good), str(bad), code=2)
    assert not desk.facts.exists()
    assert "1 facts added" in desk.says("add", str(good))


def test_two_who_add_at_once_both_do(desk: Desk) -> None:
    def add(number: int) -> None:
        main(
            [
                "registry",
                "add",
                "entity",
                f"id=n-{number}",
                "name=N",
                "kind=company",
                "source=x",
                "--data",
                str(desk.data),
            ]
        )

    adding = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for one in adding:
        one.start()
    for one in adding:
        one.join()
    assert [entity["id"] for entity in json.loads(desk.facts.read_bytes())["entities"]] == ["n-0", "n-1", "n-2", "n-3"]


def test_all_problems_of_a_file_are_told_with_line_and_hint(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(
        own(
            entities=[{"id": "b", "name": "B", "kind": "firm"}],
            edges=[{"holder": "opnai", "held": "openai", "from": "2026-02-31"}],
        )
    )
    said = desk.says("check", str(file), code=1)
    assert "entities[0].kind" in said
    assert "'openai'" in said
    assert "2026-02-31" in said
    flaws = desk.json("check", str(file), code=1)["flaws"]
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [flaw["field"].rpartition(".")[2] in lines[flaw["line"] - 1] for flaw in flaws] == [True] * 4
    assert {flaw["field"] for flaw in flaws} >= {"edges[0].held"}, "who holds it is for the common facts to say"


def test_a_whole_registry_is_checked_by_itself(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    file.write_bytes(load_registry().canonical)
    assert desk.json("check", str(file))["digest"] == load_registry().digest


def test_facts_that_need_a_look_are_told_those_first_on_which_deployments_rest(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "bouclier.yaml").write_text(
        "deployments:\n  - {name: eu, base_url: 'https://x.example/v1', model: m, operator: scaleway, site: fr-par}\n",
        encoding="utf-8",
    )
    stale = desk.json("stale", "--at", "2028-01-01")
    assert stale[0]["deployments"] == 1
    assert {"scaleway", "xavier-niel", "xavier-niel iliad-group"} <= {
        one["about"] for one in stale if one["deployments"]
    }
    counts = [(-one["deployments"], -one["services"]) for one in stale]
    assert counts == sorted(counts)
    assert any("old" in one["reasons"] for one in stale)


def test_a_fact_that_is_about_to_end_needs_a_look_and_one_that_ended_does_not(desk: Desk) -> None:
    desk.says("add", "qualification", "service=scaleway-cloud", "name=label-essai", "status=held", "source=x",
              "from=2026", "to=2027-03-01", "confidence=high", "as_of=2026-11-01")  # fmt: skip

    def reasons(*words: str) -> list[list[str]]:
        stale = desk.json("stale", *words)
        return [one["reasons"] for one in stale if one["about"] == "scaleway-cloud label-essai"]

    assert reasons("--at", "2026-11-22", "--older-than", "30d") == []
    assert reasons("--at", "2026-11-22") == [["ends 2027-03-01"]]
    assert reasons("--at", "2028-11-22") == []


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--older-than", "1an"), "--older-than: '1an' is no number of days.\n  → For example --older-than 365d."),
        (("--older-than=-3d",), "For example --older-than 365d."),
        (("--at", "2024-02-30"), "--at: '2024-02-30' is not a day of the calendar, YYYY-MM-DD.\n  → Example: --at"),
    ],
)
def test_a_day_or_an_age_that_is_none_is_told_with_its_form(desk: Desk, option: tuple[str, ...], said: str) -> None:
    assert said in desk.says("stale", *option, code=2)


def test_options_stand_anywhere_among_fields(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    assert "1 replaced" in desk.says("add", *CLOUD[:3], "--replace", *CLOUD[3:5], "source=avenant")
    assert "1 replaced" in desk.says("add", "--replace", *CLOUD)
    with pytest.raises(SystemExit):
        main(["registry", "add", *CLOUD, "--replaced", "x=y"])


def test_facts_that_somebody_looked_up_lately_need_no_look(desk: Desk) -> None:
    assert VOUCHED["confidence"] == "high"
    listed = [one["about"] for one in desk.json("stale", "--at", "2026-11-22")]
    assert "microsoft" in listed
    assert "scaleway" not in listed


@pytest.mark.parametrize("words", [("--at", "0001-01-01"), ("--at", "9999-12-31"), ("--older-than", "999999d")])
def test_a_day_or_an_age_at_an_end_of_the_calendar_is_answered(desk: Desk, words: tuple[str, ...]) -> None:
    unverified = {one["about"] for one in desk.json("stale", *words) if "unverified" in one["reasons"]}
    assert "microsoft" in unverified


def test_a_fact_dated_ahead_is_told_by_stale_and_is_old_on_no_day_before(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "ahead.json").write_bytes(own(entities=[{**ENTITY, "as_of": "9999-12-31"}]))
    (tmp_path / "bouclier.yaml").write_text("data: var\nregistry: {facts: [ahead.json]}\n", encoding="utf-8")

    def reasons(*words: str) -> list[list[str]]:
        return [one["reasons"] for one in desk.json("stale", *words) if one["about"] == "nuage-ville"]

    assert reasons("--at", "2026-11-22") == [["future"]]
    assert reasons("--at", "9999-12-31") == []
    assert "nuage-ville  future  (as of 9999-12-31;" in desk.says("stale", "--at", "2026-11-22")


@pytest.mark.parametrize("ahead", ["9999-12-31", "9999-12", "9999"])
def test_a_fact_dated_ahead_is_wrong_and_is_not_added(desk: Desk, tmp_path: Path, ahead: str) -> None:
    file = tmp_path / "ahead.json"
    file.write_bytes(own(entities=[{**ENTITY, "as_of": ahead}]))
    line = next(n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if ahead in text)

    assert f"{file}:{line}: entities[0].as_of: it says {ahead}, and today is 2" in desk.says("check", str(file), code=1)
    assert f"{file}:{line}: entities[0].as_of: it says {ahead}, and today is 2" in desk.says("add", str(file), code=2)
    assert f"as_of={ahead}: it says {ahead}" in desk.says("add", *CLOUD, f"as_of={ahead}", code=2)
    assert not desk.facts.exists()


def test_a_whole_registry_dated_ahead_is_wrong_too(desk: Desk, tmp_path: Path) -> None:
    whole = json.loads(load_registry().canonical)
    whole["entities"][0]["as_of"] = "9999"
    whole["area"]["as_of"] = "9999"
    (tmp_path / "whole.json").write_text(json.dumps(whole), encoding="utf-8")

    flaws = desk.json("check", "whole.json", code=1)["flaws"]

    assert {flaw["field"] for flaw in flaws} == {"area.as_of", "entities[0].as_of"}


def test_what_dates_from_today_is_added(desk: Desk) -> None:
    desk.says("add", *CLOUD)
    desk.says("check")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", [("add", "pipe"), ("add", "pipe.json"), ("check", "pipe"), ("check", "folder")])
def test_a_pipe_is_refused_and_not_waited_for(desk: Desk, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "pipe.json", "folder/x.json"):
        os.mkfifo(tmp_path / name)

    named = "folder/x.json" if words[1] == "folder" else words[1]
    assert f"The registry cannot be read: {named} is no regular file." in desk.says(*words, code=2)


@pytest.mark.parametrize("words", [("add", ""), ("add", "given.json", ""), ("add", " "), ("check", "")])
def test_an_empty_name_is_refused_and_stands_for_no_folder(desk: Desk, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "given.json").write_bytes(own(entities=[ENTITY]))

    said = desk.says(*words, code=2)

    assert ": an empty name is given.\n  → Give a name; a variable of the shell" in said
    assert not desk.facts.exists()


def test_a_folder_or_a_file_without_facts_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "none.json").write_bytes(own())

    for action in ("add", "check"):
        assert "The folder folder has no file *.json." in desk.says(action, "folder", code=2)
    assert "Nothing is added. none.json has no fact.\n  → A file of facts has" in desk.says("add", "none.json", code=2)
    assert not desk.facts.exists()
    (tmp_path / "folder" / "a.json").write_bytes(own(entities=[ENTITY]))
    assert "1 facts added" in desk.says("add", "folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_may_not_be_looked_into_is_told(desk: Desk, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert "The registry cannot be read: closed." in desk.says("add", "closed", code=2)


@pytest.mark.parametrize(
    ("fields", "again"),
    [
        (("id=z1", "id=z2"), "id"),
        (("id=z1", "id=z1"), "id"),
        (("id=z1", "notes=a", "notes.fr=b"), "notes.fr"),
        (("id=z1", "notes.fr=a", "notes.en=b", "notes=c"), "notes"),
        (("id=z1", "notes.fr=a", "notes.fr=b"), "notes.fr"),
    ],
)
def test_a_field_given_twice_is_named_and_nothing_is_added(desk: Desk, fields: tuple[str, ...], again: str) -> None:
    said = desk.says("add", "entity", "name=Nuage", "kind=company", "source=x", *fields, code=2)

    assert f"Nothing is added. {again}: this field is given twice.\n  → Keep one {again}=..." in said
    assert not desk.facts.exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("add", "entity", "id=a\udcff", "name=b", "source=c"), "id: 'id=a' is not UTF-8."),
        (("add", "entity", "a\udcff=b"), "'a=b' is not UTF-8."),
        (("add", "a\udcff.json"), "FILE|KIND: 'a.json' is not UTF-8."),
        (("check", "a\udcff.json"), "FILE: 'a.json' is not UTF-8."),
    ],
)
def test_an_argument_that_is_not_utf_8_is_told(desk: Desk, words: tuple[str, ...], named: str) -> None:
    assert named in desk.says(*words, code=2)
    assert not desk.facts.exists()


def test_a_file_of_a_folder_whose_name_is_not_utf_8_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "folder") + b"/a\xff.json")).write_bytes(b"{")

    assert "folder/a\\udcff.json:1: this is not JSON" in desk.says("check", "folder", code=1)
    assert desk.json("check", "folder", code=1)["flaws"][0]["file"] == "folder/a\udcff.json"
