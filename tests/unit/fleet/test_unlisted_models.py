"""Models that are not in the catalogue, their licences, and how much of this machine an engine takes."""

from __future__ import annotations

import contextlib
import datetime as dt
from importlib import resources

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.fleet.catalogue import HubFile
from bouclier.fleet.gguf import BOUNDS, Metadata
from bouclier.fleet.licences import UNKNOWN, must_be_accepted, parse_licences, terms_shown
from bouclier.fleet.sizing import estimated_base, fitting_slots, memory_allowed, memory_needed
from bouclier.fleet.unlisted import (
    entry_bytes,
    licence_address,
    licence_word,
    parse_hub_name,
    read_entry,
    unlisted_entry,
)
from bouclier.terms.errors import ConfigurationError, VerificationError

COMMIT = "a" * 40
DIGEST = "b" * 64
DAY = dt.date(2026, 11, 22)
SOURCE = HubFile(repo="essais/modele", file="Mon_Modele-Q4.gguf", revision=COMMIT)
LICENCES = parse_licences(resources.files("bouclier.fleet").joinpath("data", "licences.json").read_bytes())


def test_a_hub_name_has_an_owner_a_file_and_a_commit() -> None:
    assert parse_hub_name(f"essais/modele/Mon_Modele-Q4.gguf@{COMMIT}") == SOURCE


@pytest.mark.parametrize(
    "name",
    [
        "modele.gguf",
        f"essais/modele.gguf@{COMMIT}",
        "essais/modele/m.gguf@main",
        f"essais/modele/m.bin@{COMMIT}",
        f"../essais/modele/m.gguf@{COMMIT}",
        f"essais/modele/../m.gguf@{COMMIT}",
        f"essais/modele/m.gguf@{COMMIT}\n",
        f"essais/modele/m-00001-of-00002.gguf@{COMMIT}",
    ],
)
def test_anything_else_is_refused_with_what_is_meant(name: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_hub_name(name)


def test_an_unlisted_model_is_what_its_file_says_and_unknown_beyond() -> None:
    metadata = Metadata(
        {
            "general.architecture": "e",
            "general.name": "Mon modèle",
            "general.languages": ("fr", "French", "oc"),
            "e.context_length": 2048,
        }
    )
    entry = unlisted_entry(SOURCE, metadata, sha256=DIGEST, size_bytes=10, licence="MIT", today=DAY)
    assert (entry.name, entry.title, entry.file) == ("mon_modele-q4", "Mon modèle", "Mon_Modele-Q4-bbbbbbbb.gguf")
    assert entry.origin is None
    assert entry.languages == ("fr", "oc")
    assert entry.context_length == 2048
    assert {fact.date for fact in entry.facts} == {"2026-11-22"}


def test_a_file_that_hides_its_context_length_is_refused() -> None:
    with pytest.raises(VerificationError, match="does not say the context length"):
        unlisted_entry(SOURCE, Metadata(), sha256=DIGEST, size_bytes=10, licence="MIT", today=DAY)


def test_a_shape_that_no_model_can_have_is_refused_in_both_languages_by_its_key() -> None:
    metadata = Metadata(
        {"general.architecture": "e", "e.context_length": 2048, "e.attention.head_count_kv": -773_741_168}
    )
    with pytest.raises(VerificationError) as caught:
        unlisted_entry(SOURCE, metadata, sha256=DIGEST, size_bytes=10, licence="MIT", today=DAY)
    for said in (caught.value.message.fr, caught.value.message.en):
        assert "e.attention.head_count_kv" in said
        assert "773741168" not in said


@given(
    st.fixed_dictionaries(
        {f"e.{key}": st.one_of(st.integers(-(2**63), 2**64 - 1), st.integers(0, 10_000)) for key in BOUNDS}
    ),
    st.integers(1, 10**18),
)
def test_whatever_a_file_says_of_its_shape_an_entry_can_be_read_back_or_is_refused(
    shape: dict[str, int], size: int
) -> None:
    metadata = Metadata({"general.architecture": "e", **shape})
    with contextlib.suppress(VerificationError):
        entry = unlisted_entry(SOURCE, metadata, sha256=DIGEST, size_bytes=size, licence="MIT", today=DAY)
        assert read_entry(entry_bytes(entry)) == entry


def test_an_entry_that_readers_would_pass_over_is_not_written() -> None:
    entry = unlisted_entry(
        SOURCE,
        Metadata({"general.architecture": "e", "e.context_length": 2048}),
        sha256=DIGEST,
        size_bytes=10,
        licence="MIT",
        today=DAY,
    )
    with pytest.raises(VerificationError, match=r"\$\.min_memory_bytes"):
        entry_bytes(msgspec.structs.replace(entry, min_memory_bytes=-1))
    old = msgspec.json.encode(msgspec.structs.replace(entry, licence="evil\x1b[2J", title="Nice\x9b8m"))
    read = read_entry(old)
    assert (read.licence, read.title) == ("evil\ufffd[2J", "Nice\ufffd8m"), "written before texts were looked at"


def test_an_address_of_a_licence_is_no_longer_than_one() -> None:
    assert licence_address(Metadata({"general.license.link": "https://example.org/l"})) == "https://example.org/l"
    assert licence_address(Metadata({"general.license.link": "https://example.org/" + "l" * 10_000})) is None
    assert licence_address(Metadata()) is None


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, UNKNOWN),
        ({"general.license": "mit"}, "mit"),
        ({"general.license": "other"}, "other"),
        ({"general.license": "other", "general.license.name": "mrl"}, "mrl"),
    ],
)
def test_the_licence_is_the_word_the_file_uses(values: dict[str, str], word: str) -> None:
    assert licence_word(Metadata(values)) == word


@pytest.mark.parametrize(
    ("word", "identifier", "asks"),
    [
        ("apache-2.0", "Apache-2.0", False),
        ("MIT", "MIT", False),
        ("llama3.1", "LicenseRef-llama3.1", True),
        ("gemma", "LicenseRef-gemma", True),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", True),
        ("mrl", "LicenseRef-mrl", True),
    ],
)
def test_known_licences_say_whether_they_ask_anything(word: str, identifier: str, *, asks: bool) -> None:
    licence = LICENCES.find(word)
    assert licence is not None
    assert licence.id == identifier
    assert must_be_accepted(licence) is asks
    shown = terms_shown(licence, word=word)
    for text in (shown.fr, shown.en):
        assert licence.source in text


def test_an_unknown_licence_must_be_accepted_and_none_at_all_is_said_to_permit_nothing() -> None:
    assert LICENCES.find("falcon-llm") is None
    assert must_be_accepted(None)
    assert "https://example.org/l" in terms_shown(None, word="x", stated_at="https://example.org/l").en
    assert "nothing is permitted" in terms_shown(None, word=UNKNOWN).en


def test_slots_follow_cores_until_memory_is_short() -> None:
    def slots(cores: int, memory: int, per_token: int | None = 100, context: int = 4096) -> int:
        return fitting_slots(
            cores=cores, memory_bytes=memory, base_bytes=1_000_000, cache_bytes_per_token=per_token, context=context
        )

    assert [slots(cores, 10**9) for cores in (1, 2, 4, 8, 16, 64)] == [2, 2, 2, 4, 8, 8]
    assert slots(16, 1_000_000 + 4096 * 100) == 3
    assert slots(16, 1_000_000) == 2
    assert slots(16, 999_999) == 1
    assert slots(16, 10**9, per_token=None) == 2, "what a token takes is unknown: no more than was measured"
    assert slots(16, 10**9, per_token=None, context=8192) == 1


@given(st.integers(1, 10**10), st.integers(1, 10**6), st.integers(1, 64), st.integers(1, 100_000))
def test_more_slots_or_longer_ones_never_need_less(base: int, per_token: int, slots: int, context: int) -> None:
    def needed(slots: int, context: int) -> int:
        found = memory_needed(base_bytes=base, cache_bytes_per_token=per_token, slots=slots, context=context)
        assert found is not None
        return found

    assert base <= needed(slots, context) <= needed(slots + 1, context)
    assert needed(slots, context) <= needed(slots, context + 1)
    allowed = memory_allowed(base_bytes=base, cache_bytes_per_token=per_token, slots=slots, context=context)
    assert allowed is not None
    assert allowed >= needed(slots, context)


def test_the_bound_for_a_model_nobody_measured_is_above_what_was_measured() -> None:
    assert estimated_base(size_bytes=1_117_320_768, cache_bytes_per_token=28_672) > 2_200_000_000
    assert estimated_base(size_bytes=491_400_064, cache_bytes_per_token=12_288) > 800_000_000
    assert estimated_base(size_bytes=98_000_000, cache_bytes_per_token=23_040) > 400_000_000
