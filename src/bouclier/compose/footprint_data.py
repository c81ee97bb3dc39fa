"""The facts footprints are made with: packaged constants, the registry's sizes, the counters of this machine."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.footprint import ModelSize, parse_method, parse_mixes
from bouclier.footprint.adapters.nvml import find_nvml
from bouclier.footprint.adapters.rapl import find_rapl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.footprint import Method, Mixes
    from bouclier.footprint.ports import EnergyCounter
    from bouclier.registry.model import Model
    from bouclier.terms.errors import Bilingual

POWERCAP: Final = Path("/sys/class/powercap")


class FootprintData(NamedTuple):
    """What does not depend on the institution: the constants of the methods, and the electricity of zones."""

    method: Method
    mixes: Mixes


class Counters(NamedTuple):
    """The counters of energy of this machine.

    Attributes:
        processors: Of its processors, or why there is none.
        cards: Of its graphics cards, likewise.
    """

    processors: EnergyCounter | Bilingual
    cards: EnergyCounter | Bilingual


def footprint_data() -> FootprintData:
    """Return the packaged facts.

    Raises:
        ConfigurationError: A file of the package was altered.
    """
    data = resources.files("bouclier.footprint").joinpath("data")
    return FootprintData(
        parse_method(data.joinpath("method.json").read_bytes()),
        parse_mixes(data.joinpath("mixes.json").read_bytes()),
    )


def counters_here(powercap: Path = POWERCAP) -> Counters:
    """Look for counters of energy on this machine."""
    return Counters(find_rapl(powercap), find_nvml())


def sizes_of(models: Iterable[Model]) -> Mapping[str, ModelSize]:
    """Return the sizes of models by each name they are served under, in lower case; without names of two models."""
    sizes: dict[str, ModelSize] = {}
    shared: set[str] = set()
    for model in models:
        size = ModelSize(model.parameters_b, model.active_b)
        for name in {one.lower() for one in (model.id, model.name, *model.names)}:
            if sizes.setdefault(name, size) != size:
                shared.add(name)
    return {name: size for name, size in sizes.items() if name not in shared}
