"""What an exchange costs in energy and carbon, and what an application may spend of it.

Guarantees: every figure is a range, rounded outwards, with its method, and its sources are in `data/`; what is not
known widens it and never lowers its upper bound; a budget is charged with the upper bound, by exchange, once.

The room is pure: counters of energy and of budgets are adapters. The charter's caps are laws; budgets are not: if their
ledger fails, exchanges go on and the gateway says so (ADR 0047).
"""

from bouclier.footprint.constants import Method, parse_method, parse_mixes
from bouclier.footprint.method import DECLARED, carbon_mg, footprint, gauge_of, measured
from bouclier.footprint.model import Declared, Footprint, Gauge, Hosting, Mix, Mixes, ModelSize, Range, Span, Work

__all__ = [
    "DECLARED",
    "Declared",
    "Footprint",
    "Gauge",
    "Hosting",
    "Method",
    "Mix",
    "Mixes",
    "ModelSize",
    "Range",
    "Span",
    "Work",
    "carbon_mg",
    "footprint",
    "gauge_of",
    "measured",
    "parse_method",
    "parse_mixes",
]
