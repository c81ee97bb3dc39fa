"""The child that scans long texts for patterns: `python -m bouclier.shield.adapters.scan_child CACHE [IDENTIFIER…]`.

An own identifier travels as JSON. They are rules of the institution, not secrets: whoever may list processes sees them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bouclier.shield.adapters.child_loop import serve_frames
from bouclier.shield.adapters.scanners import make_scanner
from bouclier.shield.own_identifiers import OwnIdentifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.adapters.child_loop import Find


def load_scanner(cache: str, own: Sequence[str]) -> Find:
    """Return what scans texts, one after the other.

    Args:
        cache: Folder where compiled expressions are kept; empty for none.
        own: The institution's identifiers, in JSON.
    """
    identifiers = [msgspec.json.decode(one, type=OwnIdentifier) for one in own]
    scanner = make_scanner(identifiers, cache=Path(cache) if cache else None)
    return lambda texts: [scanner.scan(text) for text in texts]


if __name__ == "__main__":
    sys.exit(serve_frames(lambda: load_scanner(sys.argv[1], sys.argv[2:])))
