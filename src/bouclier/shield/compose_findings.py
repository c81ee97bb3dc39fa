"""Two readings of one text, by patterns and by a model of names, become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.linkage import linked_to_somebody
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.records import numbers_of_records
from bouclier.shield.surnames import surnames_first
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding


def compose_findings(text: str, patterns: Sequence[Finding], names: Sequence[Finding]) -> tuple[Finding, ...]:
    """Merge pattern findings and name findings of one text: sorted by start, never overlapping.

    Between them they may tell a person written surname first, which neither sees whole (see `surnames`).

    A name inside an address, an e-mail or a marking is part of it and is not told apart. A town that the model found
    astride the end of an address keeps its own remainder. What a pattern validated beats what a model guessed. What is
    said of nobody (see `linkage`) is dropped.
    """
    markings = [finding for finding in patterns if finding.type is EntityType.MARKING]
    persons = surnames_first(text, [*patterns, *names])
    guesses = [
        name
        for name in (*names, *persons)
        if not any(marking.start < name.end and name.start < marking.end for marking in markings)
    ]
    numbers = numbers_of_records(text, [*patterns, *guesses])
    return tuple(linked_to_somebody(text, resolve_overlaps(text, [*patterns, *guesses, *numbers])))
