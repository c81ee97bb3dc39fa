"""Energy counters of NVIDIA cards (Volta and later), read with NVML; the extra `nvml` brings its Python binding.

The driver counts millijoules since it was loaded, for the whole card: what others run on it is in it too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Sequence

METHOD: Final = "measured-nvml-1"
_UJ_PER_MJ: Final = 1000


class NvmlCounter:
    """The cards of one machine as one counter; an `EnergyCounter`."""

    method = METHOD

    def __init__(self, nvml: Any, cards: Sequence[Any]) -> None:  # noqa: ANN401 -- the binding has no types
        self._nvml = nvml
        self._cards = cards
        self._first = self._millijoules()

    def read_uj(self) -> int | None:
        """Return millionths of a joule since the first reading; None when a card does not answer."""
        try:
            return (self._millijoules() - self._first) * _UJ_PER_MJ
        except self._nvml.NVMLError:
            return None

    def _millijoules(self) -> int:
        return sum(int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(card)) for card in self._cards)


def find_nvml() -> NvmlCounter | Bilingual:
    """Return the counter of this machine's cards, or why there is none."""
    try:
        nvml = importlib.import_module("pynvml")
    except ModuleNotFoundError:
        return Bilingual(
            "l'extra « nvml » n'est pas installé (pip install 'bouclier[nvml]')",
            "the extra `nvml` is not installed (pip install 'bouclier[nvml]')",
        )
    try:
        nvml.nvmlInit()
        cards = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        if cards:
            return NvmlCounter(nvml, cards)
    except nvml.NVMLError as error:
        return Bilingual(f"NVML ne répond pas ({error})", f"NVML does not answer ({error})")
    return Bilingual("cette machine n'a pas de carte NVIDIA", "this machine has no NVIDIA card")
