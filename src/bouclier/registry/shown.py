"""Names as they may be shown: on one line, without control characters, not too long."""

from __future__ import annotations

from typing import Final

MAX_SHOWN: Final = 160
"""Most characters of a name."""


def clean(text: str, most: int = MAX_SHOWN) -> str:
    """Return a name as it may be shown, on a terminal, in a page or in a picture.

    >>> clean("nginx\\x1b[31m  latest")
    'nginx[31m latest'
    """
    if len(text) <= most and text.isprintable() and "  " not in text and text == text.strip():
        return text
    shown = " ".join(
        "".join(char if char.isprintable() else " " * char.isspace() for char in text[: 10 * most]).split()
    )
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
