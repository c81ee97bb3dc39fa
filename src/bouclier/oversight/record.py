"""From the stages of an exchange to its log entries: what is taken over, and what is left behind.

Nothing of the request's words is read here: findings are counted by type, the principal becomes a pseudonym, and the
upstream's own strings (finish reasons, usage) are reduced to the values the format knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from bouclier.oversight.commitments import COMMITMENT_BYTES, principal_pseudonym
from bouclier.oversight.entries import EntryError, check_choice, encode_entry
from bouclier.oversight.entries_model import (
    DIGEST_PATTERN,
    ENDING_PATTERN,
    EXCHANGE_PATTERN,
    FINISH_REASONS,
    MAX_INTEGER,
    MAX_STATUS,
    MIN_STATUS,
    PURPOSE_PATTERN,
    Candidate,
    CandidateLoad,
    DecisionEntry,
    OutcomeEntry,
    OutcomeFootprint,
    PlacementWeights,
)
from bouclier.oversight.record_parts import check, law_of, not_recordable
from bouclier.terms.errors import Bilingual, RequestError
from bouclier.terms.law import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.exchange import Answered, Footprint, Permitted
    from bouclier.terms.law import LawStamp, Verdict

_EXCHANGE: Final = re.compile(EXCHANGE_PATTERN)
_DIGEST: Final = re.compile(DIGEST_PATTERN)
_PURPOSE: Final = re.compile(PURPOSE_PATTERN)
_ENDING: Final = re.compile(ENDING_PATTERN)
_IDLE: Final = Load()


def decision_entry(  # noqa: PLR0913 -- everything a decision rests on, and all of it by name
    permitted: Permitted,
    chosen: Verdict | None,
    spares: Sequence[Verdict],
    *,
    time_ms: int,
    principal_key: bytes,
    request_commitment: bytes,
    sealed: str | None = None,
    review: str | None = None,
) -> bytes:
    """Return the entry that must be durable before any content leaves, or before a refusal is answered.

    Args:
        permitted: The exchange, and what the charter said of every candidate, permitted or not.
        chosen: The candidate that will serve; None when the exchange is refused.
        spares: Permitted candidates in the order they would be tried.
        time_ms: Milliseconds since 1970-01-01 UTC.
        principal_key: The log's pseudonymisation key, 32 bytes.
        request_commitment: Salted commitment to the request's bytes, 32 bytes.
        sealed: SHA-256 of the sealed request, 64 hexadecimal digits; None when no duty asked for it.
        review: Id of the exchange that a second person approved, and that this one repeats; None if none.

    Raises:
        RequestError: The purpose is not a short word; free text could name someone, and the log keeps it for years.
        StorageError: Something else cannot be recorded.
    """
    inspected = permitted.inspected
    received = inspected.received
    case = permitted.case
    if not _PURPOSE.search(case.purpose):
        raise RequestError(
            Bilingual("la finalité déclarée n'est pas un mot-clé", "the declared purpose is not a keyword"),
            Bilingual(
                "Écrivez-la en minuscules sans accent, chiffres et tirets, 64 signes au plus : « etat-civil ».",
                "Spell it with lower-case letters, digits and hyphens, at most 64: `civil-registry`.",
            ),
            param="purpose",
        )
    check("exchange", _EXCHANGE.search(received.exchange_id))
    check("registry", _DIGEST.search(permitted.law.registry))
    check("request_commitment", len(request_commitment) == COMMITMENT_BYTES)
    check("sealed", sealed is None or _DIGEST.search(sealed))
    check("review", review is None or _EXCHANGE.search(review))
    check("time", 0 <= time_ms <= MAX_INTEGER)
    counts: dict[str, int] = {}
    for findings in inspected.findings:
        for finding in findings:
            name = finding.type.value
            counts[name] = counts.get(name, 0) + 1
    weights = permitted.terms.weights
    entry = DecisionEntry(
        budget=cast("Any", permitted.terms.budget.value),
        candidates=tuple(
            [
                _candidate(verdict, permitted.loads.get(verdict.deployment.name, _IDLE))
                for verdict in (*permitted.candidates, *permitted.refused)
            ]
        ),
        capabilities=case.capabilities,
        chosen=None if chosen is None else chosen.deployment.name,
        considered=max(permitted.considered, len(permitted.candidates) + len(permitted.refused)),
        data_class=cast("Any", case.data_class.slug),
        day=case.day,
        declared=cast("Any", None if received.declared_class is None else received.declared_class.slug),
        exchange=received.exchange_id,
        findings=counts,
        labels=case.labels,
        law=law_of(permitted.law),
        markings=cast("Any", inspected.markings),
        modalities=case.modalities,
        principal=principal_pseudonym(principal_key, received.principal.name),
        purpose=case.purpose,
        request_commitment=request_commitment.hex(),
        review=review,
        role=case.role,
        safeguards=case.safeguards,
        sealed=sealed,
        signals=case.signals,
        sourced=received.request.sourced,
        spares=tuple([spare.deployment.name for spare in spares]),
        time=time_ms,
        tokens=min(received.request.tokens, MAX_INTEGER),
        tried=permitted.terms.tried,
        uninspected=inspected.uninspected,
        waited_ms=permitted.waited_ms,
        weights=PlacementWeights(
            carbon_ms=weights.carbon_ms, exposure_ms=weights.exposure_ms, price_ms=weights.price_ms
        ),
    )
    try:
        check_choice(entry)
        return encode_entry(entry)
    except EntryError as error:
        raise not_recordable(error.message, error.param) from error


def outcome_entry(answered: Answered, *, law: LawStamp, time_ms: int) -> bytes:
    """Return the entry that tells what became of an exchange whose decision is in the log.

    Args:
        answered: The exchange after the answer's last byte, or after what cut it short.
        law: By what law the gateway stands.
        time_ms: Milliseconds since 1970-01-01 UTC.

    Raises:
        StorageError: It cannot be recorded.
    """
    committed = answered.committed
    exchange_id = committed.placed.permitted.inspected.received.exchange_id
    check("exchange", _EXCHANGE.search(exchange_id))
    check("answer_commitment", len(answered.answer_commitment) == COMMITMENT_BYTES)
    check("status", MIN_STATUS <= answered.status <= MAX_STATUS)
    check("restored", 0 <= answered.restored <= MAX_INTEGER)
    check("time", 0 <= time_ms <= MAX_INTEGER)
    entry = OutcomeEntry(
        answer_commitment=answered.answer_commitment.hex(),
        completion_tokens=_natural_or_unknown(answered.completion_tokens),
        decision_index=committed.position.index,
        ending=answered.ending if _ENDING.search(answered.ending) else "error",
        exchange=exchange_id,
        # An upstream can put anything here, a name included.
        finish_reasons=tuple(
            [cast("Any", reason) if reason in FINISH_REASONS else "other" for reason in answered.finish_reasons]
        ),
        first_token_ms=answered.first_token_ms,
        footprint=None if answered.footprint is None else _footprint(answered.footprint),
        law=law_of(law),
        prompt_tokens=_natural_or_unknown(answered.prompt_tokens),
        restored=answered.restored,
        status=answered.status,
        time=time_ms,
    )
    try:
        return encode_entry(entry)
    except EntryError as error:
        raise not_recordable(error.message, error.param) from error


def _candidate(verdict: Verdict, load: Load) -> Candidate:
    deployment = verdict.deployment
    exposure = deployment.exposure
    return Candidate(
        capabilities=deployment.capabilities,
        carbon_mg=deployment.carbon_mg,
        contested=exposure.contested,
        control=exposure.control,
        country=deployment.country,
        deployment=deployment.name,
        duties=verdict.duties,
        evaluations=deployment.evaluations,
        foreign_laws=exposure.foreign_laws,
        known=exposure.known,
        load=_load(load) if load.available else None,
        model=deployment.model,
        openness=cast("Any", deployment.openness.value),
        operator=deployment.operator,
        own=deployment.own,
        permitted=verdict.permitted,
        policies=tuple([policy.id for policy in verdict.policies]),
        price_ueur=deployment.price_ueur,
        qualifications=deployment.qualifications,
        service=deployment.service,
        site=deployment.site,
    )


def _load(load: Load) -> CandidateLoad:
    return CandidateLoad(in_flight=load.in_flight, slots=load.slots, wait_ms=load.wait_ms, warm=load.warm)


def _footprint(cost: Footprint) -> OutcomeFootprint:
    return OutcomeFootprint(
        carbon_ug=_bounded(cost.carbon_ug),
        energy_uwh=_bounded(cost.energy_uwh),
        method=cost.method,
        zone=cost.zone,
    )


def _bounded(span: tuple[int, int]) -> tuple[int, int]:
    """Return a range as far as the format can write it."""
    return min(max(span[0], 0), MAX_INTEGER), min(max(span[1], 0), MAX_INTEGER)


def _natural_or_unknown(value: Any) -> int | None:  # noqa: ANN401 -- said by an upstream: it may be anything
    """Return a count as a deployment said it, or None if it is no count: unknown is unknown."""
    return value if type(value) is int and 0 <= value <= MAX_INTEGER else None
