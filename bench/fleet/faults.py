"""What goes wrong on a simulated day: drawn once from a seed, the same for every strategy.

Whole sites refuse connections or hang for minutes to an hour of their short day, sites are slow, two lie about their
health, an operator drains a site and says so, a country is cut off, and an authority suspends a model. How often is
invented, and more than any operator would own up to: a day without failures compares nothing.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from bench.fleet.engine import Fault
from bench.fleet.world import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator


class Trouble(NamedTuple):
    """Something that happens to a site, and ends.

    Attributes:
        at_s: When.
        for_s: For how long.
        site: Where.
        fault: What, if it is a fault.
        slower: How many times slower it is meanwhile.
        announced: Its operator says so, a minute before.
    """

    at_s: float
    for_s: float
    site: str
    fault: Fault
    slower: float = 1.0
    announced: bool = False


class Plan(NamedTuple):
    """All that goes wrong.

    Attributes:
        troubles: In the order in which they begin.
        suspended_at_s: When an authority suspends a model.
        suspended: Which.
    """

    troubles: tuple[Trouble, ...]
    suspended_at_s: float
    suspended: str


def plan(length_s: float, *, seed: int) -> Plan:
    """Draw what goes wrong in so many seconds."""
    troubles = sorted(_drawn(length_s, random.Random(seed)), key=lambda one: (one.at_s, one.site))
    return Plan(tuple(troubles), suspended_at_s=0.55 * length_s, suspended="granite")


def _drawn(length_s: float, drawn: random.Random) -> Iterator[Trouble]:
    sites = [place.name for place in PLACES]

    def moment() -> float:
        return drawn.uniform(0.25, 0.8) * length_s

    for site in drawn.sample(sites, 8):
        fault = drawn.choice((Fault.REFUSES, Fault.REFUSES, Fault.HANGS))
        yield Trouble(moment(), drawn.uniform(60, 300), site, fault)
    for site in drawn.sample(sites, 3):  # restarts: down for seconds
        yield Trouble(moment(), drawn.uniform(5, 25), site, Fault.REFUSES)
    for site in drawn.sample(sites, 6):
        yield Trouble(moment(), drawn.uniform(120, 400), site, Fault.NONE, slower=drawn.uniform(3, 10))
    for site in drawn.sample(sites, 2):
        yield Trouble(moment(), drawn.uniform(120, 400), site, Fault.LIES)
    for site in drawn.sample(sites, 2):
        yield Trouble(moment(), drawn.uniform(180, 400), site, Fault.CLOSED, announced=True)
    cut_at, cut_for = moment(), drawn.uniform(60, 240)
    country = drawn.choice(("DE", "SE", "FI"))
    for place in PLACES:
        if place.country == country:
            yield Trouble(cut_at, cut_for, place.name, Fault.HANGS)
