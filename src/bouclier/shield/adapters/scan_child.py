"""The child that scans long texts for patterns: `python -m bouclier.shield.adapters.scan_child`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_loop import serve_frames
from bouclier.shield.adapters.scanners import make_scanner

if TYPE_CHECKING:
    from bouclier.shield.adapters.child_loop import Find


def load_scanner() -> Find:
    """Return what scans texts, one after the other."""
    scanner = make_scanner()
    return lambda texts: [scanner.scan(text) for text in texts]


if __name__ == "__main__":
    sys.exit(serve_frames(load_scanner))
