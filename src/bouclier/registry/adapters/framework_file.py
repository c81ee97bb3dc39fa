"""The framework of sovereignty that comes with Bouclier, read from the package."""

from __future__ import annotations

from functools import cache
from importlib import resources

from bouclier.registry.framework import Framework, parse_framework


@cache
def load_framework() -> Framework:
    """Return the packaged framework."""
    return parse_framework((resources.files("bouclier.registry") / "data" / "framework.json").read_bytes())
