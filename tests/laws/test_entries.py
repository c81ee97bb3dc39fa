"""Laws of the log's entries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bouclier.oversight import (
    AdoptionEntry,
    Candidate,
    DecisionEntry,
    Entry,
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
    CandidateLoad,
    Law,
    OutcomeFootprint,
    PlacementWeights,
    ShadowVerdict,
)

naturals = st.integers(0, 2**53 - 1)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
several = st.lists(names, max_size=3).map(tuple)
sets = st.sets(names, max_size=3).map(lambda drawn: tuple(sorted(drawn)))


def hex_digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=count, max_size=count)


classes: st.SearchStrategy[Any] = st.sampled_from(["public", "internal", "personal", "sensitive", "classified"])
levels: st.SearchStrategy[Any] = st.sampled_from(["classified", "professional", "restricted"])
words = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
laws = st.builds(
    Law, charter=hex_digits(64), orders=hex_digits(64), registry=hex_digits(64), root=naturals, timestamp=naturals
)
loads = st.builds(CandidateLoad, in_flight=naturals, slots=naturals | st.none(), wait_ms=naturals, warm=st.booleans())
weights = st.builds(PlacementWeights, carbon_ms=naturals, exposure_ms=naturals | st.none(), price_ms=naturals)
ranges = st.tuples(naturals, naturals).map(lambda drawn: (min(drawn), max(drawn)))
footprints = st.builds(
    OutcomeFootprint,
    carbon_ug=ranges,
    energy_uwh=ranges,
    method=st.from_regex(r"[a-z0-9][a-z0-9.-]{0,63}", fullmatch=True),
    zone=st.sampled_from(["FR", "SE1", "DE-LU"]) | st.none(),
)
candidates = st.builds(
    Candidate,
    capabilities=several,
    carbon_mg=naturals | st.none(),
    contested=several,
    control=several,
    country=st.from_regex(r"[A-Z]{2}", fullmatch=True) | st.none(),
    deployment=names,
    duties=several,
    evaluations=several,
    foreign_laws=several,
    known=st.booleans(),
    load=loads | st.none(),
    model=names,
    openness=st.sampled_from(["open", "closed", "unknown"]),
    operator=names,
    own=st.booleans(),
    permitted=st.booleans(),
    policies=several,
    price_ueur=naturals | st.none(),
    qualifications=several,
    service=names,
    site=names,
)


@st.composite
def decisions(draw: st.DrawFn) -> DecisionEntry:
    considered = draw(st.lists(candidates, max_size=4, unique_by=lambda candidate: candidate.deployment))
    permitted = [candidate.deployment for candidate in considered if candidate.permitted]
    ranked = draw(st.permutations(permitted))[: draw(st.integers(0, len(permitted)))]
    return DecisionEntry(
        budget=draw(st.sampled_from(["within", "warn", "lighten", "refuse"])),
        candidates=tuple(considered),
        capabilities=draw(sets),
        chosen=ranked[0] if ranked else None,
        considered=draw(naturals),
        data_class=draw(classes),
        day=draw(naturals),
        declared=draw(classes | st.none()),
        exchange=draw(hex_digits(32)),
        findings=draw(st.dictionaries(st.from_regex(r"[A-Z][A-Z_]{0,9}", fullmatch=True), st.integers(1, 2**53 - 1))),
        labels=draw(sets),
        law=draw(laws),
        markings=draw(st.sets(levels).map(lambda drawn: tuple(sorted(drawn)))),
        modalities=draw(sets),
        principal=draw(hex_digits(16)),
        purpose=draw(words),
        request_commitment=draw(hex_digits(64)),
        review=draw(hex_digits(32) | st.none()),
        role=draw(names),
        safeguards=draw(sets),
        sealed=draw(hex_digits(64) | st.none()),
        signals=draw(sets),
        sourced=draw(st.booleans()),
        spares=tuple(ranked[1:]),
        time=draw(naturals),
        tokens=draw(naturals),
        tried=draw(several),
        uninspected=draw(naturals),
        waited_ms=draw(naturals),
        weights=draw(weights),
    )


outcomes = st.builds(
    OutcomeEntry,
    answer_commitment=hex_digits(64),
    completion_tokens=naturals | st.none(),
    decision_index=naturals,
    ending=st.from_regex(r"[a-z][a-z0-9_-]{0,63}", fullmatch=True),
    exchange=hex_digits(32),
    finish_reasons=st.lists(st.sampled_from(["stop", "length", "tool_calls", "other"]), max_size=3).map(tuple),
    first_token_ms=naturals | st.none(),
    footprint=footprints | st.none(),
    law=laws,
    prompt_tokens=naturals | st.none(),
    restored=naturals,
    status=st.integers(100, 599),
    time=naturals,
)
marks = st.builds(
    MarkEntry,
    interval_s=st.integers(1, 2**53 - 1),
    law=laws,
    policy=hex_digits(64) | st.none(),
    time=naturals,
    version=st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}", fullmatch=True),
    what=st.sampled_from(["start", "alive", "stop"]),
)
openings = st.builds(
    OpeningEntry,
    basis=words,
    exchange=hex_digits(32),
    law=laws,
    record=hex_digits(64),
    request=hex_digits(64),
    requester=words,
    time=naturals,
)
erasures = st.builds(
    ErasureEntry,
    due=st.dates().map(str),
    exchange=hex_digits(32),
    law=laws,
    record=hex_digits(64) | st.none(),
    time=naturals,
)
order_ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}/[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)


def adopted(**drawn: Any) -> AdoptionEntry:
    return AdoptionEntry(orders_count=len(drawn["orders"]), refused_count=len(drawn["refused"]), **drawn)


adoptions = st.builds(
    adopted,
    expires=naturals | st.none(),
    law=laws,
    orders=st.dictionaries(order_ids, hex_digits(64), max_size=3).map(
        lambda drawn: tuple(AdoptedOrder(digest=digest, id=name) for name, digest in sorted(drawn.items()))
    ),
    refused=st.sets(hex_digits(64), max_size=3).map(lambda drawn: tuple(sorted(drawn))),
    territory=st.from_regex(r"[A-Z]{2}", fullmatch=True) | st.none(),
    time=naturals,
)
reviews = st.builds(
    ReviewEntry,
    approved=st.booleans(),
    exchange=hex_digits(32),
    law=laws,
    reviewer=hex_digits(16),
    time=naturals,
)
shadows = st.builds(
    ShadowEntry,
    candidates=st.lists(
        st.builds(ShadowVerdict, deployment=names, duties=several, permitted=st.booleans(), policies=several),
        max_size=3,
    ).map(tuple),
    charter=hex_digits(64),
    chosen=names | st.none(),
    decision_index=naturals,
    exchange=hex_digits(32),
    law=laws,
    time=naturals,
)
entries: st.SearchStrategy[Entry] = decisions() | outcomes | marks | openings | erasures | adoptions | reviews | shadows


@given(entry=entries)
def test_reading_what_was_written_gives_the_entry_back(entry: Entry) -> None:
    assert parse_entry(render_entry(entry)) == entry


@given(entry=entries)
def test_keys_are_sorted_at_every_depth_and_nothing_is_padded(entry: Entry) -> None:
    written = render_entry(entry)

    assert (
        json.dumps(json.loads(written), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == written
    )


@given(data=st.binary(max_size=300))
@example(b"{" * 300)
@example(b'{"kind":"outcome","v":4}')
def test_any_bytes_are_an_entry_or_refused_as_one(data: bytes) -> None:
    with pytest.raises(EntryError):
        parse_entry(data)


@given(entry=entries, data=st.data())
def test_bytes_that_differ_are_refused_or_another_entry(entry: Entry, data: st.DataObject) -> None:
    written = render_entry(entry)
    at = data.draw(st.integers(0, len(written) - 1))
    changed = written[:at] + data.draw(st.binary(min_size=0, max_size=2)) + written[at + 1 :]

    try:
        other = parse_entry(changed)
    except EntryError:
        return
    assert (other == entry) == (changed == written)
    assert render_entry(other) == changed
