"""Which scanner this machine can run."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from bouclier.shield.adapters.compiled_cache import CompiledCache
from bouclier.shield.adapters.portable_scanner import PortableScanner
from bouclier.shield.own_identifiers import detector_of
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.shield.own_identifiers import OwnIdentifier
    from bouclier.shield.ports import Scanner


def make_scanner(own: Sequence[OwnIdentifier] = (), *, cache: Path | None = None) -> Scanner:
    """Return the fastest scanner this machine can run; all find the same.

    Args:
        own: The institution's identifiers.
        cache: Folder where compiled expressions are kept between starts; None keeps none.

    Raises:
        PatternError: An own identifier's pattern cannot be used.
    """
    detectors = (*DETECTORS, *map(detector_of, own))
    if importlib.util.find_spec("hyperscan") is None:
        return PortableScanner(detectors)
    from bouclier.shield.adapters.hyperscan_scanner import HyperscanScanner  # noqa: PLC0415 -- not on every machine

    return HyperscanScanner(detectors, cache=CompiledCache(cache) if cache is not None else None)
