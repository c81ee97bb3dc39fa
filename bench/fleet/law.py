"""The packaged charter, and the order by which an authority suspends a model in the middle of the day."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.fleet.world import DAY
from bouclier.charter import decide, parse_charter
from bouclier.charter.adapters.charter_files import charter_files
from bouclier.charter.law import law_in_force
from bouclier.gateway.facts import day_of
from bouclier.terms.duties import Means, unmet
from bouclier.terms.law import Case

if TYPE_CHECKING:
    from bench.fleet.traffic import Asked, Group
    from bouclier.charter import InForce
    from bouclier.terms.law import Deployment

_AT: Final = dt.datetime.combine(DAY, dt.time(8), dt.UTC)
NOW_MS: Final = int(_AT.timestamp() * 1000)
"""The time of the day that is simulated, for whoever asks which day it is."""
_CAPACITY: Final = 65_536
_AUTHORITY: Final = {
    "id": "fr-example",
    "name": {"fr": "Autorité d'exemple", "en": "Example authority"},
    "basis": "Example",
    "role": "authority-fr-example",
    "effects": ["suspend"],
    "territory": ["FR"],
    "max_days": 30,
}


class Laws(NamedTuple):
    """By what is decided, before the order and after."""

    before: InForce
    after: InForce


def laws(registry: str, suspended: str) -> Laws:
    """Return the packaged charter without and with an order that suspends a model; its authority is invented."""
    files = charter_files()
    files["authorities.json"] = json.dumps({"format": "bouclier-authorities/v1", "authorities": [_AUTHORITY]})
    charter = parse_charter(files)
    order = {
        "format": "bouclier-order/v1",
        "id": "fr-example/1",
        "authority": "fr-example",
        "title": {"fr": f"Suspension de {suspended}", "en": f"{suspended} suspended"},
        "effect": {"kind": "suspend"},
        "selector": {"model": suspended},
        "basis": "Example",
        "reasons": {"fr": "Exemple.", "en": "Example."},
        "scope": ["FR"],
        "start": f"{DAY}T00:00:00Z",
        "expires": f"{DAY + dt.timedelta(days=10)}T00:00:00Z",
        "redress": {"fr": "Exemple.", "en": "Example."},
        "supersedes": None,
    }
    published = [("orders/fr-example/1.json", "authority-fr-example", json.dumps(order).encode())]
    before = law_in_force(charter, (), at=_AT, territory="FR", registry=registry, capacity=_CAPACITY)
    after = law_in_force(charter, published, at=_AT, territory="FR", registry=registry, capacity=_CAPACITY)
    assert len(after.orders.orders) == 1, "the order has no effect"
    return Laws(before, after)


def case_of(group: Group) -> Case:
    """Return what the charter knows of a request of this group."""
    return Case(
        role=group.role,
        purpose=group.purpose,
        data_class=group.data_class,
        labels=group.labels,
        day=day_of(NOW_MS),
    )


def means(asked: Asked) -> Means:
    """Return what a request brings: no sources, no review, an upper estimate of its length."""
    return Means(sourced=False, reviewed=False, tokens=estimated(asked))


def estimated(asked: Asked) -> int:
    """Return the gateway's upper estimate of a length: two characters a token, of texts that have about four."""
    return 2 * asked.prompt_tokens


class Judge:
    """Decides by the charter's pure function whether a request may go somewhere: it remembers, and shares nothing."""

    def __init__(self) -> None:
        self._duties: dict[tuple[str, str, str], tuple[str, ...] | None] = {}

    def permits(self, asked: Asked, deployment: Deployment, law: InForce) -> bool:
        """Tell whether the law permits it, and its duties can be fulfilled."""
        key = asked.group.name, deployment.name, law.stamp.orders
        if key not in self._duties:
            verdict = decide(case_of(asked.group), deployment, law.charter)
            self._duties[key] = verdict.duties if verdict.permitted else None
        duties = self._duties[key]
        return duties is not None and not unmet(duties, means(asked), carbon_mg=deployment.carbon_mg)
