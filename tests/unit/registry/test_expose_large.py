"""Registries that somebody might write to keep a gateway busy: long chains, circles, webs of all with all."""

from __future__ import annotations

from fractions import Fraction

from tests.exposure_kit import Fact, chain, company, holds, laws, only, registry, report, service

from bouclier.registry.control import Ownership
from bouclier.registry.expose import exposure_of, summary
from bouclier.registry.report_model import Subject

DEEP = 3000


def names(count: int) -> list[str]:
    return [f"e{number}" for number in range(count)]


def told_of(edges: list[Fact], seats: dict[str, str], last: str = "") -> Fact:
    """Entities in France unless said otherwise, and a service of the first."""
    found = sorted({str(edge[end]) for edge in edges for end in ("holder", "held")})
    entities = [company(name, seats.get(name, "FR"), ultimate=name == last) for name in found]
    return {"entities": entities, "edges": edges, "services": [service("api", "e0", "FR")]}


def test_a_chain_of_thousands_is_followed_to_its_end_and_let_go() -> None:
    top = f"e{DEEP}"
    edges = [holds(above, held, 60) for held, above in zip(names(DEEP), names(DEEP + 1)[1:], strict=True)]
    facts = registry(**told_of(edges, {top: "US"}, last=top))
    found = report(facts, "api")
    assert laws(found) == {"law-of-US": "established"}
    assert len(chain(only(found, "law-of-US", "control"))) == DEEP + 3
    assert found.known
    assert summary(found) == exposure_of(facts, Subject("service", "api"), day=found.day)
    del found  # a chain is freed link by link, however long


def test_of_thousands_in_one_state_the_nearest_is_told_and_the_others_named() -> None:
    edges = [holds(above, held, 60) for held, above in zip(names(40), names(41)[1:], strict=True)]
    seats = dict.fromkeys(names(41)[3:], "US")
    found = report(registry(**told_of(edges, seats)), "api")
    reached = only(found, "law-of-US", "control")
    assert chain(reached)[-2] == "e3"
    assert reached.also == tuple(sorted(names(41)[4:]))


def test_a_circle_of_vetoes_over_shared_holdings_is_one_hand() -> None:
    ring = names(60)
    edges = [
        holds(ring[(number + step) % 60], name, share, veto=True)
        for number, name in enumerate(ring)
        for step, share in ((1, 30), (7, 25))
    ]
    held = Ownership(registry(**told_of(edges, {})), report(registry(**told_of(edges, {})), "api").day)
    assert set(held.closure("e0")) == set(ring)
    assert held.unsettled("e0") == tuple(sorted(ring))


def test_hands_that_come_together_link_by_link_reach_the_bottom() -> None:
    steps = 30
    edges = [holds(f"e{steps + 1}", f"e{steps}", 60)]
    for step in range(steps):
        edges += [holds(f"e{step + 1}", f"e{step}", 30), holds(f"y{step + 1}", f"e{step}", 30)]
        edges += [holds(f"e{step + 2}", f"y{step + 1}", 60)]
    facts = registry(**told_of(edges, {f"e{steps + 1}": "US"}, last=f"e{steps + 1}"))
    found = report(facts, "api")
    assert laws(found) == {"law-of-US": "established"}
    details = {step.detail for step in only(found, "law-of-US", "control").chain[1:-1]}
    assert "together" in details <= {"together", "votes"}


def test_in_a_web_of_all_with_all_what_is_not_looked_at_may_be_anyones() -> None:
    ring = names(90)
    edges = [holds(holder, held, 1.1) for held in ring for holder in ring if holder != held]
    found = report(registry(**told_of(edges, {"e1": "US"})), "api").holders
    (holder,) = found.holders
    assert Fraction("1.1") <= holder.capital.low <= holder.capital.high == 100
    assert found.capital.high == 100
    assert found.verdict == "unknown"
