"""The law of a scripted gateway: the packaged charter, whoever adopted it, and the orders a test puts in force.

Served in the shapes of the real one, from real orders; `test_chat_page_law.py` holds the two side by side.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.charter import bundle_of
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.orders import Order, Published, RequireWarning, kind_of, orders_digest, parse_order, render_order
from bouclier.gateway.present import law_shown
from bouclier.terms.law import LawStamp, PolicyRef

if TYPE_CHECKING:
    from bouclier.charter import Charter

Json = dict[str, Any]

PARTIES = ("Arverne", "Bituria", "Carnutie", "Durocasse", "Éduenne")
REGISTRY = "2" * 64
EXPIRES = "2026-12-22T10:00:00Z"
AUTHORITIES = {
    "format": "bouclier-authorities/v1",
    "authorities": [
        {
            "id": "fr-protection",
            "name": {"fr": "Autorité inventée de protection", "en": "Invented protection authority"},
            "basis": "Loi d'exemple, art. 1",
            "role": "authority-fr-protection",
            "effects": ["suspend", "require-human-review", "forbid-jurisdiction", "require-warning"],
            "territory": ["FR"],
            "max_days": 90,
        }
    ],
}


def an_order(name: str, effect: Json, selector: Json, *, fr: str, en: str) -> Published:
    """An order as its authority would publish it."""
    written = {
        "format": "bouclier-order/v1",
        "id": f"fr-protection/{name}",
        "authority": "fr-protection",
        "title": {"fr": fr, "en": en},
        "effect": effect,
        "selector": selector,
        "basis": "Règlement (UE) 2016/679, art. 58(2)(f)",
        "reasons": {
            "fr": "Le modèle restitue des données d’entraînement.\nConstat du 20 novembre 2026.",
            "en": "The model returns training data.\nFinding of 20 November 2026.",
        },
        "scope": ["FR"],
        "start": "2026-11-22T10:00:00Z",
        "expires": EXPIRES,
        "redress": {
            "fr": "Recours devant le juge administratif, sous deux mois.",
            "en": "Appeal to the administrative court, within two months.",
        },
        "supersedes": None,
    }
    data = json.dumps(written).encode()
    return Published(sha256(data).hexdigest(), parse_order(data))


SUSPENDED = an_order(
    "2026-014",
    {"kind": "suspend"},
    {"deployment": "gravelines-mistral"},
    fr="Suspension du modèle de Gravelines",
    en="The Gravelines model is suspended",
)
REVIEWED = an_order(
    "2026-015", {"kind": "require-human-review"}, {}, fr="Relecture de chaque envoi", en="Every sending is reviewed"
)
SAYS_SO = an_order(
    "2026-017",
    {"kind": "require-warning", "warning": {"fr": "Modèle sous enquête.", "en": "Model under investigation."}},
    {},
    fr="Avertissement sur chaque réponse",
    en="A warning on every answer",
)
NO_AMERICA = an_order(
    "2026-016",
    {"kind": "forbid-jurisdiction", "states": ["US"]},
    {"law": "us-cloud-act", "openness": "closed"},
    fr="Rien à portée du droit des États-Unis",
    en="Nothing within reach of the law of the United States",
)


def policy_of(order: Order) -> PolicyRef:
    """The policy that an order becomes."""
    return PolicyRef(id=order.policy_id, basis=order.basis, title_fr=order.title.fr, title_en=order.title.en)


@cache
def charter_with_authorities() -> Charter:
    """The packaged charter, with an authority that may order something."""
    charter = load_charter(None)
    return replace(charter, files={**charter.files, "authorities.json": json.dumps(AUTHORITIES)})


@dataclass
class ScriptedLaw:
    """What is in force, as a test says.

    Attributes:
        charter: The charter.
        adopted_by: Who signed it; empty for nobody.
        orders: In force.
        expires: Until when it is current.
        expired: Whether that is over.
        problem: Why it cannot be followed, in both languages.
        problems: What is wrong, without making it invalid.
        refused: Orders published without effect, as the gateway shows them.
        silent: Whether it says nothing at all.
        asked: How often it was asked for.
    """

    charter: Charter = field(default_factory=charter_with_authorities)
    adopted_by: tuple[str, ...] = ()
    orders: list[Published] = field(default_factory=list)
    expires: str | None = EXPIRES
    expired: bool = False
    problem: Json | None = None
    problems: list[Json] = field(default_factory=list)
    refused: list[Json] = field(default_factory=list)
    silent: bool = False
    asked: int = 0

    @property
    def stamp(self) -> LawStamp:
        """What exchanges cite."""
        digest = sha256(bundle_of(self.charter.files)).hexdigest()
        orders = orders_digest(one.digest for one in self.orders)
        return LawStamp(charter=digest, orders=orders, registry=REGISTRY, root=3, timestamp=41)

    @property
    def warnings(self) -> list[Json]:
        """What orders want to be said beside each answer."""
        return [
            {
                "id": one.order.policy_id,
                "fr": one.order.effect.warning.fr,
                "en": one.order.effect.warning.en,
                "basis": one.order.basis,
            }
            for one in self.orders
            if isinstance(one.order.effect, RequireWarning)
        ]

    def answer(self, path: str) -> bytes | None:
        """What is served at a path under `/charter`, or None."""
        self.asked += 1
        if self.silent:
            return None
        if path == "/charter":
            return msgspec.json.encode(self._shown())
        if path == "/charter/orders":
            return msgspec.json.encode(self._orders())
        return bundle_of(self.charter.files) if path == "/charter/bundle" else None

    def _shown(self) -> Json:
        about = self.charter.about
        return {
            **law_shown(self.stamp),
            "name": {"fr": about.name.fr, "en": about.name.en},
            "version": about.version,
            "date": about.date,
            "status": {"fr": about.status.fr, "en": about.status.en},
            "adopted_by": self.adopted_by,
            "parties": PARTIES if self.adopted_by else ("local",),
            "threshold": 3 if self.adopted_by else 1,
            "editors": self.adopted_by[:2] or ("local",),
            "editors_threshold": 2 if self.adopted_by else 1,
            "expires": self.expires,
            "problems": self.problems,
            "packs": [
                {
                    "name": pack.name,
                    "title": {"fr": pack.title.fr, "en": pack.title.en},
                    "version": pack.version,
                    "date": pack.date,
                }
                for pack in self.charter.packs.values()
            ],
            "in_force": [
                {
                    "id": one.order.id,
                    "digest": one.digest,
                    "title": {"fr": one.order.title.fr, "en": one.order.title.en},
                    "effect": kind_of(one.order.effect),
                    "basis": one.order.basis,
                    "expires": EXPIRES,
                    "policy": one.order.policy_id,
                }
                for one in self.orders
            ],
            "own": not self.adopted_by,
            "registry_from": "packaged",
            "expired": self.expired,
            "own_only": False,
            "problem": self.problem,
        }

    def _orders(self) -> Json:
        return {
            "digest": self.stamp.orders,
            "orders": [
                {"digest": one.digest, "order": msgspec.json.decode(render_order(one.order))} for one in self.orders
            ],
            "refused": self.refused,
        }


def signed(*orders: Any, **changes: Any) -> ScriptedLaw:
    """A charter adopted by three parties of five."""
    return ScriptedLaw(adopted_by=PARTIES[:3], orders=list(orders), **changes)
