"""Spell a footprint for those who read it: programs that know OpenGateLLM's field, headers, and people.

`usage.carbon` has the names and units of OpenGateLLM (Albert API): kilowatt-hours and kilograms of CO2e, each with
`min` and `max`; the kilograms include the share of making the machine, as EcoLogits' total does. OpenGateLLM's later
`usage.impacts` holds one number each: we do not write it, for there is no one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bouclier.terms.exchange import Footprint

_PER_KILO: Final = 1_000_000_000
_UNITS: Final = ((1_000_000_000, "k"), (1_000_000, ""), (1_000, "m"), (1, "µ"))
_TWO_DIGITS: Final = 100


def usage_carbon(footprint: Footprint) -> dict[str, dict[str, float]]:
    """Return the value of `usage.carbon`, in kWh and kg CO2e."""
    energy, carbon = footprint.energy_uwh, footprint.carbon_ug
    return {
        "kWh": {"min": energy[0] / _PER_KILO, "max": energy[1] / _PER_KILO},
        "kgCO2eq": {"min": carbon[0] / _PER_KILO, "max": carbon[1] / _PER_KILO},
    }


def footprint_shown(footprint: Footprint) -> dict[str, object]:
    """Return a footprint as our own object shows it, in whole numbers, with the source of what is declared."""
    shown: dict[str, object] = {
        "energy_uwh": list(footprint.energy_uwh),
        "carbon_ug": list(footprint.carbon_ug),
        "method": footprint.method,
        "zone": footprint.zone,
    }
    return shown if footprint.source is None else {**shown, "source": footprint.source}


def footprint_header(footprint: Footprint) -> tuple[bytes, bytes]:
    """Return the header of an answer that comes in one piece: a dictionary of structured fields.

    Source: RFC 9651 §3.2; `x-bouclier-footprint: carbon-ug=(1286 5115), energy-uwh=(25695 44789),
    method="ecologits-0.11", zone="FR"`; no `zone` when it is unknown.
    """
    carbon, energy = footprint.carbon_ug, footprint.energy_uwh
    zone = "" if footprint.zone is None else f', zone="{footprint.zone}"'
    value = (
        f'carbon-ug=({carbon[0]} {carbon[1]}), energy-uwh=({energy[0]} {energy[1]}), method="{footprint.method}"{zone}'
    )
    return b"x-bouclier-footprint", value.encode("ascii")


def spelt(low: int, high: int, unit: str) -> str:
    """Return a range of millionths for people, two digits each, rounded outwards: `1.2-5.2 mg`.

    Args:
        low: Lower bound, millionths of the unit.
        high: Upper bound.
        unit: Such as `g` or `Wh`.
    """
    scale, prefix = next((one for one in _UNITS if high >= one[0]), _UNITS[-1])
    return f"{_two_digits(low, scale, up=False)}-{_two_digits(high, scale, up=True)} {prefix}{unit}"


def _two_digits(value: int, scale: int, *, up: bool) -> str:
    step = 1
    while value >= _TWO_DIGITS * step:
        step *= 10
    steps = -(-value // step) if up else value // step
    shown = f"{steps * step / scale:.3f}"
    return shown.rstrip("0").rstrip(".")
