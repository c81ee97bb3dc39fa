"""Nothing of a registry changes unseen by those who sign it."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bouclier.compose.facts_changes import facts_changes

VALUES = st.none() | st.booleans() | st.integers(0, 2) | st.floats(0, 2) | st.sampled_from(("", "a", "\u202e"))
FIELDS = st.dictionaries(st.sampled_from(("seat", "share", "from", "x")), VALUES, max_size=3)
IDS = st.sampled_from(("a", "b"))
ENTITIES = st.lists(st.builds(lambda name, more: {"id": name, **more}, IDS, FIELDS), max_size=3)
EDGES = st.lists(
    st.builds(lambda one, other, more: {"holder": one, "held": other, **more}, IDS, IDS, FIELDS), max_size=3
)
AREAS = st.none() | st.builds(lambda name, more: {"id": name, **more}, IDS, FIELDS)


def spelled(facts: object) -> bytes:
    return msgspec.json.encode(facts, order="sorted")


def registry(entities: list[Any], edges: list[Any], area: Any) -> bytes:
    """Return facts as they are published: one spelling for one set of them."""
    listed = {"entities": sorted(entities, key=spelled), "edges": sorted(edges, key=spelled)}
    return spelled(listed if area is None else {**listed, "area": area})


REGISTRIES = st.builds(registry, ENTITIES, EDGES, AREAS)


@given(REGISTRIES, REGISTRIES)
def test_a_change_is_told_if_and_only_if_there_is_one(before: bytes, after: bytes) -> None:
    first, *told = facts_changes(before, after)
    assert first.en.startswith("facts: ")
    assert bool(told) is (before != after)
    assert all(line.en.isprintable() for line in told)


@given(REGISTRIES, REGISTRIES)
def test_what_comes_is_what_goes_the_other_way(before: bytes, after: bytes) -> None:
    there, back = (list(facts_changes(*pair)) for pair in ((before, after), (after, before)))
    assert [line.en[1:] for line in there if line.en[0] == "+"] == [line.en[1:] for line in back if line.en[0] == "−"]
    assert len(there) == len(back)
