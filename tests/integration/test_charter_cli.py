"""`bouclier charter`: what jurists and stewards do with a charter on their own machine."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from tests.charter_tools_kit import BASE, STARTER_FILES, files, policy, written
from tests.log_kit import DEPLOYMENTS, LAW, Institution, recorded

from bouclier.charter import Decider, bundle_of, parse_charter
from bouclier.cli import main
from bouclier.oversight import DecisionEntry, parse_entry, shadow_entry
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.monitor.recorded import recorded_case, recorded_deployment

if TYPE_CHECKING:
    from pathlib import Path

CASES = """format: bouclier-charter-tests/v1
deployments:
  lyon: {own: false, operator: exemple-fr, country: FR, control: [FR]}
cases:
  - {case: "Un secret reste", labels: [secret], to: lyon, expect: forbid, by: [no-secret]}
  - {case: "Un texte public part", to: lyon, expect: %s}
"""
NO_SECRET = policy("no-secret", 'context.labels.contains("secret") && !resource.own')
NO_AMERICA = policy("no-america", 'resource.control.contains("US")')


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.chdir(tmp_path)


def charter(capsys: pytest.CaptureFixture[str], *arguments: object) -> Said:
    code = main(["charter", *map(str, arguments)])
    return Said(code, *capsys.readouterr())


def folder(place: Path, *policies: str, cases: str = CASES % "permit", data: str = "") -> Path:
    return written(place, files(essai={"policies.cedar": "\n".join(policies), "tests.yaml": cases, "data.json": data}))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return folder(tmp_path / "plain", NO_SECRET)


# ---- test, lint, show ---------------------------------------------------------------------------------------


def test_the_charter_we_ship_answers_all_its_cases_and_every_policy_is_tested(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = charter(capsys, "test", "--strict")
    assert said.code == 0
    assert said.out.count("all as expected") == len(json.loads(STARTER_FILES["charter.json"])["packs"])
    assert "not as expected" not in said.out


def test_a_case_that_fails_is_told_by_file_and_line_with_what_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder(tmp_path / "wrong", NO_SECRET, cases=CASES % "forbid")
    said = charter(capsys, "test", place)
    assert said.code == 1
    assert "essai: 2 cases, 1 not as expected" in said.out
    assert f"{place}/packs/essai/tests.yaml:6: Un texte public part" in said.out
    assert "expected forbid, found permit" in said.out
    assert "→ anything-goes — -" in said.out


def test_a_policy_that_no_case_sees_decide_is_told_and_fails_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder(tmp_path / "untested", NO_SECRET, NO_AMERICA)
    said = charter(capsys, "test", place)
    assert said.code == 0
    assert "policies tested: 2 of 3" in said.out
    assert "packs/essai/policies.cedar:8: no-america" in said.out
    assert charter(capsys, "test", place, "--strict").code == 1


def test_a_bundle_is_tested_as_its_folder_is(plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "charter.bundle"
    texts = {str(file.relative_to(plain)): file.read_text("utf-8") for file in plain.rglob("*") if file.is_file()}
    bundle.write_bytes(bundle_of(texts))
    assert charter(capsys, "test", bundle).out == charter(capsys, "test", plain).out


@pytest.mark.parametrize(
    ("mistake", "where", "said"),
    [
        ("to: lyon, expect", "5: to", '"paris" does not exist'),
        ("labels: [secret]", "5: cases[0].label", "unknown key"),
        ("by: [no-secret]", "5: by", '"no-secrets" does not exist'),
        ("expect: forbid", "5: cases[0].expect", "wrong value"),
        ("country: FR", "3: deployments.lyon.country", "wrong value"),
        ("own: false", "3: deployments.lyon.own", "wrong value"),
        ("format: bouclier-charter-tests/v1", "1: format", "wrong value"),
    ],
)
def test_a_mistake_in_a_file_of_cases_is_told_by_line_and_field(
    mistake: str, where: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {
        "to: lyon, expect": "to: paris, expect",
        "labels: [secret]": "label: [secret]",
        "by: [no-secret]": "by: [no-secrets]",
        "expect: forbid": "expect: refuse",
        "country: FR": "country: France",
        "own: false": "own: maybe",
        "format: bouclier-charter-tests/v1": "format: v1",
    }[mistake]
    place = folder(tmp_path / "mistaken", NO_SECRET, cases=(CASES % "permit").replace(mistake, made, 1))
    found = charter(capsys, "test", place)
    assert found.code == 2
    assert f"{place}/packs/essai/tests.yaml:{where}:" in found.err
    assert said in found.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{case: c, to: own, expect: permit, duties: ["warn:nothing"]}', "unknown duty: warn:nothing"),
        ("{case: c, to: own, expect: permit, day: 20261331}", "a day, such as 20261122"),
        ("{case: c, to: own, expect: permit, day: 20261122, day: 20261123}", "key given twice"),
        ("{case: c, to: own, expect: permit, class: personnel}", "public, internal"),
        ("{case: c, to: own}", "this key is missing"),
        ("{case: c, to: own, expect: permit, purpose: Deux mots}", "a purpose in lower case"),
        ("[c, own, permit]", "keys and values are expected"),
    ],
)
def test_a_case_that_is_none_is_refused(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = f"format: bouclier-charter-tests/v1\ncases:\n  - {line}\n"
    found = charter(capsys, "test", folder(tmp_path / "none", NO_SECRET, cases=cases))
    assert (found.code, "packs/essai/tests.yaml:3: " in found.err) == (2, True)
    assert said in found.err


def test_a_file_of_cases_that_is_no_yaml_or_has_no_case_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = charter(capsys, "test", folder(tmp_path / "broken", NO_SECRET, cases="cases: [\n"))
    assert (broken.code, "this is not YAML" in broken.err) == (2, True)
    empty = charter(
        capsys, "test", folder(tmp_path / "empty", NO_SECRET, cases="format: bouclier-charter-tests/v1\ncases: []\n")
    )
    assert (empty.code, "no case" in empty.err) == (2, True)


def test_mistakes_are_said_in_french_to_who_reads_french(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    place = folder(tmp_path / "faux", NO_SECRET, cases=CASES % "forbid")
    said = charter(capsys, "test", place)
    assert "essai : 2 cas, 1 autrement qu'attendu" in said.out
    assert "attendu forbid, trouvé permit" in said.out
    assert "politiques éprouvées : 2 sur 2" in said.out


def test_what_is_unfinished_is_told_by_file_and_line_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = charter(capsys, "lint", folder(tmp_path / "dead", NO_SECRET, policy("dead", "false")))
    assert said.code == 1
    assert "packs/essai/policies.cedar:8: unreachable: 'dead': No request reaches it" in said.out
    clean = charter(capsys, "lint", folder(tmp_path / "clean", NO_SECRET))
    assert (clean.code, clean.out) == (0, "nothing to say\n")


def test_a_charter_is_shown_by_packs_and_policies_or_by_the_text_of_a_pack(
    plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = charter(capsys, "show", plain).out
    assert "  permit anything-goes: Everything is permitted." in shown
    assert "  forbid no-secret: A rule." in shown
    assert charter(capsys, "show", plain, "--pack", "essai").out == "# Text\n"
    wrong = charter(capsys, "show", plain, "--pack", "autre")
    assert (wrong.code, "Packs: socle, essai." in wrong.err) == (2, True)


def test_a_place_where_no_charter_is_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("show", "test", "lint", "simulate"):
        said = charter(capsys, action, tmp_path / "nowhere")
        assert (said.code, "charter.json" in said.err) == (2, True)


# ---- explain ------------------------------------------------------------------------------------------------


def test_facts_that_are_given_are_explained_for_each_deployment_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    said = charter(capsys, "explain", "--purpose", "soins", "--class", "personal", "--to", "own", "--to", "eu-private")
    assert said.code == 0
    assert "Class: sensitive, raised by the charter from personal" in said.out
    assert "own (self): permitted" in said.out
    assert "eu-private (eu-private): refused" in said.out
    assert "health-only-hds" in said.out
    assert "if the deployment were qualified 'hds'" in said.out


def test_a_request_is_inspected_and_not_a_word_of_it_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUCLIER_SHIELD_NAMES", "off")
    request = tmp_path / "request.json"
    words = "Zoé Vasseur, zoe.vasseur@example.fr, NIR 2 85 05 78 006 084 91"
    request.write_text(json.dumps({"model": "auto", "tools": [{}], "messages": [{"role": "user", "content": words}]}))
    said = charter(capsys, "explain", request, "--to", "us-controlled")
    assert said.code == 0
    assert "Class: sensitive" in said.out
    assert "national-id" in said.out
    assert "Capabilities asked for: tools" in said.out
    assert "sensitive-out-of-foreign-reach" in said.out
    assert "asseur" not in said.out + said.err
    assert "85 05" not in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "atlantis"), "no deployment atlantis"),
        (("--purpose", "Deux mots"), "--purpose: wrong value"),
        (("--day", "20261331"), "--day: wrong value"),
        (("--label", "Très secret"), "--label: wrong value"),
        (("nothing.json",), "nothing.json cannot be read"),
        (("bad.json",), "JSON"),
    ],
)
def test_what_cannot_be_explained_says_why(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text("Zoé Vasseur", encoding="utf-8")
    found = charter(capsys, "explain", *arguments)
    assert found.code == 2
    assert said in found.err
    assert "Vasseur" not in found.err


# ---- diff ---------------------------------------------------------------------------------------------------


def exported(file: Path, entries: list[bytes]) -> Path:
    lines = [
        b'{"index":%d,"leaf_hash":"%s","entry":%s}\n'
        % (index, hashlib.sha256(b"\0" + entry).hexdigest().encode(), entry)
        for index, entry in enumerate(entries)
    ]
    file.write_bytes(b"".join(lines))
    return file


def logged(data: Path, entries: list[bytes]) -> Path:
    async def fill() -> None:
        log = FileLog.create(data / "log", origin="log.example.fr/mairie")
        for entry in entries:
            await log.append(entry)
        await log.close()

    data.mkdir()
    asyncio.run(fill())
    return data


def test_the_decisions_that_a_change_would_flip_are_counted_by_policy_with_their_entries(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = recorded(60)
    stricter = folder(tmp_path / "stricter", NO_SECRET, NO_AMERICA)
    decisions = {
        index: entry for index, raw in enumerate(entries) if isinstance(entry := parse_entry(raw), DecisionEntry)
    }
    before, after = (Decider(parse_charter(_texts(place))) for place in (plain, stricter))
    flipped = [
        index
        for index, entry in decisions.items()
        for one in entry.candidates
        if before.decide(recorded_case(entry), recorded_deployment(one)).permitted
        and not after.decide(recorded_case(entry), recorded_deployment(one)).permitted
    ]
    assert flipped
    said = charter(capsys, "diff", plain, stricter, "--log", exported(tmp_path / "log.jsonl", entries))
    assert said.code == 0
    listed = ", ".join(map(str, dict.fromkeys(flipped)))[:20]
    assert f"{len(decisions)} decisions replayed, {len(set(flipped))} would be otherwise" in said.out
    assert f"  {len(flipped)} × would be forbidden by no-america — entries {listed}" in said.out
    back = charter(capsys, "diff", stricter, plain, "--log", tmp_path / "log.jsonl")
    assert f"  {len(flipped)} × would be permitted, forbidden so far by no-america — " in back.out
    same = charter(capsys, "diff", stricter, plain, "--data", logged(tmp_path / "data", entries))
    assert same.out == back.out


def _texts(place: Path) -> dict[str, str]:
    return {str(file.relative_to(place)): file.read_text("utf-8") for file in place.rglob("*") if file.is_file()}


def test_duties_and_choices_that_change_are_counted(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(tmp_path / "log.jsonl", recorded(40))
    sealing = folder(
        tmp_path / "sealing", NO_SECRET, policy("sealed", "true", effect="permit", action="oblige", duty="seal")
    )
    assert " × duty more seal — entries " in charter(capsys, "diff", plain, sealing, "--log", file).out
    assert " × duty less seal — entries " in charter(capsys, "diff", sealing, plain, "--log", file).out
    nothing = folder(tmp_path / "nothing", policy("never", "true"))
    chosen = charter(capsys, "diff", plain, nothing, "--log", file).out
    assert " → - — entries " in chosen
    broken = folder(tmp_path / "broken", policy("big", "context.day * 9223372036854775807 > 0"))
    assert " × cannot be decided big — entries " in charter(capsys, "diff", plain, broken, "--log", file).out


def test_what_an_exchange_brought_is_what_the_log_says_it_brought(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    institution = Institution(up=1.0).begin()
    measured = replace(DEPLOYMENTS[0], carbon_mg=100)
    for sourced, tokens in ((True, 10), (False, 10), (True, 90_000)):
        institution.exchange(types=[], attempts=1, candidates=(measured,), sourced=sourced, tokens=tokens)
    entries = institution.entries
    unsourced, long = (
        index
        for index, raw in enumerate(entries)
        if isinstance(one := parse_entry(raw), DecisionEntry) and (not one.sourced or one.tokens > 10)
    )
    file = exported(tmp_path / "log.jsonl", entries)
    for duty, index in (("ground", unsourced), ("carbon-cap:one", long)):
        name = duty.partition(":")[0]
        owing = folder(
            tmp_path / name,
            NO_SECRET,
            policy("owed", "true", effect="permit", action="oblige", duty=duty),
            data=json.dumps({"format": "bouclier-pack-data/v1", "budgets": [{"id": "one", "mg": 1_000, "basis": "b"}]}),
        )
        said = charter(capsys, "diff", plain, owing, "--log", file).out
        assert f" 1 × choice {measured.name} → - — entries {index}\n" in said


def test_the_same_charter_flips_nothing_and_the_log_is_not_read(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = charter(capsys, "diff", plain, plain, "--log", tmp_path / "nowhere")
    assert (said.code, said.out.startswith("the same charter: ")) == (0, True)


def test_a_line_that_is_no_exported_entry_is_named(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stricter = folder(tmp_path / "stricter", NO_SECRET, NO_AMERICA)
    file = exported(tmp_path / "log.jsonl", recorded(3))
    with file.open("ab") as more:
        more.write(b"Zoe Vasseur\n")
    count = len(file.read_bytes().splitlines())
    said = charter(capsys, "diff", plain, stricter, "--log", file)
    assert said.code == 2
    assert f"{file}:{count}: this is no line of `bouclier log export`" in said.err
    assert "Vasseur" not in said.err
    gone = charter(capsys, "diff", plain, stricter, "--log", tmp_path / "nowhere")
    assert (gone.code, str(tmp_path / "nowhere") in gone.err) == (2, True)


# ---- simulate -----------------------------------------------------------------------------------------------


def test_a_charter_is_put_on_trial_and_taken_off(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = logged(tmp_path / "data", recorded(2))
    bundle = data / "charter" / "shadow.bundle"
    digest = parse_charter(_texts(plain)).digest
    assert charter(capsys, "simulate", plain, "--data", data).out == f"on trial: {digest}\n"
    assert hashlib.sha256(bundle.read_bytes()).hexdigest() == digest
    assert f"on trial: {digest}" in charter(capsys, "simulate", "--report", "--data", data).out
    assert charter(capsys, "simulate", "--off", "--data", data).out == "the trial is over\n"
    assert not bundle.exists()
    assert charter(capsys, "simulate", "--off", "--data", data).out == "nothing was on trial\n"


def test_a_charter_that_does_not_load_is_not_put_on_trial(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    charter(capsys, "simulate", plain, "--data", data)
    kept = (data / "charter" / "shadow.bundle").read_bytes()
    broken = folder(tmp_path / "broken", BASE)  # an id that is taken
    assert charter(capsys, "simulate", broken, "--data", data).code == 2
    assert (data / "charter" / "shadow.bundle").read_bytes() == kept


def test_what_a_charter_on_trial_would_have_decided_is_summed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = recorded(5)
    index = next(at for at, raw in enumerate(entries) if isinstance(parse_entry(raw), DecisionEntry))
    entry = parse_entry(entries[index])
    assert isinstance(entry, DecisionEntry)
    strict = parse_charter(files(essai={"policies.cedar": policy("never", "true")}))
    verdicts = Decider(strict).decide_all(recorded_case(entry), [recorded_deployment(one) for one in entry.candidates])
    shadow = shadow_entry(
        exchange=entry.exchange,
        decision_index=index,
        charter=strict.digest,
        verdicts=verdicts,
        chosen=None,
        law=LAW.stamp,
        time_ms=entry.time,
    )
    said = charter(capsys, "simulate", "--report", "--data", logged(tmp_path / "data", [*entries, shadow])).out
    decisions = sum(isinstance(parse_entry(raw), DecisionEntry) for raw in entries)
    assert f"decisions in the log: {decisions}" in said
    assert f"{strict.digest[:16]} — 1 decided otherwise, 1 of them refused — entries {index}" in said
    assert f"1 × {entry.candidates[0].deployment} — refused — never" in said


@pytest.mark.parametrize("arguments", [(), ("--off", "--report")])
def test_simulate_wants_one_thing(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    said = charter(capsys, "simulate", *arguments)
    assert (said.code, "A charter, --off or --report" in said.err) == (2, True)
