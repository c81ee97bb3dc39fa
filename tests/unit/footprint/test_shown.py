"""How a footprint is spelt for programs and for people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.footprint_kit import gauge

from bouclier.footprint import Declared, Footprint, Span, Work, footprint
from bouclier.footprint.shown import footprint_header, footprint_shown, spelt, usage_carbon

ONE = Footprint(Span(25_695, 44_789), Span(1_286, 5_115), Span(221, 2_605), "ecologits-0.11", "FR")


def test_usage_carbon_has_the_names_and_units_of_opengatellm() -> None:
    assert usage_carbon(ONE) == {
        "kWh": {"min": 2.5695e-05, "max": 4.4789e-05},
        "kgCO2eq": {"min": 1.286e-06, "max": 5.115e-06},
    }


def test_the_header_is_a_dictionary_of_structured_fields() -> None:
    assert footprint_header(ONE) == (
        b"x-bouclier-footprint",
        b'carbon-ug=(1286 5115), energy-uwh=(25695 44789), method="ecologits-0.11", zone="FR"',
    )


def test_a_zone_nobody_knows_is_not_in_the_header() -> None:
    assert b"zone" not in footprint_header(footprint(gauge(country=None), Work(10)))[1]


def test_our_own_object_is_in_whole_numbers() -> None:
    assert footprint_shown(ONE) == {
        "energy_uwh": [25_695, 44_789],
        "carbon_ug": [1_286, 5_115],
        "method": "ecologits-0.11",
        "zone": "FR",
    }


def test_the_source_of_a_declared_figure_is_in_our_own_object_and_not_in_the_header() -> None:
    declared = footprint(replace(gauge(), declared=Declared(400, "mesuré à Gravelines")), Work(7, seconds=1.0, read=11))
    assert footprint_shown(declared)["source"] == "mesuré à Gravelines"
    assert footprint_header(declared)[1].startswith(b"carbon-ug=(0 7200), energy-uwh=(")
    assert footprint_header(declared)[1].endswith(b', method="declared-1", zone="FR"')


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1_286, 5_115, "1.2-5.2 mg"),
        (25_695, 44_789, "25-45 mg"),
        (0, 999, "0-1000 µg"),
        (1_500_000, 2_000_000, "1.5-2 g"),
        (12, 3_000_000_000, "0-3 kg"),
        (0, 0, "0-0 µg"),
    ],
)
def test_people_read_two_digits_rounded_outwards(low: int, high: int, expected: str) -> None:
    assert spelt(low, high, "g") == expected
