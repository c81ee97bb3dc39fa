"""The `bouclier` object that accompanies an answer or an error: what was found, decided, done and recorded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.terms.exchange import Committed, Inspected
    from bouclier.terms.law import Deployment, PolicyRef, Verdict


def policies_shown(policies: Iterable[PolicyRef]) -> list[dict[str, str]]:
    """Return policies as the API shows them."""
    return [
        {"id": policy.id, "basis": policy.basis, "title_fr": policy.title_fr, "title_en": policy.title_en}
        for policy in policies
    ]


def deployment_shown(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as the API shows it: who runs it, where, and who can be compelled."""
    exposure = deployment.exposure
    return {
        "name": deployment.name,
        "operator": deployment.operator,
        "operator_name": deployment.operator_name,
        "site": deployment.site,
        "own": deployment.own,
        "openness": deployment.openness.value,
        "exposure_known": exposure.known,
        "control": exposure.control,
        "foreign_laws": exposure.foreign_laws,
        "contested": exposure.contested,
    }


def findings_counted(inspected: Inspected) -> dict[str, int]:
    """Return how many findings of each type there are."""
    return dict(Counter(finding.type.value for found in inspected.findings for finding in found))


def refused_shown(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return the refused candidates with the reason."""
    return [
        {"deployment": verdict.deployment.name, "policies": policies_shown(verdict.policies)} for verdict in verdicts
    ]


def exchange_shown(committed: Committed, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `bouclier` object of an answer; with `detail` if the caller asked to see its own texts."""
    placed = committed.placed
    permitted = placed.permitted
    inspected = permitted.inspected
    case = inspected.case
    received = inspected.received
    shown: dict[str, Any] = {
        "exchange": received.exchange_id,
        "data_class": case.data_class.slug,
        "labels": case.labels,
        "findings": findings_counted(inspected),
        "decision": {
            "permitted": True,
            "policies": policies_shown(placed.chosen.policies),
            "duties": placed.chosen.duties,
            "refused": refused_shown(permitted.refused),
        },
        "deployment": deployment_shown(placed.chosen.deployment),
        "receipt": receipt,
    }
    if received.request.detail:
        shown["detail"] = {
            "parts": [
                {
                    "path": part.path,
                    "findings": [
                        {
                            "start": finding.start,
                            "end": finding.end,
                            "type": finding.type.value,
                            "confidence": finding.confidence,
                            "validated_by": finding.validated_by,
                        }
                        for finding in found
                    ],
                    "left": str(left),  # a plain string: what may leave is said to the one who wrote it
                }
                for part, found, left in zip(received.request.parts, inspected.findings, committed.texts, strict=True)
            ]
        }
    return shown
