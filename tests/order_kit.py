"""Invented orders, mandates and deployments that several tests share."""

from __future__ import annotations

import json
from typing import Any

from cedarpy.pst import ActionEq, EntityType, EntityUid

from bouclier.charter.orders import Mandate, Order, parse_authorities, parse_order

PROTECTION: dict[str, Any] = {
    "id": "fr-protection",
    "name": {"fr": "Autorité d'exemple", "en": "Example authority"},
    "basis": "Loi d'exemple, art. 1",
    "role": "authority-fr-protection",
    "effects": [
        "suspend",
        "forbid-jurisdiction",
        "require-warning",
        "require-evaluation",
        "cap-class",
        "require-human-review",
        "local-only",
    ],
    "territory": ["FR"],
    "max_days": 90,
}


def spelled(**changes: object) -> dict[str, Any]:
    """Return a valid order as JSON values, with some fields changed; a field changed to `...` is left out."""
    order: dict[str, Any] = {
        "format": "bouclier-order/v1",
        "id": "fr-protection/2026-014",
        "authority": "fr-protection",
        "title": {"fr": "Suspension du modèle exemple-7b", "en": "Model exemple-7b suspended"},
        "effect": {"kind": "suspend"},
        "selector": {"model": "exemple-7b"},
        "basis": "Règlement (UE) 2016/679, art. 58(2)(f)",
        "reasons": {"fr": "Des fuites ont été constatées.\n\nElles durent.", "en": "Leaks were found.\n\nThey go on."},
        "scope": ["FR"],
        "start": "2026-11-22T10:00:00Z",
        "expires": "2026-12-22T10:00:00Z",
        "redress": {"fr": "Recours sous deux mois.", "en": "Appeal within two months."},
        "supersedes": None,
    }
    order.update(changes)
    return {key: value for key, value in order.items() if value is not ...}


def encoded(**changes: object) -> bytes:
    """Return the same as a file."""
    return json.dumps(spelled(**changes), ensure_ascii=False).encode()


def order(**changes: object) -> Order:
    """Return the same as a value."""
    return parse_order(encoded(**changes))


def authorities(*given: dict[str, Any]) -> bytes:
    """Return an `authorities.json`."""
    return json.dumps({"format": "bouclier-authorities/v1", "authorities": list(given)}).encode()


def mandate(**changes: object) -> Mandate:
    """Return the example authority's mandate, with some fields changed."""
    written = {**PROTECTION, **changes}
    return parse_authorities(authorities(written))[str(written["id"])]


def action_of(name: str) -> ActionEq:
    """Return the scope of a policy that is about one action."""
    return ActionEq(EntityUid(EntityType("Action", ("Bouclier",)), name))
