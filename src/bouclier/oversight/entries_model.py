"""The kinds of entry, format v4, as values. How they are spelled is in `entries`; the specification, in `specs/`.

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

from msgspec import Meta

from bouclier.oversight.entries_exchange import (
    Candidate,
    CandidateLoad,
    DecisionEntry,
    OutcomeEntry,
    OutcomeFootprint,
    PlacementWeights,
)
from bouclier.oversight.entries_words import (
    DIGEST_PATTERN,
    ENDING_PATTERN,
    EXCHANGE_PATTERN,
    FINISH_REASONS,
    MAX_ADOPTED,
    MAX_INTEGER,
    MAX_REFUSED,
    MAX_STATUS,
    MIN_STATUS,
    PURPOSE_PATTERN,
    Count,
    Day,
    Hex32,
    Hex64,
    Law,
    Natural,
    Strict,
    Version,
    Word,
)

__all__ = [
    "DIGEST_PATTERN",
    "ENDING_PATTERN",
    "EXCHANGE_PATTERN",
    "FINISH_REASONS",
    "MAX_ADOPTED",
    "MAX_INTEGER",
    "MAX_REFUSED",
    "MAX_STATUS",
    "MIN_STATUS",
    "PURPOSE_PATTERN",
    "AdoptedOrder",
    "AdoptionEntry",
    "Candidate",
    "CandidateLoad",
    "DecisionEntry",
    "Entry",
    "ErasureEntry",
    "Law",
    "MarkEntry",
    "OpeningEntry",
    "OutcomeEntry",
    "OutcomeFootprint",
    "PlacementWeights",
    "ReviewEntry",
    "ShadowEntry",
    "ShadowVerdict",
    "misspelt_word",
]


class MarkEntry(Strict, frozen=True, kw_only=True, gc=False):
    """That the gateway started, is alive, or stopped in good order.

    After a `start`, no decision before it can get an outcome any more; between a `start` and a `stop`, the log promises
    a checkpoint every `interval_s` at least, and writes an `alive` when nothing else happens.

    Attributes:
        interval_s: Longest silence the gateway promises, seconds.
        kind: `mark`.
        law: By what law the gateway stands.
        policy: SHA-256 of the witness policy in force, hexadecimal; None when there is none.
        time: Milliseconds since 1970-01-01 UTC.
        v: 4.
        version: Version of Bouclier.
        what: Which of the three.
    """

    interval_s: Count
    kind: Literal["mark"] = "mark"
    law: Law
    policy: Hex64 | None
    time: Natural
    v: Literal[4] = 4
    version: Version
    what: Literal["start", "alive", "stop"]


class OpeningEntry(Strict, frozen=True, kw_only=True, gc=False):
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
        v: 4.
    """

    basis: Word
    exchange: Hex32
    kind: Literal["opening"] = "opening"
    law: Law
    record: Hex64
    request: Hex64
    requester: Word
    time: Natural
    v: Literal[4] = 4


class ErasureEntry(Strict, frozen=True, kw_only=True, gc=False):
    """That sealed content was destroyed when its retention ended.

    Attributes:
        due: Day from which it had to be destroyed.
        exchange: Id of the exchange.
        kind: `erasure`.
        law: By what law the gateway stood.
        record: SHA-256 of the sealed request, as the decision cites it, hexadecimal; None when the file was damaged.
        time: Milliseconds since 1970-01-01 UTC.
        v: 4.
    """

    due: Day
    exchange: Hex32
    kind: Literal["erasure"] = "erasure"
    law: Law
    record: Hex64 | None
    time: Natural
    v: Literal[4] = 4


class AdoptedOrder(Strict, frozen=True, kw_only=True, gc=False):
    """An authority's order that is in force.

    Attributes:
        digest: SHA-256 of the order's file, hexadecimal.
        id: Its id: `authority/name`.
    """

    digest: Hex64
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}/[a-z0-9][a-z0-9-]{0,63}\Z")]


class AdoptionEntry(Strict, frozen=True, kw_only=True, gc=False):
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
        v: 4.
    """

    expires: Natural | None
    kind: Literal["adoption"] = "adoption"
    law: Law
    orders: Annotated[tuple[AdoptedOrder, ...], Meta(max_length=MAX_ADOPTED)]
    orders_count: Natural
    refused: Annotated[tuple[Hex64, ...], Meta(max_length=MAX_REFUSED)]
    refused_count: Natural
    territory: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None
    time: Natural
    v: Literal[4] = 4


class ReviewEntry(Strict, frozen=True, kw_only=True, gc=False):
    """That a second person looked at a request that was held back, and approved it or not.

    Attributes:
        approved: Whether it may be sent.
        exchange: Id of the exchange that was held back.
        kind: `review`.
        law: By what law the gateway stood.
        reviewer: Pseudonym of who looked, under a key that stays with the log.
        time: Milliseconds since 1970-01-01 UTC.
        v: 4.
    """

    approved: bool
    exchange: Hex32
    kind: Literal["review"] = "review"
    law: Law
    reviewer: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
    time: Natural
    v: Literal[4] = 4


class ShadowVerdict(Strict, frozen=True, kw_only=True, gc=False):
    """What another charter would have said of a candidate of the decision."""

    deployment: str
    duties: tuple[str, ...]
    permitted: bool
    policies: tuple[str, ...]


class ShadowEntry(Strict, frozen=True, kw_only=True, gc=False):
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
        v: 4.
    """

    candidates: tuple[ShadowVerdict, ...]
    charter: Hex64
    chosen: str | None
    decision_index: Natural
    exchange: Hex32
    kind: Literal["shadow"] = "shadow"
    law: Law
    time: Natural
    v: Literal[4] = 4


Entry = (
    DecisionEntry | OutcomeEntry | MarkEntry | OpeningEntry | ErasureEntry | AdoptionEntry | ReviewEntry | ShadowEntry
)


def misspelt_word(entry: Entry) -> str | None:
    """Return the path of a word of an entry that is not of its form, or None if all are."""
    law = entry.law
    if (law.charter + law.orders + law.registry).encode("utf-8", "surrogatepass").translate(None, _DIGITS):
        return "$.law"
    if type(entry) is DecisionEntry:
        return _misspelt_in_decision(entry)
    if type(entry) is OutcomeEntry:
        cost = entry.footprint
        if cost is not None and not _is_footprint(cost):
            return "$.footprint"
    if type(entry) is AdoptionEntry:
        orders = tuple(order.id for order in entry.orders)
        if not (_is_sorted(orders) and len(orders) == min(entry.orders_count, MAX_ADOPTED)):
            return "$.orders"
        if not (_is_sorted(entry.refused) and len(entry.refused) == min(entry.refused_count, MAX_REFUSED)):
            return "$.refused"
    return None


def _misspelt_in_decision(entry: DecisionEntry) -> str | None:
    digits = entry.exchange + entry.principal + entry.request_commitment
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
_DECLARED: Final = "declared-1"
"""The method of a footprint whose carbon is what is declared, as the format names it."""


def _is_footprint(cost: OutcomeFootprint) -> bool:
    """Tell whether bounds are the right way round; what is declared has no lower one."""
    ordered = _is_range(cost.carbon_ug) and _is_range(cost.energy_uwh)
    return ordered and not (cost.method == _DECLARED and cost.carbon_ug[0])


def _is_range(bounds: tuple[int, int]) -> bool:
    return bounds[0] <= bounds[1]


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
