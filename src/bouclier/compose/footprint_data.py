"""The facts footprints are made with: packaged constants, the registry's sizes, the counters of this machine."""

from __future__ import annotations

from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from bouclier.footprint import Declared, ModelSize, parse_method, parse_mixes
from bouclier.footprint.adapters.nvml import find_nvml
from bouclier.footprint.adapters.rapl import find_rapl
from bouclier.registry.model import SELF
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bouclier.compose.configuration_model import DeploymentSettings
    from bouclier.footprint import Method, Mixes
    from bouclier.footprint.ports import EnergyCounter
    from bouclier.registry.model import Model

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


def counters_for(
    found: Counters, *, on_processors: Collection[str], on_cards: Collection[str]
) -> Mapping[str, EnergyCounter]:
    """Return what measures which deployment; those a counter is missing for are estimated.

    Args:
        found: The counters of this machine.
        on_processors: Deployments that compute on its processors.
        on_cards: Deployments that compute on its cards.
    """
    parts = ((found.processors, on_processors), (found.cards, on_cards))
    return {name: one for one, names in parts if not isinstance(one, Bilingual) for name in names}


def runs_on_cards_here(settings: DeploymentSettings) -> bool:
    """Tell whether a deployment is an engine of this machine that is known to compute on its cards.

    vLLM is; llama.cpp and Ollama may compute on processors beside an idle card, whose energy would say too little.
    """
    host = urlsplit(settings.base_url).hostname or ""
    return settings.operator == SELF and settings.engine == "vllm" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def declared_by(deployments: Iterable[DeploymentSettings]) -> Mapping[str, Declared]:
    """Return what is declared of deployments, by name."""
    return {
        one.name: Declared(one.carbon_mg, one.carbon_source or "")  # mg per 1,000 tokens are millionths of a gram each
        for one in deployments
        if one.carbon_mg is not None
    }


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
