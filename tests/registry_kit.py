"""A small invented registry, as a document that tests bend.

DOCUMENT = a company with a parent, a service at a site with one supplier, a model, a law
"""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.facts_kit import VOUCHED

Document = dict[str, Any]

TEXT = {"fr": "essai", "en": "trial"}

DOCUMENT: Document = {
    "format": "bouclier-registry/v2",
    "area": {
        "id": "area",
        "name": TEXT,
        "members": [{"code": "FR", "through": "EU"}, {"code": "DE", "through": "EU"}],
        **VOUCHED,
    },
    "entities": [
        {"id": "self", "name": "Nous", "kind": "institution", "ultimate": True, **VOUCHED},
        {"id": "acme", "name": "Acme", "kind": "company", "seat": "FR", **VOUCHED},
        {"id": "acme-holding", "name": "Acme Holding", "kind": "company", "seat": "FR", "ultimate": True, **VOUCHED},
        {"id": "zeta", "name": "Zeta", "kind": "company", "seat": "US", **VOUCHED},
    ],
    "edges": [
        {"holder": "acme-holding", "held": "acme", "share": 60, **VOUCHED},
        {"holder": "zeta", "held": "acme", "share": 40, "from": "2025-03", "to": "2027", **VOUCHED},
    ],
    "sites": [{"id": "acme-paris", "name": "Paris", "operator": "acme", "country": "FR", "pue": 1.2, **VOUCHED}],
    "services": [
        {
            "id": "acme-api",
            "name": "Acme API",
            "operator": "acme",
            "kind": "inference-api",
            "sites": ["acme-paris"],
            **VOUCHED,
        }
    ],
    "supplies": [{"service": "acme-api", "supplier": "zeta", "role": "technology", **VOUCHED}],
    "qualifications": [
        {"service": "acme-api", "name": "hds", "status": "held", "from": "2025", "to": "2027-06-30", **VOUCHED}
    ],
    "assessments": [{"service": "acme-api", "objective": "SOV-1", "seal": 3, **VOUCHED}],
    "laws": [
        {
            "id": "us-essai",
            "jurisdiction": "US",
            "title": {"fr": "Loi d'essai", "en": "Trial Act"},
            "allows": TEXT,
            "basis": "art. 1",
            "triggers": ["control"],
            "status": "in-force",
            **VOUCHED,
        }
    ],
    "reaches": [{"law": "us-essai", "whom": "acme", "certainty": "contested", "through": "essai", **VOUCHED}],
    "models": [
        {"id": "essai-7b", "name": "Essai 7B", "maker": "zeta", "weights": "open", "names": ["essai"], **VOUCHED}
    ],
    "deployments": [{"id": "acme-essai", "model": "essai-7b", "service": "acme-api", "site": "acme-paris", **VOUCHED}],
}


def bent(kind: str, index: int, /, **changes: object) -> Document:
    """Return the document with some fields of one fact changed, or gone where the change is `...`."""
    document = copy.deepcopy(DOCUMENT)
    fact = document[kind][index]
    fact.update(changes)
    for name in [name for name, value in fact.items() if value is ...]:
        del fact[name]
    return document


def with_more(kind: str, *facts: Document) -> Document:
    """Return the document with more facts of a kind, each of them vouched for."""
    document = copy.deepcopy(DOCUMENT)
    document[kind].extend({**VOUCHED, **fact} for fact in facts)
    return document


def written(document: Document) -> bytes:
    """Return a document as a person would write it: one field a line."""
    return json.dumps(document, indent=1).encode()


def own(**kinds: list[Document]) -> bytes:
    """Return a file of an institution's own facts, each of them vouched for."""
    lists = {kind: [{**VOUCHED, **fact} for fact in facts] for kind, facts in kinds.items()}
    return written({"format": "bouclier-registry/v2", **lists})
