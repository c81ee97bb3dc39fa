"""What weights files on this machine say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.fleet.gguf import Metadata, parse_metadata
from bouclier.terms.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path

HEAD_BYTES = 1 << 24
"""Vocabularies included, what the largest models say of themselves takes less."""


def metadata_of(path: Path) -> Metadata:
    """Return what the start of a file says; nothing if it cannot be read, or is no GGUF."""
    try:
        with path.open("rb") as file:
            return parse_metadata(file.read(HEAD_BYTES))
    except (OSError, VerificationError):
        return Metadata()
