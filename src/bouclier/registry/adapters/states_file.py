"""The codes of states that come with Bouclier, read from the package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec

from bouclier.registry.model import CountryCode, Fact, Source


class _States(Fact, frozen=True, kw_only=True):
    """What `states.json` holds: the codes of ISO 3166-1 alpha-2, with where they are from."""

    format: Literal["bouclier-states/v1"]
    source: Source
    as_of: str
    codes: Annotated[tuple[CountryCode, ...], msgspec.Meta(min_length=1)]


@cache
def load_states() -> frozenset[str]:
    """Return the codes that ISO 3166-1 alpha-2 assigns."""
    packaged = resources.files("bouclier.registry") / "data" / "states.json"
    return frozenset(msgspec.json.decode(packaged.read_bytes(), type=_States).codes)
