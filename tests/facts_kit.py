"""Invented registries of facts: small, whole, and different by what is asked.

facts("FR")            # canonical bytes, as published: one operator with its seat in a state
"""

from __future__ import annotations

import json
from typing import Any

from bouclier.registry import parse_registry

VOUCHED: dict[str, Any] = {"source": {"kind": "invented", "ref": "test"}, "as_of": "2026", "confidence": "high"}


def facts(seat: str = "FR", *, more: int = 0) -> bytes:
    """Return facts as they are published: an operator with its seat in a state, nobody above it, and more entities."""
    return parse_registry({"invented.json": document(seat, more=more)}).canonical


def document(seat: str = "FR", *, more: int = 0, **changes: object) -> bytes:
    """Return the same as somebody may have written it, with other fields of the operator."""
    entities = [entity("acme", seat=seat, **changes), *(entity(f"other-{number}") for number in range(more))]
    service = {"id": "acme-api", "name": "Acme API", "operator": "acme", "kind": "inference-api", **VOUCHED}
    area = {"id": "area", "name": {"fr": "Zone", "en": "Area"}, "members": [{"code": "FR", "through": "EU"}], **VOUCHED}
    written = {"format": "bouclier-registry/v2", "area": area, "entities": entities, "services": [service]}
    return json.dumps(written, indent=1).encode()


def entity(identifier: str, **changes: object) -> dict[str, object]:
    """Return an entity that nobody controls."""
    usual = {"id": identifier, "name": identifier.title(), "kind": "company", "seat": "FR", "ultimate": True, **VOUCHED}
    return {**usual, **changes}
