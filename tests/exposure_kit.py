"""Invented registries, a line for each fact, and the exposures they give.

registry(entities=[company("acme", "FR")], edges=[holds("holding", "acme", share=60)])
"""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bouclier.registry import parse_registry
from bouclier.registry.adapters.framework_file import load_framework
from bouclier.registry.expose import expose
from bouclier.registry.report_model import Subject

if TYPE_CHECKING:
    from bouclier.registry import Registry
    from bouclier.registry.report_model import Reached, Report, SubjectKind

Fact = dict[str, Any]
DAY = dt.date(2026, 11, 22)
FRAMEWORK = load_framework()
VOUCHED: Fact = {"source": {"kind": "invented", "ref": "test"}, "as_of": "2025", "confidence": "high"}
UNION, BEYOND = ("DE", "FR", "SE"), ("NO",)


def fact(**fields: Any) -> Fact:
    """Return a fact, vouched for; `since` and `until` are how Python spells `from` and `to`."""
    spelled = {{"since": "from", "until": "to"}.get(name, name): value for name, value in fields.items()}
    return {**VOUCHED, **{name: value for name, value in spelled.items() if value is not None}}


def company(identifier: str, seat: str | None = "FR", **more: Any) -> Fact:
    """Return an entity: a company unless `kind` says otherwise."""
    return fact(**{"id": identifier, "name": identifier.title(), "kind": "company", "seat": seat, **more})


def holds(holder: str, held: str, share: float | None = None, **more: Any) -> Fact:
    """Return an edge; the boards are known, unless said otherwise, to be of no concern."""
    return fact(**{"holder": holder, "held": held, "share": share, "board": "none", **more})


def service(name: str, operator: str, *countries: str, **more: Any) -> Fact:
    """Return a service, with people who work in France unless said otherwise."""
    return fact(
        **{
            "id": name,
            "name": name.title(),
            "operator": operator,
            "kind": "inference-api",
            "countries": countries,
            "staff": ["FR"],
            **more,
        }
    )


def supplied(service_: str, supplier: str, role: str = "hosting", **more: Any) -> Fact:
    """Return that a service rests on somebody."""
    return fact(service=service_, supplier=supplier, role=role, **more)


def law(name: str, *triggers: str, **more: Any) -> Fact:
    """Return a law of the state its name begins with."""
    text = {"fr": name, "en": name}
    usual: Fact = {"id": name, "jurisdiction": name[:2].upper(), "title": text, "allows": text, "basis": "article 1"}
    return fact(**{**usual, "triggers": triggers, "status": "in-force", **more})


def document(**kinds: list[Fact]) -> Fact:
    """Return a file of facts with a small legal area: Germany, France and Sweden in the Union, Norway in the EEA."""
    members = [{"code": code, "through": "EU"} for code in UNION] + [
        {"code": code, "through": "EEA"} for code in BEYOND
    ]
    area = fact(id="area", name={"fr": "Zone", "en": "Area"}, members=members)
    return {"format": "bouclier-registry/v2", "area": area, **kinds}


def registry(**kinds: list[Fact]) -> Registry:
    """Return a registry of these facts, in `document`'s legal area."""
    return parse_registry({"invented.json": json.dumps(document(**kinds)).encode()})


def report(facts: Registry, name: str, kind: SubjectKind = "service", **more: Any) -> Report:
    """Return the report on a subject, at the day of these tests unless said otherwise."""
    asked: Fact = {"day": DAY, "framework": FRAMEWORK, **more}
    return expose(facts, Subject(kind, name), **asked)


def laws(found: Report) -> dict[str, str]:
    """Return the surest certainty of each law that reaches."""
    certainties: dict[str, str] = {}
    for one in found.reaches:
        certainties.setdefault(one.law, one.certainty.value)
    return certainties


def chain(reached: Reached) -> list[str]:
    """Return a chain as ids."""
    return [reached.chain[0].begin.id, *(step.end.id for step in reached.chain)]


def only(found: Report, law_: str, trigger: str) -> Reached:
    """Return how a law reaches by one trigger."""
    (one,) = (reached for reached in found.reaches if (reached.law, reached.trigger) == (law_, trigger))
    return one


def exactly(*numbers: float) -> tuple[Fraction, ...]:
    """Return numbers as exact fractions, as they are written here."""
    return tuple(Fraction(str(number)) for number in numbers)
