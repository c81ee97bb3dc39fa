"""One spelling per entry: what the strict reader refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.oversight import EntryError, OutcomeEntry, parse_entry, render_entry

OUTCOME = OutcomeEntry(
    answer_commitment="ab" * 32,
    completion_tokens=5,
    decision_index=3,
    ending="complete",
    exchange="0f" * 16,
    finish_reasons=("stop",),
    prompt_tokens=None,
    restored=0,
    status=200,
    time=1_790_000_000_000,
)
WRITTEN = render_entry(OUTCOME)
DECISION: dict[str, Any] = {
    "candidates": [
        {
            "contested": [],
            "control": ["FR"],
            "deployment": name,
            "duties": [],
            "foreign_laws": [],
            "known": True,
            "model": "m",
            "openness": "open",
            "operator": "o",
            "own": True,
            "permitted": permitted,
            "policies": [],
            "site": "s",
        }
        for name, permitted in (("yes", True), ("also", True), ("no", False))
    ],
    "charter": "11" * 32,
    "chosen": "yes",
    "data_class": "personal",
    "exchange": "0f" * 16,
    "findings": {"NIR": 1, "PERSON": 2},
    "hop": 0,
    "kind": "decision",
    "labels": ["é"],
    "principal": "ab" * 8,
    "purpose": "etat-civil",
    "registry": "22" * 32,
    "request_commitment": "33" * 32,
    "role": "agent",
    "spares": ["also"],
    "time": 1,
    "v": 1,
}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def without(source: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in source.items() if name != key}


def test_another_writer_of_canonical_json_is_understood_and_repeated() -> None:
    assert render_entry(parse_entry(canonical(DECISION))) == canonical(DECISION)
    assert canonical(json.loads(WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    "spelling",
    [
        WRITTEN + b"\n",
        b" " + WRITTEN,
        b"\xef\xbb\xbf" + WRITTEN,
        WRITTEN.replace(b'"v":1', b'"v": 1'),
        WRITTEN.replace(b'"v":1', b'"v":1.0'),
        WRITTEN.replace(b'"v":1', b'"v":1,"v":1'),
        WRITTEN.replace(b'"status":200', b'"status":2e2'),
        WRITTEN.replace(b'"restored":0', b'"restored":-0'),
        WRITTEN.replace(b'"restored":0', b'"restored":00'),
        WRITTEN.replace(b'"restored":0', b'"restored":false'),
        WRITTEN.replace(b"complete", b"comp\\u006cete"),
        WRITTEN.replace(b'"restored":0,"status":200', b'"status":200,"restored":0'),
        canonical(DECISION).replace("é".encode(), b"\\u00e9"),
        canonical(DECISION).replace("é".encode(), b"\xe9"),
        canonical(DECISION).replace(b'"NIR":1,"PERSON":2', b'"PERSON":2,"NIR":1'),
        canonical(DECISION).replace(b'"NIR":1,"PERSON":2', b'"NIR":1,"NIR":1'),
    ],
)
def test_any_other_spelling_is_refused(spelling: bytes) -> None:
    with pytest.raises(EntryError):
        parse_entry(spelling)


@pytest.mark.parametrize("key", sorted(DECISION))
def test_every_field_of_a_decision_must_be_there(key: str) -> None:
    with pytest.raises(EntryError):
        parse_entry(canonical(without(DECISION, key)))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "x"},
        {"v": 2},
        {"v": "1"},
        {"kind": "order"},
        {"kind": "outcome"},
        {"purpose": "Mme Perrichon"},
        {"purpose": "etat-civil\n"},
        {"data_class": "secret"},
        {"exchange": "0F" * 16},
        {"charter": "11" * 31},
        {"principal": "mairie"},
        {"findings": {"PERSON": 0}},
        {"findings": {"Perrichon": 1}},
        {"hop": -1},
        {"hop": 0.5},
        {"time": 2**53},
        {"time": True},
        {"labels": [1]},
        {"chosen": "no"},
        {"chosen": "elsewhere"},
        {"chosen": None},
        {"chosen": "also"},
        {"spares": ["no"]},
        {"spares": ["also", "also"]},
        {"candidates": [*DECISION["candidates"], DECISION["candidates"][0]]},
        {"candidates": [DECISION["candidates"][0] | {"openness": "partly"}]},
        {"candidates": [DECISION["candidates"][0] | {"own": 1}]},
        {"candidates": [DECISION["candidates"][0] | {"operator_name": "x"}]},
    ],
)
def test_a_value_the_format_does_not_know_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        parse_entry(canonical(DECISION | change))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b'"x"', b"{" * 60_000, b"[" * 60_000])
def test_what_is_no_entry_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(EntryError):
        parse_entry(data)


def test_an_entry_too_long_for_a_bundle_is_refused_by_its_size() -> None:
    with pytest.raises(EntryError, match="65536 bytes long, more than 65535"):
        parse_entry(b" " * 65_536)


def test_a_refusal_names_the_place_and_never_quotes_the_entry() -> None:
    with pytest.raises(EntryError) as caught:
        parse_entry(canonical(DECISION | {"purpose": "Mme Perrichon"}))

    assert caught.value.param == "$.purpose"
    assert "Perrichon" not in f"{caught.value.message}{caught.value.hint}{caught.value!r}"
    assert caught.value.__cause__ is None


def test_an_entry_with_a_value_out_of_form_is_not_written() -> None:
    broken = OutcomeEntry(
        answer_commitment="ab",
        completion_tokens=5,
        decision_index=3,
        ending="complete",
        exchange="\ud83d",
        finish_reasons=("stop",),
        prompt_tokens=None,
        restored=0,
        status=200,
        time=0,
    )

    with pytest.raises(EntryError):
        render_entry(broken)
