"""Which scanner this machine can run."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from bouclier.shield.adapters.re_scanner import ReScanner

if TYPE_CHECKING:
    from bouclier.shield.ports import Scanner


def make_scanner() -> Scanner:
    """Return the fastest scanner this machine can run; both find the same."""
    if importlib.util.find_spec("hyperscan") is None:
        return ReScanner()
    from bouclier.shield.adapters.hyperscan_scanner import HyperscanScanner  # noqa: PLC0415 -- not on every machine

    return HyperscanScanner()
