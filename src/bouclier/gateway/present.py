"""The `bouclier` object that accompanies an answer or an error: what was found, decided, done and recorded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bouclier.shield.kinds import stays_in_the_text
from bouclier.terms.content import EntityType
from bouclier.terms.duties import warnings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bouclier.terms.content import Finding
    from bouclier.terms.exchange import Committed, Inspected
    from bouclier.terms.law import Case, Deployment, LawStamp, PolicyRef, Verdict, WarningText


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
        "country": deployment.country,
        "carbon_mg": deployment.carbon_mg,
        "control": exposure.control,
        "foreign_laws": exposure.foreign_laws,
        "contested": exposure.contested,
        "law_titles": {law: {"fr": fr, "en": en} for law, (fr, en) in exposure.law_titles.items()},
    }


def findings_counted(inspected: Inspected) -> dict[str, int]:
    """Return how many findings of each type there are."""
    return dict(Counter(finding.type.value for found in inspected.findings for finding in found))


def refused_shown(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return the refused candidates with the reason."""
    return [
        {"deployment": verdict.deployment.name, "policies": policies_shown(verdict.policies)} for verdict in verdicts
    ]


def inspected_shown(inspected: Inspected, case: Case) -> dict[str, Any]:
    """Return what was found; with where, under `detail`, if the caller asked to see its own texts.

    Args:
        inspected: What was found.
        case: What the charter was asked.
    """
    shown: dict[str, Any] = {
        "data_class": case.data_class.slug,
        "labels": case.labels,
        "findings": findings_counted(inspected),
    }
    if case.signals:
        shown["signals"] = case.signals
    request = inspected.received.request
    if request.detail:
        shown["detail"] = {
            "parts": [
                {
                    "path": [_step_shown(step) for step in part.path],
                    "findings": [_finding_shown(finding) for finding in found],
                }
                for part, found in zip(request.parts, inspected.findings, strict=True)
            ]
        }
    return shown


def receipt_shown(receipt: bytes, *, index: int, state: str) -> dict[str, Any]:
    """Return a receipt as the API shows it.

    Args:
        receipt: The text of a `.tlog-proof` file.
        index: Of the entry it proves.
        state: `signed` by the log, or `final`: the witnesses that the policy asks for have cosigned it.
    """
    return {"state": state, "index": index, "proof": receipt.decode(), "url": f"/log/proof/{index}"}


def warnings_shown(duties: Iterable[str], known: Mapping[str, WarningText]) -> list[dict[str, str]]:
    """Return the warnings that are owed, in both languages."""
    return [
        {"id": identifier, "fr": known[identifier].fr, "en": known[identifier].en, "basis": known[identifier].basis}
        for identifier in warnings_of(duties)
    ]


def law_shown(stamp: LawStamp) -> dict[str, Any]:
    """Return by what law it was decided, as entries cite it; `/charter` says more."""
    return {
        "charter": stamp.charter,
        "orders": stamp.orders,
        "registry": stamp.registry,
        "root": stamp.root,
        "timestamp": stamp.timestamp,
    }


def exchange_shown(committed: Committed, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `bouclier` object of an answer; with what left, under `detail`, if the caller asked to see it."""
    placed = committed.placed
    permitted = placed.permitted
    inspected = permitted.inspected
    shown: dict[str, Any] = {
        "exchange": inspected.received.exchange_id,
        **inspected_shown(inspected, permitted.case),
        "law": law_shown(permitted.law),
        "decision": {
            "permitted": True,
            "policies": policies_shown(placed.chosen.policies),
            "duties": placed.chosen.duties,
            "refused": refused_shown(permitted.refused),
        },
        "deployment": deployment_shown(placed.chosen.deployment),
        "placement": {
            "considered": permitted.considered,
            "tried": permitted.terms.tried,
            "waited_ms": permitted.waited_ms,
            "budget": permitted.terms.budget.value,
        },
        "warnings": warnings_shown(placed.chosen.duties, permitted.warnings),
        "receipt": receipt,
    }
    if "detail" in shown:
        texts = zip(shown["detail"]["parts"], inspected.received.request.parts, committed.texts, strict=True)
        pseudonyms_of = _by_original(committed.pseudonyms) if committed.pseudonyms else {}
        for part, came, left in texts:
            part["left"] = str(left)  # a plain string: what may leave is said to the one who wrote it
            _show_pseudonyms(part["findings"], came.text, left, pseudonyms_of)
    return shown


def _by_original(pseudonyms: Mapping[str, str]) -> dict[str, list[str]]:
    by_original: dict[str, list[str]] = {}
    for pseudonym, original in pseudonyms.items():
        by_original.setdefault(original, []).append(pseudonym)
    return by_original


def _show_pseudonyms(
    findings: list[dict[str, Any]], came: str, left: str, pseudonyms_of: Mapping[str, Sequence[str]]
) -> None:
    """Add to each finding of a text the pseudonym that stands in its place; none where they cannot be told apart."""
    read = written = 0
    for finding in findings:
        if stays_in_the_text(EntityType(finding["type"])):
            continue  # nothing stands in its place, and it may overlap what something does
        kept = came[read : finding["start"]]
        value = came[finding["start"] : finding["end"]]
        written += len(kept)
        if left[written - len(kept) : written] != kept:
            return
        here = [pseudonym for pseudonym in pseudonyms_of.get(value, ()) if left.startswith(pseudonym, written)]
        if here:
            finding["pseudonym"] = max(here, key=len)
            written += len(finding["pseudonym"])
        elif left.startswith(value, written):
            written += len(value)
        else:
            return
        read = finding["end"]


def _step_shown(step: str | int) -> str | int:
    return str(step) if isinstance(step, str) else step  # the step into a string of JSON is a string of its own kind


def _finding_shown(finding: Finding) -> dict[str, Any]:
    return {
        "start": finding.start,
        "end": finding.end,
        "type": finding.type.value,
        "confidence": finding.confidence,
        "validated_by": finding.validated_by,
    }
