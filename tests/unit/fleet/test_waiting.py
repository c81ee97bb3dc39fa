"""Who is next: urgency, then deadline, then arrival; nobody waits for ever, and the line is bounded."""

from __future__ import annotations

import pytest

from bouclier.fleet.waiting import Priority, Waiting, WaitingLine

AGEING_MS = 20_000


def entry(
    name: str,
    priority: Priority = Priority.NORMAL,
    *,
    arrived: int = 0,
    deadline: int = 100_000,
    candidates: tuple[str, ...] = ("d",),
) -> Waiting:
    return Waiting(name, priority, arrived, deadline, frozenset(candidates))


def line(*entries: Waiting, limit: int = 100) -> WaitingLine:
    made = WaitingLine(limit=limit, ageing_ms=AGEING_MS)
    for one in entries:
        assert made.join(one, now_ms=one.arrived_ms) is None
    return made


def served(made: WaitingLine, now: int = 0) -> list[str]:
    names = []
    while (one := made.next_for("d", now_ms=now)) is not None:
        names.append(one.exchange_id)
    return names


def test_the_urgent_goes_first_then_the_earliest_deadline_then_who_came_first() -> None:
    made = line(
        entry("batch", Priority.BATCH, deadline=10),
        entry("late", arrived=1, deadline=300),
        entry("second", arrived=3, deadline=200),
        entry("first", arrived=2, deadline=200),
        entry("urgent", Priority.INTERACTIVE, arrived=4, deadline=900),
    )
    assert served(made, now=5) == ["urgent", "first", "second", "late", "batch"]


def test_a_place_goes_to_the_first_that_may_use_it() -> None:
    made = line(entry("a", candidates=("x",)), entry("b", arrived=1, candidates=("x", "y")))
    assert made.next_for("z", now_ms=2) is None
    one = made.next_for("y", now_ms=2)
    assert one is not None
    assert one.exchange_id == "b"
    assert "b" not in made
    assert "a" in made


def test_batch_is_served_although_urgent_ones_keep_coming() -> None:
    made = line(entry("batch", Priority.BATCH, deadline=10_000_000))
    for now in range(0, 10 * AGEING_MS, 1_000):
        made.join(entry(f"u{now}", Priority.INTERACTIVE, arrived=now, deadline=now + 30_000), now_ms=now)
        one = made.next_for("d", now_ms=now)
        assert one is not None
        if one.exchange_id == "batch":
            assert 2 * AGEING_MS <= now <= 3 * AGEING_MS
            return
    raise AssertionError


def test_a_full_line_puts_out_the_worst_and_that_may_be_the_newcomer() -> None:
    made = line(entry("a", Priority.INTERACTIVE), entry("b", Priority.BATCH), limit=2)
    out = made.join(entry("c"), now_ms=0)
    assert out is not None
    assert out.exchange_id == "b"
    out = made.join(entry("d", Priority.BATCH), now_ms=0)
    assert out is not None
    assert out.exchange_id == "d"
    assert [one.exchange_id for one in made.in_order(now_ms=0)] == ["a", "c"]


def test_an_entry_joins_once() -> None:
    made = line(entry("a"))
    with pytest.raises(ValueError, match="a"):
        made.join(entry("a"), now_ms=0)
    assert len(made) == 1


def test_whose_deadline_passed_is_never_next() -> None:
    made = line(entry("a", deadline=50), entry("b", deadline=40), entry("c", deadline=90))
    one = made.next_for("d", now_ms=50)
    assert one is not None
    assert one.exchange_id == "c"
    assert made.next_for("d", now_ms=50) is None
    assert {name for name in "abc" if made.leave(name)} == {"a", "b"}


def test_who_leaves_is_gone() -> None:
    made = line(entry("a"))
    assert made.leave("a") is not None
    assert made.leave("a") is None
    assert served(made) == []


def test_who_is_refused_is_told_how_long_the_line_takes_at_its_pace() -> None:
    made = line(*(entry(f"e{number}", arrived=number) for number in range(6)))
    assert made.retry_after_ms() == 6_000  # no pace known yet: a second each
    for now in (10_000, 14_000, 18_000):
        made.next_for("d", now_ms=now)
    assert made.retry_after_ms() == 3 * 4_000


def test_the_time_when_nobody_waited_is_not_the_pace_of_the_line() -> None:
    made = line(*(entry(f"e{number}", deadline=10**9) for number in range(3)))
    assert served(made, now=0) == ["e0", "e1", "e2"]
    for number in range(4):
        made.join(entry(f"f{number}", arrived=500_000, deadline=10**9), now_ms=500_000)
    made.next_for("d", now_ms=500_000)
    assert made.retry_after_ms() == 500
