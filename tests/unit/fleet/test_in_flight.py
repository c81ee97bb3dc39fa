"""What is in flight leaves when it ends or at its deadline, and is never counted twice."""

from __future__ import annotations

from bouclier.fleet.in_flight import InFlight, Member


def member(deadline: int) -> Member:
    return Member(0, deadline, None, 0, 0, 0)


def test_a_member_leaves_once() -> None:
    flight = InFlight()
    flight.add("a", member(100))
    assert len(flight) == 1
    assert flight.remove("a") is not None
    assert flight.remove("a") is None
    assert len(flight) == 0


def test_one_that_is_told_twice_is_counted_once() -> None:
    flight = InFlight()
    flight.add("a", member(100))
    flight.add("a", member(200))
    assert len(flight) == 1
    assert list(flight.expired(150)) == []
    assert list(flight.expired(200)) == ["a"]


def test_what_nobody_ended_leaves_at_its_deadline() -> None:
    flight = InFlight()
    for name, deadline in (("a", 100), ("b", 50), ("c", 200)):
        flight.add(name, member(deadline))
    flight.remove("b")
    assert list(flight.expired(99)) == []
    assert list(flight.expired(100)) == ["a"]
    assert flight.next_expiry() == 200
    assert list(flight.expired(10_000)) == ["c"]
    assert flight.next_expiry() is None


def test_counts_of_other_gateways_are_leased() -> None:
    flight = InFlight()
    flight.hear("g1", 3, until_ms=100)
    flight.hear("g2", 2, until_ms=200)
    assert flight.elsewhere(99) == 5
    assert flight.elsewhere(100) == 2
    assert flight.elsewhere(200) == 0
    assert flight.next_expiry() is None


def test_what_a_gateway_tells_replaces_what_it_told() -> None:
    flight = InFlight()
    flight.hear("g1", 3, until_ms=100)
    flight.hear("g1", 1, until_ms=300)
    assert flight.elsewhere(150) == 1
    flight.hear("g1", 0, until_ms=400)
    assert flight.elsewhere(200) == 0
