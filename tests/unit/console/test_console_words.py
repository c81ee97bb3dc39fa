"""The words of the page: both languages, nothing missing, nothing useless; and colours one can read."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

from bouclier.charter.orders import EFFECTS, Selector
from bouclier.fleet.book_model import Why
from bouclier.terms.content import DataClass, EntityType, Label
from bouclier.terms.errors import (
    BudgetSpent,
    CarbonBudgetExceeded,
    CharterExpired,
    HumanReviewRequired,
    LawChanged,
    SourcesRequired,
)
from bouclier.terms.law import Duty, Openness

ASSETS = {
    entry.name: entry.read_text(encoding="utf-8")
    for entry in resources.files("bouclier.console").joinpath("assets").iterdir()
}
WORDS: dict[str, dict[str, str]] = json.loads(ASSETS["strings.json"])
SOURCES = "\n".join(text for name, text in ASSETS.items() if name.endswith((".js", ".html")))

# Keys a script builds from a value: every value it may meet must have its word.
BUILT = {
    *(f"class.{data_class.slug}" for data_class in DataClass),
    *(f"type.{entity}" for entity in EntityType),
    *(f"label.{label}" for label in Label),
    *(f"openness.{openness}" for openness in Openness),
    *(f"{room}{duty}" for duty in Duty for room in ("duty.", "why.duty_")),
    *(f"receipt.{way}.{state}" for way in ("mark", "said") for state in ("signed", "alone", "waiting", "late")),
    *(f"state.{state}" for state in ("loading", "stopped", "missing", "failed")),
    *(f"state.{why}" for why in (*Why, "trial") if why != Why.LOADING),
    *(f"footprint.{method}" for method in ("ecologits", "cpu-time", "declared", "measured-rapl", "measured-nvml")),
    *(f"failure.{code}{part}" for code in ("network", "incomplete", "unreadable") for part in ("", "_hint")),
    *(f"failure.{error.code}_heading" for error in (LawChanged, CharterExpired)),
    *(f"refusal.{error.code}" for error in (HumanReviewRequired, SourcesRequired, CarbonBudgetExceeded, BudgetSpent)),
    *(f"order.effect.{effect}" for effect in EFFECTS),
    *(f"order.selects.{field}" for field in Selector.__struct_fields__),
}


def keys_written_in_full() -> set[str]:
    """Keys that stand in the sources as they are."""
    rooms = "|".join(sorted({key.partition(".")[0] for key in WORDS}))
    quoted = set(re.findall(rf'"((?:{rooms})\.[\w.-]+)"', SOURCES))
    holes = set(re.findall(r"\{\{([\w-]+\.[\w.-]+)\}\}", SOURCES))
    counted = set(re.findall(r'count\("([\w.]+)"', SOURCES))
    return (quoted - counted) | holes | {f"{key}.{form}" for key in counted for form in ("one", "many")}


def test_every_word_is_said_in_french_and_in_english() -> None:
    for key, said in WORDS.items():
        assert set(said) == {"fr", "en"}, key
        assert all(text.strip() for text in said.values()), key


def test_both_languages_leave_the_same_holes_to_fill() -> None:
    for key, said in WORDS.items():
        french, english = (set(re.findall(r"\{(\w+)\}", said[language])) for language in ("fr", "en"))
        assert french == english, key


def test_every_word_the_page_uses_exists() -> None:
    assert sorted((keys_written_in_full() | BUILT) - set(WORDS)) == []


def test_no_word_is_there_for_nothing() -> None:
    assert sorted(set(WORDS) - keys_written_in_full() - BUILT) == []


def test_french_never_breaks_a_line_before_its_high_punctuation() -> None:
    for key, said in WORDS.items():
        assert not re.search(r"« | [;:?!»%]", said["fr"]), key


def test_no_script_parses_markup_or_evaluates_text() -> None:
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", SOURCES) == []


def test_nothing_but_the_key_is_ever_stored() -> None:
    assert "localStorage" not in SOURCES
    assert "indexedDB" not in SOURCES
    assert "document.cookie" not in SOURCES
    assert set(re.findall(r"sessionStorage\.\w+\([^,)]*", SOURCES)) == {
        "sessionStorage.setItem(KEY",
        "sessionStorage.getItem(KEY",
    }


# Text on ground, for both schemes: WCAG 2.2, 1.4.3 (AA).
PAIRS = [
    *((ink, ground) for ink in ("ink", "muted", "blue", "stop") for ground in ("ground", "sheet", "sunk")),
    *((ink, "blue-soft") for ink in ("ink", "good", "stop", "warn", "blue")),
    ("on-blue", "blue"),
    ("on-blue", "blue-hover"),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "stop", "violet")),
    ("ink", "warn-soft"),
    ("sheet", "warn"),
    *((tone, ground) for tone in ("good", "warn") for ground in ("ground", "sheet")),
]


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme, by name."""
    light, dark = re.findall(r":root \{(.*?)\}", ASSETS["style.css"], re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    palette = colours(scheme)
    too_faint = [
        f"{ink} on {ground}: {ratio:.2f}"
        for ink, ground in PAIRS
        if (ratio := contrast(palette[ink], palette[ground])) < 4.5
    ]

    assert too_faint == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_and_focus_stand_out_from_their_ground(scheme: str) -> None:
    palette = colours(scheme)
    for mark in ("line-strong", "focus"):
        for ground in ("ground", "sheet"):
            assert contrast(palette[mark], palette[ground]) >= 3, f"{mark} on {ground}"
