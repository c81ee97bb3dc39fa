"""The entries of an exchange: what was decided, with all it rested on, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bouclier.oversight.entries_words import (
    ENDING_PATTERN,
    MAX_STATUS,
    MIN_STATUS,
    ClassSlug,
    Count,
    Digits16,
    Digits32,
    Digits64,
    FinishReason,
    Hex32,
    Hex64,
    Law,
    Marking,
    Natural,
    Strict,
)


class CandidateLoad(Strict, frozen=True, kw_only=True, gc=False):
    """What the placement knew of a candidate that took exchanges.

    Attributes:
        in_flight: Exchanges it was working on, for this gateway and for those it heard of.
        slots: Exchanges it serves at once; None if unknown.
        wait_ms: Expected time to the first token, milliseconds.
        warm: Whether it served this conversation last.
    """

    in_flight: Natural
    slots: Natural | None
    wait_ms: Natural
    warm: bool


class Candidate(Strict, frozen=True, kw_only=True, gc=False):
    """One deployment as the charter and the placement saw it, and what the charter said: enough to decide again.

    Attributes:
        capabilities: What the model can do beyond text, as declared.
        carbon_mg: mg CO2e per 1,000 tokens, upper estimate; None if unknown.
        contested: Ids of foreign laws whose reach is disputed.
        control: ISO 3166 codes of the states in control of the operator.
        country: ISO 3166 code of the state its machines stand in; None if unknown.
        deployment: Its name in the configuration.
        duties: What had to be done if it served.
        evaluations: Ids of the evaluation reports the institution holds on it.
        foreign_laws: Ids of the foreign laws that reach it.
        known: Whether the registry had facts on the operator.
        load: What the placement knew of it; None when it took nothing then.
        model: The model's name at the operator's.
        openness: Whether the weights are open.
        operator: Registry id of who runs it.
        own: Whether the institution runs it itself.
        permitted: What the charter said.
        policies: Ids of the policies that determined it.
        price_ueur: Millionths of a euro per 1,000 tokens; None if unknown.
        qualifications: Labels it holds, `name` or `name@YYYYMMDD`.
        service: Registry id of the operator's service; empty if unknown.
        site: Where it runs.
    """

    capabilities: tuple[str, ...]
    carbon_mg: Natural | None
    contested: tuple[str, ...]
    control: tuple[str, ...]
    country: str | None
    deployment: str
    duties: tuple[str, ...]
    evaluations: tuple[str, ...]
    foreign_laws: tuple[str, ...]
    known: bool
    load: CandidateLoad | None
    model: str
    openness: Literal["open", "closed", "unknown"]
    operator: str
    own: bool
    permitted: bool
    policies: tuple[str, ...]
    price_ueur: Natural | None
    qualifications: tuple[str, ...]
    service: str
    site: str


class PlacementWeights(Strict, frozen=True, kw_only=True, gc=False):
    """What the placement weighed, in milliseconds that the institution accepts to wait.

    Attributes:
        carbon_ms: To spare one gram of CO2e per 1,000 tokens.
        exposure_ms: To be one step less exposed; None: exposure came before everything else.
        price_ms: To spare a thousandth of a euro per 1,000 tokens.
    """

    carbon_ms: Natural
    exposure_ms: Natural | None
    price_ms: Natural


class DecisionEntry(Strict, frozen=True, kw_only=True, gc=False):
    """What was decided, durable before any content leaves.

    Attributes:
        budget: How far the application was with what it may spend.
        candidates: The deployments the charter was asked about, no name twice.
        capabilities: What was asked of the model beyond text.
        chosen: Name of a permitted candidate; None when the exchange was refused.
        considered: How many deployments could have been asked about: the candidates, and those left out as dearer.
        data_class: Slug of the exchange's class.
        day: UTC day the charter was asked for, as 20261122.
        declared: Slug of the class the caller declared; None if none.
        exchange: Id of the exchange.
        findings: Number of findings by type.
        kind: `decision`.
        labels: The exchange's labels.
        law: By what law it was decided.
        markings: Levels of the protective markings found, each once.
        modalities: Of the request and of the answer asked for.
        principal: Pseudonym of who asked, under a key that stays with the log.
        purpose: The declared purpose.
        request_commitment: HMAC-SHA-256 of the request under the exchange's salt, hexadecimal.
        review: Id of the exchange that a second person approved, and that this one repeats; None if none.
        role: The principal's role.
        safeguards: What the institution declares to hold for this purpose.
        sealed: SHA-256 of the sealed request, hexadecimal; None when no duty asked for it.
        signals: What the second net saw.
        sourced: Whether the request brings the sources to answer from.
        spares: Names of permitted candidates, in the order they would be tried.
        time: Milliseconds since 1970-01-01 UTC.
        tokens: Upper estimate of the request's length in tokens: what a carbon cap was held against.
        tried: Names of the deployments that failed this exchange before, in order: a fallback is a new decision.
        uninspected: Number of parts that could not be read, or hold findings that cannot be replaced.
        v: 4.
        waited_ms: How long the exchange had waited for a deployment to be free, milliseconds.
        weights: What the placement weighed.
    """

    budget: Literal["within", "warn", "lighten", "refuse"]
    candidates: tuple[Candidate, ...]
    capabilities: tuple[str, ...]
    chosen: str | None
    considered: Natural
    data_class: ClassSlug
    day: Natural
    declared: ClassSlug | None
    exchange: Digits32
    findings: dict[str, Count]
    kind: Literal["decision"] = "decision"
    labels: tuple[str, ...]
    law: Law
    markings: tuple[Marking, ...]
    modalities: tuple[str, ...]
    principal: Digits16
    purpose: str
    request_commitment: Digits64
    review: Digits32 | None
    role: str
    safeguards: tuple[str, ...]
    sealed: Digits64 | None
    signals: tuple[str, ...]
    sourced: bool
    spares: tuple[str, ...]
    time: Natural
    tokens: Natural
    tried: tuple[str, ...]
    uninspected: Natural
    v: Literal[4] = 4
    waited_ms: Natural
    weights: PlacementWeights


class OutcomeFootprint(Strict, frozen=True, kw_only=True, gc=False):
    """What an exchange cost in energy and carbon: lower and upper estimates.

    Attributes:
        carbon_ug: Millionths of a gram of CO2e.
        energy_uwh: Millionths of a watt-hour.
        method: How it was estimated or measured: a keyword with a version.
        zone: Zone of the grid whose mix was counted; None when it is unknown and the worst was.
    """

    carbon_ug: tuple[Natural, Natural]
    energy_uwh: tuple[Natural, Natural]
    method: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}\Z")]
    zone: Annotated[str, Meta(pattern=r"^[A-Z0-9]{2,3}([-_][A-Z0-9]{1,8})?\Z")] | None


class OutcomeEntry(Strict, frozen=True, kw_only=True, gc=False):
    """What became of an exchange whose content left.

    Attributes:
        answer_commitment: HMAC-SHA-256 of the answer's text under the exchange's salt, hexadecimal.
        completion_tokens: As the deployment said; None if it did not.
        decision_index: Index of the decision entry in this log.
        ending: `complete`, `caller-gone`, or the code of the error that ended it.
        exchange: Id of the exchange.
        finish_reasons: One per choice; whatever the protocol does not define is `other`.
        first_token_ms: From the call to the first piece of the answer, milliseconds; None when none came.
        footprint: What it cost; None when nothing was served.
        kind: `outcome`.
        law: By what law the gateway stood.
        prompt_tokens: As the deployment said; None if it did not.
        restored: Number of pseudonyms replaced by their originals.
        status: HTTP status handed to the caller.
        time: Milliseconds since 1970-01-01 UTC.
        v: 4.
    """

    answer_commitment: Hex64
    completion_tokens: Natural | None
    decision_index: Natural
    ending: Annotated[str, Meta(pattern=ENDING_PATTERN)]
    exchange: Hex32
    finish_reasons: tuple[FinishReason, ...]
    first_token_ms: Natural | None
    footprint: OutcomeFootprint | None
    kind: Literal["outcome"] = "outcome"
    law: Law
    prompt_tokens: Natural | None
    restored: Natural
    status: Annotated[int, Meta(ge=MIN_STATUS, le=MAX_STATUS)]
    time: Natural
    v: Literal[4] = 4
