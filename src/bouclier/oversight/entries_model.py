"""The kinds of entry, format v3, as values. How they are spelled is in `entries`; the specification, in `specs/`.

What the format keeps out: names, texts, prompts, answers and keys. A person is a keyed pseudonym, a request and an
answer are salted commitments, the purpose is a word of a closed alphabet.

Fields stand in alphabetical order in every structure below, so that the encoder, which follows the order of definition,
writes sorted keys without sorting them each time. A test holds us to it.

The words of a decision (digests, ids, codes) have only a length here: a regular expression for each would take three
quarters of the time to read an entry. `misspelt_word` checks them all at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

FINISH_REASONS: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call", "other"})
PURPOSE_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,63}\Z"
ENDING_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,63}\Z"
EXCHANGE_PATTERN: Final = r"^[0-9a-f]{32}\Z"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}\Z"
MIN_STATUS: Final = 100
MAX_STATUS: Final = 599
MAX_INTEGER: Final = 2**53 - 1
MAX_ADOPTED: Final = 400
MAX_REFUSED: Final = 100
"""How many orders an adoption lists: more would not fit in an entry. The digest of all in force is in its law."""

_Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
_Count = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
_Digits16 = Annotated[str, Meta(min_length=16, max_length=16)]
_Digits32 = Annotated[str, Meta(min_length=32, max_length=32)]
_Digits64 = Annotated[str, Meta(min_length=64, max_length=64)]
_Hex32 = Annotated[str, Meta(pattern=EXCHANGE_PATTERN)]
_Hex64 = Annotated[str, Meta(pattern=DIGEST_PATTERN)]
_Word = Annotated[str, Meta(pattern=PURPOSE_PATTERN)]
_Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]
_Version = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}\Z")]
_ClassSlug = Literal["public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified"]
_FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call", "other"]
_Marking = Literal["classified", "professional", "restricted"]


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Immutable; read strictly."""


class Law(_Struct, frozen=True, kw_only=True, gc=False):
    """By what law the gateway stood when it wrote the entry.

    Attributes:
        charter: SHA-256 of the charter's bundle, hexadecimal.
        orders: SHA-256 of the orders in force, hexadecimal.
        root: Version of the root that says who may sign them.
        timestamp: Version of the timestamp by which they were last seen to be current.
    """

    charter: _Digits64
    orders: _Digits64
    root: _Natural
    timestamp: _Natural


class Candidate(_Struct, frozen=True, kw_only=True, gc=False):
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
        in_flight: Exchanges it was working on for this gateway; None when a call would have failed.
        known: Whether the registry had facts on the operator.
        model: The model's name at the operator's.
        openness: Whether the weights are open.
        operator: Registry id of who runs it.
        own: Whether the institution runs it itself.
        permitted: What the charter said.
        policies: Ids of the policies that determined it.
        qualifications: Labels it holds, `name` or `name@YYYYMMDD`.
        site: Where it runs.
    """

    capabilities: tuple[str, ...]
    carbon_mg: _Natural | None
    contested: tuple[str, ...]
    control: tuple[str, ...]
    country: str | None
    deployment: str
    duties: tuple[str, ...]
    evaluations: tuple[str, ...]
    foreign_laws: tuple[str, ...]
    in_flight: _Natural | None
    known: bool
    model: str
    openness: Literal["open", "closed", "unknown"]
    operator: str
    own: bool
    permitted: bool
    policies: tuple[str, ...]
    qualifications: tuple[str, ...]
    site: str


class DecisionEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """What was decided, durable before any content leaves.

    Attributes:
        candidates: Every deployment considered, no name twice.
        capabilities: What was asked of the model beyond text.
        chosen: Name of a permitted candidate; None when the exchange was refused.
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
        registry: SHA-256 of the registry's facts, hexadecimal.
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
        v: 3.
    """

    candidates: tuple[Candidate, ...]
    capabilities: tuple[str, ...]
    chosen: str | None
    data_class: _ClassSlug
    day: _Natural
    declared: _ClassSlug | None
    exchange: _Digits32
    findings: dict[str, _Count]
    kind: Literal["decision"] = "decision"
    labels: tuple[str, ...]
    law: Law
    markings: tuple[_Marking, ...]
    modalities: tuple[str, ...]
    principal: _Digits16
    purpose: str
    registry: _Digits64
    request_commitment: _Digits64
    review: _Digits32 | None
    role: str
    safeguards: tuple[str, ...]
    sealed: _Digits64 | None
    signals: tuple[str, ...]
    sourced: bool
    spares: tuple[str, ...]
    time: _Natural
    tokens: _Natural
    tried: tuple[str, ...]
    uninspected: _Natural
    v: Literal[3] = 3


class OutcomeEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """What became of an exchange whose content left.

    Attributes:
        answer_commitment: HMAC-SHA-256 of the answer's text under the exchange's salt, hexadecimal.
        completion_tokens: As the deployment said; None if it did not.
        decision_index: Index of the decision entry in this log.
        ending: `complete`, `caller-gone`, or the code of the error that ended it.
        exchange: Id of the exchange.
        finish_reasons: One per choice; whatever the protocol does not define is `other`.
        kind: `outcome`.
        law: By what law the gateway stood.
        prompt_tokens: As the deployment said; None if it did not.
        restored: Number of pseudonyms replaced by their originals.
        status: HTTP status handed to the caller.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    answer_commitment: _Hex64
    completion_tokens: _Natural | None
    decision_index: _Natural
    ending: Annotated[str, Meta(pattern=ENDING_PATTERN)]
    exchange: _Hex32
    finish_reasons: tuple[_FinishReason, ...]
    kind: Literal["outcome"] = "outcome"
    law: Law
    prompt_tokens: _Natural | None
    restored: _Natural
    status: Annotated[int, Meta(ge=MIN_STATUS, le=MAX_STATUS)]
    time: _Natural
    v: Literal[3] = 3


class MarkEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """That the gateway started, is alive, or stopped in good order.

    After a `start`, no decision before it can get an outcome any more; between a `start` and a `stop`, the log promises
    a checkpoint every `interval_s` at least, and writes an `alive` when nothing else happens.

    Attributes:
        interval_s: Longest silence the gateway promises, seconds.
        kind: `mark`.
        law: By what law the gateway stands.
        policy: SHA-256 of the witness policy in force, hexadecimal; None when there is none.
        registry: SHA-256 of the registry's facts, hexadecimal.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
        version: Version of Bouclier.
        what: Which of the three.
    """

    interval_s: _Count
    kind: Literal["mark"] = "mark"
    law: Law
    policy: _Hex64 | None
    registry: _Hex64
    time: _Natural
    v: Literal[3] = 3
    version: _Version
    what: Literal["start", "alive", "stop"]


class OpeningEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """That someone asked the authorities to open sealed content: without this entry they must not.

    Attributes:
        basis: Why, as a keyword, such as `judicial-order-2026-17`.
        exchange: Id of the exchange.
        kind: `opening`.
        law: By what law the gateway stood.
        record: SHA-256 of the sealed request, as the decision cites it, hexadecimal.
        request: SHA-256 of the opening request's canonical bytes, hexadecimal.
        requester: Id of the institution that asks.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    basis: _Word
    exchange: _Hex32
    kind: Literal["opening"] = "opening"
    law: Law
    record: _Hex64
    request: _Hex64
    requester: _Word
    time: _Natural
    v: Literal[3] = 3


class ErasureEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """That sealed content was destroyed when its retention ended.

    Attributes:
        due: Day from which it had to be destroyed.
        exchange: Id of the exchange.
        kind: `erasure`.
        law: By what law the gateway stood.
        record: SHA-256 of the sealed request, as the decision cites it, hexadecimal; None when the file was damaged.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    due: _Day
    exchange: _Hex32
    kind: Literal["erasure"] = "erasure"
    law: Law
    record: _Hex64 | None
    time: _Natural
    v: Literal[3] = 3


class AdoptedOrder(_Struct, frozen=True, kw_only=True, gc=False):
    """An authority's order that is in force.

    Attributes:
        digest: SHA-256 of the order's file, hexadecimal.
        id: Its id: `authority/name`.
    """

    digest: _Hex64
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}/[a-z0-9][a-z0-9-]{0,63}\Z")]


class AdoptionEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """That the gateway decides by this law from now on: after its start, and whenever anything of it changes.

    Attributes:
        expires: Until when it may be decided by, milliseconds since 1970-01-01 UTC, unless it is renewed; None for a
            charter that does not come from a repository.
        kind: `adoption`.
        law: The law.
        orders: The orders in force, sorted by id; the first 400 of them.
        orders_count: How many there are.
        refused: SHA-256 of the orders published that are none: outside their authority's mandate, or malformed; sorted;
            the first 100 of them.
        refused_count: How many there are.
        territory: The state the institution says it belongs to; None when it does not say, and all orders apply.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    expires: _Natural | None
    kind: Literal["adoption"] = "adoption"
    law: Law
    orders: Annotated[tuple[AdoptedOrder, ...], Meta(max_length=MAX_ADOPTED)]
    orders_count: _Natural
    refused: Annotated[tuple[_Hex64, ...], Meta(max_length=MAX_REFUSED)]
    refused_count: _Natural
    territory: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None
    time: _Natural
    v: Literal[3] = 3


class ReviewEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """That a second person looked at a request that was held back, and approved it or not.

    Attributes:
        approved: Whether it may be sent.
        exchange: Id of the exchange that was held back.
        kind: `review`.
        law: By what law the gateway stood.
        reviewer: Pseudonym of who looked, under a key that stays with the log.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    approved: bool
    exchange: _Hex32
    kind: Literal["review"] = "review"
    law: Law
    reviewer: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
    time: _Natural
    v: Literal[3] = 3


class ShadowVerdict(_Struct, frozen=True, kw_only=True, gc=False):
    """What another charter would have said of a candidate of the decision."""

    deployment: str
    duties: tuple[str, ...]
    permitted: bool
    policies: tuple[str, ...]


class ShadowEntry(_Struct, frozen=True, kw_only=True, gc=False):
    """What another charter, on trial, would have decided where the one in force decided otherwise. It changes nothing.

    Attributes:
        candidates: What it would have said, in the order of the decision's candidates.
        charter: SHA-256 of its bundle, hexadecimal.
        chosen: What would have been chosen; None if the exchange would have been refused.
        decision_index: Index of the decision entry in this log.
        exchange: Id of the exchange.
        kind: `shadow`.
        law: By what law the gateway stood.
        time: Milliseconds since 1970-01-01 UTC.
        v: 3.
    """

    candidates: tuple[ShadowVerdict, ...]
    charter: _Hex64
    chosen: str | None
    decision_index: _Natural
    exchange: _Hex32
    kind: Literal["shadow"] = "shadow"
    law: Law
    time: _Natural
    v: Literal[3] = 3


Entry = (
    DecisionEntry | OutcomeEntry | MarkEntry | OpeningEntry | ErasureEntry | AdoptionEntry | ReviewEntry | ShadowEntry
)


def misspelt_word(entry: Entry) -> str | None:
    """Return the path of a word of an entry that is not of its form, or None if all are."""
    law = entry.law
    if (law.charter + law.orders).encode("utf-8", "surrogatepass").translate(None, _DIGITS):
        return "$.law"
    if type(entry) is DecisionEntry:
        return _misspelt_in_decision(entry)
    if type(entry) is AdoptionEntry:
        orders = tuple(order.id for order in entry.orders)
        if not (_is_sorted(orders) and len(orders) == min(entry.orders_count, MAX_ADOPTED)):
            return "$.orders"
        if not (_is_sorted(entry.refused) and len(entry.refused) == min(entry.refused_count, MAX_REFUSED)):
            return "$.refused"
    return None


def _misspelt_in_decision(entry: DecisionEntry) -> str | None:
    digits = entry.exchange + entry.principal + entry.registry + entry.request_commitment
    digits += (entry.sealed or "") + (entry.review or "")
    if digits.encode("utf-8", "surrogatepass").translate(None, _DIGITS):
        return "$"
    if not _is_purpose(entry.purpose):
        return "$.purpose"
    if not all(map(_is_type_name, entry.findings)):
        return "$.findings"
    for name in ("labels", "markings", "capabilities", "modalities", "safeguards", "signals"):
        if not _is_sorted(getattr(entry, name)):
            return f"$.{name}"
    for number, candidate in enumerate(entry.candidates):
        if candidate.country is not None and not _is_country(candidate.country):
            return f"$.candidates[{number}].country"
    return None


_DIGITS: Final = b"0123456789abcdef"
_PURPOSE: Final = re.compile(PURPOSE_PATTERN)
_TYPE_NAME: Final = re.compile(r"[A-Z][A-Z_]{0,63}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def _is_sorted(words: tuple[str, ...]) -> bool:
    """Tell whether words stand in order, each once: one spelling for a set."""
    return len(words) <= 1 or words == tuple(sorted(set(words)))


@lru_cache(maxsize=1024)
def _is_purpose(word: str) -> bool:
    return _PURPOSE.search(word) is not None


@lru_cache(maxsize=1024)
def _is_type_name(name: str) -> bool:
    return _TYPE_NAME.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _is_country(code: str) -> bool:
    return _COUNTRY.fullmatch(code) is not None
