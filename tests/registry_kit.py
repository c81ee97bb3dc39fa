"""A small invented registry, as a document that tests bend.

DOCUMENT = a company with a parent, a service at a site with one supplier, a model, a law
"""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.facts_kit import VOUCHED

Document = dict[str, Any]

SAID: Document = {**VOUCHED, "as_of": "2025"}

TEXT = {"fr": "essai", "en": "trial"}

DOCUMENT: Document = {
    "format": "bouclier-registry/v2",
    "area": {
        "id": "area",
        "name": TEXT,
        "members": [{"code": "FR", "through": "EU"}, {"code": "DE", "through": "EU"}],
        **SAID,
    },
    "entities": [
        {"id": "self", "name": "Nous", "kind": "institution", "ultimate": True, **SAID},
        {"id": "acme", "name": "Acme", "kind": "company", "seat": "FR", **SAID},
        {"id": "acme-holding", "name": "Acme Holding", "kind": "company", "seat": "FR", "ultimate": True, **SAID},
        {"id": "zeta", "name": "Zeta", "kind": "company", "seat": "US", **SAID},
    ],
    "edges": [
        {"holder": "acme-holding", "held": "acme", "share": 60, **SAID},
        {"holder": "zeta", "held": "acme", "share": 40, "from": "2025-03", "to": "2027", **SAID},
    ],
    "sites": [{"id": "acme-paris", "name": "Paris", "operator": "acme", "country": "FR", "pue": 1.2, **SAID}],
    "services": [
        {
            "id": "acme-api",
            "name": "Acme API",
            "operator": "acme",
            "kind": "inference-api",
            "sites": ["acme-paris"],
            **SAID,
        }
    ],
    "supplies": [{"service": "acme-api", "supplier": "zeta", "role": "technology", **SAID}],
    "qualifications": [
        {"service": "acme-api", "name": "hds", "status": "held", "from": "2025", "to": "2027-06-30", **SAID}
    ],
    "assessments": [{"service": "acme-api", "objective": "SOV-1", "seal": 3, **SAID}],
    "laws": [
        {
            "id": "us-essai",
            "jurisdiction": "US",
            "title": {"fr": "Loi d'essai", "en": "Trial Act"},
            "allows": TEXT,
            "basis": "art. 1",
            "triggers": ["control"],
            "status": "in-force",
            **SAID,
        }
    ],
    "reaches": [{"law": "us-essai", "whom": "acme", "certainty": "contested", "through": "essai", **SAID}],
    "models": [{"id": "essai-7b", "name": "Essai 7B", "maker": "zeta", "weights": "open", "names": ["essai"], **SAID}],
    "deployments": [{"id": "acme-essai", "model": "essai-7b", "service": "acme-api", "site": "acme-paris", **SAID}],
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
    document[kind].extend({**SAID, **fact} for fact in facts)
    return document


def written(document: Document) -> bytes:
    """Return a document as a person would write it: one field a line."""
    return json.dumps(document, indent=1).encode()


def own(**kinds: list[Document]) -> bytes:
    """Return a file of an institution's own facts, each of them vouched for."""
    lists = {kind: [{**SAID, **fact} for fact in facts] for kind, facts in kinds.items()}
    return written({"format": "bouclier-registry/v2", **lists})
