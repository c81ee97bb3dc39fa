"""The monitor: follows logs, checks that they only grow, and decides every decision again.

What it guarantees: no entry is judged before it is shown to stand in a tree that the log signed and the witnesses
cosigned; every entry is judged once and in order, through crashes too; a decision that the same inputs, law and
registry would not give is an alarm that names entry, field and policy. What replay can and cannot show is in
`docs/adr/0030`.
"""

from bouclier.oversight.monitor.alarm import CODES, Alarm, Severity, printable
from bouclier.oversight.monitor.clocks import Bounds
from bouclier.oversight.monitor.finding import (
    Basis,
    Finding,
    FindingError,
    finding_of,
    parse_finding,
    render_finding,
    verify_finding,
)
from bouclier.oversight.monitor.follow import Follower, FollowState
from bouclier.oversight.monitor.many import Monitor
from bouclier.oversight.monitor.metrics import render_metrics
from bouclier.oversight.monitor.ports import Keeper, LogSource, LogUnreachableError, NotServedError, Observed, Teller
from bouclier.oversight.monitor.published_law import LawBook, Publication
from bouclier.oversight.monitor.reconcile import reconcile
from bouclier.oversight.monitor.replayer import Classified, Replayer
from bouclier.oversight.monitor.totals import Used, UsedBy, totals_of, with_open
from bouclier.oversight.monitor.usage import Billed, UsageError, parse_usage
from bouclier.oversight.monitor.watch import LogWatch, WatchSettings, WatchState

__all__ = [
    "CODES",
    "Alarm",
    "Basis",
    "Billed",
    "Bounds",
    "Classified",
    "Finding",
    "FindingError",
    "FollowState",
    "Follower",
    "Keeper",
    "LawBook",
    "LogSource",
    "LogUnreachableError",
    "LogWatch",
    "Monitor",
    "NotServedError",
    "Observed",
    "Publication",
    "Replayer",
    "Severity",
    "Teller",
    "UsageError",
    "Used",
    "UsedBy",
    "WatchSettings",
    "WatchState",
    "finding_of",
    "parse_finding",
    "parse_usage",
    "printable",
    "reconcile",
    "render_finding",
    "render_metrics",
    "totals_of",
    "verify_finding",
    "with_open",
]
