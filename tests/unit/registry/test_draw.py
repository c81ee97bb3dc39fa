"""The picture of an exposure: what it says, how it says it without colour, and that nothing in it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from tests.draw_kit import (
    ATLAS,
    ATLAS_FR,
    DISPUTED,
    REPORTS,
    US,
    home_report,
    long_report,
    many_laws_report,
    node,
    reached,
    report,
    round_report,
    short_report,
    step,
    unknown_report,
)

from bouclier.registry.draw_dot import draw_dot
from bouclier.registry.draw_model import Look, Strength
from bouclier.registry.draw_picture import MAX_LAWS, picture_of
from bouclier.registry.draw_svg import draw_svg
from bouclier.registry.draw_text import width, wrap
from bouclier.registry.draw_words import percent
from bouclier.registry.report_model import Way

if TYPE_CHECKING:
    from bouclier.registry.draw_model import Language

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script>"&\x1b[31m\u202e'


def texts(svg: str) -> str:
    """All that is written in a picture, its title and description left out."""
    return " ".join(found.text or "" for found in ET.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("made", "fr", "en"),
    [
        (
            short_report,
            (
                "Les lois d'un État tiers (États-Unis) peuvent contraindre ceux qui tiennent Chatterbox API à livrer "
                "des données, d'après des faits que personne n'a vérifiés."
            ),
            (
                "The laws of one third state (United States) can compel those behind Chatterbox API to hand over data, "
                "by facts nobody has verified."
            ),
        ),
        (
            many_laws_report,
            (
                "Les lois de 3 États tiers (Canada, Royaume-Uni, États-Unis) peuvent contraindre ceux qui tiennent "
                "Globex Mail à livrer des données, d'après des faits que personne n'a vérifiés ; "
                "c'est contesté pour : Chine ; et tout n'est pas connu."
            ),
            (
                "The laws of 3 third states (Canada, United Kingdom, United States) can compel those behind Globex "
                "Mail to hand over data, by facts nobody has verified; "
                "it is contested for: China; and not all is known."
            ),
        ),
        (
            unknown_report,
            "On ne sait pas qui peut être contraint de livrer ce que détient Assistant Mystère.",
            "It is not known who can be compelled to hand over what Assistant Mystère holds.",
        ),
        (
            home_report,
            "Aucune loi d'un État tiers ne peut contraindre Nuage de la ville de Valmont, d'après les faits connus.",
            "No law of a third state can compel Nuage de la ville de Valmont, by the known facts.",
        ),
    ],
)
def test_one_sentence_says_whose_laws_can_compel(made: type, fr: str, en: str) -> None:
    assert picture_of(made(), "fr").verdict == fr
    assert picture_of(made(), "en").verdict == en


def test_unknown_is_never_told_as_no_law() -> None:
    assert "Aucune" not in picture_of(report(ATLAS, known=False), "fr").verdict


def test_a_chain_is_drawn_from_the_subject_to_the_law() -> None:
    picture = picture_of(long_report(), "fr")

    lines = {(line.begin, line.end): (line.label, line.strength) for line in picture.lines}
    assert picture.boxes[0].look is Look.SUBJECT
    assert lines["service:atlas-paris", "entity:atlas-fr"] == ("exploité par", Strength.COMPELS)
    assert lines["entity:atlas-eu", "entity:atlas-inc"] == ("79,5\u202f%", Strength.COMPELS)
    assert lines["entity:atlas-inc", "state:US"] == ("siège", Strength.COMPELS)
    assert lines["state:US", "law:us-cloud-act:US"] == ("", Strength.COMPELS)


def test_influence_is_thin_contested_is_dashed_and_unknown_is_a_question() -> None:
    picture = picture_of(long_report(), "en")

    lines = {(line.begin, line.end): line.strength for line in picture.lines}
    looks = {box.title: box.look for box in picture.boxes}
    assert lines["entity:atlas-eu", "entity:pension"] is Strength.INFLUENCE
    assert lines["service:atlas-paris", "entity:chips"] is Strength.INFLUENCE
    assert lines["entity:atlas-fr", "state:GB"] is Strength.CONTESTED
    assert lines["entity:harbor", "question:0"] is Strength.QUESTION
    assert looks["Who controls it?"] is Look.QUESTION
    assert looks["United Kingdom"] is Look.DISPUTED_STATE


def test_a_line_of_several_chains_is_drawn_once_as_the_strongest() -> None:
    run, seat = step(ATLAS, ATLAS_FR, Way.RUN_BY), step(ATLAS_FR, US, Way.SEAT)
    picture = picture_of(
        report(ATLAS, [reached("us-a", [run, seat]), reached("us-b", [run, seat], "seat", DISPUTED)]), "en"
    )

    strengths = {(line.begin, line.end): line.strength for line in picture.lines}
    assert strengths["service:atlas-paris", "entity:atlas-fr"] is Strength.COMPELS
    assert strengths["state:US", "law:us-b:US"] is Strength.CONTESTED


def test_machines_that_may_stand_abroad_are_an_open_possibility() -> None:
    paris = step(ATLAS, node("state", "FR"), Way.MAY_STAND_IN)
    abroad = step(ATLAS, US, Way.MAY_STAND_IN, ref="atlas.example/regions")
    drawn = report(ATLAS, [reached("law-of-US", [abroad], "hosting")], home=("FR",), ties=(paris, abroad))

    picture = picture_of(drawn, "en")

    lines = {(line.begin, line.end): (line.label, line.strength) for line in picture.lines}
    looks = {box.title: box.look for box in picture.boxes}
    assert lines["service:atlas-paris", "state:US"] == ("machines, perhaps", Strength.PERHAPS)
    assert lines["state:US", "law:law-of-US:US"] == ("", Strength.PERHAPS)
    assert lines["service:atlas-paris", "state:FR"][1] is Strength.HOME
    assert (looks["United States"], looks["France"]) == (Look.OPEN_STATE, Look.HOME)
    assert "could, if the machines stand there: United States (the configuration does not say)" in picture.verdict
    assert any("until `country` is said" in note for note in picture.notes)
    assert 'stroke-dasharray="10 4 2 4"' in draw_svg(drawn, "fr")
    assert "Atlas Cloud — région Paris → United States: perhaps, if the machines stand there." in picture.sentences
    assert not any("perhaps, perhaps" in sentence for sentence in picture.sentences)


def test_a_day_far_from_all_facts_is_told() -> None:
    assert not any("The facts" in note for note in picture_of(short_report(), "en").notes)
    early = dataclasses.replace(short_report(), day=dt.date(1990, 1, 1))
    told = next(note for note in picture_of(early, "en").notes if "The facts" in note)
    assert told == (
        "The facts this is drawn from are of 2026-05. They may tell nothing of what holds on 1 January 1990."
    )


def test_what_is_left_out_is_told() -> None:
    chain = [step(ATLAS, ATLAS_FR, Way.RUN_BY), step(ATLAS_FR, US, Way.SEAT)]
    laws = [reached(f"us-law-{number:02}", chain) for number in range(MAX_LAWS + 2)]

    picture = picture_of(report(ATLAS, laws), "en")

    assert sum(box.look is Look.LAW for box in picture.boxes) == MAX_LAWS
    assert "Laws not drawn: us-law-14, us-law-15." in picture.notes


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_picture_stands_alone_and_runs_nothing(name: str, language: Language) -> None:
    svg = draw_svg(REPORTS[name](), language)

    root = ET.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "path",
        "text",
        "g",
    }
    assert not re.search(r"\s(on\w+|style|href|class=\"(?!box\"))", re.sub(r">[^<]*<", "><", svg))
    assert svg.count("http") == 1  # the name of the format


@pytest.mark.parametrize("name", REPORTS)
def test_a_picture_says_all_to_who_does_not_see_it(name: str) -> None:
    found = REPORTS[name]()
    root = ET.fromstring(draw_svg(found, "fr"))

    picture = picture_of(found, "fr")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (root.get("role"), root.get("aria-labelledby"), root.get("lang")) == ("img", title.get("id"), "fr")
    assert title.text == picture.verdict
    for line in picture.lines:
        assert any(box.title in (description.text or "") for box in picture.boxes if box.key == line.end)


def test_what_is_established_and_contested_differ_without_colour() -> None:
    svg = re.sub(r"#[0-9a-f]{6}", "#000000", draw_svg(long_report(), "en"))

    assert "established" in texts(svg)
    assert "contested" in texts(svg)
    assert 'stroke-width="3.2"/>' in svg
    assert 'stroke-width="2.2" stroke-dasharray="8 5"/>' in svg
    assert 'stroke-width="1.1"/>' in svg


def test_hostile_names_are_only_text() -> None:
    bad = node("service", "bad", HOSTILE)
    owner = node("entity", "owner", HOSTILE * 20)
    found = report(bad, [reached("us-x", [step(bad, owner, Way.RUN_BY, detail=HOSTILE), step(owner, US, Way.SEAT)])])

    svg = draw_svg(found, "fr")
    ET.fromstring(svg)
    assert "<script" not in svg
    assert "\x1b" not in svg + draw_dot(found, "fr")
    assert "\u202e" not in svg + draw_dot(found, "fr")


def test_a_dot_graph_quotes_what_it_is_given() -> None:
    bad = node("service", "bad", 'a"]; b [label="\\')

    dot = draw_dot(report(bad), "en")

    assert '"service:bad" [label="a\\"]; b [label=\\"\\\\", shape=box' in dot


def test_a_dot_graph_has_each_box_and_line_once() -> None:
    dot, picture = draw_dot(round_report(), "en"), picture_of(round_report(), "en")

    assert dot.startswith("digraph exposure {")
    assert dot.count(" -> ") == len(picture.lines)
    assert dot.count("[label=") - dot.count(" -> ") + sum(not line.label for line in picture.lines) == len(
        picture.boxes
    )


def test_the_same_report_is_drawn_the_same() -> None:
    assert draw_svg(many_laws_report(), "fr") == draw_svg(many_laws_report(), "fr")


@pytest.mark.parametrize(
    ("value", "fr", "en"),
    [
        (Fraction(24), "24\u202f%", "24%"),
        (Fraction(49, 2), "24,5\u202f%", "24.5%"),
        (Fraction(200, 3), "≈ 66,7\u202f%", "≈ 66.7%"),
        (Fraction(1, 1000), "≈ 0\u202f%", "≈ 0%"),
    ],
)
def test_a_percentage_says_when_it_is_rounded(value: Fraction, fr: str, en: str) -> None:
    assert (percent(value, "fr"), percent(value, "en")) == (fr, en)


def test_long_words_are_broken_and_long_texts_end_with_an_ellipsis() -> None:
    lines = wrap("x" * 200, 15, 100, lines=3)

    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(width(line, 15) <= 100 for line in lines)


def test_a_line_does_not_begin_with_french_punctuation() -> None:
    most = width("loi États-Unis", 12) + 1

    assert wrap("loi États-Unis : 6", 12, most, lines=3)[0] == "loi"
