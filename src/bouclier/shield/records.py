"""A long number alone in its cell, in a row that names a person or gives a date of birth, is a number of theirs.

`Petit Jean | M | 25/10/1980 | 9857598456 | 1980561987`: no word says what the numbers are, the row does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CELL = re.compile(r"(?:^|(?<=[|;\t¦])) ?([A-Z]{0,2}[0-9]{7,14}) ?(?=[|;\t¦.]|$)", re.ASCII | re.MULTILINE)
_TELLING = frozenset({EntityType.PERSON, EntityType.BIRTH_DATE, EntityType.NIR})


def numbers_of_records(text: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the numbers that stand alone in a cell of a row that tells of a person.

    Args:
        text: Any text.
        findings: What was found in it by other means.
    """
    told = {text.rfind("\n", 0, one.start) + 1 for one in findings if one.type in _TELLING}
    if not told or not any(mark in text for mark in "|;\t¦"):
        return
    for cell in _CELL.finditer(text):
        if text.rfind("\n", 0, cell.start(1)) + 1 in told:
            yield Finding(*cell.span(1), EntityType.IDENTIFIER, 0.5, "context:record")
