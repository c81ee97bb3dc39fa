"""A report as plain values for JSON, for programs. Pure.

Percentages are decimal text, so that nothing is rounded by whoever reads them; what has no exact decimals within six is
rounded outwards, so that an interval still holds the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bouclier.registry.draw_verdict import verdict_of
from bouclier.registry.expose_words import could, ground, how, label, what
from bouclier.registry.free_text import in_both
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from bouclier.registry.model import Qualification, Vouched
    from bouclier.registry.report_model import Bounds, HoldersTest, Node, Objective, Reached, Report, Step, Transfer

FORMAT: Final = "bouclier-exposure/v1"
_MICRO: Final = 1_000_000


def report_values(report: Report) -> dict[str, Any]:
    """Return a report as values that any JSON writer takes; their fields are those of `report_model.py`."""
    return {
        "format": FORMAT,
        "subject": {"kind": report.subject.kind, "id": report.subject.id, "name": _both(in_both(report.node.name))},
        "day": report.day.isoformat(),
        "registry": report.registry,
        "operators": list(report.operators),
        "known": report.known,
        "control": list(report.control),
        "home": list(report.home),
        "verdict": _both(Bilingual(verdict_of(report, "fr"), verdict_of(report, "en"))),
        "ties": _chain(report.ties),
        "qualifications": [_label(one) for one in report.labels],
        "reaches": [_reached(reached) for reached in report.reaches],
        "influences": [
            {"kind": one.kind, "states": list(one.states), "chain": _chain(one.chain)} for one in report.influences
        ],
        "unknowns": [
            {
                "kind": one.kind,
                "about": one.about,
                "name": _both(in_both(one.name)),
                "what": _both(what(one)),
                "could": _both(could(one)),
            }
            for one in report.unknowns
        ],
        "secnumcloud_19_6": _holders(report.holders),
        "sovereignty": {
            "objectives": [_objective(one) for one in report.sovereignty.objectives],
            "score": _bounds(report.sovereignty.score),
            "gates": report.sovereignty.gates,
        },
        "transfer": _transfer(report.transfer),
        "served_by": list(report.served_by),
    }


def percent_text(value: Fraction, *, up: bool = False) -> str:
    """Return a percentage in decimals: exact within six, else rounded down, or up.

    >>> from fractions import Fraction
    >>> percent_text(Fraction(241, 10)), percent_text(Fraction(100, 3), up=True)
    ('24.1', '33.333334')
    """
    scaled = value * _MICRO
    micro = -(-scaled // 1) if up else scaled // 1
    whole, rest = divmod(int(micro), _MICRO)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _reached(reached: Reached) -> dict[str, Any]:
    return {
        "law": reached.law,
        "jurisdiction": reached.jurisdiction,
        "certainty": str(reached.certainty),
        "open": reached.is_open,
        "trigger": reached.trigger,
        "chain": _chain(reached.chain),
        "also": list(reached.also),
    }


def _label(one: Qualification) -> dict[str, Any]:
    return {
        "service": one.service,
        "name": one.name,
        "status": one.status,
        "scope": None if one.scope is None else _both(in_both(one.scope)),
        "text": _both(label(one, one.service)),
        "fact": _fact(one),
    }


def _chain(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "from": _node(step.begin),
            "to": _node(step.end),
            "way": step.way.value,
            "how": _both(how(step)),
            "percent": None if step.percent is None else percent_text(step.percent),
            "presumed": step.presumed,
            "facts": [_fact(fact) for fact in step.facts],
        }
        for step in steps
    ]


def _fact(fact: Vouched) -> dict[str, Any]:
    return {
        "source": {"kind": fact.source.kind, "ref": _both(in_both(fact.source.ref))},
        "as_of": fact.as_of,
        "confidence": fact.confidence,
        "signer": fact.signer,
        "from": getattr(fact, "since", None),
        "to": getattr(fact, "until", None),
    }


def _holders(found: HoldersTest) -> dict[str, Any]:
    return {
        "operator": found.operator,
        "verdict": found.verdict,
        "seat": found.seat,
        "holders": [
            {**_node(one.node), "seat": one.seat, "capital": _bounds(one.capital), "votes": _bounds(one.votes)}
            for one in found.holders
        ],
        "capital": _bounds(found.capital),
        "votes": _bounds(found.votes),
        "unnamed": percent_text(found.unnamed, up=True),
        "grounds": [
            {
                "rule": one.rule,
                "verdict": one.verdict,
                "about": one.about,
                "amount": None if one.amount is None else _bounds(one.amount),
                "text": _both(ground(one, one.about)),
            }
            for one in found.grounds
        ],
    }


def _objective(one: Objective) -> dict[str, Any]:
    return {
        "id": one.id,
        "weight": one.weight,
        "seal": list(one.seal),
        "score": _bounds(one.score),
        "gate": one.gate,
        "passes": one.passes,
        "why": list(one.why),
        "unless": list(one.unless),
        "facts": [_fact(fact) for fact in one.facts],
    }


def _transfer(found: Transfer) -> dict[str, Any]:
    return {
        "machines": found.machines,
        "people": found.people,
        "destinations": [
            {
                "state": one.state,
                "by": one.by,
                "basis": one.basis,
                "decision": _both(in_both(one.decision)) if one.decision else None,
                "source": one.source,
                "needs": one.needs,
            }
            for one in found.destinations
        ],
    }


def _bounds(bounds: Bounds) -> list[str]:
    return [percent_text(bounds.low), percent_text(bounds.high, up=True)]


def _node(node: Node) -> dict[str, Any]:
    return {"kind": node.kind, "id": node.id, "name": _both(in_both(node.name))}


def _both(text: Bilingual) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}
