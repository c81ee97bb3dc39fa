"""Energy counters of processors, as Linux shows them: `/sys/class/powercap/intel-rapl:*` (AMD's too).

Packages are added up, with the memory domains below them where there are any; other domains below a package (`core`,
`uncore`) are part of it. `psys` covers what no other does, and would count the packages twice: it is left out. Each
counter wraps around at its own maximum. Since 2020 kernels let only root read them (CVE-2020-8694): that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METHOD: Final = "measured-rapl-1"
_COUNTED: Final = ("package", "dram")


class RaplCounter:
    """The counters of one machine, as one that never goes back; an `EnergyCounter`."""

    method = METHOD

    def __init__(self, domains: tuple[Path, ...]) -> None:
        self._domains = tuple(_Domain(path) for path in domains)

    def read_uj(self) -> int | None:
        """Return millionths of a joule since the first reading; None when a counter cannot be read."""
        try:
            return sum(domain.read_uj() for domain in self._domains)
        except (OSError, ValueError):
            return None


class _Domain:
    """One counter, followed around its end."""

    def __init__(self, path: Path) -> None:
        self._energy = path / "energy_uj"
        self._range = int((path / "max_energy_range_uj").read_text("ascii"))
        self._last = int(self._energy.read_text("ascii"))
        self._total = 0

    def read_uj(self) -> int:
        now = int(self._energy.read_text("ascii"))
        # It wrapped around at most once: whoever reads is asked to do so more often than that.
        self._total += now - self._last if now >= self._last else now + self._range - self._last
        self._last = now
        return self._total


def find_rapl(powercap: Path) -> RaplCounter | Bilingual:
    """Return the counter of this machine, or why there is none.

    Args:
        powercap: `/sys/class/powercap`.
    """
    try:
        domains = tuple(_domains(powercap))
        if not domains:
            return Bilingual("cette machine ne montre aucun compteur RAPL", "this machine shows no RAPL counter")
        return RaplCounter(domains)
    except PermissionError:
        return Bilingual(
            "les compteurs RAPL ne sont lisibles que par root : donnez-en la lecture au compte de Bouclier",
            "RAPL counters can be read by root only: let Bouclier's account read them",
        )
    except (OSError, ValueError) as error:
        return Bilingual(
            f"les compteurs RAPL ne se lisent pas ({type(error).__name__})",
            f"RAPL counters cannot be read ({type(error).__name__})",
        )


def _domains(powercap: Path) -> Iterator[Path]:
    # `intel-rapl:0` is a package and `intel-rapl:0:1` a domain below it; `intel-rapl-mmio:0` shows the same again.
    for path in sorted(powercap.glob("intel-rapl:*")):
        name = (path / "name").read_text("ascii").strip()
        if name.partition("-")[0] in _COUNTED:
            yield path
