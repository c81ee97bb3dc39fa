"""Which weights the embedded engine uses on this machine, and how they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.compose.footprint_metering import Machine
from bouclier.compose.models_engine import engine_for
from bouclier.compose.settings import cache_folder
from bouclier.fleet.adapters.engine import SLOTS, default_threads
from bouclier.fleet.adapters.resources import free_disk_bytes, free_memory_bytes
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.adapters.weights_catalogue import load_catalogue
from bouclier.fleet.catalogue import ModelEntry, select_default

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.fleet.adapters.engine import EmbeddedEngine

AUTO = "auto"
OFF = "off"


@dataclass(frozen=True, slots=True)
class WeightsPlan:
    """The embedded model of this machine."""

    entry: ModelEntry
    store: WeightsStore
    threads: int | None
    context: int
    slots: int | None = None
    memory_mb: int | None = None

    @property
    def machine(self) -> Machine:
        """What it computes with, as its footprint is counted."""
        return Machine(processors=self.threads or default_threads(), slots=self.slots or SLOTS)

    def path(self) -> Path | None:
        """Return where verified weights are, or None."""
        return self.store.path_of(self.entry)

    def fetch(self, progress: Callable[[int, int], None]) -> Path:
        """Get the weights; may take minutes.

        Raises:
            BouclierError: No source gave them; it says why for each.
        """
        return self.store.fetch(self.entry, progress)

    def engine_over(self, path: Path) -> EmbeddedEngine:
        """Return the engine of these settings over weights; reads the start of the file.

        Raises:
            ConfigurationError: A setting is out of bounds for this model.
        """
        return engine_for(
            path, self.entry, threads=self.threads, context=self.context, slots=self.slots, memory_mb=self.memory_mb
        )


def plan_weights(configuration: Configuration, *, name: str | None = None) -> WeightsPlan | None:
    """Choose the embedded model; None if it is switched off.

    Args:
        configuration: The settings.
        name: A model of the catalogue, instead of the configured one.

    Raises:
        ConfigurationError: The catalogue has no such model.
    """
    engine = configuration.engine
    wanted = name or engine.model
    if wanted == OFF:
        return None
    folder = cache_folder(configuration)
    catalogue = load_catalogue(folder)
    store = WeightsStore(folder, catalogue, local_folders=engine.weights, use_hub=engine.hub)
    if wanted == AUTO:
        entry = select_default(
            catalogue, free_memory_bytes=free_memory_bytes(), free_disk_bytes=_room_for(store, folder)
        )
    else:
        entry = catalogue.find(wanted)
    return WeightsPlan(
        entry=entry,
        store=store,
        threads=engine.threads,
        context=engine.context,
        slots=engine.slots,
        memory_mb=engine.memory_mb,
    )


def _room_for(store: WeightsStore, folder: Path) -> int:
    """Free disk, counting what is already there as free: weights that are here need no room."""
    return free_disk_bytes(folder) + store.bytes_present()
