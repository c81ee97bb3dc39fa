"""The signed law: what may be asked of which deployment, under which duties, by which policy and legal basis.

The room guarantees that nothing is permitted by accident. A charter either loads whole, validated against its
schema, each policy with its id, basis and titles, or not at all; and a decision permits only when Cedar says Allow
without a single evaluation error, about entities that exist. Anything else raises, and the gateway refuses.
"""

from __future__ import annotations

from bouclier.charter.decide import Decider, decide, decide_all
from bouclier.charter.model import About, Charter, Effect, Policy
from bouclier.charter.parse import parse_charter

__all__ = ["About", "Charter", "Decider", "Effect", "Policy", "decide", "decide_all", "parse_charter"]
