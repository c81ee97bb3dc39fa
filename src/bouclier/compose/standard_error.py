"""Lines on standard error: when (UTC), how serious, who says it, what; never content, a name or a key."""

from __future__ import annotations

import logging
import sys
import time


def log_to_standard_error() -> None:
    """Let warnings and errors of this process be lines on standard error."""
    lines = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    lines.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
