"""What GGUF files say of themselves: read from their first bytes, believed no further than they reach."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gguf_kit import gguf

from bouclier.fleet.gguf import BOUNDS, Metadata, parse_metadata
from bouclier.terms.errors import VerificationError

if TYPE_CHECKING:
    from tests.gguf_kit import Value

WHOLE = gguf(
    {
        "general.architecture": "essai",
        "general.license": " apache-2.0\n",
        "general.languages": ["fr", "en"],
        "essai.context_length": 8192,
        "essai.block_count": 30,
        "essai.embedding_length": 576,
        "essai.attention.head_count": 9,
        "essai.attention.head_count_kv": 3,
        "tokenizer.ggml.tokens": ["mot"] * 5_000,
        "general.quantization_version": 2,
    }
)


def test_licence_languages_and_shape_are_read() -> None:
    metadata = parse_metadata(WHOLE)
    assert metadata.whole
    assert metadata.text("general.license") == "apache-2.0"
    assert metadata.texts("general.languages") == ("fr", "en")
    assert metadata.context_length == 8192
    assert metadata.cache_bytes_per_token == 30 * 3 * (64 + 64) * 2
    assert metadata.number("general.quantization_version") == 2
    assert "tokenizer.ggml.tokens" not in metadata.values


def test_heads_that_differ_by_layer_count_as_the_most() -> None:
    shape: dict[str, Value] = {
        "general.architecture": "e",
        "e.block_count": 2,
        "e.embedding_length": 64,
        "e.attention.head_count": [4, 8],
        "e.attention.head_count_kv": [2, 4],
        "e.attention.key_length": 16,
        "e.attention.value_length": 8,
    }
    assert parse_metadata(gguf(shape)).cache_bytes_per_token == 2 * 4 * (16 + 8) * 2


def test_what_a_file_does_not_say_is_unknown() -> None:
    metadata = parse_metadata(gguf({"general.architecture": "e", "general.license": "  "}))
    assert metadata.text("general.license") is None
    assert metadata.context_length is None
    assert metadata.cache_bytes_per_token is None
    assert Metadata().architecture is None


@given(st.integers(8, len(WHOLE) - 1))
def test_a_file_cut_anywhere_gives_what_came_before_and_says_it_is_cut(length: int) -> None:
    metadata = parse_metadata(WHOLE[:length])
    assert not metadata.whole
    assert metadata.values.items() <= parse_metadata(WHOLE).values.items()


@given(st.binary(max_size=200))
def test_no_bytes_bring_anything_but_metadata_or_a_clear_refusal(tail: bytes) -> None:
    for start in (b"", b"GGUF\x03\x00\x00\x00", WHOLE[:60]):
        with contextlib.suppress(VerificationError):
            assert isinstance(parse_metadata(start + tail), Metadata)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"GGUF" + (1).to_bytes(4, "little") + bytes(16),
        b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + (10**9).to_bytes(8, "little"),
        gguf({}, pairs=1) + (2**40).to_bytes(8, "little"),
        gguf({}, pairs=1) + (1).to_bytes(8, "little") + b"k" + (99).to_bytes(4, "little"),
    ],
)
def test_what_is_not_gguf_or_lies_about_a_length_is_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_metadata(data)


def test_an_array_that_claims_more_than_there_is_costs_nothing() -> None:
    huge = (9).to_bytes(4, "little") + (8).to_bytes(4, "little") + (2**60).to_bytes(8, "little")
    data = gguf({}, pairs=1) + (1).to_bytes(8, "little") + b"k" + huge
    assert not parse_metadata(data).whole


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x07", "\x1b[8m", "\x7f", "\x9b2J", "\u200b", "\u202e", "\u2066", "\ufeff", "\U000e0041"]
)
def test_a_text_can_neither_drive_a_terminal_nor_hide_and_what_was_in_it_stays_visible(hidden: str) -> None:
    text = parse_metadata(gguf({"general.license": f"mit{hidden}"})).text("general.license")
    assert text == f"mit\ufffd{hidden[1:]}"
    assert text.isprintable()


def _shape(key: str, value: Value) -> Metadata:
    shape: dict[str, Value] = {
        "general.architecture": "e",
        "e.context_length": 4096,
        "e.block_count": 32,
        "e.embedding_length": 4096,
        "e.attention.head_count": 32,
    }
    return parse_metadata(gguf({**shape, f"e.{key}": value}))


@pytest.mark.parametrize("key", BOUNDS)
@pytest.mark.parametrize("value", [-8, -(2**63), 2**64 - 1, 2**31 - 1, [8, 2**32 - 1], "8"])
def test_a_shape_that_no_model_can_have_is_told_by_its_key_and_nothing_is_computed_of_it(
    key: str, value: Value
) -> None:
    metadata = _shape(key, value)
    assert metadata.outside_bounds == key
    assert metadata.cache_bytes_per_token is None


def test_numbers_that_are_each_possible_and_together_are_not_are_told_too() -> None:
    metadata = _shape("attention.head_count_kv", 10_000)
    assert metadata.outside_bounds == "attention.head_count_kv"
    assert metadata.cache_bytes_per_token is None


def test_layers_without_heads_are_an_ordinary_shape() -> None:
    metadata = _shape("attention.head_count_kv", [0, 8, 0, 4])
    assert metadata.outside_bounds is None
    assert metadata.cache_bytes_per_token == 32 * 8 * 256 * 2
