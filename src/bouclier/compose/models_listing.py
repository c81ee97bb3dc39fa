"""What `bouclier models list` tells: every model this machine knows, what is here, what would fit, what runs."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.compose import data_folder
from bouclier.compose.deployments import EMBEDDED
from bouclier.compose.settings import cache_folder
from bouclier.compose.weights import plan_weights
from bouclier.fleet.adapters.resources import free_memory_bytes
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.adapters.weights_catalogue import load_catalogue, load_licences
from bouclier.fleet.licences import must_be_accepted

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.fleet.catalogue import ModelEntry

_HEALTH_TIMEOUT_S = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """One model.

    Attributes:
        entry: What is known of it.
        path: Where its verified weights are; None if they are not here.
        chosen: Whether the configuration uses it.
        state: What the gateway that runs on this data folder says of its engine, if one does and uses it.
        open_terms: Whether its licence asks nothing of whoever runs it.
        free_bytes: Memory that is free now.
    """

    entry: ModelEntry
    path: Path | None
    chosen: bool
    state: str | None
    open_terms: bool
    free_bytes: int

    @property
    def fits(self) -> bool:
        """Whether its engine could be started beside what runs now; one that runs does fit."""
        return self.state == "ready" or self.entry.min_memory_bytes <= self.free_bytes

    def plain(self) -> dict[str, Any]:
        """Return what `--json` shows."""
        entry = self.entry
        return {
            "name": entry.name,
            "title": entry.title,
            "sha256": entry.sha256,
            "size_bytes": entry.size_bytes,
            "licence": entry.licence,
            "licence_asks_nothing": self.open_terms,
            "origin": None if entry.origin is None else msgspec.to_builtins(entry.origin),
            "languages": list(entry.languages),
            "context_length": entry.context_length,
            "memory_bytes": entry.min_memory_bytes,
            "free_memory_bytes": self.free_bytes,
            "fits": self.fits,
            "path": None if self.path is None else str(self.path),
            "chosen": self.chosen,
            "state": self.state,
        }


def listing(configuration: Configuration) -> list[Listed]:
    """Return every model this machine knows, in the order of the catalogue, then those that were added.

    Raises:
        ConfigurationError: The configuration names a model that is unknown.
    """
    folder = cache_folder(configuration)
    catalogue, licences = load_catalogue(folder), load_licences()
    store = WeightsStore(folder, catalogue, local_folders=configuration.engine.weights)
    plan = plan_weights(configuration)
    chosen = None if plan is None else plan.entry.name
    state = _engine_state(configuration)
    free = free_memory_bytes()
    return [
        Listed(
            entry=entry,
            path=store.path_of(entry),
            chosen=entry.name == chosen,
            state=state if entry.name == chosen else None,
            open_terms=not must_be_accepted(licences.find(entry.licence)),
            free_bytes=free,
        )
        for entry in catalogue.models
    ]


def _engine_state(configuration: Configuration) -> str | None:
    """Ask the gateway that runs on this data folder, if there is one, how its engine is."""
    if not data_folder.is_held(configuration.data):
        return None
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        address = (configuration.data / "serving").read_text(encoding="ascii").strip()
        with direct.open(f"{address}health", timeout=_HEALTH_TIMEOUT_S) as answer:
            said = msgspec.json.decode(answer.read())
        return str(said["deployments"][EMBEDDED])
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return None  # it just ended, or has no engine
