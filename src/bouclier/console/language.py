"""Choose French or English from an `Accept-Language` header."""

from __future__ import annotations

from typing import Literal

Language = Literal["fr", "en"]

LANGUAGES: tuple[Language, ...] = ("fr", "en")
DEFAULT: Language = "fr"


def preferred_language(accept_language: str | None) -> Language:
    """Return the first language a reader prefers among ours; French when nothing tells.

    Args:
        accept_language: The header's value, or None when there is none. What cannot be read in it is skipped.

    Source: RFC 9110 §12.5.4; matching by primary subtag, RFC 4647 §3.4.

    >>> preferred_language("de, en-GB;q=0.8, fr;q=0.5")
    'en'
    >>> preferred_language("fr-BE, en;q=0")
    'fr'
    """
    best: Language = DEFAULT
    best_quality = 0.0
    for item in (accept_language or "").split(","):
        tag, _, parameters = item.strip().partition(";")
        quality = _quality(parameters)
        for language in LANGUAGES:
            if tag.strip().lower().partition("-")[0] == language and quality > best_quality:
                best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
