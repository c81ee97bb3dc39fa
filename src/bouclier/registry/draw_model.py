"""A picture of exposure as a value: boxes, lines and sentences in one language; how it is drawn is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

Language = Literal["fr", "en"]


class Look(StrEnum):
    """What a box stands for."""

    SUBJECT = "subject"
    PLAIN = "plain"
    STATE = "state"
    """A state outside the institution's area whose law reaches."""
    DISPUTED_STATE = "disputed-state"
    """A state outside whose reach is only disputed."""
    HOME = "home"
    """A state of the area."""
    OPEN_STATE = "open-state"
    """A state outside whose law reaches only if machines stand where nobody says that they do."""
    LAW = "law"
    DISPUTED_LAW = "disputed-law"
    """A law whose reach is disputed, or open: its note says which."""
    QUESTION = "question"
    """What is not known."""


class Strength(StrEnum):
    """What a line says; the strongest first."""

    COMPELS = "compels"
    PERHAPS = "perhaps"
    CONTESTED = "contested"
    HOME = "home"
    QUESTION = "question"
    INFLUENCE = "influence"


class Box(NamedTuple):
    """A box.

    Attributes:
        key: Unique in the picture.
        look: What it stands for.
        title: Its name.
        note: What is said below the name; empty if nothing.
        stage: 0 for whatever comes before the states, 1 for states, 2 for laws.
    """

    key: str
    look: Look
    title: str
    note: str = ""
    stage: int = 0


class Line(NamedTuple):
    """A line from one box to another.

    Attributes:
        begin: Key of a box.
        end: Key of another.
        label: What it says, in a few words; a percentage.
        strength: What it means.
    """

    begin: str
    end: str
    label: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class Picture:
    """All a picture shows.

    Attributes:
        language: Of its texts.
        verdict: The one sentence at the top.
        subtitle: Below it: of what, at which day.
        boxes: In the order that decides ties; the first is what it is about.
        lines: In the order that decides ties; at most one between two boxes.
        notes: Sentences below: what is not drawn, and how to read it.
        sources: Where the facts are from.
        sources_title: The same, in words.
        sentences: The whole in words, for whoever does not see it.
        headings: Above the columns: of the first one, of the middle ones, of the states, of the laws.
    """

    language: Language
    verdict: str
    subtitle: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    sources_title: str
    sentences: tuple[str, ...]
    headings: tuple[str, str, str, str]
