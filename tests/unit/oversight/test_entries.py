"""One spelling per entry: what the strict reader refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.oversight import (
    EntryError,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    parse_entry,
    render_entry,
)
from bouclier.oversight.entries_model import Candidate, DecisionEntry

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
            "country": "FR",
            "deployment": name,
            "duties": [],
            "foreign_laws": [],
            "in_flight": 0,
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
    "declared": None,
    "exchange": "0f" * 16,
    "findings": {"NIR": 1, "PERSON": 2},
    "kind": "decision",
    "labels": ["é"],
    "markings": ["restricted"],
    "principal": "ab" * 8,
    "purpose": "etat-civil",
    "registry": "22" * 32,
    "request_commitment": "33" * 32,
    "role": "agent",
    "sealed": None,
    "spares": ["also"],
    "time": 1,
    "tried": ["elsewhere"],
    "uninspected": 0,
    "v": 2,
}
MARK = MarkEntry(
    charter="11" * 32, interval_s=600, policy=None, registry="22" * 32, time=1, version="0.2.0.dev1+g1a2b", what="alive"
)
OPENING = OpeningEntry(
    basis="judicial-order-2026-17",
    exchange="0f" * 16,
    record="44" * 32,
    request="55" * 32,
    requester="tribunal-judiciaire",
    time=1,
)
ERASURE = ErasureEntry(due="2027-03-31", exchange="0f" * 16, record="44" * 32, time=1)


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
        WRITTEN.replace(b'"v":2', b'"v": 1'),
        WRITTEN.replace(b'"v":2', b'"v":2.0'),
        WRITTEN.replace(b'"v":2', b'"v":2,"v":1'),
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
        {"v": 1},
        {"v": 3},
        {"v": "2"},
        {"kind": "order"},
        {"kind": "outcome"},
        {"kind": "mark"},
        {"purpose": "Mme Perrichon"},
        {"purpose": "etat-civil\n"},
        {"data_class": "secret"},
        {"exchange": "0F" * 16},
        {"charter": "11" * 31},
        {"principal": "mairie"},
        {"findings": {"PERSON": 0}},
        {"findings": {"Perrichon": 1}},
        {"findings": {"NÎR": 1}},
        {"hop": 0},
        {"uninspected": -1},
        {"uninspected": 0.5},
        {"declared": "secret"},
        {"markings": ["secret"]},
        {"markings": ["restricted", "classified"]},
        {"markings": ["restricted", "restricted"]},
        {"labels": ["b", "a"]},
        {"labels": ["a", "a"]},
        {"sealed": ""},
        {"sealed": "44" * 31},
        {"sealed": "4G" * 32},
        {"registry": "é" * 64},
        {"request_commitment": "33" * 31 + "3 "},
        {"tried": [1]},
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
        {"candidates": [DECISION["candidates"][0] | {"in_flight": -1}]},
        {"candidates": [DECISION["candidates"][0] | {"country": "France"}]},
        {"candidates": [DECISION["candidates"][0] | {"country": "fr"}]},
        {"candidates": [DECISION["candidates"][0] | {"country": "FR\n"}]},
    ],
)
def test_a_decision_with_a_value_the_format_does_not_know_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        parse_entry(canonical(DECISION | change))


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": [one | {"in_flight": None, "country": None} for one in DECISION["candidates"]]},
        {"chosen": None, "spares": []},
        {"sealed": "44" * 32},
        {"declared": "public", "data_class": "classified", "markings": ["classified", "professional", "restricted"]},
        {"tried": [], "uninspected": 2**53 - 1},
        {"candidates": [], "chosen": None, "spares": [], "findings": {}, "labels": []},
    ],
)
def test_a_decision_with_every_value_the_format_knows_is_read(change: dict[str, Any]) -> None:
    assert render_entry(parse_entry(canonical(DECISION | change))) == canonical(DECISION | change)


@pytest.mark.parametrize(
    ("entry", "changes"),
    [
        (
            MARK,
            [
                {"what": "pause"},
                {"interval_s": 0},
                {"policy": "11" * 31},
                {"policy": ""},
                {"charter": "AB" * 32},
                {"registry": None},
                {"version": ""},
                {"version": "1.0 beta"},
                {"version": "v" * 65},
                {"time": -1},
                {"size": 3},
            ],
        ),
        (
            OPENING,
            [
                {"basis": "on request of Mme Perrichon"},
                {"basis": ""},
                {"requester": "Tribunal"},
                {"record": None},
                {"request": "55" * 31},
                {"exchange": "0f" * 15},
                {"kind": "erasure"},
            ],
        ),
        (
            ERASURE,
            [
                {"due": "2027-3-31"},
                {"due": "2027-13-01"},
                {"due": "31/03/2027"},
                {"due": "2027-03-31T00:00"},
                {"due": "2027-03-31\n"},
                {"record": "44" * 31},
                {"exchange": None},
                {"kind": "opening"},
            ],
        ),
    ],
    ids=["mark", "opening", "erasure"],
)
def test_the_other_kinds_are_read_as_strictly(
    entry: MarkEntry | OpeningEntry | ErasureEntry, changes: list[dict[str, Any]]
) -> None:
    written = render_entry(entry)
    assert parse_entry(written) == entry
    plain = json.loads(written)
    assert canonical(plain) == written
    for key in plain:
        with pytest.raises(EntryError):
            parse_entry(canonical(without(plain, key)))
    for change in changes:
        with pytest.raises(EntryError):
            parse_entry(canonical(plain | change))


def test_the_record_of_an_erasure_may_be_unknown_and_a_marks_policy_present() -> None:
    for entry in (
        ErasureEntry(due="2027-03-31", exchange="0f" * 16, record=None, time=1),
        MarkEntry(
            charter="11" * 32, interval_s=1, policy="66" * 32, registry="22" * 32, time=1, version="1", what="stop"
        ),
    ):
        assert parse_entry(render_entry(entry)) == entry


@pytest.mark.parametrize("kind", [Candidate, DecisionEntry, OutcomeEntry, MarkEntry, OpeningEntry, ErasureEntry])
def test_fields_are_defined_in_the_order_they_are_written(kind: type) -> None:
    names = list(kind.__struct_fields__)  # type: ignore[attr-defined]
    assert names == sorted(names)


def test_a_version_that_is_not_known_is_named() -> None:
    with pytest.raises(EntryError, match="version 1") as caught:
        parse_entry(canonical({"kind": "decision-of-old", "v": 1}))
    assert caught.value.param == "$.v"


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
