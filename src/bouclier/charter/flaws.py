"""What a check of a charter finds: where, what, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bouclier.terms.errors import Bilingual


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something unfinished in a charter that loads.

    Attributes:
        code: For machines, such as `unreachable`.
        file: Path in the charter's folder.
        line: From 1; 0 when it is about the whole file.
        message: What is wrong.
        hint: What to do.
        is_warning: True when it may be so on purpose: it is told, and no reason not to sign.
    """

    code: str
    file: str
    line: int
    message: Bilingual
    hint: Bilingual
    is_warning: bool = False


def line_naming(text: str, word: str) -> int:
    """Return the first line of a JSON text that holds a word as a whole string, from 1; 0 if none does."""
    found = re.search(rf'"{re.escape(word)}"', text)
    return 0 if found is None else text.count("\n", 0, found.start()) + 1
