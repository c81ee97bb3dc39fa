"""The facts behind footprints: each has its source, and the files are what their schemas say."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.footprint_kit import facts

from bouclier.compose.footprint_data import sizes_of
from bouclier.footprint import ModelSize, parse_method, parse_mixes
from bouclier.footprint.constants import MethodFile, MixesFile
from bouclier.registry.model import Model, Source
from bouclier.terms.errors import ConfigurationError

DATA = resources.files("bouclier.footprint").joinpath("data")
UNION = [
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU"),
    *("MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
]


def read(name: str) -> Any:
    return json.loads(DATA.joinpath(name).read_bytes())


@pytest.mark.parametrize("name", ["method", "mixes"])
def test_the_files_are_what_their_schemas_say(name: str) -> None:
    jsonschema.Draft202012Validator(read(f"{name}.schema.json")).validate(read(f"{name}.json"))


@pytest.mark.parametrize(("name", "kind"), [("method", MethodFile), ("mixes", MixesFile)])
def test_the_schemas_say_what_the_reader_reads(name: str, kind: type) -> None:
    published = read(f"{name}.schema.json")
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(kind)))
    assert published["$defs"] == generated["$defs"]
    assert published["$ref"] == generated["$ref"]


@pytest.mark.parametrize("name", ["method", "mixes"])
def test_a_field_that_the_schema_does_not_know_is_refused_by_both(name: str) -> None:
    told = read(f"{name}.json") | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(read(f"{name}.schema.json")).validate(told)
    with pytest.raises(ConfigurationError):
        (parse_method if name == "method" else parse_mixes)(json.dumps(told).encode())


def test_every_state_of_the_union_has_its_electricity_from_two_sources() -> None:
    for country in UNION:
        figures = facts().mixes.of(None, country).figures
        assert len({figure.source for figure in figures}) == 2, country


def test_a_zone_of_the_grid_is_no_surer_than_its_country() -> None:
    mixes = facts().mixes
    north, sweden = mixes.of("SE1", "SE"), mixes.of(None, "SE")
    assert north.zone == "SE1"
    assert north.g_per_kwh.low <= sweden.g_per_kwh.low
    assert north.g_per_kwh.high >= sweden.g_per_kwh.high
    assert mixes.of("SE9", "SE").zone == "SE"


def test_a_zone_that_cites_an_absent_source_is_refused() -> None:
    told = read("mixes.json")
    told["zones"][0]["figures"][0]["source"] = "nobody"
    with pytest.raises(ConfigurationError, match=told["zones"][0]["zone"]):
        parse_mixes(json.dumps(told).encode())


def test_a_zone_given_twice_is_refused() -> None:
    told = read("mixes.json")
    told["zones"].append(told["zones"][0])
    with pytest.raises(ConfigurationError):
        parse_mixes(json.dumps(told).encode())


def test_bounds_the_wrong_way_round_are_refused() -> None:
    told = read("method.json")
    told["unknown"]["pue"] |= {"low": 3, "high": 2}
    with pytest.raises(ConfigurationError):
        parse_method(json.dumps(told).encode())


def a_model(name: str, size: float, *names: str) -> Model:
    return Model(
        id=name,
        name=name.upper(),
        parameters_b=(size, size),
        names=names,
        source=Source(kind="invented", ref="test"),
        as_of="2026",
        confidence="low",
    )


def test_a_model_is_found_by_each_of_its_names_whatever_their_case() -> None:
    sizes = sizes_of([a_model("un", 7, "maker/Un-7B"), a_model("deux", 24)])
    assert sizes["maker/un-7b"] == sizes["un"] == ModelSize((7, 7), None)


def test_a_name_of_two_models_of_different_size_is_unknown() -> None:
    assert "chat" not in sizes_of([a_model("un", 7, "chat"), a_model("deux", 24, "chat")])
