"""The signed law: what may be asked of which deployment, under which duties, by which policy and legal basis.

The room guarantees that nothing is permitted by accident. A charter either loads whole, validated against its
schema, each policy with its id, basis and titles, or not at all; and a decision permits only when Cedar says Allow
without a single evaluation error, about entities that exist. Anything else raises, and the gateway refuses.
"""

from __future__ import annotations

from bouclier.charter.bundle import bundle_of, files_of
from bouclier.charter.decide import Decider, decide, decide_all
from bouclier.charter.law import Adoption, InForce, law_in_force
from bouclier.charter.model import About, Charter, Effect, Policy
from bouclier.charter.parse import parse_charter, with_policies
from bouclier.charter.refine import refine

__all__ = [
    "About",
    "Adoption",
    "Charter",
    "Decider",
    "Effect",
    "InForce",
    "Policy",
    "bundle_of",
    "decide",
    "decide_all",
    "files_of",
    "law_in_force",
    "parse_charter",
    "refine",
    "with_policies",
]
