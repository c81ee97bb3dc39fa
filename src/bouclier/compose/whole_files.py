"""Files that are there whole or not at all, whatever ends the process that writes them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place of whatever was there before.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.bouclier")
    try:
        # A crash before the rename leaves this file, and whatever was there before.
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()
