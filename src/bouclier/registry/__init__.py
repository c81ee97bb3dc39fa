"""Who can be compelled: dated facts on who holds whom, runs what, where, and the exposure that follows from them.

Facts are read strictly and carry their source and date; the exposure of an operator is a pure function of them.
What is not known never counts in anyone's favour: an operator without facts is exposed to everything.
"""

from __future__ import annotations

from bouclier.registry.agreed import Registry
from bouclier.registry.model import SELF
from bouclier.registry.parse import flaws_of, parse_registry
from bouclier.registry.periods import holds_on
from bouclier.registry.suggest import find, suggest, suggest_any

__all__ = [
    "SELF",
    "Registry",
    "find",
    "flaws_of",
    "holds_on",
    "parse_registry",
    "suggest",
    "suggest_any",
]
