"""Where an exchange runs.

Guarantees: a deployment is placed only among those the charter permitted; weights are trusted by digest, whatever the
channel; the embedded engine lives in a child process whose memory and crashes are not the gateway's.
"""

from bouclier.fleet.placement import exposure_rank, fulfilling, place, ranked

__all__ = ["exposure_rank", "fulfilling", "place", "ranked"]
