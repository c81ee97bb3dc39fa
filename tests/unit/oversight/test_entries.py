"""One spelling per entry: what the strict reader refuses."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from bouclier.oversight import (
    AdoptionEntry,
    EntryError,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReviewEntry,
    ShadowEntry,
    parse_entry,
    render_entry,
)
from bouclier.oversight.entries_model import (
    AdoptedOrder,
    Candidate,
    CandidateLoad,
    DecisionEntry,
    Law,
    OutcomeFootprint,
    PlacementWeights,
    ShadowVerdict,
)

LAW = Law(charter="11" * 32, orders="12" * 32, registry="22" * 32, root=3, timestamp=41)
PLAIN_LAW = {"charter": "11" * 32, "orders": "12" * 32, "registry": "22" * 32, "root": 3, "timestamp": 41}
OUTCOME = OutcomeEntry(
    answer_commitment="ab" * 32,
    completion_tokens=5,
    decision_index=3,
    ending="complete",
    exchange="0f" * 16,
    finish_reasons=("stop",),
    first_token_ms=85,
    footprint=OutcomeFootprint(carbon_ug=(800, 4_200), energy_uwh=(20_000, 75_000), method="ecologits-0.11", zone="FR"),
    law=LAW,
    prompt_tokens=None,
    restored=0,
    status=200,
    time=1_790_000_000_000,
)
WRITTEN = render_entry(OUTCOME)
DECISION: dict[str, Any] = {
    "budget": "within",
    "candidates": [
        {
            "capabilities": [],
            "carbon_mg": 120,
            "contested": [],
            "control": ["FR"],
            "country": "FR",
            "deployment": name,
            "duties": [],
            "evaluations": ["inspect-2026-03"],
            "foreign_laws": [],
            "known": True,
            "load": {"in_flight": 0, "slots": None, "wait_ms": 40, "warm": False},
            "model": "m",
            "openness": "open",
            "operator": "o",
            "own": True,
            "permitted": permitted,
            "policies": [],
            "price_ueur": 300,
            "qualifications": ["hds@20270501"],
            "service": "o-inference",
            "site": "s",
        }
        for name, permitted in (("yes", True), ("also", True), ("no", False))
    ],
    "capabilities": ["tools"],
    "chosen": "yes",
    "considered": 3,
    "data_class": "personal",
    "day": 19700101,
    "declared": None,
    "exchange": "0f" * 16,
    "findings": {"NIR": 1, "PERSON": 2},
    "kind": "decision",
    "labels": ["é"],
    "law": PLAIN_LAW,
    "markings": ["restricted"],
    "modalities": ["image", "text"],
    "principal": "ab" * 8,
    "purpose": "etat-civil",
    "request_commitment": "33" * 32,
    "review": None,
    "role": "agent",
    "safeguards": ["fria"],
    "sealed": None,
    "signals": ["art5-c-social-scoring"],
    "sourced": False,
    "spares": ["also"],
    "time": 1,
    "tokens": 12,
    "tried": ["elsewhere"],
    "uninspected": 0,
    "v": 4,
    "waited_ms": 0,
    "weights": {"carbon_ms": 500, "exposure_ms": None, "price_ms": 0},
}
MARK = MarkEntry(interval_s=600, law=LAW, policy=None, time=1, version="0.2.0.dev1+g1a2b", what="alive")
OPENING = OpeningEntry(
    basis="judicial-order-2026-17",
    exchange="0f" * 16,
    law=LAW,
    record="44" * 32,
    request="55" * 32,
    requester="tribunal-judiciaire",
    time=1,
)
ERASURE = ErasureEntry(due="2027-03-31", exchange="0f" * 16, law=LAW, record="44" * 32, time=1)
ADOPTION = AdoptionEntry(
    expires=1_790_000_000_000,
    law=LAW,
    orders=(AdoptedOrder(digest="66" * 32, id="fr-protection/2026-014"), AdoptedOrder(digest="55" * 32, id="ue/1")),
    orders_count=2,
    refused=("77" * 32, "88" * 32),
    refused_count=2,
    territory="FR",
    time=1,
)
REVIEW = ReviewEntry(approved=True, exchange="0f" * 16, law=LAW, reviewer="ab" * 8, time=1)
SHADOW = ShadowEntry(
    candidates=(ShadowVerdict(deployment="yes", duties=("seal",), permitted=True, policies=("own",)),),
    charter="99" * 32,
    chosen="yes",
    decision_index=7,
    exchange="0f" * 16,
    law=LAW,
    time=1,
)


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
        WRITTEN.replace(b'"v":4', b'"v": 4'),
        WRITTEN.replace(b'"v":4', b'"v":4.0'),
        WRITTEN.replace(b'"v":4', b'"v":4,"v":2'),
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
        {"v": 3},
        {"v": "3"},
        {"kind": "order"},
        {"kind": "outcome"},
        {"kind": "mark"},
        {"purpose": "Mme Perrichon"},
        {"purpose": "etat-civil\n"},
        {"data_class": "secret"},
        {"exchange": "0F" * 16},
        {"law": None},
        {"law": PLAIN_LAW | {"charter": "11" * 31}},
        {"law": PLAIN_LAW | {"orders": "1G" * 32}},
        {"law": PLAIN_LAW | {"registry": "2G" * 32}},
        {"law": PLAIN_LAW | {"root": -1}},
        {"law": PLAIN_LAW | {"timestamp": "41"}},
        {"law": PLAIN_LAW | {"snapshot": 1}},
        {"charter": "11" * 32},
        {"day": "2026-11-22"},
        {"review": "0f" * 15},
        {"review": "0G" * 16},
        {"sourced": 1},
        {"tokens": None},
        {"capabilities": ["tools", "audio"]},
        {"modalities": ["text", "text"]},
        {"safeguards": [1]},
        {"signals": ["b", "a"]},
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
        {"budget": "spent"},
        {"considered": -1},
        {"waited_ms": 0.5},
        {"weights": None},
        {"weights": {"carbon_ms": 500, "exposure_ms": "first", "price_ms": 0}},
        {"weights": {"carbon_ms": 500, "price_ms": 0}},
        {"registry": "22" * 32},
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
        {"candidates": [DECISION["candidates"][0] | {"price_ueur": -1}]},
        {"candidates": [DECISION["candidates"][0] | {"load": {"in_flight": 0}}]},
        {"candidates": [DECISION["candidates"][0] | {"in_flight": 0}]},
        {"candidates": [DECISION["candidates"][0] | {"country": "France"}]},
        {"candidates": [DECISION["candidates"][0] | {"carbon_mg": 1.5}]},
        {"candidates": [DECISION["candidates"][0] | {"evaluations": None}]},
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
        {"candidates": [one | {"load": None, "country": None, "carbon_mg": None} for one in DECISION["candidates"]]},
        {"chosen": None, "spares": []},
        {"sealed": "44" * 32},
        {"review": "0f" * 16, "capabilities": [], "safeguards": [], "signals": [], "modalities": []},
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
                {"law": PLAIN_LAW | {"charter": "AB" * 32}},
                {"charter": "11" * 32},
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
        (
            ADOPTION,
            [
                {"expires": -1},
                {"expires": "2026-11-22"},
                {"territory": "fr"},
                {"territory": "France"},
                {"refused": ["88" * 32, "77" * 32]},
                {"refused": ["77" * 32, "77" * 32]},
                {"refused": ["77"]},
                {"orders": [{"digest": "55" * 32, "id": "ue/1"}, {"digest": "55" * 32, "id": "fr-protection/1"}]},
                {"orders": [{"digest": "55" * 32, "id": "ue/1"}] * 2},
                {"orders": [{"digest": "55" * 32, "id": "UE/1"}]},
                {"orders": [{"digest": "55" * 32, "id": "ue"}]},
                {"orders": [{"digest": "55" * 32, "id": "ue/1", "title": "x"}]},
            ],
        ),
        (REVIEW, [{"approved": 1}, {"reviewer": "Mme Perrichon"}, {"reviewer": "ab" * 7}, {"exchange": None}]),
        (SHADOW, [{"charter": None}, {"decision_index": -1}, {"candidates": [{"deployment": "yes"}]}, {"chosen": 1}]),
    ],
    ids=["mark", "opening", "erasure", "adoption", "review", "shadow"],
)
def test_the_other_kinds_are_read_as_strictly(
    entry: MarkEntry | OpeningEntry | ErasureEntry | AdoptionEntry | ReviewEntry | ShadowEntry,
    changes: list[dict[str, Any]],
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


def test_what_may_be_unknown_or_absent_is_read_so() -> None:
    for entry in (
        ErasureEntry(due="2027-03-31", exchange="0f" * 16, law=LAW, record=None, time=1),
        MarkEntry(interval_s=1, law=LAW, policy="66" * 32, time=1, version="1", what="stop"),
        AdoptionEntry(
            expires=None, law=LAW, orders=(), orders_count=0, refused=(), refused_count=0, territory=None, time=1
        ),
        ShadowEntry(
            candidates=(), charter="99" * 32, chosen=None, decision_index=0, exchange="0f" * 16, law=LAW, time=1
        ),
    ):
        assert parse_entry(render_entry(entry)) == entry


@pytest.mark.parametrize(
    "kind",
    [
        AdoptedOrder,
        AdoptionEntry,
        Candidate,
        CandidateLoad,
        DecisionEntry,
        ErasureEntry,
        Law,
        MarkEntry,
        OpeningEntry,
        OutcomeEntry,
        OutcomeFootprint,
        PlacementWeights,
        ReviewEntry,
        ShadowEntry,
        ShadowVerdict,
    ],
)
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


def test_a_declared_footprint_says_no_least() -> None:
    cost = OutcomeFootprint(carbon_ug=(0, 7_200), energy_uwh=(213, 900), method="declared-1", zone=None)
    written = render_entry(msgspec.structs.replace(OUTCOME, footprint=cost))
    assert parse_entry(written) == msgspec.structs.replace(OUTCOME, footprint=cost)
    with pytest.raises(EntryError) as refused:
        parse_entry(written.replace(b'"carbon_ug":[0,', b'"carbon_ug":[1,'))
    assert refused.value.param == "$.footprint"


def test_an_entry_with_a_value_out_of_form_is_not_written() -> None:
    broken = OutcomeEntry(
        answer_commitment="ab",
        completion_tokens=5,
        decision_index=3,
        ending="complete",
        exchange="\ud83d",
        finish_reasons=("stop",),
        first_token_ms=None,
        footprint=None,
        law=LAW,
        prompt_tokens=None,
        restored=0,
        status=200,
        time=0,
    )

    with pytest.raises(EntryError):
        render_entry(broken)
