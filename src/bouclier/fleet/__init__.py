"""Where an exchange runs.

Guarantees: a deployment is placed only among those the charter permitted; weights are trusted by digest, whatever the
channel; the embedded engine lives in a child process whose memory and crashes are not the gateway's.
"""

from bouclier.fleet.placement import (
    Costed,
    Ranked,
    cost_of,
    costed,
    costs,
    exposure_rank,
    fulfilling,
    in_order,
    place,
    ranked,
    unavailable,
)

__all__ = [
    "Costed",
    "Ranked",
    "cost_of",
    "costed",
    "costs",
    "exposure_rank",
    "fulfilling",
    "in_order",
    "place",
    "ranked",
    "unavailable",
]
