"""What a report is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bouclier.compose.documents.model import Format, Note, Place
    from bouclier.terms.content import EntityType
    from bouclier.terms.errors import Bilingual


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding as it is reported: everything but the words.

    Attributes:
        type: What it is.
        place: Where it stands.
        length: Code points.
        confidence: 0 to 1.
        validated_by: The rule that confirmed it.
    """

    type: EntityType
    place: Place
    length: int
    confidence: float
    validated_by: str


@dataclass(slots=True)
class FileReport:
    """What is told of a file.

    Attributes:
        name: As it was given, or as it is found from the folder given.
        format: What it is; None if it could not be read.
        seen: The findings.
        notes: What was not inspected.
        failure: Why it could not be read, if so.
        hint: What to do about it.
    """

    name: str
    format: Format | None = None
    seen: list[Seen] = field(default_factory=list)
    notes: dict[Note, int] = field(default_factory=dict)
    failure: Bilingual | None = None
    hint: Bilingual | None = None


@dataclass(slots=True)
class Summary:
    """What is told of a run.

    Attributes:
        files: Files read.
        with_findings: Files in which something was found.
        types: How often each type was found.
        uninspected: Files that could not be read, or of which nothing could be.
        partly: Files of which a part could not be inspected.
        skipped: Files of folders that are of no format we read.
    """

    files: int = 0
    with_findings: int = 0
    types: Counter[EntityType] = field(default_factory=Counter)
    uninspected: int = 0
    partly: int = 0
    skipped: int = 0

    @property
    def findings(self) -> int:
        """How many findings there are in all."""
        return sum(self.types.values())
