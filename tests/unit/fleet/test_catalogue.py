"""The catalogue of embeddable models: read strictly, chosen from by what is free, and honest about what it holds."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import msgspec
import pytest

from bouclier.fleet.catalogue import Catalogue, HubFile, PackageParts, parse_catalogue, select_default, with_added
from bouclier.fleet.licences import must_be_accepted, parse_licences
from bouclier.terms.errors import ConfigurationError

DATA = resources.files("bouclier.fleet").joinpath("data")
SHIPPED = DATA.joinpath("catalogue.json").read_bytes()
BIG, SMALL, TINY = "qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct", "smollm2-135m-instruct"


def _shipped() -> Any:
    return json.loads(SHIPPED)


def _parse(value: Any) -> Catalogue:
    return parse_catalogue(json.dumps(value).encode())


def test_the_shipped_catalogue_holds_the_small_models_first_then_the_bigger_ones_of_mistral() -> None:
    names = [entry.name for entry in parse_catalogue(SHIPPED).models]
    assert names == [BIG, SMALL, TINY, *(f"ministral-3-{size}-instruct" for size in ("3b", "8b", "14b"))]


def test_no_default_is_a_model_that_nobody_here_tried() -> None:
    catalogue = parse_catalogue(SHIPPED)
    assert {default.model for default in catalogue.defaults} == {BIG, SMALL}


def test_a_bigger_model_needs_more_memory_than_its_weights() -> None:
    for entry in parse_catalogue(SHIPPED).models:
        assert entry.min_memory_bytes > entry.size_bytes


def test_every_shipped_licence_is_one_we_know_and_asks_nothing_of_a_user() -> None:
    licences = parse_licences(DATA.joinpath("licences.json").read_bytes())
    for entry in parse_catalogue(SHIPPED).models:
        assert not must_be_accepted(licences.find(entry.licence))


def test_a_model_answers_to_its_alias() -> None:
    assert parse_catalogue(SHIPPED).find("smollm2-135m").name == TINY


def test_an_unknown_model_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_catalogue(SHIPPED).find("mistral-large")
    for text in (caught.value.message.fr, caught.value.message.en):
        assert all(name in text for name in (BIG, SMALL, TINY))
    assert caught.value.param == "engine.model"


@pytest.mark.parametrize(
    ("memory", "disk", "chosen"),
    [
        (4_000_000_000, 2_000_000_000, BIG),
        (3_999_999_999, 2_000_000_000, SMALL),
        (4_000_000_000, 1_999_999_999, SMALL),
        (64_000_000_000, 500_000_000_000, BIG),
        (0, 0, SMALL),
    ],
)
def test_the_default_is_the_larger_model_only_where_it_fits(memory: int, disk: int, chosen: str) -> None:
    catalogue = parse_catalogue(SHIPPED)
    assert select_default(catalogue, free_memory_bytes=memory, free_disk_bytes=disk).name == chosen


def test_the_models_that_were_tried_have_two_channels_and_the_others_their_maker_s_own_hub_file() -> None:
    makers = {"CN": "Qwen/", "FR": "mistralai/"}
    for entry in parse_catalogue(SHIPPED).models:
        assert entry.origin is not None
        kinds = {HubFile} if entry.origin.country == "FR" else {PackageParts, HubFile}
        assert {type(source) for source in entry.sources} == kinds
        maker = makers.get(entry.origin.country)
        hubs = [source.repo for source in entry.sources if isinstance(source, HubFile)]
        assert maker is None or any(repo.startswith(maker) for repo in hubs)


def test_an_added_model_is_found_by_its_name_and_takes_nobody_else_s() -> None:
    catalogue = parse_catalogue(SHIPPED)
    fresh = msgspec.structs.replace(catalogue.models[0], name="ajout", aliases=(), file="ajout.gguf", origin=None)
    thief = msgspec.structs.replace(fresh, name="voleur", aliases=("smollm2-135m",), file="voleur.gguf")
    again = msgspec.structs.replace(fresh, name="encore", file=fresh.file)
    wider = with_added(catalogue, [fresh, thief, again])
    assert wider.find("ajout") == fresh
    assert wider.find("smollm2-135m").name == TINY
    assert len(wider.models) == len(catalogue.models) + 1


@pytest.mark.parametrize(("path", "value"), [(("models", 0, "origin"), None), (("models", 0, "languages"), [])])
def test_what_is_shipped_says_who_made_it_and_in_which_languages(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(ConfigurationError, match="lacks its origin or its languages"):
        _parse(_set(path, value))


def test_every_field_that_matters_says_where_it_comes_from() -> None:
    needed = {"sha256", "size_bytes", "licence", "origin", "languages", "context_length", "min_memory_bytes"}
    for entry in parse_catalogue(SHIPPED).models:
        assert {field for fact in entry.facts for field in fact.fields} == needed


def test_the_english_model_does_not_claim_french() -> None:
    assert parse_catalogue(SHIPPED).find(TINY).languages == ("en",)


def test_the_schema_file_is_the_one_of_the_types_and_accepts_the_shipped_catalogue() -> None:
    schema = json.loads(DATA.joinpath("catalogue.schema.json").read_bytes())
    generated: Any = msgspec.json.schema(Catalogue)
    for definition in generated["$defs"].values():
        definition["description"] = definition["description"].splitlines()[0]
    assert schema == {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}
    jsonschema.Draft202012Validator(schema).validate(_shipped())


def _set(path: tuple[str | int, ...], value: Any) -> Any:
    catalogue = _shipped()
    holder = catalogue
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return catalogue


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 2),
        (("hub",), "http://hub.example.org"),
        (("unknown",), 1),
        (("models",), []),
        (("models", 0, "file"), "../escape.gguf"),
        (("models", 0, "file"), "weights.bin"),
        (("models", 0, "file"), "a.gguf\n"),
        (("models", 0, "sha256"), "CC" * 32),
        (("models", 0, "sha256"), "cc" * 31),
        (("models", 0, "size_bytes"), 0),
        (("models", 0, "size_bytes"), 1.5),
        (("models", 0, "name"), "Two Words"),
        (("models", 0, "extra"), "field"),
        (("models", 0, "about"), {"fr": "seulement"}),
        (("models", 0, "sources", 0, "kind"), "torrent"),
        (("models", 0, "sources", 0, "packages"), ["--index-url=https://example.org"]),
        (("models", 0, "sources", 0, "version"), "0.2.0 --pre"),
        (("models", 0, "sources", 1, "revision"), "main"),
        (("models", 0, "sources", 1, "repo"), "https://example.org/a"),
    ],
)
def test_a_catalogue_with_one_wrong_field_is_refused_whole(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(ConfigurationError):
        _parse(_set(path, value))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b'{"format": 1}'])
def test_what_is_not_a_catalogue_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse_catalogue(data)


def test_two_models_cannot_share_a_name_an_alias_or_a_file() -> None:
    for path, value in (
        (("models", 1, "name"), BIG),
        (("models", 1, "aliases"), ["smollm2-135m"]),
        (("models", 1, "file"), _shipped()["models"][0]["file"]),
    ):
        with pytest.raises(ConfigurationError, match="used twice"):
            _parse(_set(path, value))


def test_a_default_must_exist_and_the_last_one_must_ask_for_nothing() -> None:
    with pytest.raises(ConfigurationError, match="not in the catalogue"):
        _parse(_set(("defaults", 0, "model"), "absent"))
    with pytest.raises(ConfigurationError, match="must ask for nothing"):
        _parse(_set(("defaults", 1, "free_memory_bytes"), 1))
