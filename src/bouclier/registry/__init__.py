"""Who can be compelled: dated facts on operators and laws, and the exposure that follows from them.

Facts are read strictly and carry their source and date; the exposure of an operator is a pure function of them.
What is not known never counts in anyone's favour: an operator without facts is exposed to everything.
"""

from __future__ import annotations

from bouclier.registry.exposure import exposure_of, suggest
from bouclier.registry.model import Certainty, Law, LegalArea, Operator, Reach, Registry
from bouclier.registry.parse import parse_registry

__all__ = [
    "Certainty",
    "Law",
    "LegalArea",
    "Operator",
    "Reach",
    "Registry",
    "exposure_of",
    "parse_registry",
    "suggest",
]
