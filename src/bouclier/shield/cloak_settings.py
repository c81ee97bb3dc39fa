"""How cloaking is set: by tags, or for which types by realistic surrogates."""

from __future__ import annotations

from dataclasses import dataclass

from bouclier.shield.kinds import Part, part_of
from bouclier.terms.content import EntityType

SECRET_TYPES = frozenset(type_ for type_ in EntityType if part_of(type_) is Part.SECRET)
"""What is replaced one way, always by a tag."""


@dataclass(frozen=True, slots=True)
class CloakSettings:
    """How cloaking is set.

    Attributes:
        realistic: Types replaced by another value of the same kind instead of a tag, where one can be found that comes
            back exactly. Secrets never are.
        max_shift_days: Dates move by the same number of days throughout a conversation: at least 1, at most this many.
    """

    realistic: frozenset[EntityType] = frozenset()
    max_shift_days: int = 60


TAGS = CloakSettings()
"""The default: typed tags for everything."""
