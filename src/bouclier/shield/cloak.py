"""Cloak: replace what was found by typed pseudonyms, so that what leaves names nobody.

Rules this module keeps:

1. A pseudonym is `[TYPE_n]`: `[` stands only at its start and `]` only at its end. Two pseudonyms can therefore
   neither overlap nor begin inside one another, whatever surrounds them.
2. The same text of the same type gets the same pseudonym throughout an exchange; numbers follow the order of first
   appearance, so a later turn of a conversation, which repeats the earlier ones, gets the same pseudonyms.
3. A number is skipped when the request already contains that pseudonym as text: what a user wrote is never
   mistaken for one of ours, so restoring gives back exactly what was written.
4. Secrets are replaced one way: they have a pseudonym, but no way back.

From 1 and 3: `restore(cloak(x)) == x` for every text without secrets; see `tests/laws/test_restore.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.terms.content import Finding

PSEUDONYM = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_[1-9][0-9]*\]")
"""The shape of every pseudonym; what has this shape is one of ours only if the exchange's table lists it."""

SECRET_TYPES = frozenset({EntityType.API_KEY, EntityType.PRIVATE_KEY, EntityType.URL_CREDENTIALS})


@dataclass(frozen=True, slots=True)
class Cloaked:
    """Texts that name nobody, and the way back.

    Attributes:
        texts: The texts as they may leave, in the order given.
        pseudonyms: Pseudonym to original. Personal data: in memory only, gone with the exchange.
    """

    texts: tuple[str, ...] = field(repr=False)
    pseudonyms: Mapping[str, str] = field(repr=False)


def cloak(texts: Sequence[str], findings: Sequence[Sequence[Finding]]) -> Cloaked:
    """Replace every finding by its pseudonym.

    Args:
        texts: The texts of one exchange, in reading order.
        findings: For each text, sorted findings that do not overlap; offsets in code points.

    Returns:
        The texts that may leave and the table to restore them.

    >>> from bouclier.terms.content import Finding
    >>> name = Finding(start=5, end=8, type=EntityType.PERSON, confidence=0.9, validated_by="ner")
    >>> cloaked = cloak(["Dear Ada, is [PERSON_1] you?"], [[name]])
    >>> cloaked.texts
    ('Dear [PERSON_2], is [PERSON_1] you?',)
    """
    taken = {match for text in texts if "[" in text for match in PSEUDONYM.findall(text)}
    counters: dict[str, int] = {}
    by_value: dict[tuple[EntityType, str], str] = {}
    pseudonyms: dict[str, str] = {}

    def pseudonym_of(kind: EntityType, value: str) -> str:
        known = by_value.get((kind, value))
        if known is not None:
            return known
        number = counters.get(kind, 0) + 1
        while (candidate := f"[{kind.value}_{number}]") in taken:
            number += 1
        counters[kind] = number
        by_value[kind, value] = candidate
        if kind not in SECRET_TYPES:
            pseudonyms[candidate] = value
        return candidate

    cloaked: list[str] = []
    for text, found in zip(texts, findings, strict=True):
        if not found:
            cloaked.append(text)
            continue
        pieces: list[str] = []
        position = 0
        for finding in found:
            pieces.append(text[position : finding.start])
            pieces.append(pseudonym_of(finding.type, text[finding.start : finding.end]))
            position = finding.end
        pieces.append(text[position:])
        cloaked.append("".join(pieces))
    return Cloaked(texts=tuple(cloaked), pseudonyms=pseudonyms)
