"""Laws of reading facts: what they say does not depend on how they are laid out, and nothing is accepted by half."""

from __future__ import annotations

import copy
import datetime as dt
import json
from importlib import resources
from typing import Any

import jsonschema
import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.facts_kit import VOUCHED
from tests.registry_kit import DOCUMENT, Document, written

from bouclier.registry import flaws_of, holds_on, parse_registry
from bouclier.registry.free_text import in_both, text_in
from bouclier.registry.model import Edge
from bouclier.registry.parse_positions import Path, lines_of, values_of

SCHEMA = json.loads((resources.files("bouclier.registry") / "data" / "registry.schema.json").read_bytes())
KINDS = sorted(set(DOCUMENT) - {"format", "area"})

days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
whens = st.builds(lambda day, length: day.isoformat()[:length], days, st.sampled_from([4, 7, 10]))
names = st.sampled_from(["alpha", "beta", "gamma", "delta"])
texts = st.text(min_size=1, max_size=8)
free_texts = (
    texts | st.fixed_dictionaries({"fr": texts, "en": texts}) | st.fixed_dictionaries({"en": texts, "fr": texts})
)
entities = st.lists(
    st.fixed_dictionaries(
        {"id": names, "name": free_texts, "kind": st.just("company")},
        optional={"seat": st.sampled_from(["FR", "US", "CN"]), "notes": st.just("") | free_texts, "hq": free_texts},
    ),
    unique_by=lambda entity: str(entity["id"]),
    min_size=1,
)
edges = st.fixed_dictionaries(
    {"holder": names, "held": names},
    optional={"share": st.floats(0, 100), "from": whens, "to": whens, "veto": st.booleans()},
)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def document_of(described: list[Document], held: list[Document]) -> Document:
    return {
        "format": DOCUMENT["format"],
        "area": DOCUMENT["area"],
        "entities": [{**VOUCHED, **entity} for entity in described],
        "edges": [{**VOUCHED, **edge} for edge in held],
    }


def is_read(document: Document) -> bool:
    return flaws_of({"faits.json": written(document)}) == ()


@given(entities, st.lists(edges, max_size=4), st.randoms(use_true_random=False))
def test_the_digest_cites_facts_whatever_their_order_and_their_files(
    described: list[Document],
    held: list[Document],
    random: Any,
) -> None:
    document = document_of(described, held)
    if not is_read(document):
        return
    shuffled = copy.deepcopy(document)
    for kind in ("entities", "edges"):
        random.shuffle(shuffled[kind])
        shuffled[kind] = [dict(sorted(fact.items(), key=lambda _: random.random())) for fact in shuffled[kind]]
    cut = random.randrange(len(described) + 1)
    one = {**shuffled, "entities": shuffled["entities"][:cut]}
    other = {"format": DOCUMENT["format"], "entities": shuffled["entities"][cut:]}
    registry = parse_registry({"faits.json": written(document)})
    assert parse_registry({"b.json": written(other), "a.json": json.dumps(one).encode()}).digest == registry.digest


@given(entities, st.lists(edges, max_size=4))
def test_what_is_published_reads_back_the_same(described: list[Document], held: list[Document]) -> None:
    document = document_of(described, held)
    if is_read(document):
        registry = parse_registry({"faits.json": written(document)})
        assert parse_registry({"registry.json": registry.canonical}).canonical == registry.canonical


@given(st.sampled_from(KINDS), whens, st.text(min_size=1, max_size=5))
def test_the_digest_changes_with_any_fact(kind: str, as_of: str, note: str) -> None:
    before = parse_registry({"faits.json": written(DOCUMENT)}).digest
    changed = copy.deepcopy(DOCUMENT)
    changed[kind][0] |= {"as_of": as_of, "notes": note}
    assert parse_registry({"faits.json": written(changed)}).digest != before


@given(st.lists(edges, max_size=6))
def test_parts_that_are_accepted_never_make_more_than_the_whole_on_any_day(held: list[Document]) -> None:
    described = [{"id": name, "name": name, "kind": "company"} for name in ("alpha", "beta", "gamma", "delta")]
    document = document_of(described, held)
    if not is_read(document):
        return
    registry = parse_registry({"faits.json": written(document)})
    for facts in registry.held_by.values():
        for day in {dt.date(year, month, 15) for year in range(2019, 2032) for month in (1, 7)}:
            sure = [
                edge.share or 0 for edge in facts if edge.since is not None and holds_on(edge, day, favourable=True)
            ]
            assert sum(sure) <= 100 + 1e-6


@given(free_texts, free_texts)
def test_a_free_text_is_read_published_and_shown_as_it_was_said(name: str | Document, notes: str | Document) -> None:
    described = [{"id": "alpha", "name": name, "kind": "company", "notes": notes}]
    registry = parse_registry({"faits.json": written(document_of(described, []))})
    again = parse_registry({"registry.json": registry.canonical})
    [entity] = again.entities.values()
    assert again.digest == registry.digest
    for said, read in ((name, entity.name), (notes, entity.notes)):
        both = {"fr": said, "en": said} if isinstance(said, str) else said
        shown = in_both(read)
        assert {"fr": shown.fr, "en": shown.en} == both
        assert (text_in(read, "fr"), text_in(read, "en")) == (shown.fr, shown.en)


@given(whens, st.none() | whens, st.none() | whens, days)
def test_what_favours_on_a_day_would_also_expose(
    as_of: str, since: str | None, until: str | None, day: dt.date
) -> None:
    fields = {**VOUCHED, "as_of": as_of, "holder": "a", "held": "b", "from": since, "to": until}
    fact = msgspec.convert(fields, Edge)
    if holds_on(fact, day, favourable=True):
        assert holds_on(fact, day, favourable=False)


ODD: list[object] = [
    1, 101, -1, True, {}, [1], "", "FR\n", "FR", ["FR"], "2026-13", "2026", "Acme SA", None,
    {"fr": "a"}, {"fr": "a", "en": "b"}, {"fr": "a", "en": ""}, {"fr": "a", "en": "b", "de": "c"},
]  # fmt: skip


def breakages(fact: Document) -> st.SearchStrategy[Document]:
    """The same fact with a key gone, one unknown, or a value of another kind."""
    return st.one_of(
        st.sampled_from(sorted(fact)).map(lambda gone: {key: value for key, value in fact.items() if key != gone}),
        st.text(min_size=1, max_size=6).map(lambda extra: {**fact, f"x-{extra}": 1}),
        st.tuples(
            st.sampled_from([*sorted(fact), "from", "to", "seat", "votes", "staff"]),
            st.sampled_from(ODD),
        ).map(lambda change: {**fact, change[0]: change[1]}),
    )


@given(st.data(), st.sampled_from(KINDS))
def test_what_the_published_schema_rejects_is_rejected_at_its_place(data: st.DataObject, kind: str) -> None:
    broken = copy.deepcopy(DOCUMENT)
    index = data.draw(st.integers(0, len(broken[kind]) - 1))
    broken[kind][index] = data.draw(breakages(broken[kind][index]))
    if not jsonschema.Draft202012Validator(SCHEMA).is_valid(broken):
        found = flaws_of({"faits.json": written(broken)})
        assert any(flaw.path.startswith(f"{kind}[{index}]") for flaw in found)


def paths_in(value: object, path: Path = ()) -> set[Path]:
    found = {path}
    if isinstance(value, dict):
        found |= {inner for key, part in value.items() for inner in paths_in(part, (*path, key))}
    elif isinstance(value, list):
        found |= {inner for index, part in enumerate(value) for inner in paths_in(part, (*path, index))}
    return found


@given(jsons, st.sampled_from([None, 0, 1]), st.booleans())
def test_every_value_of_a_text_has_one_place(value: object, indent: int | None, escape: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=escape)
    walked = list(values_of(text))
    assert {path for path, _ in walked} == paths_in(value)
    assert len(walked) == len(paths_in(value))
    offsets = [offset for _, offset in walked]
    assert offsets == sorted(offsets)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text, paths_in(value)).values())
