"""Put some policies of a charter to a request, without the others: which of them hold?

This is for understanding a charter, never for deciding by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cedarpy import PolicySet, is_authorized

from bouclier.charter.locate import policy_texts
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.charter.refine import refine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.charter.model import Action, Charter, Policy
    from bouclier.charter.sampling import Request


class Holding(NamedTuple):
    """What some policies say by themselves.

    Attributes:
        ids: Those that hold: all of them if they are of one effect.
        err: Whether one of them could not be evaluated.
    """

    ids: frozenset[str]
    err: bool


def some_policies(policies: Iterable[Policy], charter: Charter) -> PolicySet:
    """Return policies of a charter's own files, prepared for Cedar without the others."""
    return PolicySet.from_str("\n".join(text_of(policy, charter) for policy in policies))


def text_of(policy: Policy, charter: Charter) -> str:
    """Return the text of a policy of a charter's own files."""
    return next(text for line, text in policy_texts(charter.files[policy.file]) if line == policy.line)


def holding(policies: PolicySet, action: Action, request: Request, charter: Charter) -> Holding:
    """Return which policies hold for a request, the charter's own data applied to it."""
    case, deployment = refine(request.case, charter.data), request.deployment
    entities = prepare_entities(entities_of(case.role, deployment), charter.schema)
    question = question_of(action, case, deployment, charter.data)
    diagnostics = is_authorized(dict(question), policies, entities.handle).diagnostics
    return Holding(frozenset(diagnostics.id_annotations_by_reason.values()), bool(diagnostics.errors))
