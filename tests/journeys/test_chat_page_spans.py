"""Where the page thinks things stand in a text, asked of its own script in the browser."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from bouclier.shield import ConversationKey, cloak
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import OpenPage

ALPHABET = [
    "a",
    "1",
    "é",
    " ",
    "[",
    "]",
    "_",
    "IBAN_K7QX",
    "[IBAN_K7QX]",
    "[PERSON_B2CD]",
    "🎉",
    "👩‍🌾",
    "𝄞",
    "e\u0301",
    "\n",
    ".",
]
KEY = ConversationKey(bytes(32))
TYPES = [EntityType.PERSON, EntityType.IBAN, EntityType.BIRTH_DATE]


def ask(page: Page, function: str, *arguments: Any) -> Any:
    """Call one of the functions of `spans.js` in the page."""
    return page.evaluate(
        """async ([name, given]) => {
            const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
            const spans = await import(loaded.find((address) => address.includes('/spans-')));
            return given.map((one) => spans[name](...one));
        }""",
        [function, arguments],
    )


def random_case(dice: random.Random) -> tuple[str, list[Finding]]:
    """A text made of what is hard to count, and findings in it: apart, touching, at both ends."""
    text = "".join(dice.choices(ALPHABET, k=dice.randint(0, 14)))
    cuts = sorted(dice.sample(range(len(text) + 1), min(len(text) + 1, dice.randint(0, 6))))
    kept = [span for span in pairwise(cuts) if dice.random() < 0.6]
    return text, [Finding(start, end, dice.choice(TYPES), 0.9, "dice") for start, end in kept]


def shown(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as the API shows them."""
    return [{"start": one.start, "end": one.end, "type": one.type.value} for one in findings]


def test_a_text_is_cut_where_the_shield_counts_it(open_page: OpenPage, scripted_url: str) -> None:
    dice = random.Random(1)
    cases = [random_case(dice) for _ in range(300)]

    cut = ask(open_page(scripted_url), "splitAtFindings", *[[text, shown(found)] for text, found in cases])

    for (text, found), segments in zip(cases, cut, strict=True):
        assert "".join(segment["text"] for segment in segments) == text
        assert [segment["text"] for segment in segments if segment["finding"]] == [
            text[one.start : one.end] for one in found
        ]


def test_every_pseudonym_is_matched_with_what_it_stands_for(open_page: OpenPage, scripted_url: str) -> None:
    dice = random.Random(2)
    cases = [random_case(dice) for _ in range(300)]
    cloaked = [cloak([text], [found], key=KEY) for text, found in cases]
    asked = [[text, shown(found), out.texts[0]] for (text, found), out in zip(cases, cloaked, strict=True)]

    aligned = ask(open_page(scripted_url), "alignCloaked", *asked)

    for (text, found), out, segments in zip(cases, cloaked, aligned, strict=True):
        assert "".join(segment["text"] for segment in segments) == out.texts[0]
        replaced = [segment for segment in segments if segment["original"] is not None]
        assert [segment["original"] for segment in replaced] == [text[one.start : one.end] for one in found]
        assert {segment["text"]: segment["original"] for segment in replaced} == out.pseudonyms


@pytest.mark.parametrize(
    "left",
    ["Bonjour [IBAN_K7QX]", "bonjour [PERSON_K7QX] !", "Bonjour [PERSON_K7QX] ! Et plus", "", "Bonjour [PERSON_K7] !"],
)
def test_what_does_not_match_is_not_guessed(open_page: OpenPage, scripted_url: str, left: str) -> None:
    findings = [{"start": 8, "end": 14, "type": "PERSON"}]

    assert ask(open_page(scripted_url), "alignCloaked", ["Bonjour Durand !", findings, left]) == [None]


def test_a_surrogate_is_marked_where_it_is_said_to_stand(open_page: OpenPage, scripted_url: str) -> None:
    findings = [{"start": 8, "end": 14, "type": "PERSON", "pseudonym": "Morvan"}]

    [segments] = ask(open_page(scripted_url), "alignCloaked", ["Bonjour Durand !", findings, "Bonjour Morvan !"])

    assert [(one["text"], one["original"]) for one in segments] == [
        ("Bonjour ", None),
        ("Morvan", "Durand"),
        (" !", None),
    ]


def test_what_is_said_of_somebody_does_not_hide_who_it_is_said_of(open_page: OpenPage, scripted_url: str) -> None:
    text = "Léo, 7 ans, a Parkinson"
    findings = [
        {"start": 0, "end": 3, "type": "PERSON"},
        {"start": 5, "end": 10, "type": "AGE"},
        {"start": 5, "end": 10, "type": "MINOR"},
        {"start": 12, "end": 23, "type": "HEALTH"},
        {"start": 14, "end": 23, "type": "PERSON"},
    ]
    page = open_page(scripted_url)

    [cut] = ask(page, "splitAtFindings", [text, findings])
    [aligned] = ask(page, "alignCloaked", [text, findings, "[PERSON_K7QX], 7 ans, a [PERSON_B2DF]"])

    assert [(one["text"], one["finding"]["type"]) for one in cut if one["finding"]] == [
        ("Léo", "PERSON"),
        ("7 ans", "MINOR"),
        ("Parkinson", "PERSON"),
    ]
    assert [one["original"] for one in aligned if one["original"]] == ["Léo", "Parkinson"]


def test_what_was_left_as_it_was_is_not_called_a_pseudonym(open_page: OpenPage, scripted_url: str) -> None:
    findings = [{"start": 0, "end": 6, "type": "PERSON"}, {"start": 7, "end": 12, "type": "LOCATION"}]

    [segments] = ask(open_page(scripted_url), "alignCloaked", ["Durand Paris", findings, "[PERSON_K7QX] Paris"])

    assert [(segment["text"], segment["original"]) for segment in segments] == [
        ("[PERSON_K7QX]", "Durand"),
        (" ", None),
        ("Paris", None),
    ]


@pytest.mark.parametrize(
    "findings",
    [
        [{"start": 3, "end": 99, "type": "PERSON"}],
        [{"start": -1, "end": 2, "type": "PERSON"}],
        [{"start": 2, "end": 2, "type": "PERSON"}],
    ],
)
def test_positions_that_make_no_sense_are_left_out(
    open_page: OpenPage, scripted_url: str, findings: list[dict[str, Any]]
) -> None:
    [segments] = ask(open_page(scripted_url), "splitAtFindings", ["Durand", findings])

    assert segments == [{"text": "Durand", "finding": None}]


def test_a_longer_pseudonym_is_not_taken_for_a_shorter_one(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)

    segments = page.evaluate(
        """async () => {
            const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
            const spans = await import(loaded.find((address) => address.includes('/spans-')));
            const table = new Map([['P', 'un'], ['P1', 'deux'], ['[X_1]', 'trois']]);
            return spans.splitAtPseudonyms('P1 et P, [X_1][X_2]', table);
        }"""
    )

    assert [(segment["text"], segment["original"]) for segment in segments] == [
        ("P1", "deux"),
        (" et ", None),
        ("P", "un"),
        (", ", None),
        ("[X_1]", "trois"),
        ("[X_2]", None),
    ]
