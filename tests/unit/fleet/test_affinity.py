"""Which deployment holds a conversation: the last that served it, for a while, for so many conversations."""

from __future__ import annotations

from bouclier.fleet.affinity import Affinity


def test_the_last_one_that_served_it_is_remembered() -> None:
    affinity = Affinity(limit=10, forget_ms=1_000)
    affinity.served("c", "a", tokens=5, now_ms=0)
    affinity.served("c", "b", tokens=9, now_ms=1)
    assert affinity.last("c", now_ms=2) == ("b", 9)
    assert affinity.last("other", now_ms=2) is None


def test_it_is_forgotten_after_a_time_that_each_use_begins_again() -> None:
    affinity = Affinity(limit=10, forget_ms=1_000)
    affinity.served("c", "a", tokens=5, now_ms=0)
    affinity.served("c", "a", tokens=6, now_ms=999)
    assert affinity.last("c", now_ms=1_998) == ("a", 6)
    assert affinity.last("c", now_ms=1_999) is None
    assert len(affinity) == 0


def test_the_conversation_used_longest_ago_makes_room() -> None:
    affinity = Affinity(limit=2, forget_ms=1_000)
    for at, conversation in enumerate(("a", "b", "a", "c")):
        affinity.served(conversation, "d", tokens=1, now_ms=at)
    assert affinity.last("b", now_ms=5) is None
    assert affinity.last("a", now_ms=5) is not None
    assert len(affinity) == 2
