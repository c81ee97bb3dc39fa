"""Serve a witness in a process of its own, without loading what the other verbs need."""

from __future__ import annotations

import sys
from pathlib import Path

from bouclier.compose.witnessing import serve
from bouclier.terms.errors import BouclierError

if __name__ == "__main__":
    try:
        sys.exit(serve(Path(sys.argv[1]), host="127.0.0.1", port=0))
    except BouclierError as error:
        print(error.message, error.hint, file=sys.stderr)
        sys.exit(2)
