"""The entries of what happens beside exchanges: starts, laws adopted, reviews, trials, and sealed content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bouclier.oversight.commitments import principal_pseudonym
from bouclier.oversight.entries import EntryError, render_entry
from bouclier.oversight.entries_model import (
    MAX_ADOPTED,
    MAX_REFUSED,
    AdoptedOrder,
    AdoptionEntry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    ReviewEntry,
    ShadowEntry,
    ShadowVerdict,
)
from bouclier.oversight.record_parts import law_of, rendered
from bouclier.terms.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bouclier.terms.law import LawStamp, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """By what facts a gateway decides, and what it promises, as long as it runs.

    Attributes:
        law: By what law it stands now.
        version: Of Bouclier.
        policy: SHA-256 of the witness policy, hexadecimal; None when there is none.
        interval_s: Longest time without a checkpoint, seconds.
    """

    law: Callable[[], LawStamp]
    version: str
    policy: str | None
    interval_s: int


def mark_entry(what: Literal["start", "alive", "stop"], standing: Standing, *, time_ms: int) -> bytes:
    """Return the entry that tells that the gateway started, is alive, or stopped in good order.

    Raises:
        StorageError: It cannot be recorded.
    """
    return rendered(
        MarkEntry(
            interval_s=standing.interval_s,
            law=law_of(standing.law()),
            policy=standing.policy,
            time=time_ms,
            version=standing.version,
            what=what,
        )
    )


def opening_entry(
    *, exchange: str, record: str, request: str, requester: str, basis: str, law: LawStamp, time_ms: int
) -> bytes:
    """Return the entry without which no authority may open sealed content; see `OpeningEntry`.

    Raises:
        RequestError: A field is not of its form.
    """
    entry = OpeningEntry(
        basis=basis,
        exchange=exchange,
        law=law_of(law),
        record=record,
        request=request,
        requester=requester,
        time=time_ms,
    )
    try:
        return render_entry(entry)
    except EntryError as error:
        raise RequestError(error.message, error.hint, param=error.param) from error


def erasure_entry(*, exchange: str, record: str | None, due: str, law: LawStamp, time_ms: int) -> bytes:
    """Return the entry that tells that sealed content was destroyed when its retention ended; see `ErasureEntry`.

    Raises:
        StorageError: It cannot be recorded.
    """
    return rendered(ErasureEntry(due=due, exchange=exchange, law=law_of(law), record=record, time=time_ms))


def adoption_entry(
    *,
    law: LawStamp,
    orders: Sequence[tuple[str, str]],
    refused: Sequence[str],
    expires_ms: int | None,
    territory: str | None,
    time_ms: int,
) -> bytes:
    """Return the entry that tells by what law it is decided from now on; see `AdoptionEntry`.

    Args:
        law: The law.
        orders: Id and SHA-256 of each order in force.
        refused: SHA-256 of each order published that is none.
        expires_ms: Until when, milliseconds since 1970-01-01 UTC; None for a charter from no repository.
        territory: The state the institution belongs to; None when it does not say.
        time_ms: Milliseconds since 1970-01-01 UTC.

    Raises:
        StorageError: It cannot be recorded.
    """
    none = sorted(set(refused))
    return rendered(
        AdoptionEntry(
            expires=expires_ms,
            law=law_of(law),
            orders=tuple(
                AdoptedOrder(digest=digest, id=identifier) for identifier, digest in sorted(orders)[:MAX_ADOPTED]
            ),
            orders_count=len(orders),
            refused=tuple(none[:MAX_REFUSED]),
            refused_count=len(none),
            territory=territory,
            time=time_ms,
        )
    )


def review_entry(
    *, exchange: str, approved: bool, reviewer: str, principal_key: bytes, law: LawStamp, time_ms: int
) -> bytes:
    """Return the entry that tells that a second person looked at a request; see `ReviewEntry`.

    Args:
        exchange: Id of the exchange that was held back.
        approved: Whether it may be sent.
        reviewer: Name of the reviewer's key; a pseudonym stands for it.
        principal_key: The log's pseudonymisation key, 32 bytes.
        law: By what law the gateway stands.
        time_ms: Milliseconds since 1970-01-01 UTC.

    Raises:
        StorageError: It cannot be recorded.
    """
    return rendered(
        ReviewEntry(
            approved=approved,
            exchange=exchange,
            law=law_of(law),
            reviewer=principal_pseudonym(principal_key, reviewer),
            time=time_ms,
        )
    )


def shadow_entry(
    *,
    exchange: str,
    decision_index: int,
    charter: str,
    verdicts: Sequence[Verdict],
    chosen: str | None,
    law: LawStamp,
    time_ms: int,
) -> bytes:
    """Return the entry that tells what a charter on trial would have decided; see `ShadowEntry`.

    Raises:
        StorageError: It cannot be recorded.
    """
    return rendered(
        ShadowEntry(
            candidates=tuple(
                ShadowVerdict(
                    deployment=verdict.deployment.name,
                    duties=verdict.duties,
                    permitted=verdict.permitted,
                    policies=tuple(policy.id for policy in verdict.policies),
                )
                for verdict in verdicts
            ),
            charter=charter,
            chosen=chosen,
            decision_index=decision_index,
            exchange=exchange,
            law=law_of(law),
            time=time_ms,
        )
    )
