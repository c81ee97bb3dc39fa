"""The report as people and programs read it: whole, sourced, in two languages, and safe to print."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.exposure_kit import FRAMEWORK, company, fact, holds, law, registry, report, service, supplied

from bouclier.registry.expose_json import percent_text, report_values
from bouclier.registry.expose_text import exposure_text
from bouclier.registry.expose_words import could, ground, how, what
from bouclier.registry.report_model import Bounds, Doubt, Ground, Node, Rule, Step, Unknown, Verdict, Way

if TYPE_CHECKING:
    from bouclier.registry.draw_model import Language

FACTS = registry(
    entities=[
        company("op"),
        company("holding", "DE"),
        company("parent", "US", ultimate=True),
        company("fund", "CA", kind="people"),
        company("chips", "CN", ultimate=True),
    ],
    edges=[
        holds("holding", "op", 100, since="2021-03", source={"kind": "register", "ref": "RCS 123"}),
        holds("parent", "holding", 79.5),
        holds("fund", "holding", 20.5),
    ],
    services=[service("api", "op", "FR", staff=[])],
    supplies=[supplied("api", "chips", "technology")],
    laws=[law("us-act", "control")],
    assessments=[fact(service="api", objective="SOV-5", seal=3, score=80)],
)


def text(language: Language = "fr", **more: Any) -> str:
    found = report(FACTS, "api", gates={"SOV-2": 2}, **more)
    return exposure_text(found, FACTS, language, framework=FRAMEWORK)


def test_a_chain_is_told_step_by_step_with_amounts_dates_and_sources() -> None:
    lines = text("en").splitlines()
    begin = lines.index("  By control:")
    assert lines[begin + 1 : begin + 7] == [
        "    Api is run by Op [1]",
        "    Op is held by Holding (100%, majority), since 2021-03 [2]",
        "    Holding is held by Parent (79.5%, majority) [1]",
        "    Parent has its seat in United States [1]",
        "    → us-act (us-act): us-act article 1 [1]",
        "    → all of its law, named here or not (law-of-US)",
    ]
    assert "  [2] RCS 123 (register), 2025, sure" in lines


@pytest.mark.parametrize(
    "said",
    [
        "Au 22 novembre 2026, d'après le registre ",
        "États-Unis — établi",
        "  technologie : Api repose sur la technologie Chips — Chine [1]",
        "  minoritaire : Holding est détenu par Fund (20,5\u202f%) — Canada [1]",
        "  Api : d'où travaille le personnel qui a accès n'est pas dit.",
        "  non satisfait",
        "  Parent (États-Unis) : capital 79,5\u202f%, voix 79,5\u202f%",
        "  SOV-1 SEAL 0–1  poids 15  Souveraineté stratégique — contrôle de l'extérieur",
        "  SOV-5 SEAL-3    poids 20  Souveraineté de la chaîne d’approvisionnement",
        "  niveaux exigés : non satisfait",
        "  accès de personnes : inconnu",
        "Ceci n'est pas un avis juridique.",
    ],
)
def test_a_report_in_french_says_each_part(said: str) -> None:
    assert said in text("fr")


def test_a_subject_nothing_reaches_says_so_and_leaves_the_rest_out() -> None:
    facts = registry(entities=[company("op", kind="state")], services=[service("api", "op", "FR")])
    said = exposure_text(report(facts, "api"), facts, "en", framework=FRAMEWORK)
    assert "No law of a third state can compel Api, by the known facts." in said
    assert "Foreign laws" not in said
    proof = said[said.index("Who runs it, who controls them, and where") :].splitlines()[2:5]
    assert proof == [
        "  Api is run by Op [1]",
        "  Op has its seat in France [1]",
        "  Api has its machines in France [1]",
    ]
    assert "What is not known" not in said
    assert "  passed" in said.splitlines()


def test_a_name_from_a_file_cannot_move_the_cursor_of_a_terminal() -> None:
    facts = registry(
        entities=[company("op", name="Op\x1b[2J\nx", ultimate=True)], services=[service("api", "op", "US")]
    )
    said = exposure_text(report(facts, "api"), facts, "fr", framework=FRAMEWORK)
    assert "\x1b" not in said
    assert "Op [2J x" in said


def test_every_way_doubt_and_ground_has_words_in_both_languages() -> None:
    one, other = Node("entity", "a", "A"), Node("entity", "b", "B {x}")
    steps = [Step(one, other, way, detail="{y}") for way in Way]
    doubts = [Unknown(doubt, "a", "A") for doubt in get_args(Doubt)]
    amount = Bounds(Fraction(1), Fraction(2))
    grounds = [Ground(rule, verdict, "a", amount) for rule in get_args(Rule) for verdict in get_args(Verdict)]
    texts = [*map(how, steps), *map(what, doubts), *map(could, doubts), *(ground(found, "A") for found in grounds)]
    assert all(said.fr and said.en and said.fr != said.en for said in texts)


def test_the_same_report_as_json_has_exact_amounts_and_the_facts_of_each_step() -> None:
    values = json.loads(json.dumps(report_values(report(FACTS, "api", gates={"SOV-2": 2}))))
    (reach,) = (one for one in values["reaches"] if one["law"] == "us-act")
    assert [step["to"]["id"] for step in reach["chain"]] == ["op", "holding", "parent", "US"]
    assert reach["chain"][1]["facts"][0]["source"] == {
        "kind": "register",
        "ref": {"fr": "RCS 123", "en": "RCS 123"},
    }
    assert reach["chain"][1]["facts"][0]["from"] == "2021-03"
    assert reach["chain"][2]["percent"] == "79.5"
    assert values["secnumcloud_19_6"]["verdict"] == "fail"
    assert values["sovereignty"]["gates"] == "fail"
    assert values["transfer"]["machines"] == "inside"
    assert (values["day"], values["registry"]) == ("2026-11-22", FACTS.digest)


@pytest.mark.parametrize(
    ("value", "down", "up"),
    [(Fraction(24), "24", "24"), (Fraction(241, 10), "24.1", "24.1"), (Fraction(100, 3), "33.333333", "33.333334")],
)
def test_what_has_no_exact_decimals_is_rounded_outwards(value: Fraction, down: str, up: str) -> None:
    assert (percent_text(value), percent_text(value, up=True)) == (down, up)
