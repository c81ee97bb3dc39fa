"""An exchange completed by what was found in it, with the shield's own pieces and nothing kept between exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.known_values import KnownValues
from bouclier.shield.repeats import with_repeats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding


def propagate(texts: Sequence[str], findings: Sequence[Sequence[Finding]]) -> list[tuple[Finding, ...]]:
    """Return the findings of each text, completed by what the others tell."""
    known = KnownValues()
    for text, found in zip(texts, findings, strict=True):
        known.learn(text, found)
    return [with_repeats(text, found, known) for text, found in zip(texts, findings, strict=True)]
