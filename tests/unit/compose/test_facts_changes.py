"""What changes between two registries is told fact by fact, to whoever signs it."""

from __future__ import annotations

import json

import msgspec
from tests.facts_kit import VOUCHED, facts

from bouclier.compose.facts_changes import facts_changes

BEFORE = facts("FR", more=1)


def told(before: bytes, after: bytes) -> list[str]:
    lines = list(facts_changes(before, after))
    assert all(line.fr and line.en for line in lines)
    return [line.en for line in lines]


def with_facts(**changes: object) -> bytes:
    return msgspec.json.encode({**json.loads(BEFORE), **changes})


def edge(share: float, **changes: object) -> dict[str, object]:
    return {"holder": "other-0", "held": "acme", "share": share, **VOUCHED, **changes}


def test_facts_that_come_go_and_change_are_named_by_their_ids() -> None:
    after = facts("US", more=2)
    assert told(BEFORE, after) == [
        "facts: 1 more, 0 less, 1 changed (6 in all)",
        "+ entities other-1",
        '~ entities acme: seat "FR" → "US"',
    ]
    assert told(after, BEFORE)[1] == "− entities other-1"
    assert told(BEFORE, BEFORE) == ["facts: 0 more, 0 less, 0 changed (5 in all)"]


def test_what_has_no_id_is_named_by_what_it_links() -> None:
    once = with_facts(edges=[edge(20, to="2025")])
    assert told(BEFORE, once)[1:] == ["+ edges other-0 → acme"]
    assert told(once, with_facts(edges=[edge(60, to="2025")]))[1:] == ["~ edges other-0 → acme: share 20 → 60"]
    again = with_facts(edges=[edge(20, to="2025"), edge(60, **{"from": "2025"})])
    assert told(once, again)[1:] == ["~ edges other-0 → acme: 1 → 2"]


def test_what_this_version_does_not_know_is_told_all_the_same() -> None:
    assert told(BEFORE, with_facts(format="bouclier-registry/v3", weather=[{"id": "rain"}]))[1:] == [
        "+ weather rain",
        '~ format :  "bouclier-registry/v2" → "bouclier-registry/v3"',
    ]


def test_numbers_that_are_only_equal_to_python_are_a_change() -> None:
    one, other = (with_facts(edges=[edge(1, veto=veto)]) for veto in (True, 1))
    assert told(one, other)[1:] == ["~ edges other-0 → acme: veto true → 1"]


def test_nothing_of_a_fact_steers_a_terminal() -> None:
    line = told(BEFORE, with_facts(sites=[{"id": "a\x1b[2Jb\u202e"}]))[1]
    assert line == "+ sites a\\x1b[2Jb\\u202e"


def test_what_cannot_be_read_is_said() -> None:
    for data in (b"", b"[]", b'{"edges":[{}]}', b'{"edges":[1]}'):
        assert told(BEFORE, data) == ["the facts cannot be read"]
